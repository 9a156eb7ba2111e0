//! Reports where the documents differ in a way that no other comparison tells: the last one, so that nothing is silent.
//!
//! Invariant: only a change at the same place, or one of all that is around it, stands for a difference here. A change elsewhere in the
//! tool, a text or an extension does not.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{ChangeKind, Level, Phrase, corrections, response};
use crate::names::{DROPPED, is_word};
use crate::tree::tokens;

/// What the other comparisons tell of a tool, by place.
#[derive(Default)]
pub(super) struct Told {
    places: Vec<(String, ChangeKind)>,
}

/// What the places of arguments, and of fields of the response, begin with.
const ARGUMENT: &str = "argument ";
const FIELD: &str = "field ";

impl Told {
    /// Notes a change of an argument at a path such as `filters[].key`; an empty one is that of the request as a whole.
    pub(super) fn argument(&mut self, path: &str, kind: ChangeKind) {
        self.note(format!("{ARGUMENT}{}", path.trim_start_matches('.')), kind);
    }

    /// The same of a field of the response.
    pub(super) fn field(&mut self, path: &str, kind: ChangeKind) {
        self.note(format!("{FIELD}{path}"), kind);
    }

    /// Notes a change of a facet of a tool.
    pub(super) fn facet(&mut self, tool: &Json, place: &str, name: &str, kind: ChangeKind) {
        let keyword = name.strip_prefix(DROPPED).unwrap_or(name);
        self.note(format!("{place} {keyword}"), kind);
        // what one of several properties has to be is said of them, too
        let kind = if matches!(name, "demands" | "anyOf" | "oneOf") { ChangeKind::Retyped } else { kind };
        if !is_word(keyword) {
            self.note(called(tool, place), kind);
        }
    }

    fn note(&mut self, place: String, kind: ChangeKind) {
        if kind.is_structural() {
            self.places.push((place, kind));
        }
    }

    /// Whether a place is that of an argument of another type.
    pub(super) fn is_retyped(&self, tool: &Json, place: &str) -> bool {
        let called = called(tool, place);
        self.places.iter().any(|(told, kind)| *kind == ChangeKind::Retyped && *told == called && told.starts_with(ARGUMENT))
    }

    /// Whether a change is told at a place, or of all that is around it.
    fn has(&self, place: &str, is_whole: bool) -> bool {
        // a list is returned as the member `items`
        let items = format!("{FIELD}items");
        self.places.iter().any(|(told, kind)| {
            told == place
                || (place == FIELD && *told == items)
                || (is_in(place, told) && kind.is_of_all_inside())
                // the place has one digest for all that is inside, so what breaks there stands for it
                || (is_whole && is_in(told, place) && [*kind, kind.mirror()].iter().all(|kind| kind.level() == Level::Breaking))
        })
    }
}

impl ChangeKind {
    /// Whether it says something about whatever is inside of its place.
    fn is_of_all_inside(self) -> bool {
        let is_of_its_values = matches!(
            self,
            Self::Retyped
                | Self::ResponseChanged
                | Self::Widened
                | Self::Narrowed
                | Self::ResponseWidened
                | Self::ResponseNarrowed
        );
        self.names_a_member() || is_of_its_values
    }
}

fn is_in(place: &str, outer: &str) -> bool {
    place.strip_prefix(outer).is_some_and(|rest| rest.starts_with(['.', '[']) || (outer.ends_with(' ') && !rest.is_empty()))
}

/// Calls `add` with each difference that is told neither of the tool nor of the overlay's corrections.
pub(super) fn compare(old: &Json, new: &Json, told: &Told, outdated: &[String], mut add: impl FnMut(Level, Phrase)) {
    // older locks have one digest for all places, or none
    let record = |of: &'_ Json| of.get("structure").and_then(Json::as_object).cloned();
    let (Some(before), Some(now)) = (record(old), record(new)) else { return };
    let places: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let corrected: Vec<_> = outdated.iter().filter_map(|pointer| corrections::place_in(new, pointer)).collect();
    let whole = |place: &str| is_whole(&before, place) || is_whole(&now, place);
    let is_corrected = |place: &str| corrected.iter().any(|one| one.has(place) || (whole(place) && one.is_inside(place)));
    let mut reported: Vec<&str> = Vec::new();
    for place in places.into_iter().filter(|place| before.get(*place) != now.get(*place)) {
        let is_inside = |outer: &str| place.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
        let is_part = reported.iter().any(|outer| is_inside(outer)) || (!whole(place) && top(place).is_some_and(whole));
        let is_told = told.has(place, false) || [old, new].iter().any(|tool| told.has(&called(tool, place), whole(place)));
        // that there is another response of a failed call, or another media type, is a facet
        let is_new = before.contains_key(place) != now.contains_key(place);
        let is_facet = is_new && (place.starts_with("/errors/") || place.contains(" content "));
        if is_part || is_facet || is_told || is_corrected(place) {
            continue;
        }
        reported.push(place);
        // what a call fails with, and a header, breaks no call
        let is_aside = place.starts_with("/errors/") || place.starts_with("/headers/");
        let words = "is declared otherwise in the document, in a way that no comparison knows: compare the two documents there";
        add(if is_aside { Level::Cosmetic } else { Level::Breaking }, phrase(place, words));
    }
}

/// Whether the annotation replaces the text of the argument at a place.
pub(super) fn is_replaced(tool: &Json, place: &str) -> bool {
    let called = called(tool, place);
    let argument = called.strip_prefix(ARGUMENT).unwrap_or_default();
    tool.get("replaced").and_then(|all| all.get(argument)).is_some_and(|replaced| replaced.get("description").is_some())
}

/// Whether a request or a response has one digest for all of its places.
fn is_whole(record: &Map<String, Json>, place: &str) -> bool {
    record.get(place).and_then(Json::as_str).is_some_and(|digest| digest.starts_with("whole "))
}

/// The parameter, the body or the response that a place is in.
fn top(place: &str) -> Option<&str> {
    place.match_indices('/').nth(1).and_then(|(end, _)| place.get(..end))
}

fn phrase(place: &str, words: &str) -> Phrase {
    let path = response::called(place);
    Phrase { what: format!("{path} {words}"), cause: words.to_owned(), place: path }
}

/// A place as the other comparisons call it: by the tool's argument or the field of its response.
fn called(tool: &Json, place: &str) -> String {
    let tokens = tokens(place).unwrap_or_default();
    let inner = |from: usize| response::inner_path(tokens.get(from..).unwrap_or_default());
    match tokens.first().map(String::as_str) {
        // a list is returned as the member `items`
        Some("response") if tokens.get(1).is_some_and(|first| first == "[]") => format!("{FIELD}items{}", inner(1)),
        Some("response") => format!("{FIELD}{}", inner(1)),
        Some("body") => match tokens.get(1).and_then(|name| argument(tool, "body", name)) {
            Some(name) => format!("{ARGUMENT}{name}{}", after(&inner(2))),
            None => match whole_body(tool) {
                Some(name) => format!("{ARGUMENT}{name}{}", after(&inner(1))),
                None => format!("{ARGUMENT}{}", inner(1)),
            },
        },
        Some(parameter) => match parameter.split_once(' ').and_then(|(sent_in, wire)| argument(tool, sent_in, wire)) {
            Some(name) => format!("{ARGUMENT}{name}{}", after(&inner(1))),
            None => place.to_owned(),
        },
        None => place.to_owned(),
    }
}

/// A path behind another one.
fn after(path: &str) -> String {
    if path.is_empty() || path.starts_with('[') { path.to_owned() } else { format!(".{path}") }
}

fn arguments(tool: &Json) -> impl Iterator<Item = (&String, &str)> {
    let all = tool.pointer("/request/arguments").and_then(Json::as_object).into_iter().flatten();
    all.filter_map(|(argument, location)| Some((argument, location.as_str()?)))
}

/// The argument that is sent under a name in a part of the request.
pub(super) fn argument<'a>(tool: &'a Json, sent_in: &str, wire: &str) -> Option<&'a str> {
    let is_it = |argument: &str, location: &str| {
        let called = location.strip_prefix(sent_in).map(|rest| rest.split(',').next().unwrap_or_default().trim());
        called == Some(wire) || (called == Some("") && argument == wire)
    };
    arguments(tool).find(|(argument, location)| is_it(argument, location)).map(|(argument, _)| argument.as_str())
}

/// The argument that is the body as a whole.
pub(super) fn whole_body(tool: &Json) -> Option<&str> {
    arguments(tool).find(|(_, location)| *location == "the whole body").map(|(argument, _)| argument.as_str())
}
