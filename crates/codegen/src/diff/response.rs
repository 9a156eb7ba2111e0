//! Compares the fields of responses and their types. A response is described and not promised: a type added to a field is a
//! breaking change, and a type removed from a field is not.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::schema::{SchemaChange, compare_at};
use super::structure::Told;
use super::{ChangeKind, Level, Phrase, leaf, literal, literals, paging};

type Fields = Map<String, Json>;

/// What a response says about the items that are shown.
const SHAPE: [&str; 3] = ["members", "omitsEmpty", "mark"];

/// Calls `add` with each change. A given level replaces the usual one of the change's kind.
pub(super) fn compare(old: &Json, new: &Json, places: &mut Told, mut add: impl FnMut(Option<Level>, ChangeKind, Phrase)) {
    let fields = |of: &'_ Json| of.get("responseFields").and_then(Json::as_object).cloned();
    let told = match (fields(old), fields(new)) {
        (Some(before), Some(now)) => {
            Some(compare_fields(&before, &now, paging::is_paged(old) || paging::has_cursor(new), places, &mut add))
        }
        // older locks do not record the fields
        _ => None,
    };
    for SchemaChange { kind, path, what, .. } in compare_at(old, new, "outputSchema") {
        match (&told, kind) {
            (Some(told), _) if told.iter().any(|told| is_in(&path, told)) => {}
            (_, ChangeKind::TextChanged) => add(None, kind, phrase(&path, kind, &what)),
            (Some(_), _) => {
                add(None, ChangeKind::TextChanged, phrase(&path, ChangeKind::TextChanged, "is described differently"));
            }
            (None, ChangeKind::ArgumentAdded | ChangeKind::RequiredArgumentAdded) => {
                add(None, ChangeKind::ResponseFieldAdded, phrase(&path, ChangeKind::ResponseFieldAdded, &what));
            }
            (None, ChangeKind::ArgumentRemoved | ChangeKind::RequiredArgumentRemoved) => {
                add(None, ChangeKind::ResponseFieldRemoved, phrase(&path, ChangeKind::ResponseFieldRemoved, &what));
            }
            (None, _) => add(None, ChangeKind::ResponseChanged, phrase(&path, ChangeKind::ResponseChanged, &what)),
        }
    }
    let (before, now) = (media_types(old), media_types(new));
    if before != now {
        places.field("", ChangeKind::MediaTypeChanged);
        add(None, ChangeKind::MediaTypeChanged, format!("gets a response of {now} instead of {before}").into());
    }
    if shape(old) != shape(new) {
        add(None, ChangeKind::ResponseChanged, "shows other members of its items by default".into());
    }
    if place(old) != place(new) {
        add(None, ChangeKind::ResponseChanged, "finds its response, items or cursor at another place".into());
    }
}

/// The media types of the response, as text.
fn media_types(tool: &Json) -> String {
    let named = tool.pointer("/response/mediaTypes").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    match literals(named) {
        none if none.is_empty() => literal("application/json"),
        named => named,
    }
}

/// Where the response, its items and its cursor are.
fn place(tool: &Json) -> Option<Map<String, Json>> {
    let mut response = tool.get("response")?.as_object()?.clone();
    response.retain(|name, _| name != "mediaTypes" && !SHAPE.contains(&name.as_str()));
    Some(response)
}

/// What is shown of its items.
fn shape(tool: &Json) -> [Option<&Json>; 3] {
    SHAPE.map(|name| tool.get("response")?.get(name))
}

fn phrase(path: &str, kind: ChangeKind, words: &str) -> Phrase {
    if path.is_empty() {
        return format!("the response {words}").into();
    }
    let field = if kind.names_a_member() { format!("the field {}", leaf(path)) } else { "a field".to_owned() };
    let place = literal(path);
    Phrase { what: format!("field {place} of the response {words}"), cause: format!("{field} of the response {words}"), place }
}

/// Reports the fields that differ, and returns their paths. If a field has another type, the fields inside it are not reported.
fn compare_fields(
    old: &Fields,
    new: &Fields,
    is_paged: bool,
    places: &mut Told,
    add: &mut impl FnMut(Option<Level>, ChangeKind, Phrase),
) -> BTreeSet<String> {
    let (mut told, mut retyped) = (BTreeSet::new(), BTreeSet::new());
    let (before, now) = (pointers(old), pointers(new));
    for pointer in before.intersection(&now) {
        if let Some((level, kind, what)) = compare_kinds(&kinds(old, &before, pointer), &kinds(new, &now, pointer)) {
            let path = path(pointer);
            places.field(&path, kind);
            add(level, kind, phrase(&path, kind, &what));
            told.insert(path);
            retyped.extend(Some(*pointer).filter(|_| kind == ChangeKind::ResponseChanged));
        }
    }
    for (kind, words, here, there) in [
        (ChangeKind::ResponseFieldRemoved, "was removed", &before, &now),
        (ChangeKind::ResponseFieldAdded, "is new", &now, &before),
    ] {
        let is_first = |pointer: &str| parent(pointer).is_none_or(|parent| there.contains(parent) && !retyped.contains(parent));
        for pointer in here.difference(there).filter(|pointer| is_first(pointer)) {
            let path = path(pointer);
            // a list that is continued on a next page may end early now
            let below = format!("{pointer}/");
            let mut inner = here.range(below.as_str()..).take_while(|inner| inner.starts_with(&below));
            let is_sign = |pointer: &str| paging::is_cursor(&self::path(pointer));
            let is_unknown_cursor = !is_paged && (is_sign(pointer) || inner.any(|inner| is_sign(inner)));
            let level = is_unknown_cursor.then_some(Level::Breaking);
            let more = if is_unknown_cursor { ", and may lead to a next page, which the tool does not know" } else { "" };
            places.field(&path, kind);
            add(level, kind, phrase(&path, kind, &format!("{words}{more}")));
            told.insert(path);
        }
    }
    told
}

/// The pointers of all fields, including those of objects and lists that are only listed by their inner fields.
fn pointers(fields: &Fields) -> BTreeSet<&str> {
    let mut pointers = BTreeSet::new();
    for key in fields.keys() {
        let mut next = Some(key.as_str());
        while let Some(pointer) = next.filter(|pointer| pointers.insert(*pointer)) {
            next = parent(pointer);
        }
    }
    pointers
}

fn parent(pointer: &str) -> Option<&str> {
    pointer.rsplit_once('/').map(|(parent, _)| parent)
}

fn kinds<'a>(fields: &'a Fields, pointers: &BTreeSet<&str>, pointer: &str) -> BTreeSet<&'a str> {
    match fields.get(pointer).and_then(Json::as_str) {
        Some(said) => said.split(" | ").collect(),
        None if pointers.contains(format!("{pointer}/[]").as_str()) => BTreeSet::from(["array"]),
        None => BTreeSet::from(["object"]),
    }
}

fn compare_kinds(old: &BTreeSet<&str>, new: &BTreeSet<&str>) -> Option<(Option<Level>, ChangeKind, String)> {
    if old == new {
        return None;
    }
    let only = |here: &BTreeSet<&str>, there: &BTreeSet<&str>| -> Vec<String> {
        here.iter().filter(|kind| !there.iter().any(|wider| covers(wider, kind))).map(|kind| (*kind).to_owned()).collect()
    };
    let list = |kinds: &[String]| kinds.iter().map(|kind| literal(kind)).collect::<Vec<_>>().join(", ");
    let (removed, added) = (only(old, new), only(new, old));
    let is_value = |kind: &String| kind.starts_with('\'');
    Some(match (removed.is_empty(), added.is_empty()) {
        (true, true) => (None, ChangeKind::TextChanged, "is described differently".to_owned()),
        // an enum has more values
        (true, false) if added.iter().all(is_value) => {
            (Some(Level::Additive), ChangeKind::ResponseWidened, format!("may be {} too", list(&added)))
        }
        (true, false) => (None, ChangeKind::ResponseWidened, format!("may be {} too", list(&added))),
        // what is left was part of what was removed
        (false, true) if !new.is_subset(old) => {
            let left: Vec<String> = new.difference(old).map(|kind| (*kind).to_owned()).collect();
            (None, ChangeKind::ResponseNarrowed, format!("is only {} instead of any {}", list(&left), list(&removed)))
        }
        (false, true) => (None, ChangeKind::ResponseNarrowed, format!("is no longer {}", list(&removed))),
        (false, false) => (None, ChangeKind::ResponseChanged, format!("is {} instead of {}", list(&added), list(&removed))),
    })
}

/// Whether every value of one type is a value of the other.
fn covers(wider: &str, kind: &str) -> bool {
    wider == kind
        || (wider == "number" && kind == "integer")
        || (wider == "string" && (kind.starts_with('\'') || kind.starts_with("string of ")))
        || (wider == "any" && kind != "null")
}

/// A pointer as a readable path, such as `apps[].owner`.
pub(super) fn path(pointer: &str) -> String {
    inner_path(&crate::tree::tokens(pointer).unwrap_or_default())
}

/// What a place of a tool is called, such as `query size` or the response `404`.
pub(super) fn called(place: &str) -> String {
    let steps = crate::tree::tokens(place).unwrap_or_default();
    match steps.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["errors" | "answers", status] => format!("the response {}", literal(status)),
        ["headers" | "ignored", name] => format!("the header {}", literal(name)),
        _ => literal(&inner_path(&steps)),
    }
}

/// The steps of a pointer as a readable path.
pub(super) fn inner_path(steps: &[String]) -> String {
    steps.iter().fold(String::new(), |path, step| match step.as_str() {
        "[]" => path + "[]",
        name if path.is_empty() => name.to_owned(),
        name => format!("{path}.{name}"),
    })
}

fn is_in(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || outer.is_empty() || rest.starts_with(['.', '[']))
}
