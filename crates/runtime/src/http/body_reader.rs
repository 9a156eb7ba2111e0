//! Reads the bodies of requests within limits.
//!
//! If a client stops sending in the middle of a body, the response is 408.
//!
//! A server that responds early, for example because a token is missing, and then closes the connection causes a race: a client
//! that sends headers and body separately, or reuses the connection for its next request, finds it closed. So the rest of the
//! body is read and discarded, within limits (RFC 9112, section 9.6).

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    http::{HeaderValue, StatusCode, header::CONNECTION},
    response::{IntoResponse, Response},
};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{self, Instant, Sleep};

use crate::http::connection_limits::ActiveRequest;

/// How many bytes are read and discarded; after that the connection is closed.
const MAX_BYTES: usize = 40 << 20;
/// How long a body is read and discarded.
const MAX_TIME: Duration = Duration::from_secs(10);

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// The connection failed, or the data is not valid HTTP.
    #[error(transparent)]
    Connection(#[from] hyper::Error),
    /// No data arrived for too long.
    #[error("nothing more of the request's body arrived in time")]
    Stalled,
}

/// Whether a request's body stalled. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct BodyStalled(Arc<AtomicBool>);

impl BodyStalled {
    /// The response to a request whose body stalled; `None` if it did not.
    pub(super) fn response(&self) -> Option<Response> {
        let text = "the request's body stopped arriving; send the request again, and its body without a pause";
        let close = [(CONNECTION, HeaderValue::from_static("close"))];
        self.0.load(Ordering::Relaxed).then(|| (StatusCode::REQUEST_TIMEOUT, close, text).into_response())
    }
}

/// A request body that is read to its end even if its handler does not do so.
#[derive(Debug)]
pub(super) struct ReadToEnd {
    body: Option<Incoming>,
    /// How long to wait for more data.
    idle: Duration,
    stalled: BodyStalled,
    /// Is notified when the whole body has arrived.
    active: Option<Arc<ActiveRequest>>,
    /// Runs while waiting for data.
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
}

impl ReadToEnd {
    pub(super) fn new(body: Incoming, idle: Duration, active: Option<Arc<ActiveRequest>>) -> Self {
        let this = Self { body: Some(body), idle, stalled: BodyStalled::default(), active, timer: None, is_waiting: false };
        this.tell_end();
        this
    }

    fn tell_end(&self) {
        if let Some(active) = &self.active
            && self.is_end_stream()
        {
            active.has_arrived();
        }
    }

    /// The flag that is set if the body stalls.
    pub(super) fn stalled(&self) -> BodyStalled {
        self.stalled.clone()
    }
}

impl Body for ReadToEnd {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(context) {
            this.is_waiting = false;
            this.tell_end();
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from)));
        }
        let until = Instant::now() + this.idle;
        let timer = this.timer.get_or_insert_with(|| Box::pin(time::sleep_until(until)));
        if !this.is_waiting {
            this.is_waiting = true;
            timer.as_mut().reset(until);
        }
        if timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        // the rest of the body is not waited for either
        this.body = None;
        this.stalled.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(BodyError::Stalled)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for ReadToEnd {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            tokio::spawn(time::timeout(MAX_TIME, discard(body)));
        }
    }
}

async fn discard(mut body: Incoming) {
    let mut left = MAX_BYTES;
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
