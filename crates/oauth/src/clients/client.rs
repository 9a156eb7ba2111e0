//! An OAuth client: its name, its redirect URIs, and its authentication.
//!
//! A client is configured by the operator, publishes its metadata at the URL that is its `client_id`, or registers itself
//! (RFC 7591). Each of them is represented as a [`Client`].

use mcp_http::scope::Scopes;

use crate::{jose::KeySource, redirect::RedirectUri};

/// An OAuth client.
#[derive(Clone, Debug)]
pub struct Client {
    /// The `client_id`.
    pub id: String,
    /// The name from its metadata. It may be any text: whoever displays it has to escape it.
    pub name: String,
    /// Where its metadata comes from.
    pub origin: Origin,
    /// The registered redirect URIs; at least one, unless it never uses authorization codes.
    pub redirect_uris: Vec<RedirectUri>,
    /// How it authenticates.
    pub authentication: Authentication,
    /// What it may do on its own behalf, without a user (RFC 6749, section 4.4).
    pub client_credentials: Option<ClientCredentialsGrant>,
}

/// Where a client's metadata comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The operator configured it.
    Configured,
    /// Its `client_id` is the URL of its metadata document.
    Document,
    /// It registered itself.
    Registered,
}

/// How a client authenticates at the token endpoint.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// `none`: a public client.
    None,
    /// `private_key_jwt` (RFC 7523).
    PrivateKeyJwt(KeySource),
}

/// What a client may do on its own behalf.
#[derive(Clone, Debug)]
pub struct ClientCredentialsGrant {
    /// The name of the configured key of the API.
    pub key: String,
    /// The maximum scopes.
    pub scopes: Scopes,
}
