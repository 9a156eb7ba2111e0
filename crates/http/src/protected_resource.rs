//! What the MCP endpoint says about itself as a protected resource (RFC 9728).
//!
//! Invariants: the resource is built from the public address and copied from here byte for byte, and it is called by the address that
//! the client knows it by.

use axum::http::{HeaderValue, Uri};
use serde_json::{Value, json};

use crate::{
    endpoints::{MCP_PATH, READ_ONLY_PATH},
    scope::{ScopeDefinitions, Scopes},
};

#[cfg(test)]
mod tests;

/// Where the metadata of the protected resource is (RFC 9728, section 3.1): clients ask below it, at the path of the endpoint, and
/// then here.
pub const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";
/// The protected resource: the MCP endpoint, as clients know it.
///
/// It has several addresses, each of which clients take for a resource: `/mcp`, `/mcp/read-only`, and both with a query that
/// narrows them. Tokens are for all of them; one that was asked for to read only allows no more than that anywhere.
#[derive(Clone, Debug)]
pub struct ProtectedResource {
    /// Its identifier (RFC 8707): the address of the MCP endpoint.
    pub id: String,
    origin: String,
    /// What it is called, for users.
    name: String,
    /// What can be allowed at all.
    pub scopes: Scopes,
    /// What the scopes are.
    pub definitions: ScopeDefinitions,
    /// The issuer of its tokens.
    pub issuer: String,
}

impl ProtectedResource {
    /// The resource called `name` of a server whose public URL is `origin`, with tokens from `issuer` that allow `scopes` at most.
    #[must_use]
    pub fn new(name: &str, origin: &str, issuer: &str, definitions: ScopeDefinitions, scopes: Scopes) -> Self {
        let id = format!("{origin}{MCP_PATH}");
        let (name, origin, issuer) = (name.to_owned(), origin.to_owned(), issuer.to_owned());
        Self { id, origin, name, scopes: scopes & definitions.all(), definitions, issuer }
    }

    /// What tokens for an address can allow at most; `None` if it is not one of ours.
    #[must_use]
    pub fn ceiling(&self, address: &str) -> Option<Scopes> {
        let plain = address.split_once('?').map_or(address, |(plain, _)| plain);
        match plain.strip_prefix(&self.origin)? {
            MCP_PATH => Some(self.scopes),
            READ_ONLY_PATH => Some(self.scopes & self.definitions.reading()),
            _ => None,
        }
    }

    /// Its metadata (RFC 9728, section 2), for those who know it by the address that ends like this.
    #[must_use]
    pub fn metadata(&self, suffix: &str) -> Value {
        let resource = format!("{}{suffix}", self.origin);
        json!({
            "resource": resource,
            "authorization_servers": [self.issuer],
            "scopes_supported": self.definitions.names(self.ceiling(&resource).unwrap_or_default()),
            "bearer_methods_supported": ["header"],
            "resource_name": self.name,
        })
    }

    /// The `WWW-Authenticate` of a refusal (RFC 6750, section 3; RFC 9728, section 5.1) at the address that ends like this.
    #[must_use]
    pub fn challenge(&self, suffix: &str, reason: Challenge) -> HeaderValue {
        let (error, scopes) = match reason {
            Challenge::NoToken => ("", self.definitions.least()),
            Challenge::InvalidToken => (r#"error="invalid_token", "#, self.definitions.least()),
            Challenge::InsufficientScope(scopes) => (r#"error="insufficient_scope", "#, scopes),
        };
        let scopes = self.definitions.text(scopes & self.scopes);
        let text = format!(r#"Bearer {error}resource_metadata="{}{RESOURCE_METADATA}{suffix}", scope="{scopes}""#, self.origin);
        // an address holds neither quotes nor control characters
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// How the address ends by which somebody knows the resource, from an address that ends in the same way: its path, and its query
/// if that names toolsets and nothing else. Anything else could hold a token, or break out of a header.
#[must_use]
pub fn resource_suffix(address: &Uri) -> String {
    let path = if address.path().ends_with(READ_ONLY_PATH) { READ_ONLY_PATH } else { MCP_PATH };
    let is_plain = |names: &str| names.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-,%".contains(&byte));
    let query = address.query().filter(|query| query.strip_prefix("toolsets=").is_some_and(is_plain));
    query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// It brought no token.
    NoToken,
    /// Its token does not count.
    InvalidToken,
    /// Its token allows too little; these scopes would do.
    InsufficientScope(Scopes),
}
