//! The server with sign-in, in this process, so that a test can hold its clock: a sample Torii behind it, browsers and apps
//! in front of it.

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use ipnet::IpNet;
use mcp_http::{clock::Clock, known_tokens::KnownTokens, net::ssrf::SystemResolver, scope::Scopes, token::Random};
use mcp_oauth_server::{
    fetch::{self, Fetch},
    identity::External,
    keyring::KeyringSource,
    settings::{ClientMetadata, Embedded, SignIn},
    store::StoreAt,
};
use openapi_mcp::{
    http::{Bounds, router, serve},
    mcp::ToolPolicy,
    upstream::{Api, Limits, Upstream},
};
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{self},
    redirect,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use torii_mcp::{
    config::settings::{Auth, Settings},
    start::{self, AppDependencies},
};
use torii_sample::{self as sample, FULL_ACCESS_KEY, PREFIX};

use crate::support::app::App;

/// When tests begin: the clock moves only when a test moves it.
const BEGINNING: i64 = 1_795_000_000;

/// A clock that a test holds.
#[derive(Clone)]
pub(crate) struct MockClock(Arc<AtomicI64>);

impl MockClock {
    pub(crate) fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        Clock::new(move || SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::SeqCst).unsigned_abs()))
    }

    /// What it shows.
    pub(crate) fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Sets the clock to the system's time, for what others sign.
    pub(crate) fn turn_to_now(&self) {
        self.0.store(Clock::system().timestamp().0, Ordering::SeqCst);
    }

    /// Moves the clock; backwards, too.
    pub(crate) fn turn(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// What a server is started with.
pub(crate) struct Setup {
    pub(crate) embedded: Embedded,
    /// Another authorization server, in the place of ours.
    pub(crate) external: Option<External>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Which tools there are, and which are listed.
    pub(crate) tool_policy: ToolPolicy,
    /// What fetches URLs of untrusted hosts.
    pub(crate) untrusted: Fetch,
    /// Where Torii is, if it is not the sample.
    pub(crate) torii: Option<String>,
    /// What users and clients know the server by, if it is not its address.
    pub(crate) origin: Option<String>,
    pub(crate) bounds: Bounds,
    pub(crate) requests_per_minute: Option<NonZeroU32>,
    pub(crate) failed_sign_ins: u32,
    pub(crate) mock_clock: MockClock,
}

/// A running server. It ends with this value.
pub(crate) struct Connector {
    pub(crate) origin: String,
    /// Where it listens.
    pub(crate) at: String,
    pub(crate) mock_clock: MockClock,
    pub(crate) folder: TempDir,
    /// What it was started with.
    pub(crate) embedded: Embedded,
    /// The tokens that it prefers to those of strangers.
    pub(crate) known_tokens: KnownTokens,
    _stop: DropGuard,
}

impl Connector {
    /// With a SQLite store in a folder of its own, and sign-in by a key of Torii.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same for users who reach it over https, where their browsers stay signed in.
    pub(crate) async fn public() -> Self {
        Self::public_with(|_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn public_with(change: impl FnOnce(&mut Embedded)) -> Self {
        Self::start_on(|setup| {
            setup.origin = Some("https://mcp.example.com".to_owned());
            change(&mut setup.embedded);
        })
        .await
    }

    /// The same over http with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Embedded)) -> Self {
        Self::start_on(|setup| change(&mut setup.embedded)).await
    }

    /// The same in other surroundings.
    pub(crate) async fn start_on(change: impl FnOnce(&mut Setup)) -> Self {
        let folder = TempDir::new().expect("a folder is made");
        let mut setup = Setup {
            embedded: settings(&folder),
            external: None,
            trusted_proxies: Vec::new(),
            tool_policy: ToolPolicy::default(),
            untrusted: Fetch::for_untrusted_hosts(Arc::new(SystemResolver), Vec::new(), fetch::Limits::UNTRUSTED)
                .expect("a client is made"),
            torii: None,
            origin: None,
            bounds: Bounds::default(),
            requests_per_minute: None,
            failed_sign_ins: mcp_http::net::rate_limit::FAILURES_OF_NETWORK,
            mock_clock: MockClock(Arc::new(AtomicI64::new(BEGINNING))),
        };
        change(&mut setup);
        Self::serve(setup, folder).await
    }

    /// Another server for the same origin, with the same store, clock and keys.
    pub(crate) async fn replica(&self) -> Self {
        Self::start_on(|setup| {
            setup.embedded = self.embedded.clone();
            setup.origin = Some(self.origin.clone());
            setup.mock_clock = self.mock_clock.clone();
        })
        .await
    }

    async fn serve(setup: Setup, folder: TempDir) -> Self {
        let stop = CancellationToken::new();
        let listen = async || TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let (listener, torii) = (listen().await, listen().await);
        let address = |listener: &TcpListener| format!("http://{}", listener.local_addr().expect("it listens"));
        let (at, behind) = (address(&listener), address(&torii));
        let sample = sample::router(sample::Options { rate_limits: false, ..sample::Options::default() });
        tokio::spawn(serve(torii, sample, Bounds::default(), stop.clone()));

        let origin = setup.origin.unwrap_or_else(|| at.clone());
        let torii = setup.torii.unwrap_or(behind);
        let base = Url::parse(&format!("{torii}{PREFIX}")).expect("it is an address");
        let limits = Limits { is_rate_limited: false, ..Limits::default() };
        let settings = Settings {
            request_memory: openapi_mcp::http::REQUEST_MEMORY,
            requests_per_minute: setup.requests_per_minute,
            failed_sign_ins: setup.failed_sign_ins,
            replicas: 1,
            role_ttl: Duration::from_mins(10),
            listen: listener.local_addr().expect("it listens"),
            public_url: None,
            allowed_origins: Vec::new(),
            trusted_proxies: setup.trusted_proxies,
            connections: 1000,
            connections_per_customer: 1000,
            health_listen: None,
            drain: Duration::ZERO,
            shutdown_grace: Duration::from_secs(1),
            auth: setup.external.map_or_else(|| Auth::Embedded(setup.embedded.clone()), Auth::External),
        };
        let foundation = AppDependencies {
            tasks: TaskTracker::new(),
            catalog: torii_mcp::generated::catalog().expect("the catalog is whole"),
            tool_policy: setup.tool_policy,
            upstream: Upstream::new(
                &Api { base: &base, functions: torii_mcp::generated::TOOL_FNS, user_agent: "test" },
                limits,
                Clock::system(),
                || 0.5,
            )
            .expect("a client is made"),
            torii: base,
            clock: setup.mock_clock.clock(),
            random: Random::system(),
            untrusted: setup.untrusted,
        };
        let (state, _) = Box::pin(start::site(&settings, &origin, foundation, stop.clone())).await.expect("the server starts");
        let known_tokens = state.wrong_tokens.known.clone();
        tokio::spawn(serve(listener, router(state), setup.bounds, stop.clone()));
        let Setup { mock_clock, embedded, .. } = setup;
        Self { origin, at, mock_clock, folder, embedded, known_tokens, _stop: stop.drop_guard() }
    }

    /// The MCP endpoint's address.
    pub(crate) fn resource(&self) -> String {
        format!("{}/mcp", self.origin)
    }

    /// A browser in which nobody has signed in.
    pub(crate) fn browser(&self) -> Browser {
        Browser::of(&self.at, &self.origin)
    }

    /// A browser in which somebody has signed in with the sample's full key.
    pub(crate) async fn signed_in(&self) -> Browser {
        let browser = self.browser();
        browser.sign_in(FULL_ACCESS_KEY, "").await;
        browser
    }

    /// An app that has registered itself with this redirect URI.
    pub(crate) async fn app(&self, redirect_uri: &str) -> App {
        App::register(&self.at, &self.origin, redirect_uri).await
    }

    /// What a registration with this metadata is answered.
    pub(crate) async fn register(&self, metadata: &Value) -> Value {
        register(&self.at, metadata).await
    }

    /// An app with an id of its own.
    pub(crate) fn configured(&self, id: &str, redirect_uri: &str) -> App {
        App::of(&self.at, &self.origin, id, redirect_uri)
    }
}

/// The settings of a server whose files are in this folder.
pub(crate) fn settings(folder: &TempDir) -> Embedded {
    Embedded {
        sign_in: SignIn::Keys(torii_mcp::torii::key_fields()),
        scopes: Scopes::ALL,
        clients: Vec::new(),
        registration: true,
        client_metadata: ClientMetadata::Advertised { probe: Vec::new() },
        keys: BTreeMap::new(),
        store: StoreAt::Sqlite(folder.path().join("torii-mcp.db")),
        keyring: KeyringSource::File(folder.path().join("encryption.key")),
        access_token_ttl: Duration::from_hours(1),
        refresh_token_ttl: Duration::from_hours(24 * 60),
        session_ttl: Duration::from_hours(12),
        connection_max_age: None,
    }
}

pub(super) async fn register(at: &str, metadata: &Value) -> Value {
    let response = client().post(format!("{at}/oauth/register")).json(metadata).send().await.expect("it answers");
    assert_eq!(response.status(), StatusCode::CREATED, "{metadata}");
    response.json().await.expect("it answers JSON")
}

/// An HTTP client that follows nothing.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).build().expect("a client is made")
}

/// A browser: it keeps cookies, follows redirects within the server, and fills in forms. Over http it is not remembered, so its user signs
/// in again, with the same keys, wherever the server asks for it.
pub(crate) struct Browser {
    keys: Mutex<Option<[String; 2]>>,
    http: Client,
    at: String,
    origin: String,
    pub(crate) cookies: Mutex<BTreeMap<String, String>>,
}

/// A page that a browser ended on, or the address of somebody else's that it was sent to.
#[derive(Debug)]
pub(crate) enum Ended {
    Page { status: StatusCode, text: String, headers: header::HeaderMap },
    Elsewhere(Url),
}

impl Ended {
    #[track_caller]
    pub(crate) fn page(self) -> (StatusCode, String) {
        match self {
            Self::Page { status, text, .. } => (status, text),
            Self::Elsewhere(url) => panic!("sent to {url}"),
        }
    }

    #[track_caller]
    pub(crate) fn elsewhere(self) -> Url {
        match self {
            Self::Elsewhere(url) => url,
            Self::Page { status, text, .. } => panic!("{status}: {text}"),
        }
    }
}

impl Browser {
    /// A new one, for a server that listens there and is known by this origin.
    pub(crate) fn of(at: &str, origin: &str) -> Self {
        Self { http: client(), at: at.to_owned(), origin: origin.to_owned(), cookies: Mutex::default(), keys: Mutex::default() }
    }

    /// Opens an address.
    pub(crate) async fn get(&self, url: &str) -> Ended {
        let ended = self.open(url).await;
        let keys = self.keys.lock().expect("no test panics with it").clone().filter(|_| !self.origin.starts_with("https://"));
        match (keys, ended) {
            (Some([key, scim_key]), Ended::Page { text, .. })
                if text.contains("action=\"/sign-in\"") && !url.contains("/sign-in") =>
            {
                self.enter(&text, &key, &scim_key).await
            }
            (_, ended) => ended,
        }
    }

    async fn open(&self, url: &str) -> Ended {
        let url = url.replacen(&self.origin, &self.at, 1);
        let response = self.with_cookies(self.http.get(url)).send().await.expect("it answers");
        self.follow(response).await
    }

    /// Posts a form as a page of the server's own would.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Ended {
        let request = self.http.post(format!("{}{path}", self.at)).header(header::ORIGIN, &self.origin).form(fields);
        let response = self.with_cookies(request).send().await.expect("it answers");
        self.follow(response).await
    }

    /// Signs in with keys of Torii.
    pub(crate) async fn sign_in(&self, key: &str, scim_key: &str) -> Ended {
        let (_, page) = self.open(&format!("{}/sign-in", self.origin)).await.page();
        let ended = self.enter(&page, key, scim_key).await;
        if matches!(&ended, Ended::Page { status: StatusCode::OK, .. }) {
            *self.keys.lock().expect("no test panics with it") = Some([key.to_owned(), scim_key.to_owned()]);
        }
        ended
    }

    /// Fills in a sign-in page.
    async fn enter(&self, page: &str, key: &str, scim_key: &str) -> Ended {
        let (csrf, next) = (field(page, "csrf"), field(page, "next"));
        self.post("/sign-in", &[("key", key), ("scim_key", scim_key), ("csrf", &csrf), ("next", &next)]).await
    }

    /// Answers a consent page.
    pub(crate) async fn decide(&self, page: &str, decision: &str, scopes: &[&str]) -> Ended {
        let (csrf, next) = (field(page, "csrf"), field(page, "next"));
        let mut fields = vec![("csrf", csrf.as_str()), ("next", next.as_str()), ("decision", decision)];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        self.post("/oauth/authorize", &fields).await
    }

    pub(crate) fn with_cookies(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let cookies = self.cookies.lock().expect("no test panics with it");
        let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if line.is_empty() { request } else { request.header(header::COOKIE, line.join("; ")) }
    }

    fn keep_cookies(&self, response: &Response) {
        let mut cookies = self.cookies.lock().expect("no test panics with it");
        for line in response.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("a cookie is ASCII");
            let (name, rest) = line.split_once('=').expect("a cookie has a name");
            match rest.split(';').next().unwrap_or_default() {
                "" => cookies.remove(name),
                value => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    async fn follow(&self, mut response: Response) -> Ended {
        for _ in 0..5 {
            self.keep_cookies(&response);
            let Some(location) = response.headers().get(header::LOCATION) else {
                let (status, headers) = (response.status(), response.headers().clone());
                let text = response.text().await.expect("it is text");
                // a page that opens a program
                if let Some((_, url)) = text.split_once("http-equiv=\"refresh\" content=\"0; url=") {
                    let url = url.split('"').next().unwrap_or_default().replace("&#38;", "&");
                    return Ended::Elsewhere(Url::parse(&url).expect("it is an address"));
                }
                return Ended::Page { status, headers, text };
            };
            let url = response.url().join(location.to_str().expect("an address is ASCII")).expect("it is an address");
            if !url.as_str().starts_with(&format!("{}/", self.at)) {
                return Ended::Elsewhere(url);
            }
            response = self.with_cookies(self.http.get(url)).send().await.expect("it answers");
        }
        panic!("it redirects without end");
    }
}

/// The value of a field in a page's form.
#[track_caller]
pub(crate) fn field(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no field `{name}` in {page}"));
    let value = rest.split('"').next().unwrap_or_default();
    value.replace("&#38;", "&").replace("&#34;", "\"").replace("&amp;", "&")
}
