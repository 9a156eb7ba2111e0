//! The settings for servers that identify users.

use std::collections::BTreeMap;

use mcp_http::{caller::Keys, scope::Scopes, secret::Secret};
use reqwest::Url;

use crate::access::AccessRules;

/// The settings of an `OpenID` Connect identity provider.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// The issuer, byte for byte as the provider's metadata contains it.
    pub issuer: String,
    /// This server's client ID at the provider.
    pub client_id: String,
    /// This server's client secret at the provider.
    pub client_secret: Secret,
    /// The requested scopes, including `openid`.
    pub scopes: Vec<String>,
    /// The claim that contains a user's groups.
    pub groups_claim: String,
    /// The claims that may contain a user's e-mail address; the first that is present counts. Of others than `email` the operator vouches
    /// that users cannot choose them.
    pub email_claims: Vec<String>,
    /// What ends when the provider signs a user out (OpenID Connect Back-Channel Logout).
    pub logout_ends: LogoutEnds,
}

/// What ends when the identity provider signs a user out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogoutEnds {
    /// The browser sessions of the user. Connections of assistants stay.
    #[default]
    Sessions,
    /// The connections too: those that were approved in the session that ends, or all of the user.
    Connections,
}

/// The settings of another authorization server.
#[derive(Clone, Debug)]
pub struct External {
    /// The issuer, byte for byte as the server's metadata contains it.
    pub issuer: String,
    /// The URL of the JWK set; `None` to use the one in the server's metadata.
    pub jwks_url: Option<Url>,
    /// The value that `aud` has to contain; `None` for the URLs of the MCP endpoint.
    pub audience: Option<String>,
    /// The algorithms with which its tokens may be signed.
    pub algorithms: Vec<jsonwebtoken::Algorithm>,
    /// The claim that contains a user's groups.
    pub groups_claim: String,
    /// The claims that may contain a user's e-mail address; the first that is present counts. Of others than `email` the operator vouches
    /// that users cannot choose them.
    pub email_claims: Vec<String>,
    /// The maximum scopes of its tokens.
    pub scopes: Scopes,
    /// The rules for the API key with which a user acts.
    pub access: AccessRules,
    /// The API keys that the rules name.
    pub keys: BTreeMap<String, Keys>,
}
