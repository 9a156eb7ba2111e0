//! Client assertions: a client authenticates with a JWT that it signed (`private_key_jwt`; RFC 7521, RFC 7523).
//!
//! Invariants: an assertion is from the client, about the client, for this server, short-lived, and accepted once.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use mcp_http::{clock::Timestamp, token::TokenHash};

use crate::{
    clients::client::{Authentication, Client, Origin},
    fetch::{self, FetchBudget},
    jose::{self, Claims, Expected, Jwks, KeySource},
    store::{self, Store},
    write_permits::{Kind, TooManyWrites, WritePermits, Writer},
};

#[cfg(test)]
mod tests;

/// The supported `client_assertion_type`.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The algorithms with which assertions may be signed; they are listed in the server's metadata.
pub const ALGORITHMS: [Algorithm; 5] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];

/// How far in the future an assertion may expire.
const MAX_LIFETIME: Duration = Duration::from_mins(10);
/// The tolerated difference between clocks.
const CLOCK_SKEW: Duration = Duration::from_mins(2);
const ID_BYTES: usize = 512;

/// Why an assertion is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The assertion is not valid, so the client is not authenticated (`invalid_client`).
    #[error("the client assertion is not valid: {0}")]
    Invalid(String),
    /// The client's keys cannot be fetched at the moment; the assertion may be valid.
    #[error("the client's keys cannot be fetched: {0}; try again in a minute")]
    Keys(fetch::Error),
    /// The store cannot determine at the moment whether the assertion was used before.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Too many assertions of the client are being stored.
    #[error(transparent)]
    Writes(#[from] TooManyWrites),
}

fn invalid<T>(reason: &(impl ToString + ?Sized)) -> Result<T, Error> {
    Err(Error::Invalid(reason.to_string()))
}

/// Returns the `client_id` that an assertion claims, without verifying it.
#[must_use]
pub fn unverified_client_id(assertion: &str) -> Option<String> {
    Claims::unverified(assertion)?.text("sub").map(str::to_owned)
}

/// Verifies assertions for one authorization server.
#[derive(Clone, Debug)]
pub struct Assertions {
    untrusted: Jwks,
    operator: Jwks,
    audiences: [String; 2],
}

impl Assertions {
    /// A verifier for the server with this issuer and token endpoint. The keys of clients that the operator configured are
    /// fetched with `operator`, all others with `untrusted`.
    #[must_use]
    pub fn new(untrusted: Jwks, operator: Jwks, issuer: String, token_endpoint: String) -> Self {
        Self { untrusted, operator, audiences: [issuer, token_endpoint] }
    }

    /// Verifies that the assertion is from this client, and consumes it.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub(crate) async fn verify(
        &self,
        client: &Client,
        type_: &str,
        assertion: &str,
        (store, writes): (&dyn Store, &WritePermits),
        (now, budget): (Timestamp, FetchBudget),
    ) -> Result<(), Error> {
        let (hash, expires_at) = self.proof(client, type_, assertion, (now, budget)).await?;
        let on_behalf = match client.origin {
            Origin::Configured => Writer::Client(client.id.clone()),
            _ => Writer::Stranger(Kind::Assertion, budget.client),
        };
        let _permit = writes.acquire(on_behalf).await?;
        if store.consume_once(hash, expires_at).await? {
            Ok(())
        } else {
            invalid("it was used before; sign a new one with a new `jti`")
        }
    }

    /// Verifies an assertion; returns the hash that identifies it, and until when the hash has to be stored.
    /// Keeps the keys of a client that a user has allowed something, so that strangers cannot evict them from the cache.
    pub(crate) async fn keep(&self, client: &Client, user: &str) {
        if let Authentication::PrivateKeyJwt(KeySource::At(url)) = &client.authentication
            && client.origin != Origin::Configured
        {
            self.untrusted.keep(url, user).await;
        }
    }

    async fn proof(
        &self,
        client: &Client,
        type_: &str,
        assertion: &str,
        (now, budget): (Timestamp, FetchBudget),
    ) -> Result<(TokenHash, Timestamp), Error> {
        let Authentication::PrivateKeyJwt(source) = &client.authentication else {
            return invalid("the client has no keys registered");
        };
        if type_ != TYPE {
            return invalid(&format!("`client_assertion_type` must be `{TYPE}`"));
        }
        let jwks = if client.origin == Origin::Configured { &self.operator } else { &self.untrusted };
        let expected = Expected { algorithms: &ALGORITHMS, types: &["jwt", "client-authentication+jwt"] };
        let claims = match jwks.on(budget).verify(source, assertion, expected).await {
            Ok(claims) => claims,
            Err(jose::Error::Keys(error)) if error.is_transient() => return Err(Error::Keys(error)),
            Err(error) => return invalid(&error),
        };
        let (id, expires_at) = self.check(&claims, &client.id, now)?;
        let hash = TokenHash::of(format!("client assertion\0{}\0{id}", client.id).as_bytes());
        // because clocks differ, an assertion is accepted for a little longer than its `exp`
        Ok((hash, expires_at.after(CLOCK_SKEW)))
    }

    /// Checks the claims, and returns `jti` and `exp`.
    fn check<'a>(&self, claims: &'a Claims, client_id: &str, now: Timestamp) -> Result<(&'a str, Timestamp), Error> {
        if claims.text("iss") != Some(client_id) || claims.text("sub") != Some(client_id) {
            return invalid("`iss` and `sub` must be the `client_id`");
        }
        if !self.audiences.iter().any(|audience| claims.is_for(audience)) {
            return invalid(&format!("`aud` must be `{}`", self.audiences[0]));
        }
        let expires_at = claims.valid_at(now).or_else(|error| invalid(&error))?;
        if expires_at > now.after(MAX_LIFETIME + CLOCK_SKEW) {
            return invalid("`exp` must be ten minutes away at most");
        }
        match claims.text("jti") {
            Some(id) if !id.is_empty() && id.len() <= ID_BYTES => Ok((id, expires_at)),
            _ => invalid(&format!("it needs a `jti` of at most {ID_BYTES} characters")),
        }
    }
}
