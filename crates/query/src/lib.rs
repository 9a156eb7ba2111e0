//! SQL over tables that are loaded when a statement needs them.
//!
//! The engine knows tables, columns and a loader ([`Load`]). It reads one `SELECT`, finds out which tables, columns and rows it
//! needs, asks the loader for those, and runs the statement in an SQLite database in memory that exists for this statement only.
//!
//! Invariants:
//! - A statement reads what the loader gave for it, and nothing else: no file, no other database, no setting.
//! - A condition that goes to the loader never changes a result, since SQLite checks it again.
//! - No answer is silently wrong: a table that is not whole, amounts of several currencies in one sum, and unknown names are errors.
//! - Nothing blocks a thread on the network, and computing has bounds in time and memory.

mod allowed;
mod answer;
mod bounds;
mod cell;
mod checks;
mod collected;
mod days;
pub mod describe;
mod diagnosis;
mod error;
mod functions;
mod load;
mod native;
mod plan;
mod program;
mod rows;
mod run;
mod sandbox;
mod schema;
mod times;
mod unmatched;
mod watch;

use std::sync::Arc;

use jiff::Timestamp;

pub use crate::{
    answer::{Answer, TableUse},
    bounds::Bounds,
    cell::Cell,
    error::{MixedCurrencies, NotSelect, QueryError},
    load::{Condition, Extent, First, Load, LoadError, Loaded, Request, Sort},
    native::memory::bound_memory,
    rows::Rows,
    schema::{Column, Kind, Operator, Reference, Schema, Table},
};

/// A statement, and how it is to be answered.
#[derive(Clone, Debug)]
pub struct Question {
    pub sql: String,
    /// What `now` is in SQLite's date functions.
    pub now: Timestamp,
    /// Whether tables that could not be loaded whole may be used; the answer then leads with them.
    pub partial: bool,
    /// How many characters the rows of the answer may have as JSON; whole rows are left out at the end.
    pub characters: usize,
}

/// Answers a statement. Dropping the future ends the computing. A program that uses SQLite for something else, too, calls [`bound_memory`]
/// before that, or else the memory of a statement has no bound.
pub async fn answer(schema: &Arc<Schema>, load: &dyn Load, question: &Question, bounds: &Bounds) -> Result<Answer, QueryError> {
    answer_holding(schema, load, question, bounds, ()).await
}

/// As [`answer`], and holds a permit until the last thread that works on the statement has ended, which may be a moment after the
/// future is dropped. So whoever cancels and asks again takes no more threads than there are permits.
pub async fn answer_holding(
    schema: &Arc<Schema>,
    load: &dyn Load,
    question: &Question,
    bounds: &Bounds,
    permit: impl Send + Sync + 'static,
) -> Result<Answer, QueryError> {
    run::answer(schema, load, question, bounds, Arc::new(permit)).await
}
