//! What tables and columns there are, for those who write statements.

use std::fmt::Write as _;

use crate::{
    diagnosis,
    error::QueryError,
    schema::{Column, Schema, Table},
};

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

/// The table whose columns a text such as `columns contracts` asks for; an empty one for all tables (`tables`, `columns`).
pub fn asked(sql: &str) -> Option<&str> {
    let mut words = sql.trim().trim_end_matches(';').split_whitespace();
    let asks = words.next()?;
    let name = words.next().unwrap_or_default();
    let is_asked = words.next().is_none()
        && (asks.eq_ignore_ascii_case("columns") || asks.eq_ignore_ascii_case("tables") && name.is_empty());
    is_asked.then_some(name)
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
