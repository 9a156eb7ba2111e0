//! What is checked once the rows of a statement are there: the currencies of sums, and texts that no row has.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rusqlite::{Connection, types::ValueRef};

use crate::{
    cell::Cell,
    diagnosis,
    error::{MixedCurrencies, QueryError},
    plan::{Compared, Sum, Sums},
    rows::Rows,
    schema::{Column, Kind, Schema, Table},
    watch::Seen,
};

/// The rows that were loaded of each table, by its name in lower case.
pub(crate) type Parts = BTreeMap<String, Vec<Arc<Rows>>>;

/// How errors name a missing currency.
const NO_CURRENCY: &str = "(none)";

/// A column of which more values are known is no choice.
const FEW: usize = 50;

/// How many values a note names.
const NAMED: usize = 8;

/// Fails if a sum adds up amounts of several currencies.
pub(crate) fn currencies(
    connection: &Connection,
    sums: &Sums,
    seen: &Seen,
    schema: &Schema,
    parts: &Parts,
) -> Result<(), QueryError> {
    match sums {
        Sums::Known(sums) => sums.iter().try_for_each(|sum| {
            let mut found: BTreeSet<String> = sum.currencies.iter().cloned().collect();
            match sum.statement.as_deref().map(|statement| of_statement(connection, statement)) {
                Some(Ok(more)) => found.extend(more),
                _ => sum.amounts.iter().for_each(|(table, column)| found.extend(of_rows(table, column, parts))),
            }
            refuse_several(sum, found)
        }),
        Sums::Unknown => {
            let Some(function) = ["sum", "avg", "total"].into_iter().find(|function| seen.functions.contains(*function)) else {
                return Ok(());
            };
            let tables = seen.reads.iter().filter_map(|(name, columns)| Some((schema.table(name)?, columns)));
            for (table, columns) in tables {
                for column in table
                    .columns
                    .iter()
                    .filter(|column| column.currency.is_some() && columns.contains(&column.name.to_ascii_lowercase()))
                {
                    let named = (Arc::clone(table), column.name.clone());
                    let sum = Sum {
                        function: function.to_owned(),
                        named,
                        amounts: Vec::new(),
                        currencies: Vec::new(),
                        statement: None,
                    };
                    refuse_several(&sum, of_rows(table, &column.name, parts))?;
                }
            }
            Ok(())
        }
    }
}

fn refuse_several(sum: &Sum, found: BTreeSet<String>) -> Result<(), QueryError> {
    if found.len() < 2 {
        return Ok(());
    }
    let (table, column) = &sum.named;
    let of_column = |part: fn(&Column) -> &Option<String>| table.column(column).and_then(|column| part(column).clone());
    Err(QueryError::from(Box::new(MixedCurrencies {
        function: sum.function.clone(),
        table: table.name.clone(),
        column: column.clone(),
        currency: of_column(|column| &column.currency).unwrap_or_default(),
        currencies: found.into_iter().collect(),
        converted: of_column(|column| &column.converted),
    })))
}

/// The currencies that a statement finds.
fn of_statement(connection: &Connection, sql: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.raw_query();
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        found.insert(match row.get_ref(0)? {
            ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            ValueRef::Null => NO_CURRENCY.to_owned(),
            other => format!("{other:?}"),
        });
    }
    Ok(found)
}

/// The currencies of all amounts of a column that are not zero.
fn of_rows(table: &Table, column: &str, parts: &Parts) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Some(currency) = table.column(column).and_then(|column| column.currency.as_deref()) else { return found };
    for rows in parts.get(&table.name.to_ascii_lowercase()).into_iter().flatten() {
        let (Some(amount), Some(currency)) = (rows.position(column), rows.position(currency)) else { continue };
        for row in rows.iter() {
            let is_amount = row.get(amount).is_some_and(|amount| !matches!(amount, Cell::Null | Cell::Integer(0)));
            if is_amount {
                found.insert(match row.get(currency) {
                    Some(Cell::Text(text)) => text.to_string(),
                    None | Some(Cell::Null) => NO_CURRENCY.to_owned(),
                    Some(other) => other.to_string(),
                });
            }
        }
    }
    found
}

/// A note for each text that a column with few values is compared with, and that no row has.
pub(crate) fn unmatched(
    literals: &[Compared],
    schema: &Schema,
    parts: &Parts,
    pushed: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let note = |literal: &Compared| {
        let table = schema.table(&literal.table)?;
        let column = table.column(&literal.column).filter(|column| matches!(column.kind, Kind::Text))?;
        let mut values: BTreeSet<&str> = BTreeSet::new();
        for rows in parts.get(&literal.table.to_ascii_lowercase()).into_iter().flatten() {
            let place = rows.position(&column.name)?;
            for row in rows.iter() {
                if let Some(Cell::Text(text)) = row.get(place) {
                    values.insert(text);
                }
                if values.len() > FEW && column.choices.is_empty() {
                    return None;
                }
            }
        }
        if values.contains(literal.text.as_str()) {
            return None;
        }
        let others: Vec<&str> = match (column.choices.is_empty(), pushed(&table.name, &column.name)) {
            (false, true) => column.choices.iter().map(String::as_str).collect(),
            (_, false) => values.into_iter().collect(),
            (true, true) => Vec::new(),
        };
        let mut named = diagnosis::near(&literal.text, others.iter().copied());
        named.extend(
            others.iter().map(|other| (*other).to_owned()).filter(|other| !named.contains(other)).take(NAMED).collect::<Vec<_>>(),
        );
        named.truncate(NAMED);
        let dots = if others.len() > named.len() { ", …" } else { "" };
        let named = named.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        let values = if named.is_empty() { String::new() } else { format!("; values are {named}{dots}") };
        Some(format!("no row of `{}` has the value `{}` in `{}`{values}", table.name, literal.text, column.name))
    };
    literals.iter().filter_map(note).collect()
}
