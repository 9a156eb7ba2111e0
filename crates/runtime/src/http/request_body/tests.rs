use axum::{
    Extension, Router,
    middleware::{Next, from_fn},
    routing::post,
};
use mcp_http::caller::Keys;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

use super::*;

const MIB: usize = 1 << 20;

fn bodies() -> RequestBodies {
    RequestBodies::new(crate::testing::catalog(), 64 * MIB)
}

/// The status and the body of the response to a request.
async fn send(bodies: RequestBodies, body: String) -> (StatusCode, String) {
    let router = Router::new()
        .route("/", post(|body: Bytes| async move { body.len().to_string() }))
        .layer(from_fn(move |request, next| layer(bodies.clone(), request, next)))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(Extension(Caller::new(Keys::default())));
    let response = router.oneshot(Request::post("/").body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn call(name: &str, arguments: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{name}","arguments":{arguments}}}}}"#)
}

async fn layer(bodies: RequestBodies, request: Request, next: Next) -> Response {
    read(&bodies, request, async |request| next.run(request).await).await
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_for_tools_that_say_so() {
    let arguments = format!(r#"{{"text":"{}"}}"#, "x".repeat(2 * MIB));
    let through_another = call("run_write_tool", &format!(r#"{{"arguments":{arguments},"tool":"upload_file"}}"#));
    for body in [call("upload_file", &arguments), call("update_extension_settings", &arguments), through_another] {
        assert_eq!(send(bodies(), body.clone()).await, (StatusCode::OK, body.len().to_string()));
    }
    let none = "x".repeat(2 * MIB);
    let prompt = call("upload_file", &arguments).replace("tools/call", "prompts/get");
    let nobody_runs = call("nobody_knows", &format!(r#"{{"tool":"upload_file","arguments":{arguments}}}"#));
    let through_another = call("run_read_tool", &format!(r#"{{"tool":"list_apps","arguments":{arguments}}}"#));
    for body in [call("list_apps", &arguments), call("nobody_knows", &arguments), through_another, none, prompt, nobody_runs] {
        let (status, text) = send(bodies(), body).await;
        assert_eq!(
            (status, text.as_str()),
            (StatusCode::PAYLOAD_TOO_LARGE, "a request may have at most 1 MiB; send less at once")
        );
    }
    let (status, text) = send(bodies(), call("upload_file", &format!(r#""{}""#, "x".repeat(5 * MIB)))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(text, "a request may have at most 5 MiB; send less at once");
}

#[tokio::test]
async fn many_values_are_refused_before_they_are_parsed() {
    let lists = |count: usize| format!(r#"{{"fields":[{}[]]}}"#, "[],".repeat(count - 1));
    assert_eq!(send(bodies(), call("list_apps", &lists(4_000))).await.0, StatusCode::OK);
    assert_eq!(send(bodies(), call("update_extension_settings", &lists(20_000))).await.0, StatusCode::OK);
    for (tool, count, limit) in [("list_apps", 6_000, 10_000), ("update_extension_settings", 1_600_000, 50_000)] {
        let (status, text) = send(bodies(), call(tool, &lists(count))).await;
        let words = format!("the body holds more than {limit} values; send less at once");
        assert_eq!((status, text), (StatusCode::PAYLOAD_TOO_LARGE, words), "{tool}");
    }
}

#[tokio::test]
async fn a_body_that_is_nested_deeply_is_refused() {
    let (status, text) = send(bodies(), "[".repeat(65)).await;
    let words = "the body is nested deeper than 64 levels; send it less deeply nested";
    assert_eq!((status, text.as_str()), (StatusCode::PAYLOAD_TOO_LARGE, words));
}

#[tokio::test(start_paused = true)]
async fn large_bodies_in_flight_share_a_budget() {
    let small = RequestBodies { memory: MemoryBudget::new(MIB, SIZES), ..bodies() };
    let large = json!({ "text": "x".repeat(MIB / 2) }).to_string();
    let caller = Caller::new(Keys::default());
    let (_, first) = small.read(large.clone().into(), &caller).await.unwrap();
    let (status, text) = send(small.clone(), large.clone()).await;
    let words = "too many large requests are in flight; send the request again in a few seconds";
    assert_eq!((status, text.as_str()), (StatusCode::SERVICE_UNAVAILABLE, words));
    assert_eq!(send(small.clone(), call("list_apps", "{}")).await.0, StatusCode::OK, "small ones need none of it");
    drop(first);
    assert_eq!(send(small, large).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_an_answer_repeats_is_short() {
    let long = "x".repeat(9_000);
    let message = |members: &str| format!(r#"{{"jsonrpc":"2.0",{members}}}"#);
    for (body, name, most) in [
        (message(&format!(r#""id":"{long}""#)), "id", 256),
        // the last of two members with the same name is valid
        (message(&format!(r#""id":1,"id":"{long}""#)), "id", 256),
        (message(&format!(r#""id":1,"method":"{long}""#)), "method", 128),
        (message(&format!(r#""id":1,"params":{{"protocolVersion":"{long}"}}"#)), "params.protocolVersion", 64),
        (message(&format!(r#""id":1,"params":{{"name":"{long}"}}"#)), "params.name", 512),
        (message(&format!(r#""id":1,"params":{{"uri":"{long}"}}"#)), "params.uri", 8192),
        (message(&format!(r#""id":1,"params":{{"_meta":{{"progressToken":"{long}"}}}}"#)), "params._meta.progressToken", 512),
        (message(&format!(r#""id":1,"params":{{"taskId":"{long}"}}"#)), "params.taskId", 512),
        (
            message(&format!(r#""id":1,"params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"{long}"}}}}"#)),
            "params._meta.io.modelcontextprotocol/protocolVersion",
            64,
        ),
    ] {
        let text = format!("`{name}` may have at most {most} bytes; send a shorter one");
        assert_eq!(send(bodies(), body).await, (StatusCode::BAD_REQUEST, text));
    }
    for body in [message(r#""id":"1","params":{"name":"list_apps"}"#), format!("[{long}"), format!(r#""{long}""#)] {
        assert_eq!(send(bodies(), body).await.0, StatusCode::OK);
    }
}

/// Sends a piece each second.
struct Trickle {
    piece: Bytes,
    left: usize,
    turns: tokio::time::Interval,
}

impl HttpBody for Trickle {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        if self.left == 0 {
            return std::task::Poll::Ready(None);
        }
        std::task::ready!(self.turns.poll_tick(context));
        self.left -= 1;
        std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(self.piece.clone()))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_holds_memory_has_to_arrive() {
    let read = async |piece: usize, left: usize| {
        let turns = tokio::time::interval(Duration::from_secs(1));
        let body = Trickle { piece: vec![b' '; piece].into(), left, turns };
        bodies().read(Body::new(body), &Caller::new(Keys::default())).await.map(|(bytes, _)| bytes.len())
    };
    // a small body may arrive slowly, and a larger one at the rate of a slow connection
    assert_eq!(read(1, 1_000).await.unwrap(), 1_000);
    assert_eq!(read(64 << 10, 15).await.unwrap(), 15 * (64 << 10));
    assert!(matches!(read(10 << 10, 100).await, Err(BodyError::TooSlow)));
}

#[tokio::test(start_paused = true)]
async fn while_others_wait_for_memory_a_body_has_to_arrive_fast() {
    let one_permit = RequestBodies { memory: MemoryBudget::new(MIB, SIZES), ..bodies() };
    let caller = Caller::new(Keys::default());
    // without sign-in, each request counts for itself
    let slow = || {
        let turns = tokio::time::interval(Duration::from_secs(1));
        Body::new(Trickle { piece: vec![b' '; 160 << 10].into(), left: 6, turns })
    };
    let large = || Body::from(json!({ "text": "x".repeat(MIB / 2) }).to_string());
    let began_at = Instant::now();
    let (slow_one, next) = tokio::join!(one_permit.read(slow(), &caller), one_permit.read(large(), &caller));
    assert!(matches!(slow_one, Err(BodyError::TooSlow)) && next.is_ok());
    assert!(began_at.elapsed() < Duration::from_secs(5));
    drop(next);
    // nobody waits
    assert!(one_permit.read(slow(), &caller).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_body_is_not_too_slow_while_the_server_makes_it_wait() {
    const SECONDS_TO_4_MIB: u32 = 32;
    let bodies = bodies();
    let caller = Caller::new(Keys::default());
    // holds the only large permit
    let large = call("upload_file", &format!(r#"{{"text":"{}"}}"#, "x".repeat(2 * MIB)));
    let (_, first) = bodies.read(large.into(), &caller).await.unwrap();
    // arrives fast enough, and becomes large with its last pieces, for which it waits
    let turns = tokio::time::interval(Duration::from_secs(1));
    let slow = Trickle { piece: vec![b' '; 128 << 10].into(), left: 35, turns };
    let (second, ()) = tokio::join!(bodies.read(Body::new(slow), &caller), async {
        for _ in 0..SECONDS_TO_4_MIB + 6 {
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        drop(first);
    });
    assert!(matches!(second, Err(BodyError::TooLarge(USUAL_BYTES))), "it was read to its end: {second:?}");
}

#[tokio::test]
async fn a_response_that_nobody_reads_counts_as_in_flight() {
    let bodies = bodies();
    let router = Router::new()
        .route("/", post(|| async { "a response" }))
        .layer(from_fn(move |request, next| layer(bodies.clone(), request, next)))
        .layer(Extension(Caller::new(Keys::default())));
    let send = || router.clone().oneshot(axum::http::Request::post("/").body(Body::from("{}")).unwrap());
    let mut unread = Vec::new();
    for _ in 0..RequestsInFlight::OF_NETWORK {
        let response = send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        unread.push(response);
    }
    assert_eq!(send().await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    let read = unread.pop().unwrap();
    assert_eq!(axum::body::to_bytes(read.into_body(), 100).await.unwrap(), "a response");
    assert_eq!(send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_response_holds_its_permit_until_it_was_written() {
    const LENGTH: usize = 64 << 10;
    let permit = Arc::new(());
    let (is_held, permit) = (Arc::downgrade(&permit), std::sync::Mutex::new(Some(permit)));
    let service = hyper::service::service_fn(move |_| {
        let body = HoldingFrames::new(Body::from(vec![b'x'; LENGTH]), permit.lock().unwrap().take());
        async move { Ok::<_, std::convert::Infallible>(Response::new(body)) }
    });
    let (mut client, server) = tokio::io::duplex(1024);
    let server =
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(hyper_util::rt::TokioIo::new(server), service));
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut beginning = [0; 100];
    client.read_exact(&mut beginning).await.unwrap();
    assert!(is_held.upgrade().is_some(), "hyper has the whole of the body by now, and the client a part of it");
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() > LENGTH - beginning.len());
    server.await.unwrap().unwrap();
    assert!(is_held.upgrade().is_none());
}
