//! What the engine asks of the one who knows where tables come from.

use std::{error::Error, fmt, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{cell::Cell, rows::Rows, schema::Operator};

/// Loads tables, with the rights of one caller. A cache stands behind it; the engine keeps nothing.
///
/// The rows must contain every row of the table that meets all conditions. They may contain others: SQLite checks every condition
/// again, so a loader that ignores one is slow, and not wrong.
#[async_trait]
pub trait Load: Send + Sync {
    async fn load(&self, request: &Request) -> Result<Loaded, LoadError>;
}

/// One table, or the part of a table that belongs to the values of its required columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub table: String,
    /// The columns that the rows must have, in the table's order. Required columns are not among them.
    pub columns: Vec<String>,
    /// All must be met. Each is one that its column offers in `pushed`.
    pub conditions: Vec<Condition>,
    /// The values of the table's required columns, in the order of `required`.
    pub bound: Vec<(String, Cell)>,
    /// If it is set, the first rows are enough for a loader that applies all `conditions` exactly and sorts as asked.
    pub first: Option<First>,
}

/// A comparison with constants.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub column: String,
    pub operator: Operator,
    /// One value; for `In` one or more. A time is a date (`2026-01-31`) or a whole time (`2026-01-31T10:00:00Z`), and strict
    /// comparisons of times come as inclusive ones, since the precision of a source is unknown.
    pub values: Vec<Cell>,
}

/// The first rows in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    pub rows: u64,
    /// The most important column first; none if any rows will do.
    pub sort: Vec<Sort>,
}

/// A column that rows are sorted by. `NULL` is smaller than everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: String,
    pub descending: bool,
}

/// What was loaded.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub rows: Arc<Rows>,
    /// When it was read from its source.
    pub as_of: Timestamp,
    pub extent: Extent,
}

/// How much of what was asked for the rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it, or the first rows where those are enough.
    Whole,
    /// A bound ended the loading: say which, how much there is, and how to narrow.
    Partial { why: String },
}

/// Why nothing could be loaded. The loader's own error can be had back by downcasting.
#[derive(Debug)]
pub struct LoadError(pub Box<dyn Error + Send + Sync>);

impl fmt::Display for LoadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Error for LoadError {}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} ", self.column, self.operator.sign())?;
        let listed = self.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if self.operator == Operator::In { write!(out, "({listed})") } else { out.write_str(&listed) }
    }
}
