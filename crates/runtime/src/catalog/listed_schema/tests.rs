use super::*;
use crate::testing::catalog;

fn listed(schema: Value) -> Value {
    let Value::Object(mut schema) = schema else { panic!("a schema is an object") };
    show(&mut schema);
    schema.into()
}

#[test]
fn several_types_are_a_union_whose_constraints_belong_to_their_types() {
    let schema = json!({
        "description": "A value.", "type": ["string", "integer", "array", "object", "null"], "minLength": 1, "maximum": 9,
        "items": { "type": ["string", "null"] }, "properties": { "a": { "type": "string" } }, "additionalProperties": false,
        "default": "x",
    });
    let expected = json!({ "description": "A value.", "default": "x", "anyOf": [
        { "type": "string", "minLength": 1, "maximum": 9 }, { "type": "integer", "minLength": 1, "maximum": 9 },
        { "type": "array", "items": { "type": "string" } }, { "type": "object", "properties": { "a": { "type": "string" } } },
    ] });
    assert_eq!(listed(schema), expected);
    let choices = json!({ "type": ["string", "integer"], "enum": ["a", 1, null] });
    let expected = json!({ "anyOf": [{ "type": "string", "enum": ["a"] }, { "type": "integer", "enum": [1] }] });
    assert_eq!(listed(choices), expected);
}

#[test]
fn unions_are_flat_and_without_null() {
    let amount = json!({ "type": "object", "properties": { "value": { "type": "integer" } }, "additionalProperties": false });
    let schema = json!({ "anyOf": [{ "type": ["integer", "string", "null"] }, amount, { "type": "null" }] });
    let shown = json!({ "type": "object", "properties": { "value": { "type": "integer" } } });
    assert_eq!(listed(schema), json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }, shown] }));
    let only = json!({ "description": "A.", "oneOf": [{ "type": "null" }, { "type": "string", "maxLength": 3 }] });
    assert_eq!(listed(only), json!({ "description": "A.", "type": "string", "maxLength": 3 }));
}

#[test]
fn every_array_has_items_and_a_map_keeps_what_its_values_are() {
    let items = json!({ "anyOf": [{ "type": "string" }, { "type": "number" }] });
    assert_eq!(listed(json!({ "type": "array" })), json!({ "type": "array", "items": items }));
    let map = json!({ "type": "object", "additionalProperties": { "type": ["string", "null"] } });
    assert_eq!(listed(map), json!({ "type": "object", "additionalProperties": { "type": "string" } }));
}

#[test]
fn an_array_in_a_union_has_items_of_one_type() {
    let array = |kind: &str| json!({ "type": "array", "items": { "type": kind } });
    let schema = json!({ "description": "A value.", "type": ["string", "array"] });
    let expected = json!({ "description": "A value.", "anyOf": [{ "type": "string" }, array("string"), array("number")] });
    assert_eq!(listed(schema), expected);
    let bounded = json!({ "anyOf": [{ "type": "integer" }, { "type": "array", "maxItems": 2, "items": { "type": ["integer", "string", "null"] } }] });
    let array = |kind: &str| json!({ "type": "array", "maxItems": 2, "items": { "type": kind } });
    assert_eq!(listed(bounded), json!({ "anyOf": [{ "type": "integer" }, array("integer"), array("string")] }));
}

#[test]
fn what_is_listed_names_the_same_arguments_and_takes_the_examples() {
    for tool in catalog().tools() {
        let (stored, listed) = (&tool.input_schema, tool.listed_schema());
        let names = |schema: &Map<String, Value>| schema["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!((names(stored), stored.get("required")), (names(listed), listed.get("required")), "{}", tool.name);
        for (name, schema) in listed["properties"].as_object().unwrap() {
            let validator = jsonschema::draft202012::new(schema).unwrap();
            let examples = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
            for value in examples.chain(schema.get("default")) {
                assert!(validator.is_valid(value), "{}: {name}: {value}", tool.name);
            }
        }
    }
}
