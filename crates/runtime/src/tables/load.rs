//! Loads tables: calls their tools, page by page.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use jiff::{ToSpan as _, civil::Date};
use mcp_http::caller::{Caller, Key};
use openapi_mcp_model::{Conditions, Fallback, ServerArgument};
use openapi_mcp_query::{Cell, Condition, Extent, Kind, Load, LoadError, Loaded, Operator, Request, Rows, Table};
use serde_json::{Map, Value, json};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use super::{
    cache::{Cache, Kept, Owner, Part},
    log::{StatementLine, TableLine},
    page::{ID, Page, Reading, Seen, read},
    schema::{CallerTables, Source},
    tally::Tally,
};
use crate::{
    arguments::Arguments,
    pipeline::Pipeline,
    tool_error::{ErrorKind, ToolError},
    truncation::grouped,
};

/// The argument with the members of each item.
const FIELDS: &str = "fields";
const CURSOR: &str = "cursor";
/// Why a table is not whole when [`Loader::until`] was reached.
const LATE: &str = "the time for loading was over";

/// Loads the tables of one statement.
pub(super) struct Loader<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) caller: &'a Caller,
    pub(super) tables: &'a CallerTables,
    pub(super) cache: &'a Cache,
    /// When loading ends.
    pub(super) until: Instant,
    /// What all tables of the statement may have together.
    pub(super) tally: Arc<Tally>,
    /// How many rows were loaded so far, of all tables.
    pub(super) loaded: &'a watch::Sender<u64>,
    pub(super) line: &'a StatementLine<'a>,
    /// What tables lack, for the answer.
    pub(super) notes: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl Load for Loader<'_> {
    async fn load(&self, request: &Request) -> Result<Loaded, LoadError> {
        let failed = |error: ToolError| LoadError(Box::new(error));
        let found = self.tables.source(&request.table).zip(self.tables.schema.table(&request.table));
        let Some((source, table)) = found else { return Err(failed(ToolError::no_table(&request.table))) };
        let key = source.tool.key(self.caller).map_err(failed)?.map_or(0, Key::fingerprint);
        let owner = Owner { connection: self.caller.shared_connection(), key };
        let begun = self.cache.begin(&owner);
        let part = Part::new(owner, request);
        if let Some(Kept { loaded, note }) = self.cache.get(&part, &request.columns) {
            self.note(&request.table, note);
            return match self.count(table, &loaded.rows).await.map_err(failed)? {
                None => Ok(loaded),
                Some(why) => Ok(Loaded { rows: Rows::new(&request.columns).into(), extent: Extent::Partial { why }, ..loaded }),
            };
        }
        let kept = self.fetch(source, table, request).await.map_err(failed)?;
        self.note(&request.table, kept.note);
        let loaded = kept.loaded.clone();
        if loaded.extent == Extent::Whole && request.first.is_none() {
            self.cache.keep(begun, part, kept);
        }
        Ok(loaded)
    }
}

impl Loader<'_> {
    /// Adds what a table lacks to the notes.
    fn note(&self, table: &str, note: &str) {
        if !note.is_empty() {
            self.notes.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("`{table}`: {note}"));
        }
    }

    /// Counts rows that are to be kept; why they must not be.
    async fn count(&self, table: &Table, rows: &Rows) -> Result<Option<String>, ToolError> {
        let counted = timeout_at(self.until, self.tally.add(&table.name, rows)).await.map_err(|_| ToolError::busy())?;
        Ok(counted.err().map(|full| full.why(&table.required)))
    }

    /// Fetches a table, as its fallback if the API refuses its arguments.
    async fn fetch(&self, source: Source, table: &Table, request: &Request) -> Result<Kept, ToolError> {
        let mut line = self.line.table(source);
        let mut fetched = self.list(source, (table, request), None, &mut line).await.map(|loaded| Kept { loaded, note: "" });
        if let (Err(error), Some(fallback)) = (&fetched, &source.table.fallback)
            && matches!(error.kind, ErrorKind::BadArgument | ErrorKind::RoleTooWeak | ErrorKind::Refused)
            && let Ok(loaded) = self.list(source, (table, request), Some(fallback), &mut line).await
        {
            fetched = Ok(Kept { loaded, note: &fallback.note });
        }
        line.end(match &fetched {
            Ok(kept) if kept.loaded.extent == Extent::Whole => "ok",
            Ok(_) => "partial",
            Err(error) => error.kind.name(),
        });
        fetched
    }

    /// Fetches all pages of a list.
    async fn list(
        &self,
        source: Source,
        (table, request): (&Table, &Request),
        fallback: Option<&Fallback>,
        line: &mut TableLine<'_>,
    ) -> Result<Loaded, ToolError> {
        let Source { tool, table: described } = source;
        let as_of = self.pipeline.upstream().clock().now();
        let as_of = jiff::Timestamp::try_from(as_of).and_then(|time| time.round(jiff::Unit::Second)).unwrap_or_default();
        let most = match &request.first {
            Some(first) if first.sort.is_empty() && request.conditions.is_empty() => usize::try_from(first.rows).ok(),
            _ => None,
        };
        let mut arguments = arguments(source, table, request);
        for (name, value) in fallback.iter().flat_map(|fallback| &fallback.arguments) {
            match value {
                Value::Null => arguments.remove(name),
                value => arguments.insert(name.clone(), value.clone()),
            };
        }
        let reading =
            Reading { source, table, columns: &request.columns, most_bytes: self.tally.bytes(), parsing: self.tally.parsing() };
        let mut rows = Rows::new(&request.columns);
        let mut position = described.offset.as_ref().map(|offset| offset.first);
        let mut cursors = HashSet::new();
        let mut seen = Seen::default();
        let mut cut = None;
        let extent = loop {
            if let (Some(offset), Some(position)) = (&described.offset, position) {
                arguments.insert(offset.argument.clone(), position.into());
                arguments.insert(offset.size_argument.clone(), offset.size.into());
            }
            let call = self.page(&reading, Arguments::check(tool, arguments.clone())?, std::mem::take(&mut seen), line);
            let page = match timeout_at(self.until, call).await {
                Ok(Ok((page, came))) => {
                    seen = came;
                    page
                }
                Ok(Err(error)) if rows.is_empty() => return Err(error),
                Ok(Err(error)) => break Extent::Partial { why: error.message },
                Err(_) => break Extent::Partial { why: LATE.to_owned() },
            };
            if let Some(why) = self.count(table, &page.rows).await? {
                break Extent::Partial { why };
            }
            rows.append(&page.rows);
            line.loaded(page.rows.len());
            self.loaded.send_modify(|loaded| *loaded += page.rows.len() as u64);
            cut = cut.or(page.cut);
            if most.is_some_and(|most| rows.len() >= most) {
                break Extent::Whole;
            }
            if page.items > 0 && page.new == 0 {
                break Extent::Partial { why: "the same page came again".to_owned() };
            }
            let is_last = match (&described.offset, &mut position) {
                (Some(offset), Some(position)) => {
                    *position += page.items as u64;
                    // a page that is shorter than asked for need not be the last: the API may allow less
                    page.items == 0 || page.total.is_some_and(|total| *position >= offset.first.saturating_add(total))
                }
                _ => page.next.is_none(),
            };
            if is_last {
                break missing(&seen, page.total, position.is_some());
            }
            if let Some(next) = page.next.filter(|_| position.is_none()) {
                if !cursors.insert(next.clone()) {
                    break Extent::Partial { why: "the same page came again".to_owned() };
                }
                arguments.insert(CURSOR.to_owned(), next.into());
            }
        };
        let extent = match (extent, cut) {
            (Extent::Whole, Some(why)) => Extent::Partial { why },
            (extent, _) => extent,
        };
        Ok(Loaded { rows: rows.into(), as_of, extent })
    }

    /// Fetches a page and makes rows of it.
    async fn page(
        &self,
        reading: &Reading<'_>,
        arguments: Arguments,
        seen: Seen,
        line: &mut TableLine<'_>,
    ) -> Result<(Page, Seen), ToolError> {
        let _turn = self.tally.page().await;
        line.page();
        let output = self.pipeline.fetch(reading.source.tool, self.caller, arguments).await?;
        read(output, reading, seen).await
    }
}

/// Whether a list that was read to its end lacks items: fewer came than the API counts, or some came twice, so that others may have
/// been passed over. A list by position that says no total may have grown at its beginning, where nothing is passed over.
fn missing(seen: &Seen, total: Option<u64>, by_position: bool) -> Extent {
    let again = "their order changed while they were read, so call again";
    match total {
        Some(total) if seen.items < total => {
            let (items, total) = (grouped(seen.items), grouped(total));
            Extent::Partial { why: format!("the list ended with {items} of its {total} items; {again}") }
        }
        None if seen.again > 0 && !by_position => {
            Extent::Partial { why: format!("items came twice and others may be missing; {again}") }
        }
        _ => Extent::Whole,
    }
}

/// The arguments of the calls, without the position of a page.
fn arguments(source: Source, table: &Table, request: &Request) -> Map<String, Value> {
    let Source { tool, table: described } = source;
    let mut arguments = described.arguments.clone();
    let bound = request.bound.iter().map(|(column, cell)| (column.clone(), value(cell, kind_of(table, column))));
    arguments.extend(bound);
    for condition in &request.conditions {
        let column = described.columns.iter().find(|column| column.name == condition.column);
        arguments.extend(column.and_then(|column| pushed(condition, kind_of(table, &column.name), &column.conditions)));
    }
    // where the server selects the members of items, it gets them all anyway
    let selects = tool.server_arguments.contains(&ServerArgument::Fields);
    let takes_fields = tool.input_schema.get("properties").is_some_and(|known| known.get(FIELDS).is_some());
    if takes_fields && !selects {
        let columns = request.columns.iter().filter_map(|name| table.column(name));
        let is_whole = columns.clone().any(|column| column.path.is_empty());
        let columns: Vec<_> = if is_whole { table.columns.iter().collect() } else { columns.collect() };
        let nested = described.rows.first();
        let fields: BTreeSet<&String> =
            columns.iter().filter_map(|column| column.path.first()).filter(|first| Some(*first) != nested).collect();
        // with the id, items that come twice are known
        let id = table.columns.iter().find_map(|column| column.path.first().filter(|_| column.path == [ID]));
        let fields: BTreeSet<&String> = fields.into_iter().chain(id).collect();
        if !fields.is_empty() {
            arguments.insert(FIELDS.to_owned(), json!(fields));
        }
    }
    arguments
}

/// The argument for a condition. A bound of a time goes to the API as a day, and as one day more than is asked for, since it may or
/// may not include the bound itself.
fn pushed(condition: &Condition, kind: Kind, conditions: &Conditions) -> Option<(String, Value)> {
    let cell = condition.values.first()?;
    let day = |days: i32| {
        let Cell::Text(text) = cell else { return None };
        let date: Date = text.get(..10)?.parse().ok()?;
        let widened = date.checked_add(days.days()).ok()?;
        Some(Value::from(widened.to_string()))
    };
    match condition.operator {
        Operator::Equal if is_of(cell, kind) => Some((conditions.equal.clone()?, value(cell, kind))),
        Operator::Greater | Operator::AtLeast => Some((conditions.at_least.clone()?, day(-1)?)),
        Operator::Less | Operator::AtMost => Some((conditions.at_most.clone()?, day(1)?)),
        Operator::Equal | Operator::In => None,
    }
}

/// Whether the argument for a column can be this value. SQLite compares others, too.
fn is_of(cell: &Cell, kind: Kind) -> bool {
    match cell {
        Cell::Integer(_) => matches!(kind, Kind::Integer | Kind::Real | Kind::Boolean),
        Cell::Text(_) => matches!(kind, Kind::Text | Kind::Time),
        Cell::Real(_) => kind == Kind::Real,
        Cell::Null => false,
    }
}

fn kind_of(table: &Table, column: &str) -> Kind {
    table.column(column).map(|column| column.kind).unwrap_or_default()
}

/// A value of a column as an argument.
fn value(cell: &Cell, kind: Kind) -> Value {
    match cell {
        Cell::Integer(number) if kind == Kind::Boolean => Value::from(*number != 0),
        Cell::Null => Value::Null,
        Cell::Integer(number) => Value::from(*number),
        Cell::Real(number) => Value::from(*number),
        Cell::Text(text) => Value::from(&**text),
    }
}

#[cfg(test)]
mod tests;
