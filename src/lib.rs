//! An MCP server whose tools are generated at build time from Torii's OpenAPI document.
//!
//! This crate contains what is specific to Torii, and the wiring: the generated code ([`generated`]), Torii's credentials and
//! users ([`torii`]), the configuration, the command line, and the startup of a server from its settings ([`start`]). The tools
//! run in `openapi_mcp`; users sign in with `mcp_oauth_server`.

pub mod cli;
#[cfg(feature = "client")]
pub mod client;
pub mod config;
pub mod generated;
pub mod landing;
pub mod local_store;
pub mod probe;
pub mod start;
pub mod telemetry;
pub mod torii;
