//! Client-side rate limiting: no API key calls an operation more often than the API documents.
//!
//! For each key and operation, the times of the last calls are stored, as many as the rate per minute. A burst of up to that many
//! calls is sent at once, and the next call waits until a minute has passed since the oldest of them.
//!
//! Invariants: no minute contains more calls than documented; callers pass in the current time; the table stays small, since an
//! entry without calls in the last minute is dropped.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

#[cfg(test)]
mod tests;

const MINUTE: Duration = Duration::from_mins(1);
/// From this many entries on, expired ones are dropped.
const SWEEP_AT: usize = 1024;

/// What a rate applies to: one API key and one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RateKey {
    pub(super) key: u64,
    pub(super) tool: &'static str,
}

/// The calls of all keys and operations in the last minute.
#[derive(Debug, Default)]
pub(super) struct RateLimits {
    by_key: Mutex<HashMap<RateKey, Calls>>,
}

/// The calls of one key and operation, oldest first.
#[derive(Debug, Default)]
struct Calls {
    sent_at: VecDeque<Instant>,
    blocked_until: Option<Instant>,
}

impl RateLimits {
    /// Reserves one of `rate` calls per minute and returns the time at which it may be sent. If that is later than `latest`, it
    /// reserves nothing and returns that time as the error.
    pub(super) fn reserve(&self, rate_key: RateKey, rate: u32, now: Instant, latest: Instant) -> Result<Instant, Instant> {
        let rate = usize::try_from(rate.max(1)).unwrap_or(usize::MAX);
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if by_key.len() >= SWEEP_AT {
            by_key.retain(|_, calls| calls.matter(now));
        }
        let calls = by_key.entry(rate_key).or_default();
        while calls.sent_at.len() > rate {
            calls.sent_at.pop_front();
        }
        let oldest = calls.sent_at.front().filter(|_| calls.sent_at.len() == rate);
        let at = [oldest.map(|sent_at| *sent_at + MINUTE), calls.blocked_until].into_iter().flatten().fold(now, Instant::max);
        if at > latest {
            return Err(at);
        }
        calls.sent_at.push_back(at);
        Ok(at)
    }

    /// Records that the API has rate-limited this key and operation: no call is sent before `until`.
    pub(super) fn exhausted(&self, rate_key: RateKey, until: Instant) {
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = by_key.entry(rate_key).or_default();
        calls.blocked_until = calls.blocked_until.max(Some(until));
    }
}

impl Calls {
    /// Whether these entries can still delay a call.
    fn matter(&self, now: Instant) -> bool {
        self.sent_at.back().is_some_and(|sent_at| *sent_at + MINUTE > now) || self.blocked_until.is_some_and(|until| until > now)
    }
}
