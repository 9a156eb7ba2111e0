//! From nothing to a connection and its end, by each client's own way through OAuth.
//!
//! The user at the browser is `tests/clients/user.mjs`.

use std::{fs, process::Command};

use tempfile::TempDir;
use torii_sample::FULL_ACCESS_KEY;

use super::{check, installed, scripts, source};
use crate::support::process::Program;

/// The demonstration, and the address of its MCP endpoint.
fn demo() -> (Program, String) {
    let demo = Program::start(&["demo", "--listen", "127.0.0.1:0"], &[]);
    let mcp = format!("{}/mcp", demo.stdout.address());
    (demo, mcp)
}

fn typescript(client: &str) {
    let client = format!("{client}/sign-in-client.mjs");
    let (folder, _) = client.split_once('/').expect("it is in a folder");
    let Some(mut command) = scripts(folder, &["user.mjs", "sign-in.mjs", &client]) else { return };
    let (_demo, mcp) = demo();
    check(command.args([mcp.as_str(), FULL_ACCESS_KEY]));
}

#[test]
fn typescript_sdk_1_signs_in_refreshes_steps_up_and_starts_anew() {
    typescript("typescript-1");
}

#[test]
fn typescript_sdk_2_signs_in_refreshes_steps_up_and_starts_anew_in_both_eras() {
    typescript("typescript-2");
}

#[test]
fn python_sdk_signs_in_refreshes_steps_up_and_starts_anew_in_both_eras() {
    let Some(folder) = installed("python", "requirements.txt") else { return };
    let (_demo, mcp) = demo();
    let mut command = Command::new(folder.join("venv/bin/python"));
    check(command.arg(source("python/sign_in_client.py")).args([mcp.as_str(), FULL_ACCESS_KEY]).arg(source("user.mjs")));
}

#[test]
fn inspector_signs_in_refreshes_and_starts_anew_in_both_eras() {
    let Some(mut command) = scripts("inspector", &["user.mjs", "inspector/sign-in-client.mjs"]) else { return };
    let (home, (_demo, mcp)) = (TempDir::new().expect("a folder is made"), demo());
    check(command.args([mcp.as_str(), FULL_ACCESS_KEY]).arg(home.path()));
}

#[test]
fn typescript_sdk_2_acts_for_itself_with_a_key_of_its_own() {
    let folder = TempDir::new().expect("a folder is made");
    let script = || scripts("typescript-2", &["typescript-2/automation-client.mjs"]);
    let (Some(mut keys), Some(mut call)) = (script(), script()) else { return };
    check(keys.arg("keys").arg(folder.path()));
    let config = r#"
        data_dir = "."

        [[clients]]
        id = "nightly"
        jwks_file = "jwks.json"
        client_credentials = { key = "reports", scopes = ["torii:read"] }
    "#;
    let path = folder.path().join("torii-mcp.toml");
    fs::write(&path, config).expect("the file is written");
    let torii = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let variables = [("TORII_API_URL", torii.stdout.address()), ("TORII_MCP_KEYS_REPORTS_TORII_KEY", FULL_ACCESS_KEY.to_owned())];
    let path = path.to_str().expect("its name is text");
    let server = Program::start(
        &["serve", "--listen", "127.0.0.1:0", "--config", path],
        &variables.each_ref().map(|(name, value)| (*name, value.as_str())),
    );
    check(call.arg("call").arg(folder.path()).arg(format!("{}/mcp", server.stderr.address())));
}
