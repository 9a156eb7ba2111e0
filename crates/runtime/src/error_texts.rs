//! The form of every error text that an assistant can get: what happened, and behind the last semicolon what to do next; in lower
//! case, in one line, without a full stop, and without blame. Tests of all texts that need no server; those of the protocol are in
//! `tests/it/tools/custom_fields.rs`.

use serde_json::{Value, json};

use crate::{arguments::Arguments, catalog::tests::tool, tool_error::ToolError, truncation::Start};

const BLAME: [&str; 9] =
    ["you must", "you should", "you have to", "you sent", "you forgot", "your mistake", "your fault", "invalid", "illegal"];

/// Fails where a text does not say what to do next.
pub(crate) fn leads_on(text: &str) {
    let begins = text.chars().next().unwrap_or_default();
    assert!(begins.is_lowercase() || begins == '`', "it begins with a small letter or a literal: {text}");
    assert!(!text.ends_with('.') && !text.contains('\n'), "it is one line without a full stop: {text}");
    assert!(text.rsplit_once("; ").is_some_and(|(_, step)| !step.is_empty()), "it says what to do next: {text}");
    let small = text.to_lowercase();
    assert!(!BLAME.iter().any(|blame| small.contains(blame)), "nobody is blamed: {text}");
}

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
        json!({ "n": "" }),
        json!({ "n": 1, "text": "abcd" }),
        json!({ "n": 1, "text": "b" }),
        json!({ "n": 1, "longer": "b" }),
        json!({ "n": 1, "list": ["a"] }),
        json!({ "n": 1, "list": ["a", "b", "c", "d"] }),
        json!({ "n": 1, "list": ["a", "a"] }),
        json!({ "n": 1, "some": [] }),
        json!({ "n": 1, "fixed": 2 }),
        json!({ "n": 1, "either": {} }),
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
