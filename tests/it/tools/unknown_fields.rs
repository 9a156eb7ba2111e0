//! A name in `fields` that nothing has is refused, by every tool in the same words.

use serde_json::{Map, Value, json};

use crate::support::{
    assistant::{Era, Server},
    error_style::leads_on,
    mock_api::Torii,
};

/// The tools that take `fields`, each with the arguments that it requires.
fn tools() -> Vec<(&'static str, Map<String, Value>)> {
    let catalog = Box::leak(Box::new(torii_mcp::generated::catalog().expect("the catalog is whole")));
    let ids = json!({ "idApp": 1001, "idContract": 5001, "idUser": 2001 });
    let takes = |tool: &&openapi_mcp::catalog::Tool| {
        tool.input_schema["properties"].get("fields").is_some() && tool.effect == openapi_mcp::catalog::Effect::Read
    };
    let required = |tool: &openapi_mcp::catalog::Tool| {
        let names = tool.input_schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        names.map(|name| (name.to_owned(), ids[name].clone())).collect()
    };
    let tools: Vec<_> = catalog.tools().iter().filter(takes).map(|tool| (tool.name.as_str(), required(tool))).collect();
    // Torii's own document makes fewer
    assert!(tools.len() >= 11, "{tools:?}");
    tools
}

#[tokio::test]
async fn every_tool_refuses_a_name_that_nothing_has() {
    let server = Server::demo();
    let found = server.call(Era::Modern, "list_app_users", json!({ "idApp": 1001 })).await.ok();
    for (tool, mut arguments) in tools() {
        if arguments.contains_key("idUser") {
            arguments.insert("idUser".to_owned(), found["users"][0]["idUser"].clone());
        }
        arguments.insert("fields".to_owned(), json!(["id", "fnord"]));
        let refused = server.call(Era::Modern, tool, arguments.into()).await.failure();
        assert!(refused.contains("`fnord` in `fields` is not a field of "), "{tool}: {refused}");
        assert!(refused.contains("use a key from ") && refused.ends_with("and call again"), "{tool}: {refused}");
        leads_on(&refused);
    }
    let arguments = json!({ "idApp": 1001, "fields": ["fulName", "email"] });
    let refused = server.call(Era::Legacy, "list_app_users", arguments).await.failure();
    assert_eq!(
        refused,
        "`fulName` in `fields` is not a field of items here, but similar to `fullName`; use a key from `list_app_users` with \
         `fields: []`, which returns all, or leave it out, and call again"
    );
}

#[tokio::test]
async fn a_name_that_the_document_or_an_item_has_is_taken() {
    let torii = Torii::answering(|_, _| ([("content-type", "application/json")], r#"{"audit":[{"type":"a"},{"new":1}]}"#));
    let server = Server::before(&torii);
    let list = async |fields: Value| server.call(Era::Modern, "list_audit_logs", json!({ "fields": fields })).await;
    assert_eq!(list(json!(["new", "idTargetOrg"])).await.ok(), json!({ "audit": [{}, { "new": 1 }] }));
    assert!(list(json!(["new", "old"])).await.failure().starts_with("`old` in `fields` is not a field"));
}

#[tokio::test]
async fn the_fields_of_a_write_are_no_choice_of_what_is_returned() {
    let refusal = json!({ "statusCode": 422, "message": "fields is not allowed" }).to_string();
    let torii = Torii::answering(move |_, asked| {
        let is_write = asked.line.starts_with("POST ");
        let body = if is_write { refusal.clone() } else { r#"{"users":[{"id":7,"email":"a@example.com"}]}"#.to_owned() };
        let status = axum::http::StatusCode::from_u16(if is_write { 422 } else { 200 }).expect("a status");
        (status, [("content-type", "application/json")], body)
    });
    let server = Server::before(&torii).over("/mcp?toolsets=users");
    let arguments = json!({ "email": "a@example.com", "fields": ["firstName"] });
    let refused = server.call(Era::Modern, "anonymize_user", arguments).await.failure();
    assert!(refused.contains("fields is not allowed") && !refused.contains("leave it out"), "{refused}");
    assert!(refused.ends_with("correct `fields` and call again"), "{refused}");
}
