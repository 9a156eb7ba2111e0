//! The HTTP side: one router, and how it is served.
//!
//! Invariants:
//! - Every error has a JSON body and every answer a request id.
//! - No request takes longer than [`LONGEST`], and none is larger than [`BODY_BYTES`].
//! - `Host` and `Origin` are checked, so that no web page can reach a server on its visitor's
//!   machine.

use std::{future::poll_fn, io, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    body::{Bytes, HttpBody, to_bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
    serve::ListenerExt,
};
use rmcp::{
    model::ErrorCode,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager},
};
use serde_json::json;
use tokio::{net::TcpListener, time};
use tokio_util::sync::CancellationToken;

use crate::{
    caller::Caller,
    mcp::{RequestId, Server},
};

#[cfg(test)]
mod tests;

/// The path of the MCP endpoint.
pub const MCP_PATH: &str = "/mcp";
/// How long a request may take; a tool call has less.
const LONGEST: Duration = Duration::from_mins(1);
/// How long requests may take to end once the server stops.
const GRACE: Duration = Duration::from_secs(30);
/// The largest request: a file of 3 MiB in base64, and room around it.
const BODY_BYTES: usize = 5 << 20;
/// How much of a request that is too large is still read.
const SPILL_BYTES: usize = 8 * BODY_BYTES;
/// The largest error text that is turned into JSON.
const ERROR_BYTES: usize = 16 << 10;
/// How rmcp begins what it says, with the wrong status, of a body that is no message of the protocol.
const UNREADABLE: &str = "fail to deserialize request body ";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LOOPBACK_ORIGINS: [&str; 6] = [
    "http://localhost:*",
    "http://127.0.0.1:*",
    "http://[::1]:*",
    "https://localhost:*",
    "https://127.0.0.1:*",
    "https://[::1]:*",
];

/// The router. Without sign-in, everyone who can reach it is `caller`.
pub fn router(server: Server, caller: Caller) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(BODY_BYTES)
        .with_allowed_origins(LOOPBACK_ORIGINS)
        .enforce_origin_validation();
    let server = Arc::new(server);
    let mcp = StreamableHttpService::new(move || Ok(Arc::clone(&server)), Arc::new(NeverSessionManager::default()), config);
    let health = |status: &'static str| get(move || async move { Json(json!({ "status": status })) });
    Router::new()
        .route_service(MCP_PATH, mcp)
        .layer(Extension(caller))
        .route("/health/live", health("live"))
        .route("/health/ready", health("ready"))
        .layer(from_fn(frame))
}

/// Serves until `stop` is cancelled; then lets requests end for a while.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        // Without this, small answers wait for the client's acknowledgement.
        let _ = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        ended = server.into_future() => ended,
        never = tick() => match never {},
        () = async { stop.cancelled().await; time::sleep(GRACE).await } => Ok(()),
    }
}

/// Keeps the runtime's next timer near. Without it, each time limit of a call would be the earliest timer there is, and
/// setting it would wake the thread that waits for input (decision 5).
async fn tick() -> std::convert::Infallible {
    let mut second = time::interval(Duration::from_secs(1));
    loop {
        second.tick().await;
    }
}

/// What surrounds every request: its id, its time limit, and JSON for its errors.
async fn frame(mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let value = HeaderValue::from_str(&id.0);
    request.extensions_mut().insert(id);
    let response = time::timeout(LONGEST, bounded(request, next)).await.unwrap_or_else(|_| {
        (StatusCode::REQUEST_TIMEOUT, "the request took too long; send it again, or a smaller one").into_response()
    });
    let mut response = with_json_error(response).await;
    if let Ok(value) = value {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Refuses a request that says it is too large, but only once it has been sent: a client that is cut off while it
/// sends does not read the answer.
async fn bounded(request: Request, next: Next) -> Response {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_none_or(|length: usize| length <= BODY_BYTES) {
        return next.run(request).await;
    }
    let mut body = request.into_body();
    let mut left = SPILL_BYTES;
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else {
            break;
        };
        left = rest;
    }
    (StatusCode::PAYLOAD_TOO_LARGE, format!("a request may have at most {} MiB", BODY_BYTES >> 20)).into_response()
}

/// The id that a proxy gave the request, if it is a sane one, or a new one.
fn request_id(headers: &HeaderMap) -> RequestId {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_sane =
        |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    RequestId(given.filter(is_sane).map_or_else(|| format!("{:016x}", fastrand::u64(..)).into(), Arc::from))
}

/// Gives an error a JSON body, unless it has one.
async fn with_json_error(response: Response) -> Response {
    let status = response.status();
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = to_bytes(body, ERROR_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    if let Some(reason) = text.strip_prefix(UNREADABLE) {
        return unreadable(reason).into_response();
    }
    let reason = status.canonical_reason().unwrap_or("error");
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let message = if text.is_empty() { reason } else { &text };
    let error = json!({ "error": { "status": status.as_u16(), "message": message } });
    Response::from_parts(parts, error.to_string().into())
}

/// The answer to a body that is not JSON, or not JSON-RPC.
fn unreadable(reason: &str) -> impl IntoResponse + use<> {
    let code = if reason.starts_with("unrecognized") { ErrorCode::INVALID_REQUEST } else { ErrorCode::PARSE_ERROR };
    let message = format!("the body is not a JSON-RPC message: {reason}");
    let error = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code.0, "message": message } });
    (StatusCode::BAD_REQUEST, Json(error))
}
