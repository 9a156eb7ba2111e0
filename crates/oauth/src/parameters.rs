//! Parameters of OAuth requests, from a query or a form (RFC 6749, section 3.1: each at most once, an empty one counts as
//! left out).

use std::fmt;

use axum::{
    extract::{FromRequest, Request},
    http::header::CONTENT_TYPE,
};
use mcp_http::net::body;

use crate::error::OAuthError;

#[cfg(test)]
mod tests;

/// The longest form that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// Parameters in the order they came. They print without their values, which may be codes, tokens and keys.
#[derive(Clone, Default)]
pub struct Parameters(Vec<(String, String)>);

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A parameter that came twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is given more than once")]
pub struct RepeatedParameter(pub String);

impl Parameters {
    /// Reads `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// A parameter that may come once.
    ///
    /// # Errors
    /// When it came more than once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, RepeatedParameter> {
        let mut values = self.all(name);
        let value = values.next();
        if values.next().is_some() { Err(RepeatedParameter(name.to_owned())) } else { Ok(value) }
    }

    /// A parameter that may come any number of times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The parameters of a form that was posted (RFC 6749, section 3.2).
pub struct Form(pub Parameters);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = OAuthError;

    async fn from_request(request: Request, _: &S) -> Result<Self, OAuthError> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthError::InvalidRequest("send a form: `content-type: application/x-www-form-urlencoded`".to_owned()));
        }
        let body = body::read(request.into_body(), LONGEST).await;
        let too_long = || OAuthError::InvalidRequest(format!("the form is longer than {} KiB, or it broke off", LONGEST >> 10));
        let body = body.ok_or_else(too_long)?;
        Ok(Self(Parameters::parse(&String::from_utf8_lossy(&body))))
    }
}
