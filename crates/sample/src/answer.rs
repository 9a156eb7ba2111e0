//! Responses: JSON, an empty body, or an error in Torii's format.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use crate::options::{Errors, InvalidBodies};

/// The result of every handler.
pub(super) type Answer = Result<Response, Failure>;

/// A rejected call. Its body is `{statusCode, error, message}`, the only error format that Torii publishes, unless the sample
/// was asked for another one ([`Failure::render`]).
#[derive(Debug, Clone)]
pub(super) struct Failure {
    cause: Cause,
    part: Part,
    /// The parameter or property that is wrong.
    key: Option<String>,
    message: String,
    retry_after: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
enum Cause {
    /// The status is known.
    Status(StatusCode),
    /// A body is well-formed but not valid; sources disagree about the status.
    Invalid,
}

/// A part of a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Query,
    Params,
    Payload,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { cause: Cause::Status(status), part: Part::Query, key: None, message: message.into(), retry_after: None }
    }

    /// A parameter of the URL is malformed.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A body is well-formed but not valid.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { cause: Cause::Invalid, part: Part::Payload, ..Self::malformed(message) }
    }

    /// A calculated field cannot be written.
    pub(super) fn calculated(key: &str) -> Self {
        Self::malformed(format!("the field is calculated and cannot be written: {key}")).within(Part::Payload).at(key)
    }

    pub(super) fn not_found(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found: {id}"))
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn too_many(seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate limit exceeded") }
    }

    /// The failure with the parameter or property that is wrong.
    pub(super) fn at(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// The failure with the part of the request that is wrong.
    pub(super) fn within(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// The response in the format and with the status that the sample was asked for.
    pub(super) fn render(&self, errors: Errors, invalid_bodies: InvalidBodies) -> Response {
        let status = match (self.cause, invalid_bodies) {
            (Cause::Status(status), _) => status,
            (Cause::Invalid, InvalidBodies::BadRequest) => StatusCode::BAD_REQUEST,
            (Cause::Invalid, InvalidBodies::Unprocessable) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut body = match errors {
            Errors::Gateway => json!({ "message": self.message }),
            Errors::Plain | Errors::Hapi => json!({
                "statusCode": status.as_u16(),
                "error": status.canonical_reason().unwrap_or("Error"),
                "message": self.message,
            }),
        };
        if errors == Errors::Hapi
            && status == StatusCode::BAD_REQUEST
            && let Some(body) = body.as_object_mut()
        {
            let keys: Vec<_> = self.key.iter().collect();
            body.insert("validation".to_owned(), json!({ "source": self.part.name(), "keys": keys }));
        }
        let mut response = json_with(status, &body);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Params => "params",
            Self::Payload => "payload",
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.render(Errors::Plain, InvalidBodies::BadRequest);
        // `shape` writes the failure in another format from this extension.
        response.extensions_mut().insert(self);
        response
    }
}

/// 200 with a JSON body.
pub(super) fn json(body: &impl Serialize) -> Response {
    json_with(StatusCode::OK, body)
}

/// A JSON body with another status.
pub(super) fn json_with(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], bytes).into_response(),
        // Everything in the sample can be serialized; if it could not, the sample should still not panic.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// 200 without a body, for operations whose published response is only `default` without a schema.
pub(super) fn empty() -> Response {
    StatusCode::OK.into_response()
}

/// 204 without a body.
pub(super) fn gone() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
