//! The built program as an operator runs it: a folder for its data, a sample Torii behind it, an origin that stays the same
//! when it starts again at another port.

use std::{fs, path::PathBuf, process::Command, sync::Arc};

use openapi_mcp::http::{Bounds, serve};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use torii_sample::{self as sample, FULL_ACCESS_KEY};

use crate::support::{
    app::App,
    process::{self, Program, Ran},
    test_server::Browser,
};

/// What users and clients know it by.
pub(crate) const ORIGIN: &str = "https://localhost";

/// What a program is started with, each time the same.
pub(crate) struct Deployment {
    pub(crate) folder: TempDir,
    variables: Vec<(String, String)>,
    _sample: DropGuard,
}

impl Deployment {
    /// With SQLite and sign-in by a key of Torii.
    pub(crate) async fn new() -> Self {
        Self::before(sample::router(sample::Options { rate_limits: false, ..sample::Options::default() })).await
    }

    /// The same with another Torii behind it.
    pub(crate) async fn before(router: axum::Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let torii = format!("http://{}", listener.local_addr().expect("it listens"));
        let stop = CancellationToken::new();
        tokio::spawn(serve(listener, router, Bounds::default(), stop.clone()));
        let folder = TempDir::new().expect("a folder is made");
        let mut deployment = Self { folder, variables: Vec::new(), _sample: stop.drop_guard() };
        let data = deployment.data().display().to_string();
        for (name, value) in [
            ("TORII_API_URL", torii.as_str()),
            ("TORII_MCP_LISTEN", "127.0.0.1:0"),
            ("TORII_MCP_PUBLIC_URL", ORIGIN),
            ("TORII_MCP_DATA_DIR", &data),
            // no test asks anybody on the internet
            ("TORII_MCP_AUTH_CLIENT_METADATA_PROBE", "https://client.invalid/metadata"),
            ("TORII_RATE_LIMIT", "off"),
            ("TORII_MCP_LIMITS_DRAIN", "0s"),
        ] {
            deployment.set(name, value);
        }
        deployment
    }

    /// Where it keeps its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Sets a variable from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a variable from now on.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| known != name);
    }

    /// Writes the configuration file that it is started with.
    pub(crate) fn configure(&self, text: &str) {
        fs::write(self.folder.path().join("torii-mcp.toml"), text).expect("the file is written");
    }

    fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::command(arguments, &self.variables());
        // the file there counts, if a test writes one
        command.current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        process::finish(self.command(arguments))
    }

    /// What `serve` says when it does not start.
    pub(crate) fn refusal(&self) -> Ran {
        let mut program = Program::spawn(self.command(&["serve"]));
        let is_serving = program.stderr.wait_for(|text, is_closed| (is_closed || text.contains("listen=")).then_some(!is_closed));
        assert!(!is_serving, "it starts");
        let code = program.wait();
        let (stdout, stderr) = program.end();
        Ran { code, stdout, stderr }
    }

    /// Starts `serve` and waits until it listens.
    pub(crate) async fn start(self: &Arc<Self>) -> Running {
        let deployment = Arc::clone(self);
        tokio::task::spawn_blocking(move || Running::of(deployment.command(&["serve"]))).await.expect("it starts")
    }

    /// Starts `serve` at this address.
    pub(crate) async fn start_at(self: &Arc<Self>, address: &str) -> Running {
        let (deployment, address) = (Arc::clone(self), address.to_owned());
        let start = move || Running::of(deployment.command(&["serve", "--listen", &address]));
        tokio::task::spawn_blocking(start).await.expect("it starts")
    }

    /// The same with this log, and without being ended by the signal of a limit on files.
    pub(crate) async fn start_bounded(self: &Arc<Self>, log: &str) -> Running {
        let mut command = self.command(&["serve", "--log", log]);
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.current_dir(self.folder.path());
        command = shell;
        tokio::task::spawn_blocking(move || Running::of(command)).await.expect("it starts")
    }

    /// Everything that lies in its folders.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(self.data()).expect("the folder is there");
        let paths = entries.map(|entry| entry.expect("it can be listed").path());
        paths.map(|path| (path.clone(), fs::read(path).expect("it can be read"))).collect()
    }
}

/// A running program. It ends with this value, at once.
pub(crate) struct Running {
    pub(crate) program: Program,
    /// Where it listens.
    pub(crate) at: String,
}

impl Running {
    fn of(command: Command) -> Self {
        let program = Program::spawn(command);
        let at = program.stderr.wait_for(|text, _| {
            let (_, address) = text.split_once("listen=")?;
            let (address, _) = address.split_once(' ')?;
            Some(format!("http://{address}"))
        });
        Self { program, at }
    }

    pub(crate) async fn app(&self, redirect_uri: &str) -> App {
        App::register(&self.at, ORIGIN, redirect_uri).await
    }

    /// A browser in which somebody has signed in with the sample's full key.
    pub(crate) async fn signed_in(&self) -> Browser {
        let browser = Browser::of(&self.at, ORIGIN);
        browser.sign_in(FULL_ACCESS_KEY, "").await.page();
        browser
    }
}
