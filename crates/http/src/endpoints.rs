//! Where the MCP endpoint is.

/// The path of the MCP endpoint.
pub const MCP_PATH: &str = "/mcp";
/// The same for whoever wants tools that only read.
pub const READ_ONLY_PATH: &str = "/mcp/read-only";
