//! Health checks: whether this server is alive, and whether it is ready for requests.

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

/// Whether the process makes progress.
pub(super) const LIVE: &str = "/health/live";
/// Whether the server is ready for requests.
pub(super) const READY: &str = "/health/ready";
/// The paths of the health checks.
pub(super) const PATHS: [&str; 2] = [LIVE, READY];
/// How long a result of the store's check is reused, so that the store is checked at most once a second.
const FRESH: Duration = Duration::from_secs(1);
/// The time limit of the store's check.
pub(super) const MAX_CHECK_TIME: Duration = Duration::from_secs(2);

/// A result of the store's check.
struct Checked {
    at: Instant,
    result: Result<(), String>,
}

/// What a server needs to be ready for requests. Cheap to clone.
#[derive(Clone)]
pub struct Readiness {
    /// Its store has to be available.
    authenticate: Arc<dyn Authenticate>,
    /// The last result of the store's check. The lock makes checks run one at a time.
    last: Arc<Mutex<Option<Checked>>>,
    draining: CancellationToken,
}

impl Readiness {
    /// `draining` is cancelled when the server is going to stop.
    #[must_use]
    pub fn new(authenticate: Arc<dyn Authenticate>, draining: CancellationToken) -> Self {
        Self { authenticate, last: Arc::default(), draining }
    }

    /// Checks that the store is available and the server is not going to stop.
    pub(super) async fn check(&self) -> Result<(), String> {
        if self.draining.is_cancelled() {
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
        time::timeout(MAX_CHECK_TIME, check).await.unwrap_or_else(|_| Err("the store does not answer in time".to_owned()))
    }

    /// What whoever runs the server should know although it is ready.
    pub(super) fn notes(&self) -> Vec<String> {
        self.authenticate.notes()
    }
}

/// The health routes of the main listener.
pub(super) fn routes(readiness: Readiness) -> Router {
    let ready =
        |State(readiness): State<Readiness>| async move { response("ready", readiness.check().await, &readiness.notes()) };
    Router::new().route(LIVE, get(|| async { response("live", Ok(()), &[]) })).route(READY, get(ready).with_state(readiness))
}

/// The response for `live` or `ready`, with what whoever runs the server should know.
pub(super) fn response(what: &str, checked: Result<(), String>, notes: &[String]) -> Response {
    match checked {
        Ok(()) if notes.is_empty() => Json(json!({ "status": what })).into_response(),
        Ok(()) => Json(json!({ "status": what, "notes": notes })).into_response(),
        Err(why) => {
            let body = Json(json!({ "status": format!("not {what}"), "why": why }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}
