//! The resource server for tokens of another authorization server. They are JWTs, which are verified here and never passed on.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::http::HeaderMap;
use mcp_http::{
    bearer::{self, Authenticate, BearerError, TokenSource},
    caller::{Caller, Keys},
    clock::{Clock, Timestamp},
    log::{self, SharedRecurring},
    protected_resource::ProtectedResource,
    token::TokenHash,
};
use moka::future::Cache;
use tokio::time::timeout;

use crate::{
    access::AccessRules,
    checked_tokens::{self, MAX_TOKENS, REMEMBERED},
    directory::{Directory, Membership},
    identity::{
        External,
        external::{Verified, Verifier},
    },
    store::User,
};

#[cfg(test)]
mod tests;

/// How long the API's information about a user is cached.
const MEMBERSHIP_TTL: Duration = Duration::from_mins(1);
/// The time limit for all requests that the check of a token makes; the tool call that follows has to end within the request's
/// time limit.
const MAX_CHECK_TIME: Duration = Duration::from_secs(20);

/// The resource server for tokens of another authorization server.
pub struct ExternalServer {
    pub(super) resource: ProtectedResource,
    verifier: Verifier,
    access: AccessRules,
    keys: BTreeMap<String, Arc<Keys>>,
    directory: Arc<dyn Directory>,
    clock: Clock,
    /// The users' memberships by their IDs; a lookup for every token would exceed the API's rate limit.
    memberships: Cache<String, Membership>,
    /// The callers of valid tokens, and when these expire; `None` for a user without access.
    checked: Cache<TokenHash, (Option<Caller>, Timestamp)>,
    /// How many tokens were refused, were of users without access, and could not be checked, for the log.
    refused: SharedRecurring,
    not_allowed: SharedRecurring,
    unchecked: SharedRecurring,
}

impl fmt::Debug for ExternalServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalServer").field("resource", &self.resource).finish_non_exhaustive()
    }
}

#[async_trait]
impl Authenticate for ExternalServer {
    async fn caller(&self, headers: &HeaderMap, source: &TokenSource) -> Result<Caller, BearerError> {
        self.check(bearer::token(headers)?, source).await
    }

    fn resource(&self) -> Option<&ProtectedResource> {
        Some(&self.resource)
    }

    /// The signing keys are fetched when they are needed, so it is always ready.
    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

impl ExternalServer {
    /// Returns the server that the operator configured.
    #[must_use]
    pub fn new(
        settings: &External,
        resource: ProtectedResource,
        verifier: Verifier,
        directory: Arc<dyn Directory>,
        clock: Clock,
    ) -> Self {
        Self {
            resource,
            verifier,
            access: settings.access.clone(),
            keys: settings.keys.iter().map(|(name, keys)| (name.clone(), Arc::new(keys.clone()))).collect(),
            directory,
            clock,
            memberships: Cache::builder().max_capacity(MAX_TOKENS).time_to_live(MEMBERSHIP_TTL).build(),
            checked: Cache::builder().max_capacity(MAX_TOKENS).time_to_live(REMEMBERED).build(),
            refused: SharedRecurring::default(),
            not_allowed: SharedRecurring::default(),
            unchecked: SharedRecurring::default(),
        }
    }

    /// Returns the caller that a token was issued for.
    async fn check(&self, token: &str, source: &TokenSource) -> Result<Caller, BearerError> {
        let now = self.clock.timestamp();
        let hash = TokenHash::of(token.as_bytes());
        let (caller, expires_at) = if let Some(checked) = self.checked.get(&hash).await {
            checked
        } else {
            let look = self.checked.try_get_with(hash, Box::pin(self.look_at(token, now)));
            let look = timeout(MAX_CHECK_TIME, checked_tokens::watch(source, hash, look, |(caller, _)| caller.as_ref()));
            look.await.unwrap_or(Err(BearerError::Unavailable))?
        };
        if expires_at <= now { Err(BearerError::InvalidToken) } else { caller.ok_or(BearerError::NotAllowed) }
    }

    async fn look_at(&self, token: &str, now: Timestamp) -> Result<(Option<Caller>, Timestamp), BearerError> {
        let verified = self.verifier.verify(token, now).await.map_err(|error| {
            if error.is_transient() {
                if let Some(count) = self.unchecked.note() {
                    tracing::warn!(count, %error, "tokens could not be checked, the last one for this reason");
                }
                return BearerError::Unavailable;
            }
            if let Some(count) = self.refused.note() {
                tracing::info!(count, %error, "tokens were refused, the last one for this reason");
            }
            BearerError::InvalidToken
        })?;
        let expires_at = verified.expires_at;
        match self.caller_of(verified).await {
            Ok(caller) => Ok((Some(caller), expires_at)),
            Err(BearerError::NotAllowed) => Ok((None, expires_at)),
            Err(other) => Err(other),
        }
    }

    /// Returns the caller with a valid token, if an access rule lets them in.
    async fn caller_of(&self, verified: Verified) -> Result<Caller, BearerError> {
        let Verified { user, scopes, part, client_id, .. } = verified;
        let membership = self.membership(&user).await?;
        let decided = self.access.decide(&user, membership.as_ref());
        let found = decided.and_then(|(key, ceiling)| Some((self.keys.get(key)?, ceiling)));
        let (keys, ceiling) = found.ok_or_else(|| self.not_allowed(&user))?;
        let connection = format!("{}/{}", user.id, client_id.as_deref().unwrap_or("-"));
        let scopes = scopes & ceiling & self.resource.scopes;
        Ok(Caller::signed_in(Arc::clone(keys), scopes, connection.into(), user.id.into()).with_part(part))
    }

    fn not_allowed(&self, user: &User) -> BearerError {
        if let Some(count) = self.not_allowed.note() {
            tracing::warn!(count, user = user.id, "tokens of users whom no access rule lets in, the last one of this user");
        }
        BearerError::NotAllowed
    }

    /// Looks the user up in the API, if the access rules depend on roles.
    async fn membership(&self, user: &User) -> Result<Option<Membership>, BearerError> {
        if self.access.roles.is_none() {
            return Ok(None);
        }
        let not_allowed = || self.not_allowed(user);
        let email = user.email.as_deref().ok_or_else(not_allowed)?;
        let rule = self.access.rule(user).ok().flatten().ok_or_else(not_allowed)?;
        let keys = self.keys.get(&rule.key).filter(|keys| !keys.is_empty()).ok_or_else(not_allowed)?;
        let asked = self.directory.membership(keys, email);
        let membership = self.memberships.try_get_with_by_ref(&user.id, asked).await;
        membership.map(Some).map_err(|error| {
            log::error(&*error);
            BearerError::Unavailable
        })
    }
}
