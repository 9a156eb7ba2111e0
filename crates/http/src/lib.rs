//! The types that the HTTP side of an MCP server shares with its authorization server.
//!
//! This is the only interface between the two libraries: the authorization server determines the [`caller`] and the [`scope`]s,
//! and the MCP server rejects requests with the challenge of its [`protected_resource`]. The crate also contains what both need
//! to handle requests (client IP addresses, rate limits), untrusted text, time and randomness.

pub mod bearer;
pub mod caller;
pub mod clock;
pub mod endpoints;
pub mod holding_body;
pub mod json;
pub mod keyed_calls;
pub mod known_tokens;
pub mod log;
pub mod net;
pub mod protected_resource;
pub mod replicas;
pub mod request_context;
pub mod sanitize;
pub mod scope;
pub mod secret;
pub mod token;
pub mod web_page;
