//! Texts that columns are compared with and no row has, as notes: such a comparison finds nothing, which looks like an answer.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use crate::{
    cell::Cell,
    checks::{Parts, Stop},
    diagnosis,
    error::QueryError,
    plan::Compared,
    schema::{Column, Kind, Schema, Table},
};

/// A column of which more values are known is no choice.
const FEW: usize = 50;

/// How many values a note names.
const NAMED: usize = 8;

/// How many notes there are.
const NOTES: usize = 10;

/// How much of a text a note repeats.
const TEXT: usize = 60;

/// The texts in a column; none if there are more than a choice has.
type Values<'a> = Option<BTreeSet<&'a str>>;

/// Notes on texts that no row has, in columns with few values, and on those that no number or truth value is equal to.
pub(crate) fn notes(
    literals: &[Compared],
    schema: &Schema,
    parts: &Parts,
    pushed: impl Fn(&str, &str) -> bool,
    stop: &Stop<'_>,
) -> Result<Vec<String>, QueryError> {
    let mut notes = Vec::new();
    let mut known: BTreeMap<(&str, &str), Values<'_>> = BTreeMap::new();
    for literal in literals {
        stop.check()?;
        let Some(table) = schema.table(&literal.table) else { continue };
        let Some(column) = table.column(&literal.column) else { continue };
        if !may_be_noted(column, literal) {
            continue;
        }
        let key = (literal.table.as_str(), literal.column.as_str());
        let values = match known.entry(key) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(new) => new.insert(values(table, column, parts, stop)?),
        };
        if let Some(values) = values
            && !values.contains(literal.text.as_str())
        {
            notes.push(note(table, column, &literal.text, values, pushed(&table.name, &column.name)));
            if notes.len() == NOTES {
                break;
            }
        }
    }
    Ok(notes)
}

fn may_be_noted(column: &Column, literal: &Compared) -> bool {
    match column.kind {
        Kind::Text => true,
        Kind::Integer | Kind::Real | Kind::Boolean => Cell::text(literal.text.as_str()).fit(column.kind).is_none(),
        Kind::Time | Kind::Json => false,
    }
}

fn values<'a>(table: &Table, column: &Column, parts: &'a Parts, stop: &Stop<'_>) -> Result<Values<'a>, QueryError> {
    let mut values = BTreeSet::new();
    for rows in parts.get(&table.name.to_ascii_lowercase()).into_iter().flatten() {
        let Some(place) = rows.position(&column.name) else { return Ok(None) };
        for (at, row) in rows.iter().enumerate() {
            stop.check_at(at)?;
            if let Some(Cell::Text(text)) = row.get(place) {
                values.insert(&**text);
            }
            if values.len() > FEW && column.choices.is_empty() {
                return Ok(None);
            }
        }
    }
    Ok(Some(values))
}

fn note(table: &Table, column: &Column, text: &str, values: &BTreeSet<&str>, is_pushed: bool) -> String {
    let start = format!("no row of `{}` has the value `{}` in `{}`", table.name, shortened(text), column.name);
    match column.kind {
        Kind::Boolean => format!("{start}, which is 1 or 0; write `{0}` or `NOT {0}` without a text", column.name),
        Kind::Integer | Kind::Real => format!("{start}, which has numbers; compare it with a number"),
        Kind::Text | Kind::Time | Kind::Json => {
            let others: Vec<&str> = match (column.choices.is_empty(), is_pushed) {
                (false, true) => column.choices.iter().map(String::as_str).collect(),
                (_, false) => values.iter().copied().collect(),
                (true, true) => Vec::new(),
            };
            let mut named = diagnosis::near(text, others.iter().copied());
            for other in &others {
                if named.len() < NAMED && !named.iter().any(|name| name == other) {
                    named.push((*other).to_owned());
                }
            }
            let dots = if others.len() > named.len() { ", …" } else { "" };
            let named = named.iter().map(|value| format!("`{}`", shortened(value))).collect::<Vec<_>>().join(", ");
            if named.is_empty() { start } else { format!("{start}; values are {named}{dots}") }
        }
    }
}

/// A text as errors and notes repeat it.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(TEXT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
