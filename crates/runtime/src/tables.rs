//! SQL over the lists of the API: `query` answers one `SELECT` from tables that are loaded when it needs them.
//!
//! Which lists are tables, and with which columns, comes from the manifest. [`openapi_mcp_query`] reads the statement and computes
//! the answer; here are the tables of a caller, what loads them, and what is kept of them for a short time.
//!
//! Invariants:
//! - A caller has the tables of the tools that they may call, and no others. Every page is a call of such a tool, with the caller's
//!   own key, within the tool's rate.
//! - A table is loaded whole, with no default that leaves anything out; if it cannot be, that is an error, or said first.
//! - What was loaded is kept for [`cache::TTL`] and for one connection; a change that the connection makes ends that at once.

mod cache;
mod load;
mod schema;

use std::{sync::Arc, time::Duration};

use mcp_http::{caller::Caller, net::fair_semaphore::FairSemaphore, sanitize::one_line};
use openapi_mcp_query::{Bounds, QueryError, Question, Schema, describe};
use serde_json::json;
use tokio::{sync::watch, time::Instant};

use self::{cache::Cache, load::Loader, schema::CallerTables};
use crate::{catalog::Catalog, pipeline::Pipeline, tool_error::ToolError, tool_filter::ToolFilter, tool_output::ToolOutput};

/// How long tables are loaded for one statement. Clients wait for about a minute.
const LOADING: Duration = Duration::from_secs(45);
/// How many rows a table may have.
const ROWS: usize = 50_000;
/// How many characters the rows of an answer may have.
const CHARACTERS: usize = 20_000;
/// How much of what SQLite wrote an error repeats, in characters.
const QUOTED: usize = 300;
/// How many statements are answered at once, and into how many parts these are divided among users.
const AT_ONCE: usize = 8;
const PARTS: usize = 4;

/// What `query` takes.
#[derive(Clone, Debug)]
pub struct Query {
    /// A `SELECT`, or `tables`, or `columns TABLE`.
    pub sql: String,
    /// Whether to answer from tables that could not be loaded whole.
    pub partial: bool,
}

/// Answers statements. Cheap to clone; clones share what is kept.
#[derive(Clone)]
pub struct Tables {
    catalog: &'static Catalog,
    pipeline: Pipeline,
    cache: Cache,
    turns: FairSemaphore<Option<Arc<str>>>,
}

impl Tables {
    /// The tables of a catalog.
    #[must_use]
    pub fn new(catalog: &'static Catalog, pipeline: Pipeline) -> Self {
        Self { catalog, pipeline, cache: Cache::default(), turns: FairSemaphore::new(AT_ONCE, PARTS) }
    }

    /// Forgets what was loaded for a connection, since it may have changed it.
    pub fn changed(&self, caller: &Caller) {
        self.cache.forget(caller.shared_connection());
    }

    /// Answers a statement, or lists tables (`tables`) or the columns of one (`columns apps`). `progress` is told how many rows are
    /// loaded.
    ///
    /// # Errors
    /// When there is no answer; the message is written for the assistant.
    pub async fn query(
        &self,
        query: Query,
        caller: &Caller,
        offered: &ToolFilter,
        progress: &watch::Sender<u64>,
    ) -> Result<ToolOutput, ToolError> {
        let tables = CallerTables::read(self.catalog, self.pipeline.fields(), caller, offered).await;
        if let Some(table) = describe::asked(&query.sql) {
            return described(&tables.schema, table).map_err(|error| self.explained(error, offered));
        }
        let loader = Loader {
            pipeline: &self.pipeline,
            caller,
            tables: &tables,
            cache: &self.cache,
            until: Instant::now() + LOADING,
            rows: ROWS,
            loaded: progress,
        };
        let question = Question {
            sql: query.sql,
            now: jiff::Timestamp::try_from(self.pipeline.upstream().clock().now()).unwrap_or_default(),
            partial: query.partial,
            characters: CHARACTERS.min(self.pipeline.upstream().limits().response_characters),
        };
        let _turn = self.turns.acquire(caller.user().cloned()).await;
        let answer = openapi_mcp_query::answer(&tables.schema, &loader, &question, &Bounds::default()).await;
        answer.map(|answer| ToolOutput::of(&json!(answer))).map_err(|error| self.explained(error, offered))
    }

    /// The error for the assistant.
    fn explained(&self, error: QueryError, offered: &ToolFilter) -> ToolError {
        match error {
            QueryError::Load { table, source } => match source.0.downcast::<ToolError>() {
                Ok(of_call) => of_call.of_table(&table),
                Err(source) => ToolError::statement(format!("`{table}` could not be loaded: {source}"), "call again"),
            },
            QueryError::UnknownTable { name, .. } if self.has_table(&name, offered) => ToolError::no_tool(
                format!("the table `{name}` needs more than the user has allowed"),
                "ask the user to connect again and to allow it",
            ),
            QueryError::Syntax { text, near } => {
                let near = near.map(|near| format!(" at `{}`", one_line(&near, QUOTED))).unwrap_or_default();
                let message = format!("the statement cannot be read: {}{near}", one_line(&text, QUOTED));
                ToolError::statement(message, "correct it, as SQLite writes it, and call again")
            }
            QueryError::Failed { text } => ToolError::statement(
                format!("the statement was stopped: {}", one_line(&text, QUOTED)),
                "change the expression that is named, or narrow the rows",
            ),
            QueryError::Unbound { .. } => {
                let text = error.to_string();
                let (message, next_step) = text.split_once(": ").unwrap_or((&text, "bind it"));
                ToolError::statement(message, next_step.to_owned())
            }
            error => {
                let text = error.to_string();
                let (message, next_step) = text.rsplit_once("; ").unwrap_or((&text, "change the statement and call again"));
                ToolError::statement(message, next_step.to_owned())
            }
        }
    }

    fn has_table(&self, name: &str, offered: &ToolFilter) -> bool {
        let tools = self.catalog.tools().iter().filter(|tool| offered.permits(tool));
        tools.flat_map(|tool| &tool.tables).any(|table| table.name.eq_ignore_ascii_case(name))
    }
}

/// The tables, or the columns of one, each in a line.
fn described(schema: &Schema, table: &str) -> Result<ToolOutput, QueryError> {
    let shown = if table.is_empty() {
        json!({ "tables": describe::tables(schema).lines().collect::<Vec<_>>() })
    } else {
        let text = describe::columns(schema, table)?;
        let mut lines = text.lines();
        json!({ "table": lines.next(), "columns": lines.collect::<Vec<_>>() })
    };
    Ok(ToolOutput::of(&shown))
}
