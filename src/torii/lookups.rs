//! Remembers what Torii said about users and organizations, so that many sign-ins and refreshes cost few requests.
//!
//! Invariants:
//! - Each answer is asked for once at a time, however many wait for it, and is used until [`Lookups::lifetime`] after Torii gave it.
//! - While Torii does not answer, its last answer is used for up to [`GRACE`] longer. A refusal is told at once.
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
/// How long nobody else reads all users after somebody has begun to.
const BETWEEN_READS: Duration = Duration::from_mins(3);
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

    /// Returns the answer of this name, for which `ask` asks if it is not known or too old. `ask` also returns when Torii gave the answer.
    pub(super) async fn get(
        &self,
        name: &str,
        ask: impl Future<Output = Result<(T, Timestamp), ToriiError>>,
    ) -> Result<T, ToriiError> {
        let now = self.clock.timestamp();
        let old = self.entries.get(name).await;
        let is_due = |entry: &Entry<T>| {
            let until = if entry.is_answered { entry.answered_at.after(self.lifetime) } else { entry.tried_at.after(FAILURE) };
            entry.tried_at > now || until <= now
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
    fn next(answer: Result<(T, Timestamp), ToriiError>, old: Option<Self>, now: Timestamp, lifetime: Duration) -> Self {
        match (answer, old) {
            (Err(error), Some(old))
                if error.is_transient() && old.outcome.is_ok() && old.answered_at.after(lifetime + GRACE) > now =>
            {
                tracing::warn!(%error, "the last answer of torii is used");
                Self { tried_at: now, is_answered: false, ..old }
            }
            (Ok((answer, answered_at)), _) => Self { outcome: Ok(answer), tried_at: now, is_answered: true, answered_at },
            (Err(error), _) => Self { outcome: Err(error), tried_at: now, is_answered: false, answered_at: now },
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

/// All users of each key, by email address with ASCII letters in lower case: other letters have look-alikes.
#[derive(Debug)]
pub(super) struct Directories<T>(Mutex<HashMap<u64, Directory<T>>>);

#[derive(Debug)]
struct Directory<T> {
    users: HashMap<String, T>,
    read_at: Timestamp,
    /// When somebody last began to read it; the users are those of an earlier read until then.
    begun_at: Timestamp,
}

impl<T> Default for Directories<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Directories<T> {
    /// Whether all users of a key are to be read: there are none that are younger than `lifetime`, and nobody has begun to read them in the
    /// last minutes. If so, the caller has begun.
    pub(super) fn is_due(&self, key: u64, lifetime: Duration, now: Timestamp) -> bool {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let never = Timestamp(i64::MIN / 2);
        let directory = keys.entry(key).or_insert_with(|| Directory { users: HashMap::new(), read_at: never, begun_at: never });
        let is_due = directory.read_at.after(lifetime) <= now && directory.begun_at.after(BETWEEN_READS) <= now;
        if is_due {
            directory.begun_at = now;
        }
        is_due
    }

    /// Stores what was read, if it could be.
    pub(super) fn put(&self, key: u64, users: Option<HashMap<String, T>>, read_at: Timestamp) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(directory), Some(users)) = (keys.get_mut(&key), users) {
            *directory = Directory { users, read_at, begun_at: directory.begun_at };
        }
    }

    /// A user among those that are younger than `lifetime`, and when they were read.
    pub(super) fn find(&self, key: u64, email: &str, lifetime: Duration, now: Timestamp) -> Option<(T, Timestamp)> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let directory = keys.get(&key).filter(|directory| directory.read_at.after(lifetime) > now)?;
        Some((directory.users.get(&email.to_ascii_lowercase())?.clone(), directory.read_at))
    }
}
