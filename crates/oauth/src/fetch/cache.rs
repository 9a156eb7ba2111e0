//! A cache of fetched documents.
//!
//! Invariants: each URL is fetched once at a time, however many requests wait for it. A failure is cached too, briefly, and
//! never evicts the valid value of another URL. While a fetch fails, the last valid value is still returned until its grace period
//! ends; of an untrusted host only if the error is transient, since a permanent one removes it. If there is no permit to fetch, that
//! reveals nothing about the URL, so nothing is cached and other requests do not wait for it.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mcp_http::clock::{Clock, Timestamp};

use super::Error;

/// How long documents are cached, and how many.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The minimum lifetime, whatever the response specifies.
    pub min_lifetime: Duration,
    /// The lifetime if the response specifies none.
    pub default: Duration,
    /// The maximum lifetime.
    pub max_lifetime: Duration,
    /// The lifetime of a failure, and the time between two attempts.
    pub failure: Duration,
    /// How long an expired value is still returned while it cannot be fetched again.
    pub grace: Duration,
    /// Whether the last valid value is also returned after an error that is not transient.
    pub outlives_unusable: bool,
    /// How much memory the values may use, and again the outcomes of the last attempts, in bytes.
    pub bytes: u64,
}

impl Terms {
    /// For documents and JWK sets.
    pub const DOCUMENTS: Self = Self {
        min_lifetime: Duration::from_mins(5),
        default: Duration::from_hours(1),
        max_lifetime: Duration::from_hours(24),
        failure: Duration::from_mins(1),
        grace: Duration::from_hours(24),
        outlives_unusable: false,
        bytes: 8 << 20,
    };
    /// For URLs that the operator configured, whose recovery is to be noticed soon, and whose faults must not lock everybody out.
    pub const OPERATOR: Self = Self { failure: Duration::from_secs(10), outlives_unusable: true, ..Self::DOCUMENTS };
}

/// The result of a fetch: a value, and the lifetime that the response specifies.
pub type Fetched<T> = Result<(T, Option<Duration>), Error>;

/// How many times the memory of other values those may use that are kept.
const KEPT: u64 = 4;
/// How many values are kept for one user: more apps than people use with one server.
const KEPT_OF_USER: usize = 20;
/// For how many users it is known which values are kept.
const USERS: u64 = 20_000;
/// The memory that a cached value uses besides its content, with its key in the cache, in bytes.
const ENTRY_BYTES: usize = 1024;

/// A value that can be cached.
pub trait MemorySize {
    /// How much memory the value uses, approximately, in bytes.
    fn memory_size(&self) -> usize;
}

/// Values by URL.
pub struct Cache<T> {
    /// The outcome of the last attempt; failures, which anybody can cause, may fill it up.
    attempts: moka::future::Cache<String, Entry<T>>,
    values: moka::future::Cache<String, Entry<T>>,
    /// The values that others cannot evict.
    kept: moka::future::Cache<String, Entry<T>>,
    /// The URLs of the values that are kept for each user, the oldest first.
    of_user: moka::future::Cache<String, Arc<Mutex<VecDeque<String>>>>,
    terms: Terms,
    clock: Clock,
}

struct Entry<T> {
    outcome: Result<Arc<T>, Error>,
    /// When it was last fetched, or the last attempt was made.
    tried_at: Timestamp,
    fresh_until: Timestamp,
    /// Until when the value may be used if it cannot be fetched again.
    usable_until: Timestamp,
}

impl<T> Entry<T> {
    /// An entry without a result, because there was no permit to fetch.
    fn without_permit(now: Timestamp) -> Self {
        Self { outcome: Err(Error::Busy), tried_at: now, fresh_until: now, usable_until: now }
    }

    fn is_without_permit(&self) -> bool {
        matches!(self.outcome, Err(Error::Busy))
    }

    /// Whether the value may be used in place of one that cannot be fetched.
    fn is_usable(&self, now: Timestamp) -> bool {
        self.outcome.is_ok() && now < self.usable_until
    }
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self { outcome: self.outcome.clone(), ..*self }
    }
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("terms", &self.terms).finish_non_exhaustive()
    }
}

impl<T: MemorySize + Send + Sync + 'static> Cache<T> {
    /// Returns an empty cache.
    #[must_use]
    pub fn new(terms: Terms, clock: Clock) -> Self {
        let weigh = |url: &String, entry: &Entry<T>| {
            let content = entry.outcome.as_ref().map_or(0, |value| value.memory_size());
            u32::try_from(ENTRY_BYTES + url.len() + content).unwrap_or(u32::MAX)
        };
        let room = |bytes| {
            // the least recently used value is evicted first: a policy by frequency would never admit a large value in place of small ones
            let policy = moka::policy::EvictionPolicy::lru();
            moka::future::Cache::builder().weigher(weigh).max_capacity(bytes).eviction_policy(policy).build()
        };
        let of_user =
            moka::future::Cache::builder().max_capacity(USERS).eviction_policy(moka::policy::EvictionPolicy::lru()).build();
        Self { attempts: room(terms.bytes), values: room(terms.bytes), kept: room(KEPT * terms.bytes), of_user, terms, clock }
    }

    /// How much memory the values use, and the outcomes of the last attempts, in bytes.
    #[cfg(test)]
    pub(super) async fn memory_sizes(&self) -> [u64; 2] {
        self.values.run_pending_tasks().await;
        self.attempts.run_pending_tasks().await;
        [self.values.weighted_size(), self.attempts.weighted_size()]
    }

    /// Returns the value of a URL. Unless a fresh one is cached, acquires a permit with `network_permit` and calls `fetch`.
    ///
    /// # Errors
    /// Those of `network_permit`, and those of `fetch`, which are cached for [`Terms::failure`].
    pub async fn get<L>(
        &self,
        url: &str,
        network_permit: impl Future<Output = Result<L, Error>>,
        fetch: impl Future<Output = Fetched<T>>,
    ) -> Result<Arc<T>, Error> {
        self.get_or_fetch(url, network_permit, fetch, |entry, now| now < entry.fresh_until).await
    }

    /// Returns the value of a URL, and fetches it again unless the last attempt was within [`Terms::failure`].
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub async fn renew<L>(
        &self,
        url: &str,
        network_permit: impl Future<Output = Result<L, Error>>,
        fetch: impl Future<Output = Fetched<T>>,
    ) -> Result<Arc<T>, Error> {
        let pause = self.terms.failure;
        self.get_or_fetch(url, network_permit, fetch, |entry, now| now < entry.tried_at.after(pause)).await
    }

    /// Keeps the value of a URL for a user, where the values of others cannot evict it; of one user those that were kept last.
    pub async fn keep(&self, url: &str, user: &str) {
        if self.kept.contains_key(url) {
            return;
        }
        let Some(entry) = self.values.get(url).await else { return };
        self.kept.insert(url.to_owned(), entry).await;
        let oldest = {
            let urls = self.of_user.get_with(user.to_owned(), async { Arc::default() }).await;
            let mut urls = urls.lock().unwrap_or_else(PoisonError::into_inner);
            urls.push_back(url.to_owned());
            if urls.len() > KEPT_OF_USER { urls.pop_front() } else { None }
        };
        if let Some(oldest) = oldest {
            self.kept.invalidate(&oldest).await;
        }
    }

    /// The last valid value of a URL.
    async fn value(&self, url: &str) -> Option<Entry<T>> {
        match self.values.get(url).await {
            Some(entry) => Some(entry),
            None => self.kept.get(url).await,
        }
    }

    async fn get_or_fetch<L>(
        &self,
        url: &str,
        network_permit: impl Future<Output = Result<L, Error>>,
        fetch: impl Future<Output = Fetched<T>>,
        is_enough: impl Fn(&Entry<T>, Timestamp) -> bool + Send + Sync,
    ) -> Result<Arc<T>, Error> {
        // if the clock was set back, the age of a value is unknown
        let is_enough = |entry: &Entry<T>, now| entry.tried_at <= now && !entry.is_without_permit() && is_enough(entry, now);
        let now = self.clock.timestamp();
        for entry in [self.value(url).await, self.attempts.get(url).await].into_iter().flatten() {
            if is_enough(&entry, now) {
                return entry.outcome;
            }
        }
        // a request that waits here for its permit does not block others that need the same URL
        let _permit = match network_permit.await {
            Ok(network_permit) => network_permit,
            Err(error) => return self.stale_value(url, error).await,
        };
        let mut fetch = std::pin::pin!(fetch);
        loop {
            let (now, old) = (self.clock.timestamp(), self.value(url).await);
            let mut is_own = false;
            let attempt = async {
                is_own = true;
                match fetch.as_mut().await {
                    Err(Error::Busy) => Entry::without_permit(now),
                    fetched => self.store_outcome(url, self.entry(fetched, old.as_ref(), now)).await,
                }
            };
            let attempt = self.attempts.entry_by_ref(url).or_insert_with_if(attempt, |entry| !is_enough(entry, now));
            // boxed, since the future is large and other futures contain it
            let entry = Box::pin(attempt).await.into_value();
            match entry.outcome {
                Err(error @ Error::Busy) if is_own => return self.stale_value(url, error).await,
                // the request that fetched had no permit; this one may get one
                Err(Error::Busy) => {}
                outcome => return outcome,
            }
        }
    }

    /// The last valid value, for a request that could not fetch; its lifetime does not change.
    async fn stale_value(&self, url: &str, error: Error) -> Result<Arc<T>, Error> {
        let now = self.clock.timestamp();
        self.value(url).await.filter(|entry| entry.is_usable(now)).map_or(Err(error), |entry| entry.outcome)
    }

    /// Stores a valid value where failures cannot evict it.
    async fn store_outcome(&self, url: &str, entry: Entry<T>) -> Entry<T> {
        if entry.outcome.is_ok() {
            self.values.insert(url.to_owned(), entry.clone()).await;
            if self.kept.contains_key(url) {
                self.kept.insert(url.to_owned(), entry.clone()).await;
            }
        } else {
            self.values.invalidate(url).await;
            self.kept.invalidate(url).await;
        }
        entry
    }

    fn entry(&self, fetched: Fetched<T>, old: Option<&Entry<T>>, now: Timestamp) -> Entry<T> {
        let Terms { min_lifetime, default, max_lifetime, failure, grace, outlives_unusable, .. } = self.terms;
        match (fetched, old) {
            (Ok((value, lifetime)), _) => {
                let fresh_until = now.after(lifetime.unwrap_or(default).clamp(min_lifetime, max_lifetime));
                Entry { outcome: Ok(Arc::new(value)), tried_at: now, fresh_until, usable_until: fresh_until.after(grace) }
            }
            (Err(error), Some(old)) if (error.is_transient() || outlives_unusable) && old.is_usable(now) => {
                tracing::warn!(%error, "an older copy is used");
                Entry { tried_at: now, fresh_until: old.fresh_until.max(now.after(failure)), ..old.clone() }
            }
            (Err(error), _) => Entry { outcome: Err(error), tried_at: now, fresh_until: now.after(failure), usable_until: now },
        }
    }
}
