//! The way to Torii and back.
//!
//! The generated code builds a request and hands it to the hook below, which does everything else:
//! key, pace, retries, time limits, reading. What comes of it is put into the [`Call`] and taken
//! out again by [`Client::answer`], so the generated client never touches an answer and no byte of
//! it is copied around.
//!
//! Invariants:
//! - The key is added here, last, and goes to the configured address only; the HTTP client follows
//!   no redirects.
//! - A call ends within [`Limits::total`], whatever Torii does; dropping it stops it.
//! - Only repeatable calls are sent twice, except after a rate limit, where nothing was done.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use progenitor_client::{ByteStream, ClientHooks, ClientInfo, Error, OperationInfo, ResponseValue};
use reqwest::{Request, Response, Url, redirect};
use serde_json::{Map, Value};
use tokio::{sync::Semaphore, time::Instant};

use crate::{
    arguments::Arguments,
    caller::Caller,
    catalog::Tool,
    clock::Clock,
    generated::Client,
    memory_budget::{MemoryBudget, Sizes},
    net::{is_loopback, ssrf},
    shape,
};

mod answer;
mod download;
mod exchange;
mod failure;
mod pacing;
mod preview;
mod retry;

pub use answer::Answer;
use exchange::Exchange;
pub use failure::{Failure, Message};
use pacing::Pacing;

#[cfg(test)]
mod tests;

/// How many bytes of an answer are read, after decompression.
pub(crate) const ANSWER_BYTES: usize = 16 << 20;

/// How many bytes of answers may be in memory as they come, unless the operator says otherwise.
pub const ANSWER_MEMORY: usize = 64 << 20;

/// How many idle connections to Torii are kept, and how long.
const IDLE_CONNECTIONS: usize = 64;
const IDLE: Duration = Duration::from_secs(15);

/// What comes of a call.
pub type Outcome = Result<Answer, Failure>;

/// A generated function: decodes arguments, sets them on the typed builder, sends.
pub type Glue = for<'a> fn(&'a Client, Arguments) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// The bounds of a call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the whole call, waits and retries included.
    pub total: Duration,
    /// For one request and its answer.
    pub request: Duration,
    /// For opening a connection.
    pub connect: Duration,
    /// The first wait before a retry; later ones double.
    pub backoff: Duration,
    /// How many bytes of an answer are read, after decompression.
    pub answer_bytes: usize,
    /// Whether calls keep to the rate that is documented for their operation.
    pub is_paced: bool,
    /// How many bytes of answers may be in memory as they come, all calls together; see [`crate::memory_budget`].
    pub answer_memory: usize,
    /// How many characters of JSON an answer may have when an assistant gets it; see [`crate::shape`].
    pub answer_characters: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(25),
            request: Duration::from_secs(20),
            connect: Duration::from_secs(5),
            backoff: Duration::from_millis(250),
            answer_bytes: ANSWER_BYTES,
            is_paced: true,
            answer_memory: ANSWER_MEMORY,
            answer_characters: crate::shape::BUDGET,
        }
    }
}

/// Torii, as seen from here. Cheap to clone; clones share connections and pace.
#[derive(Clone)]
pub struct Upstream(Arc<Shared>);

struct Shared {
    base: String,
    http: reqwest::Client,
    /// For files that Torii redirects to.
    files: reqwest::Client,
    limits: Limits,
    pacing: Pacing,
    memory: MemoryBudget,
    /// For the one large answer that is parsed.
    parsing: Arc<Semaphore>,
    clock: Clock,
    jitter: fn() -> f64,
}

impl Upstream {
    /// Torii at `base`, an address with the path that all operations share.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up, for example because the system's certificates cannot
    /// be read.
    pub fn new(base: &Url, limits: Limits, clock: Clock, jitter: fn() -> f64) -> Result<Self, reqwest::Error> {
        let client = || {
            reqwest::Client::builder()
                .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .connect_timeout(limits.connect)
                // each idle connection keeps a buffer as large as its answers were
                .pool_max_idle_per_host(IDLE_CONNECTIONS)
                .pool_idle_timeout(IDLE)
                .tcp_nodelay(true)
                .gzip(true)
        };
        let (http, files) = if is_loopback(base) {
            // a proxy would look for this machine's Torii on its own machine
            (client().no_proxy().build()?, client().no_proxy().build()?)
        } else {
            (client().build()?, client().dns_resolver(ssrf::resolver(Arc::new(ssrf::System))).build()?)
        };
        let base = base.as_str().trim_end_matches('/').to_owned();
        let memory = MemoryBudget::new(limits.answer_memory, Sizes { medium: 1 << 20, large: limits.answer_bytes });
        let parsing = Arc::new(Semaphore::new(1));
        Ok(Self(Arc::new(Shared { base, http, files, limits, pacing: Pacing::default(), memory, parsing, clock, jitter })))
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

    /// Calls a tool: checks the arguments, sends the request, brings back the answer.
    ///
    /// # Errors
    /// Whatever went wrong, in words for the assistant.
    pub async fn call(&self, tool: &'static Tool, caller: &Caller, given: Map<String, Value>) -> Outcome {
        self.exchange(tool, caller, given, false).await
    }

    /// What a call would send, without the key: `{"sent": false, "request": {method, url, contentType, body}}`.
    ///
    /// # Errors
    /// Whatever would go wrong before anything is sent.
    pub async fn preview(&self, tool: &'static Tool, caller: &Caller, given: Map<String, Value>) -> Outcome {
        self.exchange(tool, caller, given, true).await
    }

    async fn exchange(&self, tool: &'static Tool, caller: &Caller, given: Map<String, Value>, is_dry: bool) -> Outcome {
        let mut arguments = Arguments::check(tool, given)?;
        let fields = arguments.fields(&tool.answer)?;
        let key = caller.key(tool.credential).ok_or(Failure::KeyMissing(tool.credential))?;
        let glue = tool.glue().ok_or_else(|| Failure::InvalidRequest("the tool has no function".to_owned()))?;
        let deadline = Instant::now() + self.0.limits.total;
        let user = caller.into();
        let exchange = Exchange { shared: Arc::clone(&self.0), tool, key: key.clone(), deadline, user, is_dry };
        let call = Call(Arc::new((exchange, Mutex::default())));
        let client = Client::new_with_client(&self.0.base, self.0.http.clone(), call);
        let answer = glue(&client, arguments).await?;
        Ok(match (fields, &tool.answer.items, &tool.answer.fields) {
            (Some(fields), Some(items), Some(usual)) => shape::select(answer, items, &fields, usual),
            _ => answer,
        })
    }
}

/// One tool call on its way. The generated client carries it from the builder to the hook.
#[derive(Clone)]
pub struct Call(Arc<(Exchange, Mutex<Option<Outcome>>)>);

impl Call {
    fn exchange(&self) -> &Exchange {
        &self.0.0
    }

    fn outcome(&self) -> MutexGuard<'_, Option<Outcome>> {
        self.0.1.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.exchange().tool.name).finish()
    }
}

impl ClientHooks<Call> for Client {
    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let outcome = self.inner().exchange().run(request).await;
        *self.inner().outcome() = Some(outcome);
        Ok(Response::from(axum::http::Response::new("")))
    }
}

impl Client {
    /// The outcome of a request that the generated code has sent, or why it could not be sent.
    pub(crate) fn answer(&self, sent: Result<ResponseValue<ByteStream>, Error<ByteStream>>) -> Outcome {
        let outcome = self.inner().outcome().take();
        outcome.unwrap_or_else(|| {
            Err(match sent {
                Err(Error::InvalidRequest(reason)) => Failure::InvalidRequest(reason),
                Err(Error::CommunicationError(error)) => Failure::from_transport(&error, 0),
                _ => Failure::InvalidRequest("it was never sent".to_owned()),
            })
        })
    }
}
