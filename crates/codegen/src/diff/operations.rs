//! Compares the documents and the coverage of two surfaces, except for what the comparison of the tools reports.

use std::collections::BTreeMap;

use openapi_mcp_model::CoverageState;
use serde_json::Value as Json;

use super::{ChangeKind, Diff, Moves, Subject, instead, is_removed, limits, literal, moved, place, state, text};
use crate::moves::{self, Place};

pub(super) fn compare_document(old: &Json, new: &Json, diff: &mut Diff) {
    // before the first adoption there is no document to compare
    if old.get("document").is_none() || new.get("document").is_none() {
        return;
    }
    if old.get("server") != new.get("server") {
        let what = format!("names the server {} instead of {}", literal(text(new, "server")), literal(text(old, "server")));
        diff.add(Subject::Document, ChangeKind::ServerChanged, what);
    }
    let of = |surface: &Json, key: &str| text(surface.get("document").unwrap_or(&Json::Null), key).to_owned();
    let (before, now) = (of(old, "version"), of(new, "version"));
    if before != now {
        diff.add(
            Subject::Document,
            ChangeKind::VersionChanged,
            format!("is version {} instead of {}", literal(&now), literal(&before)),
        );
    }
    let (before, now) = (of(old, "title"), of(new, "title"));
    if before != now {
        diff.add(Subject::Document, ChangeKind::TextChanged, format!("has the `title` {}", instead(Some(&before), Some(&now))));
    }
}

/// The operations that moved. One whose state is another one is reported by its old and its new entry.
pub(super) fn moves<'a>(old: &'a Json, new: &'a Json) -> Vec<(Place<'a>, Place<'a>)> {
    let (before, now) = (by_id(old), by_id(new));
    let only = |here: &BTreeMap<Place<'a>, &'a Json>, there: &BTreeMap<Place<'a>, &'a Json>| -> Vec<Place<'a>> {
        here.iter().filter(|(place, line)| !there.contains_key(*place) && !is_removed(line)).map(|(place, _)| *place).collect()
    };
    let state_of = |all: &BTreeMap<Place<'a>, &'a Json>, place: &Place<'a>| all.get(place).and_then(|line| state(line));
    let mut found = moves::moves(&only(&before, &now), &only(&now, &before));
    found.retain(|(was, is)| state_of(&before, was) == state_of(&now, is));
    found
}

pub(super) fn compare(old: &Json, new: &Json, moves: &Moves<'_>, diff: &mut Diff) {
    let (before, now) = (by_id(old), by_id(new));
    let (rates_before, rates_now) = (rates(old), rates(new));
    // the comparison of the tools reports another rate of a tool
    let rated = |id: &str| rates_before.get(id).zip(rates_now.get(id)).is_some_and(|(was, is)| was != is);
    for (was, is) in moves {
        if let (Some(earlier), Some(line)) = (before.get(was), now.get(is)) {
            if !is_told(line) {
                diff.add(operation(is.id), ChangeKind::Rerouted, moved(was, is));
            }
            changes(is.id, earlier, line, rated(is.id), diff);
        }
    }
    for (key @ Place { id, .. }, line) in &before {
        let has_moved = moves.iter().any(|(was, _)| was == key);
        if !now.contains_key(key) && !is_told(line) && !has_moved {
            let what = format!(
                "{} {} is no longer listed as {}",
                text(line, "method"),
                literal(text(line, "path")),
                text(line, "state")
            );
            diff.add(operation(id), ChangeKind::OperationRemoved, what);
        }
    }
    for (key @ Place { id, .. }, line) in &now {
        match before.get(key) {
            None if is_told(line) || moves.iter().any(|(_, is)| is == key) => {}
            None => {
                let what = format!("{} {} is new and {}", text(line, "method"), literal(text(line, "path")), text(line, "state"));
                diff.add(operation(id), ChangeKind::OperationAdded, what);
            }
            Some(earlier) => changes(id, earlier, line, rated(id), diff),
        }
    }
}

/// The calls a minute of the tools, by their operations.
fn rates(surface: &Json) -> BTreeMap<&str, Option<u64>> {
    let tools = surface.get("tools").and_then(Json::as_array).into_iter().flatten();
    tools.map(|tool| (text(tool, "operationId"), tool.get("rate").and_then(Json::as_u64))).collect()
}

fn changes(id: &str, old: &Json, new: &Json, has_another_rate: bool, diff: &mut Diff) {
    let (before, now) = (text(old, "state"), text(new, "state"));
    // if a tool is added or removed with its operation, the comparison of the tools reports it
    let is_told = (is_told(old) && is_removed(new)) || (is_removed(old) && is_told(new));
    if before != now && !is_told {
        diff.add(operation(id), ChangeKind::OperationDecided, format!("is {now} instead of {before}"));
    } else if before == now && old.get("reason") != new.get("reason") {
        diff.add(operation(id), ChangeKind::TextChanged, "is excluded for another reason");
    }
    // a removed operation is not in the document
    if !is_removed(old) && !is_removed(new) {
        published(id, old, new, has_another_rate, diff);
    }
    if !is_told {
        names(id, old, new, diff);
    }
    // a removed operation has no tool, so a change of the tool name in its tombstone is reported here
    if is_removed(old) && is_removed(new) && old.get("tool") != new.get("tool") {
        diff.add(operation(id), ChangeKind::OperationDecided, "is remembered for another tool");
    }
}

/// Compares what the document itself, without the overlay, contains about an operation.
fn published(id: &str, old: &Json, new: &Json, has_another_rate: bool, diff: &mut Diff) {
    if old.get("provenance") != new.get("provenance") {
        diff.add(operation(id), ChangeKind::TextChanged, "has another `x-provenance`");
    }
    // older locks do not record it
    if let (Some(before), Some(now)) = (old.get("described"), new.get("described"))
        && before != now
    {
        let (before, now) = (text(old, "described"), text(new, "described"));
        let what =
            format!("is described in the document as {}; do the overlay's texts still fit?", instead(Some(before), Some(now)));
        let level =
            if has_another_rate { limits::described_level(before, now) } else { limits::words_level(Some(before), Some(now)) };
        diff.add_as(level, operation(id), ChangeKind::TextChanged, what);
    }
    match (old.get("deprecated").is_some(), new.get("deprecated").is_some()) {
        (false, true) => diff.add(operation(id), ChangeKind::Deprecated, "is deprecated now"),
        (true, false) => diff.add(operation(id), ChangeKind::Undeprecated, "is no longer deprecated"),
        _ => {}
    }
}

/// Compares the earlier names of an operation's tool. The comparison of the tools reports a new name of the tool itself.
fn names(id: &str, old: &Json, new: &Json, diff: &mut Diff) {
    let missing = |from: &Json, of: &Json| -> Vec<String> {
        let list = |of: &Json| of.get("aliases").and_then(Json::as_array).cloned().unwrap_or_default();
        let other = list(of);
        let names = list(from).into_iter().filter(|name| !other.contains(name));
        names.filter_map(|name| name.as_str().filter(|name| *name != text(of, "tool")).map(literal)).collect()
    };
    for (from, of, words) in [(new, old, "remembers"), (old, new, "no longer remembers")] {
        for name in missing(from, of) {
            diff.add(operation(id), ChangeKind::OperationDecided, format!("{words} that its tool was called {name}"));
        }
    }
}

fn operation(id: &str) -> Subject {
    Subject::Operation(id.to_owned())
}

/// Whether an entry has a tool. The comparison of the tools reports it when it is added or removed.
fn is_told(line: &Json) -> bool {
    state(line) == Some(CoverageState::Exposed)
}

/// Entries by id, method and path.
fn by_id(surface: &Json) -> BTreeMap<Place<'_>, &Json> {
    let operations = surface.get("operations").and_then(Json::as_array).into_iter().flatten();
    operations.map(|line| (place(line), line)).collect()
}
