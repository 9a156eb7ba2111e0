//! The settings of the authorization server.

use std::{collections::BTreeMap, time::Duration};

use mcp_http::{caller::Keys, scope::Scopes};

use crate::{
    access::AccessRules, brand::KeyField, clients::client::Client, identity::Oidc, keyring::KeyringSource, store::StoreAt,
};

/// The settings of the embedded authorization server.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// How users sign in.
    pub sign_in: SignIn,
    /// The scopes that can be granted.
    pub scopes: Scopes,
    /// The clients that the operator configured.
    pub clients: Vec<Client>,
    /// Whether dynamic client registration is enabled (RFC 7591).
    pub registration: bool,
    /// Whether a `client_id` may be the URL of the client's metadata document.
    pub client_metadata: ClientMetadata,
    /// The API keys that access rules and clients name.
    pub keys: BTreeMap<String, Keys>,
    /// The database for grants and tokens.
    pub store: StoreAt,
    /// Where the encryption keys come from.
    pub keyring: KeyringSource,
    /// The lifetime of access tokens.
    pub access_token_ttl: Duration,
    /// The lifetime of refresh tokens.
    pub refresh_token_ttl: Duration,
    /// The lifetime of browser sessions.
    pub session_ttl: Duration,
    /// How old a connection may become, however often its tokens are refreshed; `None` for no limit. Clients that act on their own
    /// behalf are exempt.
    pub connection_max_age: Option<Duration>,
}

impl Embedded {
    /// Default settings: all scopes can be granted, and clients may register themselves or publish their metadata.
    #[must_use]
    pub fn new(sign_in: SignIn, store: StoreAt, keyring: KeyringSource) -> Self {
        Self {
            sign_in,
            scopes: Scopes::ALL,
            clients: Vec::new(),
            registration: true,
            client_metadata: ClientMetadata::Advertised { probe: Vec::new() },
            keys: BTreeMap::new(),
            store,
            keyring,
            access_token_ttl: Duration::from_hours(1),
            refresh_token_ttl: Duration::from_hours(60 * 24),
            session_ttl: Duration::from_hours(12),
            connection_max_age: Some(Duration::from_hours(90 * 24)),
        }
    }
}

/// Whether a `client_id` may be the URL of the client's metadata document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMetadata {
    /// It may not.
    Refused,
    /// It may, and the server's metadata does not say so.
    Accepted,
    /// It may, and the server's metadata says so as soon as all these documents have been fetched, or at once if clients cannot register
    /// instead.
    Advertised {
        /// The `client_id`s of documents.
        probe: Vec<String>,
    },
}

/// How users sign in.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// With keys of the API: the first is required, the others allow more.
    Keys(Vec<KeyField>),
    /// With the organization's identity provider.
    Oidc(Oidc, AccessRules),
}
