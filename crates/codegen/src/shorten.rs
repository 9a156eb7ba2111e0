//! Shortens input schemas that clients would drop for their length.
//!
//! Objects beyond a depth are described in words instead of by their members. Such an argument can still be sent: the server checks
//! it against the whole schema.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexSet;
use serde_json::{Map, Value as Json, json};

use crate::ir::{Api, Decision};
use crate::repair::Repair;
use crate::rules::MAX_SCHEMA;
use crate::text::plain;

/// The depth down to which objects keep their members, from the one that is tried first.
const DEPTHS: std::ops::RangeInclusive<usize> = 1..=8;
/// How many characters of a description are kept where members are left out, and how many names are told.
const DESCRIPTION: usize = 200;
const NAMES: usize = 12;

/// Shortens the schemas that are too long, as little as possible, and records each.
pub(crate) fn shorten(api: &mut Api, pointer_of: &dyn Fn(&str) -> String) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for operation in &mut api.operations {
        let Decision::Exposed(plan) = &mut operation.decision else { continue };
        let tool = &mut plan.tool;
        let whole = Json::Object((*tool.input_schema).clone());
        let size = length(&whole);
        if size < MAX_SCHEMA {
            continue;
        }
        let found = DEPTHS.rev().map(|depth| (depth, cut(&whole, depth))).find(|(_, short)| length(short) < MAX_SCHEMA);
        // otherwise the rules refuse the tool
        let Some((depth, Json::Object(short))) = found else { continue };
        tool.full_input_schema = Some(std::mem::replace(&mut tool.input_schema, Arc::new(short)));
        repairs.push(Repair {
            name: "input-schema-shortened",
            pointer: pointer_of(&operation.id),
            what: format!(
                "the input schema of `{}` has {size} characters, so members below level {depth} are told in words; \
                 arguments are checked against all of it",
                tool.name
            ),
        });
    }
    repairs
}

fn length(schema: &Json) -> usize {
    schema.to_string().len()
}

/// The schema with this many levels of members.
fn cut(schema: &Json, depth: usize) -> Json {
    let Json::Object(members) = schema else { return schema.clone() };
    let is_deep = ["properties", "anyOf", "oneOf", "items"].iter().any(|key| members.contains_key(*key));
    if depth == 0 && is_deep {
        return in_words(members);
    }
    let cut_member = |(keyword, value): (&String, &Json)| {
        let value = match (keyword.as_str(), value) {
            ("properties", Json::Object(properties)) => {
                properties.iter().map(|(name, property)| (name.clone(), cut(property, depth - 1))).collect()
            }
            ("anyOf" | "oneOf", Json::Array(choices)) => choices.iter().map(|choice| cut(choice, depth - 1)).collect(),
            ("items" | "additionalProperties", Json::Object(_)) => cut(value, depth.saturating_sub(1)),
            _ => value.clone(),
        };
        (keyword.clone(), value)
    };
    if depth == 0 { schema.clone() } else { Json::Object(members.iter().map(cut_member).collect()) }
}

/// A schema of the same types that says in words what is left out.
fn in_words(members: &Map<String, Json>) -> Json {
    let mut kinds = BTreeSet::new();
    let mut names = IndexSet::new();
    describe(members, &mut kinds, &mut names);
    let description = members.get("description").and_then(Json::as_str).unwrap_or_default();
    let rest = names.len().saturating_sub(NAMES);
    let told = names.iter().take(NAMES).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let left_out = if names.is_empty() {
        "Its structure is not shown here.".to_owned()
    } else {
        format!("Its members are not shown here: {told}{more}.")
    };
    let description = plain(description, DESCRIPTION);
    let end = if description.ends_with(|sign: char| sign.is_alphanumeric()) { "." } else { "" };
    let description = format!("{description}{end} {left_out}");
    let mut short = Map::new();
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let kind = if let [only] = kinds.as_slice() { json!(only) } else { json!(kinds) };
    short.insert("type".to_owned(), kind);
    short.insert("description".to_owned(), description.trim().into());
    if kinds.contains(&"object") {
        short.insert("properties".to_owned(), json!({}));
    }
    if kinds.contains(&"array") {
        let items = members.get("items").map_or_else(|| json!({"type": "object", "properties": {}}), |items| cut(items, 0));
        short.insert("items".to_owned(), items);
    }
    Json::Object(short)
}

/// Collects the types that a schema allows, and the names of its members.
fn describe(members: &Map<String, Json>, kinds: &mut BTreeSet<String>, names: &mut IndexSet<String>) {
    match members.get("type") {
        Some(Json::String(kind)) => {
            kinds.insert(kind.clone());
        }
        Some(Json::Array(several)) => kinds.extend(several.iter().filter_map(Json::as_str).map(str::to_owned)),
        _ => {}
    }
    names.extend(members.get("properties").and_then(Json::as_object).into_iter().flat_map(Map::keys).cloned());
    for keyword in ["anyOf", "oneOf"] {
        for choice in members.get(keyword).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object) {
            describe(choice, kinds, names);
        }
    }
    if kinds.is_empty() {
        kinds.insert("object".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Inputs, Source, understand};

    /// A body whose members have members, `depth` levels deep and `width` of them on each.
    fn nested(depth: usize, width: usize) -> Json {
        if depth == 0 {
            return json!({"type": "string", "description": "a text"});
        }
        let members: Map<String, Json> = (0..width).map(|number| (format!("m{number}"), nested(depth - 1, width))).collect();
        json!({"type": "object", "description": "a group", "properties": members})
    }

    fn understood(body: &Json) -> Result<crate::Understood, crate::diagnostics::Diagnostics> {
        let document = json!({
            "openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "servers": [{"url": "https://shop.example"}],
            "paths": {"/items": {"post": {
                "operationId": "addItem", "responses": {"200": {"description": "ok"}},
                "requestBody": {"content": {"application/json": {"schema": body}}},
            }}},
        });
        let annotation = json!({"x-mcp": {"tool": "add_item", "description": "Adds one."}});
        let action = json!({"target": "$.paths['/items'].post", "x-operation-id": "addItem", "update": annotation});
        let overlay = json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [action]});
        let (document, overlay) = (document.to_string(), overlay.to_string());
        let inputs = Inputs {
            document: Source { name: "document.json", text: &document },
            overlay: Source { name: "overlay.yaml", text: &overlay },
            lock: None,
        };
        understand(&inputs)
    }

    #[test]
    fn a_long_schema_keeps_the_upper_levels_and_arguments_are_checked_against_all_of_it() {
        let understood = understood(&nested(4, 6)).unwrap();
        let tool = &understood.api.tools()[0].tool;
        let (short, whole) = (Json::Object((*tool.input_schema).clone()), Json::Object((**tool.checked_schema()).clone()));
        assert!(length(&short) < MAX_SCHEMA && length(&whole) > MAX_SCHEMA);
        let group = short.pointer("/properties/m0/properties/m0").unwrap();
        assert_eq!(group["description"], "a group. Its members are not shown here: `m0`, `m1`, `m2`, `m3`, `m4`, `m5`.");
        assert_eq!((&group["type"], &group["properties"]), (&json!("object"), &json!({})));
        assert_eq!(whole.pointer("/properties/m0/properties/m0/properties/m0/properties/m0").unwrap()["type"], "string");
        let repair = understood.repairs.iter().find(|repair| repair.name == "input-schema-shortened").unwrap();
        assert_eq!(repair.pointer, "/paths/~1items/post");
        assert!(repair.what.contains("`add_item`"), "{}", repair.what);
    }

    #[test]
    fn choices_and_lists_are_told_by_their_types_and_names() {
        let choice = json!({"anyOf": [nested(1, 2), {"type": "array", "items": {"type": "string"}}], "description": "either"});
        let short = cut(&choice, 0);
        assert_eq!(short["type"], json!(["array", "object"]));
        assert_eq!(short["description"], "either. Its members are not shown here: `m0`, `m1`.");
        let list = json!({"type": "array", "items": nested(2, 1)});
        assert_eq!(cut(&list, 1).pointer("/items/description").unwrap(), "a group. Its members are not shown here: `m0`.");
        assert_eq!(cut(&json!({"type": "string"}), 0), json!({"type": "string"}));
    }

    #[test]
    fn what_is_short_stays_and_too_many_arguments_are_refused() {
        let short = understood(&nested(2, 3)).unwrap();
        assert_eq!(short.api.tools()[0].tool.full_input_schema, None);
        assert!(short.repairs.iter().all(|repair| repair.name != "input-schema-shortened"));
        let error = understood(&nested(1, 600)).unwrap_err();
        assert!(error.iter().any(|diagnostic| diagnostic.code == "E0505"));
    }
}
