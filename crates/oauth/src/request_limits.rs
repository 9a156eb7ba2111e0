//! Limits on the requests to the endpoints and pages: their rate, and how many are processed at once, of one customer and of all.
//!
//! Invariant: a request that is processed runs to its end, also if its client has gone, and counts until then. One that still waits ends
//! with its connection.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mcp_http::{
    holding_body::HoldingFrames,
    net::{
        body,
        client_ip::ClientIp,
        customer,
        fair_semaphore::{FairPermit, FairSemaphore},
        keyed_semaphore::KeyedSemaphore,
        rate_limit::Rate,
    },
};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout, timeout_at},
};
use tracing::Instrument;

use crate::error::OAuthError;

/// How many requests of one customer are processed at once. Further ones wait for each other here, and not in the store's queue,
/// where those of all others would wait for them. It is more than the sign-in attempts and the fetches that one customer can have in
/// progress together, so that slow ones leave room for the rest.
pub(crate) const MAX_CONCURRENT: usize = 32;
/// How many requests of one customer are processed or wait to be.
const MAX_PENDING: usize = 256;
/// How many requests of all customers are processed at once, and in how many parts they share them: one customer alone may have
/// [`MAX_CONCURRENT`]. Each holds its body, and most need a connection of the store, which has far fewer.
const MAX_CONCURRENT_OF_ALL: usize = 256;
const PARTS: usize = 6;
/// How long a request waits to be processed.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How many responses to one customer may wait to be read by their clients. Further requests wait for them, so that one customer
/// does not fill the memory with pages that nobody reads.
const MAX_UNWRITTEN: usize = 64;
/// How many bytes a body may have, and how long it may take to arrive. It is read before the request takes part in any of these
/// limits, so that a slow client keeps nobody else from being served.
const BODY_BYTES: usize = 64 << 10;
const BODY_TIME: Duration = Duration::from_secs(10);

/// Lets a request pass if its customer stays within the rate limit.
pub(crate) async fn limit_rate(
    State(rate): State<Rate>,
    Extension(client): Extension<ClientIp>,
    request: Request,
    next: Next,
) -> Response {
    match rate.admit(client.customer()) {
        Ok(()) => next.run(request).await,
        Err(seconds) => {
            if let Some(count) = rate.exceeded.note() {
                tracing::warn!(count, ip = %client.0, path = request.uri().path(), "called too often");
            }
            OAuthError::TooMany(format!("too many requests from your network; try again in {seconds} s"), seconds).into_response()
        }
    }
}

/// The permits of each customer ([`ClientIp::customer`]), and of all.
#[derive(Debug)]
pub(crate) struct ConcurrencyLimits {
    pending: KeyedSemaphore<IpAddr>,
    requests: KeyedSemaphore<IpAddr>,
    unwritten: KeyedSemaphore<IpAddr>,
    of_all: FairSemaphore<IpAddr>,
}

/// Why a request is not processed.
#[derive(Debug)]
enum Refused {
    /// Too many of the same customer are.
    OfCustomer,
    /// Those of all take too long.
    OfAll,
}

/// The permits of one request.
struct Permits {
    /// Until the response is there.
    _request: ([OwnedSemaphorePermit; 2], FairPermit<IpAddr>),
    /// Until the response was written.
    unwritten: OwnedSemaphorePermit,
}

impl ConcurrencyLimits {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            pending: KeyedSemaphore::new(MAX_PENDING),
            requests: KeyedSemaphore::new(MAX_CONCURRENT),
            unwritten: KeyedSemaphore::new(MAX_UNWRITTEN),
            of_all: FairSemaphore::new(MAX_CONCURRENT_OF_ALL, PARTS),
        })
    }

    /// Waits for the permits of a request. No semaphore is ever closed.
    async fn permits(&self, customer: IpAddr) -> Result<Permits, Refused> {
        let until = Instant::now() + MAX_WAIT;
        let place = self.pending.of(customer).try_acquire_owned().map_err(|_| Refused::OfCustomer)?;
        let of_customer = async {
            let unwritten = self.unwritten.of(customer).acquire_owned().await.ok()?;
            let request = self.requests.of(customer).acquire_owned().await.ok()?;
            Some((unwritten, request))
        };
        let of_customer = timeout_at(until, of_customer).await.ok().flatten();
        let (unwritten, request) = of_customer.ok_or(Refused::OfCustomer)?;
        let of_all = timeout_at(until, self.of_all.acquire(customer)).await.map_err(|_| Refused::OfAll)?;
        Ok(Permits { _request: ([place, request], of_all), unwritten })
    }
}

impl From<Refused> for OAuthError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::OfCustomer => {
                let text = "too many requests from your network are being processed; try again in a few seconds";
                Self::TooMany(text.to_owned(), 5)
            }
            Refused::OfAll => {
                Self::Unavailable("too many requests are being processed; try again in a few seconds".to_owned(), 5)
            }
        }
    }
}

/// Reads a request's body, and lets the request through once its customer has permits for it.
pub(crate) async fn limit_concurrency(
    State(limits): State<Arc<ConcurrencyLimits>>,
    Extension(client): Extension<ClientIp>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(body) = timeout(BODY_TIME, body::read(body, BODY_BYTES)).await.ok().flatten() else {
        let text =
            format!("the body is longer than {} KiB, broke off, or arrived too slowly; send less at once", BODY_BYTES >> 10);
        return OAuthError::InvalidRequest(text).into_response();
    };
    let permits = match limits.permits(client.customer()).await {
        Ok(permits) => permits,
        Err(refused) => return OAuthError::from(refused).into_response(),
    };
    // A request that broke off would cost the store a connection, and clients could break off faster than a database connects.
    let run = async move {
        let Permits { _request, unwritten } = permits;
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        response.map(|body| Body::new(HoldingFrames::new(body, unwritten)))
    };
    let run = customer::on_behalf_of(client.customer(), run);
    tokio::spawn(run.in_current_span()).await.unwrap_or_else(|_| OAuthError::Broken.into_response())
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    use axum::{
        Router,
        body::Bytes,
        http::StatusCode,
        middleware::from_fn_with_state,
        routing::{get, post},
    };
    use hyper::body::Frame;
    use tokio::{sync::mpsc, task::JoinSet};
    use tower::ServiceExt;

    use super::*;

    /// A body of which nothing arrives.
    struct Never;

    impl hyper::body::Body for Never {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            Poll::Pending
        }
    }

    fn from(last: u8, method: &str, body: Body) -> Request {
        let mut request = Request::builder().method(method).body(body).unwrap();
        request.extensions_mut().insert(ClientIp(IpAddr::from([192, 0, 2, last])));
        request
    }

    /// A server whose requests never end, and where it reports that one has begun.
    fn endless() -> (Router, mpsc::UnboundedReceiver<()>) {
        let (begun, begins) = mpsc::unbounded_channel();
        let work = move || {
            let begun = begun.clone();
            async move {
                let _ = begun.send(());
                std::future::pending::<()>().await;
            }
        };
        let limits = from_fn_with_state(ConcurrencyLimits::new(), limit_concurrency);
        (Router::new().route("/", get(work)).layer(limits), begins)
    }

    #[tokio::test]
    async fn the_requests_of_one_customer_are_limited_and_others_do_not_wait() {
        let (router, mut begins) = endless();
        let mut tasks = JoinSet::new();
        let mut send = |last: u8| tasks.spawn(router.clone().oneshot(from(last, "GET", Body::empty())));
        for _ in 0..3 * MAX_CONCURRENT {
            send(1);
        }
        for _ in 0..MAX_CONCURRENT {
            begins.recv().await.unwrap();
        }
        send(2);
        begins.recv().await.unwrap();
        assert!(begins.try_recv().is_err(), "the others of the first customer wait");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_waits_too_long_or_finds_no_place_is_rejected() {
        let (router, mut begins) = endless();
        let mut tasks = JoinSet::new();
        let send = |tasks: &mut JoinSet<_>| tasks.spawn(router.clone().oneshot(from(1, "GET", Body::empty())));
        for _ in 0..MAX_CONCURRENT {
            send(&mut tasks);
            begins.recv().await.unwrap();
        }
        for _ in MAX_CONCURRENT..MAX_PENDING {
            send(&mut tasks);
        }
        // the places in the queue are taken, so the next request is refused at once
        for _ in 0..MAX_PENDING {
            tokio::task::yield_now().await;
        }
        let began_at = tokio::time::Instant::now();
        let refused = router.clone().oneshot(from(1, "GET", Body::empty())).await.unwrap();
        assert_eq!((refused.status(), began_at.elapsed()), (StatusCode::TOO_MANY_REQUESTS, Duration::ZERO));
        assert_eq!(refused.headers()["retry-after"], "5");
        for _ in MAX_CONCURRENT..MAX_PENDING {
            let refused = tasks.join_next().await.unwrap().unwrap().unwrap();
            assert_eq!((refused.status(), began_at.elapsed()), (StatusCode::TOO_MANY_REQUESTS, MAX_WAIT));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_all_customers_process_at_once_is_limited_and_whoever_has_least_is_next() {
        let (router, mut begins) = endless();
        let mut tasks = JoinSet::new();
        let send = |tasks: &mut JoinSet<_>, last: u8| tasks.spawn(router.clone().oneshot(from(last, "GET", Body::empty())));
        for last in 0..=254 {
            for _ in 0..3 {
                send(&mut tasks, last);
            }
        }
        for _ in 0..MAX_CONCURRENT_OF_ALL {
            begins.recv().await.unwrap();
        }
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert!(begins.try_recv().is_err(), "no more are processed");
        let refused = router.clone().oneshot(from(255, "GET", Body::empty())).await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()["retry-after"], "5");
    }

    /// Ends when it is dropped, which it reports.
    struct Ends(mpsc::UnboundedSender<&'static str>, &'static str);

    impl Drop for Ends {
        fn drop(&mut self) {
            let _ = self.0.send(self.1);
        }
    }

    #[tokio::test]
    async fn a_request_that_is_processed_runs_to_its_end_without_its_client_and_one_that_waits_does_not() {
        let (tell, mut told) = mpsc::unbounded_channel();
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let work = {
            let (tell, gate) = (tell.clone(), Arc::clone(&gate));
            move || {
                let (end, gate) = (Ends(tell.clone(), "broke off"), Arc::clone(&gate));
                async move {
                    let _ = end.0.send("begun");
                    let _ = gate.acquire().await;
                    let _ = end.0.send("done");
                    std::mem::forget(end);
                }
            }
        };
        let limits = from_fn_with_state(ConcurrencyLimits::new(), limit_concurrency);
        let router = Router::new().route("/", get(work)).layer(limits);
        let mut tasks = JoinSet::new();
        for _ in 0..=MAX_CONCURRENT {
            tasks.spawn(router.clone().oneshot(from(1, "GET", Body::empty())));
        }
        for _ in 0..MAX_CONCURRENT {
            assert_eq!(told.recv().await, Some("begun"));
        }
        tasks.shutdown().await;
        gate.add_permits(MAX_CONCURRENT + 1);
        for _ in 0..MAX_CONCURRENT {
            assert_eq!(told.recv().await, Some("done"));
        }
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert!(told.try_recv().is_err(), "the one that waited has ended with its connection");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_arrives_slowly_takes_nobody_s_place() {
        let router = Router::new()
            .route("/", post(|body: Bytes| async move { body.len().to_string() }))
            .layer(from_fn_with_state(ConcurrencyLimits::new(), limit_concurrency));
        let mut tasks = JoinSet::new();
        for _ in 0..2 * MAX_PENDING {
            tasks.spawn(router.clone().oneshot(from(1, "POST", Body::new(Never))));
        }
        for _ in 0..MAX_PENDING {
            tokio::task::yield_now().await;
        }
        let served = router.clone().oneshot(from(1, "POST", Body::from("four"))).await.unwrap();
        assert_eq!(served.status(), StatusCode::OK);
        while let Some(refused) = tasks.join_next().await {
            assert_eq!(refused.unwrap().unwrap().status(), StatusCode::BAD_REQUEST);
        }
    }
}
