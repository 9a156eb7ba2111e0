//! The requests of one call: sent within the rate limit and the time limits, retried where that may help, and their responses
//! read.

use std::{sync::Arc, time::Duration};

use mcp_http::caller::Key;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::{
    task::yield_now,
    time::{Instant, sleep_until, timeout_at},
};

use super::{Call, Mode, Outcome, RawResponse, Received, Shared, ToolFn, download, retry};
use crate::{
    arguments::Arguments,
    catalog::{Effect, Method, ResponseKind, Tool},
    json_limits::JsonCounter,
    large_work,
    memory_budget::{BudgetExhausted, Reservation},
    tool_error::{ErrorKind, ToolError},
    tool_output::{ToolOutput, is_json},
    upstream::rate_limit::{MAX_BLOCK, RateKey, Sender},
};

/// How many bytes of an error response are read.
const EXPLANATION_BYTES: usize = 64 << 10;
/// How much memory a response may need until it is shortened, in bytes.
const RESPONSE_MEMORY: usize = 192 << 20;
/// How many bytes of a response are read until others get a turn.
const BETWEEN_YIELDS: usize = 128 << 10;
/// How many copies of its text may exist at once: as received, cleaned, and as the output.
const COPIES: usize = 3;
/// The memory for locating a value in the text, and the additional memory for a member's name, in bytes.
const VALUE_BYTES: usize = 32;
const MEMBER_BYTES: usize = 128;
/// How much memory a response may need before it counts as large, however short its text is, in bytes.
const MEDIUM_MEMORY: usize = 8 << 20;
/// The values of a response of this length take less than [`MEDIUM_MEMORY`], in bytes.
const UNCOUNTED: usize = 128 << 10;
/// How many pieces a response may arrive in. Each costs the same, so single bytes would cost far more than their number.
const MAX_CHUNKS: usize = 1 << 16;

/// Everything that one call needs to send requests to the API.
pub(super) struct Exchange {
    shared: Arc<Shared>,
    tool: &'static Tool,
    key: Option<Key>,
    deadline: Instant,
    /// The user, who gets a share of the concurrent calls and of the memory for large responses.
    user: Option<Arc<str>>,
    turn: Turn,
}

/// Whether a request may wait for the rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It waits for its turn, and is retried where that may help.
    Waits,
    /// It is sent at once or not at all.
    AtOnce,
}

impl Exchange {
    /// An exchange whose deadline counts from now.
    pub(super) fn new(
        shared: Arc<Shared>,
        tool: &'static Tool,
        key: Option<Key>,
        (user, turn): (Option<Arc<str>>, Turn),
    ) -> Self {
        let deadline = Instant::now() + shared.limits.total;
        Self { shared, tool, key, deadline, user, turn }
    }

    /// Runs the whole exchange within its deadline.
    pub(super) async fn run(&self, function: ToolFn, arguments: Arguments) -> Outcome {
        let outcome = self.attempts(function, &arguments).await;
        let may_be_repeated = self.tool.effect == Effect::Read && self.tool.repeatable;
        outcome.map_err(|error| {
            let error = self.with_missing_argument(error, &arguments);
            if may_be_repeated { error } else { error.of_a_change() }
        })
    }

    /// Explains the error of an API that requires an argument that its document says is optional.
    fn with_missing_argument(&self, error: ToolError, arguments: &Arguments) -> ToolError {
        let schemas = self.tool.input_schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let mut missing = schemas.filter(|(name, _)| !arguments.values().contains_key(*name));
        match missing.find(|(name, _)| error.demands(name)) {
            Some((name, schema)) => {
                let choices = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
                error.with_missing_argument(name, &choices.filter_map(Value::as_str).collect::<Vec<_>>())
            }
            None => error,
        }
    }

    /// Sends one attempt and reads its response, whatever its status.
    pub(super) async fn raw(&self, function: ToolFn, arguments: Arguments) -> Result<RawResponse, ToolError> {
        let mut reservation = self.acquire_permits().await?;
        let (limit, until) = self.time_left();
        let exchange = async {
            let call = Call::new(Arc::clone(&self.shared), self.tool, self.key.clone(), Mode::Send);
            let mut received = function(call, arguments).await?;
            let transport_error = |error: &reqwest::Error| ToolError::from_transport(error, limit.as_secs());
            let body = self.read_body(&mut received, &mut reservation, transport_error).await?;
            Ok(RawResponse { status: received.status, headers: received.headers, body })
        };
        timeout_at(until, exchange).await.unwrap_or_else(|_| Err(ToolError::timeout(limit.as_secs())))
    }

    /// Sends attempts until one succeeds or a retry is not possible.
    async fn attempts(&self, function: ToolFn, arguments: &Arguments) -> Outcome {
        let Shared { limits, jitter, .. } = &*self.shared;
        let mut attempt = 0;
        let mut failed: Option<ToolError> = None;
        loop {
            let reservation = match (self.acquire_permits().await, failed.take()) {
                (Ok(reservation), _) => reservation,
                // the error of an attempt that was sent says more than the error of one that could not be sent
                (Err(_), Some(failed)) if !matches!(failed.kind, ErrorKind::RateLimited { .. }) => return Err(failed),
                (Err(error), _) => return Err(error),
            };
            // one timer for both limits, since setting a timer may wake the thread that waits for input (decision 5)
            let (limit, until) = self.time_left();
            let error = match timeout_at(until, self.attempt(function, arguments.clone(), reservation)).await {
                Ok(Ok(output)) => return Ok(output),
                Ok(Err(error)) if error.kind == ErrorKind::NotFound && attempt > 0 && self.tool.method == Method::Delete => {
                    ToolError::vanished()
                }
                Ok(Err(error)) => error,
                Err(_) => ToolError::timeout(limit.as_secs()),
            };
            let is_repeatable = self.tool.repeatable;
            let pause = retry::pause(error.kind, attempt, is_repeatable, limits.backoff, jitter());
            let again_at = pause.map(|pause| Instant::now() + pause);
            let Some(again_at) = again_at.filter(|at| *at <= self.latest_start()) else {
                return Err(error);
            };
            tracing::debug!(tool = self.tool.name, attempt, failure = error.kind.name(), "again");
            failed = Some(error);
            sleep_until(again_at).await;
            attempt += 1;
        }
    }

    /// Waits until another request may be sent, and counts it as in flight.
    async fn acquire_permits(&self) -> Result<Reservation, ToolError> {
        self.wait_for_rate_limit().await?;
        let mut reservation = self.shared.memory.begin(self.user.as_ref());
        reservation.acquire_call().await.map_err(|BudgetExhausted| ToolError::too_many_calls())?;
        Ok(reservation)
    }

    /// The time limit that a request reaches first, and its deadline.
    fn time_left(&self) -> (Duration, Instant) {
        let limits = &self.shared.limits;
        let until = Instant::now() + limits.request;
        if until < self.deadline { (limits.request, until) } else { (limits.total, self.deadline) }
    }

    /// The latest start of a request: a later one would have too little time for its response and end in an uninformative
    /// timeout.
    fn latest_start(&self) -> Instant {
        match self.turn {
            Turn::Waits => self.deadline - self.shared.limits.request / 4,
            Turn::AtOnce => Instant::now(),
        }
    }

    /// Waits until the rate limit allows another request.
    async fn wait_for_rate_limit(&self) -> Result<(), ToolError> {
        let Some(rate) = self.tool.rate.filter(|_| self.shared.limits.is_rate_limited) else {
            return Ok(());
        };
        let now = Instant::now();
        let sender = Sender::User(self.user.clone());
        let at = self.shared.rate_limits.reserve((self.rate_key(), &sender), rate, now, self.latest_start());
        let at = at.map_err(|at| ToolError::rate_limited(seconds_until(at, now)))?;
        if at > now {
            sleep_until(at).await;
        }
        Ok(())
    }

    /// Sends one request and reads its response.
    async fn attempt(&self, function: ToolFn, arguments: Arguments, mut reservation: Reservation) -> Outcome {
        let Shared { files, limits, .. } = &*self.shared;
        let transport_error = |error: &reqwest::Error| ToolError::from_transport(error, limits.request.as_secs());
        let is_download = self.tool.response.kind == ResponseKind::Redirect;
        let call = Call::new(Arc::clone(&self.shared), self.tool, self.key.clone(), Mode::Send);
        let mut received = function(call, arguments).await?;
        if self.tool.rate.is_some() && received.status != StatusCode::TOO_MANY_REQUESTS {
            self.shared.rate_limits.answered(self.rate_key(), Instant::now());
        }
        if is_download {
            received = download::follow(files, received, transport_error).await?;
        }
        if received.status.is_redirection() {
            return Err(download::unexpected(&received));
        }
        if !received.status.is_success() {
            return Err(self.refusal(received).await);
        }
        let body = self.read_body(&mut received, &mut reservation, transport_error).await?;
        let (Received { status, url, headers, .. }, length) = (received, body.len());
        let is_described = self.tool.describes_response();
        let is_content = self.tool.response.kind == ResponseKind::Content && length > 0;
        let key = self.key.clone();
        let read = move || {
            if is_download || (is_content && !is_json(&headers)) {
                Ok(download::file(&url, &headers, body))
            } else {
                // a successful page is a sign-in of a network, or of a proxy
                let page = ToolError::from_page(status, &headers, &body, || key.is_some_and(|key| key.is_in(&body)));
                page.map_or_else(|| ToolOutput::read(status, &headers, body, is_described), Err)
            }
        };
        let output = large_work::run(length, read).await.unwrap_or(Err(ToolError::not_json()))?;
        reservation.end_work();
        Ok(output.holding(reservation))
    }

    /// Reads the body of a successful response, and reserves memory for it. Only one large body at a time is passed on to be
    /// parsed: parsing takes a multiple of its text, but only briefly.
    async fn read_body(
        &self,
        received: &mut Received,
        reservation: &mut Reservation,
        transport_error: impl Fn(&reqwest::Error) -> ToolError,
    ) -> Result<Vec<u8>, ToolError> {
        let Shared { limits, parsing, .. } = &*self.shared;
        let limit = limits.response_bytes;
        let announced = received.announced().filter(|length| *length <= limit);
        let mut body = Vec::with_capacity(announced.unwrap_or_default().min(UNCOUNTED));
        let (mut counter, mut chunks) = (JsonCounter::default(), 0);
        let mut yield_at = BETWEEN_YIELDS;
        let is_counted = self.tool.response.kind == ResponseKind::Json || is_json(&received.headers);
        while let Some(chunk) = received.chunk().await {
            let chunk = chunk.map_err(|error| transport_error(&error))?;
            let length = body.len() + chunk.len();
            if length > limit {
                return Err(ToolError::too_large(limit));
            }
            chunks += 1;
            if chunks > MAX_CHUNKS {
                return Err(ToolError::too_many_pieces(MAX_CHUNKS));
            }
            // the values of a short response take little memory, however many they are
            if is_counted && length > UNCOUNTED {
                if body.len() <= UNCOUNTED {
                    counter.add(&body);
                }
                counter.add(&chunk);
            }
            let memory = COPIES * length + VALUE_BYTES * counter.values() + MEMBER_BYTES * counter.members();
            if memory > RESPONSE_MEMORY {
                return Err(ToolError::too_many_values());
            }
            let size = if memory > MEDIUM_MEMORY { memory } else { length };
            reservation.grow(size).await.map_err(|BudgetExhausted| ToolError::busy())?;
            if reservation.is_large() {
                // reserve the announced length once, without over-allocating
                body.reserve_exact(announced.unwrap_or_default().saturating_sub(body.len()));
            }
            body.extend_from_slice(&chunk);
            if body.len() >= yield_at {
                // A compressed response needs no input for a long time, and would keep everybody else from running.
                yield_at = body.len() + BETWEEN_YIELDS;
                yield_now().await;
            }
        }
        if reservation.is_large() {
            reservation.acquire(parsing).await.map_err(|BudgetExhausted| ToolError::busy())?;
        }
        Ok(body)
    }

    /// The error for an unsuccessful response.
    async fn refusal(&self, mut received: Received) -> ToolError {
        let status = received.status;
        if status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = retry::after(&received.headers, self.shared.clock.now());
            if self.tool.rate.is_some() {
                self.shared.rate_limits.exhausted(self.rate_key(), Instant::now(), Duration::from_secs(seconds));
            }
            return ToolError::rate_limited(seconds.min(MAX_BLOCK.as_secs()));
        }
        // The body of an error is only an explanation. If it is missing, or contains the key, the status is enough.
        let body = read_explanation(&mut received).await.unwrap_or_default();
        let is_secret = self.key.as_ref().is_some_and(|key| key.is_in(&body));
        if let Some(error) = ToolError::from_page(status, &received.headers, &body, || is_secret) {
            return error;
        }
        let body = if is_secret { Vec::new() } else { body };
        let variable = self.tool.credential.as_ref().map(|credential| credential.variable.as_str());
        ToolError::from_status(status, &body, variable.unwrap_or_default())
    }

    fn rate_key(&self) -> RateKey {
        RateKey { key: self.key.as_ref().map_or(0, Key::fingerprint), tool: &self.tool.name }
    }
}

/// The seconds from now until a time, rounded up; at least one.
pub(super) fn seconds_until(at: Instant, now: Instant) -> u64 {
    at.saturating_duration_since(now).as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u64::MAX)
}

/// The beginning of the body of an error response, unless it is incomplete. That of a longer one is no JSON, but may be a page with a
/// title.
async fn read_explanation(received: &mut Received) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = received.chunk().await {
        let chunk = chunk.ok()?;
        let left = EXPLANATION_BYTES - body.len();
        body.extend_from_slice(chunk.get(..left).unwrap_or(&chunk));
        if chunk.len() > left {
            break;
        }
    }
    Some(body)
}
