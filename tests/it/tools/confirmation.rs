//! What changes things asks first, or only shows what it would send.

use openapi_mcp::confirmation::ConfirmationPolicy;
use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

use crate::support::{
    assistant::{Called, Era, KEY, Server, Stdio, content},
    mock_api::Torii,
    process::Program,
    test_server::Connector,
};

const REDIRECT: &str = "https://assistant.example/callback";
const DESTROY: &[&str] = &["torii:read", "torii:write", "torii:destroy"];
const NOTHING: &str = "Nothing has been changed yet.";

/// A call of the revision of 2026 by a client that shows forms to its user.
pub(super) async fn asked(server: &Server, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "form": {} } },
    });
    let name = params["name"].as_str().expect("it names a tool").to_owned();
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let request = server.post().header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call");
    let response = request.header("mcp-name", name).json(&body).send().await.expect("the server answers");
    response.json::<Value>().await.expect("the response is JSON")["result"].clone()
}

async fn contract(server: &Server) -> u64 {
    let made =
        server.call(Era::Legacy, "create_contract", json!({ "name": "Short", "idApp": 1001, "status": "active" })).await.ok();
    made["contract"]["id"].as_u64().expect("it has an id")
}

async fn is_there(server: &Server, id: u64) -> bool {
    !server.call(Era::Legacy, "get_contract", json!({ "idContract": id })).await.is_error
}

#[tokio::test]
async fn a_client_that_cannot_ask_prepares_first_and_then_confirms() {
    let server = Server::demo();
    let id = contract(&server).await;
    let prepared = server.call(Era::Legacy, "delete_contract", json!({ "idContract": id })).await.ok();
    assert!(prepared["next"].as_str().is_some_and(|next| next.starts_with(NOTHING)), "{prepared}");
    assert_eq!((&prepared["sent"], &prepared["request"]["method"]), (&json!(false), &json!("DELETE")));
    assert!(is_there(&server, id).await);

    let confirmed = json!({ "idContract": id, "confirmation": prepared["confirmation"] });
    let other = json!({ "idContract": id + 1, "confirmation": prepared["confirmation"] });
    let refused = server.call(Era::Legacy, "delete_contract", other).await.failure();
    assert!(refused.contains("not for this call"), "{refused}");
    server.call(Era::Modern, "delete_contract", confirmed.clone()).await.ok();
    assert!(!is_there(&server, id).await);
    let again = server.call(Era::Legacy, "delete_contract", confirmed).await.failure();
    assert!(again.contains("answered before"), "{again}");
}

#[tokio::test]
async fn a_client_of_2026_asks_its_user_and_comes_again() {
    let server = Server::demo();
    let id = contract(&server).await;
    let arguments = json!({ "tool": "delete_contract", "arguments": { "idContract": id } });
    let call = json!({ "name": "run_write_tool", "arguments": arguments });
    let question = asked(&server, call.clone()).await;
    assert_eq!(question["resultType"], "input_required", "{question}");
    let asks = &question["inputRequests"]["confirm"];
    assert_eq!((&asks["method"], &asks["params"]["mode"]), (&json!("elicitation/create"), &json!("form")));
    let message = asks["params"]["message"].as_str().expect("it asks in words");
    assert!(
        message.starts_with("Delete a contract? contract `Short`. It sends DELETE http")
            && message.ends_with("This cannot be undone."),
        "{message}"
    );

    let again = |action: &str, state: &Value| {
        let mut call = call.clone();
        call["requestState"] = state.clone();
        call["inputResponses"] = json!({ "confirm": { "action": action, "content": {} } });
        call
    };
    for action in ["decline", "cancel"] {
        let state = asked(&server, call.clone()).await["requestState"].take();
        let declined = asked(&server, again(action, &state)).await;
        let text = declined["content"][0]["text"].as_str().expect("it says so");
        assert!(declined["isError"] == true && text.contains("did not agree"), "{declined}");
        // a user who declined is not asked again, and the state of a question does not confirm a call
        let changed_its_mind = asked(&server, again("accept", &state)).await;
        assert_eq!(changed_its_mind["isError"], true, "{changed_its_mind}");
        let arguments = json!({ "idContract": id, "confirmation": question["requestState"] });
        let refused = server.call(Era::Legacy, "delete_contract", arguments).await.failure();
        assert!(refused.contains("not for this call"), "{refused}");
    }
    let forged = asked(&server, again("accept", &json!("confirm_9999999999.x.AAAA"))).await;
    assert_eq!(forged["isError"], true, "{forged}");
    assert!(is_there(&server, id).await);
    let done = asked(&server, again("accept", &question["requestState"])).await;
    assert_eq!((&done["resultType"], &done["isError"]), (&json!("complete"), &json!(false)), "{done}");
    assert!(!is_there(&server, id).await);
    assert_eq!(asked(&server, again("accept", &question["requestState"])).await["isError"], true, "only once");
}

#[tokio::test]
async fn a_question_names_all_that_is_sent_and_hides_nothing() {
    let server = Server::with(&[("TORII_API_KEY", "key"), ("TORII_SCIM_KEY", "key"), ("TORII_API_URL", "http://127.0.0.1:9")]);
    let patch = |name: &str| {
        let operations = json!([{ "op": "replace", "value": { "displayName": name, "active": false } }]);
        json!({ "name": "patch_scim_user", "arguments": { "idUser": 1, "Operations": operations } })
    };
    let question = asked(&server, patch(&format!("{}\u{202e}\u{200b}", "a".repeat(1_500)))).await;
    let message = question["inputRequests"]["confirm"]["params"]["message"].as_str().unwrap_or_else(|| panic!("{question}"));
    assert!(message.contains("\"active\":false") && !message.contains(['\u{202e}', '\u{200b}']), "{message}");

    let many: Vec<Value> =
        (0..100).map(|n| json!({ "op": "replace", "path": format!("displayName{n}"), "value": "x" })).collect();
    let call = json!({ "name": "patch_scim_user", "arguments": { "idUser": 1, "Operations": many } });
    let prepared = asked(&server, call).await;
    assert!(content(&prepared)["next"].as_str().is_some_and(|next| next.starts_with(NOTHING)), "{prepared}");
}

#[test]
fn over_stdio_an_older_client_is_asked_in_between() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let address = sample.stdout.address();
    let mut stdio = Program::start(&["stdio"], &[("TORII_API_URL", &address), ("TORII_API_KEY", FULL_ACCESS_KEY)]);
    let wait = |stdio: &Program, is_it: &dyn Fn(&Value) -> bool| {
        stdio.stdout.wait_for(|text, _| {
            let messages = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is a message"));
            messages.into_iter().find(|message| is_it(message))
        })
    };
    let capabilities = json!({ "elicitation": {} });
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": { "name": "test", "version": "1" } });
    stdio.tell(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello }).to_string());
    wait(&stdio, &|message| message["id"] == 1 && message.get("result").is_some());
    stdio.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
    for (number, action) in [(2, "decline"), (3, "accept")] {
        let call = json!({ "name": "delete_contract", "arguments": { "idContract": 5001 } });
        stdio.tell(&json!({ "jsonrpc": "2.0", "id": number, "method": "tools/call", "params": call }).to_string());
        let nth = number - 2;
        let question = wait(&stdio, &|message| message["method"] == "elicitation/create" && message["id"] == nth);
        assert!(question["params"]["message"].as_str().is_some_and(|text| text.contains("Delete a contract?")), "{question}");
        stdio.tell(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": action, "content": {} } }).to_string());
        let response = wait(&stdio, &|message| {
            message["id"] == number && message.get("result").is_some() && message.get("method").is_none()
        });
        assert_eq!(response["result"]["isError"], action == "decline", "{response}");
    }
}

#[tokio::test]
async fn the_operator_can_have_everything_confirmed_or_nothing() {
    let never = Connector::start_on(|setup| setup.tool_policy.confirm = ConfirmationPolicy::Never).await;
    let app = never.app(REDIRECT).await;
    let tokens = app.connect(&never.signed_in().await, DESTROY).await;
    let response: Value =
        app.call(&tokens.access, "delete_contract", json!({ "idContract": 5001 })).await.json().await.expect("it is JSON");
    assert!(!Called::from_answer("delete_contract", &response).text.contains(NOTHING), "{response}");

    let always = Connector::start_on(|setup| setup.tool_policy.confirm = ConfirmationPolicy::Always).await;
    let app = always.app(REDIRECT).await;
    let tokens = app.connect(&always.signed_in().await, DESTROY).await;
    let mut arguments = json!({ "idApp": 1001, "name": "A new name" });
    let call = async |arguments: &Value| {
        let response: Value = app.call(&tokens.access, "update_app", arguments.clone()).await.json().await.expect("it is JSON");
        Called::from_answer("update_app", &response).ok()
    };
    let prepared = call(&arguments).await;
    assert_eq!(prepared["request"]["body"], json!({ "name": "A new name" }), "{prepared}");
    arguments["confirmation"] = prepared["confirmation"].clone();
    assert!(call(&arguments).await.get("next").is_none());
}

#[tokio::test]
async fn a_confirmation_is_spent_for_all_replicas() {
    let connector = Connector::start().await;
    let replica = connector.replica().await;
    let app = connector.app(REDIRECT).await;
    let tokens = app.connect(&connector.signed_in().await, DESTROY).await;
    let call = async |at: &str, arguments: &Value| {
        let response: Value =
            app.at(at).call(&tokens.access, "delete_contract", arguments.clone()).await.json().await.expect("it is JSON");
        Called::from_answer("delete_contract", &response)
    };
    let mut arguments = json!({ "idContract": 5001 });
    arguments["confirmation"] = call(&connector.at, &arguments).await.ok()["confirmation"].clone();
    call(&replica.at, &arguments).await.ok();
    let again = call(&connector.at, &arguments).await.failure();
    assert!(again.contains("answered before"), "{again}");
}

#[test]
fn over_stdio_a_confirmation_is_spent_for_all_processes() {
    let torii = Torii::idle();
    let folder = tempfile::tempdir().expect("there is room");
    let data = folder.path().to_str().expect("it is text");
    let in_a_new_process = |arguments: &Value| {
        let variables = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", KEY), ("TORII_MCP_DATA_DIR", data)];
        Stdio::start(&variables).call("delete_contract", arguments)
    };
    let mut arguments = json!({ "idContract": 5001 });
    arguments["confirmation"] = in_a_new_process(&arguments).ok()["confirmation"].clone();
    in_a_new_process(&arguments).ok();
    let again = in_a_new_process(&arguments).failure();
    assert!(again.contains("answered before"), "{again}");
}

#[tokio::test]
async fn a_dry_run_shows_the_request_and_sends_nothing_that_changes() {
    let torii = Torii::idle();
    let server = Server::before(&torii);
    let arguments = json!({ "idContract": 7, "name": "x", "dry_run": true });
    let shown = server.call(Era::Modern, "update_contract", arguments).await.ok();
    let request = json!({
        "method": "PUT", "url": format!("{}/v1.0/contracts/7", torii.url), "contentType": "application/json", "body": { "name": "x" },
    });
    assert_eq!(shown["request"], request);
    let deleted = server.call(Era::Legacy, "delete_contract", json!({ "idContract": 7, "dry_run": true })).await.ok();
    assert_eq!(deleted["request"]["method"], "DELETE");
    let wrong = server.call(Era::Legacy, "delete_contract", json!({ "dry_run": true })).await.failure();
    assert!(wrong.starts_with("`idContract` is missing"), "{wrong}");
    assert!(torii.asked().iter().all(|asked| asked.line.starts_with("GET ")));
}

#[tokio::test]
async fn what_nobody_sees_is_not_passed_on_to_the_assistant() {
    let hidden = "{\"apps\":[{\"id\":1.0,\"name\":\"Sl\u{200b}ack\u{e0041}\\u202e\\u001b[2J\"}]}";
    let torii = Torii::answering(move |_, _| ([("content-type", "application/json")], hidden));
    let called = Server::before(&torii).call(Era::Modern, "list_apps", json!({})).await;
    assert_eq!(called.text, r#"{"apps":[{"id":1.0,"name":"Slack[2J"}]}"#);
}
