//! Requests to the API and their responses.
//!
//! A generated tool function builds a request, and the hook of its client sends it with [`Call::send`]. The code here wraps that
//! function: it applies the rate limit, the time limits and the retries, and reads the response.
//!
//! Invariants:
//! - The API key is added here, as the last step, and is sent to the configured URL only; the HTTP client follows no redirects.
//! - A call ends within [`Limits::total`], whatever the API does; dropping its future cancels the request.
//! - Only repeatable calls are sent twice, except after a rate-limit response: then the API has processed nothing.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::body::Bytes;
use mcp_http::{
    caller::{Caller, Key},
    clock::Clock,
    net::{
        is_loopback, outbound,
        ssrf::{self, Resolver, SystemResolver},
    },
    replicas::Replicas,
};
use openapi_mcp_model::SecurityScheme;
use progenitor_client::{ByteStream, Error, ResponseValue};
use reqwest::{
    Request, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect,
};

use crate::{
    arguments::Arguments,
    catalog::{Method, ResponseKind, Tool},
    memory_budget::{MemoryBudget, Permits, Sizes},
    query_limits::QueryLimits,
    tool_error::ToolError,
    tool_output::{DEFAULT_CHARACTERS, MAX_BYTES, ToolOutput},
};

mod download;
mod exchange;
mod preview;
mod rate_limit;
mod retry;
mod server_requests;

use exchange::{Exchange, Turn};
use rate_limit::RateLimits;
pub use rate_limit::Shares;

#[cfg(test)]
mod tests;

/// The default memory limit for response bodies that are being received, in bytes.
pub const RESPONSE_MEMORY: usize = 64 << 20;

/// How many idle connections to the API the pool keeps, and for how long.
const IDLE_CONNECTIONS: usize = 64;
const IDLE: Duration = Duration::from_secs(15);

/// The result of a call.
pub type Outcome = Result<ToolOutput, ToolError>;

/// A generated function: it takes the arguments, and passes them to the typed client, which sends the request.
pub type ToolFn = fn(Call, Arguments) -> Pin<Box<dyn Future<Output = Result<Received, ToolError>> + Send>>;

/// The generated functions, sorted by tool name.
pub type ToolFns = &'static [(&'static str, ToolFn)];

/// The limits of a call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time for the whole call, waits and retries included.
    pub total: Duration,
    /// The time for one request and its response.
    pub request: Duration,
    /// The time for opening a connection.
    pub connect: Duration,
    /// The first wait before a retry; later ones double.
    pub backoff: Duration,
    /// How many bytes of a response are read, after decompression.
    pub response_bytes: usize,
    /// Whether calls keep to the documented rate of their operation.
    pub is_rate_limited: bool,
    /// How the users of a key share its rate.
    pub shares: Shares,
    /// The memory limit for response bodies that are being received, over all calls, in bytes; see [`crate::memory_budget`].
    pub response_memory: usize,
    /// How many characters of JSON a response to the assistant may have; see [`crate::truncation`].
    pub response_characters: usize,
    /// The limits of `query`; see [`crate::tables`].
    pub query: QueryLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(25),
            request: Duration::from_secs(20),
            connect: Duration::from_secs(5),
            backoff: Duration::from_millis(250),
            response_bytes: MAX_BYTES,
            is_rate_limited: true,
            shares: Shares::default(),
            response_memory: RESPONSE_MEMORY,
            response_characters: DEFAULT_CHARACTERS,
            query: QueryLimits::default(),
        }
    }
}

/// The client of the API. Cheap to clone; clones share connections and the rate limit.
#[derive(Clone)]
pub struct Upstream(Arc<Shared>);

struct Shared {
    base: String,
    functions: ToolFns,
    http: reqwest::Client,
    /// The client for files that the API redirects to.
    files: download::Files,
    limits: Limits,
    rate_limits: RateLimits,
    replicas: Replicas,
    memory: MemoryBudget,
    /// Lets one large response at a time be parsed.
    parsing: Permits,
    clock: Clock,
    jitter: fn() -> f64,
}

/// An API, and the generated code that calls it.
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
    /// Its base URL, with the path that all operations share.
    pub base: &'a Url,
    /// The generated functions of the tools.
    pub functions: ToolFns,
    /// The `User-Agent` of requests (RFC 9110, section 10.1.5).
    pub user_agent: &'static str,
}

impl Upstream {
    /// A client of this API.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(api: &Api<'_>, limits: Limits, clock: Clock, jitter: fn() -> f64) -> Result<Self, reqwest::Error> {
        let Api { base, functions, user_agent } = *api;
        let client = || {
            reqwest::Client::builder()
                .user_agent(user_agent)
                .redirect(redirect::Policy::none())
                .connect_timeout(limits.connect)
                // each idle connection keeps a buffer as large as its responses were
                .pool_max_idle_per_host(IDLE_CONNECTIONS)
                .pool_idle_timeout(IDLE)
                .tcp_nodelay(true)
                .gzip(true)
        };
        let (http, files) = if is_loopback(base) {
            // the API is on this machine, and a proxy would look for it on its own
            let direct = || outbound::client(|| client().no_proxy());
            (direct()?, download::Files { client: direct()?, names: None })
        } else {
            let names: Arc<dyn Resolver> = Arc::new(SystemResolver);
            let checked = outbound::client(|| client().dns_resolver(ssrf::resolver(Arc::clone(&names))))?;
            (outbound::client(client)?, download::Files { client: checked, names: Some(names) })
        };
        let base = base.as_str().trim_end_matches('/').to_owned();
        let replicas = Replicas::default();
        let memory = MemoryBudget::new(limits.response_memory, Sizes { medium: 1 << 20, large: limits.response_bytes });
        let parsing = Permits::new(1, 1);
        Ok(Self(Arc::new(Shared {
            base,
            functions,
            http,
            files,
            limits,
            rate_limits: RateLimits::new(limits.shares, replicas.clone()),
            replicas,
            memory,
            parsing,
            clock,
            jitter,
        })))
    }

    /// The limits of its calls.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// The clock.
    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Calls a tool.
    ///
    /// # Errors
    /// When the call fails; the message is written for the assistant.
    pub async fn call(&self, tool: &'static Tool, caller: &Caller, arguments: Arguments) -> Outcome {
        let (key, function) = self.prepare(tool, caller)?;
        let exchange = Exchange::new(Arc::clone(&self.0), tool, key, (caller.user().cloned(), Turn::Waits));
        exchange.run(function, arguments.with_defaults(tool)).await
    }

    /// Calls a tool if the rate limit allows that now, and retries nothing.
    pub(crate) async fn call_at_once(&self, tool: &'static Tool, caller: &Caller, arguments: Arguments) -> Outcome {
        let (key, function) = self.prepare(tool, caller)?;
        let exchange = Exchange::new(Arc::clone(&self.0), tool, key, (caller.user().cloned(), Turn::AtOnce));
        exchange.run(function, arguments.with_defaults(tool)).await
    }

    /// Sends one request within the documented rate, without defaults, and returns the response as it is, whatever its status. Nothing is
    /// retried, and no redirect is followed.
    ///
    /// # Errors
    /// When no request was sent, or no response came.
    pub async fn raw(&self, tool: &'static Tool, caller: &Caller, arguments: Arguments) -> Result<RawResponse, ToolError> {
        let (key, function) = self.prepare(tool, caller)?;
        Exchange::new(Arc::clone(&self.0), tool, key, (caller.user().cloned(), Turn::Waits)).raw(function, arguments).await
    }

    /// What a call would send, without the key: `{"sent": false, "request": {method, url, contentType, body}}`.
    ///
    /// # Errors
    /// When the call fails before a request is sent.
    pub async fn preview(&self, tool: &'static Tool, caller: &Caller, arguments: Arguments) -> Outcome {
        let (key, function) = self.prepare(tool, caller)?;
        let call = Call::new(Arc::clone(&self.0), tool, key, Mode::DryRun);
        // the response of a dry run is empty
        let _ = function(call.clone(), arguments.with_defaults(tool)).await?;
        match call.0.sent.get() {
            Some(Sent::Preview(shown)) => Ok(shown.clone()),
            _ => Err(ToolError::invalid_request("it was never sent".to_owned())),
        }
    }

    /// The caller's API key and the generated function of a tool.
    fn prepare(&self, tool: &'static Tool, caller: &Caller) -> Result<(Option<Key>, ToolFn), ToolError> {
        let key = tool.key(caller)?;
        let found = self.0.functions.binary_search_by(|(name, _)| (*name).cmp(&tool.name)).ok();
        let function = found.and_then(|index| self.0.functions.get(index)).map(|(_, function)| *function);
        Ok((key.cloned(), function.ok_or_else(|| ToolError::invalid_request("the tool has no function".to_owned()))?))
    }
}

/// One request to the API. The generated client carries it to the hook.
#[derive(Clone)]
pub struct Call(Arc<CallState>);

struct CallState {
    shared: Arc<Shared>,
    tool: &'static Tool,
    key: Option<Key>,
    mode: Mode,
    sent: OnceLock<Sent>,
}

/// Whether a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Send,
    /// The request is shown and not sent.
    DryRun,
}

/// What the hook did with the request.
enum Sent {
    /// It was sent to this URL.
    To(Url),
    /// It was not sent; this describes the request.
    Preview(ToolOutput),
}

/// A response as the API sent it.
#[derive(Debug)]
pub struct RawResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, after decompression.
    pub body: Vec<u8>,
}

/// A response of which only the status and the headers have been read.
pub struct Received {
    status: StatusCode,
    headers: HeaderMap,
    /// The URL that the response comes from.
    url: Url,
    body: ByteStream,
}

impl Call {
    fn new(shared: Arc<Shared>, tool: &'static Tool, key: Option<Key>, mode: Mode) -> Self {
        Self(Arc::new(CallState { shared, tool, key, mode, sent: OnceLock::new() }))
    }

    /// The base URL of all operations.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.shared.base
    }

    /// The tool that is called.
    #[must_use]
    pub fn tool(&self) -> &'static Tool {
        self.0.tool
    }

    /// The HTTP client that sends the requests.
    #[must_use]
    pub fn http_client(&self) -> reqwest::Client {
        self.0.shared.http.clone()
    }

    /// Sends a request of the generated client, with the `Accept` header and the caller's key added. A dry run stores the
    /// description of the request instead, and its response is empty.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn send(&self, mut request: Request) -> reqwest::Result<Response> {
        let CallState { shared, tool, key, mode, sent } = &*self.0;
        // the generated client knows only one JSON type, and not all methods
        *request.method_mut() = http_method(tool.method);
        // documents distinguish operations on one path by fragments, which are never sent
        request.url_mut().set_fragment(None);
        if let Some(content_type) = &tool.content_type
            && request.body().is_some()
            && let Ok(content_type) = HeaderValue::from_str(content_type)
        {
            request.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        let accept = accepted(tool);
        // each call sends one request, so `sent` is still empty
        if *mode == Mode::DryRun {
            let _ = sent.set(Sent::Preview(preview::preview(&request, &accept)));
            return Ok(Response::from(axum::http::Response::new("")));
        }
        let _ = sent.set(Sent::To(request.url().clone()));
        let headers = request.headers_mut();
        // progenitor adds this header
        headers.remove("api-version");
        headers.insert(ACCEPT, accept);
        if let (Some(key), Some(credential)) = (key, &tool.credential) {
            let (name, value) = credential_header(&credential.scheme, key);
            headers.insert(name, value);
        }
        shared.http.execute(request).await
    }

    /// The response to the request that was sent, whatever its status.
    ///
    /// # Errors
    /// When there is no response: the request could not be built, or the connection failed.
    pub fn received(&self, sent: Result<ResponseValue<ByteStream>, Error<ByteStream>>) -> Result<Received, ToolError> {
        let limits = self.0.shared.limits;
        let response = match sent {
            Ok(response) | Err(Error::ErrorResponse(response)) => response,
            Err(Error::InvalidRequest(reason)) => return Err(ToolError::invalid_request(reason)),
            Err(Error::CommunicationError(error) | Error::InvalidUpgrade(error)) => {
                return Err(ToolError::from_transport(&error, limits.request.as_secs()));
            }
            Err(Error::UnexpectedResponse(response)) => return Ok(response.into()),
            Err(other) => return Err(ToolError::invalid_request(other.to_string())),
        };
        let url = match self.0.sent.get() {
            Some(Sent::To(url)) => Some(url.clone()),
            _ => Url::parse(&self.0.shared.base).ok(),
        };
        let url = url.ok_or_else(|| ToolError::invalid_request("it was never sent".to_owned()))?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Received { status, headers, url, body: response.into_inner() })
    }
}

/// The header that carries a key.
#[must_use]
pub fn credential_header(scheme: &SecurityScheme, key: &Key) -> (HeaderName, HeaderValue) {
    match scheme {
        SecurityScheme::HttpBasic => (AUTHORIZATION, key.basic()),
        SecurityScheme::ApiKey(name) => (HeaderName::from_bytes(name.as_bytes()).unwrap_or(AUTHORIZATION), key.api_key()),
        _ => (AUTHORIZATION, key.bearer()),
    }
}

fn http_method(method: Method) -> reqwest::Method {
    match method {
        Method::Delete => reqwest::Method::DELETE,
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Options => reqwest::Method::OPTIONS,
        Method::Patch => reqwest::Method::PATCH,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Trace => reqwest::Method::TRACE,
    }
}

/// The media types that a request accepts (RFC 9110, section 12.5.1).
fn accepted(tool: &Tool) -> HeaderValue {
    let declared = tool.response.media_types.join(", ");
    let json = HeaderValue::from_static("application/json");
    match tool.response.kind {
        ResponseKind::Redirect => HeaderValue::from_static("*/*"),
        ResponseKind::Json | ResponseKind::Content if declared.is_empty() => json,
        ResponseKind::Json | ResponseKind::Content => HeaderValue::from_str(&declared).unwrap_or(json),
    }
}

impl From<Response> for Received {
    fn from(mut response: Response) -> Self {
        let headers = std::mem::take(response.headers_mut());
        let (status, url) = (response.status(), response.url().clone());
        Self { status, headers, url, body: ByteStream::new(Box::pin(response.bytes_stream())) }
    }
}

impl Received {
    /// The length of the body in bytes, if the headers specify it.
    fn announced(&self) -> Option<usize> {
        // reqwest removes this header from compressed responses, whose decompressed length is unknown
        self.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }

    /// The next chunk of the body; `None` at its end.
    async fn chunk(&mut self) -> Option<reqwest::Result<Bytes>> {
        poll_fn(|context| self.body.as_mut().poll_next(context)).await
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.0.tool.name).finish()
    }
}
