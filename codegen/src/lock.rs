//! `tools.lock.json`: the tool surface and the ledger as somebody reviewed them, and the memory of what there was before.
//!
//! The lock is an input of the generator, too: from it come the days since when operations are what they are, and tombstones, the
//! operations that had a tool and left the document. A tombstone stays until its line is deleted from the lock, so that whoever
//! still calls the tool hears what became of it.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::ir::{Api, Decision, Operation};
use crate::ledger;

/// The lock's text for a surface: pretty, so that a review shows what changed line by line.
pub fn text(surface: &Json) -> String {
    format!("{surface:#}\n")
}

/// Digest of a tool's entry, the order of members aside; SHA-256 in hex.
pub fn digest(entry: &Json) -> String {
    let mut entry = entry.clone();
    if let Some(members) = entry.as_object_mut() {
        members.shift_remove("digest");
    }
    crate::sha256(&sorted(&entry).to_string())
}

/// Tools whose entry was changed by hand, by name.
pub fn edited(lock: &Json) -> Vec<&str> {
    let tools = lock.get("tools").and_then(Json::as_array).into_iter().flatten();
    let is_edited = |tool: &&Json| tool.get("digest").and_then(Json::as_str) != Some(digest(tool).as_str());
    tools.filter(is_edited).map(|tool| string(tool, "name")).collect()
}

/// Gives every operation the day since when it is what it is, and adds the tombstones that neither document nor overlay know.
pub(crate) fn remember(api: &mut Api, lock: &Json) {
    let lines = || lock.get("operations").and_then(Json::as_array).into_iter().flatten();
    for operation in &mut api.operations {
        let same = |line: &&Json| {
            string(line, "operationId") == operation.id && string(line, "state") == ledger::state(&operation.decision)
        };
        operation.since = lines().find(same).and_then(since);
    }
    let ids: HashSet<&str> = api.operations.iter().map(|operation| operation.id.as_str()).collect();
    let names: HashSet<&str> =
        api.tools().into_iter().flat_map(|(_, tool)| tool.formerly.iter().chain([&tool.name])).map(String::as_str).collect();
    let is_tombstone = |line: &&Json| {
        let (id, tool) = (string(line, "operationId"), string(line, "tool"));
        !tool.is_empty() && !ids.contains(id) && !names.contains(tool)
    };
    let tombstones: Vec<Operation> = lines()
        .filter(is_tombstone)
        .map(|line| Operation {
            id: string(line, "operationId").to_owned(),
            method: string(line, "method").to_owned(),
            path: string(line, "path").to_owned(),
            provenance: None,
            since: since(line).filter(|_| string(line, "state") == "gone"),
            decision: Decision::Gone(Some(string(line, "tool").to_owned())),
        })
        .collect();
    api.operations.extend(tombstones);
    api.sort();
}

fn since(line: &Json) -> Option<String> {
    line.get("since").and_then(Json::as_str).map(str::to_owned)
}

fn string<'a>(of: &'a Json, key: &str) -> &'a str {
    of.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// The same with the members of every object in the order of their names.
fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(key, member)| (key.clone(), sorted(member))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Json::Object(Map::from_iter(members))
        }
        Json::Array(items) => items.iter().map(sorted).collect(),
        plain => plain.clone(),
    }
}
