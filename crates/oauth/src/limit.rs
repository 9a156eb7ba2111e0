//! Answers 429 to a network that calls too often.

use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::error::OAuthError;
use mcp_http::net::{client_ip::ClientIp, rate_limit::Rate};

/// Lets a request through while its network keeps to the rate.
pub(super) async fn limit(
    State(rate): State<Rate>,
    Extension(client): Extension<ClientIp>,
    request: Request,
    next: Next,
) -> Response {
    match rate.admit(client.network()) {
        Ok(()) => next.run(request).await,
        Err(seconds) => {
            tracing::warn!(ip = %client.0, path = request.uri().path(), "called too often");
            OAuthError::TooMany(format!("too many requests from your network; try again in {seconds} s"), seconds).into_response()
        }
    }
}
