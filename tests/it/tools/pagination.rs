//! Pages that the server follows itself: what is told on the way, and how it ends early.

use std::sync::{Mutex, mpsc};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use mcp_http::json::Json;
use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

use crate::support::{
    assistant::{Era, KEY, Server, Stdio, content},
    mock_api::Torii,
    process::{Program, run},
};

/// A list without end; each page has one user and the cursor of the next.
fn page(number: usize) -> Response {
    Json(json!({ "users": [{ "id": number }], "count": 1, "nextCursor": format!("page {}", number + 1) })).into_response()
}

/// The messages of a stream of events.
fn messages(stream: &str) -> Vec<Value> {
    let data = stream.lines().filter_map(|line| line.strip_prefix("data:")).filter(|data| !data.trim().is_empty());
    data.map(|data| serde_json::from_str(data).expect("an event is a message")).collect()
}

#[tokio::test]
async fn progress_is_told_to_whoever_asks_for_it() {
    let server = Server::demo();
    for (era, version) in [(Era::Legacy, "2025-11-25"), (Era::Modern, "2026-07-28")] {
        let mut params = json!({
            "name": "list_users", "arguments": { "max_items": 250, "fields": ["email"] }, "_meta": { "progressToken": "walk-7" },
        });
        let mut request = server.post().header("mcp-protocol-version", version);
        if era == Era::Modern {
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.into();
            params["_meta"]["io.modelcontextprotocol/clientInfo"] = json!({ "name": "test", "version": "1" });
            params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
            request = request.header("mcp-method", "tools/call").header("mcp-name", "list_users");
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let response = request.json(&body).send().await.expect("the server answers");
        assert_eq!(response.headers()["content-type"], "text/event-stream", "{era:?}");
        let messages = messages(&response.text().await.expect("the stream ends"));
        let [told @ .., answer] = messages.as_slice() else { panic!("there are no messages") };
        let progress: Vec<_> = told.iter().map(|message| (message["method"].as_str(), &message["params"])).collect();
        let expected = [100.0, 200.0, 250.0].map(
            |items| json!({ "progressToken": "walk-7", "progress": items, "total": 250.0, "message": format!("{items} items") }),
        );
        assert_eq!(
            progress,
            expected.iter().map(|params| (Some("notifications/progress"), params)).collect::<Vec<_>>(),
            "{era:?}"
        );
        assert_eq!(content(&answer["result"])["users"].as_array().map(Vec::len), Some(250), "{era:?}");
    }
}

#[tokio::test]
async fn whoever_accepts_json_without_events_gets_json_and_no_progress() {
    let server = Server::demo();
    let params =
        json!({ "name": "list_users", "arguments": { "max_items": 250, "fields": ["email"] }, "_meta": { "progressToken": 1 } });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    for accept in [None, Some("*/*"), Some("application/*"), Some("application/json"), Some("text/html, application/json;q=0.9")]
    {
        let mut request = server.http().post(&server.url).json(&body);
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        let response = request.send().await.expect("the server answers");
        assert_eq!(
            (response.status().as_u16(), response.headers()["content-type"].as_bytes()),
            (200, &b"application/json"[..]),
            "{accept:?}"
        );
        let answer: Value = response.json().await.expect("it is JSON");
        assert_eq!(content(&answer["result"])["users"].as_array().map(Vec::len), Some(250), "{accept:?}");
    }
}

#[tokio::test]
async fn a_page_that_fails_loses_nothing_of_those_before_it() {
    let torii =
        Torii::answering(
            |number, _| {
                if number == 2 { (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response() } else { page(number) }
            },
        );
    let server = Server::before(&torii);
    let (_, answer) =
        server.ask(Era::Legacy, "tools/call", json!({ "name": "list_users", "arguments": { "max_items": 9 } })).await;
    let result = &answer["result"];
    assert_eq!(result["isError"], false, "{answer}");
    assert_eq!(content(result), json!({ "users": [{ "id": 0 }, { "id": 1 }], "count": 2, "nextCursor": "page 2" }));
    let note = result["content"][1]["text"].as_str().expect("there is a note");
    assert!(note.starts_with(
        "`users` holds 2 of 9 requested items, since the next page could not be fetched (the API failed with status 500"
    ));
    assert!(note.contains("Call again with `cursor` set to `nextCursor`"), "{note}");
}

#[test]
fn a_walk_that_is_cancelled_asks_for_no_further_page() {
    let (go_on, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let torii = Torii::answering(move |number, _| {
        if number == 1 {
            gate.lock().expect("nobody panics").recv().expect("the test goes on");
        }
        page(number)
    });
    let mut stdio = Stdio::start(&[("TORII_API_URL", &torii.url), ("TORII_API_KEY", KEY), ("TORII_RATE_LIMIT", "off")]);
    let call = json!({
        "jsonrpc": "2.0", "id": "walk", "method": "tools/call",
        "params": { "name": "list_users", "arguments": { "max_items": 50 }, "_meta": { "progressToken": 1 } },
    });
    stdio.program.tell(&call.to_string());
    stdio.program.stdout.wait_for(|text, _| text.contains("notifications/progress").then_some(()));
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "walk" } });
    stdio.program.tell(&cancel.to_string());
    stdio.ask("ping", &json!({}));
    go_on.send(()).expect("torii waits");
    stdio.call("get_organization", &json!({}));
    let users = torii.asked().iter().filter(|asked| asked.line.contains("/users")).count();
    assert!(users <= 2, "{users} pages were asked for");
}

#[test]
fn the_command_line_follows_pages_too() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let torii = sample.stdout.address();
    let variables = [("TORII_API_URL", torii.as_str()), ("TORII_API_KEY", FULL_ACCESS_KEY)];
    let ran = run(&["call", "list_users", "max_items=250", "fields=email"], &variables);
    let answer: Value = serde_json::from_str(&ran.stdout).expect("it prints JSON");
    assert_eq!((ran.code, answer["users"].as_array().map(Vec::len), &answer["count"]), (0, Some(250), &json!(250)));
    let ran = run(&["call", "get_organization", "part=/org/nme"], &variables);
    assert!(ran.code == 2 && ran.stderr.contains("the response has no `/org/nme`"), "{}", ran.stderr);
}
