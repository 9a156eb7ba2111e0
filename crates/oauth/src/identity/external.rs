//! Access tokens of another authorization server (RFC 9068, and what its like issue).
//!
//! Invariants:
//! - A token counts only if that server signed it for this resource, in a way the settings allow, and it has not expired.
//! - A token that says nothing about scopes allows nothing; one that is bound to a key is refused, since nobody here could
//!   check that its bearer has it.
//! - The token goes nowhere.

use std::sync::Arc;

use mcp_http::{
    clock::{Clock, Timestamp},
    protected_resource::ProtectedResource,
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

/// The claims that may name the client: RFC 9068 and Keycloak, OpenID Connect, Okta, Entra.
const CLIENT_CLAIMS: [&str; 4] = ["client_id", "azp", "cid", "appid"];

/// Why a token does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not good for this server (`invalid_token`).
    #[error("the access token does not count: {0}")]
    Invalid(String),
    /// It may be good, but who it is for cannot be told.
    #[error("{0}")]
    User(user::Error),
    /// The server's keys cannot be fetched just now; the token may be good.
    #[error("the authorization server cannot be asked for its keys: {0}; try again in a minute")]
    Unavailable(fetch::Error),
}

impl Error {
    /// Whether the same token may count later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

fn invalid<T>(reason: &(impl ToString + ?Sized)) -> Result<T, Error> {
    Err(Error::Invalid(reason.to_string()))
}

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Who signed in there.
    pub user: User,
    /// The client that the token was issued to, if it says so.
    pub client_id: Option<String>,
    /// What it allows, within the settings.
    pub scopes: Scopes,
    /// When it is void.
    pub expires_at: Timestamp,
}

/// Checks tokens of one server.
#[derive(Clone, Debug)]
pub struct Verifier {
    settings: External,
    resource: ProtectedResource,
    fetch: Fetch,
    jwks: Jwks,
    issuer: Arc<Cache<Issuer>>,
}

impl Verifier {
    /// For tokens that are meant for `resource`, at any of its addresses, unless the settings name another audience.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
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

    /// What a token says, if it counts.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, Error> {
        // before anything is fetched, so that any text in the place of a token costs nothing
        let claimed = Claims::unverified(token).ok_or_else(|| Error::Invalid(jose::Error::Malformed.to_string()))?;
        self.check(&claimed, now)?;
        let source = KeySource::At(self.keys().await.map_err(Error::Unavailable)?);
        let expected = Expected { algorithms: &self.settings.algorithms, types: &["jwt", "at+jwt"] };
        let claims = self.jwks.verify(&source, token, expected).await.map_err(|error| match error {
            jose::Error::Keys(error) => Error::Unavailable(error),
            error => Error::Invalid(error.to_string()),
        })?;
        let (expires_at, ceiling) = self.check(&claims, now)?;
        let client_id = CLIENT_CLAIMS.iter().find_map(|name| claims.text(name)).map(str::to_owned);
        let user = user(&self.settings.issuer, &claims, &self.settings.groups_claim).map_err(|error| match error {
            user::Error::Subject => Error::Invalid(error.to_string()),
            error @ user::Error::TooManyGroups => Error::User(error),
        })?;
        Ok(Verified { user, client_id, scopes: scopes(&claims, &self.resource.definitions) & ceiling, expires_at })
    }

    /// When the token ends and what it can allow at most, if it is for this server and counts now.
    fn check(&self, claims: &Claims, now: Timestamp) -> Result<(Timestamp, Scopes), Error> {
        if claims.text("iss") != Some(&self.settings.issuer) {
            return invalid("its `iss` is not the configured authorization server");
        }
        let Some(ceiling) = self.ceiling(claims) else {
            let audience = self.settings.audience.as_ref().unwrap_or(&self.resource.id);
            return invalid(&format!("its `aud` does not hold `{audience}`"));
        };
        if claims.get("cnf").is_some() {
            return invalid("it is bound to a key (`cnf`), which is not supported; ask for a bearer token");
        }
        let expires_at = claims.valid_at(now).or_else(|error| invalid(&error))?;
        Ok((expires_at, ceiling))
    }

    /// What the addresses allow that the token is for.
    fn ceiling(&self, claims: &Claims) -> Option<Scopes> {
        if let Some(audience) = &self.settings.audience {
            return claims.is_for(audience).then_some(self.settings.scopes);
        }
        let addresses = claims.texts("aud").unwrap_or_default();
        addresses.iter().filter_map(|address| self.resource.ceiling(address)).reduce(|one, other| one | other)
    }

    /// Where the keys are.
    async fn keys(&self) -> Result<Url, fetch::Error> {
        if let Some(url) = &self.settings.jwks_url {
            return Ok(url.clone());
        }
        let name = &self.settings.issuer;
        Ok(self.issuer.get(name, self.fetch.lane(), issuer::discover(&self.fetch, name)).await?.jwks.clone())
    }
}

fn scopes(claims: &Claims, definitions: &ScopeDefinitions) -> Scopes {
    let words = ["scope", "scp"].iter().find_map(|name| claims.texts(name)).unwrap_or_default();
    definitions.parse(&words.join(" "))
}
