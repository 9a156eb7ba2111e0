//! Arguments that are `null` or empty, for every tool: they are not given, the result says so, and only `clear` empties a field.

use std::iter;

use serde_json::{Map, Value, json};

use crate::support::{
    assistant::{Era, Server},
    mock_api::Torii,
    process::run,
};

/// All tools, as the program prints them.
fn tools() -> Vec<Value> {
    let listed: Value = serde_json::from_str(&run(&["tools", "--json"], &[]).stdout).expect("the tools are JSON");
    listed["tools"].as_array().expect("there are tools").clone()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A value that the schema takes.
fn example(schema: &Value) -> Value {
    let first = |key: &str| Some(schema.get(key)?.get(0)?.clone());
    let members = || {
        let required = names(&schema["required"]).into_iter();
        Value::Object(required.map(|name| (name.to_owned(), example(&schema["properties"][name]))).collect())
    };
    first("enum").or_else(|| first("examples")).unwrap_or_else(|| match schema["type"].as_str() {
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("array") => vec![example(&schema["items"])].into(),
        Some("object") => members(),
        _ => if schema["format"] == "email" { "a@example.com" } else { "a" }.into(),
    })
}

/// The required arguments of a tool, and the names of the others.
fn arguments(tool: &Value) -> (Map<String, Value>, Vec<&str>) {
    let schema = &tool["inputSchema"];
    let required = names(&schema["required"]);
    let properties = schema["properties"].as_object().expect("there are properties");
    let mut given: Map<_, _> = required.iter().map(|name| ((*name).to_owned(), example(&properties[*name]))).collect();
    if tool["name"] == "upload_file" {
        given["file"]["text"] = "a".into();
    }
    (given, properties.keys().map(String::as_str).filter(|name| !required.contains(name)).collect())
}

async fn call(server: &Server, tool: &str, arguments: &Map<String, Value>) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    server.ask(Era::Modern, "tools/call", params).await.1["result"].take()
}

#[tokio::test]
async fn null_for_every_argument_of_every_tool_is_told_as_not_given() {
    let torii = Torii::idle();
    let server = Server::with(&[
        ("TORII_API_URL", &torii.url),
        ("TORII_API_KEY", "key"),
        ("TORII_SCIM_KEY", "key"),
        ("TORII_RATE_LIMIT", "off"),
    ]);
    for tool in tools() {
        let name = tool["name"].as_str().expect("it has a name");
        let (given, others) = arguments(&tool);
        for nothing in [json!(null), json!("")] {
            let mut all: Map<_, _> = others.iter().map(|name| ((*name).to_owned(), nothing.clone())).collect();
            all.extend(given.clone());
            let mut told = others.clone();
            if all.contains_key("dry_run") {
                all["dry_run"] = true.into();
                told.retain(|name| *name != "dry_run");
            }
            let result = call(&server, name, &all).await;
            let text = result["content"][0]["text"].as_str().unwrap_or_default();
            if text.starts_with("nothing would change") {
                assert!(result["isError"] == true && given.keys().all(|name| name.starts_with("id")), "{name}: {text}");
                assert_eq!(text.contains("`clear"), others.contains(&"clear"), "{name}: {text}");
                continue;
            }
            assert_ne!(result["isError"], true, "{name}: {text}");
            let note = result["content"][1]["text"].as_str().unwrap_or_default();
            let missing: Vec<_> = told.iter().filter(|name| !note.contains(&format!("`{name}`"))).collect();
            assert!(missing.is_empty() && (told.is_empty() || note.contains("null or empty")), "{name}: {missing:?}: {note}");
        }
        for required in given.keys() {
            let nothing = iter::once((required.clone(), Value::Null));
            let without: Map<_, _> = given.clone().into_iter().filter(|(name, _)| name != required).chain(nothing).collect();
            let refused = call(&server, name, &without).await["content"][0]["text"].to_string();
            assert!(refused.contains(&format!("`{required}` is missing")), "{name}: {refused}");
        }
    }
}

#[tokio::test]
async fn structured_content_tells_it_as_the_text_does() {
    let torii = Torii::idle();
    let mut server = Server::before(&torii);
    server.url += "?structured";
    for (tool, given, left_out) in [
        ("list_apps", json!({ "q": null, "max_items": "" }), "`q`, `max_items`"),
        ("find_tools", json!({ "query": "apps", "limit": null }), "`limit`"),
        ("run_read_tool", json!({ "tool": "list_roles", "arguments": { "cursor": null } }), "`cursor`"),
    ] {
        let result = call(&server, tool, given.as_object().expect("arguments are an object")).await;
        let note = format!("Not given, since null or empty: {left_out}.");
        assert_eq!(
            (&result["content"][1]["text"], &result["structuredContent"]["notice"]),
            (&json!(note), &json!(note)),
            "{result}"
        );
    }
}

#[tokio::test]
async fn clear_sends_what_empties_a_field_and_null_sends_nothing() {
    let torii = Torii::idle();
    let server = Server::before(&torii);
    for (tool, given, body) in [
        ("update_contract", json!({ "idContract": 1, "clear": ["amount"] }), json!({ "amount": null })),
        ("update_contract", json!({ "idContract": 1, "clear": "amount,c_notes" }), json!({ "amount": null, "c_notes": null })),
        ("update_contract", json!({ "idContract": 1, "status": "closed", "amount": null }), json!({ "status": "closed" })),
        ("update_contract", json!({ "idContract": 1, "clear": ["documents"] }), json!({ "documents": [] })),
        (
            "update_app",
            json!({ "idApp": 1, "clear": ["url", "c_owner"], "name": "A" }),
            json!({ "name": "A", "url": "", "c_owner": null }),
        ),
        ("update_transaction", json!({ "idTransaction": 1, "clear": ["idApp"] }), json!({ "idApp": null })),
        ("update_transaction", json!({ "idTransaction": 1, "idApp": "2", "amount": null }), json!({ "idApp": 2 })),
        (
            "create_contract",
            json!({ "name": "a", "idApp": 1, "status": "active", "amount": null, "c_notes": "" }),
            json!({ "name": "a", "idApp": 1, "status": "active" }),
        ),
    ] {
        let mut given = given.as_object().expect("arguments are an object").clone();
        given.insert("dry_run".to_owned(), true.into());
        let shown = call(&server, tool, &given).await;
        let shown: Value =
            serde_json::from_str(shown["content"][0]["text"].as_str().expect("it is text")).expect("the text is JSON");
        assert_eq!(shown["request"]["body"], body, "{tool}: {given:?}: {shown}");
    }
    let nothing = json!({ "idContract": 1, "amount": null });
    let refused = call(&server, "update_contract", nothing.as_object().expect("it is an object")).await;
    let text = refused["content"][0]["text"].as_str().expect("it is text");
    assert!(refused["isError"] == true && text.ends_with("or with `clear: [\"amount\"]` to empty it"), "{text}");
    assert!(torii.asked().iter().all(|asked| asked.line.starts_with("GET ")), "nothing was sent that changes");
}
