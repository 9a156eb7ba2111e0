//! Clients that nobody here wrote, against the built program over HTTP and over stdio.
//!
//! The checks are in the language of each client, in `tests/clients`. `tests/clients/install` brings
//! the clients; without it these tests are skipped, but never where `CI` is set.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use torii_mcp::sample::FULL_ACCESS_KEY;

use crate::process::{self, Program};

const PROGRAM: &str = env!("CARGO_BIN_EXE_torii-mcp");

/// A sample Torii, and the server with another one behind it.
struct Servers {
    _running: [Program; 2],
    sample: String,
    mcp: String,
}

impl Servers {
    fn start() -> Self {
        let listen = ["--listen", "127.0.0.1:0"];
        let torii = Program::start(&[&["sample"], &listen[..]].concat(), &[]);
        let sample = torii.stdout.address();
        let variables = [("TORII_API_URL", sample.as_str()), ("TORII_API_KEY", FULL_ACCESS_KEY), ("TORII_MCP_AUTH_MODE", "none")];
        let server = Program::start(&[&["serve"], &listen[..]].concat(), &variables);
        let mcp = format!("{}/mcp", server.stderr.address());
        Self { _running: [torii, server], sample, mcp }
    }
}

/// Where `tests/clients/install` put the client, if it is the edition that `lock` asks for.
fn installed(client: &str, lock: &str) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(client);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("clients").join(client);
    let wanted = fs::read(source.join(lock)).expect("the client's lock is there");
    if fs::read(folder.join("installed")).is_ok_and(|installed| installed == wanted) {
        return Some(folder);
    }
    assert!(env::var_os("CI").is_none(), "{client} is not installed; run tests/clients/install");
    // Written past the test harness, which keeps the output of tests that pass to itself.
    let _ = writeln!(io::stderr(), "SKIPPED: {client} is not installed; run tests/clients/install");
    None
}

/// Runs one client's script with a server over HTTP, and with what it needs to start one over stdio.
fn run(mut client: Command) {
    let servers = Servers::start();
    let output = client
        .args([&servers.mcp, PROGRAM])
        .env("TORII_API_URL", &servers.sample)
        .env("TORII_API_KEY", FULL_ACCESS_KEY)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("the client runs");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains(" 0 failed"), "{said}\n{complained}");
}

/// A script of ours, put beside the packages it imports.
fn node(client: &str) {
    let Some(folder) = installed(client, "package-lock.json") else { return };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    for script in [source.join("checks.mjs"), source.join(client).join("client.mjs")] {
        let name = script.file_name().expect("a script has a name");
        fs::copy(&script, folder.join(name)).expect("the script is copied");
    }
    let mut command = Command::new("node");
    command.arg(folder.join("client.mjs"));
    run(command);
}

#[test]
fn typescript_sdk_1_lists_and_calls() {
    node("typescript-1");
}

#[test]
fn typescript_sdk_2_lists_and_calls_in_both_eras() {
    node("typescript-2");
}

#[test]
fn python_sdk_lists_and_calls_in_both_eras() {
    let Some(folder) = installed("python", "requirements.txt") else { return };
    let mut command = Command::new(folder.join("venv/bin/python"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/python/client.py"));
    run(command);
}

#[test]
fn inspector_finds_no_error_in_the_tools_and_calls_one() {
    let Some(folder) = installed("inspector", "package-lock.json") else { return };
    let servers = Servers::start();
    let inspect = |arguments: &[&str]| {
        let output = Command::new(folder.join("node_modules/node/bin/node"))
            .arg(folder.join("node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"))
            .arg("--cli")
            .args(arguments)
            // it keeps a catalog of servers there
            .env("HOME", &folder)
            .output()
            .expect("the inspector runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).expect("it prints JSON")
    };
    let (url, key) = (format!("TORII_API_URL={}", servers.sample), format!("TORII_API_KEY={FULL_ACCESS_KEY}"));
    let http = [servers.mcp.as_str(), "--transport", "http"];
    let stdio = ["-e", &url, "-e", &key, PROGRAM, "stdio"];

    let compiled_in: Value = serde_json::from_str(&process::run(&["tools", "--json"], &[]).stdout).expect("it prints JSON");
    let count = compiled_in["tools"].as_array().map(Vec::len);
    for era in ["legacy", "modern"] {
        for way in [&http[..], &stdio[..]] {
            let options = ["--protocol-era", era, "--format", "json"];
            let list = inspect(&[&["--method", "tools/list", "--strict"], &options[..], way].concat());
            assert_eq!(list["result"]["tools"].as_array().map(Vec::len), count, "{era}: {way:?}");
            let call = ["--method", "tools/call", "--tool-name", "get_app", "--tool-arg", "idApp=1001"];
            let called = inspect(&[&call, &options[..], way].concat());
            assert_eq!(called["result"]["structuredContent"]["app"]["id"], json!(1001), "{era}: {way:?}");
        }
    }
}
