//! A router that is replaced while it serves.

use std::sync::Arc;

use axum::{Router, extract::Request};
use tokio::sync::watch;
use tower::ServiceExt;

/// The router for new requests. A request that has begun ends with the router that it began with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CurrentRouter(Arc<watch::Sender<Router>>);

impl CurrentRouter {
    /// Begins with this router.
    #[must_use]
    pub fn new(router: Router) -> Self {
        Self(Arc::new(watch::Sender::new(router)))
    }

    /// Replaces the router.
    pub fn replace(&self, router: Router) {
        drop(self.0.send_replace(router));
    }

    /// A router that passes each request to the current one.
    pub fn router(&self) -> Router {
        let current = self.clone();
        Router::new().fallback(move |request: Request| {
            let router = current.0.borrow().clone();
            async move { router.oneshot(request).await }
        })
    }
}
