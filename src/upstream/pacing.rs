//! Pacing: no key calls an operation more often than Torii documents.
//!
//! A generic cell rate: each key and operation has one instant, the time at which its allowance
//! would be whole again. A burst up to a minute's allowance passes at once; after that, calls are
//! spread evenly.
//!
//! Invariants: the time is passed in; the table stays small, since a whole allowance needs no
//! entry.

use std::{
    collections::HashMap,
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
pub(super) struct Lane {
    pub(super) key: u64,
    pub(super) tool: &'static str,
}

/// The allowances of all keys and operations.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    whole_at: Mutex<HashMap<Lane, Instant>>,
}

impl Pacing {
    /// Takes one call out of the allowance of `rate` calls a minute and says when it may go out;
    /// takes nothing when that is later than `latest`.
    pub(super) fn reserve(&self, lane: Lane, rate: u32, now: Instant, latest: Instant) -> Result<Instant, Instant> {
        let (gap, burst) = spread(rate);
        let mut lanes = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= SWEEP_AT {
            lanes.retain(|_, whole_at| *whole_at > now);
        }
        let whole_at = lanes.get(&lane).map_or(now, |at| (*at).max(now));
        let at = whole_at.checked_sub(burst).map_or(now, |at| at.max(now));
        if at > latest {
            return Err(at);
        }
        lanes.insert(lane, whole_at + gap);
        Ok(at)
    }

    /// Torii says the allowance is spent until `until`: nothing of this lane goes out before.
    pub(super) fn spent(&self, lane: Lane, rate: u32, until: Instant) {
        let (_, burst) = spread(rate);
        let mut lanes = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        let whole_at = lanes.entry(lane).or_insert(until);
        *whole_at = (*whole_at).max(until + burst);
    }
}

/// The time between calls when they are spread evenly, and how far ahead of that a burst may run.
fn spread(rate: u32) -> (Duration, Duration) {
    let gap = MINUTE / rate.max(1);
    (gap, MINUTE.saturating_sub(gap))
}
