//! What a statement is answered with.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// The rows of a result, and where they come from. It is serialized with what matters most first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    /// Tables that could not be loaded whole, each with the reason: the result may be wrong. Only if `partial` was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partial: Vec<String>,
    /// How many rows the statement has.
    pub total: u64,
    /// There are more than `total` rows; they were not counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub total_is_least: bool,
    /// Rows were left out at the end.
    pub more: bool,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub tables: Vec<TableUse>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A table that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableUse {
    pub table: String,
    /// Rows that were loaded.
    pub rows: usize,
    /// The oldest time at which any of them was read.
    #[serde(rename = "asOf", skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// The conditions that the loader was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pushed: Vec<String>,
    /// For a table with required columns: for how many values rows were loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<usize>,
}
