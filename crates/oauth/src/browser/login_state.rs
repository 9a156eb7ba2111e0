//! The state of a sign-in at the identity provider, which the browser keeps in an encrypted cookie meanwhile.
//!
//! Invariant: a login state is valid in the browser that began the sign-in, once, and within [`LOGIN_STATE_TTL`].

use std::time::Duration;

use axum::http::HeaderMap;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::{clock::Timestamp, net::client_ip::ClientIp, token::TokenHash};
use serde::{Deserialize, Serialize};

use super::{CookieName, page_error::PageError};
use crate::{
    error::OAuthError,
    keyring::EncryptedKey,
    server::AuthorizationServer,
    write_permits::{Kind, Writer},
};

/// How long a user may take at the identity provider.
pub(super) const LOGIN_STATE_TTL: Duration = Duration::from_mins(10);
/// How many sign-ins can be in progress in a browser, and the total length of their cookies in bytes: proxies limit the length
/// of headers.
const LOGIN_STATES: usize = 4;
const LOGIN_STATES_BYTES: usize = 6000;
/// The row name for which a login state is encrypted.
const LOGIN_STATE: &str = "login state";

/// The state of a sign-in at the identity provider, against which the response is checked.
#[derive(Serialize, Deserialize)]
pub(super) struct LoginState {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) next: String,
    pub(super) expires_at: i64,
}

impl LoginState {
    /// When the sign-in began.
    pub(super) fn began_at(&self) -> Timestamp {
        let lifetime = i64::try_from(LOGIN_STATE_TTL.as_secs()).unwrap_or(i64::MAX);
        Timestamp(self.expires_at.saturating_sub(lifetime))
    }

    /// Each sign-in has its own cookie, so that several tabs do not overwrite each other's.
    pub(super) fn cookie_name(&self) -> CookieName<'_> {
        CookieName::LoginState(short(&self.state))
    }

    /// The encrypted value of the cookie.
    pub(super) fn encrypt(&self, server: &AuthorizationServer) -> Result<String, OAuthError> {
        let plain = serde_json::to_vec(self).map_err(|_| OAuthError::Broken)?;
        let encrypted = server.keyring.encrypt(LOGIN_STATE, &plain).map_err(|_| OAuthError::Broken)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(encrypted.as_bytes()))
    }
}

/// The start of a state, which distinguishes the sign-ins of a browser.
fn short(state: &str) -> &str {
    state.get(..8).unwrap_or_default()
}

/// The sign-ins to remove so that a browser has room for one more: the expired ones, then the oldest.
pub(super) fn too_many(server: &AuthorizationServer, headers: &HeaderMap, bytes: usize) -> Vec<String> {
    let mut login_states: Vec<_> = server
        .login_states(headers)
        .into_iter()
        .map(|(name, value)| (open(server, &value).map(|login_state| login_state.expires_at), value.len(), name))
        .collect();
    login_states.sort();
    let mut bytes: usize = bytes + login_states.iter().map(|(_, bytes, _)| bytes).sum::<usize>();
    let mut n_left = login_states.len();
    let surplus = login_states.into_iter().take_while(|(until, own, _)| {
        let is_surplus = until.is_none() || n_left >= LOGIN_STATES || bytes > LOGIN_STATES_BYTES;
        (n_left, bytes) = (n_left - 1, bytes - own);
        is_surplus
    });
    surplus.map(|(_, _, name)| name).collect()
}

/// Marks a login state as used. Returns whether this is its first use.
pub(super) async fn consume(server: &AuthorizationServer, login_state: &LoginState, ip: ClientIp) -> Result<bool, PageError> {
    // the user is not known yet
    let _permit = server.writes.acquire(Writer::Stranger(Kind::SignIn, ip)).await?;
    // an expired one may have been used, and the record of that deleted, while this one waited
    if login_state.expires_at <= server.clock.timestamp().0 {
        return Ok(false);
    }
    let hash = TokenHash::of(login_state.state.as_bytes());
    Ok(server.store.consume_once(hash, Timestamp(login_state.expires_at)).await?)
}

/// The login state that a response of the identity provider belongs to, from its cookie in the browser.
pub(super) fn of_response(server: &AuthorizationServer, headers: &HeaderMap, state: &str) -> Option<LoginState> {
    let value = server.cookie(headers, CookieName::LoginState(short(state)))?;
    open(server, &value).filter(|login_state| login_state.state == state)
}

fn open(server: &AuthorizationServer, value: &str) -> Option<LoginState> {
    let encrypted = BASE64_URL_SAFE_NO_PAD.decode(value).ok()?;
    let plain = server.keyring.decrypt(LOGIN_STATE, &EncryptedKey::from_bytes(encrypted)).ok()?;
    let login_state: LoginState = serde_json::from_slice(&plain).ok()?;
    (login_state.expires_at > server.clock.timestamp().0).then_some(login_state)
}
