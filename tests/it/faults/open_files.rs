//! The system lets the program open few files only.

use std::process::Command;

use reqwest::StatusCode;
use tokio::net::TcpStream;

use crate::support::{
    process::{PATIENCE, Program},
    test_server::client,
};

/// A program without sign-in that a shell starts after this; where it listens.
fn start_after(setting: &str) -> (Program, String) {
    let variables = [
        ("TORII_API_URL", "http://127.0.0.1:1"),
        ("TORII_API_KEY", "key"),
        ("TORII_MCP_AUTH_MODE", "none"),
        ("TORII_MCP_LISTEN", "127.0.0.1:0"),
    ];
    let program = crate::support::process::command(&["serve"], &variables);
    let folder = tempfile::tempdir().expect("a folder is made");
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{setting}; exec \"$0\" \"$@\"")]).arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.current_dir(folder.path());
    let program = Program::spawn(shell);
    let at = program.stderr.address();
    (program, at)
}

#[test]
fn a_low_limit_is_raised_and_one_that_cannot_be_raised_is_warned_of() {
    let (program, _) = start_after("ulimit -Sn 200");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", program.id())).expect("it can be read");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("there is a limit");
    let numbers: Vec<&str> = line.trim_start_matches("Max open files").split_whitespace().take(2).collect();
    assert_eq!(numbers[0], numbers[1], "{line}");

    let (program, _) = start_after("ulimit -n 200");
    let (_, stderr) = program.end();
    assert!(stderr.contains("too few files may be open") && stderr.contains("LimitNOFILE=2448"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_files_to_open_goes_on_when_there_are_some_again() {
    let (program, at) = tokio::task::spawn_blocking(|| start_after("ulimit -n 24")).await.expect("it starts");
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(TcpStream::connect(at.trim_start_matches("http://")).await.expect("it listens"));
    }
    program.stderr.wait_for(|text, _| text.contains("no connection can be accepted").then_some(()));
    drop(held);
    let asked = tokio::time::timeout(PATIENCE, client().get(format!("{at}/health/live")).send()).await.expect("it is in time");
    assert_eq!(asked.expect("it answers").status(), StatusCode::OK);
    let (_, stderr) = program.end();
    assert_eq!(stderr.matches("no connection can be accepted").count(), 1, "{stderr}");
}
