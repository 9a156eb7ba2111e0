//! Tests of all error texts that need no server: each ends with a next step. Those of the protocol are in
//! `tests/it/tools/custom_fields.rs`.

use serde_json::{Value, json};

use crate::{arguments::Arguments, catalog::tests::tool, error_style::leads_on, tool_error::ToolError, truncation::Start};

#[test]
fn every_problem_with_arguments_leads_on() {
    let schema = json!({
        "type": "object",
        "properties": {
            "n": { "type": "integer", "minimum": 1, "maximum": 9 },
            "open": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 },
            "word": { "type": "string", "enum": ["active", "offboarded"] },
            "text": { "type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a" },
            "longer": { "type": "string", "minLength": 2 },
            "list": { "type": "array", "minItems": 2, "maxItems": 3, "uniqueItems": true, "items": { "type": "string" } },
            "some": { "type": "array", "minItems": 1 },
            "fixed": { "const": 1 },
            "either": { "anyOf": [{ "type": "string" }, { "type": "boolean" }] },
            "many": { "multipleOf": 2 },
            "shut": { "type": "object", "properties": {}, "additionalProperties": false },
        },
        "required": ["n"],
        "additionalProperties": false,
    });
    let tool = tool(json!({ "inputSchema": schema }));
    for given in [
        json!({}),
        json!({ "n": "x" }),
        json!({ "n": 0 }),
        json!({ "n": 10 }),
        json!({ "n": 1, "open": 0 }),
        json!({ "n": 1, "open": 1 }),
        json!({ "n": 1, "word": "activ" }),
        json!({ "n": 1, "word": "zzz" }),
        json!({ "n": 1, "text": "" }),
        json!({ "n": 1, "text": "abcd" }),
        json!({ "n": 1, "text": "b" }),
        json!({ "n": 1, "longer": "b" }),
        json!({ "n": 1, "list": ["a"] }),
        json!({ "n": 1, "list": ["a", "b", "c", "d"] }),
        json!({ "n": 1, "list": ["a", "a"] }),
        json!({ "n": 1, "some": [] }),
        json!({ "n": 1, "fixed": 2 }),
        json!({ "n": 1, "either": 5 }),
        json!({ "n": 1, "many": 3 }),
        json!({ "n": 1, "shut": { "a": 1 } }),
        json!({ "n": 1, "wrod": 1 }),
        json!({ "n": 1, "zzz": 1 }),
        json!({ "m": 1, "a1": 1, "a2": 1, "a3": 1, "a4": 1, "a5": 1, "a6": 1, "a7": 1 }),
    ] {
        let Value::Object(given) = given else { continue };
        let failure = Arguments::check(tool, given.clone()).expect_err(&format!("{given:?}"));
        leads_on(&failure.to_string());
    }
}

#[test]
fn cursors_and_tools_that_are_gone_lead_on() {
    let mut arguments = serde_json::Map::from_iter([("cursor".to_owned(), json!("mcp:x"))]);
    leads_on(&ToolError::arguments(Start::read(&mut arguments).unwrap_err().to_string()).to_string());
    let catalog = crate::testing::catalog();
    assert!(catalog.removed("list_apps").is_none());
}
