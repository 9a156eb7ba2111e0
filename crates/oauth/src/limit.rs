//! Limits on the requests of one client network: their rate, and how many are handled at once.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mcp_http::{
    holding_body::HoldingBody,
    net::{client_ip::ClientIp, keyed_semaphore::KeyedSemaphore, rate_limit::Rate},
};

use crate::error::OAuthError;

/// How many requests of one network are handled at once. Further ones wait for a permit here, not in the store's queue, where
/// those of other networks would wait behind them.
pub(crate) const AT_ONCE: usize = 16;

/// Lets a request pass if its network stays within the rate limit.
pub(crate) async fn limit(
    State(rate): State<Rate>,
    Extension(client): Extension<ClientIp>,
    request: Request,
    next: Next,
) -> Response {
    match rate.admit(client.network()) {
        Ok(()) => next.run(request).await,
        Err(seconds) => {
            if let Some(count) = rate.exceeded.note() {
                tracing::warn!(count, ip = %client.0, path = request.uri().path(), "called too often");
            }
            OAuthError::TooMany(format!("too many requests from your network; try again in {seconds} s"), seconds).into_response()
        }
    }
}

/// How many responses of one network may wait until their clients have read them. Further requests wait, so that one network
/// does not fill the memory with responses that nobody reads.
const UNREAD: usize = 64;

/// The permits of each network.
#[derive(Debug)]
pub(crate) struct AtOnce {
    requests: KeyedSemaphore<IpAddr>,
    unread: KeyedSemaphore<IpAddr>,
}

impl AtOnce {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { requests: KeyedSemaphore::new(AT_ONCE), unread: KeyedSemaphore::new(UNREAD) })
    }
}

/// Lets a request pass once its network has a permit for it.
pub(crate) async fn at_once(
    State(networks): State<Arc<AtOnce>>,
    Extension(client): Extension<ClientIp>,
    request: Request,
    next: Next,
) -> Response {
    // the semaphores are never closed
    let unread = networks.unread.of(client.network()).acquire_owned().await;
    let _permit = networks.requests.of(client.network()).acquire_owned().await;
    next.run(request).await.map(|body| Body::new(HoldingBody::new(body, unread)))
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn_with_state, routing::get};
    use tokio::{sync::mpsc, task::JoinSet};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn one_network_has_so_many_requests_worked_on_and_others_do_not_wait_for_it() {
        let (begun, mut begins) = mpsc::unbounded_channel();
        let work = move || {
            let begun = begun.clone();
            async move {
                let _ = begun.send(());
                std::future::pending::<()>().await;
            }
        };
        let networks = AtOnce::new();
        let router = Router::new().route("/", get(work)).layer(from_fn_with_state(networks, at_once));
        let mut tasks = JoinSet::new();
        let mut send = |last: u8| {
            let mut request = Request::new(Body::empty());
            request.extensions_mut().insert(ClientIp(IpAddr::from([192, 0, 2, last])));
            tasks.spawn(router.clone().oneshot(request));
        };
        for _ in 0..3 * AT_ONCE {
            send(1);
        }
        for _ in 0..AT_ONCE {
            begins.recv().await.unwrap();
        }
        send(2);
        begins.recv().await.unwrap();
        assert!(begins.try_recv().is_err(), "the others of the first network wait");
    }
}
