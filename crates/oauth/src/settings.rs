//! What the authorization server is configured with.

use std::{collections::BTreeMap, time::Duration};

use mcp_http::{caller::Keys, scope::Scopes};

use crate::{access::Access, brand::KeyField, clients::client::Client, identity::Oidc, keyring::KeyringSource, store::StoreAt};

/// The authorization server in here.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// How users sign in.
    pub sign_in: SignIn,
    /// What may be granted at most.
    pub scopes: Scopes,
    /// The clients that the operator configured.
    pub clients: Vec<Client>,
    /// Whether clients may register themselves.
    pub registration: bool,
    /// Whether a `client_id` may be the address of the client's metadata.
    pub client_metadata: bool,
    /// The keys that access rules and clients name.
    pub keys: BTreeMap<String, Keys>,
    /// Where grants and tokens are kept.
    pub store: StoreAt,
    /// What encrypts the API's keys.
    pub keyring: KeyringSource,
    /// How long an access token counts.
    pub access_token_ttl: Duration,
    /// How long a refresh token counts.
    pub refresh_token_ttl: Duration,
    /// How long a browser stays signed in.
    pub session_ttl: Duration,
}

impl Embedded {
    /// Everything may be granted, to clients that register themselves or publish their metadata.
    #[must_use]
    pub fn new(sign_in: SignIn, store: StoreAt, keyring: KeyringSource) -> Self {
        Self {
            sign_in,
            scopes: Scopes::ALL,
            clients: Vec::new(),
            registration: true,
            client_metadata: true,
            keys: BTreeMap::new(),
            store,
            keyring,
            access_token_ttl: Duration::from_hours(1),
            refresh_token_ttl: Duration::from_hours(60 * 24),
            session_ttl: Duration::from_hours(12),
        }
    }
}

/// How users sign in.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// With keys of the API: the first is needed, the others open more.
    Keys(Vec<KeyField>),
    /// With the company's identity provider.
    Oidc(Oidc, Access),
}
