//! Where the MCP endpoint is, and what browsers may send there.

use axum::http::{
    HeaderName,
    header::{AUTHORIZATION, CONTENT_TYPE},
};

/// The path of the MCP endpoint.
pub const MCP_PATH: &str = "/mcp";
/// The same for whoever wants tools that only read.
pub const READ_ONLY_PATH: &str = "/mcp/read-only";

/// What a browser may send to the MCP endpoint and to the endpoints of OAuth, besides what it always may.
pub const CLIENT_HEADERS: [HeaderName; 6] = [
    AUTHORIZATION,
    CONTENT_TYPE,
    HeaderName::from_static("mcp-protocol-version"),
    HeaderName::from_static("mcp-method"),
    HeaderName::from_static("mcp-name"),
    HeaderName::from_static("last-event-id"),
];
