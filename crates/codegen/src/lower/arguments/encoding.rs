//! How the value of a parameter is written into a request.

use serde_json::{Map, Value as Json, json};

use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{ArgumentLocation, Encoding, Scalar};
use crate::tree::Node;

/// The encoding of a parameter (OpenAPI 3.0.3, section 4.7.12.2); `None` if it is not supported.
pub(super) fn encoding(
    node: &Node,
    sent_in: ArgumentLocation,
    schema: &mut Map<String, Json>,
    wire: &str,
    location: &Location,
    diagnostics: &mut Diagnostics,
) -> Option<Encoding> {
    never_null(schema);
    let kind = |schema: &Map<String, Json>| schema.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
    let style = node.get("style").and_then(Node::text);
    let default_style = if sent_in == ArgumentLocation::Query { "form" } else { "simple" };
    let is_list = kind(schema) == "array";
    if kind(schema) == "object"
        && let Some(encoding) = members_encoding(node, sent_in, schema)
    {
        return Some(encoding);
    }
    let items = schema.get("items").and_then(Json::as_object);
    let is_never_sent = schema.get("enum").and_then(Json::as_array).is_some_and(Vec::is_empty);
    let mut refuse = |message: String, hint: &str| {
        diagnostics.error("E0304", location.clone(), message).hint(hint);
        None
    };
    if is_never_sent {
        return refuse(
            format!("`{wire}` can only be null, and a parameter that is null is not sent"),
            "correct its type in the overlay, or remove the parameter there",
        );
    }
    if kind(schema) == "object" || items.is_some_and(|items| is_list && matches!(kind(items).as_str(), "object" | "array")) {
        let what = if is_list { "a list of objects or lists" } else { "an object" };
        return refuse(
            format!("`{wire}` is {what} in a parameter"),
            "if the API takes JSON there, say so in the overlay with `content: {application/json: …}`; else remove the parameter",
        );
    }
    let separator = match style.unwrap_or(default_style) {
        style if style == default_style => ',',
        "spaceDelimited" if is_list && sent_in == ArgumentLocation::Query => ' ',
        "pipeDelimited" if is_list && sent_in == ArgumentLocation::Query => '|',
        other => {
            return refuse(
                format!("`{wire}` is written in the style `{other}`, which is not supported here"),
                "correct `style` in the overlay, or exclude the operation",
            );
        }
    };
    if is_list {
        let explode =
            node.get("explode").and_then(Node::boolean).unwrap_or(separator == ',' && sent_in == ArgumentLocation::Query);
        let items = schema.get_mut("items").and_then(Json::as_object_mut).map(as_sent);
        return Some(match items {
            Some(items) if explode && sent_in == ArgumentLocation::Query => Encoding::Repeated(items),
            _ => Encoding::Joined(separator),
        });
    }
    Some(Encoding::Plain(as_sent(schema)))
}

/// How one value is sent: as text, whatever other types the schema allows besides, which are removed from it.
fn as_sent(schema: &mut Map<String, Json>) -> Scalar {
    let scalar = scalar(schema);
    if scalar == Scalar::String {
        if let Some(values) = texts_of_choices(schema) {
            schema.insert("enum".to_owned(), values.into());
        }
        schema.retain(|keyword, _| {
            !matches!(keyword.as_str(), "anyOf" | "properties" | "required" | "additionalProperties" | "items")
        });
        schema.insert("type".to_owned(), "string".into());
    }
    scalar
}

/// The values of a choice between lists of texts.
fn texts_of_choices(schema: &Map<String, Json>) -> Option<Vec<Json>> {
    let mut values = Vec::new();
    for choice in schema.get("anyOf")?.as_array()? {
        for value in choice.get("enum")?.as_array()? {
            if !value.is_string() {
                return None;
            }
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
    }
    Some(values).filter(|values| !values.is_empty() && !schema.contains_key("enum"))
}

/// The encoding of an object whose members are plain values; `None` if its style is not supported for objects.
fn members_encoding(node: &Node, sent_in: ArgumentLocation, schema: &mut Map<String, Json>) -> Option<Encoding> {
    let is_plain = |member: &Json| {
        let kind = member.get("type").and_then(Json::as_str);
        kind.is_some_and(|kind| matches!(kind, "string" | "integer" | "number" | "boolean"))
    };
    if !schema.get("properties").and_then(Json::as_object)?.values().all(is_plain) {
        return None;
    }
    match schema.get("additionalProperties") {
        Some(Json::Bool(false)) | None => {}
        Some(Json::Bool(true)) => {
            schema.insert("additionalProperties".to_owned(), json!({"type": ["string", "number", "boolean"]}));
        }
        Some(additional) if is_plain(additional) => {}
        Some(_) => return None,
    }
    let explode = node.get("explode").and_then(Node::boolean);
    match (sent_in, node.get("style").and_then(Node::text)) {
        (ArgumentLocation::Query, Some("deepObject")) => Some(Encoding::Deep),
        (ArgumentLocation::Query, None | Some("form")) if explode.unwrap_or(true) => Some(Encoding::Members),
        (ArgumentLocation::Query, None | Some("form")) => Some(Encoding::Pairs(',')),
        (ArgumentLocation::Header | ArgumentLocation::Path, None | Some("simple")) => {
            Some(Encoding::Pairs(if explode == Some(true) { '=' } else { ',' }))
        }
        _ => None,
    }
}

/// Removes null from a parameter's schema: instead of null, the parameter is left out.
fn never_null(schema: &mut Map<String, Json>) {
    if let Some(Json::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Json::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

fn scalar(schema: &Map<String, Json>) -> Scalar {
    match schema.get("type").and_then(Json::as_str) {
        Some("integer") => Scalar::Integer,
        Some("boolean") => Scalar::Boolean,
        Some("number") => Scalar::Number,
        _ => Scalar::String,
    }
}
