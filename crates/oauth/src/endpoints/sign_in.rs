//! Leads a user who has signed in to the next page.
//!
//! Invariant: where browsers are not remembered, the page is the response to the sign-in, since no other request could prove that it comes
//! from the same browser.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{AppendHeaders, IntoResponse, Response},
};
use mcp_http::net::{client_ip::ClientIp, rate_limit::Attempts};

use super::authorize;
use crate::{
    browser::{
        Next, connections,
        page_error::PageError,
        sign_in::{self, Outcome},
    },
    parameters::Form,
    server::AuthorizationServer,
};

pub(crate) async fn with_keys(
    State(server): State<Arc<AuthorizationServer>>,
    attempts: Extension<Arc<Attempts>>,
    ip: Extension<ClientIp>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, PageError> {
    let outcome = sign_in::post(State(Arc::clone(&server)), attempts, ip, headers, form).await?;
    lead(&server, outcome, ip.0).await
}

pub(crate) async fn with_provider(
    State(server): State<Arc<AuthorizationServer>>,
    ip: Extension<ClientIp>,
    attempts: Extension<Arc<Attempts>>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, PageError> {
    let outcome = sign_in::callback(State(Arc::clone(&server)), ip, attempts, headers, query).await?;
    lead(&server, outcome, ip.0).await
}

async fn lead(server: &AuthorizationServer, outcome: Outcome, ip: ClientIp) -> Result<Response, PageError> {
    let (browser, next, over) = match outcome {
        Outcome::Response(response) => return Ok(response),
        Outcome::Page(browser, next, over) => (browser, next, over),
    };
    let token = browser.token.hash();
    let page = match next {
        Next::Authorize(query) => authorize::respond(server, Some(*browser), query, ip).await,
        Next::Connections => connections::first(server, &browser).await,
    };
    if page.is_err() {
        server.forget(token).await;
    }
    Ok((AppendHeaders([over]), page?).into_response())
}
