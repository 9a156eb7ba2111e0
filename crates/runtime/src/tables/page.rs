//! Makes rows of a page of a list.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use openapi_mcp_query::{Rows, Table};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use super::schema::Source;
use crate::{
    large_work,
    tool_error::ToolError,
    tool_output::ToolOutput,
    truncation::{TOTALS, grouped},
};

/// The memory limit for the values of one page, in bytes.
const VALUES_BYTES: usize = 64 << 20;
/// From this many bytes on, a page has to wait for its turn to be parsed.
const LARGE: usize = 256 << 10;
/// The most rows within an item.
pub(super) const ROWS_OF_AN_ITEM: usize = 1_000;
/// The member that tells the items of a list apart.
pub(super) const ID: &str = "id";

/// A page of a table.
pub(super) struct Page {
    pub(super) rows: Rows,
    /// How many items it had, and how many of these came for the first time.
    pub(super) items: usize,
    pub(super) new: usize,
    /// How many items the whole list has, if the page says so.
    pub(super) total: Option<u64>,
    /// The cursor of the next page.
    pub(super) next: Option<String>,
    /// Why rows within its items are missing.
    pub(super) cut: Option<String>,
}

/// What came on earlier pages, to find items that come again because the order of the list changed.
///
/// Items with an `id` are known by it. Of others, a page may begin with the end of the page before: that happens where a list is
/// requested by position and grew at its beginning.
#[derive(Default)]
pub(super) struct Seen {
    hasher: RandomState,
    ids: HashSet<u64>,
    last: Option<u64>,
    /// How many items came so far, each counted once.
    pub(super) items: u64,
    /// How many came again.
    pub(super) again: u64,
}

impl Seen {
    /// The items that no earlier page had.
    fn new_ones<'a>(&mut self, items: &'a [Value], by_id: bool) -> Vec<&'a Value> {
        let id_of =
            |item: &Value| Some(self.hasher.hash_one(item.get(ID).filter(|id| id.is_number() || id.is_string())?.to_string()));
        let ids: Option<Vec<u64>> = if by_id { items.iter().map(id_of).collect() } else { None };
        let new: Vec<&Value> = if let Some(ids) = ids {
            let new = items.iter().zip(&ids).filter(|(_, id)| !self.ids.contains(id)).map(|(item, _)| item).collect();
            // items of one page that have the same id are not compared with each other: no change of the order does that
            self.ids.extend(ids);
            new
        } else {
            let whole = |item: &Value| self.hasher.hash_one(item.to_string());
            let overlap = self.last.and_then(|last| items.iter().position(|item| whole(item) == last));
            self.last = items.last().map(whole).or(self.last);
            items.iter().skip(overlap.map_or(0, |at| at + 1)).collect()
        };
        self.items += new.len() as u64;
        self.again += (items.len() - new.len()) as u64;
        new
    }
}

/// What a page is made into.
pub(super) struct Reading<'a> {
    pub(super) source: Source,
    pub(super) table: &'a Table,
    pub(super) columns: &'a [String],
    /// How many bytes its rows may have.
    pub(super) most_bytes: usize,
    pub(super) parsing: Arc<Semaphore>,
}

/// Reads a page.
pub(super) async fn read(output: ToolOutput, reading: &Reading<'_>, mut seen: Seen) -> Result<(Page, Seen), ToolError> {
    let Reading { source, most_bytes, .. } = *reading;
    let (table, columns, length) = (reading.table.clone(), reading.columns.to_vec(), output.text.len());
    let turn = if length < LARGE { None } else { Arc::clone(&reading.parsing).acquire_owned().await.ok() };
    let work = move || {
        // held until the values are gone, also if nobody waits for them any more
        let _turn = turn;
        let response = output.parsed(VALUES_BYTES).ok_or(ToolError::too_many_values())?;
        drop(output);
        let names = &source.tool.response;
        let items = names.items.as_deref().and_then(|name| response.get(name)).and_then(Value::as_array);
        let items = items.ok_or(ToolError::not_json())?;
        let next = names.cursor.as_deref().and_then(|name| response.get(name)).and_then(Value::as_str);
        let total = TOTALS.iter().find_map(|name| response.get(*name)?.as_u64()).filter(|total| *total >= items.len() as u64);
        // the id of an item below another one may be that of something else, such as a person with two accounts
        let new = seen.new_ones(items, table.required.is_empty());
        let n_new = new.len();
        let (rows, cut) = match source.table.rows.as_slice() {
            [] => (table.rows(new, &columns), None),
            path => rows_within(new, path, &table, &columns, most_bytes),
        };
        let next = next.filter(|next| !next.is_empty()).map(str::to_owned);
        Ok((Page { rows, items: items.len(), new: n_new, total, next, cut }, seen))
    };
    large_work::run(length, work).await.unwrap_or_else(|| Err(ToolError::too_many_values()))
}

/// The rows within items, and why some are missing.
fn rows_within(
    items: Vec<&Value>,
    path: &[String],
    table: &Table,
    columns: &[String],
    most_bytes: usize,
) -> (Rows, Option<String>) {
    let (mut rows, mut cut) = (table.rows([], columns), None);
    let header = rows.bytes();
    let mut bytes = header;
    for item in items {
        let (within, n_left_out) = rows_of(item, path);
        if n_left_out > 0 {
            let most = grouped(ROWS_OF_AN_ITEM as u64);
            cut = Some(format!("an item had more than {most} rows in `{}`", path.join(".")));
        }
        // one by one, since each repeats the scalars of its item
        for row in within {
            let row = table.rows([&with_row(item, path, row)], columns);
            bytes = bytes.saturating_add(row.bytes() - header);
            rows.append(&row);
            if bytes > most_bytes {
                // these are too many for whoever counts them, so the table is not whole
                return (rows, cut);
            }
        }
    }
    (rows, cut)
}

/// The values within an item that are rows, and how many more there are.
fn rows_of<'a>(item: &'a Value, path: &[String]) -> (&'a [Value], usize) {
    match path.iter().try_fold(item, |value, step| value.get(step)) {
        Some(Value::Array(rows)) => {
            let most = rows.len().min(ROWS_OF_AN_ITEM);
            (rows.get(..most).unwrap_or_default(), rows.len() - most)
        }
        Some(row @ Value::Object(_)) => (std::slice::from_ref(row), 0),
        _ => (&[], 0),
    }
}

/// An item with one of its rows in place of the list of all.
fn with_row(item: &Value, path: &[String], row: &Value) -> Value {
    let scalars = item.as_object().into_iter().flatten().filter(|(_, value)| !value.is_object() && !value.is_array());
    let mut whole: Map<String, Value> = scalars.map(|(name, value)| (name.clone(), value.clone())).collect();
    let nested = path.iter().rev().fold(row.clone(), |inner, step| json!({ step: inner }));
    whole.extend(nested.as_object().cloned().unwrap_or_default());
    Value::Object(whole)
}

#[cfg(test)]
mod tests;
