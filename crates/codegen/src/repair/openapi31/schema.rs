//! Rewrites one schema, whose inner schemas are already rewritten.

use crate::names::DROPPED;
use crate::repair::Repair;
use crate::tree::{Members, Node, Span, Value};

/// Keywords that only apply to values of one type: if a list of types becomes a choice, each alternative takes those of its type.
const OF_TYPE: [(&str, &[&str]); 5] = [
    ("string", &["minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"]),
    ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"]),
    ("integer", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"]),
    ("array", &["items", "minItems", "maxItems", "uniqueItems"]),
    ("object", &["properties", "required", "additionalProperties", "minProperties", "maxProperties", "discriminator"]),
];

/// Rewrites some keywords if they are present, and returns a description of the change.
type Step = fn(&mut Members, Span) -> Option<&'static str>;

/// Rewrites the schema, one keyword after the other, and records the changes.
pub(super) fn lower(schema: &mut Node, pointer: &str, repairs: &mut Vec<Repair>) {
    let span = schema.span;
    if let Value::Bool(all) = schema.value {
        // `additionalProperties` has these two forms in 3.0 as well
        if !pointer.ends_with("/additionalProperties") && !pointer.ends_with("/unevaluatedProperties") {
            let not = ("not".to_owned(), Node::new(span, Value::Object(Members::new())));
            schema.value = Value::Object(if all { Members::new() } else { Members::from_iter([not]) });
            record(
                repairs,
                "lower-boolean-schema",
                pointer,
                if all { "`true` allows everything" } else { "`false` allows nothing" },
            );
        }
        return;
    }
    let Some(members) = schema.members_mut() else { return };
    let steps: [(&'static str, Step); 10] = [
        ("lower-const", constant),
        ("lower-examples", examples),
        ("lower-bounds", bounds),
        ("lower-content", content),
        ("lower-tuple", tuple),
        ("lower-pattern-properties", pattern_properties),
        ("lower-conditional-properties", conditional_properties),
        ("lower-unevaluated-properties", unevaluated_properties),
        ("lower-type", types),
        ("lower-null-choice", null_choice),
    ];
    for (name, step) in steps {
        if let Some(what) = step(members, span) {
            record(repairs, name, pointer, what);
        }
    }
    if drop_impossible(members) {
        record(repairs, "drop-impossible", pointer, "what allows nothing was left out");
    }
}

fn record(repairs: &mut Vec<Repair>, name: &'static str, pointer: &str, what: &str) {
    repairs.push(Repair { name, pointer: pointer.to_owned(), what: what.to_owned() });
}

fn list(span: Span, items: Vec<Node>) -> Node {
    Node::new(span, Value::Array(items))
}

fn truth(span: Span, truth: bool) -> Node {
    Node::new(span, Value::Bool(truth))
}

fn object(span: Span, members: impl IntoIterator<Item = (String, Node)>) -> Node {
    Node::new(span, Value::Object(members.into_iter().collect()))
}

fn constant(schema: &mut Members, span: Span) -> Option<&'static str> {
    let value = schema.shift_remove("const")?;
    schema.insert("enum".to_owned(), list(span, vec![value]));
    Some("`const` read as an `enum` of one value")
}

fn examples(schema: &mut Members, _: Span) -> Option<&'static str> {
    schema.get("examples")?.items()?;
    let Value::Array(examples) = schema.shift_remove("examples")?.value else { return None };
    let first = examples.into_iter().next();
    if let Some(first) = first.filter(|_| !schema.contains_key("example")) {
        schema.insert("example".to_owned(), first);
    }
    Some("the first of `examples` read as `example`")
}

/// `exclusiveMinimum: 5` becomes `minimum: 5, exclusiveMinimum: true`, unless `minimum` is stricter.
fn bounds(schema: &mut Members, span: Span) -> Option<&'static str> {
    let mut done = None;
    for (exclusive, inclusive, direction) in [("exclusiveMinimum", "minimum", 1.0), ("exclusiveMaximum", "maximum", -1.0)] {
        let number = |node: &Node| match &node.value {
            Value::Number(number) => number.as_f64(),
            _ => None,
        };
        let Some(limit) = schema.get(exclusive).and_then(number) else { continue };
        let other = schema.get(inclusive).and_then(number);
        let bound = schema.shift_remove(exclusive)?;
        if other.is_none_or(|other| limit * direction >= other * direction) {
            schema.insert(inclusive.to_owned(), bound);
            schema.insert(exclusive.to_owned(), truth(span, true));
        }
        done = Some("an exclusive bound written as a number read as a bound and a switch");
    }
    done
}

/// Takes a keyword out that 3.0 does not have. A review still has to see it, so it stays as an extension.
fn drop_keyword(schema: &mut Members, keyword: &str) {
    if let Some(stated) = schema.shift_remove(keyword) {
        schema.insert(format!("{DROPPED}{keyword}"), stated);
    }
}

/// OpenAPI 3.0 describes bytes by `format`. It has no keyword for other encoded content, so only the type remains.
fn content(schema: &mut Members, span: Span) -> Option<&'static str> {
    let text = |key: &str| schema.get(key).and_then(Node::text).map(str::to_ascii_lowercase);
    let (encoding, media) = (text("contentEncoding"), text("contentMediaType"));
    let is_text = |media: &str| media.starts_with("text/") || ["json", "xml", "yaml"].iter().any(|kind| media.ends_with(kind));
    let format = match (encoding.as_deref(), media.as_deref()) {
        (None, None) => return None,
        (Some("base64" | "base64url"), _) => Some("byte"),
        (None, Some(media)) if !is_text(media) => Some("binary"),
        _ => None,
    };
    for key in ["contentEncoding", "contentMediaType", "contentSchema"] {
        drop_keyword(schema, key);
    }
    let format = format.filter(|_| !schema.contains_key("format"));
    let Some(format) = format else { return Some("`contentEncoding` and `contentMediaType` dropped") };
    schema.insert("format".to_owned(), Node::new(span, Value::String(format.to_owned())));
    schema.entry("type".to_owned()).or_insert_with(|| Node::new(span, Value::String("string".to_owned())));
    Some("`contentEncoding` and `contentMediaType` read as a `format`")
}

fn allows_nothing(schema: &Node) -> bool {
    let not = schema.get("not").and_then(Node::members);
    schema.boolean() == Some(false) || not.is_some_and(Members::is_empty)
}

/// OpenAPI 3.0 has no tuples: any schema of the tuple is allowed at every position.
fn tuple(schema: &mut Members, span: Span) -> Option<&'static str> {
    let is_old = schema.get("items").is_some_and(|items| items.items().is_some());
    let (first, rest) = if is_old { ("items", "additionalItems") } else { ("prefixItems", "items") };
    schema.get(first)?.items()?;
    let Value::Array(mut items) = schema.shift_remove(first)?.value else { return None };
    let rest = schema.shift_remove(rest);
    let longest = schema.get("maxItems").and_then(Node::unsigned);
    let is_all = longest.is_some_and(|longest| longest <= items.len() as u64);
    match rest {
        Some(rest) if allows_nothing(&rest) && !is_all => {
            schema.insert("maxItems".to_owned(), Node::new(span, Value::Number(items.len().into())));
        }
        rest if !is_all => items.push(rest.unwrap_or_else(|| object(span, []))),
        _ => {}
    }
    schema.insert("items".to_owned(), one_of(span, items));
    Some("a tuple read as a list of any of its items")
}

/// A schema that allows every value that one of the schemas allows.
fn one_of(span: Span, schemas: Vec<Node>) -> Node {
    let mut distinct: Vec<Node> = Vec::new();
    for schema in schemas {
        if schema.members().is_some_and(Members::is_empty) {
            return schema;
        }
        if !distinct.contains(&schema) {
            distinct.push(schema);
        }
    }
    if distinct.len() > 1 {
        return object(span, [("anyOf".to_owned(), list(span, distinct))]);
    }
    distinct.pop().unwrap_or_else(|| object(span, []))
}

/// Properties whose names match a pattern become additional properties of any name.
fn pattern_properties(schema: &mut Members, span: Span) -> Option<&'static str> {
    schema.get("patternProperties")?.members()?;
    drop_keyword(schema, "patternProperties");
    let Value::Object(patterns) = schema.get(&format!("{DROPPED}patternProperties"))?.value.clone() else { return None };
    let patterns = patterns.into_values().filter(|pattern| !allows_nothing(pattern));
    let additional = match schema.shift_remove("additionalProperties") {
        None => truth(span, true),
        Some(open) if open.boolean() == Some(true) => open,
        Some(closed) if closed.boolean() == Some(false) => {
            let patterns: Vec<Node> = patterns.collect();
            if patterns.is_empty() { closed } else { one_of(span, patterns) }
        }
        Some(other) => one_of(span, patterns.chain([other]).collect()),
    };
    schema.insert("additionalProperties".to_owned(), additional);
    Some("`patternProperties` read as `additionalProperties`")
}

/// An object without `additionalProperties` is closed, so the properties that its conditions declare are added to its own.
fn conditional_properties(schema: &mut Members, span: Span) -> Option<&'static str> {
    let dependent = schema.get("dependentSchemas").and_then(Node::members).into_iter().flatten().map(|(_, branch)| branch);
    let branches: Vec<&Node> = ["then", "else"].into_iter().filter_map(|key| schema.get(key)).chain(dependent).collect();
    let unseen = branches.iter().any(|branch| ["$ref", "allOf", "anyOf", "oneOf"].iter().any(|key| branch.get(key).is_some()));
    let mut found = Members::new();
    for (name, property) in branches.into_iter().filter_map(|branch| branch.get("properties")?.members()).flatten() {
        let known = found.entry(name.clone()).or_insert_with(|| property.clone());
        if known != property {
            *known = object(span, []);
        }
    }
    if unseen && !schema.contains_key("additionalProperties") && !schema.contains_key("unevaluatedProperties") {
        schema.insert("additionalProperties".to_owned(), truth(span, true));
    } else if found.is_empty() {
        return None;
    }
    let properties = schema.entry("properties".to_owned()).or_insert_with(|| object(span, [])).members_mut()?;
    for (name, property) in found {
        properties.entry(name).or_insert(property);
    }
    Some("properties under a condition may always be given")
}

/// `unevaluatedProperties: false` closes an object unless keywords other than `allOf` may add properties.
fn unevaluated_properties(schema: &mut Members, _: Span) -> Option<&'static str> {
    let unevaluated = schema.get("unevaluatedProperties")?.clone();
    drop_keyword(schema, "unevaluatedProperties");
    let unseen = ["anyOf", "oneOf", "then", "else", "dependentSchemas"].iter().any(|key| schema.contains_key(*key));
    if unseen || schema.contains_key("additionalProperties") {
        return Some("`unevaluatedProperties` dropped: what else is allowed is not known here");
    }
    schema.insert("additionalProperties".to_owned(), unevaluated);
    Some("`unevaluatedProperties` read as `additionalProperties`")
}

/// OpenAPI 3.0 has `nullable` instead of the type `null`, and a choice instead of several types.
fn types(schema: &mut Members, span: Span) -> Option<&'static str> {
    let stated = schema.get("type")?;
    let names: Vec<String> = match &stated.value {
        Value::Array(names) if !names.is_empty() && names.iter().all(|name| name.text().is_some()) => {
            names.iter().filter_map(Node::text).map(str::to_owned).collect()
        }
        Value::String(name) if name == "null" => vec![name.clone()],
        _ => return None,
    };
    let mut real: Vec<&String> = names.iter().filter(|name| *name != "null").collect();
    real.dedup();
    if names.iter().any(|name| name == "null") {
        schema.insert("nullable".to_owned(), truth(span, true));
    }
    let of_type = |name: &str| Node::new(span, Value::String(name.to_owned()));
    match real.as_slice() {
        [] => {
            schema.shift_remove("type");
            schema.entry("enum".to_owned()).or_insert_with(|| list(span, vec![Node::new(span, Value::Null)]));
            Some("the type `null` read as the only value `null`")
        }
        [one] => {
            schema.insert("type".to_owned(), of_type(one));
            Some("a list of types read as one type, and `null` as `nullable`")
        }
        // it is unknown which of the types the alternatives of `anyOf` or `oneOf` apply to
        _ if schema.contains_key("anyOf") || schema.contains_key("oneOf") => {
            schema.shift_remove("type");
            Some("a list of types left to the choices beside it")
        }
        several => {
            let part = |name: &str| {
                let own = OF_TYPE.iter().find(|(kind, _)| *kind == name).map_or(&[] as &[&str], |(_, own)| own);
                let own = own.iter().filter_map(|key| Some(((*key).to_owned(), schema.get(*key)?.clone())));
                object(span, [("type".to_owned(), of_type(name))].into_iter().chain(own))
            };
            let parts = several.iter().map(|name| part(name)).collect();
            schema.retain(|key, _| key != "type" && !OF_TYPE.iter().any(|(_, own)| own.contains(&key.as_str())));
            schema.insert("anyOf".to_owned(), list(span, parts));
            Some("a list of types read as a choice between them")
        }
    }
}

/// An alternative `null` becomes `nullable`; if one alternative is left, it replaces the choice.
fn null_choice(schema: &mut Members, span: Span) -> Option<&'static str> {
    let is_null = |choice: &Node| {
        let only = choice.get("enum").and_then(Node::items);
        only.is_some_and(|only| matches!(only, [Node { value: Value::Null, .. }])) && choice.get("type").is_none()
    };
    let mut done = None;
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(choices)) = schema.get_mut(keyword).map(|choices| &mut choices.value) else { continue };
        let before = choices.len();
        choices.retain(|choice| !is_null(choice));
        if choices.len() == before || choices.is_empty() {
            continue;
        }
        let single = if choices.len() == 1 { choices.pop() } else { None };
        if let Some(single) = single {
            schema.shift_remove(keyword);
            let parts = schema.entry("allOf".to_owned()).or_insert_with(|| list(span, Vec::new()));
            if let Value::Array(parts) = &mut parts.value {
                parts.push(single);
            }
        }
        schema.insert("nullable".to_owned(), truth(span, true));
        done = Some("a choice of `null` read as `nullable`");
    }
    done
}

/// Removes properties and alternatives that allow no value.
fn drop_impossible(schema: &mut Members) -> bool {
    let mut dropped = false;
    for keyword in ["properties", "anyOf", "oneOf"] {
        match schema.get_mut(keyword).map(|node| &mut node.value) {
            Some(Value::Object(properties)) => {
                let before = properties.len();
                properties.retain(|_, property| !allows_nothing(property));
                dropped |= properties.len() < before;
            }
            Some(Value::Array(choices)) if !choices.iter().all(allows_nothing) => {
                let before = choices.len();
                choices.retain(|choice| !allows_nothing(choice));
                dropped |= choices.len() < before;
            }
            _ => {}
        }
    }
    dropped
}
