//! Connections over the limits. Each may send one request, within a short time. Health checks are answered, so that a full server
//! does not look dead; the response to everything else is 503.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    http::{
        HeaderValue, StatusCode,
        header::{CONNECTION, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use mcp_http::json::Json;
use serde_json::json;
use tower::ServiceExt;

use super::{
    REQUEST_ID,
    connection_limits::OverLimit,
    health, request_id,
    serve::{Connection, ConnectionContext, protocol},
    write_timeouts::TimedWrites,
};

/// The `Retry-After` of the response, in seconds.
const RETRY: u64 = 5;

/// Serves one connection until its only request is answered.
pub(super) fn connection(
    stream: TokioIo<TimedWrites>,
    context: ConnectionContext,
    over: OverLimit,
    headers: Duration,
) -> Connection<impl hyper::service::HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> + Send> {
    let service = service_fn(move |request| {
        let context = context.clone();
        async move {
            let request = context.prepare(request, None);
            if health::PATHS.contains(&request.uri().path()) {
                return context.router.oneshot(request).await;
            }
            Ok(refuse(over))
        }
    });
    protocol(headers).keep_alive(false).serve_connection(stream, service)
}

fn refuse(over: OverLimit) -> Response {
    let message = match over {
        OverLimit::Total => format!("this server has as many connections open as it may; try again in {RETRY} s"),
        OverLimit::Customer(_) => {
            format!("your network has as many connections open as one network may; close some of them, or try again in {RETRY} s")
        }
    };
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let error = Json(json!({ "error": { "status": status.as_u16(), "message": message } }));
    let headers = [(RETRY_AFTER, HeaderValue::from(RETRY)), (CONNECTION, HeaderValue::from_static("close"))];
    let mut response = (status, headers, error).into_response();
    if let Ok(id) = HeaderValue::from_str(&request_id(None).0) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
