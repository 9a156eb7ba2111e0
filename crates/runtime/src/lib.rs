//! The runtime of tools that are generated from an OpenAPI document: it runs tool calls, and serves MCP over HTTP and stdio.
//!
//! A tool call arrives over [`http`] or stdio at [`mcp`], which looks up the tool in the [`catalog`]. Then it passes the stages
//! of the [`pipeline`], in this order: [`server_arguments`] (takes out the arguments for this server), [`arguments`] (validates
//! the others), [`confirmation`] (asks the user), [`pagination`] (fetches one or more pages), [`upstream`] (applies the rate
//! limit and retries, and calls the generated function that sends the typed request), [`truncation`] (shortens the result).
//!
//! The runtime is independent of the API and of the authorization server. The API's tools, scopes and texts come from the
//! [`catalog`], which the generator wrote, and what is specific to the product from a [`mcp::ServerDescription`]. Callers are
//! authenticated by an [`mcp_http::bearer::Authenticate`].
//!
//! Invariants:
//! - API keys are stored in [`mcp_http::caller`] types and sent to the API's host only; they never appear in a log, an error or a
//!   result.
//! - A successful response of the API reaches the assistant as the API sent it, apart from what the overlay says of its items: members
//!   that are not shown ([`item_shape`]) and one that is added ([`marks`]).
//! - Every wait and every body has a limit; time and randomness are passed in.

mod aggregation;
pub mod arguments;
pub mod catalog;
pub mod changed_record;
pub mod confirmation;
pub mod custom_fields;
#[cfg(test)]
mod error_texts;
pub mod filter_form;
pub mod generated;
pub mod http;
mod item_shape;
pub mod json_limits;
mod json_text;
mod large_work;
mod marks;
pub mod mcp;
mod memory_budget;
mod narrowing;
pub mod nearest;
mod next_step;
pub mod pagination;
pub mod pipeline;
pub mod query_limits;
pub mod repeated_calls;
pub mod search;
pub mod server_arguments;
#[cfg(feature = "query")]
pub mod tables;
#[cfg(not(feature = "query"))]
#[path = "no_tables.rs"]
pub mod tables;
#[cfg(test)]
mod testing;
mod today;
pub mod tool_error;
pub mod tool_filter;
pub mod tool_output;
pub mod truncation;
pub mod typed;
mod unknown_fields;
pub mod upstream;
