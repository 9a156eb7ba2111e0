//! Access tokens of another authorization server (RFC 9068, and similar tokens of common servers).
//!
//! Invariants:
//! - A token is valid only if that server signed it for this resource, with an algorithm that the settings allow, and it has
//!   not expired.
//! - A token without scopes allows nothing. A token that is bound to a key is rejected, because this server cannot verify that
//!   its bearer has the key.
//! - The token is never passed on.

use std::sync::Arc;

use mcp_http::{
    clock::{Clock, Timestamp},
    protected_resource::{ProtectedResource, ResourcePart},
    scope::{ScopeDefinitions, Scopes},
};
use reqwest::Url;

use super::{
    issuer::{self, Issuer},
    user::{self, user},
};
use crate::{
    fetch::{self, Cache, Fetch, Limits},
    identity::External,
    jose::{self, Claims, Expected, Jwks, KeySource},
    store::User,
};

#[cfg(test)]
mod tests;

/// The claims that may contain the client ID: RFC 9068 and Keycloak, OpenID Connect, Okta, Entra.
const CLIENT_CLAIMS: [&str; 4] = ["client_id", "azp", "cid", "appid"];

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The token is not valid for this server (`invalid_token`).
    #[error("the access token is not valid: {0}")]
    Invalid(String),
    /// The token may be valid, but its user cannot be determined.
    #[error("{0}")]
    User(user::Error),
    /// The authorization server's keys cannot be fetched at the moment; the token may be valid.
    #[error("the authorization server cannot be asked for its keys: {0}; try again in a minute")]
    Unavailable(fetch::Error),
}

impl Error {
    /// Returns whether the same token may be accepted later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

fn invalid<T>(reason: &(impl ToString + ?Sized)) -> Result<T, Error> {
    Err(Error::Invalid(reason.to_string()))
}

/// The content of a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The user who signed in at the authorization server.
    pub user: User,
    /// The client that the token was issued to, if a claim contains it.
    pub client_id: Option<String>,
    /// The token's scopes, restricted by the settings.
    pub scopes: Scopes,
    /// The part of the resource that it is for.
    pub part: ResourcePart,
    /// When the token expires.
    pub expires_at: Timestamp,
}

/// Verifies the tokens of one authorization server.
#[derive(Clone, Debug)]
pub struct Verifier {
    settings: External,
    resource: ProtectedResource,
    fetch: Fetch,
    jwks: Jwks,
    issuer: Arc<Cache<Issuer>>,
}

impl Verifier {
    /// The same with other settings, and with what was fetched; `None` if the authorization server is another one.
    #[must_use]
    pub fn with_settings(&self, settings: &External, resource: ProtectedResource) -> Option<Self> {
        let is_same = self.settings.issuer == settings.issuer && self.settings.jwks_url == settings.jwks_url;
        is_same.then(|| Self { settings: settings.clone(), resource, ..self.clone() })
    }

    /// A verifier of tokens for `resource`, at any of its URLs, unless the settings name another audience.
    ///
    /// # Errors
    /// If the HTTP client cannot be set up.
    pub fn new(settings: &External, resource: ProtectedResource, clock: Clock) -> Result<Self, reqwest::Error> {
        let fetch = Fetch::for_operator(Limits::OPERATOR)?;
        Ok(Self {
            settings: settings.clone(),
            resource,
            jwks: Jwks::new(fetch.clone(), clock.clone()),
            issuer: Arc::new(Cache::new(fetch.terms(), clock)),
            fetch,
        })
    }

    /// Verifies a token and returns its content.
    ///
    /// # Errors
    /// Why the token is not accepted.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, Error> {
        // checked before anything is fetched, so that an arbitrary text in place of a token costs nothing
        let claimed = Claims::unverified(token).ok_or_else(|| Error::Invalid(jose::Error::Malformed.to_string()))?;
        self.check(&claimed, now)?;
        let source = KeySource::At(self.keys().await.map_err(Error::Unavailable)?);
        let expected = Expected { algorithms: &self.settings.algorithms, types: &["jwt", "at+jwt"] };
        let claims = self.jwks.verify(&source, token, expected).await.map_err(|error| match error {
            jose::Error::Keys(error) => Error::Unavailable(error),
            error => Error::Invalid(error.to_string()),
        })?;
        let (expires_at, part) = self.check(&claims, now)?;
        let client_id = CLIENT_CLAIMS.iter().find_map(|name| claims.text(name)).map(str::to_owned);
        let (user, _) =
            user(&self.settings.issuer, &claims, &self.settings.groups_claim, &self.settings.email_claims).map_err(|error| {
                match error {
                    user::Error::Subject => Error::Invalid(error.to_string()),
                    error @ user::Error::TooManyGroups => Error::User(error),
                }
            })?;
        let ceiling = self.resource.ceiling(&part) & self.settings.scopes;
        Ok(Verified { user, client_id, scopes: scopes(&claims, &self.resource.definitions) & ceiling, part, expires_at })
    }

    /// Returns the expiry of a token and the part of the resource that it is for, if it is for this server and valid at `now`.
    fn check(&self, claims: &Claims, now: Timestamp) -> Result<(Timestamp, ResourcePart), Error> {
        if claims.text("iss") != Some(&self.settings.issuer) {
            return invalid("its `iss` is not the configured authorization server");
        }
        let Some(part) = self.part(claims) else {
            let audience = self.settings.audience.as_ref().unwrap_or(&self.resource.id);
            return invalid(&format!("its `aud` does not hold `{audience}`"));
        };
        if claims.get("cnf").is_some() {
            return invalid("it is bound to a key (`cnf`), which is not supported; request a bearer token");
        }
        let expires_at = claims.valid_at(now).or_else(|error| invalid(&error))?;
        Ok((expires_at, part))
    }

    /// Returns the part of the resource that the token is for, from the URLs in `aud`: the whole resource if one of them is its URL. Otherwise all of
    /// them have to name the same part, since a union of several parts is not a part.
    fn part(&self, claims: &Claims) -> Option<ResourcePart> {
        if let Some(audience) = &self.settings.audience {
            return claims.is_for(audience).then(ResourcePart::default);
        }
        let addresses = claims.texts("aud").unwrap_or_default();
        let parts: Vec<_> = addresses.iter().filter_map(|address| self.resource.part(address)).collect();
        let first = parts.first()?;
        let is_whole = |part: &&ResourcePart| **part == ResourcePart::default();
        let part = parts.iter().find(is_whole).or_else(|| parts.iter().all(|part| part == first).then_some(first));
        part.cloned()
    }

    /// The URL of the JWK set.
    async fn keys(&self) -> Result<Url, fetch::Error> {
        if let Some(url) = &self.settings.jwks_url {
            return Ok(url.clone());
        }
        let name = &self.settings.issuer;
        Ok(self.issuer.get(name, self.fetch.network_permit(), issuer::discover(&self.fetch, name)).await?.jwks.clone())
    }
}

fn scopes(claims: &Claims, definitions: &ScopeDefinitions) -> Scopes {
    let words = ["scope", "scp"].iter().find_map(|name| claims.texts(name)).unwrap_or_default();
    definitions.parse(&words.join(" "))
}
