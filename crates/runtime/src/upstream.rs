//! Requests to the API and their responses.
//!
//! A generated tool function builds a request, and its client's hook sends it with [`Call::send`]. Around that function lie the rate
//! limit, the time limits, the retries and the reading of the response.
//!
//! Invariants:
//! - The key is added here, last, and goes to the configured URL only; the HTTP client follows no redirects.
//! - A call ends within [`Limits::total`], whatever the API does; dropping it stops it.
//! - Only repeatable calls are sent twice, except after a rate limit, where nothing was done.

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
    net::{is_loopback, ssrf},
};
use progenitor_client::{ByteStream, Error, ResponseValue};
use reqwest::{
    Request, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue},
    redirect,
};
use tokio::sync::Semaphore;

use crate::{
    arguments::Arguments,
    catalog::{ResponseKind, Tool},
    memory_budget::{MemoryBudget, Sizes},
    tool_error::ToolError,
    tool_output::{DEFAULT_CHARACTERS, MAX_BYTES, ToolOutput},
};

mod download;
mod exchange;
mod preview;
mod rate_limit;
mod retry;

use exchange::Exchange;
use rate_limit::RateLimits;

#[cfg(test)]
mod tests;

/// How many bytes of responses may be in memory as they come, unless the operator says otherwise.
pub const RESPONSE_MEMORY: usize = 64 << 20;

/// How many idle connections to the API are kept, and how long.
const IDLE_CONNECTIONS: usize = 64;
const IDLE: Duration = Duration::from_secs(15);

/// What comes of a call.
pub type Outcome = Result<ToolOutput, ToolError>;

/// A generated function: takes the arguments, sets them on the typed builder, and sends the request.
pub type ToolFn = fn(Call, Arguments) -> Pin<Box<dyn Future<Output = Result<Received, ToolError>> + Send>>;

/// The generated functions by the names of their tools, sorted.
pub type ToolFns = &'static [(&'static str, ToolFn)];

/// The bounds of a call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the whole call, waits and retries included.
    pub total: Duration,
    /// For one request and its response.
    pub request: Duration,
    /// For opening a connection.
    pub connect: Duration,
    /// The first wait before a retry; later ones double.
    pub backoff: Duration,
    /// How many bytes of a response are read, after decompression.
    pub response_bytes: usize,
    /// Whether calls keep to the rate that is documented for their operation.
    pub is_rate_limited: bool,
    /// How many bytes of responses may be in memory as they come, all calls together; see [`crate::memory_budget`].
    pub response_memory: usize,
    /// How many characters of JSON a response may have when an assistant gets it; see [`crate::truncation`].
    pub response_characters: usize,
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
            response_memory: RESPONSE_MEMORY,
            response_characters: DEFAULT_CHARACTERS,
        }
    }
}

/// The API, as seen from here. Cheap to clone; clones share connections and the rate limit.
#[derive(Clone)]
pub struct Upstream(Arc<Shared>);

struct Shared {
    base: String,
    functions: ToolFns,
    http: reqwest::Client,
    /// For files that the API redirects to.
    files: reqwest::Client,
    limits: Limits,
    rate_limits: RateLimits,
    memory: MemoryBudget,
    /// For the one large response that is looked into.
    parsing: Arc<Semaphore>,
    clock: Clock,
    jitter: fn() -> f64,
}

/// An API, and the generated code that calls it.
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
    /// Its URL, with the path that all operations share.
    pub base: &'a Url,
    /// The functions of the tools.
    pub functions: ToolFns,
    /// What requests say that they come from (RFC 9110, section 10.1.5).
    pub user_agent: &'static str,
}

impl Upstream {
    /// The way to an API.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up, for example because the system's certificates cannot be read.
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
            // a proxy would look for an API of this machine on its own machine
            (client().no_proxy().build()?, client().no_proxy().build()?)
        } else {
            (client().build()?, client().dns_resolver(ssrf::resolver(Arc::new(ssrf::SystemResolver))).build()?)
        };
        let base = base.as_str().trim_end_matches('/').to_owned();
        let memory = MemoryBudget::new(limits.response_memory, Sizes { medium: 1 << 20, large: limits.response_bytes });
        let parsing = Arc::new(Semaphore::new(1));
        Ok(Self(Arc::new(Shared {
            base,
            functions,
            http,
            files,
            limits,
            rate_limits: RateLimits::default(),
            memory,
            parsing,
            clock,
            jitter,
        })))
    }

    /// The bounds of its calls.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// What it takes for the time.
    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Calls a tool.
    ///
    /// # Errors
    /// Whatever went wrong, in words for the assistant.
    pub async fn call(&self, tool: &'static Tool, caller: &Caller, arguments: Arguments) -> Outcome {
        let (key, function) = self.prepare(tool, caller)?;
        Exchange::new(Arc::clone(&self.0), tool, key, caller.into()).run(function, arguments.with_defaults(tool)).await
    }

    /// What a call would send, without the key: `{"sent": false, "request": {method, url, contentType, body}}`.
    ///
    /// # Errors
    /// Whatever would go wrong before anything is sent.
    pub async fn preview(&self, tool: &'static Tool, caller: &Caller, arguments: Arguments) -> Outcome {
        let (key, function) = self.prepare(tool, caller)?;
        let call = Call::new(Arc::clone(&self.0), tool, key, Mode::DryRun);
        // the empty response says nothing
        let _ = function(call.clone(), arguments.with_defaults(tool)).await?;
        match call.0.sent.get() {
            Some(Sent::Preview(shown)) => Ok(shown.clone()),
            _ => Err(ToolError::invalid_request("it was never sent".to_owned())),
        }
    }

    /// The key and the function for a tool.
    fn prepare(&self, tool: &'static Tool, caller: &Caller) -> Result<(Option<Key>, ToolFn), ToolError> {
        let key = tool.key(caller)?;
        let found = self.0.functions.binary_search_by(|(name, _)| (*name).cmp(&tool.name)).ok();
        let function = found.and_then(|index| self.0.functions.get(index)).map(|(_, function)| *function);
        Ok((key.cloned(), function.ok_or_else(|| ToolError::invalid_request("the tool has no function".to_owned()))?))
    }
}

/// One request on its way. The generated client carries it from the builder to the hook.
#[derive(Clone)]
pub struct Call(Arc<CallState>);

struct CallState {
    shared: Arc<Shared>,
    tool: &'static Tool,
    key: Option<Key>,
    mode: Mode,
    sent: OnceLock<Sent>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Send,
    /// It is only shown.
    DryRun,
}

/// What became of a request.
enum Sent {
    /// It went to this URL.
    To(Url),
    /// It was not sent, and this is what it would have been.
    Preview(ToolOutput),
}

/// A response, of which nothing but the headers has been read.
pub struct Received {
    status: StatusCode,
    headers: HeaderMap,
    /// Where it comes from.
    url: Url,
    body: ByteStream,
}

impl Call {
    fn new(shared: Arc<Shared>, tool: &'static Tool, key: Option<Key>, mode: Mode) -> Self {
        Self(Arc::new(CallState { shared, tool, key, mode, sent: OnceLock::new() }))
    }

    /// The URL below which all operations are.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.shared.base
    }

    /// The tool that is called.
    #[must_use]
    pub fn tool(&self) -> &'static Tool {
        self.0.tool
    }

    /// The client that requests are sent with.
    #[must_use]
    pub fn http_client(&self) -> reqwest::Client {
        self.0.shared.http.clone()
    }

    /// Sends a request of the generated client, with the headers that are ours. For a dry run it keeps what would be sent, and the
    /// response is empty.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn send(&self, mut request: Request) -> reqwest::Result<Response> {
        let CallState { shared, tool, key, mode, sent } = &*self.0;
        // each call sends one request, so nothing was there before
        if *mode == Mode::DryRun {
            let _ = sent.set(Sent::Preview(preview::preview(&request)));
            return Ok(Response::from(axum::http::Response::new("")));
        }
        let _ = sent.set(Sent::To(request.url().clone()));
        let accept = match tool.response.kind {
            ResponseKind::Json => "application/json",
            ResponseKind::Redirect => "*/*",
        };
        let headers = request.headers_mut();
        // progenitor adds it
        headers.remove("api-version");
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        if let Some(key) = key {
            headers.insert(AUTHORIZATION, key.bearer());
        }
        shared.http.execute(request).await
    }

    /// The response to the request that was sent, whatever its status.
    ///
    /// # Errors
    /// When there is none: the request could not be built, or the exchange broke.
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

impl From<Response> for Received {
    fn from(mut response: Response) -> Self {
        let headers = std::mem::take(response.headers_mut());
        let (status, url) = (response.status(), response.url().clone());
        Self { status, headers, url, body: ByteStream::new(Box::pin(response.bytes_stream())) }
    }
}

impl Received {
    /// How long the body is, if its headers say so.
    fn announced(&self) -> Option<usize> {
        // what is compressed has another length when it is read, and reqwest takes this header away
        self.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }

    /// The next piece of the body; none at its end.
    async fn chunk(&mut self) -> Option<reqwest::Result<Bytes>> {
        poll_fn(|context| self.body.as_mut().poll_next(context)).await
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.0.tool.name).finish()
    }
}
