//! OAuth 2.1 in front of the MCP endpoint: the resource server and the authorization server in one program.

pub mod assertion;
pub mod client;
pub mod client_metadata;
pub mod jwks;
pub mod metadata_document;
pub mod pkce;
pub mod redirect;
pub mod scope;
pub mod token;
