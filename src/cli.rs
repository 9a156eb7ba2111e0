//! The command line.
//!
//! Invariants: standard output carries only the requested output, standard error everything else; an error is printed once, with
//! its next step. Exit codes: 0 success, 1 the command failed, 2 wrong usage or configuration.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use clap::{
    Args, Parser, Subcommand,
    builder::styling::{Style, Styles},
};
use mcp_http::{caller::Caller, clock::Clock, log::with_causes};
use openapi_mcp::{
    catalog::Catalog,
    mcp::ToolPolicy,
    upstream::{Api, Upstream},
};
use tracing_subscriber::filter::Targets;

use crate::{
    config::{Config, Sources},
    generated::TOOL_FNS,
    local_store::LocalStore,
    telemetry,
    torii::API_KEY,
};

mod call;
mod completions;
mod config;
mod connections;
mod coverage;
#[cfg(feature = "sample")]
mod demo;
mod open_files;
mod probe;
#[cfg(feature = "query")]
mod query;
mod reload;
mod serve;
mod service_manager;
mod signals;
mod tool_help;
mod tools;

const ENVIRONMENT: &str = "\
Environment:
  TORII_API_URL     where Torii is [default: the address in Torii's document]
  TORII_API_KEY     the key for Torii's API, or TORII_API_KEY_FILE: a file that holds it
  TORII_SCIM_KEY    the key for Torii's SCIM calls, or TORII_SCIM_KEY_FILE
  TORII_RATE_LIMIT  `documented` keeps each call within the rate limit that its documentation
                    states, `off` leaves rate limiting to Torii [default: documented]";

/// How to try a command without a key.
fn without_account() -> &'static str {
    if cfg!(feature = "sample") {
        ", or try it without an account: `torii-mcp demo` for assistants, `torii-mcp sample` for the shell"
    } else {
        ""
    }
}

fn after_help() -> String {
    let demo = if cfg!(feature = "sample") { "\n\nTry `torii-mcp demo`: it needs no key and no account." } else { "" };
    format!("{ENVIRONMENT}{demo}")
}

/// An MCP server for Torii's API
#[derive(Debug, Parser)]
#[command(version, after_help = after_help(), max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// What to log on standard error, for example `info` or `warn,openapi_mcp=debug` [default: `info,rmcp=off,sqlx=warn`]
    #[arg(long, global = true, value_name = "FILTER", env = "TORII_MCP_LOG")]
    log: Option<Targets>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve MCP over HTTP, together with a sample Torii; needs no key
    #[cfg(feature = "sample")]
    Demo(Listen<8080>),
    /// Serve MCP over HTTP at /mcp; users sign in, as configured
    Serve(config::Given),
    /// Serve MCP over standard input and output, with the key in `TORII_API_KEY`
    Stdio,
    /// Serve only the sample Torii API
    #[cfg(feature = "sample")]
    Sample(demo::Sample),
    /// Show the compiled-in tools
    Tools(tools::Tools),
    /// Call one tool, with the key in `TORII_API_KEY`, and print the response's JSON
    Call(call::Call),
    /// Query Torii's lists with one SQL `SELECT`, with the key in `TORII_API_KEY`
    #[cfg(feature = "query")]
    Query(query::Query),
    /// Show the coverage of the operations of Torii's API
    Coverage {
        /// The output format
        #[arg(long, value_enum, default_value_t = coverage::Format::Text)]
        format: coverage::Format,
    },
    /// Compare your Torii with the document; no data is shown
    Probe(probe::Given),
    /// Check, print or describe the configuration of `serve`
    #[command(subcommand)]
    Config(config::Command),
    /// Show or revoke the connections that users have allowed
    #[command(subcommand)]
    Connections(connections::Command),
    /// Print a shell completion script
    Completions {
        /// The shell
        shell: completions::Shell,
    },
}

impl Command {
    /// The log filter of the configuration file. If the file is invalid, loading it reports the problem.
    fn log(&self) -> Option<Targets> {
        match self {
            Self::Serve(given) => crate::config::log(&given.sources())?.parse().ok(),
            _ => None,
        }
    }
}

/// Where to listen.
#[derive(Debug, Args)]
struct Listen<const PORT: u16> {
    /// The address to listen on; without sign-in it must be a loopback address
    #[arg(long, value_name = "ADDRESS", env = "TORII_MCP_LISTEN", value_parser = listen_address, default_value_t = SocketAddr::from(([127, 0, 0, 1], PORT)))]
    listen: SocketAddr,
}

fn listen_address(text: &str) -> Result<SocketAddr, String> {
    crate::config::listen_address(text, 8080)
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// The usage or the configuration is wrong.
    #[error("{0}")]
    Usage(String),
    /// The command failed.
    #[error("{0}")]
    Failed(String),
    /// The reader of standard output has closed it.
    #[error("standard output is closed")]
    Closed,
}

impl Error {
    fn usage(reason: impl Display) -> Self {
        Self::Usage(reason.to_string())
    }

    fn failed(reason: impl Display) -> Self {
        Self::Failed(reason.to_string())
    }

    /// A failure with all its causes.
    fn because(error: impl std::error::Error) -> Self {
        Self::Failed(with_causes(&error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::failed(error) }
    }
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    // before the store uses SQLite
    openapi_mcp::tables::bound_memory();
    if let Some(code) = completions::answer() {
        return code;
    }
    let cli = Cli::parse();
    let level = if cli.log.is_some() { LogFilter::Given } else { LogFilter::Configured };
    let logs = telemetry::start(cli.log.or_else(|| cli.command.log()).unwrap_or_else(telemetry::default));
    let code = match run(cli.command, level) {
        Ok(()) | Err(Error::Closed) => return ExitCode::SUCCESS,
        Err(error) => {
            logs.write_line(&format!("{} {error}", error_word()));
            if matches!(error, Error::Usage(_)) { 2 } else { 1 }
        }
    };
    ExitCode::from(code)
}

/// `error:`, in the colour of the errors of the command line itself if standard error shows colours (<https://no-color.org>).
fn error_word() -> String {
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default();
    let is_coloured = io::stderr().is_terminal() && variable("NO_COLOR").is_empty() && variable("TERM") != "dumb";
    let styles = Styles::styled();
    let style = if is_coloured { *styles.get_error() } else { Style::new() };
    format!("{style}error:{style:#}")
}

/// Where the log filter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LogFilter {
    /// From `--log` or its variable.
    Given,
    /// From the configuration file, or it is the default.
    Configured,
}

fn run(command: Command, log: LogFilter) -> Result<(), Error> {
    let catalog = crate::generated::catalog().map_err(Error::failed)?;
    match command {
        #[cfg(feature = "sample")]
        Command::Demo(listen) => block_on(demo::demo(catalog, listen.listen)),
        Command::Serve(given) => block_on(serve::http(catalog, given, log)),
        Command::Stdio => block_on(serve::stdio(catalog)),
        #[cfg(feature = "sample")]
        Command::Sample(sample) => block_on(demo::sample(sample)),
        Command::Call(call) => block_on(call::call(catalog, call)),
        #[cfg(feature = "query")]
        Command::Query(given) => block_on(query::query(catalog, given)),
        Command::Tools(given) => print(&tools::tools(catalog, &given)?),
        Command::Probe(given) => block_on(probe::probe(catalog, given)),
        Command::Config(command) => block_on(config::run(catalog, command)),
        Command::Connections(command) => block_on(connections::run(catalog, command)),
        Command::Coverage { format } => print(coverage::render(format)),
        Command::Completions { shell } => Ok(io::stdout().write_all(&completions::script(shell)?)?),
    }
}

fn block_on(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(work);
    // a thread may still wait for a name server that does not respond, for a minute
    runtime.shutdown_background();
    outcome
}

fn print(text: &str) -> Result<(), Error> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// The dependencies of a command without a server.
struct Connected {
    catalog: &'static Catalog,
    upstream: Upstream,
    caller: Caller,
    tool_policy: ToolPolicy,
    data_dir: Option<PathBuf>,
}

impl Connected {
    /// What the processes of this user share; `None` if it cannot be kept, which is logged.
    async fn local_store(&self) -> Option<LocalStore> {
        let key = self.caller.key(API_KEY)?.clone();
        let opened = match &self.data_dir {
            Some(folder) => LocalStore::open(folder, self.catalog.scopes().clone(), key, Clock::system())
                .await
                .map_err(|error| with_causes(&error)),
            None => Err("there is no home directory".to_owned()),
        };
        let failed = |reason: &String| {
            tracing::warn!(
                reason,
                "used confirmations and calls with an `idempotency_key` are remembered by this process alone; set \
                 `TORII_MCP_DATA_DIR` to a directory that it may write"
            );
        };
        opened.inspect_err(failed).ok()
    }
}

/// Torii and the caller, from the environment. The configuration file in the working directory is ignored: see
/// [`Sources::or_file_in`].
fn connect(catalog: &'static Catalog) -> Result<Connected, Error> {
    let config = Config::load(&Sources::of_process(), &catalog.into()).map_err(Error::usage)?;
    config::warn(&config.warnings);
    let upstream = Upstream::new(
        &Api { base: &config.upstream, functions: TOOL_FNS, user_agent: crate::torii::USER_AGENT },
        config.limits(),
        Clock::system(),
        fastrand::f64,
    )
    .map_err(Error::failed)?;
    let Config { keys, tool_policy, data_dir, .. } = config;
    Ok(Connected { catalog, upstream, caller: Caller::new(keys), tool_policy, data_dir })
}
