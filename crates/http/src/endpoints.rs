//! The paths of the MCP endpoint, and the headers that browsers may send to it.

use axum::http::{
    HeaderName,
    header::{AUTHORIZATION, CONTENT_TYPE},
};

/// The path of the MCP endpoint.
pub const MCP_PATH: &str = "/mcp";
/// The path of the MCP endpoint with only the tools that read.
pub const READ_ONLY_PATH: &str = "/mcp/read-only";

/// The request headers that CORS allows at the MCP endpoint and the OAuth endpoints, besides the safelisted ones.
pub const CLIENT_HEADERS: [HeaderName; 6] = [
    AUTHORIZATION,
    CONTENT_TYPE,
    HeaderName::from_static("mcp-protocol-version"),
    HeaderName::from_static("mcp-method"),
    HeaderName::from_static("mcp-name"),
    HeaderName::from_static("last-event-id"),
];
