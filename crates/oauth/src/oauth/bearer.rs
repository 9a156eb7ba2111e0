//! The access tokens of the authorization server in here, as the resource server checks them.
//!
//! Invariants:
//! - A token is checked at every request: that it is ours, for this resource, not expired, not revoked.
//! - What was found out about a token is remembered for [`REMEMBERED`] at most, so a revocation holds everywhere soon after,
//!   and at once where it was made.
//! - A network that brings many wrong tokens costs little for a while: only tokens that were right within [`PROVEN`] are looked
//!   at from there, and those as thoroughly as ever.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::http::HeaderMap;
use mcp_http::{
    bearer::{self, Authenticate, BearerError, TokenSource},
    caller::Caller,
    clock::Timestamp,
    log,
    protected_resource::ProtectedResource,
    token::{Kind, TokenHash},
};
use moka::future::Cache;

use super::server::{AuthorizationServer, GrantError};

/// How long what was found out about a token is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(2);
/// How many tokens are remembered.
pub(super) const MOST: u64 = 10_000;
/// How long it is remembered that a token was right, and of how many.
pub const PROVEN: Duration = Duration::from_hours(1);
const MOST_PROVEN: u64 = 100_000;
/// How often the use of a connection is noted.
const NOTED: Duration = Duration::from_mins(1);

/// What was found out about tokens.
///
/// What is remembered belongs to a round, and a revocation here begins the next one. So a look at the store that began before the
/// revocation and ends after it is never remembered past it.
#[derive(Debug)]
pub struct Tokens {
    round: AtomicU64,
    checked: Cache<(u64, TokenHash), Checked>,
    known_good: KnownGood,
    noted: Cache<Arc<str>, ()>,
}

#[derive(Clone, Debug)]
struct Checked {
    caller: Caller,
    expires_at: Timestamp,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            round: AtomicU64::new(0),
            checked: Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).build(),
            known_good: KnownGood::default(),
            noted: Cache::builder().max_capacity(MOST).time_to_live(NOTED).build(),
        }
    }
}

/// Tokens that were right. That gives no right to anything, except to be looked at when others of their network are not.
#[derive(Debug)]
pub(super) struct KnownGood(Cache<TokenHash, ()>);

impl Default for KnownGood {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST_PROVEN).time_to_live(PROVEN).build())
    }
}

impl KnownGood {
    /// Finds out about a token, unless too many of its network were wrong and this one was not right before.
    pub(super) async fn watch<T>(
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
    pub fn forget_all(&self) {
        self.round.fetch_add(1, Ordering::AcqRel);
        self.checked.invalidate_all();
    }
}

#[async_trait]
impl Authenticate for AuthorizationServer {
    async fn caller(&self, headers: &HeaderMap, source: &TokenSource) -> Result<Caller, BearerError> {
        self.check(bearer::token(headers)?, source).await
    }

    fn resource(&self) -> Option<&ProtectedResource> {
        Some(&self.resource)
    }

    async fn ready(&self) -> Result<(), String> {
        self.store.check().await.map_err(|error| error.to_string())
    }
}

impl AuthorizationServer {
    /// The caller that a token stands for.
    async fn check(&self, token: &str, source: &TokenSource) -> Result<Caller, BearerError> {
        let hash = self.parse_token(Kind::Access, token).ok_or(BearerError::InvalidToken)?.hash();
        let now = self.clock.timestamp();
        let key = (self.tokens.round.load(Ordering::Acquire), hash);
        let found = match self.tokens.checked.get(&key).await {
            Some(found) => found,
            None => {
                let look = self.tokens.checked.try_get_with(key, self.look_up(hash, now));
                self.tokens.known_good.watch(source, hash, look).await?
            }
        };
        if found.expires_at <= now { Err(BearerError::InvalidToken) } else { Ok(found.caller) }
    }

    async fn look_up(&self, hash: TokenHash, now: Timestamp) -> Result<Checked, BearerError> {
        let access = self.store.access(hash, now).await.map_err(|error| {
            log::error(&error);
            BearerError::Unavailable
        })?;
        let access = access.filter(|access| access.grant.resource == self.resource.id).ok_or(BearerError::InvalidToken)?;
        let (keys, ceiling) = self.keys_of(&access.grant).map_err(|lost| {
            tracing::warn!(connection = access.grant.id, why = %lost, "a connection cannot be used");
            match lost {
                GrantError::Refused(_) | GrantError::Outdated(_) => BearerError::InvalidToken,
                GrantError::Unknown(_) => BearerError::Unavailable,
            }
        })?;
        let connection: Arc<str> = access.grant.id.into();
        let user = access.grant.person.id.into();
        self.note_use(&connection, now).await;
        Ok(Checked { caller: Caller::signed_in(keys, access.scopes & ceiling, connection, user), expires_at: access.expires_at })
    }

    /// Notes that a connection is in use. It is no reason to refuse a call when that fails.
    async fn note_use(&self, connection: &Arc<str>, now: Timestamp) {
        if self.tokens.noted.contains_key(connection) {
            return;
        }
        self.tokens.noted.insert(Arc::clone(connection), ()).await;
        let (store, connection) = (Arc::clone(&self.store), Arc::clone(connection));
        tokio::spawn(async move {
            if let Err(error) = store.touch(&connection, now).await {
                log::error(&error);
            }
        });
    }
}
