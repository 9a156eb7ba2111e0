use serde_json::{Value as Json, json};

use super::*;
use crate::diagnostics::Diagnostics;
use crate::{load, tree::File};

fn read(operation: &Json, schemas: &Json) -> BTreeMap<String, String> {
    let text = json!({ "operation": operation, "components": { "schemas": schemas } }).to_string();
    let root = load::load(&text, File::Document, &mut Diagnostics::default()).unwrap();
    Structures::new(&root).read(root.get("operation").unwrap())
}

/// The places at which two operations differ.
fn differences(one: &Json, other: &Json) -> Vec<String> {
    let (one, other) = (read(one, &json!({})), read(other, &json!({})));
    let places: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    places.into_iter().filter(|place| one.get(*place) != other.get(*place)).cloned().collect()
}

fn body(schema: &Json) -> Json {
    json!({ "requestBody": { "content": { "application/json": { "schema": schema } } } })
}

fn response(schema: &Json) -> Json {
    json!({ "responses": { "200": { "content": { "application/json": { "schema": schema } } } } })
}

#[test]
fn everything_but_words_order_and_names_of_components_counts() {
    let operation = |name: &str, order: [&str; 2], minimum: u32, words: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "summary": words, "parameters": [
            { "name": order[0], "in": "query", "schema": schema },
            { "name": order[1], "in": "query", "schema": schema },
        ], "x-words": words, "requestBody": { "content": { "application/json": { "schema": { "minProperties": minimum, "type": "object" } } } } })
    };
    let tree = |name: &str, kind: &str| {
        json!({ name: { "required": ["a"], "properties": {
            "description": { "type": kind, "description": "Words." }, "child": { "$ref": format!("#/components/schemas/{name}") } } } })
    };
    let base = read(&operation("Tree", ["a", "b"], 1, "One."), &tree("Tree", "string"));
    assert_eq!(base, read(&operation("T", ["b", "a"], 1, "Other."), &tree("T", "string")));
    assert_ne!(base, read(&operation("Tree", ["a", "b"], 2, "One."), &tree("Tree", "string")));
    assert_ne!(base, read(&operation("Tree", ["a", "b"], 1, "One."), &tree("Tree", "integer")));
}

#[test]
fn each_difference_has_its_place() {
    let choice = |keyword: &str| json!({ keyword: [{ "maxLength": 3 }, { "minLength": 2 }] });
    let with = |source: &Json, more: &Json| body(&json!({ "properties": { "source": source, "more": more } }));
    let (any, one) = (choice("anyOf"), choice("oneOf"));
    assert_eq!(differences(&with(&any, &json!({})), &with(&one, &json!({}))), ["/body/source"]);
    assert_eq!(differences(&with(&any, &json!({ "not": {} })), &with(&one, &json!({}))), ["/body/more not", "/body/source"]);
    let items = |kind: &str| response(&json!({ "items": { "properties": { "id": { "type": kind, "enum": [1] } } } }));
    assert_eq!(differences(&items("integer"), &items("string")), ["/response/[]/id"]);
    let answer =
        |kind: &str| json!({ "responses": { "200": {}, "202": { "content": { "*/*": { "schema": { "type": kind } } } } } });
    assert_eq!(differences(&answer("string"), &answer("integer")), ["/answers/202"]);
}

#[test]
fn what_says_nothing_counts_as_nothing() {
    let parameter = |more: Json| {
        let mut parameter = json!({ "name": "q", "in": "query", "schema": { "type": "string" } });
        parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "parameters": [parameter] })
    };
    let plain = parameter(json!({}));
    let none: [&str; 0] = [];
    for more in [
        json!({ "required": false, "style": "form", "explode": true, "allowEmptyValue": false }),
        json!({ "schema": { "allOf": [{ "type": "string" }], "nullable": false, "minLength": 0 } }),
        json!({ "schema": { "oneOf": [{ "type": "string", "uniqueItems": false }] } }),
    ] {
        assert_eq!(differences(&plain, &parameter(more.clone())), none, "{more}");
    }
    for more in [json!({ "explode": false }), json!({ "style": "spaceDelimited" }), json!({ "schema": { "minLength": 1 } })] {
        assert_eq!(differences(&plain, &parameter(more)), ["/query q"]);
    }
    let media = |name: &str| json!({ "requestBody": { "content": { name: { "schema": { "type": "string" } } } } });
    assert_eq!(differences(&media("text/plain"), &media("text/plain; charset=utf-8")), none);
}

#[test]
fn what_is_too_large_has_one_digest_that_any_change_changes() {
    let tower = |last: &str| {
        let to = |index: usize| json!({ "$ref": format!("#/components/schemas/S{index}") });
        let mut schemas = json!({ "S99": { "type": last } });
        for index in 0..99 {
            schemas[format!("S{index}")] = json!({ "properties": { "a": to(index + 1), "b": to(index + 1) } });
        }
        read(&response(&to(0)), &schemas)
    };
    let places: Vec<String> = tower("string").into_keys().collect();
    assert_eq!(places, ["/response"]);
    assert!(tower("string")["/response"].starts_with(WHOLE));
    assert_eq!(tower("string"), tower("string"));
    assert_ne!(tower("string"), tower("integer"));
}
