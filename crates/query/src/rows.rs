//! The rows of a table, made of items in JSON.

use serde_json::Value;

use crate::{
    cell::Cell,
    schema::{Column, Table},
};

/// Rows of some columns of a table. Plain values, so that a cache can hold them for later statements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    columns: Vec<String>,
    /// All rows one behind the other.
    cells: Vec<Cell>,
    /// How many rows there are; they may have no columns.
    len: usize,
}

impl Rows {
    /// No rows of these columns.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), cells: Vec::new(), len: 0 }
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// About how many bytes of memory they take, for the bounds of a cache.
    pub fn bytes(&self) -> usize {
        self.cells.iter().map(Cell::bytes).sum::<usize>() + self.columns.iter().map(String::len).sum::<usize>()
    }

    pub fn iter(&self) -> impl Iterator<Item = &[Cell]> {
        (0..self.len).filter_map(|at| self.row(at))
    }

    pub(crate) fn row(&self, at: usize) -> Option<&[Cell]> {
        let width = self.columns.len();
        self.cells.get(at.checked_mul(width)?..(at + 1).checked_mul(width)?)
    }

    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name.eq_ignore_ascii_case(column))
    }

    /// Adds the rows of `more`, which has the same columns.
    pub fn append(&mut self, more: &Self) {
        debug_assert_eq!(self.columns, more.columns, "rows of one table");
        self.cells.extend_from_slice(&more.cells);
        self.len += more.len;
    }
}

impl Table {
    /// Makes rows of items, with these columns of the table; columns that it does not have are left out. An item becomes one row:
    /// scalars as they are, members of members by their path, lists and objects as JSON text, numeric times as ISO text.
    pub fn rows<'a>(&self, items: impl IntoIterator<Item = &'a Value>, columns: &[String]) -> Rows {
        let columns: Vec<&Column> = columns.iter().filter_map(|name| self.column(name)).collect();
        let mut rows = Rows::new(columns.iter().map(|column| column.name.as_str()));
        for item in items {
            rows.len += 1;
            rows.cells.extend(columns.iter().map(|column| {
                let value = column.path.iter().try_fold(item, |value, step| value.get(step));
                value.map_or(Cell::Null, |value| Cell::of_json(value, column.kind))
            }));
        }
        rows
    }
}
