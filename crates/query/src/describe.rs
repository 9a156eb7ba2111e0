//! What tables and columns there are, for those who write statements.

use std::fmt::Write as _;

use crate::{
    diagnosis,
    error::QueryError,
    schema::{Column, Schema, Table},
};

/// The columns of so many tables are told at once.
const ASKED: usize = 8;

/// All tables in one line each: name, required columns, note.
pub fn tables(schema: &Schema) -> String {
    let mut text = String::new();
    for table in schema.tables() {
        let _ = writeln!(text, "{}{}{}", table.name, required(table), after(": ", &table.note));
    }
    text
}

/// The columns of one table, a line for each: name, kind, note, currency, choices, reference.
pub fn columns(schema: &Schema, name: &str) -> Result<String, QueryError> {
    let Some(table) = schema.table(name.trim()) else {
        let tables: Vec<String> = schema.tables().iter().map(|table| table.name.clone()).collect();
        let near = diagnosis::near(name, tables.iter().map(String::as_str));
        return Err(QueryError::UnknownTable { name: name.trim().to_owned(), near, tables });
    };
    let mut text = format!("{}{}{}\n", table.name, required(table), after(": ", &table.note));
    for column in &table.columns {
        let _ = writeln!(text, "{}", line(column));
    }
    Ok(text)
}

/// The tables whose columns a text such as `columns contracts, apps` asks for; none of them for all tables (`tables`, `columns`).
pub fn asked(sql: &str) -> Option<Vec<&str>> {
    let words = sql.split(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';')).filter(|word| !word.is_empty());
    let mut words = words.take(1 + ASKED + 1);
    let asks = words.next()?;
    let names: Vec<&str> = words.collect();
    let is_name = |name: &&str| name.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_');
    let is_asked = asks.eq_ignore_ascii_case("columns") && names.len() <= ASKED && names.iter().all(is_name)
        || asks.eq_ignore_ascii_case("tables") && names.is_empty();
    is_asked.then_some(names)
}

fn required(table: &Table) -> String {
    if table.required.is_empty() { String::new() } else { format!(" (needs {} = …)", table.required.join(" = …, ")) }
}

fn line(column: &Column) -> String {
    let mut text = format!("{} {}", column.name, column.kind.word());
    if let Some(currency) = &column.currency {
        let _ = write!(text, ", in the currency of {currency}");
    }
    if let Some(converted) = &column.converted {
        let _ = write!(text, ", in one currency in {converted}");
    }
    if let Some(reference) = &column.references {
        let _ = write!(text, ", = {}.{}", reference.table, reference.column);
    }
    if !column.choices.is_empty() {
        let _ = write!(text, ", one of {}", column.choices.join(" | "));
    }
    text + &after(": ", &column.note)
}

fn after(sign: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{sign}{text}") }
}
