//! Connections: how many, how long, and how they end.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{peer::Peer, unread::ReadToEnd};

/// The longest headers, in bytes.
const HEADER_BYTES: usize = 64 << 10;

/// The bounds of serving.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many connections may be open at once; more wait to be taken.
    pub connections: usize,
    /// How long requests may take to end once the server stops.
    pub grace: Duration,
    /// How long a connection may take for the headers of its next request, idle time included.
    pub headers: Duration,
}

impl Bounds {
    /// How many connections may be open at once, unless the operator says otherwise.
    pub const CONNECTIONS: usize = 1000;
}

impl Default for Bounds {
    fn default() -> Self {
        Self { connections: Self::CONNECTIONS, grace: Duration::from_secs(30), headers: Duration::from_secs(75) }
    }
}

/// Serves until `stop` is cancelled; then takes no more connections and lets requests end for a while.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(bounds.connections));
    let taking = async {
        loop {
            // the semaphore is never closed
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return Ok(()) };
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    // too many open files, most likely: others have to end first
                    tracing::error!(%error, "a connection cannot be taken");
                    time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            let connection = graceful.watch(connection(stream, Peer(peer), router.clone(), bounds.headers));
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection broke");
                }
                drop(permit);
            });
        }
    };
    tokio::select! {
        ended = taking => return ended,
        never = tick() => match never {},
        () = stop.cancelled() => {}
    }
    drop(listener);
    let left = graceful.count();
    if time::timeout(bounds.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = left, "stopped before all requests had ended");
    }
    Ok(())
}

/// One connection, to its end.
fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    headers: Duration,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> + Send,
> {
    // Without this, small answers wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request.map(|body| Body::new(ReadToEnd::new(body))))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(headers)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
}

/// Whether an error says something about one connection only.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Keeps the runtime's next timer near. Without it, each time limit of a call would be the earliest timer there is, and
/// setting it would wake the thread that waits for input (decision 5).
async fn tick() -> Infallible {
    let mut second = time::interval(Duration::from_secs(1));
    loop {
        second.tick().await;
    }
}
