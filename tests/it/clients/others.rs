//! Programs and libraries that nobody here wrote, each by its own commands, without and with sign-in; some also convert all
//! tools for models of other makers.
//!
//! `tests/clients/others/run.mjs` runs them, and starts the servers.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use super::{check, installed, source};

const PROGRAM: &str = env!("CARGO_BIN_EXE_torii-mcp");

/// Runs one client, if its packages are there. Those in JavaScript run in the Node of the `programs`.
fn connects(group: &str, name: &str) {
    let lock = if group.starts_with("python") { "requirements.txt" } else { "package-lock.json" };
    let packages = installed(&format!("others/{group}"), lock);
    if packages.is_none() || installed("others/programs", "package-lock.json").is_none() {
        return;
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target folder");
    let mut run = Command::new("node");
    run.arg(source("others/run.mjs")).args(["--program", PROGRAM, name]).env("CARGO_TARGET_DIR", target).stdin(Stdio::null());
    check(&mut run);
}

macro_rules! clients {
    ($($test:ident: $group:literal, $name:literal;)*) => {
        $(#[test]
        fn $test() {
            connects($group, $name);
        })*

        /// The folder and the name of each, as above.
        const CLIENTS: &[(&str, &str)] = &[$(($group, $name)),*];
    };
}

clients! {
    claude_code_adds_signs_in_lists_and_calls: "programs", "claude-code";
    codex_adds_signs_in_lists_and_calls: "programs", "codex";
    copilot_cli_adds: "programs", "copilot-cli";
    gemini_cli_adds_signs_in_and_lists: "programs", "gemini-cli";
    mcp_remote_signs_in_lists_and_calls: "programs", "mcp-remote";
    mcpc_signs_in_lists_and_calls: "programs", "mcpc";
    mcporter_signs_in_lists_and_calls: "programs", "mcporter";
    opencode_signs_in_and_lists: "programs", "opencode";
    ai_sdk_signs_in_lists_and_calls: "javascript", "ai-sdk";
    langchain_js_signs_in_lists_and_calls: "javascript", "langchain-js";
    mastra_signs_in_lists_and_calls: "javascript", "mastra";
    openai_agents_in_javascript_signs_in_lists_and_calls: "javascript", "openai-agents-js";
    autogen_lists_calls_and_converts_every_tool: "python-1", "autogen-ext";
    google_adk_signs_in_calls_and_converts_every_tool: "python-1", "google-adk";
    google_genai_2_signs_in_calls_and_converts_every_tool: "python-1", "google-genai-2";
    langchain_signs_in_calls_and_converts_every_tool: "python-1", "langchain-python";
    fastmcp_signs_in_lists_and_calls: "python-2", "fastmcp";
    google_genai_signs_in_calls_and_converts_every_tool: "python-2", "google-genai";
    openai_agents_signs_in_calls_and_takes_every_tool_strictly_or_not: "python-2", "openai-agents";
    pydantic_ai_signs_in_lists_and_calls: "python-2", "pydantic-ai";
}

#[test]
fn every_client_with_a_script_has_a_test() {
    let groups = fs::read_dir(source("others")).expect("there are clients").map(|entry| entry.expect("it is read").path());
    let mut scripts = BTreeSet::new();
    for group in groups.filter(|path| path.is_dir()) {
        for script in fs::read_dir(&group).expect("the folder is read").map(|entry| entry.expect("it is read").path()) {
            if script.extension().is_some_and(|extension| extension == "mjs" || extension == "py") {
                let name = |path: Option<&std::ffi::OsStr>| path.expect("it has a name").to_string_lossy().into_owned();
                scripts.insert((name(group.file_name()), name(script.file_stem())));
            }
        }
    }
    let tested = CLIENTS.iter().map(|(group, name)| ((*group).to_owned(), (*name).to_owned())).collect();
    assert_eq!(scripts, tested);
}
