//! The input schemas in the tool list, in the form that the converters of other makers' models take.

use serde_json::{Value, json};

use crate::support::{
    assistant::{Era, Server},
    mock_api::Torii,
};

/// What converters refuse or misread in a schema and all schemas inside of it, each with its place.
fn problems(schema: &Value, place: &str, found: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        found.push(format!("{place} is a boolean schema"));
        return;
    };
    let mut wrong = |what: &str| found.push(format!("{place} {what}"));
    if schema.get("type").is_some_and(|kind| !kind.is_string() || kind == "null") {
        wrong("has several types, or null");
    }
    if schema.get("additionalProperties").is_some_and(Value::is_boolean) {
        wrong("has boolean `additionalProperties`");
    }
    if schema.get("type").is_some_and(|kind| kind == "array") && schema.get("items").is_none_or(|items| *items == json!({})) {
        wrong("is an array of nothing in particular");
    }
    if schema.get("format").is_some_and(|format| format == "email") {
        wrong("has a format for which a converter lacks a package");
    }
    if !["type", "anyOf", "enum"].iter().any(|keyword| schema.contains_key(*keyword)) {
        wrong("has no type");
    }
    for keyword in ["oneOf", "allOf", "$ref", "not"] {
        if schema.contains_key(keyword) {
            wrong(keyword);
        }
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        problems(property, &format!("{place}.{name}"), found);
    }
    for inner in ["items", "additionalProperties"].iter().filter_map(|keyword| schema.get(*keyword)) {
        problems(inner, &format!("{place}[]"), found);
    }
    for choice in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
        problems(choice, &format!("{place}|"), found);
    }
}

#[tokio::test]
async fn every_tool_of_both_lists_has_a_schema_that_converters_take() {
    let torii = Torii::idle();
    let key = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", "key")];
    for (listing, least) in [("search", 15), ("all", 50)] {
        let server = Server::with(&[&key[..], &[("TORII_MCP_TOOLS_LISTING", listing)]].concat());
        let answer = server.ask(Era::Modern, "tools/list", json!({})).await.1;
        let tools = answer["result"]["tools"].as_array().expect("there are tools");
        let mut found = Vec::new();
        for tool in tools {
            let name = tool["name"].as_str().expect("it has a name");
            assert!(tool["inputSchema"]["properties"].is_object(), "{tool}");
            problems(&tool["inputSchema"], name, &mut found);
        }
        assert!(found.is_empty(), "{listing}: {found:#?}");
        assert!(tools.len() >= least, "{}", tools.len());
    }
}
