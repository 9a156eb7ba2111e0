//! By holding connections: idle ones, half requests, responses that nobody reads.

use std::{
    future::pending,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use openapi_mcp::http::{Bounds, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{READ, REDIRECT};
use crate::support::{process::PATIENCE, test_server::Connector};

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_hours(1);
/// More than the buffers of a connection hold.
const MUCH: usize = 64 << 20;
/// A request for that.
const MUCH_PLEASE: &str = "GET /much HTTP/1.1\r\nhost: a\r\n\r\n";
/// A request whose response never comes.
const NEVER: &str = "GET /never HTTP/1.1\r\nhost: a\r\n\r\n";
/// A request whose headers do not end.
const HALF: &str = "GET /small HTTP/1.1\r\nhost: a\r\nx-slow: ";

/// Bounds in which nothing ends by itself while a test runs.
fn patient() -> Bounds {
    Bounds {
        grace: Duration::ZERO,
        headers: LONG,
        body_idle: LONG,
        write_idle: LONG,
        write_total: LONG,
        overflow_headers: LONG,
        overflow_total: LONG,
        ..Bounds::default()
    }
}

/// A server within bounds, which counts how often `/much` and `/never` are asked for.
struct Served {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    _stop: DropGuard,
}

impl Served {
    async fn within(bounds: Bounds) -> Self {
        let listener = TcpListener::bind((HERE, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let (stop, asked) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&asked);
        let note = move || {
            counted.fetch_add(1, Ordering::SeqCst);
        };
        let (much, never) = (note.clone(), note);
        let router = Router::new()
            .route("/small", get(|| async { "here" }))
            .route(
                "/much",
                get(async move || {
                    much();
                    "x".repeat(MUCH)
                }),
            )
            .route(
                "/never",
                get(async move || {
                    never();
                    pending::<()>().await;
                }),
            )
            .route("/health/live", get(|| async { "live" }));
        tokio::spawn(serve(listener, router, bounds, stop.clone()));
        Self { address, asked, _stop: stop.drop_guard() }
    }

    /// A connection from an address of this machine on which this was sent.
    async fn connect(&self, from: Ipv4Addr, sent: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket is made");
        socket.bind(SocketAddr::from((from, 0))).expect("the address is this machine's");
        let mut stream = socket.connect(self.address).await.expect("it listens");
        stream.write_all(sent.as_bytes()).await.expect("it reads");
        stream
    }

    /// A connection that works on a request.
    async fn working(&self) -> TcpStream {
        let before = self.asked.load(Ordering::SeqCst);
        let stream = self.connect(HERE, NEVER).await;
        self.wait_until_asked(before + 1).await;
        stream
    }

    async fn connect_all(&self, count: usize, sent: &str) -> Vec<TcpStream> {
        let mut streams = Vec::new();
        for _ in 0..count {
            streams.push(self.connect(HERE, sent).await);
        }
        streams
    }

    /// What a request on a connection of its own is answered.
    async fn get(&self, from: Ipv4Addr, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let mut stream = self.connect(from, &request).await;
        rest(&mut stream).await.expect("it answers")
    }

    /// Waits until so many have asked for what is counted.
    async fn wait_until_asked(&self, count: usize) {
        let begun = Instant::now();
        while self.asked.load(Ordering::SeqCst) < count {
            assert!(begun.elapsed() < PATIENCE, "not all are served");
            tokio::task::yield_now().await;
        }
    }

    /// Asks until there is room for a connection again.
    async fn wait_for_room(&self) {
        let begun = Instant::now();
        while !self.get(HERE, "/small").await.ends_with("here") {
            assert!(begun.elapsed() < PATIENCE, "the connections stay");
        }
    }
}

/// What comes on a connection until the server closes it.
async fn rest(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut response = String::new();
    time::timeout(PATIENCE, stream.read_to_string(&mut response)).await.expect("it is closed in time")?;
    Ok(response)
}

fn assert_refused(response: &str, why: &str) {
    let lower = response.to_lowercase();
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    for header in ["retry-after: 5\r\n", "connection: close\r\n", "content-type: application/json\r\n", "x-request-id: "] {
        assert!(lower.contains(header), "{header}: {response}");
    }
    assert!(response.contains(r#"{"error":{"status":503,"message":""#) && response.contains(why), "{response}");
}

#[tokio::test]
async fn a_connection_that_never_finishes_its_headers_is_closed() {
    let served = Served::within(Bounds { headers: SHORT, ..patient() }).await;
    for sent in ["", HALF, "GET /small HTTP/1.1\r\nhost: a\r\n\r\n"] {
        let response = rest(&mut served.connect(HERE, sent).await).await.expect("it closes as it should");
        assert_eq!(response.contains("here"), sent.ends_with("\r\n\r\n"), "{sent:?}: {response}");
    }
}

#[tokio::test]
async fn clients_that_never_read_do_not_silence_health() {
    let served = Served::within(Bounds { connections: 20, ..patient() }).await;
    let _held = served.connect_all(20, MUCH_PLEASE).await;
    served.wait_until_asked(20).await;
    assert!(served.get(HERE, "/health/live").await.ends_with("live"));
}

#[tokio::test]
async fn clients_that_never_read_lose_their_connections() {
    let served = Served::within(Bounds { connections: 20, write_idle: SHORT, ..patient() }).await;
    let _held = served.connect_all(20, MUCH_PLEASE).await;
    served.wait_until_asked(20).await;
    served.wait_for_room().await;
}

#[tokio::test]
async fn clients_that_read_ever_so_slowly_lose_their_connections() {
    let served = Served::within(Bounds { connections: 1, write_total: SHORT, ..patient() }).await;
    let mut slow = served.connect(HERE, "GET /much HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    // so that everything would take minutes
    let reading = tokio::spawn(async move {
        let mut some = vec![0; 4 << 10];
        let mut turns = time::interval(Duration::from_millis(10));
        while slow.read(&mut some).await.is_ok_and(|length| length > 0) {
            turns.tick().await;
        }
    });
    served.wait_for_room().await;
    reading.await.expect("it is disconnected");
}

#[tokio::test]
async fn idle_and_half_open_connections_keep_nobody_out() {
    for sent in ["", HALF, "POST /small HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf"] {
        let served = Served::within(Bounds { connections: 20, ..patient() }).await;
        let mut held = served.connect_all(50, sent).await;
        for (from, path, response) in [(HERE, "/health/live", "live"), (HERE, "/small", "here"), (ELSEWHERE, "/small", "here")] {
            assert!(served.get(from, path).await.ends_with(response), "{sent:?} {from} {path}");
        }
        // the one that has waited longest made room, the newest is still there
        assert!(!rest(&mut held[0]).await.unwrap_or_default().contains("200"), "{sent:?}");
        let newest = held.last_mut().expect("there are some");
        assert!(time::timeout(SHORT, newest.read_u8()).await.is_err() || sent.starts_with("POST"), "{sent:?}");
    }
}

#[tokio::test]
async fn connections_that_work_are_not_closed_and_do_not_silence_health() {
    let served = Served::within(Bounds { connections: 20, connections_per_customer: 20, ..patient() }).await;
    let _working = served.connect_all(20, NEVER).await;
    served.wait_until_asked(20).await;
    // as many as are served beyond the limit, and more
    let mut held = served.connect_all(Bounds::OVERFLOW + 20, HALF).await;
    assert!(served.get(HERE, "/health/live").await.ends_with("live"));
    assert_refused(&served.get(HERE, "/small").await, "your network has as many connections open as one network may");
    // whoever has none gets a place, and one of the busy ones closes after its response
    assert!(served.get(ELSEWHERE, "/small").await.starts_with("HTTP/1.1 200 "));
    // the oldest over the limit made room for the newest
    assert_eq!(rest(&mut held[0]).await.unwrap_or_default(), "");
}

#[tokio::test]
async fn a_connection_over_the_limit_has_little_time_and_one_request() {
    let served = Served::within(Bounds { connections: 1, overflow_headers: SHORT, ..patient() }).await;
    let _working = served.working().await;
    for sent in ["", HALF] {
        assert_eq!(rest(&mut served.connect(HERE, sent).await).await.expect("it is closed"), "", "{sent:?}");
    }
    let twice = "GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n".repeat(2);
    let response = rest(&mut served.connect(HERE, &twice).await).await.expect("it is closed");
    assert_eq!(response.matches("HTTP/1.1 200").count(), 1, "{response}");
}

#[tokio::test]
async fn a_connection_over_the_limit_does_not_last() {
    let served = Served::within(Bounds { connections: 1, overflow_total: SHORT, ..patient() }).await;
    let _working = served.working().await;
    assert_eq!(rest(&mut served.connect(HERE, HALF).await).await.unwrap_or_default(), "");
}

#[tokio::test]
async fn a_large_request_over_the_limit_is_refused_and_its_client_reads_why() {
    let served = Served::within(Bounds { connections: 1, ..patient() }).await;
    let _working = served.working().await;
    let body = "x".repeat(5 << 20);
    let request = format!("POST /small HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let response = rest(&mut served.connect(HERE, &request).await).await.expect("it answers");
    assert_refused(&response, "this server has as many connections open as it may");
}

#[tokio::test]
async fn one_network_gets_its_share_of_the_connections() {
    let bounds = Bounds { connections: 4, connections_per_customer: 2, ..patient() };
    let served = Served::within(bounds.clone()).await;
    let working = [served.working().await, served.working().await];
    assert_refused(&served.get(HERE, "/small").await, "your network has as many connections open");
    assert!(served.get(ELSEWHERE, "/small").await.ends_with("here"));
    drop(working);
    served.wait_for_room().await;

    let proxy = "127.0.0.1/32".parse().expect("it is a network");
    let served = Served::within(Bounds { trusted_proxies: vec![proxy], ..bounds }).await;
    let _working = [served.working().await, served.working().await, served.working().await];
    assert!(served.get(HERE, "/small").await.ends_with("here"), "a proxy brings many networks");
}

#[tokio::test]
async fn a_body_that_stops_arriving_is_answered_408() {
    let connector = Connector::start_on(|setup| setup.bounds = Bounds { body_idle: SHORT, ..patient() }).await;
    let app = connector.app(REDIRECT).await;
    let token = app.connect(&connector.signed_in().await, READ).await.access;
    let address = connector.at.trim_start_matches("http://");
    let form = "content-type: application/x-www-form-urlencoded";
    let json = "content-type: application/json";
    let mcp = format!("{json}\r\naccept: application/json, text/event-stream\r\nauthorization: Bearer {token}");
    for (path, headers) in [("/oauth/token", form), ("/oauth/register", json), ("/sign-in", form), ("/mcp", &mcp)] {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let request = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\ncontent-length: 100\r\n\r\n{{\"a\"");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let response = rest(&mut stream).await.expect("it answers, and closes the connection");
        assert!(response.starts_with("HTTP/1.1 408 ") && response.contains("send the request again"), "{path}: {response}");
        assert!(response.contains(r#""status":408"#), "{path}: {response}");
    }
}
