//! Bodies of responses that hold something, until the server has taken the last of them, or until they were written.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::body::Body;
use hyper::body::{Bytes, Frame, SizeHint};

/// A body that holds something until hyper has taken its last frame. hyper may write that frame much later.
#[derive(Debug)]
pub struct HoldingBody<T> {
    body: Body,
    _held: T,
}

impl<T> HoldingBody<T> {
    /// A body that holds this value.
    #[must_use]
    pub fn new(body: Body, held: T) -> Self {
        Self { body, _held: held }
    }
}

impl<T: Unpin> hyper::body::Body for HoldingBody<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that holds something until the last of its bytes was written to the connection: each frame holds it, too, and hyper
/// keeps a frame until it is written.
#[derive(Debug)]
pub struct HoldingFrames<T> {
    body: Body,
    held: Arc<T>,
}

impl<T> HoldingFrames<T> {
    /// The body, which holds something.
    #[must_use]
    pub fn new(body: Body, held: T) -> Self {
        Self { body, held: Arc::new(held) }
    }
}

/// The bytes of a frame, and what they hold.
struct Held<T> {
    bytes: Bytes,
    _held: Arc<T>,
}

impl<T> AsRef<[u8]> for Held<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T: Send + Sync + 'static> hyper::body::Body for HoldingFrames<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let hold = |bytes| Bytes::from_owner(Held { bytes, _held: Arc::clone(&self.held) });
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(hold))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
