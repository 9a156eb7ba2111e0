//! What other servers that say who somebody is are configured with.

use std::collections::BTreeMap;

use mcp_http::{caller::Keys, scope::Scopes, secret::Secret};
use reqwest::Url;

use crate::access::Access;

/// An identity provider that speaks `OpenID` Connect.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// Its issuer, as it writes it.
    pub issuer: String,
    /// What it calls this server.
    pub client_id: String,
    /// How this server proves who it is to it.
    pub client_secret: Secret,
    /// What is asked of it, `openid` among them.
    pub scopes: Vec<String>,
    /// The claim that holds a user's groups.
    pub groups_claim: String,
}

/// Another authorization server.
#[derive(Clone, Debug)]
pub struct External {
    /// Its issuer, as it writes it.
    pub issuer: String,
    /// Where its keys are, unless its metadata says so.
    pub jwks_url: Option<Url>,
    /// What `aud` has to hold; the address of the MCP endpoint unless configured.
    pub audience: Option<String>,
    /// The algorithms its tokens may be signed with.
    pub algorithms: Vec<jsonwebtoken::Algorithm>,
    /// The claim that holds a user's groups.
    pub groups_claim: String,
    /// What its tokens may allow at most.
    pub scopes: Scopes,
    /// Which key of the API a user acts with.
    pub access: Access,
    /// The keys that the rules name.
    pub keys: BTreeMap<String, Keys>,
}
