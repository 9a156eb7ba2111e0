//! What the two servers say about themselves (RFC 9728, RFC 8414, OpenID Connect Discovery 1.0), and where things are.
//!
//! Invariants: the issuer and the resource are built from the public address and copied from here byte for byte, and a resource is
//! called by the address that the client knows it by.

use axum::http::{HeaderValue, Uri};
use serde_json::{Value, json};

use super::assertion::ALGORITHMS;
use crate::{
    endpoints::{MCP_PATH, READ_ONLY_PATH},
    scope::{Scope, Scopes},
};

#[cfg(test)]
mod tests;

/// Where people say yes (RFC 6749, section 3.1).
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Where clients get tokens (RFC 6749, section 3.2).
pub const TOKEN: &str = "/oauth/token";
/// Where clients register themselves (RFC 7591).
pub const REGISTER: &str = "/oauth/register";
/// Where clients give tokens back (RFC 7009).
pub const REVOKE: &str = "/oauth/revoke";
/// Where the metadata of the protected resource is (RFC 9728, section 3.1): clients ask below it, at the path of the endpoint, and
/// then here.
pub const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";
/// Where the metadata of the authorization server is (RFC 8414, section 3).
pub const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";
/// Where clients look for the same that know OpenID Connect.
pub const OPENID_METADATA: &str = "/.well-known/openid-configuration";
/// Where our keys would be if we signed anything.
pub const JWKS: &str = "/oauth/jwks";

/// The protected resource: the MCP endpoint, as clients know it.
///
/// It has several addresses, each of which clients take for a resource: `/mcp`, `/mcp/read-only`, and both with a query that
/// narrows them. Tokens are for all of them; one that was asked for to read only allows no more than that anywhere.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its identifier (RFC 8707): the address of the MCP endpoint.
    pub id: String,
    origin: String,
    /// What can be allowed at all.
    pub scopes: Scopes,
    /// The issuer of its tokens.
    pub issuer: String,
}

impl Resource {
    /// The resource of a server whose public address is `origin`, with tokens from `issuer`.
    #[must_use]
    pub fn new(origin: &str, issuer: &str, scopes: Scopes) -> Self {
        Self { id: format!("{origin}{MCP_PATH}"), origin: origin.to_owned(), scopes, issuer: issuer.to_owned() }
    }

    /// What tokens for an address can allow at most; `None` if it is not one of ours.
    #[must_use]
    pub fn ceiling(&self, address: &str) -> Option<Scopes> {
        let plain = address.split_once('?').map_or(address, |(plain, _)| plain);
        match plain.strip_prefix(&self.origin)? {
            MCP_PATH => Some(self.scopes),
            READ_ONLY_PATH => Some(self.scopes & Scopes::READING),
            _ => None,
        }
    }

    /// Its metadata (RFC 9728, section 2), for those who know it by the address that ends like this.
    #[must_use]
    pub fn metadata(&self, tail: &str) -> Value {
        let resource = format!("{}{tail}", self.origin);
        json!({
            "resource": resource,
            "authorization_servers": [self.issuer],
            "scopes_supported": words(self.ceiling(&resource).unwrap_or_default()),
            "bearer_methods_supported": ["header"],
            "resource_name": "Torii",
        })
    }

    /// The `WWW-Authenticate` of a refusal (RFC 6750, section 3; RFC 9728, section 5.1) at the address that ends like this.
    #[must_use]
    pub fn challenge(&self, tail: &str, reason: Challenge) -> HeaderValue {
        let (error, scopes) = match reason {
            Challenge::NoToken => ("", Scopes::from(Scope::Read)),
            Challenge::InvalidToken => (r#"error="invalid_token", "#, Scopes::from(Scope::Read)),
            Challenge::InsufficientScope(scopes) => (r#"error="insufficient_scope", "#, scopes),
        };
        let scopes = scopes & self.scopes;
        let text = format!(r#"Bearer {error}resource_metadata="{}{RESOURCE_METADATA}{tail}", scope="{scopes}""#, self.origin);
        // an address holds neither quotes nor control characters
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// How the address ends by which somebody knows the resource, from an address that ends in the same way: its path, and its query
/// if that names toolsets and nothing else. Anything else could hold a token, or break out of a header.
#[must_use]
pub fn tail(address: &Uri) -> String {
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

/// What the metadata of an authorization server depends on.
#[derive(Clone, Copy, Debug)]
pub struct Offers {
    /// Whether clients may register themselves.
    pub registration: bool,
    /// Whether a `client_id` may be the address of the client's metadata.
    pub client_metadata: bool,
    /// Whether some client may act for itself.
    pub client_credentials: bool,
}

/// The metadata of the authorization server (RFC 8414, section 2).
#[must_use]
pub fn server(issuer: &str, scopes: Scopes, offers: Offers) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let mut grants = vec!["authorization_code", "refresh_token"];
    if offers.client_credentials {
        grants.push("client_credentials");
    }
    let mut scopes = words(scopes);
    scopes.push("offline_access");
    let methods = ["none", "private_key_jwt"];
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": at(AUTHORIZE),
        "token_endpoint": at(TOKEN),
        "revocation_endpoint": at(REVOKE),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": offers.client_metadata,
    });
    if let Some(metadata) = metadata.as_object_mut().filter(|_| offers.registration) {
        metadata.insert("registration_endpoint".to_owned(), at(REGISTER).into());
    }
    metadata
}

/// The same with what OpenID Connect Discovery requires (section 3), so that clients that check for it go on. There are no ID
/// tokens here, so nobody needs the keys, of which there are none.
#[must_use]
pub fn openid(server: &Value) -> Value {
    let mut metadata = server.clone();
    if let Some((metadata, issuer)) = metadata.as_object_mut().zip(server.get("issuer").and_then(Value::as_str)) {
        metadata.insert("jwks_uri".to_owned(), format!("{issuer}{JWKS}").into());
        metadata.insert("subject_types_supported".to_owned(), json!(["public"]));
        // it may be neither empty nor without this
        metadata.insert("id_token_signing_alg_values_supported".to_owned(), json!(["RS256"]));
    }
    metadata
}

/// Our keys.
#[must_use]
pub fn jwks() -> Value {
    json!({ "keys": [] })
}

fn words(scopes: Scopes) -> Vec<&'static str> {
    scopes.iter().map(Scope::word).collect()
}
