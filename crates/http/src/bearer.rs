//! Bearer tokens at the resource server (RFC 6750): authenticates the caller, or rejects the request.
//!
//! Invariants:
//! - A token is accepted only in the `Authorization` header, and is not passed on from here: later handlers get a [`Caller`].
//! - The check of a token runs to its end, also if its client has gone: a check that broke off would cost the store a connection, and
//!   would not count against the network that sends invalid tokens.
//! - A request that is rejected because it has no token, or insufficient scopes, gets a challenge that tells where to get a token
//!   (RFC 9728, section 5.1).

use std::{fmt, net::IpAddr, sync::Arc};

use async_trait::async_trait;
use axum::{
    Extension,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use tracing::Instrument;

use crate::{
    caller::Caller,
    json::{Json, rpc_error},
    net::{
        client_ip::ClientIp,
        customer::{self, Share},
        rate_limit::{WATCHED, WrongTokens},
    },
    protected_resource::{Challenge, ProtectedResource, resource_suffix},
    request_context::InsufficientScope,
    scope::Scopes,
};

/// Authenticates the callers of the MCP endpoint.
#[async_trait]
pub trait Authenticate: fmt::Debug + Send + Sync {
    /// The caller of a request with these headers.
    ///
    /// # Errors
    /// The reason why the request is rejected.
    async fn caller(&self, headers: &HeaderMap, source: &TokenSource) -> Result<Caller, BearerError>;

    /// The protected resource; `None` if callers are not authenticated.
    fn resource(&self) -> Option<&ProtectedResource>;

    /// Checks that callers can be authenticated at the moment.
    ///
    /// # Errors
    /// The reason why they cannot.
    async fn ready(&self) -> Result<(), String>;

    /// What whoever runs the server should know although it is ready. Anybody may read it.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Admits every request as the same caller.
#[derive(Clone, Debug)]
pub struct Open(pub Caller);

#[async_trait]
impl Authenticate for Open {
    async fn caller(&self, _: &HeaderMap, _: &TokenSource) -> Result<Caller, BearerError> {
        Ok(self.0.clone())
    }

    fn resource(&self) -> Option<&ProtectedResource> {
        None
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Where a token comes from, and the earlier invalid tokens.
#[derive(Clone, Debug)]
pub struct TokenSource {
    /// The network of the client.
    pub network: IpAddr,
    /// The counts of invalid tokens, per network.
    pub wrong: WrongTokens,
}

/// Why a request is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BearerError {
    /// It has no token.
    NoToken,
    /// Its token is not valid.
    InvalidToken,
    /// Its token is valid, but its user has no access. A challenge would make the client authorize again in vain.
    NotAllowed,
    /// Its network sent too many invalid tokens, and this token has not been valid before.
    TooMany,
    /// The token cannot be checked at the moment.
    Unavailable,
}

/// The bearer token of a request (RFC 6750, section 2.1), which must be in a single `Authorization` header.
///
/// # Errors
/// When there is none, or more than one.
pub fn token(headers: &HeaderMap) -> Result<&str, BearerError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(BearerError::NoToken)?;
    if values.next().is_some() {
        return Err(BearerError::InvalidToken);
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(BearerError::InvalidToken)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(BearerError::NoToken) }
}

/// Middleware that admits requests of authenticated callers and rejects all others. It adds the [`Caller`] to the extensions.
pub async fn require_caller(
    State((authenticate, wrong)): State<(Arc<dyn Authenticate>, WrongTokens)>,
    Extension(client): Extension<ClientIp>,
    mut request: Request,
    next: Next,
) -> Response {
    let source = TokenSource { network: client.customer(), wrong };
    let suffix = resource_suffix(request.uri());
    let checked = match authenticate.resource() {
        Some(_) => {
            // it runs to its end also if the client has gone, so it has no more of the request than it needs
            let authorization = request.headers().get_all(AUTHORIZATION).iter();
            let headers: HeaderMap = authorization.map(|value| (AUTHORIZATION, value.clone())).collect();
            let (authenticate, source) = (Arc::clone(&authenticate), source.clone());
            let holder = token(&headers).ok().and_then(|token| source.wrong.known.holder(token.as_bytes()));
            let share = Share::of(client, holder);
            let check = async move { authenticate.caller(&headers, &source).await };
            let check = tokio::spawn(customer::on_behalf_of(share, check).in_current_span());
            check.await.unwrap_or(Err(BearerError::Unavailable))
        }
        None => authenticate.caller(request.headers(), &source).await,
    };
    let caller = match checked {
        Ok(caller) => caller,
        Err(refused) => {
            if refused == BearerError::TooMany
                && let Some(count) = source.wrong.too_many.note()
            {
                tracing::warn!(count, network = %source.network, "a network sends too many invalid tokens");
            }
            return refuse(authenticate.resource(), &suffix, &refused);
        }
    };
    request.headers_mut().remove(AUTHORIZATION);
    let insufficient = InsufficientScope::new(authenticate.resource().map_or(Scopes::ALL, |resource| resource.scopes));
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(insufficient.clone());
    let response = next.run(request).await;
    match (insufficient.wanted(), authenticate.resource()) {
        (Some(scopes), Some(resource)) => {
            let names = resource.definitions.text(scopes);
            let message = format!("this needs the scopes `{names}`; sign in again and allow them");
            challenge(resource, &suffix, StatusCode::FORBIDDEN, Challenge::InsufficientScope(scopes), &message)
        }
        _ => response,
    }
}

fn refuse(resource: Option<&ProtectedResource>, suffix: &str, refused: &BearerError) -> Response {
    let (challenged, message) = match refused {
        BearerError::NoToken => (Challenge::NoToken, "sign in first: the URL in `WWW-Authenticate` tells where"),
        BearerError::InvalidToken => {
            (Challenge::InvalidToken, "the token does not count: it is expired, revoked or not for this server; sign in again")
        }
        BearerError::NotAllowed => {
            let message = "you are signed in, but may not use this server; ask whoever runs it for access";
            let body = Json(rpc_error(StatusCode::FORBIDDEN, message));
            return (StatusCode::FORBIDDEN, [(CACHE_CONTROL, "no-store")], body).into_response();
        }
        BearerError::TooMany => {
            let message = "too many wrong tokens came from your network; try again in a minute";
            let body = Json(rpc_error(StatusCode::TOO_MANY_REQUESTS, message));
            let headers = [(RETRY_AFTER, WATCHED.as_secs().to_string())];
            return (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response();
        }
        BearerError::Unavailable => {
            let message = "it cannot be checked now whether the token counts; try again soon";
            let body = Json(rpc_error(StatusCode::SERVICE_UNAVAILABLE, message));
            return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], body).into_response();
        }
    };
    match resource {
        Some(resource) => challenge(resource, suffix, StatusCode::UNAUTHORIZED, challenged, message),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

fn challenge(resource: &ProtectedResource, suffix: &str, status: StatusCode, challenge: Challenge, message: &str) -> Response {
    let error = match challenge {
        Challenge::NoToken => "unauthorized",
        Challenge::InvalidToken => "invalid_token",
        Challenge::InsufficientScope(_) => "insufficient_scope",
    };
    let body = Json(json!({ "error": error, "error_description": message }));
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(WWW_AUTHENTICATE, resource.challenge(suffix, challenge));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
