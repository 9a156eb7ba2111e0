//! The claims of a token.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::clock::Timestamp;
use serde_json::{Map, Value};

/// The tolerated difference between the clocks of two machines.
const LEEWAY: Duration = Duration::from_mins(1);

/// The claims of a token.
#[derive(Clone, Debug)]
pub struct Claims(Map<String, Value>);

/// Why a token is not valid at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// It would never expire.
    #[error("it has no `exp`")]
    Endless,
    /// It has expired.
    #[error("it has expired")]
    Expired,
    /// It is not valid yet.
    #[error("it is not valid yet")]
    Early,
}

impl Claims {
    pub(super) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// Parses the claims of a token without verifying its signature.
    #[must_use]
    pub fn unverified(token: &str) -> Option<Self> {
        let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice(&claims).ok().map(Self)
    }

    /// Adds the claims that are missing here. `email_verified` is only taken together with `email`.
    #[must_use]
    pub fn completed_by(mut self, more: Map<String, Value>) -> Self {
        self.0.retain(|_, value| !value.is_null());
        if self.get("email").is_none() {
            self.0.remove("email_verified");
        }
        for (name, value) in more {
            self.0.entry(name).or_insert(value);
        }
        self
    }

    /// Returns a claim, unless it is `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Returns a claim that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Returns a claim that is a list of strings, or one string.
    #[must_use]
    pub fn texts(&self, name: &str) -> Option<Vec<&str>> {
        match self.get(name)? {
            Value::String(text) => Some(vec![text]),
            Value::Array(list) => list.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// Returns a claim that is a time.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        let value = self.get(name)?;
        // fractions of a second are dropped
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked, and the fraction is dropped on purpose")]
        let whole = || value.as_f64().filter(|at| at.abs() < 1e15).map(|at| at as i64);
        value.as_i64().or_else(whole).map(Timestamp)
    }

    /// Returns whether `aud` contains this audience.
    #[must_use]
    pub fn is_for(&self, audience: &str) -> bool {
        self.texts("aud").is_some_and(|audiences| audiences.contains(&audience))
    }

    /// Returns the expiry of a token that is valid at `now`.
    ///
    /// # Errors
    /// Why the token is not valid.
    pub fn valid_at(&self, now: Timestamp) -> Result<Timestamp, TimeError> {
        let expires_at = self.time("exp").ok_or(TimeError::Endless)?;
        if expires_at.after(LEEWAY) <= now {
            return Err(TimeError::Expired);
        }
        let is_early = |name| match self.get(name) {
            None => false,
            Some(_) => self.time(name).is_none_or(|at| at.before(LEEWAY) > now),
        };
        if is_early("nbf") || is_early("iat") { Err(TimeError::Early) } else { Ok(expires_at) }
    }
}
