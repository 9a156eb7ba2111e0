//! Context of an HTTP request, stored in its extensions.

use std::sync::{Arc, OnceLock};

use crate::scope::Scopes;

/// The ID of a request in logs. The transport adds it to the request's extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// A slot in which a call records that its caller's scopes are insufficient, and which are required. The transport adds it to the
/// request's extensions and responds with a challenge.
#[derive(Clone, Debug)]
pub struct InsufficientScope {
    offered: Scopes,
    wanted: Arc<OnceLock<Scopes>>,
}

impl InsufficientScope {
    /// An empty slot, at a server whose tokens can have these scopes.
    #[must_use]
    pub fn new(offered: Scopes) -> Self {
        Self { offered, wanted: Arc::default() }
    }

    /// Records the required scopes. Returns whether a user can allow them: a challenge with others would be in vain.
    #[must_use]
    pub fn note(&self, wanted: Scopes) -> bool {
        // the slot is still empty, since each request has its own
        self.offered.covers(wanted) && self.wanted.set(wanted).is_ok()
    }

    /// The required scopes, if the caller's are insufficient.
    #[must_use]
    pub fn wanted(&self) -> Option<Scopes> {
        self.wanted.get().copied()
    }
}
