//! Compares what the documents say where the overlay corrects them. The tools do not show it, but the correction may no longer fit.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use openapi_mcp_model::Method;
use serde_json::{Map, Value as Json};

use super::limits::words_level;
use super::{ChangeKind, Diff, Level, Moves, Phrase, Subject, instead, is_removed, limits, literal, pointer, text};
use crate::moves::{Place, renamed_parameters};
use crate::names::is_word;
use crate::statements::NOTHING;
use crate::tree::{join, tokens};

const QUESTION: &str = "which the overlay corrects; does that still fit?";

/// Compares what the overlay's updates and removals correct, and returns the places at which the documents differ.
pub(super) fn compare(old: &Json, new: &Json, moves: &Moves<'_>, diff: &mut Diff) -> Vec<String> {
    let (Some(before), Some(now)) = (members(old, "corrections"), members(new, "corrections")) else {
        recorded(old, new, diff);
        return Vec::new();
    };
    // what is corrected in an operation that moved is compared with what is corrected there now
    let before: &Map<String, Json> = &before.iter().map(|(pointer, was)| (moved(pointer, moves), was.clone())).collect();
    let (mut places, mut gone) = (Vec::new(), Vec::new());
    let mut outdated = |departure: &Departure<'_>| {
        places.push(departure.place.to_owned());
        outdated(departure, diff);
    };
    in_both(before, now, &mut outdated);
    let here: HashSet<String> = operations(old).iter().map(|place| moved(place, moves)).collect();
    let there = operations(new);
    // the comparison of operations reports those that are in one document only
    let is_elsewhere = |place: &str| is_operation(place) && !(here.contains(place) && there.contains(place));
    let (only_before, only_now) = (only(before, now), only(now, before));
    // the overlay is the same, so the document has something new that an action hits
    if old.get("overlay").is_some() && old.get("overlay") == new.get("overlay") {
        let nothing = Json::from(NOTHING);
        for place in only_now.iter().filter(|place| !is_elsewhere(outer(place))) {
            departures(place, &nothing, now.get(place).unwrap_or(&nothing), &mut outdated);
        }
        for place in only_before.iter().filter(|place| !is_elsewhere(outer(place))) {
            departures(place, before.get(place).unwrap_or(&nothing), &nothing, &mut |departure| {
                gone.push(departure.place.to_owned());
                no_longer_needed(departure, diff);
            });
        }
    } else {
        gone_or_new([(before, &only_before, "no longer corrects"), (now, &only_now, "corrects now")], is_elsewhere, diff);
    }
    places.append(&mut gone);
    places
}

/// Compares the places that the overlay corrects in both documents.
fn in_both(before: &Map<String, Json>, now: &Map<String, Json>, outdated: &mut impl FnMut(&Departure<'_>)) {
    let nothing = Json::from(NOTHING);
    for (place, was) in before {
        if let Some(is) = now.get(place) {
            departures(place, was, is, outdated);
        }
    }
    // the document has a part now of which all was missing, or the reverse: the overlay still corrects it
    for (place, is) in now.iter().filter(|(place, _)| missing_around(place, before)) {
        departures(place, &nothing, is, outdated);
    }
    for (place, was) in before.iter().filter(|(place, _)| missing_around(place, now)) {
        departures(place, was, &nothing, outdated);
    }
}

/// The places that only one of two records has, apart from those that are compared as parts that are missing as a whole.
fn only(here: &Map<String, Json>, there: &Map<String, Json>) -> Vec<String> {
    let around = around(there);
    let is_part = |place: &str| missing_around(place, there) || (is_nothing(here.get(place)) && around.contains(place));
    here.keys().filter(|place| !there.contains_key(*place) && !is_part(place)).cloned().collect()
}

/// Reports what is gone, so that it needs no correction any more.
fn no_longer_needed(departure: &Departure<'_>, diff: &mut Diff) {
    let what = says(departure, ", which the overlay corrected");
    diff.add_as(Level::Cosmetic, Subject::Document, ChangeKind::CorrectionOutdated, what);
}

/// The place in a tool's request or response at which a pointer into its operation is; `None` if it is at none of them.
pub(super) fn place_in(tool: &Json, pointer: &str) -> Option<Corrected> {
    let tokens = tokens(pointer)?;
    let [paths, path, method, rest @ ..] = tokens.as_slice() else { return None };
    // the tool's path begins with that of the operation's server
    let is_its = text(tool, "path").ends_with(path.as_str()) && text(tool, "method").eq_ignore_ascii_case(method);
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let (mut place, mut steps) = match rest.as_slice() {
        _ if paths != "paths" || !is_its => return None,
        ["parameters", name, rest @ ..] => (join("", name), rest),
        ["requestBody", rest @ ..] => ("/body".to_owned(), rest),
        ["responses", _, rest @ ..] | ["responses", rest @ ..] => ("/response".to_owned(), rest),
        _ => return None,
    };
    loop {
        match steps {
            [] => return Some(Corrected { place, keyword: None }),
            ["content" | "allOf" | "oneOf" | "anyOf", _, rest @ ..] | ["schema", rest @ ..] => steps = rest,
            ["properties", name, rest @ ..] => (place, steps) = (join(&place, name), rest),
            ["items", rest @ ..] => (place, steps) = (join(&place, "[]"), rest),
            ["additionalProperties", rest @ ..] => (place, steps) = (join(&place, "*"), rest),
            [keyword, ..] => {
                return Some(Corrected { place, keyword: Some((*keyword).to_owned()) }).filter(|_| !is_word(keyword));
            }
        }
    }
}

/// A place at which the document differs under a correction.
pub(super) struct Corrected {
    place: String,
    /// the keyword there, if it is not all of the place
    keyword: Option<String>,
}

impl Corrected {
    /// Whether the difference at a place is the one that the correction hides.
    pub(super) fn has(&self, place: &str) -> bool {
        let Some(rest) = place.strip_prefix(&self.place) else { return false };
        match self.keyword.as_deref() {
            None => rest.is_empty() || rest.starts_with(['/', ' ']),
            // what is required is said where it is
            Some("required") => !rest.get(1..).unwrap_or_default().contains('/'),
            Some(keyword) => rest.is_empty() || rest.strip_prefix(' ') == Some(keyword),
        }
    }

    /// Whether it is somewhere inside of a place.
    pub(super) fn is_inside(&self, outer: &str) -> bool {
        self.place.starts_with(outer)
    }
}

/// Reports places that only one of the surfaces has, in one entry for each operation or component.
fn gone_or_new<const N: usize>(
    lists: [(&Map<String, Json>, &Vec<String>, &str); N],
    is_elsewhere: impl Fn(&str) -> bool,
    diff: &mut Diff,
) {
    for (from, only, words) in lists {
        for (place, pointers) in by_place(only.iter()) {
            if let Some((first, others)) = pointers.split_first().filter(|_| !is_elsewhere(place)) {
                let others = match others.len() {
                    0 => String::new(),
                    1 => " and at another place".to_owned(),
                    more => format!(" and at {more} other places"),
                };
                let was = from.get(*first).and_then(said).map_or_else(|| NOTHING.to_owned(), |was| literal(&was));
                let what = format!("says {was} at {}{others}, which the overlay {words}", pointer(first));
                diff.add_as(Level::Cosmetic, Subject::Document, ChangeKind::CorrectionOutdated, what);
            }
        }
    }
}

/// What a document says otherwise at a place; `None` where it says nothing.
struct Departure<'a> {
    place: &'a str,
    was: Option<&'a str>,
    is: Option<&'a str>,
}

/// Reports what the document says otherwise at a place that the overlay corrects in both surfaces.
fn outdated(departure: &Departure<'_>, diff: &mut Diff) {
    let Departure { place, was, is } = departure;
    let level = match (level(place), was) {
        (Level::Cosmetic, _) => words_level(*was, *is),
        // a new field of a response breaks nobody who reads it
        (_, None) if place.contains("/responses/") && is_new_field(place) => Level::Additive,
        (level, _) => level,
    };
    diff.add_as(level, Subject::Document, ChangeKind::CorrectionOutdated, says(departure, &format!(", {QUESTION}")));
}

/// Whether a place in a response is a property, or says which of them are always there.
fn is_new_field(place: &str) -> bool {
    let mut steps = place.rsplit('/');
    let (last, outer) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    last == "required" || outer == "properties"
}

/// Compares what the documents say apart from their operations.
pub(super) fn about(old: &Json, new: &Json, diff: &mut Diff) {
    // older locks do not record it
    let (Some(before), Some(now)) = (members(old, "about"), members(new, "about")) else { return };
    let nothing = Json::from(NOTHING);
    let places: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let corrected: HashSet<&str> =
        [old, new].into_iter().filter_map(|of| members(of, "corrections")).flat_map(Map::keys).map(String::as_str).collect();
    // what the overlay corrects is told with the correction, and the address of the first server by itself
    let is_corrected = |place: &str| {
        let outer = place.match_indices('/').filter_map(|(end, _)| place.get(..end));
        outer.chain([place]).any(|outer| corrected.contains(outer))
    };
    for place in places.into_iter().filter(|place| !is_corrected(place)) {
        let (was, is) = (before.get(place).unwrap_or(&nothing), now.get(place).unwrap_or(&nothing));
        departures(place, was, is, &mut |departure| {
            if departure.place == "/servers/0/url" {
                return;
            }
            let (level, kind) = about_level(departure);
            diff.add_as(level, Subject::Document, kind, says(departure, ""));
        });
    }
}

/// How severe a change is of what the document says apart from its operations, and its kind.
fn about_level(Departure { place, was, is }: &Departure<'_>) -> (Level, ChangeKind) {
    let steps: Vec<&str> = place.split('/').collect();
    let extension = steps.iter().find(|step| step.starts_with("x-"));
    let is_word = steps.last().is_some_and(|last| is_word(last)) || extension.is_some();
    if place.starts_with("/components/securitySchemes/") && !is_word && !place.ends_with("/bearerFormat") {
        let level = if was.is_none() { Level::Additive } else { Level::Breaking };
        return (level, ChangeKind::SecurityChanged);
    }
    let is_bound = extension.is_some_and(|step| limits::tells_a_bound(step) || limits::is_lowered(*was, *is));
    match if is_bound { Level::Breaking } else { words_level(*was, *is) } {
        Level::Cosmetic => (Level::Cosmetic, ChangeKind::TextChanged),
        level => (level, ChangeKind::LimitChanged),
    }
}

fn says(Departure { place, was, is }: &Departure<'_>, question: &str) -> Phrase {
    let (says, place) = (format!("says {}", instead(*was, *is)), pointer(place));
    Phrase { what: format!("{says} at {place}{question}"), cause: format!("{says}{question}"), place }
}

/// Calls `add` with each place at which two records differ.
fn departures(place: &str, was: &Json, is: &Json, add: &mut impl FnMut(&Departure<'_>)) {
    if was == is {
        return;
    }
    let mut at = |place: &str, was: Option<&Json>, is: Option<&Json>| {
        let (was, is) = (was.and_then(said), is.and_then(said));
        add(&Departure { place, was: was.as_deref(), is: is.as_deref() });
    };
    let (Some(before), Some(now)) = (was.as_object(), is.as_object()) else { return at(place, Some(was), Some(is)) };
    for (part, was) in before {
        if let Some(is) = now.get(part).filter(|is| *is != was) {
            at(&format!("{place}{part}"), Some(was), Some(is));
        }
    }
    for (part, was) in only_in(before, now) {
        at(&format!("{place}{part}"), Some(&was), None);
    }
    for (part, is) in only_in(now, before) {
        at(&format!("{place}{part}"), None, Some(&is));
    }
}

/// The parts that only one of two records has: what is missing in the other as a whole is one part.
fn only_in(here: &Map<String, Json>, there: &Map<String, Json>) -> BTreeMap<String, Json> {
    let known = around(there);
    let mut parts: BTreeMap<String, Json> = BTreeMap::new();
    for (part, value) in here.iter().filter(|(part, _)| !there.contains_key(*part)) {
        let outer = part.match_indices('/').filter_map(|(end, _)| part.get(..end)).filter(|outer| !outer.is_empty());
        let outermost = outer.chain([part.as_str()]).find(|outer| !known.contains(outer)).unwrap_or(part);
        match part.strip_prefix(outermost).filter(|inner| !inner.is_empty()) {
            None => drop(parts.insert(part.clone(), value.clone())),
            Some(inner) => {
                let all = parts.entry(outermost.to_owned()).or_insert_with(|| Map::new().into());
                all.as_object_mut().into_iter().for_each(|all| drop(all.insert(inner.to_owned(), value.clone())));
            }
        }
    }
    parts
}

/// Whether the document says nothing there.
fn is_nothing(recorded: Option<&Json>) -> bool {
    recorded.is_some_and(|recorded| recorded == NOTHING)
}

/// The places that contain others.
fn around(all: &Map<String, Json>) -> HashSet<&str> {
    all.keys().flat_map(|place| place.match_indices('/').filter_map(|(end, _)| place.get(..end))).collect()
}

/// Whether a place is in a part that is missing as a whole in the other document.
fn missing_around(place: &str, other: &Map<String, Json>) -> bool {
    place.match_indices('/').any(|(end, _)| is_nothing(place.get(..end).and_then(|outer| other.get(outer))))
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
pub(super) fn place(path: &str, method: &str) -> String {
    join(&join("/paths", path), &method.to_lowercase())
}

/// The operation or the component that a pointer points into: its first three steps.
fn outer(pointer: &str) -> &str {
    let end = pointer.match_indices('/').nth(3).map_or(pointer.len(), |(end, _)| end);
    pointer.get(..end).unwrap_or_default()
}

/// The pointers by the operation or the component that they point into.
fn by_place<'a>(pointers: impl Iterator<Item = &'a String>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for pointer in pointers {
        places.entry(outer(pointer)).or_default().push(pointer);
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
pub(super) fn replaced(old: &Json, new: &Json, mut add: impl FnMut(&str, &str, Level, String)) {
    let (Some(before), Some(now)) = (members(old, "replaced"), members(new, "replaced")) else { return };
    for (argument, was) in before {
        for (keyword, was) in was.as_object().into_iter().flatten() {
            if let Some(is) = now.get(argument).and_then(|now| now.get(keyword)).filter(|is| *is != was) {
                let instead = instead(said(was).as_deref(), said(is).as_deref());
                let level = match level(keyword) {
                    Level::Cosmetic => words_level(said(was).as_deref(), said(is).as_deref()),
                    level => level,
                };
                add(argument, keyword, level, format!("has the `{keyword}` {instead} for {}, {QUESTION}", literal(argument)));
            }
        }
    }
}

fn members<'a>(of: &'a Json, key: &str) -> Option<&'a Map<String, Json>> {
    of.get(key)?.as_object()
}

/// What is recorded, as text, if it is anything.
fn said(recorded: &Json) -> Option<String> {
    let value = |of: &Json| of.as_str().unwrap_or_default().to_owned();
    let part = |(part, of): (&String, &Json)| format!("{} {}", part.trim_start_matches('/'), value(of));
    match recorded.as_object() {
        Some(parts) => Some(parts.iter().map(part).collect::<Vec<_>>().join(", ")),
        None => Some(value(recorded)).filter(|value| value != NOTHING),
    }
}

/// A text and an extension are cosmetic; anything else may break the correction.
fn level(place: &str) -> Level {
    let mut steps = place.rsplit('/');
    let keyword = steps.next().unwrap_or(place);
    // a property may be called so, too
    let is_property = steps.next() == Some("properties");
    if !is_property
        && (keyword.starts_with("x-")
            || matches!(keyword, "deprecated" | "description" | "summary" | "title" | "example" | "examples"))
    {
        Level::Cosmetic
    } else {
        Level::Breaking
    }
}
