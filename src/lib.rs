//! An MCP server whose tools are generated at build time from Torii's OpenAPI document.
//!
//! A tool call passes through these modules in this order: [`http`] or stdio → [`mcp`] → [`catalog`] (which tool) →
//! [`server_arguments`] (what is for this server) → [`arguments`] (are they valid) → [`confirmation`] (does a person agree) →
//! [`pagination`] (one page or several) → [`upstream`] (rate limit, retries) → [`generated`] (the typed request) → [`truncation`]
//! (does it fit).
//!
//! Invariants:
//! - Torii's keys live in [`caller`] and go to Torii's host only, never into a log, an error or an
//!   answer.
//! - A successful answer of Torii reaches the assistant as Torii sent it.
//! - Every wait and every body has a limit; time and randomness are passed in.

pub mod arguments;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod confirmation;
pub mod custom_fields;
#[cfg(test)]
#[path = "../tests/it/error_style.rs"]
mod error_style;
#[cfg(test)]
mod error_texts;
pub mod generated;
pub mod http;
mod json_limits;
mod json_text;
pub mod landing;
mod large_work;
pub mod mcp;
mod memory_budget;
mod nearest;
pub mod pagination;
pub mod search;
pub mod server_arguments;
pub mod start;
pub mod telemetry;
#[cfg(test)]
mod testing;
pub mod tool_error;
pub mod tool_filter;
pub mod tool_output;
pub mod torii;
pub mod truncation;
pub mod upstream;
