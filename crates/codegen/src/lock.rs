//! `tools.lock.json`: the tool surface and the coverage as they were last reviewed, and a record of what there was before.
//!
//! The generator also reads the lock. It records the day since when each operation has its state, the names that no longer select
//! any tool, and tombstones: operations that had a tool and were removed from the document. A name and a tombstone stay until
//! somebody deletes them from the lock, so that an assistant that still calls the tool learns what happened to it.

use std::collections::HashSet;

use openapi_mcp_model::{CoverageState, Method};
use serde_json::Value as Json;

use crate::emit;
use crate::ir::{Api, Decision, Operation};
use crate::names::is_tool_name;

/// The lock's text for a surface: pretty-printed, so that a review shows the changes line by line.
pub fn text(surface: &Json) -> String {
    format!("{surface:#}\n")
}

/// The names of tools whose entry was edited by hand.
pub fn edited(lock: &Json) -> Vec<&str> {
    let tools = lock.get("tools").and_then(Json::as_array).into_iter().flatten();
    let is_edited = |tool: &&Json| tool.get("digest").and_then(Json::as_str) != Some(emit::digest(tool).as_str());
    tools.filter(is_edited).map(|tool| string(tool, "name")).collect()
}

/// The number of the first line of a lock's text that differs from what `sync` would write, counted from 1. What only the lock
/// records (days, names, tombstones, the digest of the document's file) is taken from the lock if it is well-formed.
pub fn first_forged_line(text: &str, api: &Api) -> Option<usize> {
    let mut api = api.clone();
    // an entry without a day is a difference, too
    for operation in &mut api.operations {
        operation.since.get_or_insert_default();
    }
    let locked: Json = serde_json::from_str(text).unwrap_or_default();
    if let Some(digest) = locked.pointer("/document/sha256").and_then(Json::as_str).filter(|digest| is_digest(digest)) {
        digest.clone_into(&mut api.document.sha256);
    }
    let written = self::text(&emit::surface(&api));
    // a checkout may convert line endings
    let (mut found, mut expected) = (text.lines(), written.lines());
    (1..).find_map(|number| match (found.next(), expected.next()) {
        (None, None) => Some(None),
        (found, expected) => (found != expected).then_some(Some(number)),
    })?
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Takes from the lock what neither the document nor the overlay contains: sets the day since when each operation has its state
/// and the earlier names of its tool, and adds the tombstones.
pub(crate) fn remember(api: &mut Api, lock: &Json) {
    let lines: Vec<&Json> = lock.get("operations").and_then(Json::as_array).into_iter().flatten().collect();
    let mut reached: HashSet<String> =
        api.tools().into_iter().flat_map(|plan| plan.tool.aliases.iter().chain([&plan.tool.name]).cloned()).collect();
    reached.extend(api.operations.iter().filter_map(|operation| match &operation.decision {
        Decision::Removed(tool) => tool.clone(),
        _ => None,
    }));
    // each name is recorded once: at the removed operation rather than at the one that replaced it
    let mut lost =
        |line: &Json| -> Vec<String> { names(lock, line).into_iter().filter(|name| reached.insert(name.clone())).collect() };
    api.operations.sort_by_key(|operation| !matches!(operation.decision, Decision::Removed(_)));
    for operation in &mut api.operations {
        let own = || lines.iter().filter(|line| string(line, "operationId") == operation.id);
        // a tool whose operation has another id keeps its day
        let tool = operation.decision.tool().map(|plan| plan.tool.name.as_str());
        let of_tool = || lines.iter().filter(|line| tool.is_some_and(|tool| string(line, "tool") == tool));
        operation.since = own()
            .chain(of_tool())
            .find(|line| string(line, "state") == operation.decision.state().as_str())
            .and_then(|line| since(line));
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

/// All names of an entry's tool: the current one, those that the entry records, and the aliases of the tool.
fn names(lock: &Json, line: &Json) -> Vec<String> {
    let own = Some(string(line, "tool")).filter(|tool| !tool.is_empty());
    let tools = lock.get("tools").and_then(Json::as_array).into_iter().flatten();
    let entry = tools.filter(|tool| own == Some(string(tool, "name")));
    let lists = entry.chain([line]).flat_map(|of| of.get("aliases").and_then(Json::as_array).into_iter().flatten());
    own.into_iter().chain(lists.filter_map(Json::as_str)).filter(|name| is_tool_name(name)).map(str::to_owned).collect()
}

/// Whether an entry has the form of an operation's entry.
fn is_operation(line: &Json) -> bool {
    method(line).is_some() && string(line, "path").starts_with('/') && !string(line, "operationId").is_empty()
}

fn method(line: &Json) -> Option<Method> {
    Method::ALL.into_iter().find(|method| method.as_str() == string(line, "method"))
}

fn since(line: &Json) -> Option<String> {
    line.get("since").and_then(Json::as_str).filter(|day| is_day(day)).map(str::to_owned)
}

/// Whether a text is a date in the form `2026-11-22`.
fn is_day(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok_and(|day| day.to_string() == text)
}

fn string<'a>(of: &'a Json, key: &str) -> &'a str {
    of.get(key).and_then(Json::as_str).unwrap_or_default()
}
