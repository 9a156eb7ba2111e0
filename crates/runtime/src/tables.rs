//! SQL over the lists of the API: `query` answers one `SELECT` from tables that are loaded when it needs them.
//!
//! Which lists are tables, and with which columns, comes from the manifest. [`openapi_mcp_query`] reads the statement and computes
//! the answer; here are the tables of a caller, what loads them, and what is kept of them for a short time.
//!
//! Invariants:
//! - A caller has the tables of the tools that they may call, and no others. Every page is a call of such a tool, with the caller's
//!   own key, within the tool's rate.
//! - A table is loaded whole, with no default that leaves anything out; if it cannot be, that is an error, or said first.
//! - What was loaded is kept for a short time and for one connection; a change that the connection makes ends that at once.
//! - The rows of a table, the bytes of a statement and those of all statements together are bounded while they are loaded ([`tally`]).

mod cache;
mod load;
mod log;
mod page;
mod schema;
mod tally;

use std::sync::{Arc, Mutex, PoisonError};

use mcp_http::{caller::Caller, net::fair_semaphore::FairSemaphore, sanitize::one_line};
pub use openapi_mcp_query::bound_memory;
use openapi_mcp_query::{Bounds, QueryError, Question, Schema, describe};
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use self::{
    cache::Cache,
    load::Loader,
    log::{QueryLog, StatementLine},
    schema::CallerTables,
    tally::{Memory, Tally},
};
use crate::{
    catalog::Catalog, pipeline::Pipeline, query_limits::QueryLimits, tool_error::ToolError, tool_filter::ToolFilter,
    tool_output::ToolOutput,
};

/// How many characters the rows of an answer may have.
const CHARACTERS: usize = 20_000;
/// How much of what SQLite wrote an error repeats, in characters.
const QUOTED: usize = 300;
/// How many statements are answered at once, and into how many parts these are divided among users.
const AT_ONCE: usize = 8;
const PARTS: usize = 4;

/// Whether this build has `query`.
pub(crate) const ARE_BUILT: bool = true;

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
    limits: QueryLimits,
    cache: Cache,
    memory: Memory,
    turns: FairSemaphore<Option<Arc<str>>>,
    log: QueryLog,
}

impl Tables {
    /// The tables of a catalog.
    #[must_use]
    pub fn new(catalog: &'static Catalog, pipeline: Pipeline) -> Self {
        let limits = pipeline.upstream().limits().query;
        Self {
            catalog,
            pipeline,
            limits,
            cache: Cache::new(&limits),
            memory: Memory::default(),
            turns: FairSemaphore::new(AT_ONCE, PARTS),
            log: QueryLog::default(),
        }
    }

    /// Forgets what was loaded for a connection, since it may have changed it.
    pub fn changed(&self, caller: &Caller) {
        self.cache.forget(caller.shared_connection().as_ref());
    }

    /// Notes a call whose arguments are no [`Query`].
    pub(crate) fn refused(&self, caller: &Caller, error: &ToolError) {
        self.log.statement(caller).end(error.kind.name(), 0);
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
        let mut line = self.log.statement(caller);
        let answer = self.answered(query, caller, offered, progress, &line).await;
        match &answer {
            Ok((_, rows)) => line.end("ok", *rows),
            Err(error) => line.end(error.kind.name(), 0),
        }
        answer.map(|(output, _)| output)
    }

    /// The answer to a statement, and how many rows it has.
    async fn answered(
        &self,
        query: Query,
        caller: &Caller,
        offered: &ToolFilter,
        progress: &watch::Sender<u64>,
        line: &StatementLine<'_>,
    ) -> Result<(ToolOutput, u64), ToolError> {
        if let Some(named) = describe::asked(&query.sql) {
            let tables = self.of(caller, offered, Some(&named.join(" "))).await;
            let most = self.pipeline.upstream().limits().response_characters;
            return described(&tables.schema, &named, most)
                .map(|output| (output, 0))
                .map_err(|error| self.explained(error, offered));
        }
        let turn = self.turns.acquire(caller.user().cloned()).await;
        // only now, since waiting for the turn is not loading
        let until = Instant::now() + self.limits.time;
        let tables = timeout_at(until, self.of(caller, offered, Some(&query.sql))).await;
        let tables = tables.map_err(|_| ToolError::timeout(self.limits.time.as_secs()))?;
        let tally = Arc::new(Tally::new(self.memory.clone(), caller.user().cloned(), &self.limits));
        let loader = Loader {
            pipeline: &self.pipeline,
            caller,
            tables: &tables,
            cache: &self.cache,
            until,
            tally: Arc::clone(&tally),
            loaded: progress,
            line,
            notes: Mutex::default(),
        };
        let question = Question {
            sql: query.sql,
            now: jiff::Timestamp::try_from(self.pipeline.upstream().clock().now()).unwrap_or_default(),
            partial: query.partial,
            characters: CHARACTERS.min(self.pipeline.upstream().limits().response_characters),
        };
        let bounds = Bounds { bound_values: self.limits.required_values, ..Bounds::default() };
        // the engine holds the turn and the memory until its last thread has ended, also if nobody waits for the answer any more
        let held = (turn, tally);
        let answer = openapi_mcp_query::answer_holding(&tables.schema, &loader, &question, &bounds, held).await;
        let mut answer = answer.map_err(|error| self.explained(error, offered))?;
        answer.notes.extend(loader.notes.into_inner().unwrap_or_else(PoisonError::into_inner));
        let rows = answer.rows.len() as u64;
        Ok((ToolOutput::of(&json!(answer)), rows))
    }

    /// The tables of a caller, with the organization's own fields of those that a text names.
    async fn of(&self, caller: &Caller, offered: &ToolFilter, text: Option<&str>) -> CallerTables {
        CallerTables::read(self.catalog, self.pipeline.fields(), caller, offered, text).await
    }

    /// Whether a caller has any table.
    pub(crate) fn are_there(&self, caller: &Caller, offered: &ToolFilter) -> bool {
        schema::permitted(self.catalog, caller, offered).next().is_some()
    }

    /// All tables of a caller with their columns, as JSON; without the columns if that has more than this many characters.
    pub(crate) async fn overview(&self, caller: &Caller, offered: &ToolFilter, most: usize) -> String {
        let schema = self.of(caller, offered, None).await.schema;
        let tables = schema.tables().iter().filter_map(|table| columns(&schema, &table.name).ok());
        let text = json!({ "tables": tables.collect::<Vec<_>>() }).to_string();
        if text.len() <= most {
            return text;
        }
        let tables: Vec<_> = describe::tables(&schema).lines().map(|line| json!({ "table": line })).collect();
        json!({ "tables": tables, "note": "the columns are too many for here; the tool `query` lists those of one table with `columns NAME`" })
            .to_string()
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

/// All tables, or the named ones with their columns, each in a line. Lines beyond this many characters are left out and counted.
fn described(schema: &Schema, named: &[&str], most: usize) -> Result<ToolOutput, QueryError> {
    let mut left = most;
    let mut fits = |line: &Value| {
        let rest = left.checked_sub(line.to_string().chars().count() + 1);
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    let mut cut = |mut shown: Value, list: &str| {
        let mut left_out = 0;
        if let Some(lines) = shown.get_mut(list).and_then(Value::as_array_mut) {
            let kept = lines.iter().take_while(|line| fits(line)).count();
            left_out = lines.len() - kept;
            lines.truncate(kept);
        }
        if let Some(shown) = shown.as_object_mut().filter(|_| left_out > 0) {
            let more = match list {
                "tables" => format!("{left_out} are left out"),
                _ => format!("{left_out} are left out; the column `json` has the members of an item, too"),
            };
            shown.insert("more".to_owned(), more.into());
        }
        shown
    };
    let shown = match named {
        [] => cut(json!({ "tables": describe::tables(schema).lines().collect::<Vec<_>>() }), "tables"),
        [one] => cut(columns(schema, one)?, "columns"),
        several => {
            let tables = several.iter().map(|table| Ok(cut(columns(schema, table)?, "columns")));
            json!({ "tables": tables.collect::<Result<Vec<_>, QueryError>>()? })
        }
    };
    Ok(ToolOutput::of(&shown))
}

/// A table with its columns, each in a line.
fn columns(schema: &Schema, table: &str) -> Result<Value, QueryError> {
    let text = describe::columns(schema, table)?;
    let mut lines = text.lines();
    Ok(json!({ "table": lines.next(), "columns": lines.collect::<Vec<_>>() }))
}
