//! An MCP server whose tools are generated at build time from Torii's OpenAPI document.
//!
//! Here is what is Torii's, and the wiring: the generated code ([`generated`]), what only Torii has ([`torii`]), configuration, command
//! line, and the way from settings to a running server ([`start`]). Tools run in `openapi_mcp`, users sign in with `mcp_oauth_server`.

pub mod cli;
pub mod config;
#[cfg(test)]
#[path = "../tests/it/error_style.rs"]
mod error_style;
pub mod generated;
pub mod landing;
pub mod start;
pub mod telemetry;
pub mod torii;
