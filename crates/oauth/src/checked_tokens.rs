//! What was found out about access tokens, and for how long it is remembered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mcp_http::{
    bearer::{BearerError, TokenSource},
    caller::Caller,
    clock::Timestamp,
    token::TokenHash,
};
use moka::future::Cache;
use tokio::sync::Semaphore;

/// How long what was found out about a token is remembered.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(2);
/// How many tokens are remembered.
pub(crate) const MOST: u64 = 10_000;
/// How long it is remembered that a token was right, and of how many.
pub(crate) const PROVEN: Duration = Duration::from_hours(1);
const MOST_PROVEN: u64 = 100_000;
/// How often the use of a connection is noted.
const NOTED: Duration = Duration::from_mins(1);

/// What was found out about tokens.
///
/// What is remembered belongs to a round, and a revocation here begins the next one. So a look at the store that began before the
/// revocation and ends after it is never remembered past it.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) round: AtomicU64,
    pub(crate) checked: Cache<(u64, TokenHash), Checked>,
    pub(crate) known_good: KnownGood,
    pub(crate) noted: Cache<Arc<str>, ()>,
    /// For the one note of a use that is written at a time.
    pub(crate) note: Arc<Semaphore>,
}

#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) caller: Caller,
    pub(crate) expires_at: Timestamp,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            round: AtomicU64::new(0),
            checked: Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).build(),
            known_good: KnownGood::default(),
            noted: Cache::builder().max_capacity(MOST).time_to_live(NOTED).build(),
            note: Arc::new(Semaphore::new(1)),
        }
    }
}

/// Tokens that were right. That gives no right to anything, except to be looked at when others of their network are not.
#[derive(Debug)]
pub(crate) struct KnownGood(Cache<TokenHash, ()>);

impl Default for KnownGood {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST_PROVEN).time_to_live(PROVEN).build())
    }
}

impl KnownGood {
    /// Finds out about a token, unless too many of its network were wrong and this one was not right before.
    pub(crate) async fn watch<T>(
        &self,
        source: &TokenSource,
        hash: TokenHash,
        look: impl Future<Output = Result<T, Arc<BearerError>>>,
    ) -> Result<T, BearerError> {
        if source.wrong.are_too_many(source.network) && !self.0.contains_key(&hash) {
            return Err(BearerError::TooMany);
        }
        let looked = look.await.map_err(|refused| (*refused).clone());
        match looked {
            Ok(_) => self.0.insert(hash, ()).await,
            Err(BearerError::InvalidToken) => {
                self.0.invalidate(&hash).await;
                source.wrong.note(source.network);
            }
            Err(_) => {}
        }
        looked
    }
}

impl Tokens {
    /// Forgets everything, because a grant was revoked here.
    pub(crate) fn forget_all(&self) {
        self.round.fetch_add(1, Ordering::AcqRel);
        self.checked.invalidate_all();
    }
}
