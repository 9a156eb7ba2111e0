use serde_json::json;

use super::*;
use crate::{diagnostics::Diagnostics, load::load, tree::File};

fn read(operation: &Json, components: &Json) -> Json {
    let text = json!({ "operation": operation, "components": components }).to_string();
    let root = load(&text, File::Document, &mut Diagnostics::default()).unwrap();
    let output_schema = serde_json::from_value(json!({ "properties": { "known": { "description": "Shown to all." } } })).unwrap();
    json!(facets(&root, root.get("operation").unwrap(), Shown { arguments: &[], body: None, output_schema: &output_schema }))
}

#[test]
fn what_the_tool_does_not_show_has_its_place() {
    let operation = json!({
        "description": "Lists. At most 100 a day. It will be removed on 2026-12-01.", "x-sunset": "2026-12-01",
        "parameters": [{ "in": "query", "name": "q", "deprecated": true, "allowReserved": true, "schema": { "type": "string", "pattern": "^a" } }],
        "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } },
        "responses": { "200": { "content": { "application/json": { "example": { "id": 1 }, "schema": { "$ref": "#/components/schemas/A" } } } } },
    });
    let schemas = json!({ "A": { "properties": {
        "id": { "readOnly": true, "example": 7 },
        "key": { "writeOnly": true, "pattern": "^k", "description": "Maximum 50 signs." },
        "inner": { "type": "array", "items": { "$ref": "#/components/schemas/A" } },
        "either": { "oneOf": [{ "pattern": "a" }, { "pattern": "b" }] },
    } } });
    let expected = json!({
        "": { "limits": "At most 100 a day.", "sunset": "2026-12-01 | It will be removed on 2026-12-01." },
        "/body/either": { "pattern": "a | b" },
        "/body/key": { "description": "Maximum 50 signs.", "limits": "Maximum 50 signs.", "pattern": "^k", "writeOnly": "true" },
        "/query q": { "allowReserved": "true", "deprecated": "true", "pattern": "^a" },
        "/response": { "example": "{\"id\":1}", "status": "200" },
        "/response/either": { "pattern": "a | b" },
        "/response/id": { "example": "7", "readOnly": "true" },
    });
    assert_eq!(read(&operation, &json!({ "schemas": schemas })), expected);
}

#[test]
fn what_no_list_names_is_recorded_under_its_own_name() {
    let operation = json!({
        "tags": ["a"], "x-quota": { "daily": 3 },
        "parameters": [{ "in": "query", "name": "q", "allowEmptyValue": true, "schema": { "type": "string", "x-known-values": ["a"], "minLength": 1 } }],
        "requestBody": { "description": "Send all.", "content": { "multipart/form-data": {
            "schema": { "properties": { "file": { "title": "File", "type": "string" } } },
            "encoding": { "file": { "contentType": "image/png" } },
        } } },
    });
    let expected = json!({
        "": { "tags": "[\"a\"]", "x-quota": "{\"daily\":3}" },
        "/body": { "description": "Send all.", "encoding": "{\"file\":{\"contentType\":\"image/png\"}}" },
        "/body/file": { "title": "File" },
        "/query q": { "allowEmptyValue": "true", "x-known-values": "[\"a\"]" },
    });
    assert_eq!(read(&operation, &json!({})), expected);
}

#[test]
fn what_a_response_promises_is_recorded_and_what_a_call_fails_with() {
    let responses = json!({
        "202": { "description": "Later.", "headers": { "Location": { "schema": { "type": "string" } } }, "content": { "application/json": { "schema": {
            "description": "The job.", "additionalProperties": false, "required": ["id"], "properties": {
                "id": { "type": "integer", "format": "int64", "minimum": 1 },
                "known": { "description": "Shown to all.", "type": "string" },
                "more": { "description": "Shown to none.", "type": "string", "format": "date" },
            },
        } } } },
        "200": { "description": "Done." },
        "403": { "$ref": "#/components/responses/Forbidden" },
        "default": { "description": "Wrong." },
    });
    let mut found = read(&json!({ "responses": responses }), &json!({}));
    // the tool has the response of the lowest status
    let other = found.as_object_mut().unwrap().shift_remove("/answers/202").unwrap();
    assert!(other["description"] == "Later." && other["response"].as_str().unwrap().contains("The job."), "{other}");
    let expected = json!({
        "/errors/403": { "response": "#/components/responses/Forbidden" },
        "/errors/default": { "description": "Wrong." },
        "/response": { "description": "Done.", "status": "200, 202" },
    });
    assert_eq!(found, expected);
    let mut later = responses.clone();
    later.as_object_mut().unwrap().shift_remove("200");
    let expected = json!({
        "/errors/403": { "response": "#/components/responses/Forbidden" },
        "/errors/default": { "description": "Wrong." },
        "/headers/Location": { "header": "{\"schema\":{\"type\":\"string\"}}" },
        "/response": { "closed": "true", "description": "Later. | The job.", "status": "202" },
        "/response/id": { "format": "int64", "minimum": "1", "required": "true" },
        "/response/more": { "description": "Shown to none." },
    });
    assert_eq!(read(&json!({ "responses": later }), &json!({})), expected);
}
