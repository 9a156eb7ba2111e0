//! The way to Torii and back.
//!
//! The generated code builds a request and hands it to the hook below, which does everything else: key, pace, retries, time
//! limits, reading. What comes of it is put into the [`Call`] and taken out again by [`Client::answer`], so the generated
//! client never touches an answer and no byte of it is copied around.
//!
//! Invariants:
//! - The key is added here, last, and goes to the configured address only; the HTTP client follows no redirects.
//! - A call ends within [`Limits::total`], whatever Torii does; dropping it stops it.
//! - Only repeatable calls are sent twice, except after a rate limit, where nothing was done.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use progenitor_client::{ByteStream, ClientHooks, ClientInfo, Error, OperationInfo, ResponseValue};
use reqwest::{
    Request, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
    redirect,
};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    arguments::Arguments,
    caller::{Caller, Key},
    catalog::{Kind, Tool},
    clock::Clock,
    generated::Client,
};

mod answer;
mod download;
mod failure;
mod pacing;
mod retry;

pub use answer::Answer;
pub use failure::{Failure, Message};
use pacing::{Lane, Pacing};

#[cfg(test)]
mod tests;

/// How much of an error's body is read.
const EXPLANATION_BYTES: usize = 64 << 10;

/// What comes of a call.
pub type Outcome = Result<Answer, Failure>;

/// A generated function: decodes arguments, sets them on the typed builder, sends.
pub type Glue =
    for<'a> fn(&'a Client, Arguments) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(25),
            request: Duration::from_secs(20),
            connect: Duration::from_secs(5),
            backoff: Duration::from_millis(250),
            answer_bytes: 16 << 20,
        }
    }
}

/// Torii, as seen from here. Cheap to clone; clones share connections and pace.
#[derive(Clone)]
pub struct Upstream(Arc<Shared>);

struct Shared {
    base: String,
    http: reqwest::Client,
    limits: Limits,
    pacing: Pacing,
    clock: Clock,
    jitter: fn() -> f64,
}

impl Upstream {
    /// Torii at `base`, an address with the path that all operations share.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up, for example because the system's certificates cannot be read.
    pub fn new(
        base: &Url,
        limits: Limits,
        clock: Clock,
        jitter: fn() -> f64,
    ) -> Result<Self, reqwest::Error> {
        // An error only says that a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            .redirect(redirect::Policy::none())
            .connect_timeout(limits.connect)
            .timeout(limits.request)
            .tcp_nodelay(true)
            .gzip(true)
            .build()?;
        let base = base.as_str().trim_end_matches('/').to_owned();
        Ok(Self(Arc::new(Shared {
            base,
            http,
            limits,
            pacing: Pacing::default(),
            clock,
            jitter,
        })))
    }

    /// Calls a tool: checks the arguments, sends the request, brings back the answer.
    ///
    /// # Errors
    /// Whatever went wrong, in words for the assistant.
    pub async fn call(
        &self,
        tool: &'static Tool,
        caller: &Caller,
        given: Map<String, Value>,
    ) -> Outcome {
        let arguments = Arguments::check(tool, given)?;
        let key = caller
            .key(tool.credential)
            .ok_or(Failure::KeyMissing(tool.credential))?;
        let glue = tool
            .glue()
            .ok_or_else(|| Failure::InvalidRequest("the tool has no function".to_owned()))?;
        let call = Call(Arc::new(State {
            shared: Arc::clone(&self.0),
            tool,
            key: key.clone(),
            deadline: Instant::now() + self.0.limits.total,
            outcome: Mutex::default(),
        }));
        let client = Client::new_with_client(&self.0.base, self.0.http.clone(), call);
        glue(&client, arguments).await
    }
}

/// One tool call on its way. The generated client carries it from the builder to the hook.
#[derive(Clone)]
pub struct Call(Arc<State>);

struct State {
    shared: Arc<Shared>,
    tool: &'static Tool,
    key: Key,
    deadline: Instant,
    outcome: Mutex<Option<Outcome>>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.0.tool.name).finish()
    }
}

impl ClientHooks<Call> for Client {
    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let outcome = self.inner().0.run(request).await;
        *self
            .inner()
            .0
            .outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        Ok(Response::from(axum::http::Response::new("")))
    }
}

impl Client {
    /// The outcome of a request that the generated code has sent, or why it could not be sent.
    pub(crate) fn answer(
        &self,
        sent: Result<ResponseValue<ByteStream>, Error<ByteStream>>,
    ) -> Outcome {
        let outcome = self
            .inner()
            .0
            .outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        outcome.unwrap_or_else(|| {
            Err(match sent {
                Err(Error::InvalidRequest(reason)) => Failure::InvalidRequest(reason),
                Err(Error::CommunicationError(error)) => Failure::from_transport(&error, 0),
                _ => Failure::InvalidRequest("it was never sent".to_owned()),
            })
        })
    }
}

impl State {
    /// The whole exchange, within its time.
    async fn run(&self, mut request: Request) -> Outcome {
        self.address(&mut request);
        let outcome = match timeout_at(self.deadline, self.exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Timeout {
                seconds: self.shared.limits.total.as_secs(),
            }),
        };
        outcome.map_err(|failure| {
            if self.tool.repeatable {
                failure
            } else {
                failure.of_a_change()
            }
        })
    }

    /// Puts on the headers that are ours and takes off the one that progenitor adds.
    fn address(&self, request: &mut Request) {
        let accept = match self.tool.answer.kind {
            Kind::Json => "application/json",
            Kind::Redirect => "*/*",
        };
        let headers = request.headers_mut();
        headers.remove("api-version");
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        headers.insert(AUTHORIZATION, self.key.bearer());
    }

    /// Attempts, until one succeeds or another makes no sense.
    async fn exchange(&self, request: Request) -> Outcome {
        let Shared { limits, jitter, .. } = &*self.shared;
        let mut attempt = 0;
        loop {
            self.wait_for_turn().await?;
            let again = request.try_clone().ok_or(Failure::InvalidRequest(
                "its body cannot be sent".to_owned(),
            ))?;
            let failure = match self.attempt(again).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let pause = retry::pause(
                &failure,
                attempt,
                self.tool.repeatable,
                limits.backoff,
                jitter(),
            );
            let Some(at) = pause
                .map(|pause| Instant::now() + pause)
                .filter(|at| *at < self.deadline)
            else {
                return Err(failure);
            };
            tracing::debug!(
                tool = self.tool.name,
                attempt,
                failure = failure.word(),
                "trying again"
            );
            sleep_until(at).await;
            attempt += 1;
        }
    }

    /// Waits until the pace allows another request.
    async fn wait_for_turn(&self) -> Result<(), Failure> {
        let Some(rate) = self.tool.rate else {
            return Ok(());
        };
        let now = Instant::now();
        match self
            .shared
            .pacing
            .reserve(self.lane(), rate, now, self.deadline)
        {
            Ok(at) if at > now => sleep_until(at).await,
            Ok(_) => {}
            Err(at) => {
                return Err(Failure::RateLimited {
                    seconds: (at - now).as_secs() + 1,
                });
            }
        }
        Ok(())
    }

    /// One request and its answer.
    async fn attempt(&self, request: Request) -> Outcome {
        let Shared { http, limits, .. } = &*self.shared;
        let broke =
            |error: &reqwest::Error| Failure::from_transport(error, limits.request.as_secs());
        let is_download = self.tool.answer.kind == Kind::Redirect;
        let mut response = http.execute(request).await.map_err(|error| broke(&error))?;
        if is_download {
            response = download::follow(http, response, broke).await?;
        }
        if response.status().is_redirection() {
            return Err(download::unexpected(&response));
        }
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        let (status, url) = (response.status(), response.url().clone());
        let headers = std::mem::take(response.headers_mut());
        let body = read(response, limits.answer_bytes, broke).await?;
        if is_download {
            return Ok(download::file(&url, &headers, body));
        }
        Answer::read(status, &headers, body, self.tool.output_schema.is_some())
    }

    /// What an unsuccessful answer means.
    async fn refusal(&self, response: Response) -> Failure {
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = retry::after(response.headers(), self.shared.clock.now());
            if let Some(rate) = self.tool.rate {
                self.shared.pacing.spent(
                    self.lane(),
                    rate,
                    Instant::now() + Duration::from_secs(seconds),
                );
            }
            return Failure::RateLimited { seconds };
        }
        // An error's body only explains; without it the status still says enough.
        let body = read(response, EXPLANATION_BYTES, |_| Failure::CutOff)
            .await
            .unwrap_or_default();
        Failure::from_status(status, &body, self.tool.credential)
    }

    fn lane(&self) -> Lane {
        Lane {
            key: self.key.fingerprint(),
            tool: &self.tool.name,
        }
    }
}

/// Reads a body, up to a limit that counts decompressed bytes.
async fn read(
    mut response: Response,
    limit: usize,
    broke: impl Fn(&reqwest::Error) -> Failure,
) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broke(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
