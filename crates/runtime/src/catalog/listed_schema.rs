//! Input schemas as the tool list shows them.
//!
//! Clients convert these schemas into those of other makers' models, and many converters refuse, narrow or misread what they do
//! not expect. So unions are written as `anyOf` of schemas with one type each, `null` is not shown, since it says that an argument
//! is not given, an array has `items`, which are not a union where it is one of several forms, no object has a boolean `additionalProperties`, and no text
//! the format `email`. Arguments are validated against the schema as it was generated, so nothing is allowed or forbidden by this.

use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// The keywords that describe a schema rather than values; they stay outside of a union.
const DESCRIPTIVE: [&str; 5] = ["title", "description", "default", "examples", "deprecated"];
/// The keywords that hold for arrays and for objects alone.
const OF_ARRAYS: [&str; 4] = ["items", "minItems", "maxItems", "uniqueItems"];
const OF_OBJECTS: [&str; 5] = ["properties", "required", "additionalProperties", "minProperties", "maxProperties"];
/// The types that an item of any type is shown with: lists of other values are rare, and each costs tokens in every list.
const PLAIN: [&str; 2] = ["string", "number"];

/// A schema as the tool list shows it.
pub(crate) fn listed_schema(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut listed = schema.clone();
    show(&mut listed);
    // clients expect them, even of a tool without arguments
    listed.entry("properties").or_insert_with(|| json!({}));
    listed
}

fn show(schema: &mut Map<String, Value>) {
    if schema.get("additionalProperties").is_some_and(Value::is_boolean) {
        schema.shift_remove("additionalProperties");
    }
    // a converter that takes this format needs a package that it does not bring
    if schema.get("format").is_some_and(|format| format == "email") {
        schema.shift_remove("format");
    }
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    properties.filter_map(Value::as_object_mut).for_each(show);
    for keyword in ["items", "additionalProperties"] {
        schema.get_mut(keyword).and_then(Value::as_object_mut).into_iter().for_each(show);
    }
    if schema.get("properties").is_some_and(|properties| *properties == json!({})) {
        schema.shift_remove("properties");
    }
    if let Some(Value::Array(choices)) = schema.get_mut("enum") {
        choices.retain(|choice| !choice.is_null());
    }
    if let Some(Value::Array(types)) = schema.get("type").cloned() {
        split(schema, &types);
    }
    if schema.get("type").is_some_and(|kind| kind == "array") && !schema.contains_key("items") {
        schema.insert("items".to_owned(), union(PLAIN.iter().map(|kind| json!({ "type": kind })).collect()));
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(Value::Array(choices)) = schema.get(keyword).cloned() {
            unite(schema, keyword, choices);
        }
    }
}

/// Writes several types as a union of schemas with one type each.
fn split(schema: &mut Map<String, Value>, types: &[Value]) {
    let types: Vec<&Value> = types.iter().filter(|kind| *kind != "null").collect();
    if let [only] = types.as_slice() {
        schema.insert("type".to_owned(), (*only).clone());
        return;
    }
    schema.shift_remove("type");
    let constraints: Vec<String> = schema.keys().filter(|key| !DESCRIPTIVE.contains(&key.as_str())).cloned().collect();
    let constraints: Map<_, _> = constraints.into_iter().filter_map(|key| schema.shift_remove_entry(&key)).collect();
    let choice = |kind: &Value| {
        let concerns = |key: &str| match () {
            () if OF_ARRAYS.contains(&key) => kind == "array",
            () if OF_OBJECTS.contains(&key) => kind == "object",
            () => kind != "array" && kind != "object",
        };
        let of_kind = |key: &str, value: &Value| match value {
            Value::Array(choices) if key == "enum" => choices.iter().filter(|choice| is_of(choice, kind)).cloned().collect(),
            other => other.clone(),
        };
        let own = constraints.iter().filter(|(key, _)| concerns(key)).map(|(key, value)| (key.clone(), of_kind(key, value)));
        Value::Object([("type".to_owned(), kind.clone())].into_iter().chain(own).collect())
    };
    // the choices are shown by the caller
    schema.insert("anyOf".to_owned(), types.into_iter().map(choice).collect());
}

/// Whether a choice is of this type.
fn is_of(choice: &Value, kind: &Value) -> bool {
    match kind.as_str() {
        Some("string") => choice.is_string(),
        Some("boolean") => choice.is_boolean(),
        Some("integer" | "number") => choice.is_number(),
        _ => false,
    }
}

/// Shows the choices of a union, those of unions inside of it beside them.
fn unite(schema: &mut Map<String, Value>, keyword: &str, choices: Vec<Value>) {
    let mut shown = Vec::new();
    for mut choice in choices.into_iter().filter(|choice| choice["type"] != "null") {
        choice.as_object_mut().into_iter().for_each(show);
        match choice.as_object().filter(|choice| choice.len() == 1).and_then(|choice| choice.get("anyOf")?.as_array()) {
            Some(inner) => shown.extend(inner.iter().cloned()),
            None => shown.extend(with_items_of_one_type(choice)),
        }
    }
    schema.shift_remove(keyword);
    let Value::Object(united) = union(shown) else { return };
    for (key, value) in united {
        schema.entry(key).or_insert(value);
    }
}

/// A choice of a union; of an array whose items are a union one for each, since a converter takes the items for text.
fn with_items_of_one_type(choice: Value) -> Vec<Value> {
    let Some(items) = choice.get("items").and_then(|items| items.get("anyOf")?.as_array()) else { return vec![choice] };
    let array = |item: &Value| {
        let members = choice.as_object().into_iter().flatten();
        members.map(|(key, value)| (key.clone(), if key == "items" { item.clone() } else { value.clone() })).collect()
    };
    items.iter().map(array).collect()
}

/// A schema that takes what any of these takes.
fn union(mut choices: Vec<Value>) -> Value {
    match choices.len() {
        1 => choices.remove(0),
        _ => json!({ "anyOf": choices }),
    }
}
