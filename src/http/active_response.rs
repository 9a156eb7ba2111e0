//! The body of an answer, which keeps its request active until the last of it was taken to be written.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::Body;
use hyper::body::{Bytes, Frame, SizeHint};

use super::connection_limits::ActiveRequest;

/// A body with the request that it answers.
#[derive(Debug)]
pub(super) struct ActiveResponse {
    body: Body,
    _request: Arc<ActiveRequest>,
}

impl ActiveResponse {
    pub(super) fn new(body: Body, request: Arc<ActiveRequest>) -> Self {
        Self { body, _request: request }
    }
}

impl hyper::body::Body for ActiveResponse {
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
