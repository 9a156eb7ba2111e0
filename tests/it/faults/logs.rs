//! Nobody reads what the program logs.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, Stdio},
};

use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::support::{
    assistant::{Era, Server},
    futures,
    mock_api::Torii,
};

/// Calls at once, and how many calls each makes: more than standard error and the queue of log lines hold together.
const AT_ONCE: usize = 20;
const CALLS_EACH: usize = 600;

/// A program without sign-in, whose standard error is read until it says where it listens and no further.
struct Unread {
    child: Child,
    stderr: BufReader<ChildStderr>,
    at: String,
    _torii: Torii,
}

impl Unread {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder is made");
        let torii = Torii::idle();
        let variables = [
            ("TORII_API_URL", torii.url.as_str()),
            ("TORII_API_KEY", "key"),
            ("TORII_RATE_LIMIT", "off"),
            ("TORII_MCP_AUTH_MODE", "none"),
            ("TORII_MCP_LISTEN", "127.0.0.1:0"),
        ];
        let mut command = crate::support::process::command(&["serve"], &variables);
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("standard error is piped"));
        let mut line = String::new();
        while !line.contains("listen=") {
            line.clear();
            assert!(stderr.read_line(&mut line).expect("it is read") > 0, "it ends");
        }
        let (_, address) = line.split_once("listen=").expect("it says where it listens");
        let (address, _) = address.split_once(' ').expect("more follows");
        Self { child, stderr, at: format!("http://{address}"), _torii: torii }
    }

    /// Makes calls that are sent, each of which is logged; how many.
    async fn call(&self) -> usize {
        let http = Client::new();
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                           "params": { "name": "get_app", "arguments": { "idApp": 1 } } });
        let calls = futures(AT_ONCE, async || {
            for _ in 0..CALLS_EACH {
                let request = http.post(format!("{}/mcp", self.at)).json(&body);
                let request = request.header("accept", "application/json, text/event-stream");
                let call = async {
                    let response = request.header("mcp-protocol-version", "2025-11-25").send().await.expect("it answers");
                    assert_eq!(response.status(), StatusCode::OK);
                    response.bytes().await.expect("it answers whole")
                };
                tokio::time::timeout(crate::support::process::PATIENCE, call).await.expect("a call does not hang");
            }
            CALLS_EACH
        });
        calls.await.into_iter().sum()
    }

    fn terminate(&self) {
        let status = std::process::Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(status.expect("`kill` is there").success());
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How many lines a line says were dropped.
fn dropped(line: &str) -> Option<usize> {
    let (number, _) = line.strip_prefix("torii-mcp: ")?.split_once(" log lines were dropped")?;
    Some(number.parse().expect("it is a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_answered_when_nobody_reads_the_log_and_dropped_lines_are_counted() {
    let mut program = Unread::start();
    let n_calls = program.call().await;
    let (mut n_logged, mut n_dropped, mut line) = (0, 0, String::new());
    while n_logged + n_dropped < n_calls {
        line.clear();
        assert!(program.stderr.read_line(&mut line).expect("it is read") > 0, "it ends");
        n_logged += usize::from(line.contains("get_app"));
        n_dropped += dropped(&line).unwrap_or_default();
    }
    assert!(n_dropped > 0, "the calls were too few to fill the queue");
    assert_eq!(n_logged + n_dropped, n_calls);
    program.terminate();
    let mut rest = String::new();
    program.stderr.read_to_string(&mut rest).expect("it is read");
    assert!(rest.contains("stopping") && !rest.contains("dropped"), "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_calls_that_are_not_sent_few_are_logged_and_the_others_are_counted() {
    let server = Server::with(&[("TORII_API_URL", "http://127.0.0.1:1"), ("TORII_API_KEY", "key")]);
    futures(AT_ONCE, async || {
        for _ in 0..50 {
            server.call(Era::Modern, "get_app", json!({ "unknown": 1 })).await.failure();
        }
    })
    .await;
    let (_, stderr) = server.program.end();
    let n_logged = stderr.matches("status=\"arguments\"").count();
    assert!((50..1000).contains(&n_logged), "{n_logged}");
    assert!(stderr.contains("calls that were rejected or only previewed are not logged"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_ends_when_nobody_reads_the_log() {
    let mut program = Unread::start();
    program.call().await;
    program.terminate();
    let ended = tokio::task::spawn_blocking(move || program.child.wait().expect("it ends"));
    let status =
        tokio::time::timeout(crate::support::process::PATIENCE, ended).await.expect("it ends in time").expect("it is waited for");
    assert!(status.success(), "{status}");
}
