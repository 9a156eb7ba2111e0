//! Caches of checked access tokens.

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

/// How long the result of a check is cached.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(2);
/// How many results are cached.
pub(crate) const MAX_TOKENS: u64 = 10_000;
/// How long a token is remembered as valid, and how many such tokens.
pub(crate) const PROVEN: Duration = Duration::from_hours(1);
const MAX_PROVEN: u64 = 100_000;
/// How often the use of a connection is recorded.
const NOTED: Duration = Duration::from_mins(1);

/// The caches of token checks.
///
/// Each cached result belongs to a round, and a revocation in this process begins the next round. So the result of a lookup
/// that began before the revocation and ended after it is not used any more.
#[derive(Debug)]
pub(crate) struct CheckedTokens {
    pub(crate) round: AtomicU64,
    pub(crate) checked: Cache<(u64, TokenHash), Checked>,
    pub(crate) known_good: KnownGood,
    pub(crate) noted: Cache<Arc<str>, ()>,
    /// Allows one write of a use at a time.
    pub(crate) note: Arc<Semaphore>,
}

#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) caller: Caller,
    pub(crate) expires_at: Timestamp,
}

impl Default for CheckedTokens {
    fn default() -> Self {
        Self {
            round: AtomicU64::new(0),
            checked: Cache::builder().max_capacity(MAX_TOKENS).time_to_live(REMEMBERED).build(),
            known_good: KnownGood::default(),
            noted: Cache::builder().max_capacity(MAX_TOKENS).time_to_live(NOTED).build(),
            note: Arc::new(Semaphore::new(1)),
        }
    }
}

/// Tokens that were valid recently. They are still looked up when too many other tokens of their network are invalid; they get
/// no other right.
#[derive(Debug)]
pub(crate) struct KnownGood(Cache<TokenHash, ()>);

impl Default for KnownGood {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MAX_PROVEN).time_to_live(PROVEN).build())
    }
}

impl KnownGood {
    /// Runs the lookup of a token, unless its network sent too many invalid tokens and this one was not valid recently.
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

impl CheckedTokens {
    /// Invalidates all results, because a grant was revoked in this process.
    pub(crate) fn forget_all(&self) {
        self.round.fetch_add(1, Ordering::AcqRel);
        self.checked.invalidate_all();
    }
}
