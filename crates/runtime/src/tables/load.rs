//! Loads tables: calls their tools, page by page.

use std::collections::{BTreeSet, HashSet};

use async_trait::async_trait;
use jiff::{ToSpan as _, civil::Date};
use mcp_http::caller::{Caller, Key};
use openapi_mcp_model::{Conditions, ServerArgument};
use openapi_mcp_query::{Cell, Condition, Extent, Kind, Load, LoadError, Loaded, Operator, Request, Rows, Table};
use serde_json::{Map, Value, json};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use super::{
    cache::{Cache, Owner, Part},
    schema::{CallerTables, Source},
};
use crate::{
    arguments::Arguments, large_work, pipeline::Pipeline, tool_error::ToolError, tool_output::ToolOutput, truncation::grouped,
};

/// The memory limit for the values of one page, in bytes.
const PAGE_BYTES: usize = 64 << 20;
/// The most values of an item's list of rows.
const ROWS_OF_AN_ITEM: usize = 1_000;
/// The argument with the members of each item.
const FIELDS: &str = "fields";
const CURSOR: &str = "cursor";

/// Loads the tables of one statement.
pub(super) struct Loader<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) caller: &'a Caller,
    pub(super) tables: &'a CallerTables,
    pub(super) cache: &'a Cache,
    /// When loading ends.
    pub(super) until: Instant,
    /// How many rows a table may have.
    pub(super) rows: usize,
    /// How many rows were loaded so far, of all tables.
    pub(super) loaded: &'a watch::Sender<u64>,
}

#[async_trait]
impl Load for Loader<'_> {
    async fn load(&self, request: &Request) -> Result<Loaded, LoadError> {
        let failed = |error: ToolError| LoadError(Box::new(error));
        let found = self.tables.source(&request.table).zip(self.tables.schema.table(&request.table));
        let Some((source, table)) = found else { return Err(failed(ToolError::no_table(&request.table))) };
        let key = source.tool.key(self.caller).map_err(failed)?.map_or(0, Key::fingerprint);
        let owner = Owner { connection: self.caller.shared_connection(), key };
        let part = Part::new(owner, request);
        if let Some(kept) = self.cache.get(&part, &request.columns) {
            return Ok(kept);
        }
        let begun = self.cache.begin();
        let loaded = self.pages(source, table, request).await.map_err(failed)?;
        if loaded.extent == Extent::Whole && request.first.is_none() {
            self.cache.keep(&begun, part, &loaded);
        }
        Ok(loaded)
    }
}

impl Loader<'_> {
    async fn pages(&self, source: Source, table: &Table, request: &Request) -> Result<Loaded, ToolError> {
        let Source { tool, table: described } = source;
        let as_of = self.pipeline.upstream().clock().now();
        let as_of = jiff::Timestamp::try_from(as_of).and_then(|time| time.round(jiff::Unit::Second)).unwrap_or_default();
        let most = match &request.first {
            Some(first) if first.sort.is_empty() && request.conditions.is_empty() => usize::try_from(first.rows).ok(),
            _ => None,
        };
        let mut arguments = arguments(source, table, request);
        let mut rows = Rows::new(&request.columns);
        let mut position = described.offset.as_ref().map(|offset| offset.first);
        let mut seen = HashSet::new();
        let extent = loop {
            if let (Some(offset), Some(position)) = (&described.offset, position) {
                arguments.insert(offset.argument.clone(), position.into());
                arguments.insert(offset.size_argument.clone(), offset.size.into());
            }
            let call = self.pipeline.fetch(tool, self.caller, Arguments::check(tool, arguments.clone())?);
            let output = match timeout_at(self.until, call).await {
                Ok(Ok(output)) => output,
                Ok(Err(error)) if rows.is_empty() => return Err(error),
                Ok(Err(error)) => break Extent::Partial { why: error.message },
                Err(_) => break Extent::Partial { why: "the time for loading was over".to_owned() },
            };
            let page = read(output, source, table, &request.columns).await?;
            let items = page.items;
            rows.append(&page.rows);
            self.loaded.send_modify(|loaded| *loaded += page.rows.len() as u64);
            if most.is_some_and(|most| rows.len() >= most) {
                break Extent::Whole;
            }
            if rows.len() > self.rows {
                break Extent::Partial { why: format!("the limit of {} rows was reached", grouped(self.rows as u64)) };
            }
            if let (Some(offset), Some(from)) = (&described.offset, position) {
                if items == 0 || (items as u64) < offset.size {
                    break Extent::Whole;
                }
                position = Some(from + items as u64);
                continue;
            }
            match page.next {
                Some(next) if seen.insert(next.clone()) => {
                    arguments.insert(CURSOR.to_owned(), next.into());
                }
                Some(_) => break Extent::Partial { why: "the same page came again".to_owned() },
                None => break Extent::Whole,
            }
        };
        tracing::info!(
            connection = self.caller.connection(),
            tool = tool.name,
            table = described.name,
            rows = rows.len(),
            is_whole = extent == Extent::Whole,
            "table loaded"
        );
        Ok(Loaded { rows: rows.into(), as_of, extent })
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

/// A page of a table.
struct Page {
    rows: Rows,
    /// How many items it had.
    items: usize,
    /// The cursor of the next one.
    next: Option<String>,
}

async fn read(output: ToolOutput, source: Source, table: &Table, columns: &[String]) -> Result<Page, ToolError> {
    let (table, columns, length) = (table.clone(), columns.to_vec(), output.text.len());
    let work = move || {
        let response = output.parsed(PAGE_BYTES).ok_or(ToolError::too_many_values())?;
        let names = &source.tool.response;
        let items = names.items.as_deref().and_then(|name| response.get(name)).and_then(Value::as_array);
        let items = items.ok_or(ToolError::not_json())?;
        let next = names.cursor.as_deref().and_then(|name| response.get(name)).and_then(Value::as_str);
        let rows = if source.table.rows.is_empty() {
            table.rows(items, &columns)
        } else {
            let inner: Vec<Value> = items.iter().flat_map(|item| rows_of(item, &source.table.rows)).collect();
            table.rows(&inner, &columns)
        };
        Ok(Page { rows, items: items.len(), next: next.filter(|next| !next.is_empty()).map(str::to_owned) })
    };
    large_work::run(length, work).await.unwrap_or_else(|| Err(ToolError::too_many_values()))
}

/// The rows within an item: the item itself with one of them in place of the list of all.
fn rows_of(item: &Value, path: &[String]) -> Vec<Value> {
    let Some(found) = path.iter().try_fold(item, |value, step| value.get(step)) else { return Vec::new() };
    let rows: Vec<&Value> = match found {
        Value::Array(rows) => rows.iter().take(ROWS_OF_AN_ITEM).collect(),
        Value::Object(_) => vec![found],
        _ => Vec::new(),
    };
    let scalars = item.as_object().into_iter().flatten().filter(|(_, value)| !value.is_object() && !value.is_array());
    let outer: Map<String, Value> = scalars.map(|(name, value)| (name.clone(), value.clone())).collect();
    let with = |row: &Value| {
        let nested = path.iter().rev().fold(row.clone(), |inner, step| json!({ step: inner }));
        let mut item = outer.clone();
        item.extend(nested.as_object().cloned().unwrap_or_default());
        Value::Object(item)
    };
    rows.into_iter().map(with).collect()
}

#[cfg(test)]
mod tests;
