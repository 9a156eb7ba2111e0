//! The check of access tokens that this authorization server issued, for the resource server.
//!
//! Invariants:
//! - A token is checked at every request: whether this server issued it for this resource, and it is neither expired nor
//!   revoked.
//! - The result of a check is cached for at most [`REMEMBERED`], so a revocation takes effect everywhere soon after, and
//!   immediately in the process that made it.
//! - A network that sends many invalid tokens costs little for a while: only tokens that were valid lately or issued
//!   here are looked up for it, and those are checked as usual.

use std::sync::{Arc, atomic::Ordering};

use async_trait::async_trait;
use axum::http::HeaderMap;
use mcp_http::{
    bearer::{self, Authenticate, BearerError, TokenSource},
    caller::Caller,
    clock::Timestamp,
    log,
    protected_resource::ProtectedResource,
    token::{TokenHash, TokenKind},
};

use crate::{
    checked_tokens::{self, Checked},
    server::{AuthorizationServer, GrantError},
};

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

    fn notes(&self) -> Vec<String> {
        self.advertising.note().into_iter().collect()
    }
}

impl AuthorizationServer {
    /// Returns the caller that a token was issued for.
    async fn check(&self, token: &str, source: &TokenSource) -> Result<Caller, BearerError> {
        let hash = self.parse_token(TokenKind::Access, token).ok_or(BearerError::InvalidToken)?.hash();
        let now = self.clock.timestamp();
        let key = (self.tokens.round.load(Ordering::Acquire), hash);
        let found = if let Some(found) = self.tokens.checked.get(&key).await {
            found
        } else {
            let look = self.tokens.checked.try_get_with(key, self.look_up(hash, now));
            checked_tokens::watch(source, hash, look, |found| Some(&found.caller)).await?
        };
        if found.expires_at <= now { Err(BearerError::InvalidToken) } else { Ok(found.caller) }
    }

    async fn look_up(&self, hash: TokenHash, now: Timestamp) -> Result<Checked, BearerError> {
        let access = self.store.access(hash, now).await.map_err(|error| {
            log::error(&error);
            BearerError::Unavailable
        })?;
        let access = access.ok_or(BearerError::InvalidToken)?;
        let expires_at = self.ends_at(&access.grant).map_or(access.expires_at, |end| end.min(access.expires_at));
        let parts = self.resource.part(&access.grant.resource).zip(self.resource.part(&access.resource));
        let (of_grant, of_token) = parts.filter(|_| expires_at > now).ok_or(BearerError::InvalidToken)?;
        let (keys, ceiling) = self.keys_of(&access.grant).map_err(|lost| {
            tracing::warn!(connection = access.grant.id, why = %lost, "a connection cannot be used");
            match lost {
                GrantError::Refused(_) | GrantError::Ended(_) | GrantError::Outdated(_) => BearerError::InvalidToken,
                GrantError::Unknown(_) => BearerError::Unavailable,
            }
        })?;
        let connection: Arc<str> = access.grant.id.into();
        let user = access.grant.user.id.into();
        self.note_use(&connection, now).await;
        let caller = Caller::signed_in(keys, access.scopes & ceiling, connection, user).with_part(of_grant.and(&of_token));
        Ok(Checked { caller, expires_at })
    }

    /// Records that a connection is used. If that fails, the call proceeds. One use is written at a time, so that these writes
    /// never fill the store's queue; a use during another write is recorded by a later one.
    async fn note_use(&self, connection: &Arc<str>, now: Timestamp) {
        if self.tokens.noted.contains_key(connection) {
            return;
        }
        let Ok(note) = Arc::clone(&self.tokens.note).try_acquire_owned() else { return };
        self.tokens.noted.insert(Arc::clone(connection), ()).await;
        let (store, connection) = (Arc::clone(&self.store), Arc::clone(connection));
        tokio::spawn(async move {
            if let Err(error) = store.touch(&connection, now).await {
                log::error(&error);
            }
            drop(note);
        });
    }
}
