//! Whether this server is alive, and whether it can answer requests.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tokio::{sync::Mutex, time};
use tokio_util::sync::CancellationToken;

use crate::oauth::{bearer::Guard, server::AuthorizationServer};

/// Whether the process does anything.
pub(super) const LIVE: &str = "/health/live";
/// Whether requests can be answered.
pub(super) const READY: &str = "/health/ready";
/// The paths of health.
pub(super) const PATHS: [&str; 2] = [LIVE, READY];
/// How long the store may take to say that it is there.
pub(super) const LONGEST: Duration = Duration::from_secs(2);

/// What has to be there for requests to be answered. Cheap to clone.
#[derive(Clone)]
pub struct Readiness {
    /// The one whose store is asked, if there is one.
    server: Option<Arc<AuthorizationServer>>,
    /// The store is asked once at a time, however often somebody asks for health.
    turn: Arc<Mutex<()>>,
    stop: CancellationToken,
}

impl Readiness {
    /// `stop` is cancelled when the server stops.
    #[must_use]
    pub fn new(guard: &Guard, stop: CancellationToken) -> Self {
        let server = match guard {
            Guard::Embedded(server) => Some(Arc::clone(server)),
            Guard::Open(_) | Guard::External(_) => None,
        };
        Self { server, turn: Arc::default(), stop }
    }

    /// Whether requests can be answered, or why not: the store is there, and the server is not about to stop.
    pub(super) async fn check(&self) -> Result<(), String> {
        if self.stop.is_cancelled() {
            return Err("stopping".to_owned());
        }
        let Some(server) = &self.server else { return Ok(()) };
        let check = async {
            let _turn = self.turn.lock().await;
            server.store.check().await
        };
        match time::timeout(LONGEST, check).await {
            Ok(checked) => checked.map_err(|error| error.to_string()),
            Err(_) => Err("the store does not answer in time".to_owned()),
        }
    }
}

/// The answers on the server's own address.
pub(super) fn routes(readiness: Readiness) -> Router {
    let ready = |State(readiness): State<Readiness>| async move { answer("ready", readiness.check().await) };
    Router::new().route(LIVE, get(|| async { answer("live", Ok(())) })).route(READY, get(ready).with_state(readiness))
}

/// What is said of being `live` or `ready`.
pub(super) fn answer(what: &str, checked: Result<(), String>) -> Response {
    match checked {
        Ok(()) => Json(json!({ "status": what })).into_response(),
        Err(why) => {
            let body = Json(json!({ "status": format!("not {what}"), "why": why }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}
