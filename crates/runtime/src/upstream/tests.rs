//! Calls of a minimal fake Torii API over a real socket, through the real hook.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    Router,
    body::Body,
    extract::Request as Incoming,
    http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER},
    response::IntoResponse,
    routing::any,
};
use reqwest::{StatusCode, header::AUTHORIZATION};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use super::*;
use crate::{catalog::tests::tool, memory_budget::Holder, testing::api_keys, tool_error::ErrorKind};

const QUICK: Limits = Limits {
    is_rate_limited: true,
    shares: Shares { of_user: 0.5 },
    response_memory: 64 << 20,
    response_characters: crate::tool_output::DEFAULT_CHARACTERS,
    query: crate::query_limits::QueryLimits::DEFAULT,
    total: Duration::from_secs(10),
    request: Duration::from_secs(5),
    connect: Duration::from_secs(5),
    backoff: Duration::from_millis(1),
    response_bytes: 1 << 20,
};

/// The functions that a generator would write for a document with `GET /thing` alone.
const FUNCTIONS: ToolFns = &[("get_thing", |call, _| {
    Box::pin(async move {
        let url = format!("{}/thing", call.base_url());
        let request = call.http_client().get(url).header("api-version", "1").build().unwrap();
        let sent = call.send(request).await.map(ResponseValue::stream);
        call.received(sent.map_err(Error::CommunicationError))
    })
})];

/// Empty arguments.
fn nothing() -> Arguments {
    Arguments::check(tool(json!({})), Map::new()).unwrap()
}

/// Serves `router` and returns its URL.
async fn torii(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/v1.0", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// A fake API whose response to request number n, counted from 0, is `output(n)`. Counts requests.
async fn answering<R: IntoResponse>(output: impl Fn(usize) -> R + Clone + Send + Sync + 'static) -> (Url, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let handler = move || {
        let response = output(counter.fetch_add(1, Ordering::SeqCst)).into_response();
        async { response }
    };
    (torii(Router::new().route("/v1.0/thing", any(handler))).await, count)
}

async fn call_with(url: &Url, changes: Value, limits: Limits) -> Outcome {
    let upstream =
        Upstream::new(&Api { base: url, functions: FUNCTIONS, user_agent: "test" }, limits, Clock::system(), || 0.5).unwrap();
    let caller = Caller::new(api_keys("secret"));
    upstream.call(tool(changes), &caller, nothing()).await
}

async fn call(url: &Url, changes: Value) -> Outcome {
    call_with(url, changes, QUICK).await
}

#[tokio::test]
async fn the_request_carries_the_key_and_nothing_of_progenitor_s() {
    let handler = |request: Incoming| async move {
        let headers = request.headers();
        let of = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let told = ["authorization", "accept", "api-version", "accept-encoding"].map(|name| (name, of(name)));
        json!(told.into_iter().collect::<std::collections::BTreeMap<_, _>>()).to_string()
    };
    let url = torii(Router::new().route("/v1.0/thing", any(handler))).await;
    let output = call(&url, json!({})).await.unwrap();
    assert_eq!(
        Value::Object(output.structured()),
        json!({ "accept": "application/json", "accept-encoding": "gzip", "api-version": null, "authorization": "Bearer secret" })
    );
}

#[tokio::test]
async fn without_the_key_nothing_is_sent() {
    let (url, count) = answering(|_| "{}").await;
    assert_eq!(call(&url, json!({ "credential": "scim" })).await, Err(ToolError::key_missing("TORII_SCIM_KEY")));
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn repeatable_calls_are_tried_again() {
    let (url, count) = answering(|n| if n < 2 { (StatusCode::SERVICE_UNAVAILABLE, "") } else { (StatusCode::OK, "{}") }).await;
    assert!(call(&url, json!({})).await.is_ok());
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn tries_end() {
    let (url, count) = answering(|_| (StatusCode::BAD_GATEWAY, r#"{"message":"no"}"#)).await;
    assert_eq!(
        call(&url, json!({})).await.unwrap_err().to_string(),
        "the API failed with status 502: no; try again in a minute, for less at once, such as a smaller `size`"
    );
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn other_calls_are_sent_once_and_leave_doubt() {
    let (url, count) = answering(|_| StatusCode::SERVICE_UNAVAILABLE).await;
    let error = call(&url, json!({ "repeatable": false })).await.unwrap_err();
    assert_eq!(error.next_step, "read the current state before repeating it", "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_rate_limit_that_fits_is_waited_out_for_any_call() {
    let (url, count) = answering(|n| match n {
        0 => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "0")], ""),
        1 => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT")], ""),
        _ => (StatusCode::OK, [(RETRY_AFTER, "")], "{}"),
    })
    .await;
    assert!(call(&url, json!({ "repeatable": false, "rate": 600 })).await.is_ok());
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_rate_limit_that_does_not_fit_is_told() {
    let (url, count) = answering(|_| (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "42")])).await;
    assert_eq!(call(&url, json!({})).await, Err(ToolError::rate_limited(42)));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_pace_is_kept_across_calls() {
    let (url, count) = answering(|_| "{}").await;
    let upstream =
        Upstream::new(&Api { base: &url, functions: FUNCTIONS, user_agent: "test" }, QUICK, Clock::system(), || 0.5).unwrap();
    let caller = Caller::new(api_keys("secret"));
    let tool = tool(json!({ "rate": 2 }));
    for _ in 0..2 {
        assert!(upstream.call(tool, &caller, nothing()).await.is_ok());
    }
    assert!(matches!(upstream.call(tool, &caller, nothing()).await, Err(error) if error == ToolError::rate_limited(60)));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_refused_connection_is_unreachable_and_certain() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/v1.0", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let failure = call(&url, json!({ "repeatable": false })).await.unwrap_err();
    assert!(failure.kind == ErrorKind::Unreachable && failure.message.contains("refused"), "{failure}");
}

/// A fake API that sends these bytes and closes the connection. Counts connections.
async fn hanging_up(bytes: &'static [u8]) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/v1.0", listener.local_addr().unwrap())).unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = connection.read(&mut [0; 1024]).await;
            let _ = connection.write_all(bytes).await;
        }
    });
    (url, count)
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_tried_again_if_repeatable() {
    let (url, count) = hanging_up(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"cut\":").await;
    assert_eq!(call(&url, json!({})).await, Err(ToolError::connection_lost()));
    assert_eq!(count.load(Ordering::SeqCst), 3);
    let (url, count) = hanging_up(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"cut\":").await;
    assert_eq!(call(&url, json!({ "repeatable": false })).await, Err(ToolError::connection_lost().of_a_change()));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_silent_torii_runs_into_the_time_limits() {
    let url = torii(Router::new().route("/v1.0/thing", any(std::future::pending::<()>))).await;
    let soon = Duration::from_millis(30);
    for limits in [Limits { request: soon, ..QUICK }, Limits { total: soon, ..QUICK }] {
        assert_eq!(call_with(&url, json!({}), limits).await, Err(ToolError::timeout(0)));
    }
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read() {
    let (url, count) = answering(|_| format!("\"{}\"", "x".repeat(2 << 20))).await;
    assert_eq!(call(&url, json!({})).await, Err(ToolError::too_large(1 << 20)));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

fn gzip(text: &str) -> impl IntoResponse + use<> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    ([(CONTENT_ENCODING, "gzip")], encoder.finish().unwrap())
}

#[tokio::test]
async fn compressed_answers_are_read_and_counted_as_they_unfold() {
    let (url, _) = answering(|_| gzip(r#"{"a":1}"#)).await;
    assert_eq!(call(&url, json!({})).await.unwrap().text, r#"{"a":1}"#);
    let (url, _) = answering(|_| gzip(&format!("\"{}\"", "x".repeat(2 << 20)))).await;
    assert_eq!(call(&url, json!({})).await, Err(ToolError::too_large(1 << 20)));
}

#[tokio::test]
async fn a_response_that_unfolds_into_much_more_lets_others_run_meanwhile() {
    let (url, _) = answering(|_| gzip(&format!("\"{}\"", "x".repeat(16 << 20)))).await;
    // it is read up to the limit and not parsed, which would happen in another thread
    let limits = Limits { response_bytes: 15 << 20, ..QUICK };
    let turns = Arc::new(AtomicUsize::new(0));
    let own_turns = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            own_turns.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(call_with(&url, json!({}), limits).await, Err(ToolError::too_large(15 << 20)));
    let turns = turns.load(Ordering::Relaxed);
    assert!(turns >= 120, "{turns}");
    other.abort();
}

#[tokio::test]
async fn a_response_that_unfolds_into_nothing_without_end_is_read_until_its_time_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let endless = async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 1024]).await;
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n").await.unwrap();
        connection.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]).await.unwrap();
        // stored blocks of deflate without content, of which none is the last (RFC 1951, section 3.2.4)
        let blocks = [0, 0, 0, 0xff, 0xff].repeat(1 << 12);
        while connection.write_all(&blocks).await.is_ok() {}
    };
    let server = tokio::spawn(endless);
    let limits = Limits { request: Duration::from_millis(100), ..QUICK };
    let changes = json!({ "repeatable": false });
    assert_eq!(call_with(&url, changes, limits).await, Err(ToolError::timeout(0).of_a_change()));
    // the connection is closed then
    server.await.unwrap();
}

#[tokio::test]
async fn a_call_that_must_not_wait_is_not_sent_when_the_rate_is_used_up() {
    let (url, count) = answering(|_| "{}").await;
    let upstream =
        Upstream::new(&Api { base: &url, functions: FUNCTIONS, user_agent: "test" }, QUICK, Clock::system(), || 0.5).unwrap();
    let (tool, caller) = (tool(json!({ "rate": 1 })), Caller::new(api_keys("secret")));
    assert!(upstream.call_at_once(tool, &caller, nothing()).await.is_ok());
    // the time stands still, so that the next turn never comes
    tokio::time::pause();
    let refused = upstream.call_at_once(tool, &caller, nothing()).await;
    assert!(matches!(refused, Err(error) if matches!(error.kind, ErrorKind::RateLimited { .. })));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_call_that_must_not_wait_is_not_tried_again() {
    let (url, count) = answering(|_| (StatusCode::SERVICE_UNAVAILABLE, "")).await;
    let upstream =
        Upstream::new(&Api { base: &url, functions: FUNCTIONS, user_agent: "test" }, QUICK, Clock::system(), || 0.5).unwrap();
    assert!(upstream.call_at_once(tool(json!({})), &Caller::new(api_keys("secret")), nothing()).await.is_err());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn large_answers_share_a_budget_until_they_are_dropped() {
    let (url, _) = answering(|_| format!("\"{}\"", "x".repeat(900 << 10))).await;
    let mut upstream =
        Upstream::new(&Api { base: &url, functions: FUNCTIONS, user_agent: "test" }, QUICK, Clock::system(), || 0.5).unwrap();
    Arc::get_mut(&mut upstream.0).unwrap().memory =
        MemoryBudget::with_max_wait(1 << 20, Sizes { medium: 1 << 20, large: 1 << 20 }, Duration::from_millis(10));
    let caller = Caller::new(api_keys("secret"));
    let call = || upstream.call(tool(json!({})), &caller, nothing());
    let first = call().await.unwrap();
    assert_eq!(call().await, Err(ToolError::busy()));
    let copy = first.clone();
    drop(first);
    assert_eq!(call().await, Err(ToolError::busy()), "a copy of a response is as large");
    drop(copy);
    assert!(call().await.is_ok());
}

#[tokio::test]
async fn of_large_answers_one_at_a_time_is_parsed() {
    let (url, _) = answering(|_| format!("\"{}\"", "x".repeat(2 << 20))).await;
    let limits = Limits { response_bytes: 16 << 20, ..QUICK };
    let mut upstream =
        Upstream::new(&Api { base: &url, functions: FUNCTIONS, user_agent: "test" }, limits, Clock::system(), || 0.5).unwrap();
    Arc::get_mut(&mut upstream.0).unwrap().memory =
        MemoryBudget::with_max_wait(64 << 20, Sizes { medium: 1 << 20, large: 4 << 20 }, Duration::from_millis(10));
    let of = |key| Caller::new(api_keys(key));
    let (one, other) = (of("one"), of("other"));
    let call = |caller| upstream.call(tool(json!({})), caller, nothing());
    let turn = upstream.0.parsing.acquire(Holder::Anonymous(1)).await;
    assert_eq!(call(&other).await, Err(ToolError::busy()));
    drop(turn);
    let first = call(&one).await;
    assert!(call(&other).await.is_ok() && first.is_ok(), "the turn ends with the parsing, not with the response");
}

#[tokio::test]
async fn an_answer_that_would_take_too_much_memory_is_not_parsed() {
    let limits = Limits { response_bytes: 16 << 20, ..QUICK };
    let members = (0..1_400_000).map(|n| format!("\"{n}\":1")).collect::<Vec<_>>().join(",");
    let numbers = format!("[{}1]", "1,".repeat(7_000_000));
    for body in [format!("{{{members}}}"), numbers] {
        let (url, _) = answering(move |_| body.clone()).await;
        assert_eq!(call_with(&url, json!({}), limits).await, Err(ToolError::too_many_values()));
    }
    let nested = format!("[{}1]", format!("{}1{},", "{\"a\":".repeat(60), "}".repeat(60)).repeat(10_000));
    for body in [nested, format!("[{}1]", "1,".repeat(2_500_000))] {
        let (url, _) = answering(move |_| body.clone()).await;
        assert!(call_with(&url, json!({}), limits).await.is_ok());
    }
}

#[tokio::test]
async fn broken_json_is_told() {
    let (url, _) = answering(|_| ([(CONTENT_TYPE, "application/json")], "{\"a\":")).await;
    assert_eq!(call(&url, json!({ "outputSchema": null })).await, Err(ToolError::not_json()));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (other, seen) = answering(|_| "{}").await;
    let (url, _) = answering(move |_| (StatusCode::FOUND, [(LOCATION, format!("{other}/thing"))])).await;
    assert_eq!(call(&url, json!({})).await, Err(ToolError::unexpected_redirect("127.0.0.1")));
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

fn download() -> Value {
    json!({ "response": { "kind": "redirect", "items": null, "cursor": null } })
}

#[tokio::test]
async fn a_download_follows_redirects_without_the_key() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let store = torii(Router::new().fallback(move |request: Incoming| {
        tell.send(request.headers().get(AUTHORIZATION).cloned()).unwrap();
        let is_first = request.uri().path() == "/v1.0/first";
        async move {
            if is_first {
                (StatusCode::FOUND, [(LOCATION, "/second/report.csv")], Body::empty())
            } else {
                (StatusCode::OK, [(LOCATION, "")], Body::from("a,b"))
            }
        }
    }))
    .await;
    let (url, _) = answering(move |_| (StatusCode::FOUND, [(LOCATION, format!("{store}/first"))])).await;
    let output = call(&url, download()).await.unwrap();
    assert_eq!(output.structured()["name"], "report.csv");
    assert_eq!([told.recv().await, told.recv().await], [Some(None), Some(None)]);
}

#[tokio::test]
async fn a_download_does_not_follow_for_ever_and_tells_a_refusal() {
    let (url, count) = answering(|_| (StatusCode::FOUND, [(LOCATION, "/v1.0/thing")])).await;
    assert_eq!(call(&url, download()).await, Err(ToolError::unexpected_redirect("127.0.0.1")));
    assert_eq!(count.load(Ordering::SeqCst), 4);
    let (url, _) = answering(|n| {
        if n == 0 { (StatusCode::FOUND, [(LOCATION, "/v1.0/thing")]) } else { (StatusCode::FORBIDDEN, [(LOCATION, "")]) }
    })
    .await;
    assert_eq!(call(&url, download()).await, Err(ToolError::file_refused(403)));
    let (url, _) = answering(|_| (StatusCode::NOT_FOUND, r#"{"message":"no file"}"#)).await;
    assert_eq!(call(&url, download()).await.unwrap_err().kind.name(), "not_found");
}

#[tokio::test]
async fn a_request_that_was_never_sent_says_why() {
    const UNSENT: ToolFns = &[("get_thing", |call, _| {
        Box::pin(async move { call.received(Err(Error::InvalidRequest("id was not initialized".to_owned()))) })
    })];
    let url = Url::parse("http://127.0.0.1:9/").unwrap();
    let upstream =
        Upstream::new(&Api { base: &url, functions: UNSENT, user_agent: "test" }, QUICK, Clock::system(), || 0.5).unwrap();
    let caller = Caller::new(api_keys("secret"));
    let outcome = upstream.call(tool(json!({})), &caller, nothing()).await;
    assert_eq!(outcome, Err(ToolError::invalid_request("id was not initialized".to_owned())));
}

#[tokio::test]
async fn an_optional_argument_that_the_api_requires_is_named_with_its_values() {
    let entity =
        json!({ "properties": { "entity": { "type": "string", "enum": ["apps", "users"] }, "size": { "type": "integer" } } });
    for (message, next) in [
        (r#"{"message": "\"entity\" is required"}"#, "set `entity` to one of `apps`, `users` and call again"),
        (
            r#"{"message": "Invalid request query input", "validation": { "source": "query", "keys": ["entity"] }}"#,
            "set `entity` to one of `apps`, `users` and call again",
        ),
        (r#"{"message": "Missing parameter: size"}"#, "set `size` and call again"),
        (r#"{"message": "entity is odd"}"#, "correct them and call again"),
    ] {
        let (url, _) = answering(move |_| (StatusCode::BAD_REQUEST, message)).await;
        let error = call(&url, json!({ "inputSchema": entity })).await.unwrap_err();
        assert_eq!(error.next_step, next, "{message}");
    }
}
