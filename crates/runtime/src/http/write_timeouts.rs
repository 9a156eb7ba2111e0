//! Closes the connection of a client that does not read its responses.
//!
//! There are two time limits: on how long nothing can be written, and on how long there is always something left to write. The
//! second one ends a connection whose client reads a byte now and then.
//!
//! A client that closes its side of the connection after its request gets its response if that does not take long ([`HALF_CLOSED`]).
//!
//! Reading has no other time limits here, since it has others: hyper limits headers and idle connections, and
//! [`crate::http::body_reader`] limits bodies. A long request, or a user who is asked for confirmation, is no reason to close a
//! connection. It is only noted whether a connection had to wait for its client ([`HasWaited`]).

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep, sleep_until},
};

#[cfg(test)]
mod tests;

/// The time limits on writing.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteTimeouts {
    /// How long nothing at all may be written.
    pub(super) idle: Duration,
    /// How long data may wait to be written, even if some of it is written meanwhile.
    pub(super) total: Duration,
}

/// How long a client that sends nothing more, and may still read, waits for the response to its request. It cannot be told from a
/// client that is gone, whose request is cancelled afterwards.
const HALF_CLOSED: Duration = Duration::from_secs(2);

/// A connection with time limits on writing.
#[derive(Debug)]
pub(super) struct TimedWrites {
    stream: TcpStream,
    timeouts: WriteTimeouts,
    backlog: Option<Backlog>,
    has_waited: HasWaited,
    requests: RequestsInProgress,
    /// Runs after the client has closed its side while a request is in progress.
    half_closed: Option<Pin<Box<Sleep>>>,
}

/// The requests of a connection that are in progress. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestsInProgress(Arc<AtomicUsize>);

/// A request in progress, until this is dropped.
#[derive(Debug)]
pub(super) struct RequestInProgress(RequestsInProgress);

impl RequestsInProgress {
    pub(super) fn begin(&self) -> RequestInProgress {
        self.0.fetch_add(1, Ordering::Relaxed);
        RequestInProgress(self.clone())
    }

    fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for RequestInProgress {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a connection has waited for its client since this was last asked. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct HasWaited(Arc<AtomicBool>);

impl HasWaited {
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

/// Data that waits to be written.
#[derive(Debug)]
struct Backlog {
    /// When all of it must have been written.
    until: Instant,
    /// Whether the last attempt could write nothing; then the timer runs.
    is_stuck: bool,
    timer: Pin<Box<Sleep>>,
}

impl TimedWrites {
    pub(super) fn new(stream: TcpStream, timeouts: WriteTimeouts) -> Self {
        Self {
            stream,
            timeouts,
            backlog: None,
            has_waited: HasWaited::default(),
            requests: RequestsInProgress::default(),
            half_closed: None,
        }
    }

    /// Whether the connection has waited for data of its client.
    pub(super) fn has_waited(&self) -> HasWaited {
        self.has_waited.clone()
    }

    /// The requests in progress, which whoever processes them counts.
    pub(super) fn requests(&self) -> RequestsInProgress {
        self.requests.clone()
    }

    /// Whether the end of what the client sends is reported now, so that a request in progress is cancelled.
    fn ends(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.requests.is_empty() {
            let timer = self.half_closed.get_or_insert_with(|| Box::pin(sleep(HALF_CLOSED)));
            ready!(timer.as_mut().poll(context));
        }
        Poll::Ready(Ok(()))
    }

    /// Applies the time limits to the result of an attempt to write.
    fn limit(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            let Some(backlog) = &mut self.backlog else { return written };
            backlog.is_stuck = false;
            return if Instant::now() < backlog.until { written } else { self.give_up("the response was read too slowly") };
        }
        let now = Instant::now();
        let WriteTimeouts { idle, total } = self.timeouts;
        let backlog = self.backlog.get_or_insert_with(|| {
            let until = now + total;
            Backlog { until, is_stuck: false, timer: Box::pin(sleep_until(until)) }
        });
        if !backlog.is_stuck {
            backlog.is_stuck = true;
            backlog.timer.as_mut().reset(backlog.until.min(now + idle));
        }
        ready!(backlog.timer.as_mut().poll(context));
        self.give_up("the response was not read")
    }

    fn give_up(&mut self, why: &'static str) -> Poll<io::Result<usize>> {
        // Discard unsent data, which the kernel would otherwise keep for minutes.
        let _ = self.stream.set_zero_linger();
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)))
    }
}

impl AsyncRead for TimedWrites {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.half_closed.is_some() {
            return self.ends(context);
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if matches!(read, Poll::Ready(Ok(()))) && buffer.filled().len() == before && buffer.remaining() > 0 {
            return self.ends(context);
        }
        if read.is_pending() {
            self.has_waited.0.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for TimedWrites {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.limit(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.limit(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has written everything.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.backlog = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
