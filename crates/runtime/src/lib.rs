//! The runtime of tools that are generated from an OpenAPI document: one tool call, and MCP over HTTP and stdio.
//!
//! A tool call comes over [`http`] or stdio to [`mcp`], which finds the tool in the [`catalog`]. From there on its stages stand in order
//! in [`pipeline`]: [`server_arguments`] (what is for this server), [`arguments`] (are they valid), [`confirmation`] (does the user
//! agree), [`pagination`] (one page or several), [`upstream`] (rate limit, retries, and the generated function that sends the typed
//! request), [`truncation`] (does it fit).
//!
//! The runtime knows nothing of an API: its tools, scopes and texts come with the [`catalog`], which the generator wrote, and what only
//! the product has with a [`mcp::ServerDescription`]. Nor does it know an authorization server: who calls says an
//! [`mcp_http::bearer::Authenticate`].
//!
//! Invariants:
//! - The API's keys live in [`mcp_http::caller`] and go to the API's host only, never into a log, an error or a result.
//! - A successful response of the API reaches the assistant as the API sent it.
//! - Every wait and every body has a limit; time and randomness are passed in.

pub mod arguments;
pub mod catalog;
pub mod confirmation;
pub mod custom_fields;
#[cfg(test)]
#[path = "../../../tests/it/error_style.rs"]
mod error_style;
#[cfg(test)]
mod error_texts;
pub mod generated;
pub mod http;
pub mod json_limits;
mod json_text;
mod large_work;
pub mod mcp;
mod memory_budget;
pub mod nearest;
pub mod pagination;
pub mod pipeline;
pub mod search;
pub mod server_arguments;
#[cfg(test)]
mod testing;
pub mod tool_error;
pub mod tool_filter;
pub mod tool_output;
pub mod truncation;
pub mod upstream;
