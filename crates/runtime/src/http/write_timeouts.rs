//! A client that does not read what it is sent loses its connection.
//!
//! Two times count: how long nothing at all can be written, and how long there is no moment in which everything has been
//! written. The second ends a connection whose client reads one byte now and then.
//!
//! Reading has no such times here, since each kind of it has its own: headers and idle connections in hyper, a body in
//! [`crate::http::body_reader`]. A request that takes long, or a user who is asked for confirmation, is no reason to close a connection.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

#[cfg(test)]
mod tests;

/// How long writing may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteTimeouts {
    /// How long nothing at all can be written.
    pub(super) idle: Duration,
    /// How long something waits to be written, however much of it is written meanwhile.
    pub(super) total: Duration,
}

/// A connection with time limits on writing.
#[derive(Debug)]
pub(super) struct TimedWrites {
    stream: TcpStream,
    timeouts: WriteTimeouts,
    backlog: Option<Backlog>,
}

/// What waits to be written.
#[derive(Debug)]
struct Backlog {
    /// When all of it has to be written.
    until: Instant,
    /// Whether nothing could be written when it was last tried; then the timer runs.
    is_stuck: bool,
    timer: Pin<Box<Sleep>>,
}

impl TimedWrites {
    pub(super) fn new(stream: TcpStream, timeouts: WriteTimeouts) -> Self {
        Self { stream, timeouts, backlog: None }
    }

    /// What an attempt to write comes to within the time limits.
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
        // The kernel must not keep for minutes what nobody reads.
        let _ = self.stream.set_zero_linger();
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)))
    }
}

impl AsyncRead for TimedWrites {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
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

    /// hyper flushes when it has written everything it has.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.backlog = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
