//! A separate listener for health checks, which responds even if the rest of the server is blocked.
//!
//! Invariants:
//! - It has its own thread and runtime, so that nothing that blocks the server's threads delays it.
//! - Its connections are few and short, and the oldest is closed for a new one. So no client keeps others out.
//! - It reveals only whether the server is alive and ready, so it may listen on any IP address.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, middleware::from_fn_with_state, response::Response, routing::get};
use mcp_http::net::client_ip::Peer;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle},
    task::JoinHandle,
    time,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    Frame,
    connection_limits::OverflowTasks,
    frame,
    health::{self, LIVE, READY, Readiness, response},
    serve::{Acceptor, ConnectionContext, connection, timed},
    write_timeouts::WriteTimeouts,
};

#[cfg(test)]
mod tests;

/// The limits of the health listener.
#[derive(Clone, Copy, Debug)]
pub struct HealthBounds {
    /// How many connections may be open at once.
    pub connections: usize,
    /// How long a connection may take for the headers of its next request, idle time included.
    pub headers: Duration,
    /// How long a connection may last.
    pub connection: Duration,
    /// How long the server may make no progress before it counts as dead.
    pub stale: Duration,
}

impl HealthBounds {
    /// The default limit on open connections.
    pub const CONNECTIONS: usize = 64;
}

impl Default for HealthBounds {
    fn default() -> Self {
        Self {
            connections: Self::CONNECTIONS,
            headers: Duration::from_secs(5),
            connection: Duration::from_secs(10),
            stale: Duration::from_secs(30),
        }
    }
}

/// When the server's runtime last made progress. Cheap to clone.
#[derive(Clone, Debug)]
struct Heartbeat {
    began: Instant,
    /// The time of the last beat, in milliseconds since `began`.
    last: Arc<AtomicU64>,
}

impl Heartbeat {
    /// Begins with a beat.
    fn new() -> Self {
        Self { began: Instant::now(), last: Arc::default() }
    }

    /// Records progress.
    fn beat(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    /// The time since the last progress.
    fn age(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)))
    }

    /// Beats every second, as long as the current runtime runs tasks.
    fn keep(self) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut second = time::interval(Duration::from_secs(1));
            loop {
                second.tick().await;
                self.beat();
            }
        })
    }
}

/// The health listener. Dropping this value stops it.
pub struct HealthListener {
    address: SocketAddr,
    heart: JoinHandle<()>,
    _stop: DropGuard,
}

impl HealthListener {
    /// Serves the health of the current runtime in a separate thread.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(listener: std::net::TcpListener, readiness: Readiness, bounds: HealthBounds) -> io::Result<Self> {
        let heartbeat = Heartbeat::new();
        let heart = heartbeat.clone().keep();
        let health = Health { heartbeat, stale: bounds.stale, readiness, server: Handle::current() };
        Self::spawn(listener, health, bounds, heart)
    }

    fn spawn(listener: std::net::TcpListener, health: Health, bounds: HealthBounds, heart: JoinHandle<()>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        thread::Builder::new().name("health".to_owned()).spawn(move || {
            runtime.block_on(stopped.run_until_cancelled(async {
                // the socket already listens, so this fails only if the runtime is shutting down
                if let Ok(listener) = TcpListener::from_std(listener) {
                    serve(listener, router(health), bounds).await;
                }
            }))
        })?;
        Ok(Self { address, heart, _stop: stop.drop_guard() })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for HealthListener {
    fn drop(&mut self) {
        self.heart.abort();
    }
}

/// The state of the health routes.
#[derive(Clone)]
struct Health {
    heartbeat: Heartbeat,
    stale: Duration,
    readiness: Readiness,
    /// The runtime of the server, on which its store is checked.
    server: Handle,
}

impl Health {
    fn is_live(&self) -> Result<(), String> {
        let age = self.heartbeat.age();
        if age <= self.stale {
            return Ok(());
        }
        Err(format!("the server has done nothing for {} s", age.as_secs()))
    }

    async fn is_ready(&self) -> Result<(), String> {
        self.is_live()?;
        let check = async {
            let readiness = self.readiness.clone();
            // dropping it aborts its task
            let mut task = AbortOnDrop(self.server.spawn(async move { readiness.check().await }));
            (&mut task.0).await.unwrap_or_else(|_| Err("stopping".to_owned()))
        };
        time::timeout(MAX_REQUEST_TIME, check).await.unwrap_or_else(|_| Err("the server does not answer in time".to_owned()))
    }
}

/// The time limit for the check of the store on the server's runtime; the check itself has a shorter one.
const MAX_REQUEST_TIME: Duration = health::MAX_CHECK_TIME.saturating_add(Duration::from_secs(1));

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn router(health: Health) -> Router {
    async fn live(State(health): State<Health>) -> Response {
        response("live", health.is_live(), &[])
    }
    async fn ready(State(health): State<Health>) -> Response {
        response("ready", health.is_ready().await, &health.readiness.notes())
    }
    // health checks have no bodies, so a small limit is enough
    let frame_of = Frame { proxies: Arc::default(), is_https: false, largest: 64 << 10, has_mcp: false };
    let routes = Router::new().route(LIVE, get(live)).route(READY, get(ready)).with_state(health);
    routes.layer(from_fn_with_state(frame_of, frame))
}

/// Serves connections until the runtime is dropped.
async fn serve(listener: TcpListener, router: Router, bounds: HealthBounds) {
    let mut acceptor = Acceptor::new(listener);
    let mut connections = OverflowTasks::new(bounds.connections);
    let timeouts = WriteTimeouts { idle: bounds.connection, total: bounds.connection };
    loop {
        let (stream, peer) = acceptor.accept().await;
        let context = ConnectionContext { peer: Peer(peer), router: router.clone(), body_idle: bounds.headers };
        let connection = connection(timed(stream, timeouts), context, bounds.headers);
        let task = tokio::spawn(time::timeout(bounds.connection, connection));
        connections.add(task.abort_handle());
    }
}
