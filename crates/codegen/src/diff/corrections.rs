//! Compares what the documents say where the overlay corrects them. The tools do not show it, but the correction may no longer fit.

use std::collections::{BTreeMap, HashSet};

use openapi_mcp_model::Method;
use serde_json::{Map, Value as Json};

use super::{ChangeKind, Diff, Level, Moves, Phrase, Subject, is_removed, literal, text};
use crate::moves::{Place, renamed_parameters};
use crate::tree::join;

const QUESTION: &str = "which the overlay replaces; does that still fit?";

/// Compares what the overlay's updates and removals replace.
pub(super) fn compare(old: &Json, new: &Json, moves: &Moves<'_>, diff: &mut Diff) {
    let (Some(before), Some(now)) = (members(old, "corrections"), members(new, "corrections")) else {
        return recorded(old, new, diff);
    };
    // what is corrected in an operation that moved is compared with what is corrected there now
    let before: &Map<String, Json> = &before.iter().map(|(pointer, was)| (moved(pointer, moves), was.clone())).collect();
    for (pointer, was) in before {
        if let Some(is) = now.get(pointer).filter(|is| *is != was) {
            let (says, at) = (format!("says {} instead of {}", value(is), value(was)), literal(pointer));
            let phrase = Phrase { what: format!("{says} at {at}, {QUESTION}"), cause: format!("{says}, {QUESTION}"), place: at };
            diff.add_as(level(pointer), Subject::Document, ChangeKind::CorrectionOutdated, phrase);
        }
    }
    let here: HashSet<String> = operations(old).iter().map(|place| moved(place, moves)).collect();
    let there = operations(new);
    for (from, to, words) in [(before, now, "no longer replaces"), (now, before, "replaces now")] {
        // the comparison of operations reports those that are in one document only
        let is_told = |place: &str| is_operation(place) && !(here.contains(place) && there.contains(place));
        for (place, pointers) in by_place(from.keys().filter(|pointer| !to.contains_key(*pointer))) {
            if let Some((first, others)) = pointers.split_first().filter(|_| !is_told(place)) {
                let others = if others.is_empty() { String::new() } else { format!(" and {} more places", others.len()) };
                let was = from.get(*first).map(value).unwrap_or_default();
                let what = format!("says {was} at {}{others}, which the overlay {words}", literal(first));
                diff.add_as(Level::Cosmetic, Subject::Document, ChangeKind::CorrectionOutdated, what);
            }
        }
    }
}

/// Reports corrections of which only one of the surfaces has a record, as a lock of before has none. They are one entry: what the
/// overlay replaced then is not known. Without a document there was no lock.
fn recorded(old: &Json, new: &Json, diff: &mut Diff) {
    let is_lock = |surface: &Json| surface.get("document").is_some();
    for (of, words) in [(new, "are recorded now and were not before"), (old, "are no longer recorded")] {
        let found = members(of, "corrections").filter(|found| !found.is_empty() && is_lock(old) && is_lock(new));
        if let Some((count, first)) = found.and_then(|found| Some((found.len(), found.keys().next()?))) {
            let what = format!("is corrected by the overlay at {count} places, the first {}, which {words}", literal(first));
            diff.add_as(Level::Cosmetic, Subject::Document, ChangeKind::CorrectionOutdated, what);
        }
    }
}

/// A pointer into an operation that moved, as it is now.
fn moved(pointer: &str, moves: &Moves<'_>) -> String {
    let inside = |was: &Place<'_>| {
        pointer.strip_prefix(&place(was.path, was.method)).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let Some((was, is, rest)) = moves.iter().find_map(|(was, is)| Some((was, is, inside(was)?))) else {
        return pointer.to_owned();
    };
    let called = |name: &str| join("/parameters", &format!("path {name}"));
    let renamed = renamed_parameters(was.path, is.path).into_iter().find_map(|(was, is)| {
        let rest = rest.strip_prefix(&called(was)).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        Some(called(is) + rest)
    });
    place(is.path, is.method) + &renamed.unwrap_or_else(|| rest.to_owned())
}

/// The pointer of an operation.
fn place(path: &str, method: &str) -> String {
    join(&join("/paths", path), &method.to_lowercase())
}

/// The pointers by the operation or the component that they point into: their first three steps.
fn by_place<'a>(pointers: impl Iterator<Item = &'a String>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for pointer in pointers {
        let end = pointer.match_indices('/').nth(3).map_or(pointer.len(), |(end, _)| end);
        places.entry(pointer.get(..end).unwrap_or_default()).or_default().push(pointer);
    }
    places
}

/// The places of a surface's operations.
fn operations(surface: &Json) -> HashSet<String> {
    let operations = surface.get("operations").and_then(Json::as_array).into_iter().flatten();
    let is_here = operations.filter(|operation| !is_removed(operation));
    is_here.map(|operation| place(text(operation, "path"), text(operation, "method"))).collect()
}

/// Whether a place is an operation.
fn is_operation(place: &str) -> bool {
    place.starts_with("/paths/") && place.rsplit('/').next().is_some_and(|method| Method::from_key(method).is_some())
}

/// Compares what the annotations of a tool's arguments replace. An annotation that is gone, or new, shows in the tool.
pub(super) fn replaced(old: &Json, new: &Json, mut add: impl FnMut(Level, String)) {
    let (Some(before), Some(now)) = (members(old, "replaced"), members(new, "replaced")) else { return };
    for (argument, was) in before {
        for (keyword, was) in was.as_object().into_iter().flatten() {
            if let Some(is) = now.get(argument).and_then(|now| now.get(keyword)).filter(|is| *is != was) {
                let (is, was) = (value(is), value(was));
                add(level(keyword), format!("has the `{keyword}` {is} instead of {was} for {}, {QUESTION}", literal(argument)));
            }
        }
    }
}

fn members<'a>(of: &'a Json, key: &str) -> Option<&'a Map<String, Json>> {
    of.get(key)?.as_object()
}

fn value(json: &Json) -> String {
    literal(json.as_str().unwrap_or_default())
}

/// A text is cosmetic; anything else may break the correction.
fn level(place: &str) -> Level {
    let mut steps = place.rsplit('/');
    let keyword = steps.next().unwrap_or(place);
    // a property may be called so, too
    let is_property = steps.next() == Some("properties");
    if !is_property && matches!(keyword, "description" | "summary" | "title" | "example" | "examples") {
        Level::Cosmetic
    } else {
        Level::Breaking
    }
}
