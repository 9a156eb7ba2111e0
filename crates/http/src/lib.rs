//! What the HTTP side of an MCP server and its authorization server share.
//!
//! The two libraries meet here and nowhere else: the authorization server says who calls ([`caller`]) and with which [`scope`]s, and the
//! MCP server refuses with the challenge of its [`protected_resource`]. Besides, here is what both need of a request (where it comes
//! from, how often it may), of text that others wrote, of time and of randomness.

pub mod bearer;
pub mod caller;
pub mod clock;
pub mod endpoints;
pub mod holding_body;
pub mod json;
pub mod log;
pub mod net;
pub mod protected_resource;
pub mod request_context;
pub mod sanitize;
pub mod scope;
pub mod secret;
pub mod token;
