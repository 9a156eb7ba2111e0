//! Parameters of OAuth requests, from a query or a form. Each occurs at most once, and an empty one is treated as omitted (RFC
//! 6749, section 3.1).

use std::fmt;

use axum::{
    extract::{FromRequest, Request},
    http::header::CONTENT_TYPE,
};
use mcp_http::net::body;
use zeroize::Zeroizing;

use crate::error::OAuthError;

#[cfg(test)]
mod tests;

/// The maximum length of a form, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// The maximum number of parameters in a form. Each takes as long to parse as about a hundred bytes of a value.
pub(crate) const MAX_PARAMETERS: usize = 100;

/// Parameters in their order. The values may be codes, tokens and keys: `Debug` omits them, and their memory is overwritten at the end.
#[derive(Clone, Default)]
pub struct Parameters(Vec<(String, Zeroizing<String>)>);

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A parameter that occurs more than once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is given more than once")]
pub struct RepeatedParameter(pub String);

impl Parameters {
    /// Parses `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn parse(text: impl AsRef<[u8]>) -> Self {
        let pairs = form_urlencoded::parse(text.as_ref()).filter(|(_, value)| !value.is_empty());
        Self(pairs.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned()))).collect())
    }

    /// Returns a parameter that may occur once.
    ///
    /// # Errors
    /// If it occurs more than once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, RepeatedParameter> {
        let mut values = self.all(name);
        let value = values.next();
        if values.next().is_some() { Err(RepeatedParameter(name.to_owned())) } else { Ok(value) }
    }

    /// Returns all values of a parameter that may be repeated.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The parameters of the form in a request's body (RFC 6749, section 3.2).
pub struct Form(pub Parameters);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = OAuthError;

    async fn from_request(request: Request, _: &S) -> Result<Self, OAuthError> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthError::InvalidRequest("send a form: `content-type: application/x-www-form-urlencoded`".to_owned()));
        }
        let body = body::read(request.into_body(), MAX_BYTES).await;
        let too_long = || OAuthError::InvalidRequest(format!("the form is longer than {} KiB, or incomplete", MAX_BYTES >> 10));
        let body = body.ok_or_else(too_long)?;
        if body.split(|byte| *byte == b'&').count() > MAX_PARAMETERS {
            return Err(OAuthError::InvalidRequest(format!("the form has more than {MAX_PARAMETERS} parameters; send fewer")));
        }
        Ok(Self(Parameters::parse(body)))
    }
}
