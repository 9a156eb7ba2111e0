//! The router on a real socket, in front of a fake Torii API that each test defines.

use std::future::pending;

use axum::{extract::Request as Incoming, http::Method, response::Html};
use mcp_http::{
    bearer::Open,
    caller::{Caller, Key},
    clock::Clock,
    token::Random,
};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::*;
use crate::{
    catalog::{Method as ToolMethod, Tool},
    confirmation::{ConfirmationPolicy, Confirmations, UsedConfirmations},
    mcp::ToolPolicy,
    upstream::{Api, Limits, Upstream},
};

async fn listen(router: Router, stop: CancellationToken) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, router, Bounds::default(), stop));
    url
}

/// Starts a server in front of `torii` and returns its URL.
async fn server(torii: Router) -> String {
    stoppable(torii, CancellationToken::new()).await
}

async fn stoppable(torii: Router, stop: CancellationToken) -> String {
    known_as("http://127.0.0.1", torii, stop).await
}

/// The same with this public origin.
async fn known_as(origin: &str, torii: Router, stop: CancellationToken) -> String {
    let base = Url::parse(&listen(torii, CancellationToken::new()).await).unwrap();
    let upstream = Upstream::new(
        &Api { base: &base, functions: crate::testing::tool_fns(), user_agent: "test" },
        Limits::default(),
        Clock::system(),
        || 0.5,
    )
    .unwrap();
    let key = Key::new("secret");
    let caller = Caller::new(["torii", "scim"].into_iter().filter_map(|name| Some((name.to_owned(), key.clone()?))).collect());
    let catalog = crate::testing::catalog();
    let confirmations =
        Confirmations::new(ConfirmationPolicy::default(), Clock::system(), Random::system(), UsedConfirmations::default());
    let site = AppState {
        request_memory: 64 << 20,
        connection_rate: None,
        server: Server::new(catalog, upstream, ToolPolicy::default(), confirmations, crate::testing::description()),
        offered: OfferedTools { catalog, tool_filter: ToolFilter::default() },
        authenticate: Arc::new(Open(caller)),
        landing: Arc::new(|| Html("the landing page").into_response()),
        beside: Router::new(),
        origin: origin.to_owned(),
        allowed_origins: vec!["https://app.example".to_owned(), "https://app.example:8443".to_owned()],
        trusted_proxies: Vec::new(),
        wrong_tokens: WrongTokens::default(),
        draining: stop.child_token(),
    };
    listen(router(site), stop).await
}

async fn idle() -> String {
    server(Router::new()).await
}

fn post(url: &str) -> RequestBuilder {
    let accept = "application/json, text/event-stream";
    Client::new().post(format!("{url}{MCP_PATH}")).header("accept", accept).header("content-type", "application/json")
}

/// A request of the 2025 revisions.
async fn ask(url: &str, method: &str, params: Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    post(url).header("mcp-protocol-version", "2025-11-25").json(&body).send().await.unwrap().json().await.unwrap()
}

/// A request of the 2026 revision.
async fn ask_modern(url: &str, method: &str, name: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let request = post(url).header("mcp-protocol-version", "2026-07-28").header("mcp-method", method).header("mcp-name", name);
    request.json(&body).send().await.unwrap().json().await.unwrap()
}

/// Any compiled-in tool that takes no argument and only reads.
fn simple_tool() -> &'static Tool {
    let is_simple = |tool: &&Tool| tool.method == ToolMethod::Get && tool.input_schema.get("required").is_none();
    crate::testing::catalog().tools().iter().find(is_simple).unwrap()
}

#[tokio::test]
async fn both_eras_of_the_protocol_are_spoken_on_one_address() {
    let url = idle().await;
    let client = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let legacy = ask(&url, "initialize", client).await;
    assert_eq!(legacy["result"]["protocolVersion"], "2025-11-25");
    assert_eq!(legacy["result"]["serverInfo"]["name"], "torii-mcp");
    let instructions = legacy["result"]["instructions"].as_str().unwrap();
    assert!(
        instructions.starts_with(&format!("{} Today is ", crate::testing::catalog().product().instructions)),
        "{instructions}"
    );
    let modern = ask_modern(&url, "server/discover", "", json!({})).await;
    assert_eq!(modern["result"]["supportedVersions"], json!(["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]));
}

#[tokio::test]
async fn the_list_is_sorted_and_private() {
    let url = idle().await;
    let result = &ask_modern(&url, "tools/list", "", json!({})).await["result"];
    assert_eq!((&result["cacheScope"], &result["ttlMs"]), (&json!("private"), &json!(60_000)));
    let names: Vec<&str> = result["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.contains(&"find_tools") && names.contains(&"list_apps"), "{names:?}");
}

#[tokio::test]
async fn a_call_answers_as_text() {
    let url = server(Router::new().fallback(|| async { Json(json!({ "z": [1], "a": null })) })).await;
    let tool = simple_tool();
    for result in [
        ask(&url, "tools/call", json!({ "name": tool.name })).await,
        ask_modern(&url, "tools/call", &tool.name, json!({ "name": tool.name, "arguments": {} })).await,
    ] {
        let result = &result["result"];
        assert_eq!((&result["isError"], result.get("structuredContent")), (&json!(false), None));
        assert_eq!(result["content"], json!([{ "type": "text", "text": r#"{"z":[1],"a":null}"# }]));
    }
}

#[tokio::test]
async fn a_url_asks_for_structured_content_which_has_the_notes_too() {
    for (own, notice) in [("other", "notice"), ("notice", "_notice")] {
        let apps: Vec<Value> = (0..2_000).map(|id| json!({ "id": id, "name": "n".repeat(90) })).collect();
        let response = json!({ "apps": apps, own: "Torii's" });
        let url = server(Router::new().fallback(move || ready(Json(response.clone())))).await;
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "list_apps", "arguments": { "fields": ["id"] } } });
        let request = post(&url).query(&[("structured", "")]).header("mcp-protocol-version", "2025-11-25").json(&body);
        let result = request.send().await.unwrap().json::<Value>().await.unwrap()["result"].take();
        let note = result["content"][1]["text"].as_str().unwrap();
        assert!(note.contains("of 2,000 items"), "{note}");
        let mut structured = result["structuredContent"].clone();
        assert_eq!(structured[notice].take(), note);
        let mut text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        text[notice] = Value::Null;
        assert_eq!((&structured, &structured[own]), (&text, &json!("Torii's")));
    }
}

#[tokio::test]
async fn a_failure_is_a_result_and_an_unknown_tool_is_not() {
    let url = idle().await;
    let tool = simple_tool();
    let failure = ask(&url, "tools/call", json!({ "name": tool.name, "arguments": { "no_such": 1 } })).await;
    assert_eq!(failure["result"]["isError"], true);
    assert!(failure["result"]["content"][0]["text"].as_str().unwrap().starts_with("`no_such` is unknown"));
    let unknown = ask(&url, "tools/call", json!({ "name": format!("{}x", tool.name) })).await;
    assert_eq!(unknown["error"]["code"], -32602);
    assert!(unknown["error"]["message"].as_str().unwrap().contains(&format!("did you mean `{}`?", tool.name)));
}

#[tokio::test]
async fn the_coverage_is_a_resource() {
    let url = idle().await;
    let resources = ask(&url, "resources/list", json!({})).await["result"]["resources"].clone();
    let coverage = &resources[0];
    let read = ask_modern(&url, "resources/read", "torii://coverage", json!({ "uri": coverage["uri"] })).await;
    let text = read["result"]["contents"][0]["text"].as_str().unwrap();
    assert_eq!((text.len() as u64, &coverage["mimeType"]), (coverage["size"].as_u64().unwrap(), &json!("application/json")));
    assert_eq!(text, crate::testing::description().coverage);
    let missing = ask_modern(&url, "resources/read", "torii://x", json!({ "uri": "torii://x" })).await;
    assert_eq!((&missing["error"]["code"], &missing["error"]["data"]["uri"]), (&json!(-32602), &json!("torii://x")));
}

#[tokio::test]
async fn hanging_up_stops_the_call_to_torii() {
    struct Told(mpsc::UnboundedSender<&'static str>);
    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.send("dropped");
        }
    }
    let (tell, mut told) = mpsc::unbounded_channel();
    let url = server(Router::new().fallback(move |_: Incoming| {
        let told = Told(tell.clone());
        async move {
            let _ = told.0.send("asked");
            pending::<()>().await;
            drop(told);
        }
    }))
    .await;
    let call = tokio::spawn(async move { ask(&url, "tools/call", json!({ "name": simple_tool().name })).await });
    assert_eq!(told.recv().await, Some("asked"));
    call.abort();
    assert_eq!(told.recv().await, Some("dropped"));
}

#[tokio::test]
async fn stopping_lets_calls_end_and_takes_no_more() {
    let stop = CancellationToken::new();
    let signal = stop.clone();
    let torii = Router::new().fallback(|| async move {
        signal.cancel();
        tokio::task::yield_now().await;
        Json(json!({ "done": true }))
    });
    let url = stoppable(torii, stop).await;
    let result = ask(&url, "tools/call", json!({ "name": simple_tool().name })).await;
    assert_eq!(result["result"]["content"][0]["text"], r#"{"done":true}"#);
    assert!(post(&url).body("{}").send().await.is_err());
}

#[tokio::test]
async fn errors_are_json_and_carry_the_request_id() {
    let url = idle().await;
    let mcp = format!("{url}{MCP_PATH}");
    let client = Client::new();
    let cases = [
        (client.get(&mcp), 405),
        (client.delete(&mcp), 405),
        (client.get(format!("{url}/nowhere")), 404),
        (client.request(Method::POST, format!("{url}/health/live")), 405),
        (post(&url).header("host", "evil.example").body("{}"), 403),
        (post(&url).header("origin", "https://evil.example").body("{}"), 403),
        (post(&url).body("x".repeat(6 << 20)), 413),
        (client.post(&mcp).header("accept", "text/html").body("{}"), 406),
        (client.post(&mcp).body("{}"), 415),
    ];
    for (request, status) in cases {
        let response = request.header(REQUEST_ID, "given-1").send().await.unwrap();
        let is_mcp = response.url().path() == MCP_PATH;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()[REQUEST_ID].len(), 16, "whoever calls does not say what the request is called");
        assert_eq!(response.headers().contains_key("allow"), status == 405);
        let body: Value = response.json().await.unwrap();
        let told = if is_mcp { &body["error"]["data"]["status"] } else { &body["error"]["status"] };
        assert_eq!((told, body.get("jsonrpc").is_some()), (&json!(status), is_mcp), "{body}");
        let is_told = body["error"]["message"] == "a request may have at most 5 MiB; send less at once";
        assert_eq!(is_told, status == 413, "in the words that are used once it is read: {body}");
    }
}

#[tokio::test]
async fn a_request_with_two_hosts_is_refused() {
    let url = idle().await;
    let mut socket = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 400 ") && response.contains("one `Host` header"), "{response}");
}

#[tokio::test]
async fn a_request_of_very_many_values_is_refused_before_it_is_parsed() {
    let url = idle().await;
    let fields = format!("[{}[]]", "[],".repeat(6_000));
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"list_apps","arguments":{{"fields":{fields}}}}}}}"#
    );
    let response = post(&url).body(body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["error"]["message"], "the body holds more than 10000 values; send less at once");
}

#[tokio::test]
async fn loopback_origins_and_health_are_served() {
    let url = idle().await;
    for path in ["live", "ready"] {
        let body: Value = Client::new().get(format!("{url}/health/{path}")).send().await.unwrap().json().await.unwrap();
        assert_eq!(body, json!({ "status": path }));
    }
    // converting a name of this length would take milliseconds
    let long_name = format!("http://{}", "xn--a.".repeat(1000));
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    for (origin, status) in [
        ("http://localhost:3000", 200),
        ("http://localhost", 200),
        ("http://localhost:80.evil.example", 403),
        (long_name.as_str(), 403),
        ("http://localhost:x", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
    ] {
        let response = post(&url).header("origin", origin).json(&ping).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{origin}");
        let preflight = Client::new().request(Method::OPTIONS, format!("{url}/mcp")).header("origin", origin);
        let response = preflight.header("access-control-request-method", "POST").send().await.unwrap();
        assert_eq!(response.headers().contains_key("access-control-allow-origin"), status == 200, "{origin}");
    }
}

#[tokio::test]
async fn an_origin_counts_with_its_port() {
    let url = known_as("https://mcp.example.com", Router::new(), CancellationToken::new()).await;
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    for (origin, status) in [
        ("https://mcp.example.com", 200),
        ("https://mcp.example.com:443", 200),
        ("https://mcp.example.com:8443", 403),
        ("http://mcp.example.com", 403),
        ("https://app.example", 200),
        ("https://app.example:8443", 200),
        ("https://app.example:9443", 403),
        ("http://localhost:3000", 403),
    ] {
        let response = post(&url).header("host", "mcp.example.com").header("origin", origin).json(&ping).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{origin}");
    }
}

#[test]
fn a_request_id_is_taken_over_only_if_it_is_sane() {
    let id = |value: &'static str| request_id(Some(&HeaderValue::from_static(value))).0;
    assert_eq!(&*id("a-B_9.z"), "a-B_9.z");
    for wrong in ["", "a b", "a\"b"] {
        assert_eq!(id(wrong).len(), 16, "{wrong:?}");
    }
    assert_ne!(request_id(None).0, request_id(None).0);
}

#[test]
fn instructions_are_short_enough_for_every_client() {
    assert!(crate::testing::catalog().product().instructions.chars().count() <= 2000);
}

#[tokio::test]
async fn a_request_that_is_answered_before_it_is_read_does_not_cost_its_connection() {
    let url = idle().await;
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    let head = |length: usize| format!("POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n");
    // a smaller body is read to its end
    for length in [5_000, 70_000, 6 << 20, 4_097] {
        stream.write_all(head(length).as_bytes()).await.unwrap();
        let response = read_head(&mut stream).await;
        assert!(response.starts_with("HTTP/1.1 4"), "{length}: {response}");
        stream.write_all(&vec![b'x'; length]).await.unwrap();
    }
}

/// Reads a response and returns its head.
async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length: usize = length.lines().next().unwrap().parse().unwrap();
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    head.replace("http/1.1", "HTTP/1.1")
}

#[tokio::test]
async fn browsers_are_told_to_come_over_https_where_that_is_the_address() {
    for (origin, expected) in [("https://mcp.example", Some("max-age=63072000")), ("http://127.0.0.1", None)] {
        let url = known_as(origin, Router::new(), CancellationToken::new()).await;
        for path in ["/", "/health/live", "/nothing", MCP_PATH] {
            let response = Client::new().get(format!("{url}{path}")).send().await.unwrap();
            let told = response.headers().get("strict-transport-security").map(|value| value.to_str().unwrap());
            assert_eq!(told, expected, "{origin}{path}");
        }
    }
}

#[tokio::test]
async fn an_address_has_at_most_eight_kibibytes() {
    let url = idle().await;
    let status = |length: usize| {
        let path = format!("{}?", health::LIVE);
        let url = format!("{url}{path}{}", "a".repeat(length - path.len()));
        async move { Client::new().get(url).send().await.unwrap().status() }
    };
    assert_eq!(status(8 << 10).await, StatusCode::OK);
    assert_eq!(status((8 << 10) + 1).await, StatusCode::URI_TOO_LONG);
}

#[tokio::test]
async fn of_a_long_error_the_beginning_is_left() {
    let text = format!("`name` is wrong: {}", "x".repeat(70_000));
    let long = with_json_error((StatusCode::BAD_REQUEST, text).into_response(), false).await;
    assert_eq!(long.status(), StatusCode::BAD_REQUEST);
    let body: Value = serde_json::from_slice(&axum::body::to_bytes(long.into_body(), 1 << 20).await.unwrap()).unwrap();
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("`name` is wrong: xxx") && message.len() == ERROR_BYTES, "{}", message.len());
}

#[tokio::test]
async fn a_client_that_never_brought_an_answer_is_not_asked_again() {
    let contract = || async { ([("content-type", "application/json")], r#"{"contract":{"id":5,"name":"A"}}"#) };
    let url = server(Router::new().fallback(contract)).await;
    let call = async |name: &str, reply: Value| {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": name, "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "form": {} } },
        });
        let mut params = json!({ "name": "delete_contract", "arguments": { "idContract": 5 }, "_meta": meta });
        params.as_object_mut().unwrap().extend(reply.as_object().unwrap().clone());
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let request = post(&url).header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call");
        let response = request.header("mcp-name", "delete_contract").json(&body).send().await.unwrap();
        response.json::<Value>().await.unwrap()["result"].take()
    };
    let is_asked = |result: &Value| result["resultType"] == "input_required";
    let question = call("answers", json!({})).await;
    assert!(is_asked(&question) && is_asked(&call("silent", json!({})).await));
    assert!(is_asked(&call("silent", json!({})).await), "its user may still read the first question");
    let declined = json!({ "requestState": question["requestState"], "inputResponses": { "confirm": { "action": "decline" } } });
    assert_eq!(call("answers", declined).await["isError"], true);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(45)).await;
    tokio::time::resume();
    assert!(is_asked(&call("answers", json!({})).await) && is_asked(&call("new", json!({})).await));
    let prepared = call("silent", json!({})).await;
    assert!(prepared["content"][0]["text"].as_str().unwrap().contains("Nothing has been changed yet."), "{prepared}");
}
