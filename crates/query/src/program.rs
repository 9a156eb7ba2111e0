//! What SQLite has made of a statement: a program, whose instructions are read before it runs.
//!
//! `EXPLAIN` lists them, so nobody has to read the text as SQLite does.
//!
//! - It makes no blobs. SQLite takes a blob for its own binary form of JSON and does not check how deep that is nested; it recurses for each
//!   level, until the stack overflows and the process ends.
//! - It calls functions of JSON, calculates and compares only so often: SQLite looks at the clock where its program jumps, and each of these
//!   may take milliseconds with long texts, without an allocation after which it would look.

use rusqlite::{Connection, types::ValueRef};

use crate::{error::QueryError, native::memory};

/// The maximum number of calls of JSON functions in a statement.
const MAX_JSON_CALLS: usize = 60;
/// How many of these a call counts for whose function takes any number of paths.
const JSON_CALLS_OF_MANY_PATHS: usize = 3;
/// The maximum number of arguments of a function.
pub(crate) const MAX_ARGUMENTS: usize = 20;
/// The maximum number of calculations, conversions and comparisons in a statement.
const MAX_OPERATIONS: usize = 1_000;
/// The instructions of SQLite's virtual machine for these.
const OPERATORS: [&str; 17] = [
    "Add",
    "Subtract",
    "Multiply",
    "Divide",
    "Remainder",
    "BitAnd",
    "BitOr",
    "ShiftLeft",
    "ShiftRight",
    "BitNot",
    "Cast",
    "Eq",
    "Ne",
    "Lt",
    "Le",
    "Gt",
    "Ge",
];
/// The affinity to which `CAST(… AS BLOB)` casts.
const BLOB: i64 = 0x41;

/// What a statement may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forbidden {
    /// It makes a blob.
    Blob,
    /// It calls functions of JSON so often.
    JsonCalls(usize),
    /// It calculates and compares so often.
    Operations(usize),
}

impl From<Forbidden> for QueryError {
    fn from(forbidden: Forbidden) -> Self {
        match forbidden {
            Forbidden::Blob => Self::Denied { what: "a blob".to_owned() },
            Forbidden::Operations(found) => Self::TooManyOperations { found, most: MAX_OPERATIONS },
            Forbidden::JsonCalls(found) => Self::TooManyJsonCalls { found, most: MAX_JSON_CALLS },
        }
    }
}

/// Finds what a statement may not do.
pub(crate) fn forbidden(connection: &Connection, sql: &str) -> rusqlite::Result<Option<Forbidden>> {
    let mut listing = connection.prepare(&format!("EXPLAIN {sql}"))?;
    let mut instructions = listing.raw_query();
    let (mut calls, mut operations) = (0, 0);
    while let Some(instruction) = instructions.next()? {
        memory::check()?;
        match text(instruction.get_ref(1)?) {
            // one without content is a Bloom filter of SQLite's own
            "Blob" if instruction.get_ref(5)? != ValueRef::Null => return Ok(Some(Forbidden::Blob)),
            "Cast" if instruction.get::<_, i64>(3)? == BLOB => return Ok(Some(Forbidden::Blob)),
            "Function" | "PureFunc" => {
                let function = text(instruction.get_ref(5)?);
                // it is not told how many arguments a function has that takes any number of them
                let takes_any = function.ends_with("(-1)");
                if function.starts_with("json") || function.starts_with("->") {
                    calls += if takes_any { JSON_CALLS_OF_MANY_PATHS } else { 1 };
                } else if takes_any && (function.starts_with("max") || function.starts_with("min")) {
                    operations += MAX_ARGUMENTS;
                }
            }
            name if OPERATORS.contains(&name) => operations += 1,
            _ => {}
        }
    }
    Ok(if calls > MAX_JSON_CALLS {
        Some(Forbidden::JsonCalls(calls))
    } else {
        (operations > MAX_OPERATIONS).then_some(Forbidden::Operations(operations))
    })
}

fn text(value: ValueRef<'_>) -> &str {
    value.as_str().unwrap_or_default()
}
