//! The next step of an error works: each is followed here, in the sample.

use serde_json::{Map, Value, json};

use crate::support::assistant::{Era, Server};

/// The literals of a text.
fn literals(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// What the tools that errors name are called with here, where they need an argument.
fn source(tool: &str) -> Value {
    match tool {
        "get_contract" => json!({ "idContract": 5001 }),
        "list_app_users" => json!({ "idApp": 1001, "fields": [] }),
        "list_user_apps" => json!({ "idUser": 20_001 }),
        _ => json!({}),
    }
}

/// The value that a tool gives for an argument: the id, or the key of a choice of the field.
fn promised(argument: &str, response: &Value) -> Option<Value> {
    match response {
        Value::Array(items) => items.iter().find_map(|item| promised(argument, item)),
        Value::Object(members) if members.get("systemKey").is_some_and(|key| key == argument) => {
            members["options"].as_array()?.first()?.get("value").cloned()
        }
        Value::Object(members) => {
            let own = || members.get(argument).filter(|value| !value.is_null()).cloned();
            let id = || argument.starts_with("id").then(|| members.get("id").filter(|id| id.is_number()).cloned()).flatten();
            own().or_else(id).or_else(|| members.values().find_map(|member| promised(argument, member)))
        }
        _ => None,
    }
}

/// The first key that a tool which lists keys gives.
fn key(response: &Value) -> Value {
    response["predefinedFields"][1]["systemKey"].clone()
}

#[tokio::test]
async fn the_next_step_of_every_wrong_argument_leads_to_a_call_that_works() {
    let server = Server::demo();
    let call = async |tool: &str, arguments: &Value| server.call(Era::Modern, tool, arguments.clone()).await;
    for (tool, argument, arguments) in [
        ("list_apps", "sort", json!({ "sort": ["potentialSavings:desc"] })),
        ("list_apps", "fields", json!({ "fields": ["potentialSavings"] })),
        ("list_users", "sort", json!({ "sort": ["zzzz:asc"] })),
        ("list_contracts", "sort", json!({ "sort": ["zzzz:asc"] })),
        ("list_transactions", "sort", json!({ "sort": ["category:asc"] })),
        ("list_transactions", "fields", json!({ "fields": ["category"] })),
        ("get_app", "fields", json!({ "idApp": 1001, "fields": ["zzzz"] })),
        ("list_app_users", "sort", json!({ "idApp": 1001, "sort": ["zzzz:asc"] })),
        ("list_app_users", "qFields", json!({ "idApp": 1001, "qFields": ["zzzz"] })),
        ("list_scim_users", "sortBy", json!({ "sortBy": "zzz" })),
        ("list_access_request_policies", "fields", json!({ "fields": ["zzzz"] })),
        ("list_workflow_changes", "startTime", json!({ "startTime": "zz" })),
        ("get_app", "idApp", json!({ "idApp": 1 })),
        ("get_user", "idUser", json!({ "idUser": 1 })),
        ("get_contract", "idContract", json!({ "idContract": 1 })),
        ("get_user_app", "idApp", json!({ "idUser": 20_001, "idApp": 999_999 })),
        ("update_user_app", "idApp", json!({ "idUser": 20_001, "idApp": 999_999, "isUserRemovedFromApp": false })),
        ("update_transaction", "idTransaction", json!({ "idTransaction": 1, "idApp": 1001 })),
        ("update_app_field", "idField", json!({ "idField": 1, "name": "Other" })),
        ("update_app", "state", json!({ "idApp": 1001, "name": "Chat", "state": "zzzz" })),
        ("update_contract", "status", json!({ "idContract": 5001, "amount": 5, "status": "zzzz" })),
        ("create_contract", "idApp", json!({ "name": "a", "idApp": 1, "status": "active" })),
        ("run_workflow", "idWorkflow", json!({ "idWorkflow": 1 })),
        ("delete_contract", "idContract", json!({ "idContract": 1 })),
    ] {
        let text = call(tool, &arguments).await.failure();
        let step = text.rsplit("; ").next().expect("there is a step").to_owned();
        let wrong = arguments[argument].to_string();
        let mut next: Map<String, Value> = arguments.as_object().expect("an object").clone();
        let is_own_text = step.contains("the description of");
        let literals = literals(&step).into_iter();
        let source_of = literals.clone().find(|literal| literal.contains('_') && !is_own_text).map(str::to_owned);
        if let Some(name) = source_of {
            let found = call(&name, &source(&name)).await.ok();
            let takes_key = step.contains("key");
            let value = if takes_key { Some(key(&found)) } else { promised(argument, &found) };
            let value = value.unwrap_or_else(|| panic!("{tool}: {step}: `{name}` has no `{argument}`: {found}"));
            let value = match argument {
                "sort" => json!([format!("{}:asc", value.as_str().expect("a key"))]),
                "fields" => json!([value]),
                _ => value,
            };
            assert_ne!(value.to_string(), wrong);
            next.insert(argument.to_owned(), value);
        } else {
            assert!(is_own_text || correcting(argument).contains(&step), "{tool}: {text}");
            next.remove(argument);
        }
        let again = call(tool, &Value::Object(next.clone())).await;
        if again.is_error {
            // another argument may be wrong, too, but not this one
            let text = again.failure();
            assert!(tool == "update_app_field" && !text.contains(&format!("`{argument}`")), "{tool} {next:?}: {text}");
        }
    }
}

/// The steps that name no tool.
fn correcting(argument: &str) -> [String; 2] {
    [format!("correct `{argument}` or leave it out, and call again"), format!("correct `{argument}` and call again")]
}

#[tokio::test]
async fn every_tool_that_a_description_names_as_a_source_exists_and_an_id_has_one() {
    let server = Server::demo();
    let found = server.ask(Era::Modern, "tools/list", json!({})).await.1;
    assert!(found["result"]["tools"].is_array());
    let listed = crate::support::process::run(&["tools", "--json"], &[]).stdout;
    let listed: Value = serde_json::from_str(&listed).expect("the tools are JSON");
    let tools = listed["tools"].as_array().expect("there are tools");
    // Torii's own document makes fewer tools than the overlay names
    let names: Vec<&str> = include_str!("../../../openapi/overlay.yaml")
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("tool: "))
        .collect();
    for tool in tools {
        let path = tool["path"].as_str().expect("a path");
        for (argument, schema) in tool["inputSchema"]["properties"].as_object().expect("properties") {
            let words =
                schema["description"].as_str().unwrap_or_default().split(|sign: char| !sign.is_alphanumeric() && sign != '_');
            let sources: Vec<&str> = words
                .filter(|word| ["list_", "get_", "search_", "create_", "upload_"].iter().any(|verb| word.starts_with(verb)))
                .collect();
            assert!(sources.iter().all(|source| names.contains(source)), "{}: `{argument}`: {sources:?}", tool["name"]);
            let is_in_path = path.contains(&format!("{{{argument}}}"));
            let text = &schema["description"];
            assert!(
                !is_in_path || !sources.is_empty() || text.as_str().is_some_and(|text| text.contains("parse_expense_file")),
                "{}: `{argument}` names no source: {text}",
                tool["name"]
            );
        }
    }
}

#[tokio::test]
async fn a_step_leads_only_to_tools_that_are_offered_at_this_address() {
    let (wide, narrow) = (Server::demo(), Server::demo().over("/mcp?toolsets=contracts"));
    let arguments = json!({ "name": "New", "idApp": 999_999, "status": "active" });
    let [wide, narrow] = [
        wide.call(Era::Modern, "create_contract", arguments.clone()).await.failure(),
        narrow.call(Era::Modern, "create_contract", arguments).await.failure(),
    ];
    assert!(wide.ends_with("take `idApp` from `list_apps` and call again"), "{wide}");
    assert!(narrow.ends_with("correct `idApp` and call again"), "{narrow}");
}
