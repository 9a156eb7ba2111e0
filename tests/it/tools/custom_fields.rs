//! What the server knows of an organization, and what it offers besides tools: fields, resources, completions, prompts, and
//! errors that lead on.

use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::IntoResponse,
};
use serde_json::{Value, json};
use torii_sample::{FULL_ACCESS_KEY, SCIM_KEY};

use crate::support::{
    assistant::{Era, Server},
    error_style::leads_on,
    mock_api::Torii,
    test_server::Connector,
};

const ERAS: [Era; 2] = [Era::Legacy, Era::Modern];

async fn result(server: &Server, era: Era, method: &str, params: Value) -> Value {
    let (_, answer) = server.ask(era, method, params).await;
    assert!(answer["error"].is_null(), "{method}: {answer}");
    answer["result"].clone()
}

async fn error(server: &Server, era: Era, method: &str, params: Value) -> (i64, String, Value) {
    let (_, answer) = server.ask(era, method, params).await;
    let error = &answer["error"];
    let code = error["code"].as_i64().unwrap_or_else(|| panic!("{method} should have failed: {answer}"));
    (code, error["message"].as_str().unwrap_or_default().to_owned(), error["data"].clone())
}

async fn read(server: &Server, uri: &str) -> Value {
    let read = result(server, Era::Modern, "resources/read", json!({ "uri": uri })).await;
    assert_eq!(read["cacheScope"], "private");
    serde_json::from_str(read["contents"][0]["text"].as_str().expect("it is a text")).expect("it is JSON")
}

async fn complete(server: &Server, reference: Value, name: &str, value: &str, context: Value) -> Value {
    let params = json!({ "ref": reference, "argument": { "name": name, "value": value }, "context": { "arguments": context } });
    result(server, Era::Modern, "completion/complete", params).await["completion"].clone()
}

fn prompt(name: &str) -> Value {
    json!({ "type": "ref/prompt", "name": name })
}

fn resource(uri: &str) -> Value {
    json!({ "type": "ref/resource", "uri": uri })
}

#[tokio::test]
async fn an_unknown_field_leads_to_the_organization_s_own() {
    let server = Server::demo();
    for (tool, arguments, told) in [
        (
            "list_apps",
            json!({ "fields": ["name", "ownr"] }),
            "unknown field: ownr; `ownr` in `fields` is not a field of apps here, but similar to `appOwners` (Owners), `primaryOwner` (Primary owner)",
        ),
        (
            "list_contracts",
            json!({ "filters": [{ "key": "endDat", "op": "isSet" }] }),
            "`endDat` in `filters[0].key` is not a field of contracts here, but similar to `ccf_4f1c` (End date)",
        ),
        (
            "list_users",
            json!({ "sort": ["departement:asc"] }),
            "`departement` in `sort` is not a field of users here, but similar to `c_department` (Department)",
        ),
        (
            "update_contract",
            json!({ "idContract": 5001, "c_seat": 5 }),
            "`c_seat` is not a field of contracts here, but similar to `c_seats` (Seats)",
        ),
    ] {
        let text = server.call(Era::Modern, tool, arguments).await.failure();
        leads_on(&text);
        assert!(text.contains(told), "{text}");
    }
}

#[tokio::test]
async fn fields_are_resources() {
    let server = Server::demo();
    for era in ERAS {
        let list = result(&server, era, "resources/list", json!({})).await;
        let uris: Vec<_> = list["resources"].as_array().expect("there are resources").iter().map(|one| &one["uri"]).collect();
        assert_eq!(
            uris,
            [
                "torii://coverage",
                "torii://tables",
                "torii://fields/apps",
                "torii://fields/contracts",
                "torii://fields/transactions",
                "torii://fields/users"
            ]
        );
        let templates = result(&server, era, "resources/templates/list", json!({})).await;
        let templates = templates["resourceTemplates"].as_array().expect("there are templates").clone();
        let templates: Vec<_> = templates.iter().map(|one| &one["uriTemplate"]).collect();
        assert_eq!(templates, ["torii://fields/{kind}{?q}", "torii://tools/{toolset}"]);
        let (code, text, data) = error(&server, era, "resources/read", json!({ "uri": "torii://fields/app" })).await;
        assert_eq!((code, text.as_str()), (-32602, "unknown resource; did you mean `torii://fields/apps`?"));
        assert_eq!(data, json!({ "uri": "torii://fields/app" }));
    }
    let (_, read_once) = server.ask(Era::Modern, "resources/read", json!({ "uri": "torii://fields/apps" })).await;
    let ttl = read_once["result"]["ttlMs"].as_u64().expect("it may be kept");
    assert!((1..=15 * 60 * 1000).contains(&ttl), "{ttl}");
    let apps = read(&server, "torii://fields/apps").await;
    let own = json!({ "key": "c_annualBudget", "name": "Annual budget", "type": "currency", "isCustom": true });
    assert!(apps["fields"].as_array().expect("there are fields").contains(&own), "{apps}");
    assert_eq!((&apps["count"], &apps["kind"]), (&apps["total"], &json!("apps")));
    let owners = read(&server, "torii://fields/users?q=Budget").await;
    assert_eq!((&owners["total"], &owners["fields"][0]["key"]), (&json!(1), &json!("c_softwareBudget")));
    let tools = read(&server, "torii://tools/contracts").await;
    assert!(tools["tools"].as_array().is_some_and(|tools| tools.iter().any(|tool| tool["name"] == "list_contracts")), "{tools}");
}

#[tokio::test]
async fn fields_are_asked_of_torii_once() {
    let metadata =
        json!({ "predefinedFields": [{ "systemKey": "name", "name": "Name", "type": "singleLine" }], "customFields": [] });
    let torii = Torii::answering(move |_, _| mcp_http::json::Json(metadata.clone()));
    let server = Server::before(&torii);
    for _ in 0..3 {
        assert_eq!(read(&server, "torii://fields/users").await["total"], 1);
    }
    assert_eq!(torii.asked().len(), 1);
}

#[tokio::test]
async fn what_a_token_does_not_cover_is_neither_listed_nor_read() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app("http://127.0.0.1:7777/back").await, connector.browser());
    browser.sign_in(FULL_ACCESS_KEY, SCIM_KEY).await;
    let ask = async |access: &str, method: &str, params: Value| app.ask(access, method, params).await;
    let narrow = app.connect(&browser, &["torii:scim"]).await.access;
    let listed: Value = ask(&narrow, "resources/list", json!({})).await.json().await.expect("it is JSON");
    assert_eq!(listed["result"]["resources"].as_array().map(Vec::len), Some(1), "{listed}");
    let listed: Value = ask(&narrow, "prompts/list", json!({})).await.json().await.expect("it is JSON");
    assert_eq!(listed["result"]["prompts"], json!([]));
    for (method, params) in
        [("resources/read", json!({ "uri": "torii://fields/apps" })), ("prompts/get", json!({ "name": "renewals" }))]
    {
        let refused = ask(&narrow, method, params).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        let challenge = refused.headers()["www-authenticate"].to_str().expect("it is text").to_owned();
        assert!(challenge.contains("insufficient_scope") && challenge.contains("torii:read"), "{challenge}");
    }
    let completion = json!({ "ref": resource("torii://fields/{kind}{?q}"), "argument": { "name": "q", "value": "n" },
        "context": { "arguments": { "kind": "apps" } } });
    let completed: Value = ask(&narrow, "completion/complete", completion).await.json().await.expect("it is JSON");
    assert_eq!(completed["result"]["completion"]["values"], json!([]), "{completed}");
    let reader = app.connect(&browser, &["torii:read"]).await.access;
    let read: Value =
        ask(&reader, "resources/read", json!({ "uri": "torii://fields/apps" })).await.json().await.expect("it is JSON");
    assert!(read["result"]["contents"][0]["text"].is_string(), "{read}");
}

#[tokio::test]
async fn what_could_come_next_is_offered() {
    let server = Server::demo();
    let none = || json!({});
    let fields = || resource("torii://fields/{kind}{?q}");
    for (reference, name, typed, context, values) in [
        (fields(), "kind", "", none(), json!(["apps", "contracts", "transactions", "users"])),
        (fields(), "kind", "CO", none(), json!(["contracts"])),
        (fields(), "q", "owner", json!({ "kind": "apps" }), json!(["primaryOwner", "appOwners"])),
        (fields(), "q", "owner", json!({ "kind": "contracts" }), json!(["owner"])),
        (fields(), "q", "owner", none(), json!([])),
        (resource("torii://tools/{toolset}"), "toolset", "con", none(), json!(["contracts"])),
        (prompt("renewals"), "days", "", none(), json!(["30", "60", "90", "180", "365"])),
        (prompt("renewals"), "days", "6", none(), json!(["60"])),
        (prompt("spend_by_category"), "by", "cost", none(), json!(["c_costCenter"])),
        (prompt("offboarding_check"), "user", "a", none(), json!([])),
    ] {
        let completion = complete(&server, reference.clone(), name, typed, context).await;
        assert_eq!(completion["values"], values, "{reference} {name} {typed}");
        assert_eq!((&completion["hasMore"], &completion["total"]), (&json!(false), &json!(values.as_array().map(Vec::len))));
    }
}

#[tokio::test]
async fn a_completion_has_at_most_100_values_and_says_that_there_are_more() {
    let many: Vec<_> =
        (0..250).map(|n| json!({ "systemKey": format!("c_{n}"), "name": "X", "type": "number", "idField": n })).collect();
    let torii = Torii::answering(move |_, _| mcp_http::json::Json(json!({ "predefinedFields": [], "customFields": many })));
    let server = Server::before(&torii);
    let completion = complete(&server, resource("torii://fields/{kind}{?q}"), "q", "", json!({ "kind": "users" })).await;
    assert_eq!(completion["values"].as_array().map(Vec::len), Some(100));
    assert_eq!((&completion["hasMore"], &completion["total"]), (&json!(true), &json!(250)));
}

/// The calls that a prompt tells to make: the tool named before each block of JSON, and the block.
fn calls(text: &str) -> Vec<(String, String)> {
    let parts: Vec<_> = text.split("```").collect();
    let pairs = parts.chunks(2).filter(|pair| pair.len() == 2);
    pairs
        .map(|pair| {
            let named = pair[0].split('`').skip(1).step_by(2).filter(|word| word.starts_with("list_") || *word == "query").last();
            (named.expect("a tool is named").to_owned(), pair[1].trim_start_matches("json").to_owned())
        })
        .collect()
}

#[tokio::test]
async fn the_calls_of_every_prompt_succeed_and_find_something() {
    let server = Server::demo();
    let prompts = result(&server, Era::Legacy, "prompts/list", json!({})).await["prompts"].clone();
    let mut n_calls = 0;
    for prompt in prompts.as_array().expect("there are prompts") {
        let given = json!({ "name": prompt["name"], "arguments": { "user": "aaliyah.abdi@example.com" } });
        let given = if prompt["name"] == "offboarding_check" { given } else { json!({ "name": prompt["name"] }) };
        let got = result(&server, Era::Modern, "prompts/get", given).await;
        let text = got["messages"][0]["content"]["text"].as_str().expect("it is a text");
        assert_eq!(got["messages"][0]["role"], "user");
        for (tool, arguments) in calls(text) {
            let arguments = arguments.replace("\"<id of the user>\"", "20001").replace("\"<id of the app>\"", "1001");
            let arguments = serde_json::from_str(&arguments).unwrap_or_else(|error| panic!("{arguments}: {error}"));
            let answer = server.call(Era::Legacy, &tool, arguments).await.ok();
            let items = answer.as_object().and_then(|members| members.values().find_map(Value::as_array));
            // nobody who has left owns an app of the sample
            let is_answer = answer.get("rows").is_some();
            assert!(
                is_answer || items.is_some_and(|items| !items.is_empty()),
                "{} finds nothing with {tool}: {answer}",
                prompt["name"]
            );
            n_calls += 1;
        }
    }
    assert_eq!((prompts.as_array().map(Vec::len), n_calls), (Some(8), 20));
}

#[tokio::test]
async fn every_error_over_the_protocol_leads_on() {
    let server = Server::demo();
    for (method, params) in [
        ("tools/call", json!({ "name": "list_app" })),
        ("tools/call", json!({ "name": "zzz" })),
        ("tools/call", json!({})),
        ("tools/calls", json!({})),
        ("prompts/get", json!({ "name": "renewal" })),
        ("prompts/get", json!({ "name": "zzz" })),
        ("prompts/get", json!({})),
        ("prompts/get", json!({ "name": "renewals", "arguments": { "days": "many" } })),
        ("resources/read", json!({ "uri": "torii://x" })),
        ("resources/read", json!({ "uri": "torii://fields/planes" })),
        ("resources/read", json!({ "uri": "torii://tools/none" })),
        ("resources/read", json!({})),
        ("completion/complete", json!({ "ref": prompt("zzz"), "argument": { "name": "a", "value": "" } })),
        ("completion/complete", json!({ "ref": prompt("renewals"), "argument": { "name": "a", "value": "" } })),
        ("completion/complete", json!({ "ref": resource("torii://x"), "argument": { "name": "a", "value": "" } })),
        ("completion/complete", json!({ "ref": resource("torii://tools/{toolset}"), "argument": { "name": "a", "value": "" } })),
        ("completion/complete", json!({ "ref": "x" })),
    ] {
        let (code, text, _) = error(&server, Era::Legacy, method, params.clone()).await;
        assert!([-32602, -32601].contains(&code), "{method} {params}: {code}");
        leads_on(&text);
    }
    for (tool, arguments) in [
        ("get_app", json!({ "idApp": 1 })),
        ("get_app", json!({ "idApp": "x" })),
        ("list_users", json!({ "cursor": "mcp:x" })),
        ("list_users", json!({ "cursor": "x" })),
        ("list_users", json!({ "filters": [{ "key": "email", "op": "is" }] })),
        ("update_contract", json!({ "idContract": 5001, "End date": "soon" })),
    ] {
        leads_on(&server.call(Era::Legacy, tool, arguments).await.failure());
    }
    for status in [400, 401, 403, 404, 409, 418, 422, 429, 500, 503] {
        let status = StatusCode::from_u16(status).expect("it is a status");
        let torii = Torii::answering(move |_, _| (status, [(RETRY_AFTER, "3600")], "{\"message\":\"it is so\"}").into_response());
        let server = Server::before(&torii);
        leads_on(&server.call(Era::Legacy, "get_organization", json!({})).await.failure());
        leads_on(&server.call(Era::Legacy, "create_plugin", json!({ "name": "Mine" })).await.failure());
        let (code, text, data) = error(&server, Era::Legacy, "resources/read", json!({ "uri": "torii://fields/apps" })).await;
        assert_eq!((code, &data["uri"]), (-32603, &json!("torii://fields/apps")));
        leads_on(&text);
    }
}
