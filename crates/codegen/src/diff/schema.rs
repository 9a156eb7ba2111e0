//! Compares two JSON Schemas: whether the newer one allows fewer, more or other values.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value as Json};

use super::words::exact;
use super::{ChangeKind, Level, instead, literal};

/// A change of a schema or of one of its inner schemas.
#[derive(Debug)]
pub(super) struct SchemaChange {
    /// `None` for the usual level of its kind
    pub(super) level: Option<Level>,
    pub(super) kind: ChangeKind,
    /// such as `filters[].key`; empty for the schema itself
    pub(super) path: String,
    /// a phrase that follows the path
    pub(super) what: String,
}

/// Keywords with texts for people and assistants.
const TEXTS: [&str; 6] = ["title", "description", "examples", "example", "$comment", "deprecated"];
/// Lower bounds: a higher one allows fewer values.
const LOWER: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
/// Upper bounds: a lower one allows fewer values.
const UPPER: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
/// Keywords that restrict a value by their presence.
const DEMANDS: [&str; 4] = ["pattern", "format", "multipleOf", "uniqueItems"];
const CHOICES: [&str; 2] = ["anyOf", "oneOf"];

/// The schema that arguments are checked against; assistants may see a shortened one.
pub(super) fn whole(tool: &Json) -> &Json {
    tool.get("fullInputSchema").or_else(|| tool.get("inputSchema")).unwrap_or(&Json::Null)
}

/// All changes between two schemas.
pub(super) fn compare(old: &Json, new: &Json) -> Vec<SchemaChange> {
    let mut found = Vec::new();
    node("", old, new, &mut found);
    found
}

/// All changes between the schemas at a key of two objects, either of which may be missing.
pub(super) fn compare_at(old: &Json, new: &Json, key: &str) -> Vec<SchemaChange> {
    let none = Json::Null;
    compare(old.get(key).unwrap_or(&none), new.get(key).unwrap_or(&none))
}

fn node(path: &str, old: &Json, new: &Json, found: &mut Vec<SchemaChange>) {
    if old == new {
        return;
    }
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        let (kind, what) = match (old, new) {
            (Json::Bool(false), _) | (_, Json::Bool(true)) => (ChangeKind::Widened, "takes more"),
            (_, Json::Bool(false)) | (Json::Bool(true), _) => (ChangeKind::Narrowed, "takes less"),
            _ => (ChangeKind::Retyped, "is of another kind"),
        };
        return say(path, kind, what, found);
    };
    keywords(path, old, new, found);
    // nothing inside of a value of another type is the same
    let kinds = |of: &'_ Map<String, Json>| of.get("type").map(|kind| set(kind).into_iter().cloned().collect::<Vec<_>>());
    if let (Some(before), Some(now)) = (kinds(old), kinds(new))
        && !before.iter().any(|kind| now.contains(kind))
    {
        return;
    }
    properties(path, old, new, found);
    if let (Some(old), Some(new)) = (old.get("items"), new.get("items")) {
        node(&format!("{path}[]"), old, new, found);
    }
    additional(path, old, new, found);
    for key in CHOICES {
        if let (Some(Json::Array(old)), Some(Json::Array(new))) = (old.get(key), new.get(key)) {
            choices(path, old, new, found);
        }
    }
}

fn say(path: &str, kind: ChangeKind, what: impl Into<String>, found: &mut Vec<SchemaChange>) {
    found.push(SchemaChange { level: None, kind, path: path.to_owned(), what: what.into() });
}

/// Compares the keywords that apply to the value itself.
fn keywords(path: &str, old: &Map<String, Json>, new: &Map<String, Json>, found: &mut Vec<SchemaChange>) {
    let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    for key in keys {
        let (before, now) = (old.get(key), new.get(key));
        if before == now {
            continue;
        }
        match key.as_str() {
            key if [before, now].into_iter().flatten().any(|stated| !is_well_formed(key, stated)) => {
                say(path, ChangeKind::Retyped, format!("has another `{key}`"), found);
            }
            "properties" | "required" | "additionalProperties" => {}
            "items" | "anyOf" | "oneOf" if before.is_some() && now.is_some() => {}
            // the change of the type implies the change of `items`
            "items" if is_list(old) != is_list(new) => {}
            "type" | "enum" | "const" => sets(path, key, before, now, found),
            "default" => {
                let what = format!("defaults to {} instead of {}", value(now), value(before));
                say(path, ChangeKind::DefaultChanged, what, found);
            }
            key if TEXTS.contains(&key) => {
                let what = format!("has the `{key}` {}", instead(plain(before).as_deref(), plain(now).as_deref()));
                say(path, ChangeKind::TextChanged, what, found);
            }
            key if LOWER.contains(&key) => bound(path, key, before, now, false, found),
            key if UPPER.contains(&key) => bound(path, key, before, now, true, found),
            key if DEMANDS.contains(&key) || CHOICES.contains(&key) || key == "items" => {
                let kind = ChangeKind::of_restriction(before.is_some(), now.is_some());
                say(
                    path,
                    kind,
                    format!("has {} {}", literal(key), instead(plain(before).as_deref(), plain(now).as_deref())),
                    found,
                );
            }
            key => {
                let what = format!("has {} {}", literal(key), instead(plain(before).as_deref(), plain(now).as_deref()));
                say(path, ChangeKind::Retyped, what, found);
            }
        }
    }
}

/// Whether a keyword has a value of the expected type.
fn is_well_formed(key: &str, stated: &Json) -> bool {
    match key {
        "properties" => stated.is_object(),
        "required" => stated.as_array().is_some_and(|names| names.iter().all(Json::is_string)),
        key if CHOICES.contains(&key) => stated.is_array(),
        _ => true,
    }
}

/// Whether a schema allows only lists.
fn is_list(schema: &Map<String, Json>) -> bool {
    schema.get("type").is_some_and(|kind| kind == "array")
}

/// Compares sets: types and enum values.
fn sets(path: &str, key: &str, before: Option<&Json>, now: Option<&Json>, found: &mut Vec<SchemaChange>) {
    let what = if key == "type" { "type" } else { "value" };
    let (Some(before), Some(now)) = (before, now) else {
        let kind = if before.is_none() { ChangeKind::Narrowed } else { ChangeKind::Widened };
        let values = set(before.or(now).unwrap_or(&Json::Null)).into_iter().map(|item| value(Some(item))).collect::<Vec<_>>();
        let only = if kind == ChangeKind::Narrowed { "takes only" } else { "takes no longer only" };
        return say(path, kind, format!("{only} the {what} {}", values.join(", ")), found);
    };
    let (before, now) = (set(before), set(now));
    // every integer is a number
    let covers = |all: &[&Json], one: &Json| {
        all.contains(&one) || (key == "type" && one == "integer" && all.iter().any(|kind| *kind == "number"))
    };
    let list = |from: &[&Json], other: &[&Json], shown: fn(Option<&Json>) -> String| {
        from.iter().filter(|one| !covers(other, one)).map(|one| shown(Some(one))).collect::<Vec<_>>().join(", ")
    };
    let (mut removed, mut added) = (list(&before, &now, value), list(&now, &before, value));
    if removed == added {
        (removed, added) = (list(&before, &now, exact_value), list(&now, &before, exact_value));
    }
    let (kind, words) = match (removed.is_empty(), added.is_empty()) {
        (true, false) => (ChangeKind::Widened, format!("takes the {what} {added} too")),
        (false, true) => (ChangeKind::Narrowed, format!("no longer takes the {what} {removed}")),
        (false, false) => (ChangeKind::Retyped, format!("takes the {what} {added} and no longer {removed}")),
        // `integer` adds nothing to `number`
        (true, true) if before.len() != now.len() => (ChangeKind::TextChanged, format!("names the {what} differently")),
        (true, true) => return,
    };
    say(path, kind, words, found);
}

fn set(of: &Json) -> Vec<&Json> {
    of.as_array().map_or_else(|| vec![of], |items| items.iter().collect())
}

fn bound(path: &str, key: &str, before: Option<&Json>, now: Option<&Json>, is_upper: bool, found: &mut Vec<SchemaChange>) {
    let number = |json: Option<&Json>| json.and_then(Json::as_number).cloned();
    // a length of at least 0 says nothing
    let says_nothing = |json: Option<&Json>| json.is_none_or(|least| key.starts_with("min") && key != "minimum" && *least == 0);
    let kind = match (number(before), number(now)) {
        _ if says_nothing(before) && says_nothing(now) => ChangeKind::TextChanged,
        (Some(_), None) => ChangeKind::Widened,
        (Some(before), Some(now)) => match order(&now, &before) {
            Some(Ordering::Less) if is_upper => ChangeKind::Narrowed,
            Some(Ordering::Greater) if !is_upper => ChangeKind::Narrowed,
            Some(Ordering::Equal) => ChangeKind::TextChanged,
            _ => ChangeKind::Widened,
        },
        (None, Some(_)) => ChangeKind::Narrowed,
        (None, None) => ChangeKind::Retyped,
    };
    let words = match (before, now) {
        (Some(_), None) => format!("has no `{key}` any more, which was {}", value(before)),
        (None, Some(_)) => format!("has the `{key}` {} and had none", value(now)),
        _ => format!("has the `{key}` {} instead of {}", value(now), value(before)),
    };
    say(path, kind, words, found);
}

/// Compares integers exactly: as `f64`, neighbours above 2^53 are equal.
fn order(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

fn properties(path: &str, old: &Map<String, Json>, new: &Map<String, Json>, found: &mut Vec<SchemaChange>) {
    let (none, no_names) = (Map::new(), Vec::new());
    let members =
        |of: &'_ Map<String, Json>| of.get("properties").and_then(Json::as_object).cloned().unwrap_or_else(|| none.clone());
    let (before, now) = (members(old), members(new));
    let needs = |of: &'_ Map<String, Json>| -> Vec<String> {
        let names = of.get("required").and_then(Json::as_array).unwrap_or(&no_names);
        names.iter().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let (needed, needs) = (needs(old), needs(new));
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };

    let removed: Vec<&String> = before.keys().filter(|name| !now.contains_key(*name)).collect();
    let added: Vec<&String> = now.keys().filter(|name| !before.contains_key(*name)).collect();
    let renamed = renames(&before, &removed, &now, &added);
    for (from, to) in &renamed {
        say(&at(to), ChangeKind::ArgumentRenamed, format!("was called {} before", literal(&at(from))), found);
        if let (Some(before), Some(now)) = (before.get(*from), now.get(*to)) {
            node(&at(to), before, now, found);
        }
        necessity(&at(to), needed.contains(from), needs.contains(to), found);
    }
    for name in removed.into_iter().filter(|name| !renamed.iter().any(|(from, _)| from == name)) {
        let kind = if needed.contains(name) { ChangeKind::RequiredArgumentRemoved } else { ChangeKind::ArgumentRemoved };
        say(&at(name), kind, "was removed", found);
    }
    for name in added.into_iter().filter(|name| !renamed.iter().any(|(_, to)| to == name)) {
        let is_needed = needs.contains(name);
        let kind = if is_needed { ChangeKind::RequiredArgumentAdded } else { ChangeKind::ArgumentAdded };
        let default = now.get(name).and_then(|schema| schema.get("default"));
        let default =
            default.map(|default| format!(", and is {} where it is left out", value(Some(default)))).unwrap_or_default();
        let took_any = old.get("additionalProperties").is_some_and(|open| *open == true) && is_restricted(now.get(name));
        let what = match (is_needed, took_any) {
            (true, _) => "is new and required".to_owned(),
            (false, true) => format!("is declared now, where any value was taken{default}"),
            (false, false) => format!("is new{default}"),
        };
        found.push(SchemaChange { level: took_any.then_some(Level::Breaking), kind, path: at(name), what });
    }
    for (name, now) in &now {
        if let Some(before) = before.get(name) {
            node(&at(name), before, now, found);
            necessity(&at(name), needed.contains(name), needs.contains(name), found);
        }
    }
    // required names without a property
    let loose = |all: &[String]| {
        let mut names: Vec<_> =
            all.iter().filter(|name| !before.contains_key(*name) && !now.contains_key(*name)).cloned().collect();
        names.sort();
        names
    };
    if loose(&needed) != loose(&needs) {
        say(path, ChangeKind::Retyped, "requires other names", found);
    }
}

fn necessity(path: &str, was: bool, is: bool, found: &mut Vec<SchemaChange>) {
    match (was, is) {
        (false, true) => say(path, ChangeKind::BecameRequired, "is required now", found),
        (true, false) => say(path, ChangeKind::BecameOptional, "may be left out now", found),
        _ => {}
    }
}

/// Whether a schema does not allow every value.
fn is_restricted(schema: Option<&Json>) -> bool {
    let types = schema.and_then(|schema| schema.get("type")).and_then(Json::as_array);
    types.is_none_or(|types| types.len() < 6)
}

/// Pairs removed with added properties. A removed and an added property are treated as one renamed property if their schemas
/// match and match no other candidate. Texts and the default may differ, since the overlay may have set them. A simple schema,
/// such as that of a plain string, identifies nothing, so its texts and its default have to be equal as well.
fn renames<'a>(
    before: &Map<String, Json>,
    removed: &[&'a String],
    now: &Map<String, Json>,
    added: &[&'a String],
) -> Vec<(&'a String, &'a String)> {
    let alike = |from: &str, to: &str| match (before.get(from), now.get(to)) {
        (Some(from), Some(to)) => from == to || is_telling(from) && without_words(from) == without_words(to),
        _ => false,
    };
    let pairs = |from: &&'a String| -> Vec<&'a String> { added.iter().copied().filter(|to| alike(from, to)).collect() };
    removed
        .iter()
        .filter_map(|from| match pairs(from).as_slice() {
            [to] if removed.iter().filter(|other| alike(other, to)).count() == 1 => Some((*from, *to)),
            _ => None,
        })
        .collect()
}

/// Whether a schema, without its texts and its default, has enough keywords to identify a property.
fn is_telling(schema: &Json) -> bool {
    without_words(schema).as_object().is_some_and(|members| members.len() > 2)
}

fn without_words(schema: &Json) -> Json {
    let Some(members) = schema.as_object() else { return schema.clone() };
    let is_word = |key: &str| key == "default" || TEXTS.contains(&key);
    members.iter().filter(|(key, _)| !is_word(key)).map(|(key, member)| (key.clone(), member.clone())).collect()
}

/// Compares `additionalProperties`: without this keyword, an object allows any further property.
fn additional(path: &str, old: &Map<String, Json>, new: &Map<String, Json>, found: &mut Vec<SchemaChange>) {
    let everything = Json::Bool(true);
    let (before, now) = (old.get("additionalProperties"), new.get("additionalProperties"));
    if before.unwrap_or(&everything) != now.unwrap_or(&everything) {
        node(&format!("{path}.*"), before.unwrap_or(&everything), now.unwrap_or(&everything), found);
    }
}

/// Compares alternatives. Those that both schemas have are ignored; if one is left on each side, these two are compared.
fn choices(path: &str, old: &[Json], new: &[Json], found: &mut Vec<SchemaChange>) {
    let removed: Vec<&Json> = old.iter().filter(|choice| !new.contains(choice)).collect();
    let added: Vec<&Json> = new.iter().filter(|choice| !old.contains(choice)).collect();
    match (removed.as_slice(), added.as_slice()) {
        ([before], [now]) => node(path, before, now, found),
        ([], []) => {}
        ([], more) => say(path, ChangeKind::Widened, format!("takes {} more alternatives", more.len()), found),
        (less, []) => say(path, ChangeKind::Narrowed, format!("takes {} fewer alternatives", less.len()), found),
        _ => say(path, ChangeKind::Retyped, "takes other alternatives", found),
    }
}

/// A text, or another value as JSON.
fn plain(json: Option<&Json>) -> Option<String> {
    json.map(|json| json.as_str().map_or_else(|| json.to_string(), str::to_owned))
}

/// A value with its invisible characters escaped.
fn exact_value(json: Option<&Json>) -> String {
    plain(json).map_or_else(|| "nothing".to_owned(), |text| exact(&text))
}

/// A value as text for a sentence.
fn value(json: Option<&Json>) -> String {
    match json {
        None => "nothing".to_owned(),
        Some(Json::String(text)) => literal(text),
        Some(other) => literal(&other.to_string()),
    }
}
