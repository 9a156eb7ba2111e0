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

use mcp_http::token::TokenHash;

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
    let limits = from_fn_with_state(ConcurrencyLimits::new(KnownTokens::default()), limit_concurrency);
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
    for _ in 0..MAX_CONCURRENT_OF_ALL * 3 / 4 {
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

/// A server whose requests wait for the host of a stranger until they are let on.
fn waiting() -> (Router, mpsc::UnboundedReceiver<&'static str>, Arc<tokio::sync::Semaphore>) {
    let (tell, told) = mpsc::unbounded_channel();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let opens = Arc::clone(&gate);
    let work = move || {
        let (tell, gate) = (tell.clone(), Arc::clone(&gate));
        async move {
            let _ = tell.send("waits");
            let customer = IpAddr::from([192, 0, 2, 1]);
            let waited = without_place(wait(customer, WaitFor::Metadata, gate.acquire())).await;
            let _ = tell.send(if matches!(waited, Some(Ok(_))) { "goes on" } else { "ended" });
        }
    };
    let limits = from_fn_with_state(ConcurrencyLimits::new(KnownTokens::default()), limit_concurrency);
    (Router::new().route("/", get(work)).layer(limits), told, opens)
}

#[tokio::test]
async fn requests_that_wait_for_a_stranger_take_nobody_s_place() {
    let (router, mut told, gate) = waiting();
    let mut tasks = JoinSet::new();
    for _ in 0..2 * MAX_CONCURRENT {
        tasks.spawn(router.clone().oneshot(from(1, "GET", Body::empty())));
    }
    for _ in 0..2 * MAX_CONCURRENT {
        assert_eq!(told.recv().await, Some("waits"));
    }
    gate.add_permits(1);
    for _ in 0..2 * MAX_CONCURRENT {
        assert_eq!(told.recv().await, Some("goes on"));
    }
    assert!(tasks.join_all().await.into_iter().all(|response| response.unwrap().status() == StatusCode::OK));
}

#[tokio::test]
async fn a_wait_for_a_stranger_ends_with_its_connection() {
    let (router, mut told, _gate) = waiting();
    let task = tokio::spawn(router.oneshot(from(1, "GET", Body::empty())));
    assert_eq!(told.recv().await, Some("waits"));
    task.abort();
    assert_eq!(told.recv().await, Some("ended"));
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
    let limits = from_fn_with_state(ConcurrencyLimits::new(KnownTokens::default()), limit_concurrency);
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
        .layer(from_fn_with_state(ConcurrencyLimits::new(KnownTokens::default()), limit_concurrency));
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

#[tokio::test]
async fn who_has_a_valid_token_is_processed_while_strangers_fill_their_places() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let work = move |body: Bytes| {
        let _ = tell.send(body);
        std::future::pending::<()>()
    };
    let known = KnownTokens::default();
    let limits = from_fn_with_state(ConcurrencyLimits::new(known.clone()), limit_concurrency);
    let router = Router::new().route("/", post(work)).layer(limits);
    let mut tasks = JoinSet::new();
    let mut send = |last, body: &'static str| tasks.spawn(router.clone().oneshot(from(last, "POST", Body::from(body))));
    for last in 0..=255 {
        send(last, "refresh_token=invented");
        send(last, "refresh_token=invented");
    }
    for _ in 0..MAX_CONCURRENT_OF_ALL * 3 / 4 {
        assert_eq!(told.recv().await.unwrap(), "refresh_token=invented");
    }
    known.note(TokenHash::of(b"of a user"), "ada");
    let body = "grant_type=refresh_token&refresh_token=of+a+user";
    send(0, body);
    assert_eq!(told.recv().await.unwrap(), body);
}
