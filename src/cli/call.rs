//! `call`: one tool call from the shell.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::PathBuf,
};

use clap::{ArgAction, Args, CommandFactory};
use clap_complete::ArgValueCompleter;
use mcp_http::sanitize::one_line;
use openapi_mcp::{
    catalog::{Catalog, Tool},
    confirmation::{ConfirmationState, PendingCall},
    mcp::ServerDescription,
    pipeline::{CallClient, CallOutcome, Pipeline, ToolCall},
    tool_error::{ErrorKind, ToolError},
    tool_filter::ToolFilter,
    truncation::Truncated,
};
use serde_json::Value;

use crate::torii::API_KEY;

use super::{Cli, Connected, Error, completions, connect, print, tool_help};

mod arguments;

pub(super) use arguments::wanted;

/// How much of the arguments a question shows, in characters.
const SHOWN: usize = 2000;

/// The arguments of `call`.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(super) struct Call {
    /// The tool's name, as in `torii-mcp tools`
    #[arg(required_unless_present = "help", add = ArgValueCompleter::new(completions::tool_names))]
    tool: Option<String>,
    /// The arguments as a JSON object; `-` reads it from standard input, `@FILE` from a file
    #[arg(long, value_name = "ARGUMENTS")]
    json: Option<String>,
    /// A file to upload
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Confirms a call that deletes something or has other consequences; without it, a terminal asks
    #[arg(long)]
    yes: bool,
    /// Arguments one by one; lists as `a,b` or by repeating the key, lists and objects also as JSON
    #[arg(value_name = "KEY=VALUE", add = ArgValueCompleter::new(completions::arguments))]
    pairs: Vec<String>,
    /// Print help; with a tool, its arguments
    #[arg(short, long, action = ArgAction::SetTrue)]
    help: bool,
}

pub(super) async fn call(catalog: &'static Catalog, call: Call) -> Result<(), Error> {
    let Some(name) = call.tool else { return print_help() };
    let tool = catalog.find(&name).ok_or_else(|| unknown(catalog, &name))?;
    if call.help {
        return print(&tool_help::text(tool));
    }
    let given = arguments::Given { json: call.json.as_deref(), file: call.file.as_deref(), pairs: &call.pairs };
    let arguments = arguments::arguments(&tool.input_schema, &given).map_err(Error::Usage)?;
    let is_keyed = tool.is_server_argument("idempotency_key") && arguments.contains_key("idempotency_key");
    let connected = connect(catalog)?;
    let local_store = if is_keyed { connected.local_store().await } else { None };
    if is_keyed && local_store.is_none() {
        let missing = if connected.caller.key(API_KEY).is_none() {
            "; it is kept for the key in `TORII_API_KEY`, which is not set"
        } else {
            ""
        };
        let reason = format!("an `idempotency_key` that cannot be kept would protect from nothing, so nothing was sent{missing}");
        return Err(Error::Failed(reason));
    }
    let Connected { upstream, caller, .. } = connected;
    let ServerDescription { read_field, other_filters, .. } = crate::torii::description();
    let mut pipeline = Pipeline::new(catalog, upstream, read_field, other_filters);
    if let Some(local_store) = local_store {
        pipeline = pipeline.with_repeated_calls(local_store.repeated_calls());
    }
    let shell = if call.yes { Shell::Confirmed } else { Shell::Unconfirmed };
    // the shell has no context window that a result could fill
    let call = ToolCall { tool, caller: &caller, tool_filter: &ToolFilter::default(), arguments, max_characters: usize::MAX };
    let outcome = pipeline.run(call, &shell).await.map_err(|error| failure(tool, error))?;
    let Truncated { output, note } = match outcome {
        CallOutcome::Result(truncated) => truncated,
        CallOutcome::Question(Unconfirmed::Refused) => return Err(Error::failed("not confirmed, so nothing was sent")),
        CallOutcome::Question(Unconfirmed::NoTerminal) => {
            let reason = format!("`{name}` must be confirmed, and there is no terminal to ask; add `--yes` to confirm it");
            return Err(Error::Usage(reason));
        }
    };
    if let Some(note) = note {
        writeln!(io::stderr(), "note: {note}")?;
    }
    let text = if io::stdout().is_terminal() {
        serde_json::to_string_pretty(&output.structured()).map_err(Error::failed)?
    } else {
        output.text
    };
    print(&(text + "\n"))
}

/// The error of a call, with a next step for the user of a shell instead of the one for an assistant.
fn failure(tool: &Tool, error: ToolError) -> Error {
    let variable = tool.credential.as_ref().map_or("TORII_API_KEY", |credential| credential.variable.as_str());
    let next_step = match error.kind {
        ErrorKind::Arguments | ErrorKind::InvalidRequest | ErrorKind::Refused => {
            format!("`torii-mcp tools {}` shows the arguments", tool.name)
        }
        ErrorKind::KeyMissing => format!("set `{variable}`{}", super::without_account()),
        ErrorKind::KeyRefused => format!("check that `{variable}` holds a current key"),
        ErrorKind::Unreachable | ErrorKind::NotJson => "check `TORII_API_URL`, and the network".to_owned(),
        _ => error.next_step.into_owned(),
    };
    let told = format!("{}; {next_step}", error.message);
    match error.kind {
        ErrorKind::Arguments | ErrorKind::KeyMissing | ErrorKind::NoPart => Error::Usage(told),
        _ => Error::Failed(told),
    }
}

/// Prints the help of `call` without a tool.
fn print_help() -> Result<(), Error> {
    let mut cli = Cli::command();
    cli.build();
    let help = cli.find_subcommand_mut("call").map(clap::Command::render_long_help);
    print(&help.map(|help| help.to_string()).unwrap_or_default())
}

/// The user at a shell, who needs no progress notifications.
#[derive(Clone, Copy)]
enum Shell {
    /// They have confirmed the call.
    Confirmed,
    /// They are asked if the call must be confirmed.
    Unconfirmed,
}

/// Why a call was not confirmed.
enum Unconfirmed {
    /// The user did not agree.
    Refused,
    /// Nobody can be asked.
    NoTerminal,
}

impl CallClient for Shell {
    type Question = Unconfirmed;

    async fn confirm(&self, call: PendingCall<'_>, _: Option<&str>) -> Result<ConfirmationState<Unconfirmed>, ToolError> {
        if matches!(self, Self::Confirmed) || !call.tool.confirm.is_for(call.arguments.values()) {
            return Ok(ConfirmationState::Confirmed);
        }
        let change = call.change()?.map(|change| format!(", {change}")).unwrap_or_default();
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Ok(ConfirmationState::InputRequired(Unconfirmed::NoTerminal));
        }
        // text from a file could disguise the question
        let arguments = one_line(&Value::Object(call.arguments.values().clone()).to_string(), SHOWN);
        let question = format!("{}{change}: `{}` {arguments}\nGo on? [y/N] ", call.tool.title, call.tool.name);
        let answer = tokio::task::spawn_blocking(move || ask(&question)).await.ok().and_then(Result::ok);
        Ok(match answer {
            Some(true) => ConfirmationState::Confirmed,
            _ => ConfirmationState::InputRequired(Unconfirmed::Refused),
        })
    }

    async fn progress(&self, _: u64, _: Option<u64>) {}
}

/// Asks a question at the terminal; whether the user agrees.
fn ask(question: &str) -> io::Result<bool> {
    let mut terminal = io::stderr();
    terminal.write_all(question.as_bytes())?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

/// The command that does in the shell what a tool of the server itself does.
fn own_tool(name: &str) -> Option<&'static str> {
    match name {
        "query" if cfg!(feature = "query") => Some("`torii-mcp query 'SELECT …'`"),
        "find_tools" => Some("`torii-mcp tools --find '…'`"),
        "run_read_tool" | "run_write_tool" | "run_destructive_tool" => Some("`torii-mcp call TOOL`"),
        _ => None,
    }
}

/// The error for a name that no tool has.
pub(super) fn unknown(catalog: &Catalog, name: &str) -> Error {
    if let Some(command) = own_tool(name) {
        return Error::usage(format!("`{name}` is a tool of the server itself; in the shell it is {command}"));
    }
    if let Some(removed) = catalog.removed(name) {
        return Error::usage(format!("{}; `torii-mcp tools` lists the tools", removed.message));
    }
    Error::usage(match catalog.nearest(name) {
        Some(near) => format!("unknown tool `{name}`, did you mean `{near}`?"),
        None => format!("unknown tool `{name}`; `torii-mcp tools` lists them"),
    })
}
