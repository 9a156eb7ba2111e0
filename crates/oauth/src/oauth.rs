//! OAuth 2.1 in front of the MCP endpoint: the resource server and the authorization server in one program.
//!
//! A request for MCP passes [`bearer`]. A client that has no token reads [`metadata`], makes itself known ([`clients`]:
//! configured, a metadata document, or [`register`]), sends its person to [`authorize`], whose pages are in
//! [`crate::browser`], and redeems the code at [`token_endpoint`].
//!
//! Invariants:
//! - Decisions are pure functions over plain data; handlers read, decide, ask the store, answer.
//! - A grant is bound to person, client, resource and scopes; nothing later makes it wider. The one grant of a client that
//!   acts for itself has what any of its tokens was given, each within its configured ceiling; a token never gets wider.
//! - Plain tokens are in requests and answers only.

pub mod assertion;
pub mod authorize;
pub mod bearer;
pub mod brand;
pub mod client;
pub mod client_metadata;
pub mod clients;
pub mod error;
pub mod external;
mod limit;
pub mod metadata;
pub mod metadata_document;
pub mod parameters;
pub mod redirect;
pub mod register;
pub(crate) mod revoke;
pub mod routes;
pub mod server;
pub mod settings;
pub(crate) mod token_endpoint;
