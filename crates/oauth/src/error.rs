//! Errors of the endpoints that clients call directly (RFC 6749, section 5.2; RFC 7591, section 3.2.2).

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use mcp_http::{json::Json, log, token::RandomFailed};
use serde_json::json;

use crate::{store, write_permits::TooManyWrites};

/// An error response to a client.
#[derive(Debug, PartialEq, Eq)]
pub enum OAuthError {
    /// The request is malformed.
    InvalidRequest(String),
    /// The client is unknown or not authenticated. Clients register again when they receive this, so it is never the response
    /// to a transient fault.
    InvalidClient(String),
    /// The client authenticates with a secret in HTTP Basic, which nobody issued.
    UnexpectedSecret(String),
    /// The code or refresh token is not valid.
    InvalidGrant(String),
    /// The client may not use this grant type.
    UnauthorizedClient(String),
    /// The grant type is not supported.
    UnsupportedGrantType(String),
    /// The requested scopes were not granted.
    InvalidScope(String),
    /// The token is requested for another resource (RFC 8707, section 2).
    InvalidTarget(String),
    /// No redirect URI of a registration is accepted.
    InvalidRedirectUri(String),
    /// The metadata of a registration is not accepted.
    InvalidClientMetadata(String),
    /// There are too many requests; retry after that many seconds.
    TooMany(String, u64),
    /// The server is unavailable; retry after that many seconds.
    Unavailable(String, u64),
    /// An internal error; the log contains the cause.
    Broken,
}

impl OAuthError {
    fn parts(&self) -> (StatusCode, &'static str, &str) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::InvalidRequest(text) => (BAD, "invalid_request", text),
            Self::InvalidClient(text) | Self::UnexpectedSecret(text) => (StatusCode::UNAUTHORIZED, "invalid_client", text),
            Self::InvalidGrant(text) => (BAD, "invalid_grant", text),
            Self::UnauthorizedClient(text) => (BAD, "unauthorized_client", text),
            Self::UnsupportedGrantType(text) => (BAD, "unsupported_grant_type", text),
            Self::InvalidScope(text) => (BAD, "invalid_scope", text),
            Self::InvalidTarget(text) => (BAD, "invalid_target", text),
            Self::InvalidRedirectUri(text) => (BAD, "invalid_redirect_uri", text),
            Self::InvalidClientMetadata(text) => (BAD, "invalid_client_metadata", text),
            Self::TooMany(text, _) => (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", text),
            Self::Unavailable(text, _) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "something here is broken; try again later"),
        }
    }
}

impl From<store::Error> for OAuthError {
    fn from(error: store::Error) -> Self {
        log::error(&error);
        match error {
            store::Error::Unavailable(_) | store::Error::Unwritable(_) => {
                Self::Unavailable("the server cannot reach its store; try again soon".to_owned(), 5)
            }
            _ => Self::Broken,
        }
    }
}

impl From<TooManyWrites> for OAuthError {
    fn from(error: TooManyWrites) -> Self {
        Self::Unavailable(error.to_string(), 5)
    }
}

impl From<RandomFailed> for OAuthError {
    fn from(error: RandomFailed) -> Self {
        log::error(&error);
        Self::Broken
    }
}

/// The description of an error, as an extension of its response, for the middleware that renders pages.
#[derive(Clone, Debug)]
pub(crate) struct Description(pub(crate) String);

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let (status, code, description) = self.parts();
        let mut response = (status, Json(json!({ "error": code, "error_description": description }))).into_response();
        response.extensions_mut().insert(Description(description.to_owned()));
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            // RFC 6749, section 5.2, requires `www-authenticate` with 401
            Self::InvalidClient(_) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer error="invalid_client""#));
            }
            // it names the scheme that the client used, as that section requires
            Self::UnexpectedSecret(_) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Basic realm="no client secrets""#));
            }
            Self::TooMany(_, seconds) | Self::Unavailable(_, seconds) => {
                headers.insert(RETRY_AFTER, seconds.into());
            }
            _ => {}
        }
        response
    }
}
