//! The tables that a statement may read, as plain data.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

/// The tables of one caller. Names are compared as SQLite does: without regard to the case of ASCII letters.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    tables: Vec<Arc<Table>>,
    by_name: BTreeMap<String, usize>,
}

/// A list of items that can be read with SQL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    /// Letters, digits and `_`.
    pub name: String,
    /// What its rows are, in a few words.
    pub note: String,
    pub columns: Vec<Column>,
    /// The columns without whose values nothing can be loaded, such as the path parameters of an operation. A statement must bind
    /// them by `=`, `IN`, or a join. The rows of a load get these values from [`Request::bound`](crate::Request::bound).
    pub required: Vec<String>,
}

/// A member of an item, or the whole item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    pub name: String,
    /// The members that lead to the value in an item; none for the whole item.
    pub path: Vec<String>,
    pub kind: Kind,
    /// What it means: unit, per year or per term, what a count counts.
    pub note: String,
    /// For money: the column of the same table that holds its currency.
    pub currency: Option<String>,
    /// For money: the column of the same table that has the same amount in one currency for all rows.
    pub converted: Option<String>,
    /// All values that it can have, if they are known.
    pub choices: Vec<String>,
    /// The column of another table that has the same values.
    pub references: Option<Reference>,
    /// The comparisons with a constant that the loader can do.
    pub pushed: Vec<Operator>,
    /// Whether the loader can sort by it as SQLite does, so that it may load the first rows only.
    pub sorts: bool,
}

/// What values a column has. A value that is of another kind stays what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Text,
    Integer,
    Real,
    /// `0` or `1`; SQL's `true` and `false` are the same.
    Boolean,
    /// ISO text in UTC; numbers become that, too.
    Time,
    /// Lists and objects as JSON text.
    Json,
}

/// A column of another table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    pub table: String,
    pub column: String,
}

/// A comparison of a column with a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    Equal,
    In,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Schema {
    /// Of two tables of one name, the first counts.
    pub fn new(tables: impl IntoIterator<Item = Table>) -> Self {
        let mut schema = Self::default();
        for table in tables {
            let at = schema.tables.len();
            schema.by_name.entry(table.name.to_ascii_lowercase()).or_insert_with(|| {
                schema.tables.push(Arc::new(table));
                at
            });
        }
        schema
    }

    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.by_name.get(&name.to_ascii_lowercase()).and_then(|at| self.tables.get(*at))
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Whether the column must be bound.
    pub fn requires(&self, name: &str) -> bool {
        self.required.iter().any(|required| required.eq_ignore_ascii_case(name))
    }
}

impl Kind {
    /// The type that SQLite is told, which decides how values are compared.
    pub(crate) fn declared(self) -> &'static str {
        match self {
            Self::Text | Self::Json => "TEXT",
            Self::Integer | Self::Boolean => "INTEGER",
            Self::Real => "REAL",
            Self::Time => "TEXT COLLATE TIME",
        }
    }

    /// The word for it in lists of columns.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Boolean => "boolean",
            Self::Time => "time",
            Self::Json => "json",
        }
    }
}

impl Operator {
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::In => "IN",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }
}
