//! What was fetched, kept for a while.
//!
//! Invariants: an address is fetched once at a time, however many wait for it; a failure is kept too, briefly, and never in
//! the place of another address's good copy; while a later fetch fails for reasons that may pass, the last good copy still
//! serves until its grace is over. What its owner took away or changed for the worse is gone. Who finds no room to fetch learns
//! nothing about an address, so nothing is kept of that, and others do not wait for it.

use std::{fmt, sync::Arc, time::Duration};

use mcp_http::clock::{Clock, Timestamp};

use super::Error;

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// At least this long, whatever the response says.
    pub least: Duration,
    /// When the response says nothing.
    pub unsaid: Duration,
    /// At most.
    pub most: Duration,
    /// A failure, and the time between two attempts.
    pub failure: Duration,
    /// A good copy after its time, while fetching it anew fails.
    pub grace: Duration,
    /// How many addresses, and as many failures.
    pub entries: u64,
}

impl Terms {
    /// For documents and keys.
    pub const DOCUMENTS: Self = Self {
        least: Duration::from_mins(5),
        unsaid: Duration::from_hours(1),
        most: Duration::from_hours(24),
        failure: Duration::from_mins(1),
        grace: Duration::from_hours(24),
        entries: 1000,
    };
    /// For what the operator configured, where somebody waits for it to come back.
    pub const OPERATOR: Self = Self { failure: Duration::from_secs(10), entries: 100, ..Self::DOCUMENTS };
}

/// What a fetch gives: a value, and how long the response says it may be kept.
pub type Fetched<T> = Result<(T, Option<Duration>), Error>;

/// Values by their address.
pub struct Cache<T> {
    /// What the last attempt gave, whatever that is: anybody can fill it up with failures.
    attempts: moka::future::Cache<String, Entry<T>>,
    good: moka::future::Cache<String, Entry<T>>,
    terms: Terms,
    clock: Clock,
}

struct Entry<T> {
    outcome: Result<Arc<T>, Error>,
    /// When it was last fetched, or tried to.
    tried_at: Timestamp,
    fresh_until: Timestamp,
    /// How long it may serve when it cannot be fetched anew.
    good_until: Timestamp,
}

impl<T> Entry<T> {
    /// Nothing about the address, since there was no room to ask.
    fn void(now: Timestamp) -> Self {
        Self { outcome: Err(Error::Busy), tried_at: now, fresh_until: now, good_until: now }
    }

    fn is_void(&self) -> bool {
        matches!(self.outcome, Err(Error::Busy))
    }

    /// Whether it may serve in the place of one that cannot be fetched.
    fn serves(&self, now: Timestamp) -> bool {
        self.outcome.is_ok() && now < self.good_until
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

impl<T: Send + Sync + 'static> Cache<T> {
    /// An empty one.
    #[must_use]
    pub fn new(terms: Terms, clock: Clock) -> Self {
        let room = || moka::future::Cache::new(terms.entries);
        Self { attempts: room(), good: room(), terms, clock }
    }

    /// The value of an address; `fetch` gets it when there is none, or none that is fresh, and there is a `lane` for who asks.
    ///
    /// # Errors
    /// Those of `lane`, and those of `fetch`, which may be a minute old.
    pub async fn get<L>(
        &self,
        address: &str,
        lane: impl Future<Output = Result<L, Error>>,
        fetch: impl Future<Output = Fetched<T>>,
    ) -> Result<Arc<T>, Error> {
        self.unless(address, lane, fetch, |entry, now| now < entry.fresh_until).await
    }

    /// The value of an address, fetched anew unless that was tried a moment ago.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn renew<L>(
        &self,
        address: &str,
        lane: impl Future<Output = Result<L, Error>>,
        fetch: impl Future<Output = Fetched<T>>,
    ) -> Result<Arc<T>, Error> {
        let pause = self.terms.failure;
        self.unless(address, lane, fetch, |entry, now| now < entry.tried_at.after(pause)).await
    }

    async fn unless<L>(
        &self,
        address: &str,
        lane: impl Future<Output = Result<L, Error>>,
        fetch: impl Future<Output = Fetched<T>>,
        is_enough: impl Fn(&Entry<T>, Timestamp) -> bool + Send + Sync,
    ) -> Result<Arc<T>, Error> {
        // after the clock was set back, nobody knows how old a copy is
        let is_enough = |entry: &Entry<T>, now| entry.tried_at <= now && !entry.is_void() && is_enough(entry, now);
        let now = self.clock.timestamp();
        for kept in [&self.good, &self.attempts] {
            if let Some(entry) = kept.get(address).await.filter(|entry| is_enough(entry, now)) {
                return entry.outcome;
            }
        }
        // who waits here for a lane keeps nobody waiting for the address
        let _lane = match lane.await {
            Ok(lane) => lane,
            Err(error) => return self.older(address, error).await,
        };
        let mut fetch = std::pin::pin!(fetch);
        loop {
            let (now, old) = (self.clock.timestamp(), self.good.get(address).await);
            let mut is_own = false;
            let attempt = async {
                is_own = true;
                match fetch.as_mut().await {
                    Err(Error::Busy) => Entry::void(now),
                    fetched => self.keep(address, self.entry(fetched, old.as_ref(), now)).await,
                }
            };
            let attempt = self.attempts.entry_by_ref(address).or_insert_with_if(attempt, |entry| !is_enough(entry, now));
            // boxed, since it is large and others hold it
            let entry = Box::pin(attempt).await.into_value();
            match entry.outcome {
                Err(error @ Error::Busy) if is_own => return self.older(address, error).await,
                // there may be room for this request where there was none for the one that it waited for
                Err(Error::Busy) => {}
                outcome => return outcome,
            }
        }
    }

    /// What who could not fetch gets: the last good copy, which is no fresher for that.
    async fn older(&self, address: &str, error: Error) -> Result<Arc<T>, Error> {
        let now = self.clock.timestamp();
        self.good.get(address).await.filter(|entry| entry.serves(now)).map_or(Err(error), |entry| entry.outcome)
    }

    /// Keeps a good copy where failures do not push it out.
    async fn keep(&self, address: &str, entry: Entry<T>) -> Entry<T> {
        if entry.outcome.is_ok() {
            self.good.insert(address.to_owned(), entry.clone()).await;
        } else {
            self.good.invalidate(address).await;
        }
        entry
    }

    fn entry(&self, fetched: Fetched<T>, old: Option<&Entry<T>>, now: Timestamp) -> Entry<T> {
        let Terms { least, unsaid, most, failure, grace, .. } = self.terms;
        match (fetched, old) {
            (Ok((value, lifetime)), _) => {
                let fresh_until = now.after(lifetime.unwrap_or(unsaid).clamp(least, most));
                Entry { outcome: Ok(Arc::new(value)), tried_at: now, fresh_until, good_until: fresh_until.after(grace) }
            }
            (Err(error), Some(old)) if error.is_transient() && old.serves(now) => {
                tracing::warn!(%error, "an older copy is used");
                Entry { tried_at: now, fresh_until: old.fresh_until.max(now.after(failure)), ..old.clone() }
            }
            (Err(error), _) => Entry { outcome: Err(error), tried_at: now, fresh_until: now.after(failure), good_until: now },
        }
    }
}
