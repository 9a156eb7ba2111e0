use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::mpsc::{Sender, channel},
};

use mcp_http::{
    bearer::Open,
    caller::{Caller, Keys},
};

use super::*;

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_mins(1);
const N_WORKERS: usize = 2;

/// A server without a store, and its health listener.
struct Served {
    runtime: tokio::runtime::Runtime,
    health: HealthListener,
    stop: CancellationToken,
}

impl Served {
    fn within(bounds: HealthBounds) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(N_WORKERS).enable_all().build().unwrap();
        let stop = CancellationToken::new();
        let readiness = Readiness::new(Arc::new(Open(Caller::new(Keys::default()))), stop.clone());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let health = runtime.block_on(async { HealthListener::start(listener, readiness, bounds) }).unwrap();
        Self { runtime, health, stop }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.health.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The status and the body of a response.
    fn ask(&self, method: &str, path: &str) -> (u16, String) {
        let mut stream = self.connect();
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("x-request-id: "), "{head}");
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Repeats the request until the response has this status, and returns its body.
    fn wait_for(&self, path: &str, status: u16) -> String {
        let begun = Instant::now();
        loop {
            let (now, body) = self.ask("GET", path);
            if now == status {
                return body;
            }
            assert!(begun.elapsed() < PATIENCE, "{path}: {body}");
        }
    }

    /// Blocks all threads of the server until the returned value is dropped.
    fn block(&self) -> Vec<Sender<()>> {
        let (tell, blocked) = channel();
        let mut held = Vec::new();
        for _ in 0..N_WORKERS {
            let (sender, released) = channel::<()>();
            let tell = tell.clone();
            self.runtime.spawn(async move {
                tell.send(()).unwrap();
                // the thread continues after a signal or a timeout
                let _ = released.recv_timeout(PATIENCE);
            });
            held.push(sender);
        }
        for _ in 0..N_WORKERS {
            blocked.recv_timeout(PATIENCE).unwrap();
        }
        held
    }
}

fn ok(status: &str) -> (u16, String) {
    (200, format!(r#"{{"status":"{status}"}}"#))
}

#[test]
fn health_is_answered_while_all_threads_of_the_server_are_blocked() {
    let served = Served::within(HealthBounds::default());
    assert_eq!(served.ask("GET", "/health/ready"), ok("ready"));
    let held = served.block();
    assert_eq!(served.ask("GET", "/health/live"), ok("live"));
    let why = r#"{"status":"not ready","why":"the server does not answer in time"}"#;
    assert_eq!(served.ask("GET", "/health/ready"), (503, why.to_owned()));
    drop(held);
    served.wait_for("/health/ready", 200);
}

#[test]
fn a_server_that_does_nothing_for_long_is_not_live_until_it_goes_on() {
    let served = Served::within(HealthBounds { stale: Duration::from_millis(1500), ..HealthBounds::default() });
    assert_eq!(served.ask("GET", "/health/live"), ok("live"));
    let held = served.block();
    for (path, status) in [("/health/live", "not live"), ("/health/ready", "not ready")] {
        let said = served.wait_for(path, 503);
        let why = format!(r#"{{"status":"{status}","why":"the server has done nothing for "#);
        assert!(said.starts_with(&why), "{said}");
    }
    drop(held);
    served.wait_for("/health/live", 200);
}

#[test]
fn connections_that_do_nothing_keep_nobody_out() {
    let served = Served::within(HealthBounds { headers: PATIENCE, connection: PATIENCE, ..HealthBounds::default() });
    let _held: Vec<_> = (0..2 * HealthBounds::CONNECTIONS).map(|_| served.connect()).collect();
    assert_eq!(served.ask("GET", "/health/live"), ok("live"));
}

#[test]
fn a_connection_does_not_last() {
    let served = Served::within(HealthBounds { connection: Duration::from_millis(200), ..HealthBounds::default() });
    assert_eq!(served.connect().read(&mut [0]).unwrap_or_default(), 0);
}

#[test]
fn a_server_that_stops_is_live_and_not_ready() {
    let served = Served::within(HealthBounds::default());
    served.stop.cancel();
    assert_eq!(served.ask("GET", "/health/live"), ok("live"));
    assert_eq!(served.ask("GET", "/health/ready"), (503, r#"{"status":"not ready","why":"stopping"}"#.to_owned()));
}

#[test]
fn nothing_else_is_served() {
    let served = Served::within(HealthBounds::default());
    for (method, path, status) in [("GET", "/", 404), ("POST", "/mcp", 404), ("POST", "/health/live", 405)] {
        let (answered, body) = served.ask(method, path);
        assert_eq!(answered, status, "{path}");
        assert!(body.starts_with(&format!(r#"{{"error":{{"status":{status},"#)), "{body}");
    }
}
