//! The metadata of the MCP endpoint as a protected resource (RFC 9728).
//!
//! Invariants: the resource identifier is built from the public URL once and copied byte for byte, and responses use the URL by
//! which the client knows the resource.

use axum::http::{HeaderValue, Uri};
use serde_json::{Value, json};

use crate::{
    endpoints::{MCP_PATH, READ_ONLY_PATH},
    scope::{ScopeDefinitions, Scopes},
};

#[cfg(test)]
mod tests;

/// The path of the metadata of the protected resource (RFC 9728, section 3.1). Clients first append the path of the endpoint to
/// it, and then try it alone.
pub const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";
/// The protected resource: the MCP endpoint, as clients know it.
///
/// It has several URLs, each of which clients treat as a resource: `/mcp`, `/mcp/read-only`, and both with a query that selects
/// toolsets. Tokens are valid for all of them; a token that was requested for the read-only URL allows only reading at any of
/// them.
#[derive(Clone, Debug)]
pub struct ProtectedResource {
    /// Its resource identifier (RFC 8707): the URL of the MCP endpoint.
    pub id: String,
    origin: String,
    /// Its name, for users.
    name: String,
    /// The largest scopes that tokens can have.
    pub scopes: Scopes,
    /// The definitions of the scopes.
    pub definitions: ScopeDefinitions,
    /// The issuer of its tokens.
    pub issuer: String,
}

impl ProtectedResource {
    /// The resource called `name` of a server whose public URL is `origin`, with tokens from `issuer` that allow `scopes` at
    /// most.
    #[must_use]
    pub fn new(name: &str, origin: &str, issuer: &str, definitions: ScopeDefinitions, scopes: Scopes) -> Self {
        let id = format!("{origin}{MCP_PATH}");
        let (name, origin, issuer) = (name.to_owned(), origin.to_owned(), issuer.to_owned());
        Self { id, origin, name, scopes: scopes & definitions.all(), definitions, issuer }
    }

    /// The largest scopes of tokens for this URL; `None` if it is not a URL of the resource.
    #[must_use]
    pub fn ceiling(&self, address: &str) -> Option<Scopes> {
        let plain = address.split_once('?').map_or(address, |(plain, _)| plain);
        match plain.strip_prefix(&self.origin)? {
            MCP_PATH => Some(self.scopes),
            READ_ONLY_PATH => Some(self.scopes & self.definitions.reading()),
            _ => None,
        }
    }

    /// Its metadata (RFC 9728, section 2), for clients that know it by the URL with this suffix.
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

    /// The `WWW-Authenticate` header of a rejected request (RFC 6750, section 3; RFC 9728, section 5.1), for the URL with this
    /// suffix.
    #[must_use]
    pub fn challenge(&self, suffix: &str, reason: Challenge) -> HeaderValue {
        let (error, scopes) = match reason {
            Challenge::NoToken => ("", self.definitions.least()),
            Challenge::InvalidToken => (r#"error="invalid_token", "#, self.definitions.least()),
            Challenge::InsufficientScope(scopes) => (r#"error="insufficient_scope", "#, scopes),
        };
        let scopes = self.definitions.text(scopes & self.scopes);
        let text = format!(r#"Bearer {error}resource_metadata="{}{RESOURCE_METADATA}{suffix}", scope="{scopes}""#, self.origin);
        // a URL contains neither quotes nor control characters
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// The suffix of the URL by which a client knows the resource, from a request URL with the same ending: its path, and its query
/// if that contains only toolsets. Anything else could contain a token, or break out of a header.
#[must_use]
pub fn resource_suffix(address: &Uri) -> String {
    let path = if address.path().ends_with(READ_ONLY_PATH) { READ_ONLY_PATH } else { MCP_PATH };
    let is_plain = |names: &str| names.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-,%".contains(&byte));
    let query = address.query().filter(|query| query.strip_prefix("toolsets=").is_some_and(is_plain));
    query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

/// Why a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// It has no token.
    NoToken,
    /// Its token is not valid.
    InvalidToken,
    /// The scopes of its token are insufficient. Contains the required scopes.
    InsufficientScope(Scopes),
}
