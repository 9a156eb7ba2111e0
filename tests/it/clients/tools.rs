//! What an assistant can count on, in every era and over every transport, without sign-in.

use std::process::Command;

use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

use super::{check, installed, scripts, source};
use crate::support::{
    assistant::content,
    process::{self, Program},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_torii-mcp");

/// Every tool is listed with all there is to check.
const EVERYTHING: [(&str, &str); 2] = [("TORII_MCP_TOOLS_LISTING", "all"), ("TORII_MCP_TOOLS_OUTPUT_SCHEMAS", "true")];

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
        let keys = [("TORII_API_URL", sample.as_str()), ("TORII_API_KEY", FULL_ACCESS_KEY), ("TORII_MCP_AUTH_MODE", "none")];
        let server = Program::start(&[&["serve"], &listen[..]].concat(), &[&keys[..], &EVERYTHING].concat());
        let mcp = format!("{}/mcp", server.stderr.address());
        Self { _running: [torii, server], sample, mcp }
    }
}

/// Runs one client's script with a server over HTTP, and with what it needs to start one over stdio.
fn run(mut client: Command) {
    let servers = Servers::start();
    client
        .args([&servers.mcp, PROGRAM])
        .env("TORII_API_URL", &servers.sample)
        .env("TORII_API_KEY", FULL_ACCESS_KEY)
        .envs(EVERYTHING);
    check(&mut client);
}

fn node(client: &str) {
    if let Some(command) = scripts(client, &["checks.mjs", &format!("{client}/client.mjs")]) {
        run(command);
    }
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
    command.arg(source("python/client.py"));
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
    let tools = compiled_in["tools"].as_array().expect("there are tools");
    // with those that find and run others, and `query`, which is in every list
    let short = 4 + tools.iter().filter(|tool| tool["defaultListed"] == true).count();
    for era in ["legacy", "modern"] {
        // over stdio it has not been told to list everything
        for (way, count) in [(&http[..], tools.len() + 1), (&stdio[..], short)] {
            let options = ["--protocol-era", era, "--format", "json"];
            let list = inspect(&[&["--method", "tools/list", "--strict"], &options[..], way].concat());
            assert_eq!(list["result"]["tools"].as_array().map(Vec::len), Some(count), "{era}: {way:?}");
            let call = ["--method", "tools/call", "--tool-name", "get_app", "--tool-arg", "idApp=1001"];
            let called = inspect(&[&call, &options[..], way].concat());
            assert_eq!(content(&called["result"])["app"]["id"], json!(1001), "{era}: {way:?}");
        }
    }
}
