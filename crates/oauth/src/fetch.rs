//! Fetching what others publish: metadata of clients, keys of signers, documents of identity providers.
//!
//! There are two kinds of addresses. What an *untrusted* host names (a client, before anybody trusts it) is fetched from the
//! internet only. What the *operator* configured may lie inside the network, behind a proxy and a certificate authority of
//! its own.
//!
//! Invariants:
//! - For untrusted hosts: https only, no proxy, addresses checked once and connected to ([`mcp_http::net::ssrf`]), IP addresses in the
//!   place of a name checked as well, few at a time, and fewer for one network or from one host.
//! - What one request makes the server fetch from untrusted hosts takes no longer together than [`FetchBudget::LONGEST`]. What it asks
//!   the operator's own is bounded one by one here, and together by whoever asks: a page, or the check of a token.
//! - Redirects are never followed, no cookie is kept, nothing is decompressed; time and size are bounded.
//! - No text of an error holds more of an address than its host.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::http::{HeaderMap, StatusCode};
use mcp_http::net::{
    is_loopback,
    ssrf::{self, Resolver},
};
use reqwest::{
    Certificate, Client, ClientBuilder, RequestBuilder, Response, Url,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
    redirect,
};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

mod cache;
mod permits;

use permits::{FetchPermits, NetworkPermit};

pub use cache::{Cache, Fetched, Terms};

#[cfg(test)]
pub(crate) mod tests;

/// The bounds of one fetch.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From looking up the name to the last byte.
    pub total: Duration,
    /// How many bytes are read.
    pub bytes: usize,
}

impl Limits {
    /// For URLs of untrusted hosts.
    pub const UNTRUSTED: Self = Self { total: Duration::from_secs(5), bytes: 64 << 10 };
    /// For what the operator configured.
    pub const OPERATOR: Self = Self { total: Duration::from_secs(10), bytes: 1 << 20 };
}

/// The request that something is fetched for.
#[derive(Clone, Copy, Debug)]
pub struct FetchBudget {
    /// The network it comes from.
    pub network: IpAddr,
    /// When it has waited long enough, for everything that is fetched for it together.
    pub until: Instant,
}

impl FetchBudget {
    /// How long a request waits: less than clients do, so that they learn why.
    pub const LONGEST: Duration = Duration::from_secs(8);

    /// A request that has just come from this network.
    #[must_use]
    pub fn from(network: IpAddr) -> Self {
        Self { network, until: Instant::now() + Self::LONGEST }
    }
}

/// Why something could not be fetched. The texts go on with what it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not to be asked at all.
    #[error("`{0}` is not an address on the internet that begins with `https://`")]
    NotPublic(String),
    /// There was no connection.
    #[error("`{host}` cannot be reached ({cause})")]
    Unreachable {
        /// Its host.
        host: String,
        /// Why.
        cause: String,
    },
    /// It took too long.
    #[error("`{0}` did not answer in time")]
    Timeout(String),
    /// Too many other fetches are under way.
    #[error("too many addresses are being fetched at once")]
    Busy,
    /// It answered with another status.
    #[error("`{host}` answered with status {status}")]
    Status {
        /// Its host.
        host: String,
        /// The status.
        status: u16,
    },
    /// The response is larger than is read.
    #[error("the response of `{0}` is too large")]
    TooLarge(String),
    /// The response is no JSON, or does not say that it is.
    #[error("the response of `{0}` is not JSON with the type `application/json`")]
    NotJson(String),
    /// The response is JSON, but not what it should be.
    #[error("the response of `{host}` is not usable: {reason}")]
    Unusable {
        /// Its host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// Whether the same may succeed later, without anybody changing what is there.
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
    /// The body as JSON, if its type says so.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        let media = self.headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase();
        let is_json = media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
        is_json.then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }

    /// How long it may be kept, as far as it says so (RFC 9111).
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

/// An HTTP client for one of the two kinds of addresses.
#[derive(Clone, Debug)]
pub struct Fetch {
    http: Client,
    /// For this machine, which a proxy would look for on its own.
    direct: Client,
    limits: Limits,
    /// For untrusted hosts: which addresses may be reached, and whose turn it is.
    guard: Option<(Arc<dyn Resolver>, Arc<FetchPermits>)>,
    budget: Option<FetchBudget>,
}

impl Fetch {
    /// For URLs of untrusted hosts. `roots` are trusted besides the system's.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn for_untrusted_hosts(
        names: Arc<dyn Resolver>,
        roots: Vec<Certificate>,
        limits: Limits,
    ) -> Result<Self, reqwest::Error> {
        let http = client(limits)
            .https_only(true)
            .no_proxy()
            .dns_resolver(ssrf::resolver(Arc::clone(&names)))
            .tls_certs_merge(roots)
            .build()?;
        let guard = Some((names, Arc::new(FetchPermits::new())));
        Ok(Self { direct: http.clone(), http, limits, guard, budget: None })
    }

    /// For what the operator configured.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn for_operator(limits: Limits) -> Result<Self, reqwest::Error> {
        let (http, direct) = (client(limits).build()?, client(limits).no_proxy().build()?);
        Ok(Self { http, direct, limits, guard: None, budget: None })
    }

    /// The same, for what one request needs.
    #[must_use]
    pub fn on(&self, budget: FetchBudget) -> Self {
        Self { budget: Some(budget), ..self.clone() }
    }

    /// Waits no longer than the request does for what is fetched from `url`, by whomever.
    pub(crate) async fn within<T>(&self, url: &Url, fetched: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match self.budget {
            Some(FetchBudget { until, .. }) => {
                timeout_at(until, fetched).await.unwrap_or_else(|_| Err(Error::Timeout(host(url))))
            }
            None => fetched.await,
        }
    }

    /// Room for the network that asks, held until the response is there; taken before anybody can wait for the same response, so
    /// that nobody ever waits for the room of another network.
    pub(crate) async fn lane(&self) -> Result<Option<NetworkPermit>, Error> {
        let Some((_, turns)) = &self.guard else { return Ok(None) };
        let network = self.budget.map_or(IpAddr::from([0, 0, 0, 0]), |budget| budget.network);
        let lane = timeout(self.limits.total / 2, turns.lane(network)).await.map_err(|_| Error::Busy)?;
        lane.map(Some).ok_or(Error::Busy)
    }

    /// How long what is fetched is kept.
    #[must_use]
    pub fn terms(&self) -> Terms {
        if self.guard.is_some() { Terms::DOCUMENTS } else { Terms::OPERATOR }
    }

    /// The HTTP client to build a request to `url` with.
    pub fn http(&self, url: &Url) -> &Client {
        if is_loopback(url) { &self.direct } else { &self.http }
    }

    /// Fetches JSON that is answered with 200.
    ///
    /// # Errors
    /// Whatever went wrong.
    pub async fn json(&self, url: &Url) -> Result<(Value, Reply), Error> {
        let reply = self.send(url, self.http(url).get(url.clone())).await?;
        if reply.status != StatusCode::OK {
            return Err(Error::Status { host: host(url), status: reply.status.as_u16() });
        }
        let value = reply.json().ok_or_else(|| Error::NotJson(host(url)))?;
        Ok((value, reply))
    }

    /// Sends a request to `url` and reads the response, whatever its status.
    ///
    /// # Errors
    /// When there is no response, or none that can be read.
    pub async fn send(&self, url: &Url, request: RequestBuilder) -> Result<Reply, Error> {
        let mut _turn = None;
        if let Some((names, turns)) = &self.guard {
            check(url, &**names)?;
            _turn = timeout(self.limits.total / 2, turns.next(host(url))).await.map_err(|_| Error::Busy)?;
        }
        let exchange = async {
            let response = request.header(ACCEPT, "application/json").send().await.map_err(|error| broke(url, &error))?;
            read(url, response, self.limits.bytes).await
        };
        let response = timeout(self.limits.total, exchange).await.unwrap_or_else(|_| Err(Error::Timeout(host(url))));
        if self.guard.is_some() { response.map_err(discreet) } else { response }
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

/// The part of an address that errors may tell.
pub(crate) fn host(url: &Url) -> String {
    url.host_str().unwrap_or("nowhere").to_owned()
}

/// The HTTP client resolves names only; an IP address in the place of a name never comes to its resolver.
fn check(url: &Url, names: &dyn Resolver) -> Result<(), Error> {
    let literal = url.host_str().unwrap_or_default().trim_matches(['[', ']']).parse::<IpAddr>();
    if url.scheme() != "https" || literal.is_ok_and(|ip| !names.may_reach(ip)) {
        return Err(Error::NotPublic(host(url)));
    }
    Ok(())
}

fn broke(url: &Url, error: &reqwest::Error) -> Error {
    let host = host(url);
    if error.is_timeout() {
        return Error::Timeout(host);
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let cause: String = cause.to_string().to_lowercase().chars().filter(|c| !c.is_control()).take(200).collect();
    // the last cause never repeats the address; the first one might
    let cause = if cause.contains("://") { "the connection broke".to_owned() } else { cause };
    Error::Unreachable { host, cause }
}

/// For untrusted hosts: whether a name leads inside, nowhere, or to a closed port would tell them what there is inside.
fn discreet(error: Error) -> Error {
    match error {
        Error::Unreachable { host, cause } => {
            tracing::info!(host, cause, "what a untrusted_host named cannot be reached");
            Error::Unreachable { host, cause: "there is no connection from here".to_owned() }
        }
        other => other,
    }
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
