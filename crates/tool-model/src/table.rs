//! Tables: the lists that a tool returns, as SQL sees them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A table whose rows are items of a list, or parts of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Its name in SQL.
    pub name: String,
    /// What a row is, in a few words; if it is empty, the tool's title says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The arguments with which the whole list is fetched, page by page.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub arguments: Map<String, Value>,
    /// What is sent instead where the API refuses these arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// How pages are requested, if the list has no cursor but is returned page by page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Offset>,
    /// The members that lead from an item to its row, or to the list of its rows; empty if each item is a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    /// The columns that a statement must bind to values: required arguments of the tool, with the same names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// The members of an item that are no columns, although the organization's own fields may name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// Its columns, in the order in which they are shown.
    pub columns: Vec<Column>,
}

/// What is sent where the API refuses a table's arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fallback {
    /// The arguments that change; null leaves one out.
    pub arguments: Map<String, Value>,
    /// What the rows lack then, in a sentence for the one who asks; empty if they lack nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The arguments of a list that is requested by position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offset {
    /// The argument with the position of a page's first item.
    pub argument: String,
    /// The position of the first item of all.
    pub first: u64,
    /// The argument with the number of items on a page.
    pub size_argument: String,
    /// The number of items on a page.
    pub size: u64,
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its name in SQL.
    pub name: String,
    /// The members that lead from an item of the list to the value; empty for a column that is required, since its value is the
    /// argument's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// The type of its values.
    pub kind: ColumnKind,
    /// What it contains, in a few words: its unit, or what is counted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The column with the currency of its amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The column with the same amounts in one currency for all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted: Option<String>,
    /// The column that its values refer to, as in `apps.id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<String>,
    /// Its possible values, if the document lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The arguments of the tool that take conditions on it.
    #[serde(default, skip_serializing_if = "Conditions::is_none")]
    pub conditions: Conditions,
}

/// The arguments that take conditions on a column. Each returns all items that meet the condition, and perhaps others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conditions {
    /// The argument with the value that is equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal: Option<String>,
    /// The argument with the smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<String>,
    /// The argument with the largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<String>,
}

impl Conditions {
    /// Whether no argument takes a condition on the column.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// The type of the values of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// 1 or 0.
    Boolean,
    /// A time, as text: RFC 3339 in UTC.
    Time,
    /// A date, as text: `2026-11-28`.
    Date,
    /// A list or an object, as JSON text.
    Json,
}

impl ColumnKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [Self::Text, Self::Integer, Self::Number, Self::Boolean, Self::Time, Self::Date, Self::Json];

    /// Its name in manifests and overlays.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Time => "time",
            Self::Date => "date",
            Self::Json => "json",
        }
    }
}
