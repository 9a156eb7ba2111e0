//! OAuth clients: who asks for access, where its codes go, how it proves who it is.
//!
//! A client is configured by the operator, publishes its metadata at the URL that is its `client_id`, or registers itself
//! (RFC 7591). All three end as a [`Client`].

use mcp_http::scope::Scopes;

use crate::{jose::KeySource, redirect::RedirectUri};

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// What it calls itself. Any text: whoever shows it has to escape it.
    pub name: String,
    /// How it came to be known.
    pub origin: Origin,
    /// Where codes may be sent; one at least, unless it never asks for codes.
    pub redirect_uris: Vec<RedirectUri>,
    /// How it proves who it is.
    pub authentication: Authentication,
    /// What it may do for itself, without a user, and with which of the configured keys (RFC 6749, section 4.4).
    pub client_credentials: Option<ClientCredentialsGrant>,
}

/// How a client came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The operator configured it.
    Configured,
    /// Its `client_id` is the address of its metadata.
    Document,
    /// It registered itself.
    Registered,
}

/// How a client proves who it is at the token endpoint.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// `none`: it is a public client.
    None,
    /// `private_key_jwt` (RFC 7523).
    PrivateKeyJwt(KeySource),
}

/// What a client may do for itself.
#[derive(Clone, Debug)]
pub struct ClientCredentialsGrant {
    /// The name of the configured key of the API.
    pub key: String,
    /// What it may do at most.
    pub scopes: Scopes,
}
