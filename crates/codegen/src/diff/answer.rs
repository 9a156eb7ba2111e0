//! What comes back: which fields there are and what they may be. Answers are described, not promised, so a value that an answer may
//! have and did not is graver than one it has no more.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::schema::{Found, compare_at};
use super::{Kind, Level, literal};

type Fields = Map<String, Json>;

/// Calls `add` with each change, milder than its kind where a level is given.
pub(super) fn compare(old: &Json, new: &Json, mut add: impl FnMut(Option<Level>, Kind, String)) {
    let fields = |of: &'_ Json| of.get("responseFields").and_then(Json::as_object).cloned();
    let told = match (fields(old), fields(new)) {
        (Some(old), Some(new)) => Some(compare_fields(&old, &new, &mut add)),
        // a lock of before there were any
        _ => None,
    };
    for Found { kind, path, what } in compare_at(old, new, "outputSchema") {
        let place = place(&path);
        match (&told, kind) {
            (Some(told), _) if told.iter().any(|told| is_in(&path, told)) => {}
            (_, Kind::TextChanged) => add(None, kind, format!("{place} {what}")),
            (Some(_), _) => add(None, Kind::TextChanged, format!("{place} is described otherwise")),
            (None, Kind::ArgumentAdded | Kind::RequiredArgumentAdded) => {
                add(None, Kind::AnswerFieldAdded, format!("{place} {what}"));
            }
            (None, Kind::ArgumentRemoved | Kind::RequiredArgumentRemoved) => {
                add(None, Kind::AnswerFieldRemoved, format!("{place} {what}"));
            }
            (None, _) => add(None, Kind::AnswerChanged, format!("{place} {what}")),
        }
    }
    if old.get("response") != new.get("response") {
        add(None, Kind::AnswerChanged, "finds its answer, items or cursor at another place".to_owned());
    }
}

fn place(path: &str) -> String {
    if path.is_empty() { "the answer".to_owned() } else { format!("field {} of the answer", literal(path)) }
}

/// Says what is different about the fields, and returns the paths of those. What stands in a field that became something else is
/// told by that.
fn compare_fields(old: &Fields, new: &Fields, add: &mut impl FnMut(Option<Level>, Kind, String)) -> BTreeSet<String> {
    let (mut told, mut retyped) = (BTreeSet::new(), BTreeSet::new());
    let (before, now) = (pointers(old), pointers(new));
    for at in before.intersection(&now) {
        if let Some((level, kind, what)) = compare_kinds(&kinds(old, &before, at), &kinds(new, &now, at)) {
            let path = path(at);
            add(level, kind, format!("{} {what}", place(&path)));
            told.insert(path);
            retyped.extend(Some(*at).filter(|_| kind == Kind::AnswerChanged));
        }
    }
    for (kind, words, here, there) in
        [(Kind::AnswerFieldRemoved, "was removed", &before, &now), (Kind::AnswerFieldAdded, "is new", &now, &before)]
    {
        let is_first = |at: &str| parent(at).is_none_or(|parent| there.contains(parent) && !retyped.contains(parent));
        for at in here.difference(there).filter(|at| is_first(at)) {
            let path = path(at);
            add(None, kind, format!("{} {words}", place(&path)));
            told.insert(path);
        }
    }
    told
}

/// Every field's pointer, those included that go without saying because something of them is listed.
fn pointers(fields: &Fields) -> BTreeSet<&str> {
    let mut pointers = BTreeSet::new();
    for key in fields.keys() {
        let mut at = Some(key.as_str());
        while let Some(pointer) = at.filter(|pointer| pointers.insert(*pointer)) {
            at = parent(pointer);
        }
    }
    pointers
}

fn parent(pointer: &str) -> Option<&str> {
    pointer.rsplit_once('/').map(|(parent, _)| parent)
}

fn kinds<'a>(fields: &'a Fields, pointers: &BTreeSet<&str>, at: &str) -> BTreeSet<&'a str> {
    match fields.get(at).and_then(Json::as_str) {
        Some(said) => said.split(" | ").collect(),
        None if pointers.contains(format!("{at}/[]").as_str()) => BTreeSet::from(["array"]),
        None => BTreeSet::from(["object"]),
    }
}

fn compare_kinds(old: &BTreeSet<&str>, new: &BTreeSet<&str>) -> Option<(Option<Level>, Kind, String)> {
    if old == new {
        return None;
    }
    let only = |here: &BTreeSet<&str>, there: &BTreeSet<&str>| -> Vec<String> {
        here.iter().filter(|kind| !there.iter().any(|wider| covers(wider, kind))).map(|kind| (*kind).to_owned()).collect()
    };
    let list = |kinds: &[String]| kinds.iter().map(|kind| literal(kind)).collect::<Vec<_>>().join(", ");
    let (gone, come) = (only(old, new), only(new, old));
    let is_value = |kind: &String| kind.starts_with('\'');
    Some(match (gone.is_empty(), come.is_empty()) {
        (true, true) => (None, Kind::TextChanged, "is described otherwise".to_owned()),
        // one word more in a list of words
        (true, false) if come.iter().all(is_value) => {
            (Some(Level::Additive), Kind::AnswerWidened, format!("may be {} too", list(&come)))
        }
        (true, false) => (None, Kind::AnswerWidened, format!("may be {} too", list(&come))),
        (false, true) => (None, Kind::AnswerNarrowed, format!("is {} no more", list(&gone))),
        (false, false) => (None, Kind::AnswerChanged, format!("is {} instead of {}", list(&come), list(&gone))),
    })
}

/// Whether each value of the one kind is of the other.
fn covers(wider: &str, kind: &str) -> bool {
    wider == kind
        || (wider == "number" && kind == "integer")
        || (wider == "string" && (kind.starts_with('\'') || kind.starts_with("string of ")))
        || (wider == "any" && kind != "null")
}

/// As in `apps[].owner`.
fn path(pointer: &str) -> String {
    let tokens = crate::tree::tokens(pointer).unwrap_or_default();
    tokens.into_iter().fold(String::new(), |path, token| match token.as_str() {
        "[]" => path + "[]",
        name if path.is_empty() => name.to_owned(),
        name => format!("{path}.{name}"),
    })
}

fn is_in(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || outer.is_empty() || rest.starts_with(['.', '[']))
}
