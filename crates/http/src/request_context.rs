//! What travels with an HTTP request, in its extensions.

use std::sync::{Arc, OnceLock};

use crate::scope::Scopes;

/// What a request is called in logs. The transport puts it into the request's extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// Where a call says that its caller may not make it, and which scopes would do. The transport puts it into the request's
/// extensions and answers with a challenge.
#[derive(Clone, Debug, Default)]
pub struct InsufficientScope(pub Arc<OnceLock<Scopes>>);

impl InsufficientScope {
    /// The scopes that would do, if the caller has too few.
    #[must_use]
    pub fn wanted(&self) -> Option<Scopes> {
        self.0.get().copied()
    }
}
