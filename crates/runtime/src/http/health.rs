//! Whether this server is alive, and whether it can answer requests.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use mcp_http::{bearer::Authenticate, json::Json};
use serde_json::json;
use tokio::{
    sync::Mutex,
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;

/// Whether the process does anything.
pub(super) const LIVE: &str = "/health/live";
/// Whether requests can be answered.
pub(super) const READY: &str = "/health/ready";
/// The paths of health.
pub(super) const PATHS: [&str; 2] = [LIVE, READY];
/// How long what the store said counts: it is asked once a second, however often somebody asks for health.
const FRESH: Duration = Duration::from_secs(1);
/// How long the store may take to say that it is there.
pub(super) const LONGEST: Duration = Duration::from_secs(2);

/// What the store said.
struct Checked {
    at: Instant,
    result: Result<(), String>,
}

/// What has to be there for requests to be answered. Cheap to clone.
#[derive(Clone)]
pub struct Readiness {
    /// The one that has to be able to tell callers.
    authenticate: Arc<dyn Authenticate>,
    /// What the store said last, and when. It is asked once at a time.
    last: Arc<Mutex<Option<Checked>>>,
    stop: CancellationToken,
}

impl Readiness {
    /// `stop` is cancelled when the server stops.
    #[must_use]
    pub fn new(authenticate: Arc<dyn Authenticate>, stop: CancellationToken) -> Self {
        Self { authenticate, last: Arc::default(), stop }
    }

    /// Whether requests can be answered, or why not: the store is there, and the server is not about to stop.
    pub(super) async fn check(&self) -> Result<(), String> {
        if self.stop.is_cancelled() {
            return Err("stopping".to_owned());
        }
        let check = async {
            let mut last = self.last.lock().await;
            if let Some(Checked { at, result }) = &*last
                && at.elapsed() < FRESH
            {
                return result.clone();
            }
            let result = self.authenticate.ready().await;
            *last = Some(Checked { at: Instant::now(), result: result.clone() });
            result
        };
        time::timeout(LONGEST, check).await.unwrap_or_else(|_| Err("the store does not answer in time".to_owned()))
    }
}

/// The responses on the server's own address.
pub(super) fn routes(readiness: Readiness) -> Router {
    let ready = |State(readiness): State<Readiness>| async move { response("ready", readiness.check().await) };
    Router::new().route(LIVE, get(|| async { response("live", Ok(())) })).route(READY, get(ready).with_state(readiness))
}

/// What is said of being `live` or `ready`.
pub(super) fn response(what: &str, checked: Result<(), String>) -> Response {
    match checked {
        Ok(()) => Json(json!({ "status": what })).into_response(),
        Err(why) => {
            let body = Json(json!({ "status": format!("not {what}"), "why": why }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}
