//! Pacing: no key calls an operation more often than the API documents.
//!
//! The times of the last calls of each key and operation are kept, as many as a minute allows: a burst up to that passes at
//! once, and the next call waits until a minute has passed since the oldest.
//!
//! Invariants: in no minute are more calls sent than documented; the time is passed in; the table stays small, since a lane
//! that has been quiet for a minute needs no entry.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

#[cfg(test)]
mod tests;

const MINUTE: Duration = Duration::from_mins(1);
/// Beyond this many entries, those that say nothing are dropped.
const SWEEP_AT: usize = 1024;

/// What is paced together: one key and one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RateKey {
    pub(super) key: u64,
    pub(super) tool: &'static str,
}

/// The calls of all keys and operations in the last minute.
#[derive(Debug, Default)]
pub(super) struct RateLimits {
    lanes: Mutex<HashMap<RateKey, Calls>>,
}

/// The calls of one lane, oldest first.
#[derive(Debug, Default)]
struct Calls {
    sent_at: VecDeque<Instant>,
    blocked_until: Option<Instant>,
}

impl RateLimits {
    /// Takes one of `rate` calls a minute and says when it may go out; takes nothing when that is later than `latest`.
    pub(super) fn reserve(&self, rate_key: RateKey, rate: u32, now: Instant, latest: Instant) -> Result<Instant, Instant> {
        let rate = usize::try_from(rate.max(1)).unwrap_or(usize::MAX);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= SWEEP_AT {
            lanes.retain(|_, calls| calls.matter(now));
        }
        let calls = lanes.entry(rate_key).or_default();
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

    /// The API says the allowance is spent until `until`: nothing of this lane goes out before.
    pub(super) fn spent(&self, rate_key: RateKey, until: Instant) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = lanes.entry(rate_key).or_default();
        calls.blocked_until = calls.blocked_until.max(Some(until));
    }
}

impl Calls {
    /// Whether they may still hold a call back.
    fn matter(&self, now: Instant) -> bool {
        self.sent_at.back().is_some_and(|sent_at| *sent_at + MINUTE > now) || self.blocked_until.is_some_and(|until| until > now)
    }
}
