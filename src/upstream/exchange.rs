//! One call's requests: in its pace, within its time, tried again where that may help.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Request, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Outcome, Shared, answer::Answer, download, failure::Failure, pacing::Lane, preview::preview, retry};
use crate::{
    caller::Key,
    catalog::{Kind, Tool},
    json_limits::JsonCounter,
    memory_budget::{BudgetExhausted, Reservation, UserId},
};

/// How much of an error's body is read.
const EXPLANATION_BYTES: usize = 64 << 10;
/// What an answer may take in memory until it is shortened, in bytes.
const ANSWER_MEMORY: usize = 192 << 20;
/// How often its text may be there: as it came, cleaned, and what was made of it.
const COPIES: usize = 3;
/// What finding a value in the text takes, in bytes, and what the name of a member takes besides.
const VALUE_BYTES: usize = 32;
const MEMBER_BYTES: usize = 128;

/// Everything one call needs to talk to Torii.
pub(super) struct Exchange {
    pub(super) shared: Arc<Shared>,
    pub(super) tool: &'static Tool,
    pub(super) key: Key,
    pub(super) deadline: Instant,
    /// Who calls, for a share of the calls in flight and of the memory for large answers.
    pub(super) user: UserId,
    /// Whether the request is only shown.
    pub(super) is_dry: bool,
}

impl Exchange {
    /// The whole exchange, within its time.
    pub(super) async fn run(&self, mut request: Request) -> Outcome {
        if self.is_dry {
            return Ok(preview(&request));
        }
        self.address(&mut request);
        let outcome = self.attempts(request).await;
        outcome
            .map_err(|failure| if self.tool.effect == "read" && self.tool.repeatable { failure } else { failure.of_a_change() })
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
    async fn attempts(&self, request: Request) -> Outcome {
        let Shared { limits, jitter, .. } = &*self.shared;
        let mut attempt = 0;
        let mut failed: Option<Failure> = None;
        loop {
            let reservation = match (self.begin().await, failed.take()) {
                (Ok(reservation), _) => reservation,
                // an attempt that may have done something says more than that there was no other
                (Err(_), Some(failed)) if !matches!(failed, Failure::RateLimited { .. }) => return Err(failed),
                (Err(failure), _) => return Err(failure),
            };
            let copy = request.try_clone().ok_or_else(|| Failure::InvalidRequest("its body cannot be sent twice".to_owned()))?;
            // one timer for both limits: setting one may wake the thread that waits for input (decision 5)
            let (limit, until) = self.time_left();
            let failure = match timeout_at(until, self.attempt(copy, reservation)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(Failure::NotFound(_))) if attempt > 0 && self.tool.method == "DELETE" => Failure::Vanished,
                Ok(Err(failure)) => failure,
                Err(_) => Failure::Timeout { seconds: limit.as_secs() },
            };
            let is_repeatable = self.tool.repeatable;
            let pause = retry::pause(&failure, attempt, is_repeatable, limits.backoff, jitter());
            let again_at = pause.map(|pause| Instant::now() + pause);
            let Some(again_at) = again_at.filter(|at| *at <= self.latest_start()) else {
                return Err(failure);
            };
            tracing::debug!(tool = self.tool.name, attempt, failure = failure.word(), "again");
            failed = Some(failure);
            sleep_until(again_at).await;
            attempt += 1;
        }
    }

    /// Waits until another request may be sent.
    async fn begin(&self) -> Result<Reservation, Failure> {
        self.wait_for_turn().await?;
        let mut reservation = self.shared.memory.begin(self.user.clone());
        reservation.acquire_call().await.map_err(|BudgetExhausted| Failure::TooManyCalls)?;
        Ok(reservation)
    }

    /// The limit that a request runs into first, and when.
    fn time_left(&self) -> (Duration, Instant) {
        let limits = &self.shared.limits;
        let until = Instant::now() + limits.request;
        if until < self.deadline { (limits.request, until) } else { (limits.total, self.deadline) }
    }

    /// Waiting longer than this would leave too little time for the answer, and end in a timeout that explains nothing.
    fn latest_start(&self) -> Instant {
        self.deadline - self.shared.limits.request / 4
    }

    /// Waits until the pace allows another request.
    async fn wait_for_turn(&self) -> Result<(), Failure> {
        let Some(rate) = self.tool.rate.filter(|_| self.shared.limits.is_paced) else {
            return Ok(());
        };
        let now = Instant::now();
        let turn = self.shared.pacing.reserve(self.lane(), rate, now, self.latest_start());
        let at = turn.map_err(|at| {
            let seconds = (at - now).as_secs() + 1;
            Failure::RateLimited { seconds }
        })?;
        if at > now {
            sleep_until(at).await;
        }
        Ok(())
    }

    /// One request and its answer.
    async fn attempt(&self, request: Request, mut reservation: Reservation) -> Outcome {
        let Shared { http, files, limits, .. } = &*self.shared;
        let broke = |error: &reqwest::Error| Failure::from_transport(error, limits.request.as_secs());
        let is_download = self.tool.answer.kind == Kind::Redirect;
        let mut response = http.execute(request).await.map_err(|error| broke(&error))?;
        if is_download {
            response = download::follow(files, response, broke).await?;
        }
        if response.status().is_redirection() {
            return Err(download::unexpected(&response));
        }
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        let (status, url) = (response.status(), response.url().clone());
        let headers = std::mem::take(response.headers_mut());
        let body = self.read_answer(response, &mut reservation, broke).await?;
        let answer = if is_download {
            download::file(&url, &headers, body)
        } else {
            Answer::read(status, &headers, body, self.tool.describes_its_answer())?
        };
        Ok(Answer { reservation: Some(Arc::new(reservation)), ..answer })
    }

    /// Reads the body of a successful answer, and reserves memory for it. Of large ones, only one at a time goes on to be parsed: it
    /// takes a multiple of its text, but not for long.
    async fn read_answer(
        &self,
        mut response: Response,
        reservation: &mut Reservation,
        broke: impl Fn(&reqwest::Error) -> Failure,
    ) -> Result<Vec<u8>, Failure> {
        let Shared { limits, parsing, .. } = &*self.shared;
        let limit = limits.answer_bytes;
        let announced =
            response.content_length().and_then(|length| usize::try_from(length).ok()).filter(|length| *length <= limit);
        let (mut body, mut counter) = (Vec::new(), JsonCounter::default());
        while let Some(chunk) = response.chunk().await.map_err(|error| broke(&error))? {
            let length = body.len() + chunk.len();
            if length > limit {
                return Err(Failure::TooLarge { limit });
            }
            if self.tool.answer.kind == Kind::Json {
                counter.add(&chunk);
            }
            if COPIES * length + VALUE_BYTES * counter.values() + MEMBER_BYTES * counter.members() > ANSWER_MEMORY {
                return Err(Failure::TooManyValues);
            }
            reservation.grow(length).await.map_err(|BudgetExhausted| Failure::Busy)?;
            if reservation.is_large() {
                // once, and no more than that
                body.reserve_exact(announced.unwrap_or_default().saturating_sub(body.len()));
            }
            body.extend_from_slice(&chunk);
        }
        if reservation.is_large() {
            reservation.acquire(parsing).await.map_err(|BudgetExhausted| Failure::Busy)?;
        }
        Ok(body)
    }

    /// What an unsuccessful answer means.
    async fn refusal(&self, response: Response) -> Failure {
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = retry::after(response.headers(), self.shared.clock.now());
            if self.tool.rate.is_some() {
                let until = Instant::now() + Duration::from_secs(seconds);
                self.shared.pacing.spent(self.lane(), until);
            }
            return Failure::RateLimited { seconds };
        }
        // An error's body only explains; without it, or when it repeats the key, the status still says enough.
        let body = read_explanation(response).await.unwrap_or_default();
        let body = if self.key.is_in(&body) { Vec::new() } else { body };
        Failure::from_status(status, &body, self.tool.credential)
    }

    fn lane(&self) -> Lane {
        Lane { key: self.key.fingerprint(), tool: &self.tool.name }
    }
}

/// The body of an error, unless it is too large or breaks off.
async fn read_explanation(mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > EXPLANATION_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}
