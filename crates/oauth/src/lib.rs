//! An OAuth 2.1 authorization server for an MCP endpoint, and what checks its tokens.
//!
//! A client that has no token reads the metadata ([`endpoints::metadata`]), makes itself known ([`clients`]: configured, a metadata
//! document, or registered), sends its user to [`endpoints::authorize`], and redeems the code at [`endpoints::token`]. The user signs in
//! ([`browser`]) with a key of the API or at an identity provider ([`identity`]), and [`access`] rules say what they may do.
//! A request for MCP is checked by [`bearer`], or by [`external`] where another authorization server issues the tokens.
//!
//! The server knows nothing of the API behind it: what the API is called, its scopes and keys come with [`settings`] and [`brand`], and
//! what it knows of its users through [`directory::Directory`].
//!
//! Invariants:
//! - Decisions are pure functions over plain data; handlers read, decide, ask the store, respond.
//! - A grant is bound to user, client, resource and scopes; nothing later makes it wider. The one grant of a client that
//!   acts for itself has what any of its tokens was given, each within its configured ceiling; a token never gets wider.
//! - Plain tokens are in requests and responses only.

pub mod access;
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
pub mod keyring;
mod limit;
pub mod pages;
pub mod parameters;
pub mod paths;
pub mod pkce;
pub mod redirect;
pub mod routes;
pub mod server;
pub mod settings;
pub mod start;
pub mod store;
#[cfg(test)]
mod testing;
