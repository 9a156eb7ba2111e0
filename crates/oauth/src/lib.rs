//! An OAuth 2.1 authorization server for an MCP endpoint, and the check of its tokens.
//!
//! A client without a token fetches the metadata ([`endpoints::metadata`]) and identifies itself ([`clients`]: configured, with
//! a metadata document, or registered). It sends its user to [`endpoints::authorize`], and redeems the code at
//! [`endpoints::token`]. The user signs in ([`browser`]) with a key of the API or at an identity provider ([`identity`]), and
//! [`access`] rules determine what they may do. MCP requests are authenticated by [`bearer`], or by [`external`] if another
//! authorization server issues the tokens.
//!
//! The server does not depend on a particular API: [`settings`] and [`brand`] contain the API's name, scopes and keys, and
//! [`directory::Directory`] looks up its users.
//!
//! Invariants:
//! - Decisions are pure functions of plain data; handlers parse, decide, ask the store, and respond.
//! - A grant belongs to one user, client and resource, and its scopes are never extended. The exception is the one grant of a
//!   client that acts on its own behalf: it has the scopes of all its tokens, each within the client's configured maximum. The
//!   scopes of a token are never extended.
//! - Plain tokens are only in requests and responses.

pub mod access;
mod advertising;
pub mod authorization_request;
pub mod bearer;
pub mod brand;
pub mod browser;
mod checked_tokens;
pub mod clients;
pub mod directory;
pub mod endpoints;
pub mod error;
pub mod external;
pub mod fetch;
pub mod identity;
pub mod jose;
pub mod keyed_calls;
pub mod keyring;
pub mod pages;
pub mod parameters;
pub mod paths;
pub mod pkce;
pub mod redirect;
mod request_limits;
pub mod routes;
pub mod server;
pub mod settings;
pub mod start;
pub mod store;
#[cfg(test)]
mod testing;
mod write_permits;
