//! Limits on the requests to the endpoints and pages: their rate, and how many are processed at once, of one customer and of all.
//!
//! Invariants:
//! - A request that is processed runs to its end, also if its client has gone, and counts until then. One that still waits ends with its
//!   connection.
//! - A request that waits for the host of a stranger is not processed meanwhile, so it takes nobody's place ([`without_place`]).

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mcp_http::{
    holding_body::HoldingFrames,
    known_tokens::{Holder, KnownTokens},
    net::{
        body,
        client_ip::ClientIp,
        customer::{self, Share},
        fair_semaphore::{FairPermit, FairSemaphore},
        keyed_semaphore::KeyedSemaphore,
        rate_limit::Rate,
        waiting::{Client, WaitFor, wait},
    },
};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout, timeout_at},
};
use tracing::Instrument;

use crate::{error::OAuthError, parameters::MAX_PARAMETERS};

#[cfg(test)]
mod tests;

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
    of_all: FairSemaphore<Share>,
    known: KnownTokens,
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
    pending: OwnedSemaphorePermit,
    processed: ProcessPermit,
    /// Until the response was written.
    unwritten: OwnedSemaphorePermit,
}

/// What a request has while it is processed: of those of its customer, and of those of all.
type ProcessPermit = (OwnedSemaphorePermit, FairPermit<Share>);

tokio::task_local! {
    static PLACE: Arc<Place>;
}

/// The place of a request that is processed.
struct Place {
    limits: Arc<ConcurrencyLimits>,
    customer: IpAddr,
    share: Share,
    /// `None` while the request waits for somebody else's host.
    permit: Mutex<Option<ProcessPermit>>,
}

impl Place {
    fn replace(&self, permit: Option<ProcessPermit>) -> Option<ProcessPermit> {
        std::mem::replace(&mut *self.permit.lock().unwrap_or_else(PoisonError::into_inner), permit)
    }
}

/// Waits for `work` while others take the place of the current request. `None` if it finds no place again.
pub(crate) async fn without_place<F: Future>(work: F) -> Option<F::Output> {
    let Ok(place) = PLACE.try_with(Arc::clone) else { return Some(work.await) };
    drop(place.replace(None));
    let done = work.await;
    let processed =
        wait(place.customer, WaitFor::Turn, place.limits.process(place.customer, place.share, Instant::now() + MAX_WAIT)).await;
    place.replace(Some(processed.ok()?.ok()?));
    Some(done)
}

impl ConcurrencyLimits {
    /// Requests with `known` tokens come before others.
    pub(crate) fn new(known: KnownTokens) -> Arc<Self> {
        Arc::new(Self {
            pending: KeyedSemaphore::new(MAX_PENDING),
            requests: KeyedSemaphore::new(MAX_CONCURRENT),
            unwritten: KeyedSemaphore::new(MAX_UNWRITTEN),
            of_all: FairSemaphore::with_known(MAX_CONCURRENT_OF_ALL, PARTS, Share::is_known),
            known,
        })
    }

    /// Waits for the permits of a request. No semaphore is ever closed.
    async fn permits(&self, customer: IpAddr, share: Share) -> Result<Permits, Refused> {
        let until = Instant::now() + MAX_WAIT;
        let pending = self.pending.of(customer).try_acquire_owned().map_err(|_| Refused::OfCustomer)?;
        let unwritten = timeout_at(until, self.unwritten.of(customer).acquire_owned()).await.ok().and_then(Result::ok);
        let unwritten = unwritten.ok_or(Refused::OfCustomer)?;
        Ok(Permits { pending, processed: self.process(customer, share, until).await?, unwritten })
    }

    async fn process(&self, customer: IpAddr, share: Share, until: Instant) -> Result<ProcessPermit, Refused> {
        let of_customer = timeout_at(until, self.requests.of(customer).acquire_owned()).await.ok().and_then(Result::ok);
        let of_customer = of_customer.ok_or(Refused::OfCustomer)?;
        let of_all = timeout_at(until, self.of_all.acquire(share)).await.map_err(|_| Refused::OfAll)?;
        Ok((of_customer, of_all))
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

/// Who holds a token in a form that was valid lately, as that of a user who refreshes it or signs out. Nothing else of the form is
/// decoded, since a copy of a key would stay in memory.
fn holder(form: &[u8], known: &KnownTokens) -> Option<Holder> {
    let is_token = |field: &&[u8]| field.starts_with(b"refresh_token=") || field.starts_with(b"token=");
    let mut tokens = form.split(|byte| *byte == b'&').take(MAX_PARAMETERS).filter(is_token).flat_map(form_urlencoded::parse);
    tokens.find_map(|(_, token)| known.holder(token.as_bytes()))
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
    let (customer, share) = (client.customer(), Share::of(client, holder(&body, &limits.known)));
    let permits = wait(customer, WaitFor::Turn, limits.permits(customer, share)).await.unwrap_or(Err(Refused::OfAll));
    let Permits { pending, processed, unwritten } = match permits {
        Ok(permits) => permits,
        Err(refused) => return OAuthError::from(refused).into_response(),
    };
    let place = Arc::new(Place { limits, customer, share, permit: Mutex::new(Some(processed)) });
    // what it waits for ends with its connection, since many may wait
    let (client, _present) = Client::current().until_dropped();
    // A request that broke off would cost the store a connection, and clients could break off faster than a database connects.
    let run = async move {
        let _pending = pending;
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        response.map(|body| Body::new(HoldingFrames::new(body, unwritten)))
    };
    let run = customer::on_behalf_of(share, client.scope(PLACE.scope(place, run)));
    tokio::spawn(run.in_current_span()).await.unwrap_or_else(|_| OAuthError::Broken.into_response())
}
