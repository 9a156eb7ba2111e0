//! One value of a row.

use std::{cmp::Ordering, fmt};

use rusqlite::{
    ToSql,
    types::{ToSqlOutput, ValueRef},
};
use serde_json::Value;

use crate::{schema::Kind, times};

/// One value, as SQLite has it.
#[derive(Clone, Debug, Default)]
pub enum Cell {
    #[default]
    Null,
    Integer(i64),
    Real(f64),
    Text(Box<str>),
}

impl Cell {
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self::Text(text.into())
    }

    /// The value of a column in JSON as a cell.
    pub(crate) fn of_json(value: &Value, kind: Kind) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) if matches!(kind, Kind::Text | Kind::Json) => Self::text(truth.to_string()),
            Value::Bool(truth) => Self::Integer(i64::from(*truth)),
            Value::Number(number) => match (kind, number.as_i64(), number.as_f64()) {
                (Kind::Time, _, Some(number)) => times::of_number(number).map_or(Self::Real(number), Self::text),
                (Kind::Text | Kind::Json, ..) => Self::text(number.to_string()),
                (_, Some(integer), _) => Self::Integer(integer),
                (_, None, Some(real)) => Self::Real(real),
                (_, None, None) => Self::Null,
            },
            Value::String(text) => match kind {
                Kind::Time => times::in_utc(text).map_or_else(|| Self::text(text.as_str()), Self::text),
                Kind::Boolean if text.eq_ignore_ascii_case("true") => Self::Integer(1),
                Kind::Boolean if text.eq_ignore_ascii_case("false") => Self::Integer(0),
                _ => Self::text(text.as_str()),
            },
            Value::Array(_) | Value::Object(_) => Self::text(value.to_string()),
        }
    }

    /// The value that a column of this kind must have to be equal to this one, as SQLite's affinity has it; none if no value of
    /// the column is.
    pub(crate) fn fit(&self, kind: Kind) -> Option<Self> {
        match (kind, self) {
            (_, Self::Null) | (Kind::Text | Kind::Json | Kind::Time, Self::Real(_)) => None,
            (Kind::Text | Kind::Json | Kind::Time, Self::Text(_))
            | (Kind::Integer | Kind::Boolean | Kind::Real, Self::Integer(_)) => Some(self.clone()),
            (Kind::Text | Kind::Json | Kind::Time, Self::Integer(number)) => Some(Self::text(number.to_string())),
            (Kind::Integer | Kind::Boolean | Kind::Real, Self::Real(number)) => {
                Some(whole(*number).map_or_else(|| self.clone(), Self::Integer))
            }
            (Kind::Integer | Kind::Boolean | Kind::Real, Self::Text(text)) => {
                let text = text.trim();
                let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
                text.parse().ok().map(Self::Integer).or_else(|| number().map(Self::Real))
            }
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Integer(_) => 1,
            Self::Real(_) => 2,
            Self::Text(_) => 3,
        }
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + if let Self::Text(text) = self { text.len() } else { 0 }
    }

    pub(crate) fn of_sql(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Self::text(String::from_utf8_lossy(bytes)),
        }
    }
}

/// A total order, for sets: by type first, and by value within a type.
impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Cell {}

/// A number that is whole and exact.
#[expect(clippy::cast_possible_truncation, reason = "only numbers that an i64 has are converted")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// As a literal of SQL.
impl fmt::Display for Cell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("NULL"),
            Self::Integer(number) => write!(out, "{number}"),
            Self::Real(number) => write!(out, "{number}"),
            Self::Text(text) => write!(out, "'{}'", text.replace('\'', "''")),
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
