//! Client assertions: a client proves who it is with a token that it signs (`private_key_jwt`; RFC 7521, RFC 7523).
//!
//! Invariants: an assertion is from the client, about the client, for this server, short-lived, and counts once.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use mcp_http::{clock::Timestamp, token::TokenHash};

use crate::{
    clients::client::{Authentication, Client, Origin},
    fetch::{self, FetchBudget},
    jose::{self, Claims, Expected, Jwks},
    store::{self, Store},
};

#[cfg(test)]
mod tests;

/// The `client_assertion_type` that is known here.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What assertions may be signed with; published in the server's metadata.
pub const ALGORITHMS: [Algorithm; 5] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];

/// How far away the end of an assertion may be.
const LONGEST: Duration = Duration::from_mins(10);
/// Room for clocks that differ.
const ROOM: Duration = Duration::from_mins(2);
const ID_BYTES: usize = 512;

/// Why an assertion does not count.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It proves nothing: the client is not who it says (`invalid_client`).
    #[error("the client assertion does not count: {0}")]
    Invalid(String),
    /// The client's keys cannot be fetched just now; it may be who it says.
    #[error("the client's keys cannot be fetched: {0}; try again in a minute")]
    Keys(fetch::Error),
    /// Whether it was used before cannot be told just now.
    #[error(transparent)]
    Store(#[from] store::Error),
}

fn invalid<T>(reason: &(impl ToString + ?Sized)) -> Result<T, Error> {
    Err(Error::Invalid(reason.to_string()))
}

/// The `client_id` that an assertion claims, which nobody has checked yet.
#[must_use]
pub fn unverified_client_id(assertion: &str) -> Option<String> {
    Claims::unverified(assertion)?.text("sub").map(str::to_owned)
}

/// Checks assertions that are meant for one server.
#[derive(Clone, Debug)]
pub struct Assertions {
    untrusted: Jwks,
    operator: Jwks,
    audiences: [String; 2],
}

impl Assertions {
    /// For the server with this issuer and token endpoint. Keys of clients that the operator configured are fetched by
    /// `operator`, all others by `untrusted`.
    #[must_use]
    pub fn new(untrusted: Jwks, operator: Jwks, issuer: String, token_endpoint: String) -> Self {
        Self { untrusted, operator, audiences: [issuer, token_endpoint] }
    }

    /// Whether the assertion proves that it comes from this client. It is used up by this.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn verify(
        &self,
        client: &Client,
        type_: &str,
        assertion: &str,
        store: &dyn Store,
        (now, budget): (Timestamp, FetchBudget),
    ) -> Result<(), Error> {
        let (hash, expires_at) = self.proof(client, type_, assertion, (now, budget)).await?;
        if store.consume_once(hash, expires_at).await? {
            Ok(())
        } else {
            invalid("it was used before; sign a new one with a new `jti`")
        }
    }

    /// What makes a good assertion the one that it is, and until when that has to be remembered.
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
        // an assertion counts for a little longer than it says, since clocks differ
        Ok((hash, expires_at.after(ROOM)))
    }

    /// Its id and end, if it says what it has to.
    fn check<'a>(&self, claims: &'a Claims, client_id: &str, now: Timestamp) -> Result<(&'a str, Timestamp), Error> {
        if claims.text("iss") != Some(client_id) || claims.text("sub") != Some(client_id) {
            return invalid("`iss` and `sub` must be the `client_id`");
        }
        if !self.audiences.iter().any(|audience| claims.is_for(audience)) {
            return invalid(&format!("`aud` must be `{}`", self.audiences[0]));
        }
        let expires_at = claims.valid_at(now).or_else(|error| invalid(&error))?;
        if expires_at > now.after(LONGEST + ROOM) {
            return invalid("`exp` must be ten minutes away at most");
        }
        match claims.text("jti") {
            Some(id) if !id.is_empty() && id.len() <= ID_BYTES => Ok((id, expires_at)),
            _ => invalid(&format!("it needs a `jti` of at most {ID_BYTES} characters")),
        }
    }
}
