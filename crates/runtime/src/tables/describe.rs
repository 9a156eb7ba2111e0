//! Lists the tables, or the columns of one, as a short text.

use openapi_mcp_query::{Column, Schema, Table};
use serde_json::json;

use crate::{nearest::nearest, tool_error::ToolError, tool_output::ToolOutput};

/// How many values of a column are listed.
const VALUES: usize = 12;

/// What is asked for in place of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// `tables`
    Tables,
    /// `columns apps`
    Columns(String),
}

impl Wanted {
    /// Reads what is no statement; `None` for a statement.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(';');
        let mut words = text.split_whitespace();
        match (words.next()?.to_ascii_lowercase().as_str(), words.next(), words.next()) {
            ("tables", None, _) => Some(Self::Tables),
            ("columns", Some(table), None) => Some(Self::Columns(table.to_owned())),
            _ => None,
        }
    }
}

/// The tables with what they need, or the columns of one, each in a line.
pub(super) fn describe(schema: &Schema, wanted: &Wanted) -> Result<ToolOutput, ToolError> {
    let shown = match wanted {
        Wanted::Tables => json!({ "tables": schema.tables().iter().map(|table| line(table)).collect::<Vec<_>>() }),
        Wanted::Columns(name) => {
            let table = schema.table(name).ok_or_else(|| unknown(schema, name))?;
            let columns: Vec<String> = table.columns.iter().map(|column| column_line(table, column)).collect();
            json!({ "table": table.name, "columns": columns })
        }
    };
    Ok(ToolOutput::of(&shown))
}

fn unknown(schema: &Schema, name: &str) -> ToolError {
    let names = || schema.tables().iter().map(|table| table.name.as_str());
    let near = nearest(name, names()).map(|near| format!("did you mean `columns {near}`?"));
    let next_step = near.unwrap_or_else(|| {
        let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        format!("use one of {}", names.join(", "))
    });
    ToolError::no_tool(format!("there is no table `{}`", name.chars().take(60).collect::<String>()), next_step)
}

/// `app_users: List users of an app; bind idApp`
fn line(table: &Table) -> String {
    let needs = if table.required.is_empty() { String::new() } else { format!("; bind {}", table.required.join(", ")) };
    format!("{}: {}{needs}", table.name, table.note)
}

/// `amount integer, cents, over the whole term; currency in currency`
fn column_line(table: &Table, column: &Column) -> String {
    let mut parts = Vec::new();
    if table.requires(&column.name) {
        parts.push("must be bound".to_owned());
    }
    if !column.note.is_empty() {
        parts.push(column.note.trim_end_matches('.').to_owned());
    }
    if let Some(currency) = &column.currency {
        parts.push(format!("in the currency of {currency}"));
    }
    if let Some(target) = &column.references {
        parts.push(format!("= {}.{}", target.table, target.column));
    }
    if !column.choices.is_empty() {
        let values: Vec<&str> = column.choices.iter().take(VALUES).map(String::as_str).collect();
        let more = if column.choices.len() > VALUES { ", …" } else { "" };
        parts.push(format!("{}{more}", values.join(", ")));
    }
    let said = if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) };
    format!("{} {}{said}", column.name, column.kind.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_words_are_no_statement() {
        assert_eq!(Wanted::read(" Tables; "), Some(Wanted::Tables));
        assert_eq!(Wanted::read("columns apps"), Some(Wanted::Columns("apps".to_owned())));
        for statement in ["SELECT 1", "columns", "columns of apps", "tables apps", ""] {
            assert_eq!(Wanted::read(statement), None, "{statement}");
        }
    }
}
