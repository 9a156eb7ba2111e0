//! Completions for shells: the script that a shell loads, and the answers to the requests of that script.

use std::{env, ffi::OsStr, io, process::ExitCode};

use clap::{CommandFactory, ValueEnum};
use clap_complete::{
    CompleteEnv, CompletionCandidate,
    env::{EnvCompleter, Shells},
};
use openapi_mcp::catalog::{Catalog, Tool};
use serde_json::Value;

use super::{Cli, call::wanted};

/// The variable with which the script of a shell asks for completions.
const VARIABLE: &str = "TORII_MCP_COMPLETE";

/// A shell with completions.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// Answers a request of a shell's script; `None` if there is none.
pub(super) fn answer() -> Option<ExitCode> {
    let folder = env::current_dir().ok();
    match CompleteEnv::with_factory(Cli::command).var(VARIABLE).try_complete(env::args_os(), folder.as_deref()) {
        Ok(false) => None,
        Ok(true) => Some(ExitCode::SUCCESS),
        // a shell shows nothing of what a completion prints
        Err(_) => Some(ExitCode::FAILURE),
    }
}

/// The script that a shell loads.
///
/// # Errors
/// When it cannot be written to memory, which does not happen.
pub(super) fn script(shell: Shell) -> io::Result<Vec<u8>> {
    let name = shell.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let shells = Shells::builtins();
    let completer: &dyn EnvCompleter = shells.completer(&name).ok_or(io::ErrorKind::Unsupported)?;
    let program = env!("CARGO_PKG_NAME");
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, program, program, program, &mut script)?;
    Ok(script)
}

fn catalog() -> Option<&'static Catalog> {
    crate::generated::catalog().ok()
}

/// The names of tools that begin with what was typed.
pub(super) fn tool_names(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let tools = catalog().into_iter().flat_map(Catalog::tools);
    let begin = tools.filter(|tool| tool.name.starts_with(&*typed));
    begin.map(|tool| CompletionCandidate::new(&tool.name).help(Some((&tool.title).into()))).collect()
}

/// The arguments of the tool on the command line that begin with what was typed, and the values of an argument with few.
pub(super) fn arguments(typed: &OsStr) -> Vec<CompletionCandidate> {
    let words: Vec<String> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    // the script passes the words after its own `--`, and the position of the one that is completed if it is not the last
    let words: Vec<&str> = words.iter().map(String::as_str).skip_while(|word| *word != "--").skip(1).collect();
    let position = env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
    let before = words.get(..position.unwrap_or(words.len().saturating_sub(1))).unwrap_or_default();
    candidates(before, &typed.to_string_lossy())
}

/// The candidates after these words.
fn candidates(before: &[&str], typed: &str) -> Vec<CompletionCandidate> {
    let Some(tool) = tool_of(before) else { return Vec::new() };
    let Some(properties) = tool.input_schema.get("properties").and_then(Value::as_object) else { return Vec::new() };
    // bash ends a word at `=`, and does not pass a `=` at the end of the line
    let broken = match before {
        [.., name, "="] => properties.get(*name),
        [.., name] if typed.is_empty() => properties.get(*name),
        _ => None,
    };
    if let Some(schema) = broken {
        return values(schema, "", typed);
    }
    let Some((name, value)) = typed.split_once('=') else {
        let begin = properties.iter().filter(|(name, _)| name.starts_with(typed));
        return begin.map(|(name, schema)| candidate(format!("{name}="), schema)).collect();
    };
    properties.get(name).map(|schema| values(schema, &format!("{name}="), value)).unwrap_or_default()
}

fn candidate(text: String, schema: &Value) -> CompletionCandidate {
    let description = schema.get("description").and_then(Value::as_str);
    CompletionCandidate::new(text).help(description.map(|text| text.to_owned().into()))
}

/// The values that a schema allows, if they can be listed, each after the text that stands before it.
fn values(schema: &Value, before: &str, typed: &str) -> Vec<CompletionCandidate> {
    // what stands before the last comma of a list stays
    let (others, last) = match typed.rfind(',').filter(|_| wanted(Some(schema)) == "array") {
        Some(comma) => typed.split_at(comma + 1),
        None => ("", typed),
    };
    let items = schema.get("items").unwrap_or(schema);
    let listed = items.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let listed = if wanted(Some(items)) == "boolean" { vec!["true", "false"] } else { listed.collect() };
    let begin = listed.into_iter().filter(|value| value.starts_with(last));
    begin.map(|value| CompletionCandidate::new(format!("{before}{others}{value}"))).collect()
}

/// The tool that a command line calls.
fn tool_of(words: &[&str]) -> Option<&'static Tool> {
    words.iter().skip_while(|word| **word != "call").skip(1).find_map(|word| catalog()?.find(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(before: &[&str], typed: &str) -> Vec<String> {
        let found = candidates(before, typed);
        found.iter().map(|candidate| candidate.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn arguments_are_those_of_the_tool_that_is_called() {
        let call = ["torii-mcp", "call", "list_apps"];
        assert_eq!(completed(&call, "si"), ["size="]);
        assert_eq!(completed(&["torii-mcp", "call", "--json", "{}", "list_users", "size=3"], "vi"), ["view="]);
        assert_eq!(completed(&["torii-mcp", "call", "no_tool"], "si"), [""; 0]);
        assert_eq!(completed(&["torii-mcp", "tools", "list_apps"], "si"), [""; 0]);
    }

    #[test]
    fn values_are_completed_whether_or_not_the_shell_breaks_words_at_an_equals_sign() {
        let call = ["torii-mcp", "call", "list_apps"];
        assert_eq!(completed(&call, "includeLicenses=t"), ["includeLicenses=true"]);
        assert_eq!(completed(&[&call[..], &["includeLicenses"]].concat(), ""), ["true", "false"]);
        assert_eq!(completed(&[&call[..], &["includeLicenses", "="]].concat(), "f"), ["false"]);
        assert_eq!(completed(&call, "size="), [""; 0]);
    }
}
