//! A Torii that does what a test says, and remembers what it was asked. It runs on a thread of its own, so that a test may
//! wait for a program meanwhile.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use tokio::sync::oneshot;

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct RecordedRequest {
    /// Its method and target.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl RecordedRequest {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("the header is text"))
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.header(AUTHORIZATION.as_str())
    }
}

/// A server on a thread of this process. It ends with this value.
pub(crate) struct Here {
    pub(crate) url: String,
    _stop: oneshot::Sender<()>,
}

impl Here {
    pub(crate) fn serving(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("the port is known"));
        let (stop, stopped) = oneshot::channel();
        thread::spawn(move || serve(listener, router, stopped));
        Self { url, _stop: stop }
    }
}

/// The double. It ends with this value.
pub(crate) struct Torii {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<RecordedRequest>>>,
    _here: Here,
}

impl Torii {
    /// Responses each request with what `response` makes of its number, from 0, and of itself.
    pub(crate) fn answering<R: IntoResponse>(answer: impl Fn(usize, &RecordedRequest) -> R + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (memory, count, answer) = (Arc::clone(&asked), Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let handler = move |request: Request| {
            let (memory, count, answer) = (Arc::clone(&memory), Arc::clone(&count), Arc::clone(&answer));
            async move { respond(request, &memory, &count, |number, asked| answer(number, asked).into_response()).await }
        };
        let here = Here::serving(Router::new().fallback(handler));
        Self { url: here.url.clone(), asked, _here: here }
    }

    /// One that nobody should ask anything.
    pub(crate) fn idle() -> Self {
        Self::answering(|_, _| "{}")
    }

    /// What arrived so far.
    pub(crate) fn asked(&self) -> Vec<RecordedRequest> {
        self.asked.lock().expect("no handler panics").clone()
    }
}

async fn respond(
    request: Request,
    memory: &Mutex<Vec<RecordedRequest>>,
    count: &AtomicUsize,
    answer: impl Fn(usize, &RecordedRequest) -> Response,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let asked = RecordedRequest { line: format!("{} {}", parts.method, parts.uri), headers: parts.headers, body };
    let response = answer(count.fetch_add(1, Ordering::SeqCst), &asked);
    memory.lock().expect("no handler panics").push(asked);
    response
}

fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        listener.set_nonblocking(true).expect("the listener takes orders");
        let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is taken over");
        tokio::select! {
            served = axum::serve(listener, router) => served.expect("the double serves"),
            _ = stopped => {}
        }
    });
}

/// Something in Torii's place that writes bytes as they are and hangs up.
pub(crate) struct Wire {
    pub(crate) url: String,
    n_asked: Arc<AtomicUsize>,
}

impl Wire {
    /// Says `bytes` to everyone who asks. Its thread lasts as long as the test.
    pub(crate) fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("the port is known"));
        let n_asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&n_asked);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                // Whoever has heard enough hangs up first.
                let _ = hear(&connection).and_then(|()| (&connection).write_all(&bytes));
            }
        });
        Self { url, n_asked }
    }

    pub(crate) fn n_asked(&self) -> usize {
        self.n_asked.load(Ordering::SeqCst)
    }
}

/// Reads a request to its end: hanging up on one that is still coming would reset the connection.
fn hear(connection: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or_default();
        }
        if line.trim().is_empty() {
            return io::copy(&mut reader.take(length), &mut io::sink()).map(|_| ());
        }
    }
}
