//! Fetching from malicious servers, over real TLS on this machine.

use std::{
    io,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    http::header::LOCATION,
    response::IntoResponse,
    routing::get,
};
use mcp_http::{clock::Clock, net::ssrf};
use serde_json::json;

use super::*;
use crate::fetch::permits::{AT_ONCE, FOR_ONE, FROM_HOST, OF_NETWORK};

mod caching;
mod host;
mod proxy;

use host::Host;
pub(crate) use host::LOCALHOST;

/// A resolver with scripted responses. Each lookup takes the next response; the last one is repeated. Of the IP addresses on
/// this machine, only 127.0.0.1 may be reached.
#[derive(Debug)]
pub(crate) struct Scripted {
    responses: Mutex<Vec<IpAddr>>,
    pub(crate) lookups: AtomicUsize,
}

impl Scripted {
    pub(crate) fn new(responses: &[IpAddr]) -> Arc<Self> {
        let responses = Mutex::new(responses.iter().rev().copied().collect());
        Arc::new(Self { responses, lookups: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Resolver for Scripted {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut responses = self.responses.lock().unwrap();
        let response = if responses.len() > 1 { responses.pop() } else { responses.last().copied() };
        Ok(response.into_iter().collect())
    }

    fn may_reach(&self, ip: IpAddr) -> bool {
        ip == LOCALHOST || ssrf::is_public(ip)
    }
}

/// A host with the name `name`.
pub(crate) struct Server {
    pub(crate) root: CertificateDer<'static>,
    origin: String,
}

impl Server {
    pub(crate) async fn start(name: &str, router: Router) -> Self {
        let Host { root, port } = Host::start(&[name], router).await;
        Self { root, origin: format!("https://{name}:{port}") }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.origin)).unwrap()
    }

    /// A client that fetches from it as from an untrusted host.
    pub(crate) fn fetch(&self, names: Arc<Scripted>) -> Fetch {
        Fetch::for_untrusted_hosts(names, vec![self.root.clone()], Limits::UNTRUSTED).unwrap()
    }
}

/// A clock that a test sets.
#[derive(Clone)]
pub(crate) struct MockClock(Arc<Mutex<SystemTime>>);

impl MockClock {
    pub(crate) fn new() -> (Self, Clock) {
        let mock_clock = Self(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_hours(500_000))));
        let shown = mock_clock.clone();
        (mock_clock, Clock::new(move || *shown.0.lock().unwrap()))
    }

    pub(crate) fn turn(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }

    pub(crate) fn turn_back(&self, by: Duration) {
        *self.0.lock().unwrap() -= by;
    }
}

async fn fetch_from(router: Router, path: &str) -> Result<Value, Error> {
    let server = Server::start("client.example", router).await;
    let fetched = server.fetch(Scripted::new(&[LOCALHOST])).json(&server.url(path)).await;
    fetched.map(|(value, _)| value)
}

fn json_of(body: impl Into<Body>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], body.into())
}

#[tokio::test]
async fn json_is_fetched_over_tls() {
    for media in ["application/json", "application/json; charset=utf-8", "application/jwk-set+json", "Application/JSON"] {
        let router = Router::new().route("/a", get(move || async move { ([(CONTENT_TYPE, media)], "{\"a\":1}") }));
        assert_eq!(fetch_from(router, "/a").await, Ok(json!({ "a": 1 })), "{media}");
    }
}

#[tokio::test]
async fn an_address_inside_is_not_asked_whatever_it_looks_like() {
    let server = Server::start("client.example", Router::new()).await;
    let fetch = server.fetch(Scripted::new(&[LOCALHOST]));
    for address in [
        "http://client.example/a",
        "https://10.0.0.1/a",
        "https://169.254.169.254/latest/meta-data",
        "https://127.0.0.2/a",
        "https://0x7f.2/a",
        "https://2130706434/a",
        "https://0.0.0.0/a",
        "https://[::1]/a",
        "https://[::]/a",
        "https://[::ffff:127.0.0.2]/a",
        "https://[::ffff:a9fe:a9fe]/a",
        "https://[fd00::1]/a",
        "https://[64:ff9b::7f00:1]/a",
        "https://[2002:7f00:1::]/a",
    ] {
        let refused = fetch.json(&Url::parse(address).unwrap()).await.unwrap_err();
        assert!(matches!(refused, Error::NotPublic(_)), "{address}: {refused}");
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_asked() {
    let server = Server::start("client.example", Router::new().route("/a", get(|| async { json_of("{}") }))).await;
    for inside in ["127.0.0.2", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1"] {
        let fetch = server.fetch(Scripted::new(&[inside.parse().unwrap()]));
        let refused = fetch.json(&server.url("/a")).await.unwrap_err();
        assert_eq!(refused.to_string(), "`client.example` cannot be reached (there is no connection from here)");
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_at_the_second_look_is_looked_at_once() {
    let server = Server::start("client.example", Router::new().route("/a", get(|| async { json_of("{}") }))).await;
    let names = Scripted::new(&[LOCALHOST, "127.0.0.2".parse().unwrap()]);
    let fetched = server.fetch(Arc::clone(&names)).json(&server.url("/a")).await;
    assert!(fetched.is_ok(), "{fetched:?}");
    assert_eq!(names.lookups.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    let router = Router::new().route("/a", get(|| async { (StatusCode::FOUND, [(LOCATION, "/b")]) })).route(
        "/b",
        get(move || async move {
            count.fetch_add(1, Ordering::SeqCst);
            json_of("{}")
        }),
    );
    let refused = fetch_from(router, "/a").await;
    assert_eq!(refused, Err(Error::Status { host: "client.example".to_owned(), status: 302 }));
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_body_without_end_is_given_up() {
    let router = Router::new().route(
        "/a",
        get(|| async {
            let endless = futures_body();
            json_of(endless)
        }),
    );
    assert_eq!(fetch_from(router, "/a").await, Err(Error::TooLarge("client.example".to_owned())));
}

/// An endless stream of spaces.
fn futures_body() -> Body {
    struct Endless;
    impl axum::body::HttpBody for Endless {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, io::Error>>> {
            std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(Bytes::from_static(&[b' '; 8192])))))
        }
    }
    Body::new(Endless)
}

/// One character, then nothing.
fn stalled_body() -> Body {
    struct Stalled(bool);
    impl axum::body::HttpBody for Stalled {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, io::Error>>> {
            if std::mem::replace(&mut self.0, true) {
                return std::task::Poll::Pending;
            }
            std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(Bytes::from_static(b"{")))))
        }
    }
    Body::new(Stalled(false))
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let router = Router::new().route("/a", get(|| async { json_of(stalled_body()) }));
    let server = Server::start("client.example", router).await;
    let limits = Limits { total: Duration::from_millis(300), ..Limits::UNTRUSTED };
    let fetch = Fetch::for_untrusted_hosts(Scripted::new(&[LOCALHOST]), vec![server.root.clone()], limits).unwrap();
    let refused = fetch.json(&server.url("/a")).await.unwrap_err();
    assert_eq!(refused, Error::Timeout("client.example".to_owned()));
}

/// A client for a host with many names; every response stalls, except that of `/good`.
async fn stalling(names: &[&str], total: Duration) -> (Fetch, u16) {
    let router =
        Router::new().route("/a", get(|| async { json_of(stalled_body()) })).route("/good", get(|| async { json_of("{}") }));
    let Host { root, port } = Host::start(names, router).await;
    let limits = Limits { total, ..Limits::UNTRUSTED };
    (Fetch::for_untrusted_hosts(Scripted::new(&[LOCALHOST]), vec![root], limits).unwrap(), port)
}

fn budget(network: u8) -> FetchBudget {
    FetchBudget::from(ClientIp(IpAddr::from([192, network, 2, 1])))
}

/// Fetches `/a` from a host on behalf of a network, in the background.
fn stall(fetch: &Fetch, network: u8, host: &str, port: u16) -> tokio::task::JoinHandle<Error> {
    let (fetch, url) = (fetch.on(budget(network)), Url::parse(&format!("https://{host}:{port}/a")).unwrap());
    tokio::spawn(async move { json_with_permit(&fetch, &url).await.unwrap_err() })
}

async fn json_with_permit(fetch: &Fetch, url: &Url) -> Result<(Value, Reply), Error> {
    let _permit = fetch.network_permit().await?;
    fetch.json(url).await
}

const NAMES: [&str; 8] =
    ["a.example", "b.example", "c.example", "d.example", "e.example", "f.example", "g.example", "good.example"];

#[tokio::test]
async fn one_network_with_slow_hosts_leaves_room_for_others() {
    let (fetch, port) = stalling(&NAMES, Duration::from_secs(2)).await;
    let slow: Vec<_> = (0..AT_ONCE * 2).map(|index| stall(&fetch, 1, NAMES[index % 7], port)).collect();
    let good = Url::parse(&format!("https://good.example:{port}/good")).unwrap();
    tokio::task::yield_now().await;
    assert!(json_with_permit(&fetch.on(budget(2)), &good).await.is_ok());
    assert_eq!(json_with_permit(&fetch.on(budget(1)), &good).await.unwrap_err(), Error::Busy);
    for fetch in slow {
        fetch.abort();
    }
}

#[tokio::test]
async fn one_slow_host_leaves_room_for_others() {
    let (fetch, port) = stalling(&NAMES, Duration::from_secs(2)).await;
    let slow: Vec<_> = (0..32).map(|network| stall(&fetch, network, "a.example", port)).collect();
    let good = Url::parse(&format!("https://good.example:{port}/good")).unwrap();
    tokio::task::yield_now().await;
    assert!(json_with_permit(&fetch.on(budget(200)), &good).await.is_ok());
    for fetch in slow {
        fetch.abort();
    }
}

#[tokio::test]
async fn strangers_who_stall_cannot_take_all_of_the_server() {
    let names: Vec<_> = (0..=AT_ONCE / FROM_HOST).map(|number| format!("{number}.example")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let (fetch, port) = stalling(&names, Duration::from_millis(600)).await;
    let slow: Vec<_> =
        (0..=AT_ONCE).zip(0..).map(|(index, network)| stall(&fetch, network, names[index % names.len()], port)).collect();
    let mut n_busy = 0;
    for fetch in slow {
        n_busy += usize::from(fetch.await.unwrap() == Error::Busy);
    }
    assert_eq!(n_busy, 1);
}

#[tokio::test]
async fn a_network_that_stalls_at_a_host_keeps_no_other_network_from_it() {
    let (fetch, port) = stalling(&NAMES, Duration::from_secs(4)).await;
    let slow: Vec<_> = (0..OF_NETWORK).map(|_| stall(&fetch, 1, "good.example", port)).collect();
    tokio::task::yield_now().await;
    let good = Url::parse(&format!("https://good.example:{port}/good")).unwrap();
    let served = timeout(Duration::from_secs(1), json_with_permit(&fetch.on(budget(2)), &good)).await;
    assert!(served.is_ok_and(|served| served.is_ok()));
    assert!(slow.iter().all(|fetch| !fetch.is_finished()));
    for fetch in slow {
        fetch.abort();
    }
}

/// A resolver that never answers.
#[derive(Debug, Default)]
struct Silent(AtomicUsize);

#[async_trait]
impl Resolver for Silent {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn lookups_that_outlive_their_fetches_still_count_for_their_network() {
    let names = Arc::new(Silent::default());
    let fetch = Fetch::for_untrusted_hosts(Arc::clone(&names) as _, Vec::new(), Limits::UNTRUSTED).unwrap();
    for number in 0..3 * FOR_ONE {
        let url = Url::parse(&format!("https://{number}.example/a")).unwrap();
        let refused = json_with_permit(&fetch.on(budget(1)), &url).await.unwrap_err();
        let expected = if number < FOR_ONE { Error::Timeout(host(&url)) } else { Error::Busy };
        assert_eq!(refused, expected, "{number}");
    }
    assert_eq!(names.0.load(Ordering::SeqCst), FOR_ONE);
    let url = Url::parse("https://other.example/a").unwrap();
    assert_eq!(json_with_permit(&fetch.on(budget(2)), &url).await.unwrap_err(), Error::Timeout(host(&url)));
}

#[tokio::test]
async fn a_request_waits_for_all_that_is_fetched_for_it_together() {
    let (fetch, port) = stalling(&NAMES, Duration::from_mins(1)).await;
    let begun = Instant::now();
    let fetch = fetch.on(FetchBudget { until: begun + Duration::from_millis(300), ..budget(1) });
    for name in ["a.example", "b.example"] {
        let url = Url::parse(&format!("https://{name}:{port}/a")).unwrap();
        assert_eq!(fetch.within(&url, fetch.json(&url)).await.unwrap_err(), Error::Timeout(name.to_owned()));
    }
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    for (media, body) in [("text/html", "{}"), ("text/plain", "{}"), ("application/json", "{"), ("text/x+json", "{}"), ("", "{}")]
    {
        let router = Router::new().route("/a", get(move || async move { ([(CONTENT_TYPE, media)], body) }));
        assert_eq!(fetch_from(router, "/a").await, Err(Error::NotJson("client.example".to_owned())), "{media}");
    }
}

#[tokio::test]
async fn a_certificate_of_somebody_else_is_refused() {
    let server = Server::start("client.example", Router::new().route("/a", get(|| async { json_of("{}") }))).await;
    let fetch = Fetch::for_untrusted_hosts(Scripted::new(&[LOCALHOST]), Vec::new(), Limits::UNTRUSTED).unwrap();
    assert!(matches!(fetch.json(&server.url("/a")).await, Err(Error::Unreachable { .. })));
}

#[test]
fn the_lifetime_is_what_the_answer_says() {
    for (value, seconds) in [
        ("max-age=60", Some(60)),
        ("public, max-age=3600, must-revalidate", Some(3600)),
        ("MAX-AGE=\"5\"", Some(5)),
        ("no-store", Some(0)),
        ("no-cache, max-age=60", Some(0)),
        ("max-age=99999999999999999999", None),
        ("max-age=-1", None),
        ("private", None),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, value.parse().unwrap());
        let reply = Reply { status: StatusCode::OK, headers, body: Vec::new() };
        assert_eq!(reply.lifetime(), seconds.map(Duration::from_secs), "{value}");
    }
}

#[tokio::test]
async fn a_network_without_a_lane_keeps_nobody_from_an_address() {
    let (fetch, port) = stalling(&NAMES, Duration::from_secs(4)).await;
    let slow: Vec<_> = (0..FOR_ONE).map(|index| stall(&fetch, 1, NAMES[index], port)).collect();
    let (_, clock) = MockClock::new();
    let cache = Arc::new(Cache::<Value>::new(Terms::DOCUMENTS, clock));
    let good = Url::parse(&format!("https://good.example:{port}/good")).unwrap();
    let ask = |network: u8| {
        let (fetch, cache, good) = (fetch.on(budget(network)), Arc::clone(&cache), good.clone());
        async move { cache.get(good.as_str(), fetch.network_permit(), async { Ok((fetch.json(&good).await?.0, None)) }).await }
    };
    tokio::task::yield_now().await;
    let crowd: Vec<_> = (FOR_ONE..OF_NETWORK).map(|_| tokio::spawn(ask(1))).collect();
    tokio::task::yield_now().await;
    let served = timeout(Duration::from_secs(1), ask(2)).await;
    assert!(served.is_ok_and(|served| served.is_ok()), "the victim does not wait for the crowd");
    assert!(slow.iter().all(|fetch| !fetch.is_finished()) && crowd.iter().all(|one| !one.is_finished()));
    for fetch in slow {
        fetch.abort();
    }
    for one in crowd {
        assert!(one.await.unwrap().is_ok(), "what the victim fetched is for everybody");
    }
}

#[tokio::test]
async fn a_host_that_sends_many_certificates_is_not_trusted() {
    for (further, is_trusted) in [(0, true), (5, true), (6, false), (150, false)] {
        let router = Router::new().fallback(|| async { mcp_http::json::Json(json!({})) });
        let host = Host::start_with_chain(&["many.test"], router, further).await;
        let fetch = Fetch::for_untrusted_hosts(Scripted::new(&[LOCALHOST]), vec![host.root.clone()], Limits::UNTRUSTED).unwrap();
        let url = Url::parse(&format!("https://many.test:{}/", host.port)).unwrap();
        let fetched = fetch.json(&url).await;
        assert_eq!(fetched.is_ok(), is_trusted, "{further}: {:?}", fetched.err());
    }
}
