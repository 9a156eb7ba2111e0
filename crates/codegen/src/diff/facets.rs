//! Compares what the documents declare and the tools do not show: patterns, deprecation, limits that are told in words, examples.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::structure::Told;
use super::{ChangeKind, Level, Phrase, instead, limits, literal, paging, response, schema, structure};
use crate::names::DROPPED;
use crate::tree::tokens;

type Facets = Map<String, Json>;

/// Calls `add` with each change. A given level replaces the usual one of the change's kind.
pub(super) fn compare(old: &Json, new: &Json, told: &mut Told, mut add: impl FnMut(Option<Level>, ChangeKind, Phrase)) {
    // older locks do not record them
    let (Some(before), Some(now)) = (facets(old), facets(new)) else { return };
    let places: BTreeSet<&String> =
        before.keys().chain(now.keys()).filter(|place| before.get(*place) != now.get(*place)).collect();
    let none = Facets::new();
    let (fields_before, fields_now) = (Fields::of(old), Fields::of(new));
    // what is new or gone as a whole is told as such
    let is_in_both = |place: &str| is_there(old, &fields_before, place) && is_there(new, &fields_now, place);
    for place in places.into_iter().filter(|place| is_in_both(place)) {
        let at = |of: &'_ Facets| of.get(place).and_then(Json::as_object).unwrap_or(&none).clone();
        let (before, now) = (at(before), at(now));
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        for name in names.into_iter().filter(|name| before.get(*name) != now.get(*name)) {
            let stated = |of: &'_ Facets| of.get(name).and_then(Json::as_str).map(str::to_owned);
            let (mut level, kind, mut words) = change(place, name, stated(&before).as_deref(), stated(&now).as_deref());
            let header = place.strip_prefix("/headers/").filter(|header| paging::is_link(header));
            if header.is_some() && before.is_empty() && !paging::is_paged(old) {
                level = Some(Level::Breaking);
                words += ", and may lead to a next page, which the tool does not know";
            }
            let is_promise = matches!(name.as_str(), "required" | "closed" | "status");
            let level = if place.starts_with("/response") && !is_promise { Some(Level::Cosmetic) } else { level };
            // what is inside of an argument of another type is told with it
            if kind == ChangeKind::TextChanged && [old, new].iter().any(|tool| told.is_retyped(tool, place)) {
                continue;
            }
            // a text with a number that is no limit is told as a text, unless the tool has another one
            let sentences = [stated(&before), stated(&now)].into_iter().flatten().collect::<Vec<_>>().join(" | ");
            if name == "limits"
                && level == Some(Level::Cosmetic)
                && !limits::states_one(&sentences)
                && ![old, new].iter().any(|tool| structure::is_replaced(tool, place))
            {
                continue;
            }
            told.facet(old, place, name, kind);
            told.facet(new, place, name, kind);
            add(level, kind, phrase(place, &words));
        }
    }
}

fn facets(tool: &Json) -> Option<&Facets> {
    tool.get("facets")?.as_object()
}

fn change(place: &str, name: &str, before: Option<&str>, now: Option<&str>) -> (Option<Level>, ChangeKind, String) {
    let instead = instead(before, now);
    let is_new = now.is_some();
    let is_more = times(now) > times(before);
    match name {
        "pattern" => {
            let kind = ChangeKind::of_restriction(before.is_some(), is_new);
            let checked = if place.starts_with("/response") { "" } else { ", which only the API checks" };
            (None, kind, format!("has the pattern {instead}{checked}"))
        }
        "deprecated" if before.is_some() && is_new => {
            let (kind, words) = if is_more { (ChangeKind::Deprecated, "more") } else { (ChangeKind::Undeprecated, "fewer") };
            (None, kind, format!("is deprecated in {words} of its alternatives"))
        }
        "deprecated" if is_new => (None, ChangeKind::Deprecated, "is deprecated now".to_owned()),
        "deprecated" => (None, ChangeKind::Undeprecated, "is no longer deprecated".to_owned()),
        "sunset" => (None, ChangeKind::SunsetChanged, format!("announces its end as {instead}")),
        "limits" => {
            let words = format!("has a limit in its description, {instead}; does the tool's text still fit?");
            (Some(limits::level(before.unwrap_or_default(), now.unwrap_or_default())), ChangeKind::LimitChanged, words)
        }
        "description" => (None, ChangeKind::TextChanged, format!("is described in the document as {instead}")),
        "allowReserved" => {
            let words = if is_more { "may" } else { "may no longer" };
            (None, ChangeKind::RequestChanged, format!("{words} be sent with reserved characters as they are, which are encoded"))
        }
        "example" => (None, ChangeKind::TextChanged, format!("has the example {instead}")),
        // how the parts of a form are to be sent
        "encoding" => (Some(Level::Breaking), ChangeKind::RequestChanged, format!("has the encoding {instead}")),
        // the API may answer with any of the statuses that it declares
        "response" if place.starts_with("/answers") => (
            None,
            ChangeKind::OtherChanged,
            format!("is declared as {instead} in the document, and the tool has another response"),
        ),
        "declaration" => {
            (None, ChangeKind::OtherChanged, format!("is declared as {instead} in the document, and the server sets it"))
        }
        "header" | "response" => (Some(Level::Cosmetic), ChangeKind::OtherChanged, format!("is {instead} in the document")),
        "demands" => {
            let kind = if is_new { ChangeKind::Narrowed } else { ChangeKind::Widened };
            (None, kind, format!("requires {instead}, which the document does not declare"))
        }
        "anyOf" | "oneOf" => {
            let kind = ChangeKind::of_restriction(before.is_some(), is_new);
            (None, kind, format!("requires one of {instead}, which only the API checks"))
        }
        "mediaTypes" => {
            (Some(Level::Cosmetic), ChangeKind::OtherChanged, format!("has the media types {instead} in the document"))
        }
        "required" if is_more => (None, ChangeKind::ResponseNarrowed, "is always there now".to_owned()),
        "required" => (None, ChangeKind::ResponseWidened, "may be absent now".to_owned()),
        "closed" if is_more => {
            (None, ChangeKind::ResponseFieldRemoved, "has no fields any more that the document does not name".to_owned())
        }
        "closed" => (None, ChangeKind::ResponseFieldAdded, "may have fields that the document does not name".to_owned()),
        "status" => {
            let is_accepted = |statuses: Option<&str>| statuses.is_some_and(|statuses| statuses.contains("202"));
            // 202 says that the call has not been carried out yet (RFC 9110, section 15.3.3)
            let level = if is_accepted(before) == is_accepted(now) { Level::Cosmetic } else { Level::Breaking };
            (Some(level), ChangeKind::ResponseChanged, format!("has the status {instead}"))
        }
        "readOnly" | "writeOnly" => {
            let is = if is_more { "is" } else { "is no longer" };
            (Some(Level::Cosmetic), ChangeKind::OtherChanged, format!("{is} {} in the document", literal(name)))
        }
        other => {
            let is_of_argument = !place.is_empty() && !place.starts_with("/response") && !place.starts_with("/path");
            let is_request = !place.starts_with("/response") && !place.starts_with("/errors");
            let is_lost = other.starts_with("x-") && loses_values(before, now);
            let is_lower = other.starts_with("x-") && is_request && limits::is_lowered(before, now);
            let is_breaking = limits::tells_a_bound(other)
                || is_lower
                || (is_of_argument && (is_lost || CHECKED_BY_THE_API.contains(&as_stated(other))));
            let level = if is_breaking { Level::Breaking } else { Level::Cosmetic };
            (Some(level), ChangeKind::OtherChanged, format!("has {} {instead} in the document", literal(as_stated(other))))
        }
    }
}

/// How often a switch is on: several alternatives may describe one place.
fn times(stated: Option<&str>) -> usize {
    let Some(stated) = stated else { return 0 };
    stated.strip_prefix("true (").and_then(|rest| rest.strip_suffix(" times)")?.parse().ok()).unwrap_or(1)
}

/// Keywords of arguments that only the API checks.
const CHECKED_BY_THE_API: [&str; 17] = [
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "patternProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentEncoding",
    "contentMediaType",
    "minProperties",
    "maxProperties",
];

/// A keyword as the document has it.
fn as_stated(keyword: &str) -> &str {
    keyword.strip_prefix(DROPPED).unwrap_or(keyword)
}

/// Whether a list of an extension, such as the known values of an argument, has values no longer.
fn loses_values(before: Option<&str>, now: Option<&str>) -> bool {
    let list = |stated: Option<&str>| serde_json::from_str::<Vec<Json>>(stated?).ok();
    match (list(before), list(now)) {
        (Some(before), Some(now)) => before.iter().any(|value| !now.contains(value)),
        _ => false,
    }
}

/// A phrase about a place, such as `/query size` or `/response/apps/[]/id`.
fn phrase(place: &str, words: &str) -> Phrase {
    if place.is_empty() {
        return Phrase::from(words);
    }
    let path = response::called(place);
    Phrase { what: format!("{path} {words}"), cause: words.to_owned(), place: path }
}

/// Whether a tool has the argument or the field at a place.
fn is_there(tool: &Json, fields: &Fields<'_>, place: &str) -> bool {
    let tokens = tokens(place).unwrap_or_default();
    let Some((first, rest)) = tokens.split_first() else { return true };
    match (first.as_str(), rest) {
        ("errors" | "answers" | "headers" | "ignored" | "path", _) => true,
        ("response", _) => fields.has(place.trim_start_matches("/response")),
        ("body", []) => tool.pointer("/request/body").is_some_and(Json::is_string),
        // a whole body is not read as deep as this
        ("body", [name, rest @ ..]) => structure::whole_body(tool).is_some() || has_argument(tool, "body", name, rest),
        (parameter, rest) => {
            let (sent_in, name) = parameter.split_once(' ').unwrap_or((parameter, ""));
            has_argument(tool, sent_in, name, rest)
        }
    }
}

/// The fields of a tool's response, in order; `None` if they are not listed.
struct Fields<'a>(Option<BTreeSet<&'a str>>);

impl<'a> Fields<'a> {
    fn of(tool: &'a Json) -> Self {
        let all = tool.get("responseFields").and_then(Json::as_object);
        let all = all.map(|all| all.keys().map(String::as_str).collect::<BTreeSet<_>>());
        // a large response has one entry for all of them
        Self(all.filter(|all| !all.contains("")))
    }

    fn has(&self, pointer: &str) -> bool {
        let Some(all) = self.0.as_ref().filter(|_| !pointer.is_empty()) else { return true };
        // a list is returned as the member `items`
        [pointer.to_owned(), format!("/items{pointer}")].iter().any(|pointer| {
            let below = format!("{pointer}/");
            all.contains(pointer.as_str()) || all.range(below.as_str()..).next().is_some_and(|next| next.starts_with(&below))
        })
    }
}

fn has_argument(tool: &Json, sent_in: &str, wire: &str, inner: &[String]) -> bool {
    let Some(argument) = structure::argument(tool, sent_in, wire) else { return false };
    // assistants may see a shortened schema, and a hidden argument has none here
    let schema = schema::whole(tool).get("properties").and_then(|properties| properties.get(argument));
    schema.is_none_or(|schema| has_member(schema, inner))
}

fn has_member(schema: &Json, inner: &[String]) -> bool {
    let Some((first, rest)) = inner.split_first() else { return true };
    let next = match first.as_str() {
        "[]" => schema.get("items"),
        "*" => schema.get("additionalProperties"),
        name => schema.get("properties").and_then(|properties| properties.get(name)),
    };
    // alternatives are not searched
    schema.get("anyOf").is_some() || next.is_some_and(|next| has_member(next, rest))
}
