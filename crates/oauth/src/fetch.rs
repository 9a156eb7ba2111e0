//! Fetching of documents that others publish: client metadata, JWK sets, documents of identity providers.
//!
//! There are two kinds of URLs. A URL that an *untrusted* host supplied (a client, before anybody trusts it) is fetched from
//! the public internet only. A URL that the *operator* configured may be inside the network, behind a proxy, or signed by a
//! private certificate authority.
//!
//! Invariants:
//! - For untrusted hosts: https only. IP addresses are checked once and then connected to ([`mcp_http::net::ssrf`]), and IP addresses
//!   in place of a host name are checked as well. A proxy resolves names itself: all addresses that a name has here are checked, and a
//!   name that has none here is left to the proxy, unless it is one of local networks. Chains of certificates are
//!   short. The number of concurrent fetches is bounded, in total, for each client network and for each host; a lookup of a name
//!   that lasts longer than its fetch counts until it ends, since it occupies a thread.
//! - All fetches from untrusted hosts for one request together take at most [`FetchBudget::MAX_TIME`]. Fetches of the operator's
//!   URLs are bounded individually here, and together by the caller: a page, or the check of a token.
//! - Redirects are never followed, cookies are not stored, responses are not decompressed; time and size are bounded.
//! - Of a URL, the text of an error contains at most the host.

use std::{future::poll_fn, net::IpAddr, sync::Arc, task::Poll, time::Duration};

use axum::http::{HeaderMap, StatusCode};
use mcp_http::{
    log::SharedRecurring,
    net::{
        client_ip::ClientIp,
        is_loopback,
        outbound::{self, ConnectFailure, Proxies, cause},
        ssrf::Resolver,
        waiting::{WaitFor, wait},
    },
};
use reqwest::{
    Client, ClientBuilder, Request, RequestBuilder, Response, Url,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
    redirect,
};
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use crate::request_limits::without_place;

mod cache;
mod guard;
mod permits;
mod tls;

use guard::{Guard, Route, check};
use permits::{FetchPermits, NetworkPermit};

pub use cache::{Cache, Fetched, MemorySize, Terms};

#[cfg(test)]
pub(crate) mod tests;

/// The limits of one fetch.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time from the name lookup to the last byte.
    pub total: Duration,
    /// The maximum length of the body, in bytes.
    pub bytes: usize,
}

impl Limits {
    /// For URLs of untrusted hosts.
    pub const UNTRUSTED: Self = Self { total: Duration::from_secs(5), bytes: 64 << 10 };
    /// For URLs that the operator configured.
    pub const OPERATOR: Self = Self { total: Duration::from_secs(10), bytes: 1 << 20 };
}

/// The deadline of the request for which something is fetched, and the network that it comes from.
#[derive(Clone, Copy, Debug)]
pub struct FetchBudget {
    /// The client that the request comes from.
    pub client: ClientIp,
    /// The deadline of all fetches for this request together.
    pub until: Instant,
}

impl FetchBudget {
    /// How long a request waits for its fetches: less than the timeouts of clients, so that they receive the error.
    pub const MAX_TIME: Duration = Duration::from_secs(8);

    /// The budget of a request that has just arrived from this client.
    #[must_use]
    pub fn from(client: ClientIp) -> Self {
        Self { client, until: Instant::now() + Self::MAX_TIME }
    }
}

/// Why something could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The URL is not fetched: it is not https, or the host is not public.
    #[error("`{0}` is not a public host, or its URL does not begin with `https://`")]
    NotPublic(String),
    /// No connection was established.
    #[error("`{host}` cannot be reached ({cause})")]
    Unreachable {
        /// The URL's host.
        host: String,
        /// The cause.
        cause: String,
    },
    /// The response did not arrive in time.
    #[error("`{0}` did not answer in time")]
    Timeout(String),
    /// Too many other fetches are running.
    #[error("too many URLs are being fetched at once")]
    Busy,
    /// The response has an unexpected status.
    #[error("`{host}` answered with status {status}")]
    Status {
        /// The URL's host.
        host: String,
        /// The status of the response.
        status: u16,
    },
    /// The response is longer than [`Limits::bytes`].
    #[error("the response of `{0}` is too large")]
    TooLarge(String),
    /// The response is not JSON, or its media type is not JSON.
    #[error("the response of `{0}` is not JSON with the type `application/json`")]
    NotJson(String),
    /// The response is JSON, but not the expected document.
    #[error("the response of `{host}` is not usable: {reason}")]
    Unusable {
        /// The URL's host.
        host: String,
        /// What is wrong with the document.
        reason: String,
    },
}

impl Error {
    /// Returns whether a retry may succeed without a change on the other side.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout(_) | Self::Busy => true,
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            Self::NotPublic(_) | Self::TooLarge(_) | Self::NotJson(_) | Self::Unusable { .. } => false,
        }
    }
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Returns the body, parsed as JSON, if the media type is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        let media = self.headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase();
        let is_json = media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
        is_json.then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }

    /// Returns how long the response may be cached, if its `cache-control` specifies that (RFC 9111).
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        let mut lifetime = None;
        for value in self.headers.get_all(CACHE_CONTROL) {
            for directive in value.to_str().unwrap_or_default().split(',') {
                let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
                match name.trim().to_ascii_lowercase().as_str() {
                    "no-store" | "no-cache" => return Some(Duration::ZERO),
                    "max-age" => {
                        lifetime = value.trim().trim_matches('"').parse().ok().map(Duration::from_secs);
                    }
                    _ => {}
                }
            }
        }
        lifetime
    }
}

/// Why the HTTP client for untrusted hosts cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The client cannot be built.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
    /// The system's certificates cannot be used.
    #[error("the system's certificates cannot be used: {0}")]
    Certificates(#[from] rustls::Error),
}

/// An HTTP client for one of the two kinds of URLs.
#[derive(Clone, Debug)]
pub struct Fetch {
    http: Client,
    /// For loopback hosts, which a proxy would resolve to its own machine.
    direct: Client,
    limits: Limits,
    guard: Option<Guard>,
    budget: Option<FetchBudget>,
}

impl Fetch {
    /// A client for URLs of untrusted hosts. `roots` are trusted in addition to the system's certificates.
    ///
    /// # Errors
    /// If the HTTP client cannot be set up.
    pub fn for_untrusted_hosts(
        names: Arc<dyn Resolver>,
        roots: Vec<CertificateDer<'static>>,
        limits: Limits,
    ) -> Result<Self, SetUpError> {
        let unreachable = SharedRecurring::default();
        let (proxies, permits) = (Proxies::none(), Arc::new(FetchPermits::new()));
        let guard = Guard { names, proxies, permits, tls: tls::config(roots)?, unreachable, is_discreet: true };
        // this client only builds requests; each is sent by a client of its own, which connects to the checked addresses only
        let http = guard.client(limits, "", Route::Direct(Vec::new()))?;
        Ok(Self { direct: http.clone(), http, limits, guard: Some(guard), budget: None })
    }

    /// The same client, which reaches untrusted hosts through these proxies.
    #[must_use]
    pub fn through(self, proxies: Proxies) -> Self {
        Self { guard: self.guard.map(|guard| Guard { proxies, ..guard }), ..self }
    }

    /// The same client, whose errors tell why an untrusted host cannot be reached: for whoever runs the server only.
    #[must_use]
    pub(crate) fn telling_causes(&self) -> Self {
        Self { guard: self.guard.clone().map(|guard| Guard { is_discreet: false, ..guard }), ..self.clone() }
    }

    /// A client for URLs that the operator configured.
    ///
    /// # Errors
    /// If the HTTP client cannot be set up.
    pub fn for_operator(limits: Limits) -> Result<Self, reqwest::Error> {
        let (http, direct) = (outbound::client(|| client(limits))?, outbound::client(|| client(limits).no_proxy())?);
        Ok(Self { http, direct, limits, guard: None, budget: None })
    }

    /// Returns the same client, limited to the budget of one request.
    #[must_use]
    pub fn on(&self, budget: FetchBudget) -> Self {
        Self { budget: Some(budget), ..self.clone() }
    }

    /// Waits for `fetched`, which may be a fetch for another request, until the deadline of this request. Unless it is there already,
    /// the request gives its place to others meanwhile.
    pub(crate) fn within<T>(
        &self,
        url: &Url,
        fetched: impl Future<Output = Result<T, Error>>,
    ) -> impl Future<Output = Result<T, Error>> {
        // boxed, since the future is large and other futures contain it
        let mut fetched = Box::pin(fetched);
        async move {
            let Some(FetchBudget { until, client }) = self.budget else { return fetched.await };
            let first = poll_fn(|context| Poll::Ready(fetched.as_mut().poll(context))).await;
            if let Poll::Ready(done) = first {
                return done;
            }
            let waits = wait(client.customer(), WaitFor::Metadata, timeout_at(until, fetched));
            let done = without_place(waits).await.and_then(Result::ok).ok_or(Error::Busy)?;
            done.unwrap_or_else(|_| Err(Error::Timeout(host(url))))
        }
    }

    /// Acquires a permit for the client's network, which is held until the response has arrived. It is acquired before any
    /// other request can wait for the same response, so no request ever waits for the permit of another network.
    pub(crate) async fn network_permit(&self) -> Result<Option<NetworkPermit>, Error> {
        let Some(Guard { permits, .. }) = &self.guard else { return Ok(None) };
        let network_permit =
            timeout(self.limits.total / 2, permits.network_permit(self.client_ip())).await.map_err(|_| Error::Busy)?;
        network_permit.map(Some).ok_or(Error::Busy)
    }

    /// The client for which it fetches.
    fn client_ip(&self) -> ClientIp {
        self.budget.map_or(ClientIp(IpAddr::from([0, 0, 0, 0])), |budget| budget.client)
    }

    /// Returns how long responses are cached.
    #[must_use]
    pub fn terms(&self) -> Terms {
        if self.guard.is_some() { Terms::DOCUMENTS } else { Terms::OPERATOR }
    }

    /// Returns the HTTP client with which to build a request to `url`.
    pub fn http(&self, url: &Url) -> &Client {
        if is_loopback(url) { &self.direct } else { &self.http }
    }

    /// Fetches a JSON document; the status has to be 200.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn json(&self, url: &Url) -> Result<(Value, Reply), Error> {
        let reply = self.send(url, self.http(url).get(url.clone())).await?;
        if reply.status != StatusCode::OK {
            if let Some(guard) = &self.guard {
                guard.log(&host(url), &format!("it, or something in between, answered with status {}", reply.status.as_u16()));
            }
            return Err(Error::Status { host: host(url), status: reply.status.as_u16() });
        }
        let value = reply.json().ok_or_else(|| Error::NotJson(host(url)))?;
        Ok((value, reply))
    }

    /// Sends a request to `url` and reads the response, whatever its status.
    ///
    /// # Errors
    /// If there is no response, or it cannot be read.
    pub async fn send(&self, url: &Url, request: RequestBuilder) -> Result<Reply, Error> {
        let (client, request) = request.header(ACCEPT, "application/json").build_split();
        let request = request.map_err(|error| broke(url, &error))?;
        let Some(guard) = &self.guard else { return self.exchange(url, &client, request).await };
        check(url, &*guard.names)?;
        let permit = timeout(self.limits.total / 2, guard.permits.next(host(url), self.client_ip())).await;
        let permit = Arc::new(permit.map_err(|_| Error::Busy)?);
        // boxed, since the future is large and other futures contain it
        let exchange = Box::pin(async {
            let route = guard.route(url, Arc::clone(&permit), self.limits.total / 4).await?;
            let client = guard.client(self.limits, &host(url), route).map_err(|error| broke(url, &error))?;
            self.exchange(url, &client, request).await
        });
        timeout(self.limits.total, exchange)
            .await
            .unwrap_or_else(|_| Err(Error::Timeout(host(url))))
            .map_err(|error| guard.discreet(error))
    }

    async fn exchange(&self, url: &Url, client: &Client, request: Request) -> Result<Reply, Error> {
        let exchange = Box::pin(async {
            let failed = |error: reqwest::Error| {
                let is_connection = error.is_connect() && !error.is_timeout();
                if is_connection { unreachable(url, &ConnectFailure::of(&error)) } else { broke(url, &error) }
            };
            let response = client.execute(request).await.map_err(failed)?;
            read(url, response, self.limits.bytes).await
        });
        timeout(self.limits.total, exchange).await.unwrap_or_else(|_| Err(Error::Timeout(host(url))))
    }
}

fn client(limits: Limits) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .gzip(false)
        .connect_timeout(limits.total)
}

/// The part of a URL that errors may contain.
pub(crate) fn host(url: &Url) -> String {
    url.host_str().unwrap_or("nowhere").to_owned()
}

fn broke(url: &Url, error: &reqwest::Error) -> Error {
    let host = host(url);
    if error.is_timeout() {
        return Error::Timeout(host);
    }
    Error::Unreachable { host, cause: cause(error) }
}

/// The error for a host that cannot be connected to, with what whoever runs the server can do about it.
fn unreachable(url: &Url, failure: &ConnectFailure) -> Error {
    let next_step = failure.next_step().map(|next_step| format!("; {next_step}")).unwrap_or_default();
    Error::Unreachable { host: host(url), cause: format!("{failure}{next_step}") }
}

async fn read(url: &Url, mut response: Response, limit: usize) -> Result<Reply, Error> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broke(url, &error))? {
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge(host(url)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, headers, body })
}
