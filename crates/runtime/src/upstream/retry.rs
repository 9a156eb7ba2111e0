//! When to retry a request. These functions only decide; they do not wait.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::tool_error::ErrorKind;

#[cfg(test)]
mod tests;

/// The highest number of retries of a request.
const REPEATS: u32 = 2;
/// The wait after a `429` without a valid `Retry-After`: the API's limits are per minute.
const UNSAID: Duration = Duration::from_mins(1);
/// The longest wait that is told; the rate limit blocks calls for less ([`super::rate_limit`]).
const MAX_WAIT: Duration = Duration::from_hours(24);

/// How long to wait before attempt number `attempt + 1`; `None` to give up.
///
/// A rate limit may be waited out for any call, since nothing was done; other failures only if the
/// call is repeatable. `jitter` is in `0.0..1.0` and keeps callers that failed together from coming
/// back together.
pub(super) fn pause(error: ErrorKind, attempt: u32, repeatable: bool, backoff: Duration, jitter: f64) -> Option<Duration> {
    if attempt >= REPEATS {
        return None;
    }
    match error {
        ErrorKind::RateLimited { seconds } => Some(Duration::from_secs(seconds) + backoff.mul_f64(jitter)),
        error if repeatable && error.is_transient() => Some(backoff.mul_f64(0.5 + jitter) * 2_u32.pow(attempt)),
        _ => None,
    }
}

/// The wait that `Retry-After` specifies, in seconds or as a date, rounded up to whole seconds.
pub(super) fn after(headers: &HeaderMap, now: SystemTime) -> u64 {
    let value = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::trim);
    let wait = value.and_then(|value| match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(value).ok().map(|at| at.duration_since(now).unwrap_or_default()),
    });
    let wait = wait.unwrap_or(UNSAID).min(MAX_WAIT);
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
