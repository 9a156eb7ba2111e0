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
    net::rate_limit::Verdict,
    token::TokenHash,
};
use moka::future::Cache;
use tokio::sync::Semaphore;

/// How long the result of a check is cached.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(2);
/// How many results are cached.
pub(crate) const MAX_TOKENS: u64 = 10_000;
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
            noted: Cache::builder().max_capacity(MAX_TOKENS).time_to_live(NOTED).build(),
            note: Arc::new(Semaphore::new(1)),
        }
    }
}

/// Runs the lookup of a token, unless its network sent too many invalid tokens and this one was not valid recently.
pub(crate) async fn watch<T>(
    source: &TokenSource,
    hash: TokenHash,
    look: impl Future<Output = Result<T, Arc<BearerError>>>,
    caller: impl FnOnce(&T) -> Option<&Caller>,
) -> Result<T, BearerError> {
    match source.wrong.verdict(source.network, hash) {
        Verdict::LookUp => {}
        Verdict::Wrong => return Err(BearerError::InvalidToken),
        Verdict::TooMany => return Err(BearerError::TooMany),
    }
    let looked = look.await.map_err(|refused| (*refused).clone());
    match &looked {
        Ok(found) => {
            // without a user, all share one
            let user = caller(found).and_then(Caller::user).map_or("", |user| user);
            source.wrong.known.note(hash, user);
        }
        Err(BearerError::InvalidToken) => source.wrong.note_wrong(source.network, hash),
        Err(_) => {}
    }
    looked
}

impl CheckedTokens {
    /// Invalidates all results, because a grant was revoked in this process.
    pub(crate) fn forget_all(&self) {
        self.round.fetch_add(1, Ordering::AcqRel);
        self.checked.invalidate_all();
    }
}
