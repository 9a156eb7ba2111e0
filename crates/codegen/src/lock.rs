//! `tools.lock.json`: the tool surface and the coverage as somebody reviewed them, and the memory of what there was before.
//!
//! The generator also reads the lock. It keeps the day since when each operation has its state, the names of tools that reach
//! nothing any more, and tombstones: operations that had a tool and left the document. A name and a tombstone stay until somebody
//! deletes them from the lock, so that an assistant that still calls the tool is told what became of it.

use std::collections::HashSet;

use openapi_mcp_model::{CoverageState, Method};
use serde_json::Value as Json;

use crate::emit;
use crate::ir::{Api, Decision, Operation};
use crate::names::is_tool_name;

/// The lock's text for a surface: pretty, so that a review shows what changed line by line.
pub fn text(surface: &Json) -> String {
    format!("{surface:#}\n")
}

/// Tools whose entry was changed by hand, by name.
pub fn edited(lock: &Json) -> Vec<&str> {
    let tools = lock.get("tools").and_then(Json::as_array).into_iter().flatten();
    let is_edited = |tool: &&Json| tool.get("digest").and_then(Json::as_str) != Some(emit::digest(tool).as_str());
    tools.filter(is_edited).map(|tool| string(tool, "name")).collect()
}

/// The number of the first line of a lock's text that differs from what `sync` would write, counted from 1. What only the lock
/// knows (days, names, tombstones) is taken from it if it is well-formed, and so is the digest of the document's file.
pub fn first_forged_line(text: &str, api: &Api) -> Option<usize> {
    let mut api = api.clone();
    // an entry without a day is wrong, too
    for operation in &mut api.operations {
        operation.since.get_or_insert_default();
    }
    let locked: Json = serde_json::from_str(text).unwrap_or_default();
    if let Some(digest) = locked.pointer("/document/sha256").and_then(Json::as_str).filter(|digest| is_digest(digest)) {
        digest.clone_into(&mut api.document.sha256);
    }
    let written = self::text(&emit::surface(&api));
    // a checkout may convert the ends of lines
    let (mut found, mut expected) = (text.lines(), written.lines());
    (1..).find_map(|number| match (found.next(), expected.next()) {
        (None, None) => Some(None),
        (found, expected) => (found != expected).then_some(Some(number)),
    })?
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Gives every operation the day since when it has its state and the earlier names of its tool, and adds the tombstones, which
/// neither the document nor the overlay has.
pub(crate) fn remember(api: &mut Api, lock: &Json) {
    let lines: Vec<&Json> = lock.get("operations").and_then(Json::as_array).into_iter().flatten().collect();
    let mut reached: HashSet<String> =
        api.tools().into_iter().flat_map(|plan| plan.tool.aliases.iter().chain([&plan.tool.name]).cloned()).collect();
    reached.extend(api.operations.iter().filter_map(|operation| match &operation.decision {
        Decision::Removed(tool) => tool.clone(),
        _ => None,
    }));
    // each name is kept once: with the operation that left the document rather than with the one that replaced it
    let mut lost =
        |line: &Json| -> Vec<String> { names(lock, line).into_iter().filter(|name| reached.insert(name.clone())).collect() };
    api.operations.sort_by_key(|operation| !matches!(operation.decision, Decision::Removed(_)));
    for operation in &mut api.operations {
        let own = || lines.iter().filter(|line| string(line, "operationId") == operation.id);
        operation.since =
            own().find(|line| string(line, "state") == operation.decision.state().as_str()).and_then(|line| since(line));
        operation.aliases = own().flat_map(|line| lost(line)).collect();
    }
    let ids: HashSet<&str> = api.operations.iter().map(|operation| operation.id.as_str()).collect();
    let left = lines.iter().filter(|line| is_operation(line) && !ids.contains(string(line, "operationId")));
    let tombstones: Vec<Operation> = left
        .filter_map(|line| {
            let mut names = lost(line).into_iter();
            let name = names.next()?;
            let mut operation = Operation::removed(string(line, "operationId"), method(line)?, string(line, "path"), Some(name));
            operation.since = since(line).filter(|_| string(line, "state") == CoverageState::Removed.as_str());
            operation.aliases = names.collect();
            Some(operation)
        })
        .collect();
    api.operations.extend(tombstones);
    api.sort();
}

/// The names that the tool of an entry has had: its own, those that the entry keeps, and the aliases of the tool.
fn names(lock: &Json, line: &Json) -> Vec<String> {
    let own = Some(string(line, "tool")).filter(|tool| !tool.is_empty());
    let tools = lock.get("tools").and_then(Json::as_array).into_iter().flatten();
    let entry = tools.filter(|tool| own == Some(string(tool, "name")));
    let lists = entry.chain([line]).flat_map(|of| of.get("aliases").and_then(Json::as_array).into_iter().flatten());
    own.into_iter().chain(lists.filter_map(Json::as_str)).filter(|name| is_tool_name(name)).map(str::to_owned).collect()
}

/// Whether an entry can be that of an operation.
fn is_operation(line: &Json) -> bool {
    method(line).is_some() && string(line, "path").starts_with('/') && !string(line, "operationId").is_empty()
}

fn method(line: &Json) -> Option<Method> {
    Method::ALL.into_iter().find(|method| method.as_str() == string(line, "method"))
}

fn since(line: &Json) -> Option<String> {
    line.get("since").and_then(Json::as_str).filter(|day| is_day(day)).map(str::to_owned)
}

/// As in `2026-11-22`.
fn is_day(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok_and(|day| day.to_string() == text)
}

fn string<'a>(of: &'a Json, key: &str) -> &'a str {
    of.get(key).and_then(Json::as_str).unwrap_or_default()
}
