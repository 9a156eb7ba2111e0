//! Context of an HTTP request, stored in its extensions.

use std::sync::{Arc, OnceLock};

use crate::scope::Scopes;

/// The ID of a request in logs. The transport adds it to the request's extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// A slot in which a call records that its caller's scopes are insufficient, and which are required. The transport adds it to the
/// request's extensions and responds with a challenge.
#[derive(Clone, Debug, Default)]
pub struct InsufficientScope(pub Arc<OnceLock<Scopes>>);

impl InsufficientScope {
    /// The required scopes, if the caller's are insufficient.
    #[must_use]
    pub fn wanted(&self) -> Option<Scopes> {
        self.0.get().copied()
    }
}
