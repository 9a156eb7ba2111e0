//! A response body that holds a value until all of it has been passed on to be written.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use hyper::body::{Bytes, Frame, SizeHint};

/// A body with the value that it holds, such as a request in flight or its permit.
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
