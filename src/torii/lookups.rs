//! Remembers what Torii said about users and organizations, so that many sign-ins and refreshes cost few requests.
//!
//! Invariants:
//! - Each answer is asked for once at a time, however many wait for it, and is kept for [`Lookups::lifetime`].
//! - While Torii does not answer, its last answer is kept for up to [`GRACE`] longer. A refusal is told at once.
//! - The memory is bounded; callers pass in the clock.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use mcp_http::clock::{Clock, Timestamp};
use moka::future::Cache;

use super::directory::ToriiError;

#[cfg(test)]
mod tests;

/// How long an answer is kept beyond its lifetime while Torii does not answer.
pub(super) const GRACE: Duration = Duration::from_hours(1);
/// After what time without an answer Torii is asked again.
const FAILURE: Duration = Duration::from_secs(10);
/// After how many lookups of users within a minute all users are read instead.
const SINGLE_LOOKUPS: usize = 10;
const MINUTE: Duration = Duration::from_mins(1);
/// How many keys the lookups are counted for.
const MAX_KEYS: usize = 1000;

/// Answers by name.
pub(super) struct Lookups<T> {
    entries: Cache<String, Entry<T>>,
    lifetime: Duration,
    clock: Clock,
}

/// The last answer, or the failure of the last attempt if there is none that is young enough.
#[derive(Clone, Debug)]
struct Entry<T> {
    outcome: Result<T, ToriiError>,
    /// When Torii was last asked, and whether it answered.
    tried_at: Timestamp,
    is_answered: bool,
    /// When the answer is from.
    answered_at: Timestamp,
}

impl<T: Clone + Send + Sync + 'static> Lookups<T> {
    /// Answers that are kept for `lifetime`, of which there are at most `most`.
    pub(super) fn new(lifetime: Duration, most: u64, clock: Clock) -> Self {
        let policy = moka::policy::EvictionPolicy::lru();
        Self { entries: Cache::builder().max_capacity(most).eviction_policy(policy).build(), lifetime, clock }
    }

    /// Returns the answer of this name, for which `ask` asks if it is not known or too old.
    pub(super) async fn get(&self, name: &str, ask: impl Future<Output = Result<T, ToriiError>>) -> Result<T, ToriiError> {
        let now = self.clock.timestamp();
        let old = self.entries.get(name).await;
        let is_due = |entry: &Entry<T>| {
            let lifetime = if entry.is_answered { self.lifetime } else { FAILURE };
            entry.tried_at > now || entry.tried_at.after(lifetime) <= now
        };
        let attempt = async { Entry::next(ask.await, old, now, self.lifetime) };
        let entry = self.entries.entry_by_ref(name).or_insert_with_if(attempt, is_due);
        // boxed, since the future is large and other futures contain it
        Box::pin(entry).await.into_value().outcome
    }
}

impl<T> fmt::Debug for Lookups<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookups").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

impl<T> Entry<T> {
    fn next(answer: Result<T, ToriiError>, old: Option<Self>, now: Timestamp, lifetime: Duration) -> Self {
        match (answer, old) {
            (Err(error), Some(old))
                if error.is_transient() && old.outcome.is_ok() && old.answered_at.after(lifetime + GRACE) > now =>
            {
                tracing::warn!(%error, "the last answer of torii is used");
                Self { tried_at: now, is_answered: false, ..old }
            }
            (answer, _) => Self { is_answered: answer.is_ok(), outcome: answer, tried_at: now, answered_at: now },
        }
    }
}

/// Counts the lookups of users with each key.
#[derive(Debug, Default)]
pub(super) struct Demand(Mutex<HashMap<u64, VecDeque<Timestamp>>>);

impl Demand {
    /// Counts a lookup. Returns whether there were so many with this key within a minute that all users are better read at once.
    pub(super) fn is_high(&self, key: u64, now: Timestamp) -> bool {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MAX_KEYS {
            keys.retain(|_, times| times.back().is_some_and(|last| last.after(MINUTE) > now));
        }
        let times = keys.entry(key).or_default();
        times.push_back(now);
        while times.len() > SINGLE_LOOKUPS + 1 {
            times.pop_front();
        }
        times.len() > SINGLE_LOOKUPS && times.front().is_some_and(|first| first.after(MINUTE) > now)
    }
}
