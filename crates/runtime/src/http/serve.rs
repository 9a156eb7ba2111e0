//! Serves connections: limits their number and duration, and shuts them down gracefully.
//!
//! Invariants:
//! - A connection is accepted at once, whatever other connections do. Over the limits, another connection is closed for it, and if
//!   none can be, it is served as in [`super::overflow`].
//! - Of the requests that a connection sends at once, one is processed at a time, and other connections get their turns in between.
//! - Every time for which a client can make this server wait is limited by [`Bounds`].

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, header::CONNECTION},
};
use hyper::{
    body::{Bytes, Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use ipnet::IpNet;
use mcp_http::{holding_body::HoldingBody, log::Recurring, net::client_ip::Peer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::yield_now,
    time,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    connection_limits::{ActiveRequest, ConnectionLimits, ConnectionPermit, OverLimit, OverflowTasks},
    overflow,
    write_timeouts::{HasWaited, RequestInProgress, TimedWrites, WriteTimeouts},
};
use crate::http::{MAX_REQUEST_TIME, body_reader::ReadToEnd};

#[cfg(test)]
mod tests;

/// The largest body that is read before the handler reads it, in bytes.
const SMALL_BODY: u64 = 4 << 10;
/// The longest headers, in bytes.
const HEADER_BYTES: usize = 32 << 10;
/// The size of a connection's send and receive buffers in the kernel, in bytes. By default, Linux lets them grow to several MiB.
#[cfg(unix)]
const SOCKET_BUFFER: usize = 64 << 10;
/// How long to wait before trying to accept again.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);

/// The limits of connections.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// How many connections may be open at once.
    pub connections: usize,
    /// How many of them may come from one network: an IPv4 address, or an IPv6 /56, which providers assign to one customer.
    pub connections_per_customer: usize,
    /// The proxies that forward connections of many networks.
    pub trusted_proxies: Vec<IpNet>,
    /// How long requests may take to end after the server is told to stop.
    pub grace: Duration,
    /// How long a connection may take for the headers of its next request, idle time included.
    pub headers: Duration,
    /// How long to wait for more data of a request's body.
    pub body_idle: Duration,
    /// How long the client may read nothing of a response.
    pub write_idle: Duration,
    /// How long the client may take to read a whole response.
    pub write_total: Duration,
    /// How long a connection over the limits may take for the headers of its request.
    pub overflow_headers: Duration,
    /// How long a connection over the limits may last.
    pub overflow_total: Duration,
}

impl Bounds {
    /// The default limit on open connections.
    pub const CONNECTIONS: usize = 1000;
    /// How many connections over the limits may be open at once; beyond that the oldest is closed for a new one.
    pub const OVERFLOW: usize = 256;

    /// The default limit on the connections of one network, for this limit on all connections.
    #[must_use]
    pub const fn share(connections: usize) -> usize {
        if connections < 2 { 1 } else { connections / 2 }
    }

    fn write_timeouts(&self) -> WriteTimeouts {
        WriteTimeouts { idle: self.write_idle, total: self.write_total }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: Self::CONNECTIONS,
            connections_per_customer: Self::share(Self::CONNECTIONS),
            trusted_proxies: Vec::new(),
            grace: Duration::from_secs(30),
            headers: Duration::from_secs(75),
            body_idle: Duration::from_secs(15),
            write_idle: Duration::from_secs(30),
            write_total: Duration::from_mins(5),
            overflow_headers: Duration::from_secs(2),
            overflow_total: Duration::from_secs(5),
        }
    }
}

/// Serves until `stop` is cancelled. Then it accepts no more connections, and lets requests end within the grace period.
///
/// # Errors
/// None at present: a failed accept is retried.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut acceptor = Acceptor::new(listener);
    tokio::select! {
        never = accept_all(&mut acceptor, &router, &bounds, &graceful) => match never {},
        never = tick() => match never {},
        () = stop.cancelled() => {}
    }
    drop(acceptor);
    let left = graceful.count();
    if time::timeout(bounds.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = left, "stopped before all requests had ended");
    }
    Ok(())
}

/// Accepts connections and starts a task for each.
async fn accept_all(acceptor: &mut Acceptor, router: &Router, bounds: &Bounds, graceful: &GracefulShutdown) -> Infallible {
    let limits = ConnectionLimits::new(bounds.connections, bounds.connections_per_customer, bounds.trusted_proxies.clone());
    let mut overflow = OverflowTasks::new(Bounds::OVERFLOW);
    let (mut over_total, mut over_share, mut closed) = (Recurring::default(), Recurring::default(), Recurring::default());
    loop {
        let (stream, peer) = acceptor.accept().await;
        let context = ConnectionContext { peer: Peer(peer), router: router.clone(), body_idle: bounds.body_idle };
        let stream = timed(stream, bounds.write_timeouts());
        let admitted = limits.admit(context.peer).map(Arc::new);
        let now = time::Instant::now().into_std();
        match admitted.as_ref().map_or_else(|over| Some(*over), |permit| permit.made_room) {
            Some(OverLimit::Total) => {
                if let Some(count) = over_total.note(now) {
                    let limit = bounds.connections;
                    tracing::warn!(
                        count,
                        limit,
                        "connections over `limits.connections`: for each, another one was closed, or the new one is answered 503; raise it if these are no attack"
                    );
                }
            }
            Some(OverLimit::Customer(network)) => {
                if let Some(count) = over_share.note(now) {
                    let limit = bounds.connections_per_customer;
                    tracing::warn!(
                        count, limit, %network,
                        "connections of one network over `limits.connections_per_customer`: for each, the one that waited longest for its client was closed, or the new one is answered 503; if it is a proxy of yours, add it to `trusted_proxies`"
                    );
                }
            }
            None => {}
        }
        let over = match admitted {
            Ok(permit) => {
                let connection = graceful.watch(connection_within(stream, context, Arc::clone(&permit), bounds.headers));
                tokio::spawn(async move {
                    tokio::select! {
                        ended = connection => if let Err(error) = ended {
                            tracing::debug!(%error, "a connection broke");
                        },
                        () = permit.closed() => tracing::debug!("a connection that waited for its client was closed for another one"),
                    }
                });
                continue;
            }
            Err(over) => over,
        };
        let connection = graceful.watch(overflow::connection(stream, context, over, bounds.overflow_headers));
        let task = tokio::spawn(time::timeout(bounds.overflow_total, connection));
        if overflow.add(task.abort_handle())
            && let Some(count) = closed.note(now)
        {
            tracing::warn!(count, most = Bounds::OVERFLOW, "connections over the limits were closed unanswered for newer ones");
        }
    }
}

/// Accepts connections, and retries after errors.
pub(super) struct Acceptor {
    listener: TcpListener,
    failures: Recurring,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener) -> Self {
        // accepted connections inherit the sizes; if the system refuses them, its defaults apply
        #[cfg(unix)]
        let _ = rustix::net::sockopt::set_socket_send_buffer_size(&listener, SOCKET_BUFFER);
        #[cfg(unix)]
        let _ = rustix::net::sockopt::set_socket_recv_buffer_size(&listener, SOCKET_BUFFER);
        Self { listener, failures: Recurring::default() }
    }

    /// The next connection. While none can be accepted, for example for want of file descriptors, it tries again ten times a
    /// second and logs an error once a minute.
    pub(super) async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if let Some(count) = self.failures.note(time::Instant::now().into_std()) {
                        tracing::error!(%error, count, "no connection can be accepted; are there enough file descriptors (`LimitNOFILE=`, `ulimit -n`)?");
                    }
                    time::sleep(BETWEEN_ATTEMPTS).await;
                }
            }
        }
    }
}

/// Whether an error concerns only one connection.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// A connection with time limits on writing.
pub(super) fn timed(stream: TcpStream, timeouts: WriteTimeouts) -> TokioIo<TimedWrites> {
    // Without this, small responses wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    TokioIo::new(TimedWrites::new(stream, timeouts))
}

/// The HTTP/1 settings of connections.
pub(super) fn protocol(headers: Duration) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(headers).max_buf_size(HEADER_BYTES);
    protocol
}

/// What a connection needs to answer its requests.
#[derive(Clone)]
pub(super) struct ConnectionContext {
    pub(super) peer: Peer,
    pub(super) router: Router,
    pub(super) body_idle: Duration,
}

impl ConnectionContext {
    /// Prepares a request for the router.
    pub(super) fn prepare(&self, request: hyper::Request<Incoming>, active: Option<Arc<ActiveRequest>>) -> hyper::Request<Body> {
        let (mut parts, body) = request.into_parts();
        let body = ReadToEnd::new(body, self.body_idle, active);
        parts.extensions.insert(self.peer);
        parts.extensions.insert(body.stalled());
        hyper::Request::from_parts(parts, Body::new(body))
    }
}

/// A connection with the service that answers its requests.
pub(super) type Connection<S> = http1::Connection<TokioIo<TimedWrites>, S>;

/// Serves one connection within the limits, to its end.
fn connection_within(
    stream: TokioIo<TimedWrites>,
    context: ConnectionContext,
    permit: Arc<ConnectionPermit>,
    headers: Duration,
) -> Connection<
    impl hyper::service::HttpService<
        Incoming,
        ResBody = HoldingBody<(Arc<ActiveRequest>, RequestInProgress)>,
        Error = Infallible,
        Future: Send,
    > + Send,
> {
    let (has_waited, requests) = (stream.inner().has_waited(), stream.inner().requests());
    let service = service_fn(move |request| {
        let has_waited = has_waited.clone();
        let active = Arc::new(ActiveRequest::new(Arc::clone(&permit)));
        let in_progress = requests.begin();
        let (router, request) = (context.router.clone(), context.prepare(request, Some(Arc::clone(&active))));
        let permit = Arc::clone(&permit);
        async move {
            let_others_run(&has_waited).await;
            let request = with_small_body(request).await;
            let mut response = permit.process(router.oneshot(request)).await?;
            if permit.leaves() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            // it is active until hyper has taken the last of the response; from then on the connection waits for its client
            Ok(response.map(|body| HoldingBody::new(body, (active, in_progress))))
        }
    });
    protocol(headers).serve_connection(stream, service)
}

/// Lets other connections run before a request that was read together with the one before. Without this, a connection would process
/// all requests that it has received before any other one gets a turn.
async fn let_others_run(has_waited: &HasWaited) {
    if !has_waited.take() {
        yield_now().await;
    }
}

/// Reads the body of a request in advance if it is small. A small body that nobody reads would otherwise need its own task, see
/// [`body_reader`], and a connection can send very many of them at once.
async fn with_small_body(request: hyper::Request<Body>) -> hyper::Request<Body> {
    use hyper::body::Body as _;
    let is_small = |length| (1..=SMALL_BODY).contains(&length);
    if !request.body().size_hint().exact().is_some_and(is_small) {
        return request;
    }
    let (parts, body) = request.into_parts();
    // whoever reads a body that broke off or did not arrive gets an error
    let body = time::timeout(MAX_REQUEST_TIME, mcp_http::net::body::read(body, HEADER_BYTES)).await.ok().flatten();
    let body = body.map_or_else(|| Body::new(BrokenBody), Body::from);
    hyper::Request::from_parts(parts, body)
}

/// A body that did not arrive completely.
struct BrokenBody;

impl hyper::body::Body for BrokenBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
    }
}

/// Serves one connection that is not counted, to its end.
pub(super) fn connection(
    stream: TokioIo<TimedWrites>,
    context: ConnectionContext,
    headers: Duration,
) -> Connection<
    impl hyper::service::HttpService<Incoming, ResBody = HoldingBody<RequestInProgress>, Error = Infallible, Future: Send> + Send,
> {
    let (has_waited, requests) = (stream.inner().has_waited(), stream.inner().requests());
    let service = service_fn(move |request| {
        let (router, request, has_waited) = (context.router.clone(), context.prepare(request, None), has_waited.clone());
        let in_progress = requests.begin();
        async move {
            let_others_run(&has_waited).await;
            Ok(router.oneshot(request).await?.map(|body| HoldingBody::new(body, in_progress)))
        }
    });
    protocol(headers).serve_connection(stream, service)
}

/// Keeps the runtime's next timer near. Without it, each time limit of a call would be the earliest timer, and setting it would
/// wake the thread that waits for input (decision 5).
async fn tick() -> Infallible {
    let mut second = time::interval(Duration::from_secs(1));
    loop {
        second.tick().await;
    }
}
