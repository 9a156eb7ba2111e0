//! What stands in for `tables` in a build without the feature `query`: no caller has a table, so `query` is neither listed nor run.
#![expect(
    clippy::unused_self,
    clippy::unused_async,
    reason = "these are the functions of `tables`, which the rest of the crate calls"
)]

use mcp_http::caller::Caller;
use tokio::sync::watch;

use crate::{catalog::Catalog, pipeline::Pipeline, tool_error::ToolError, tool_filter::ToolFilter, tool_output::ToolOutput};

/// Whether this build has `query`.
pub(crate) const ARE_BUILT: bool = false;

/// What `query` takes.
#[derive(Clone, Debug)]
pub struct Query {
    /// A `SELECT`, or `tables`, or `columns TABLE`.
    pub sql: String,
    /// Whether to answer from tables that could not be loaded whole.
    pub partial: bool,
}

/// No tables.
#[derive(Clone, Copy)]
pub struct Tables;

impl Tables {
    /// None, whatever the catalog has.
    #[must_use]
    pub fn new(_: &'static Catalog, _: Pipeline) -> Self {
        Self
    }

    /// Does nothing, since nothing was loaded.
    pub fn changed(self, _: &Caller) {}

    pub(crate) fn refused(self, _: &Caller, _: &ToolError) {}

    /// Answers no statement.
    ///
    /// # Errors
    /// Always.
    pub async fn query(self, _: Query, _: &Caller, _: &ToolFilter, _: &watch::Sender<u64>) -> Result<ToolOutput, ToolError> {
        Err(ToolError::no_tool("this server was built without `query`", "read the lists with their tools"))
    }

    pub(crate) fn are_there(self, _: &Caller, _: &ToolFilter) -> bool {
        false
    }

    pub(crate) async fn overview(self, _: &Caller, _: &ToolFilter, _: usize) -> String {
        String::new()
    }
}

/// Does nothing, since there is no engine.
pub fn bound_memory() {}
