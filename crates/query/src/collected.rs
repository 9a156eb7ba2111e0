//! Runs a statement and keeps as much of its result as is allowed.

use rusqlite::{Connection, Result, types::ValueRef};
use serde_json::Value;

use crate::{bounds::Bounds, native::memory};

/// Of a row with more characters, it is not known exactly how many there are.
const EXACT: usize = 100_000;

/// The rows of a result, from the first one on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Collected {
    pub(crate) rows: Vec<Vec<Value>>,
    /// How many there are, also of those that were not kept.
    pub(crate) total: u64,
    /// There may be more than were counted.
    pub(crate) is_least: bool,
    /// The first row that was not kept had so many characters, and no other was kept.
    pub(crate) too_wide: Option<usize>,
}

impl Collected {
    pub(crate) fn of(connection: &Connection, sql: &str, characters: usize, bounds: &Bounds) -> Result<Self> {
        let mut statement = connection.prepare(sql)?;
        let width = statement.column_count();
        let mut rows = statement.raw_query();
        let mut collected = Self::default();
        let (mut characters, mut bytes) = (characters, bounds.kept_bytes);
        let mut is_full = false;
        while let Some(row) = memory::run(|| rows.next())? {
            if collected.total == bounds.counted_rows {
                collected.is_least = true;
                break;
            }
            collected.total += 1;
            if is_full {
                continue;
            }
            let value = |at| memory::check().and_then(|()| row.get_ref(at));
            let least = (0..width).map(|at| value(at).map(characters_of)).sum::<Result<usize>>()?;
            if least > characters && (least > EXACT || !collected.rows.is_empty()) {
                is_full = true;
                collected.too_wide = collected.rows.is_empty().then_some(least);
                continue;
            }
            let values: Vec<Value> = (0..width).map(|at| value(at).map(json)).collect::<Result<_>>()?;
            let text = serde_json::to_string(&values).unwrap_or_default();
            let wide = text.chars().count() + 1;
            if wide > characters || text.len() > bytes || collected.rows.len() >= bounds.kept_rows {
                is_full = true;
                collected.too_wide = collected.rows.is_empty().then_some(wide);
                continue;
            }
            characters -= wide;
            bytes -= text.len();
            collected.rows.push(values);
        }
        Ok(collected)
    }
}

/// How many characters a value has in JSON at least. It is known before a row is converted, which would take that much memory.
fn characters_of(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Null => 5,
        ValueRef::Integer(_) | ValueRef::Real(_) => 2,
        // each character begins with a byte that does not continue one
        ValueRef::Text(bytes) => bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 3,
        ValueRef::Blob(bytes) => 2 * bytes.len() + 3,
    }
}

fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned().into(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat().into(),
    }
}
