//! The logout tokens of an identity provider (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6).
//!
//! Invariant: a token is accepted only if the provider signed it for this server, and it is nothing but a logout token.

use mcp_http::{clock::Timestamp, token::TokenHash};
use serde_json::Value;

use super::{
    oidc::{ALGORITHMS, Error, Provider, unfetched},
    user,
};
use crate::jose::{self, Claims, Expected, KeySource};

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The longest `jti` and `sid`, in bytes.
const ID_BYTES: usize = 512;

/// A valid logout token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logout {
    /// The ID of the user, as [`crate::store::User::id`].
    pub user_id: Option<String>,
    /// The session at the provider, as [`crate::store::Session::provider_session`]; one of the two is always there.
    pub session: Option<String>,
    /// Identifies the token, which may be used once.
    pub hash: TokenHash,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl Provider {
    /// Verifies a logout token.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub(crate) async fn logout(&self, token: &str) -> Result<Logout, Error> {
        // checked before anything is fetched, so that an arbitrary text in place of a token costs nothing
        let claimed = Claims::unverified(token).ok_or_else(|| Error::Invalid("it is not a token".to_owned()))?;
        self.check_logout(&claimed).map_err(Error::Invalid)?;
        let issuer = self.issuer().await?;
        let expected = Expected { algorithms: &ALGORITHMS, types: &["logout+jwt", "jwt"] };
        let verified = self.jwks.verify(&KeySource::At(issuer.jwks.clone()), token, expected).await;
        let claims = verified.map_err(|error| match error {
            jose::Error::Keys(error) => unfetched(&error),
            error => Error::Invalid(error.to_string()),
        })?;
        self.check_logout(&claims).map_err(Error::Invalid)
    }

    fn check_logout(&self, claims: &Claims) -> Result<Logout, String> {
        let issuer = &self.settings.issuer;
        let id = |name: &str| claims.text(name).filter(|id| !id.is_empty() && id.len() <= ID_BYTES);
        let is_event = claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
        let (user_id, session) = (id("sub").map(|sub| user::id(issuer, sub)), id("sid").map(|sid| user::session(issuer, sid)));
        if claims.text("iss") != Some(issuer) {
            return Err("its `iss` is not the configured issuer".to_owned());
        }
        if !claims.is_for(&self.settings.client_id) {
            return Err("its `aud` is not this server".to_owned());
        }
        if claims.time("iat").is_none() {
            return Err("it has no `iat`".to_owned());
        }
        if !is_event {
            return Err(format!("its `events` does not have `{EVENT}`"));
        }
        if claims.get("nonce").is_some() {
            return Err("it has a `nonce`, as ID tokens have".to_owned());
        }
        if user_id.is_none() && session.is_none() {
            return Err("it has neither `sub` nor `sid`".to_owned());
        }
        let jti = id("jti").ok_or_else(|| format!("it needs a `jti` of at most {ID_BYTES} characters"))?;
        let expires_at = claims.valid_at(self.clock.timestamp()).map_err(|error| error.to_string())?;
        let hash = TokenHash::of(format!("logout token\0{issuer}\0{jti}").as_bytes());
        Ok(Logout { user_id, session, hash, expires_at })
    }
}
