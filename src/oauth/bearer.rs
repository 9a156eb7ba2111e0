//! The resource server: who may reach the MCP endpoint (RFC 6750, RFC 9728).
//!
//! Invariants:
//! - A token counts only in the `Authorization` header, and is checked at every request: that it is ours, for this resource,
//!   not expired, not revoked.
//! - What was found out about a token is remembered for [`REMEMBERED`] at most, so a revocation holds everywhere soon after,
//!   and at once where it was made.
//! - A network that brings many wrong tokens costs little for a while: only tokens that were right within [`PROVEN`] are looked
//!   at from there, and those as thoroughly as ever.
//! - The token goes no further than here: what comes after sees a [`Caller`].

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Extension, Json,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use moka::future::Cache;
use serde_json::json;

use super::server::{AuthorizationServer, GrantError};
use mcp_http::log;
use mcp_http::{
    caller::Caller,
    clock::Timestamp,
    net::{
        client_ip::ClientIp,
        rate_limit::{WATCHED, WrongTokens},
    },
    protected_resource::{Challenge, ProtectedResource, resource_suffix},
    request_context::InsufficientScope,
    token::{Kind, TokenHash},
};

/// How long what was found out about a token is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(2);
/// How many tokens are remembered.
pub(super) const MOST: u64 = 10_000;
/// How long it is remembered that a token was right, and of how many.
pub const PROVEN: Duration = Duration::from_hours(1);
const MOST_PROVEN: u64 = 100_000;
/// How often the use of a connection is noted.
const NOTED: Duration = Duration::from_mins(1);

/// Who may reach the MCP endpoint.
#[derive(Clone, Debug)]
pub enum Guard {
    /// Everyone, as this caller.
    Open(Caller),
    /// Who has a token of the authorization server in here.
    Embedded(Arc<AuthorizationServer>),
    /// Who has a token of another one.
    External(Arc<super::external::ExternalServer>),
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BearerError {
    /// It brought no token.
    NoToken,
    /// Its token does not count.
    InvalidToken,
    /// Its token counts, but the person behind it has no rights here. A challenge would only send them round in circles.
    NotAllowed,
    /// Its network brought too many tokens that do not count, and this one was not right before.
    TooMany,
    /// It cannot be found out whether its token counts.
    Unavailable,
}

/// What was found out about tokens.
///
/// What is remembered belongs to a round, and a revocation here begins the next one. So a look at the store that began before the
/// revocation and ends after it is never remembered past it.
#[derive(Debug)]
pub struct Tokens {
    round: AtomicU64,
    checked: Cache<(u64, TokenHash), Checked>,
    proven: Proven,
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
            proven: Proven::default(),
            noted: Cache::builder().max_capacity(MOST).time_to_live(NOTED).build(),
        }
    }
}

/// Tokens that were right. That gives no right to anything, except to be looked at when others of their network are not.
#[derive(Debug)]
pub(super) struct Proven(Cache<TokenHash, ()>);

impl Default for Proven {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST_PROVEN).time_to_live(PROVEN).build())
    }
}

/// Where a token comes from, and what came from there before.
pub(super) struct Bringer {
    pub(super) network: IpAddr,
    pub(super) wrong: WrongTokens,
}

impl Bringer {
    /// Finds out about a token, unless too many from there were wrong and this one was not right before.
    pub(super) async fn watch<T>(
        &self,
        hash: TokenHash,
        Proven(proven): &Proven,
        look: impl Future<Output = Result<T, Arc<BearerError>>>,
    ) -> Result<T, BearerError> {
        if self.wrong.are_too_many(self.network) && !proven.contains_key(&hash) {
            return Err(BearerError::TooMany);
        }
        let looked = look.await.map_err(|refused| (*refused).clone());
        match looked {
            Ok(_) => proven.insert(hash, ()).await,
            Err(BearerError::InvalidToken) => {
                proven.invalidate(&hash).await;
                self.wrong.note(self.network);
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

impl AuthorizationServer {
    /// The caller that a token stands for.
    async fn check(&self, token: &str, bringer: &Bringer) -> Result<Caller, BearerError> {
        let hash = self.parse_token(Kind::Access, token).ok_or(BearerError::InvalidToken)?.hash();
        let now = self.clock.timestamp();
        let key = (self.tokens.round.load(Ordering::Acquire), hash);
        let found = match self.tokens.checked.get(&key).await {
            Some(found) => found,
            None => {
                bringer.watch(hash, &self.tokens.proven, self.tokens.checked.try_get_with(key, self.look_up(hash, now))).await?
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

impl Guard {
    /// The protected resource, where something protects it.
    #[must_use]
    pub fn resource(&self) -> Option<&ProtectedResource> {
        match self {
            Self::Open(_) => None,
            Self::Embedded(server) => Some(&server.resource),
            Self::External(server) => Some(&server.resource),
        }
    }

    async fn admit(&self, headers: &HeaderMap, bringer: &Bringer) -> Result<Caller, BearerError> {
        match self {
            Self::Open(caller) => Ok(caller.clone()),
            Self::Embedded(server) => server.check(bearer(headers)?, bringer).await,
            Self::External(server) => Box::pin(server.check(bearer(headers)?, bringer)).await,
        }
    }
}

/// The token of a request (RFC 6750, section 2.1): one header, and no other way.
fn bearer(headers: &HeaderMap) -> Result<&str, BearerError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(BearerError::NoToken)?;
    if values.next().is_some() {
        return Err(BearerError::InvalidToken);
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(BearerError::InvalidToken)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(BearerError::NoToken) }
}

/// Lets requests in that may come in, and answers the others. What comes after finds the [`Caller`] in the extensions.
pub(crate) async fn guard(
    State((guard, wrong)): State<(Guard, WrongTokens)>,
    Extension(client): Extension<ClientIp>,
    mut request: Request,
    next: Next,
) -> Response {
    let bringer = Bringer { network: client.network(), wrong };
    let suffix = resource_suffix(request.uri());
    let caller = match guard.admit(request.headers(), &bringer).await {
        Ok(caller) => caller,
        Err(refused) => return refuse(&guard, &suffix, &refused),
    };
    request.headers_mut().remove(AUTHORIZATION);
    let insufficient = InsufficientScope::default();
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(insufficient.clone());
    let response = next.run(request).await;
    match (insufficient.wanted(), guard.resource()) {
        (Some(scopes), Some(resource)) => {
            let scopes_text = resource.definitions.text(scopes);
            let message = format!("this needs the scopes `{scopes_text}`; sign in again and allow them");
            challenge(resource, &suffix, StatusCode::FORBIDDEN, Challenge::InsufficientScope(scopes), &message)
        }
        _ => response,
    }
}

fn refuse(guard: &Guard, suffix: &str, refused: &BearerError) -> Response {
    let (challenged, message) = match refused {
        BearerError::NoToken => (Challenge::NoToken, "sign in first: the address in `WWW-Authenticate` says where"),
        BearerError::InvalidToken => {
            (Challenge::InvalidToken, "the token does not count: it is expired, revoked or not for this server; sign in again")
        }
        BearerError::NotAllowed => {
            let message = "you are signed in, but may not use this server; ask whoever runs it for access";
            let body = Json(json!({ "error": { "status": 403, "message": message } }));
            return (StatusCode::FORBIDDEN, [(CACHE_CONTROL, "no-store")], body).into_response();
        }
        BearerError::TooMany => {
            tracing::warn!("a network brings too many wrong tokens");
            let message = "too many wrong tokens came from your network; try again in a minute";
            let body = Json(json!({ "error": { "status": 429, "message": message } }));
            let headers = [(RETRY_AFTER, WATCHED.as_secs().to_string())];
            return (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response();
        }
        BearerError::Unavailable => {
            let message = "it cannot be checked now whether the token counts; try again soon";
            let body = Json(json!({ "error": { "status": 503, "message": message } }));
            return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], body).into_response();
        }
    };
    match guard.resource() {
        Some(resource) => challenge(resource, suffix, StatusCode::UNAUTHORIZED, challenged, message),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

fn challenge(resource: &ProtectedResource, suffix: &str, status: StatusCode, challenge: Challenge, message: &str) -> Response {
    let error = match challenge {
        Challenge::NoToken => "unauthorized",
        Challenge::InvalidToken => "invalid_token",
        Challenge::InsufficientScope(_) => "insufficient_scope",
    };
    let body = Json(json!({ "error": error, "error_description": message }));
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(WWW_AUTHENTICATE, resource.challenge(suffix, challenge));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
