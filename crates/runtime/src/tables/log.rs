//! One line in the log for each statement, and one for each table that is loaded for it, since that is a call of its tool.
//!
//! Invariant: a line is written when its guard is dropped, so also if a call fails or is cancelled. Of statements for which nothing
//! was sent, a limited number is logged, and how many were not.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use mcp_http::{
    caller::Caller,
    log::{Line, LineLimit},
};
use tokio::time::Instant;

use super::schema::Source;

/// How many statements for which nothing was sent are logged in a second, of all users.
const UNSENT: u32 = 50;
/// The status of a call that nobody waits for any more.
const CANCELLED: &str = "cancelled";

/// The limit on lines. Cheap to clone; clones share it.
#[derive(Clone)]
pub(super) struct QueryLog(Arc<LineLimit>);

impl Default for QueryLog {
    fn default() -> Self {
        Self(Arc::new(LineLimit::new(UNSENT)))
    }
}

impl QueryLog {
    /// The line of a statement.
    pub(super) fn statement<'a>(&'a self, caller: &'a Caller) -> StatementLine<'a> {
        StatementLine { log: self, caller, begun: Instant::now(), status: CANCELLED, rows: 0, sent: AtomicUsize::new(0) }
    }
}

/// The line of a statement, written when it is dropped.
pub(super) struct StatementLine<'a> {
    log: &'a QueryLog,
    caller: &'a Caller,
    begun: Instant,
    status: &'static str,
    /// How many rows the answer has.
    rows: u64,
    /// How many requests were made for it.
    sent: AtomicUsize,
}

impl StatementLine<'_> {
    /// The line of a table that is loaded for it.
    pub(super) fn table(&self, source: Source) -> TableLine<'_> {
        TableLine { statement: self, source, begun: Instant::now(), status: CANCELLED, rows: 0, pages: 0 }
    }

    /// Notes how it ended.
    pub(super) fn end(&mut self, status: &'static str, rows: u64) {
        (self.status, self.rows) = (status, rows);
    }
}

impl Drop for StatementLine<'_> {
    fn drop(&mut self) {
        let is_sent = *self.sent.get_mut() > 0 || self.status == "ok";
        let line = if is_sent { Line::Logged } else { self.log.0.note(Instant::now().into_std()) };
        let connection = self.caller.connection();
        match line {
            Line::Logged => {
                let (status, rows, ms) = (self.status, self.rows, self.begun.elapsed().as_millis());
                tracing::info!(connection, tool = "query", status, rows, ms, "call");
            }
            Line::Dropped(Some(count)) => {
                tracing::warn!(count, connection, "statements for which nothing was sent are not logged");
            }
            Line::Dropped(None) => {}
        }
    }
}

/// The line of a table, written when it is dropped.
pub(super) struct TableLine<'a> {
    statement: &'a StatementLine<'a>,
    source: Source,
    begun: Instant,
    status: &'static str,
    rows: usize,
    /// How many pages were requested.
    pages: usize,
}

impl TableLine<'_> {
    /// Notes that a page is requested.
    pub(super) fn page(&mut self) {
        self.pages += 1;
        self.statement.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that this many rows were loaded.
    pub(super) fn loaded(&mut self, rows: usize) {
        self.rows += rows;
    }

    /// Notes how it ended.
    pub(super) fn end(&mut self, status: &'static str) {
        self.status = status;
    }
}

impl Drop for TableLine<'_> {
    fn drop(&mut self) {
        let (Source { tool, table }, ms) = (self.source, self.begun.elapsed().as_millis());
        let Self { status, rows, pages, .. } = *self;
        let connection = self.statement.caller.connection();
        tracing::info!(connection, tool = tool.name, table = table.name, status, pages, rows, ms, "call");
    }
}
