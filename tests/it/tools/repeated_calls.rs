//! Creates that are sent again: with a key they are made once, without one the result says that there are two.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    assistant::{Called, Era, KEY, Server, Stdio, content},
    error_style::leads_on,
    mock_api::Torii,
    process::run,
    test_server::Connector,
};

const WRITE: &[&str] = &["torii:read", "torii:write"];

/// A Torii that makes a contract with the number of each request.
fn contracts() -> Torii {
    Torii::answering(|number, _| ([("content-type", "application/json")], format!(r#"{{"contract":{{"id":{number}}}}}"#)))
}

fn slack(key: &str) -> Value {
    json!({ "name": "Slack", "idApp": 1001, "status": "active", "idempotency_key": key })
}

#[tokio::test]
async fn a_create_with_a_key_is_sent_once_and_gets_its_result_again() {
    let torii = contracts();
    let server = Server::before(&torii);
    let call = async |arguments: &Value| {
        let (_, answer) =
            server.ask(Era::Modern, "tools/call", json!({ "name": "create_contract", "arguments": arguments })).await;
        answer["result"].clone()
    };
    let shown = server.call(
        Era::Modern,
        "create_contract",
        json!({ "name": "Slack", "idApp": 1001, "status": "active", "idempotency_key": "a", "dry_run": true }),
    );
    assert!(shown.await.ok()["request"]["body"].get("idempotency_key").is_none(), "it is never sent");
    let first = call(&slack("a")).await;
    let again = call(&slack("a")).await;
    assert_eq!(content(&first), json!({ "contract": { "id": 0 } }));
    assert_eq!(content(&again), content(&first));
    assert!(first["content"].get(1).is_none(), "{first}");
    let note = again["content"][1]["text"].as_str().expect("it says so");
    assert!(note.contains("result of the first call with this `idempotency_key`"), "{note}");
    let mut other = slack("a");
    other["name"] = json!("Zoom");
    let refused = server.call(Era::Modern, "create_contract", other).await.failure();
    assert!(refused.contains("with other arguments"), "{refused}");
    leads_on(&refused);
    let long = server.call(Era::Legacy, "create_contract", slack(&"x".repeat(256))).await.failure();
    assert!(long.contains("at most 255 bytes"), "{long}");
    leads_on(&long);
    assert_eq!(torii.asked().len(), 1);
    assert_eq!(content(&call(&slack("b")).await)["contract"]["id"], 1, "another key");
}

#[test]
fn over_stdio_a_key_is_kept_for_the_next_process_with_the_same_torii_key() {
    let torii = contracts();
    let folder = tempfile::tempdir().expect("there is room");
    let data = folder.path().to_str().expect("it is text");
    let in_a_new_process = |torii_key: &str| {
        let variables = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", torii_key), ("TORII_MCP_DATA_DIR", data)];
        Stdio::start(&variables).call("create_contract", &slack("a")).ok()
    };
    let [first, again] = [(), ()].map(|()| in_a_new_process(KEY));
    assert_eq!(first, again);
    assert_eq!(torii.asked().len(), 1);
    let other = in_a_new_process("another");
    assert_ne!(first, other, "another organization may use the same key");
    let kept = std::fs::read(folder.path().join("calls.sqlite")).expect("there is a file");
    assert!(!kept.windows(8).any(|bytes| bytes == b"contract"), "results are encrypted");
}

#[test]
fn in_the_shell_a_create_with_a_key_is_sent_once() {
    let torii = contracts();
    let folder = tempfile::tempdir().expect("there is room");
    let data = folder.path().to_str().expect("it is text");
    let create = |variables: &[(&str, &str)]| {
        let given = ["call", "create_contract", "name=Slack", "idApp=1001", "status=active", "idempotency_key=a"];
        run(&given, &[&[("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", KEY)], variables].concat())
    };
    let [first, again] = [(), ()].map(|()| create(&[("TORII_MCP_DATA_DIR", data)]));
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert_eq!(first.stdout, again.stdout);
    assert!(again.stderr.contains("result of the first call"), "{}", again.stderr);
    let nowhere = create(&[]);
    assert!(nowhere.code == 1 && nowhere.stderr.contains("nothing was sent"), "{}", nowhere.stderr);
    assert_eq!(torii.asked().len(), 1);
}

#[test]
fn over_stdio_without_a_place_for_files_a_key_is_kept_as_long_as_the_process() {
    let torii = contracts();
    let mut stdio = Stdio::start(&[("TORII_API_URL", &torii.url), ("TORII_API_KEY", KEY)]);
    let [first, again] = [(), ()].map(|()| stdio.call("create_contract", &slack("a")).ok());
    assert_eq!(first, again);
    assert_eq!(torii.asked().len(), 1);
    stdio.program.stderr.wait_for(|text, _| text.contains("TORII_MCP_DATA_DIR").then_some(()));
}

#[tokio::test]
async fn a_key_is_free_again_after_a_failure_unless_the_create_may_have_been_made() {
    let status = Arc::new(AtomicU16::new(400));
    let answer = Arc::clone(&status);
    let torii = Torii::answering(move |_, _| {
        let status = StatusCode::from_u16(answer.load(Ordering::SeqCst)).expect("it is a status");
        (status, [("content-type", "application/json")], "{}")
    });
    let server = Server::before(&torii);
    let failure = async || server.call(Era::Legacy, "create_contract", slack("a")).await.failure();
    for refused in [400, 403, 409, 422] {
        status.store(refused, Ordering::SeqCst);
        failure().await;
    }
    assert_eq!(torii.asked().len(), 4);
    status.store(500, Ordering::SeqCst);
    failure().await;
    status.store(200, Ordering::SeqCst);
    let unknown = failure().await;
    assert!(unknown.contains("may or may not have been executed") && unknown.contains("look with `list_contracts`"), "{unknown}");
    leads_on(&unknown);
    assert_eq!(torii.asked().len(), 5);
}

#[tokio::test]
async fn an_identical_create_without_a_key_is_made_and_says_that_it_is_the_second() {
    let torii = contracts();
    let server = Server::before(&torii);
    let call = async |name: &str| {
        let arguments = json!({ "name": name, "idApp": 1001, "status": "active" });
        let (_, answer) =
            server.ask(Era::Legacy, "tools/call", json!({ "name": "create_contract", "arguments": arguments })).await;
        answer["result"]["content"].clone()
    };
    assert!(call("Slack").await.get(1).is_none());
    assert!(call("Zoom").await.get(1).is_none());
    let second = call("Slack").await;
    let note = second[1]["text"].as_str().expect("it says so");
    assert!(note.starts_with("The same `create_contract` with the same arguments was made "), "{note}");
    assert_eq!(torii.asked().len(), 3);
}

#[tokio::test]
async fn of_two_replicas_that_get_the_same_create_at_once_one_makes_it() {
    let connector = Connector::start().await;
    let replica = connector.replica().await;
    let app = connector.app("https://assistant.example/callback").await;
    let tokens = app.connect(&connector.signed_in().await, WRITE).await;
    let call = async |at: &str, tool: &str, arguments: Value| {
        let response: Value = app.at(at).call(&tokens.access, tool, arguments).await.json().await.expect("it is JSON");
        Called::from_answer(tool, &response).ok()
    };
    let create = |at| call(at, "create_contract", slack("a"));
    let (one, other, again) = tokio::join!(create(&connector.at), create(&replica.at), create(&connector.at));
    assert!(one["contract"]["id"].is_u64(), "{one}");
    assert_eq!((&one, &one), (&other, &again));
    // each has a sample of its own behind it
    let id = one["contract"]["id"].clone();
    let mut made = 0;
    for at in [&connector.at, &replica.at] {
        let listed = call(at, "list_contracts", json!({ "fields": ["id", "name"], "max_items": 1000 })).await;
        let contracts = listed["contracts"].as_array().expect("it lists").clone();
        made += contracts.iter().filter(|contract| contract["id"] == id && contract["name"] == "Slack").count();
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_call_that_fails_before_it_is_sent_leaves_its_key() {
    let torii = Torii::idle();
    let server = Server::before(&torii);
    let arguments = json!({ "userName": "a@example.com", "userType": "Admin", "active": true, "idempotency_key": "one" });
    for _ in 0..2 {
        let refused = server.call(Era::Modern, "create_scim_user", arguments.clone()).await.failure();
        assert!(refused.contains("SCIM") && !refused.contains("may or may not"), "{refused}");
    }
    assert_eq!(torii.asked().len(), 0);
}
