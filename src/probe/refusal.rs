//! Failures that say nothing about a question: the call was refused, or its response did not come from the API.

use std::fmt::{self, Display, Formatter};

use serde_json::Value;

use super::Response;

/// Torii's word for a permission that a key lacks.
pub(super) const MISSING_SCOPE: &str = "missing_required_scope";

/// Why a response says nothing about what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Rights,
    Rate,
    Server,
    NotJson,
    Other,
}

impl Refusal {
    /// The refusal in a response, if it is one: of the key or its rights, of the rate, or by a server or gateway that failed.
    pub(super) fn of(response: &Response) -> Option<Self> {
        let is_of_rights = || !response.is_success() && response.body.to_string().contains(MISSING_SCOPE);
        let reason = match response.status {
            401 | 403 => Reason::Rights,
            408 | 429 => Reason::Rate,
            500.. => Reason::Server,
            _ if is_of_rights() => Reason::Rights,
            // pages of gateways, and of networks that demand a sign-in
            _ if response.body == Value::Null => Reason::NotJson,
            _ => return None,
        };
        Some(Self { status: response.status, reason })
    }

    /// Any other response that was not expected.
    pub(super) fn other(response: &Response) -> Self {
        Self { status: response.status, reason: Reason::Other }
    }
}

/// Whether a response refuses an argument, or that one is missing.
pub(super) fn is_refused_argument(response: &Response) -> bool {
    Refusal::of(response).is_none() && matches!(response.status, 400 | 422)
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::Rights => "the key lacks a right",
            Reason::Rate => "the rate limit is reached",
            Reason::Server => "the API or a gateway failed",
            Reason::NotJson => "the response is not JSON",
            Reason::Other => "the call failed",
        };
        write!(f, "{reason} (status {})", self.status)
    }
}
