//! `query`: one statement of SQL over Torii's lists, from the shell.

use std::io::{self, IsTerminal, Read, Write};

use clap::Args;
use openapi_mcp::{
    catalog::Catalog,
    mcp::ServerDescription,
    pipeline::Pipeline,
    tables::{self, Tables},
    tool_filter::ToolFilter,
};
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::{Connected, Error, connect, print, serve::require_key};

/// The widest column on a terminal, in characters.
const WIDEST: usize = 60;

/// The arguments of `query`.
#[derive(Debug, Args)]
pub(super) struct Query {
    /// One `SELECT`; `tables` lists the tables, `columns TABLE` the columns of one; `-` reads it from standard input
    #[arg(value_name = "SQL")]
    sql: String,
    /// Answer from tables that cannot be loaded whole, too
    #[arg(long)]
    partial: bool,
    /// Print JSON on a terminal, too
    #[arg(long)]
    json: bool,
}

pub(super) async fn query(catalog: &'static Catalog, query: Query) -> Result<(), Error> {
    let sql = if query.sql == "-" { io::read_to_string(io::stdin().lock().take(1 << 20))? } else { query.sql };
    let Connected { upstream, caller, .. } = connect(catalog)?;
    require_key(&caller)?;
    let ServerDescription { read_field, other_filters, .. } = crate::torii::description();
    let tables = Tables::new(catalog, Pipeline::new(catalog, upstream, read_field, other_filters));
    let asked = tables::Query { sql, partial: query.partial };
    let (loaded, seen) = watch::channel(0);
    let answering = async {
        let output = tables.query(asked, &caller, &ToolFilter::default(), &loaded).await;
        // ends the telling
        drop(loaded);
        output
    };
    let (output, told) = tokio::join!(answering, tell(seen));
    told?;
    let output = output.map_err(|error| Error::failed(error.to_string()))?;
    if query.json || !io::stdout().is_terminal() {
        return print(&(output.text + "\n"));
    }
    print(&shown(&output.structured()))
}

/// Tells on standard error how many rows are loaded: in one line on a terminal, and in a line for each change elsewhere.
async fn tell(mut seen: watch::Receiver<u64>) -> io::Result<()> {
    let mut stderr = io::stderr();
    let is_terminal = stderr.is_terminal();
    let mut is_told = false;
    while seen.changed().await.is_ok() {
        let rows = *seen.borrow_and_update();
        is_told = true;
        if is_terminal {
            write!(stderr, "\r{rows} rows loaded")?;
        } else {
            writeln!(stderr, "{rows} rows loaded")?;
        }
        stderr.flush()?;
    }
    // the answer begins where the line did
    if is_told && is_terminal {
        write!(stderr, "\r\x1b[K")?;
    }
    Ok(())
}

/// An answer as a table, or a list of tables or columns as lines.
fn shown(answer: &Map<String, Value>) -> String {
    let list = |name: &str| answer.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let Some(rows) = answer.get("rows").and_then(Value::as_array) else {
        return described(answer);
    };
    let header: Vec<String> = list("columns").iter().map(text).collect();
    let cells = rows.iter().map(|row| row.as_array().into_iter().flatten().map(text).collect());
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(cells).collect();
    let mut widths: Vec<usize> = Vec::new();
    for line in &lines {
        widths.resize(widths.len().max(line.len()), 0);
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let row = |line: &Vec<String>| {
        let padded: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    let total = answer.get("total").and_then(Value::as_u64).unwrap_or_default();
    let left_out = total.saturating_sub(rows.len() as u64);
    let end = if left_out == 0 { String::new() } else { format!("… and {left_out} more rows; narrow the statement\n") };
    // what is missing comes first, and neither is shortened
    let said = |word: &'static str, notes: &'static str| {
        list(notes)
            .iter()
            .map(move |note| format!("{word}: {}\n", mcp_http::sanitize::one_line(note.as_str().unwrap_or_default(), usize::MAX)))
    };
    said("partial", "partial").chain(lines.iter().map(row)).chain([end]).chain(said("note", "notes")).collect()
}

/// A list of tables, or of columns, a line for each.
fn described(answer: &Map<String, Value>) -> String {
    let list = |name: &str| answer.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let line = |line: &Value| match line {
        // one of several tables, with its columns
        Value::Object(table) => format!("{}\n{}", full(table.get("table").unwrap_or(&Value::Null)), described(table)),
        line => full(line) + "\n",
    };
    [list("tables"), list("columns")].concat().iter().map(line).collect()
}

/// A value on one line, in full.
fn full(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned);
    mcp_http::sanitize::one_line(&text, usize::MAX)
}

/// A value on one line, as far as it fits into a column.
fn text(value: &Value) -> String {
    let line = full(value);
    match line.char_indices().nth(WIDEST - 1) {
        Some((end, last)) if end + last.len_utf8() < line.len() => format!("{}…", line.get(..end).unwrap_or_default()),
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_too_wide_for_a_terminal_ends_with_dots() {
        for (given, shown) in [
            ("é".repeat(60), "é".repeat(60)),
            ("é".repeat(61), format!("{}…", "é".repeat(59))),
            ("a\nb".to_owned(), "a b".to_owned()),
        ] {
            assert_eq!(text(&json!(given)), shown);
        }
    }

    #[test]
    fn a_table_begins_with_what_is_missing_in_full() {
        let why = format!("`users` is not whole: {}", "because ".repeat(20).trim_end());
        let answer = json!({
            "partial": [why], "total": 3, "more": true, "columns": ["id", "name"], "rows": [[1, "Ada"], [2, null]], "notes": ["a note"],
        });
        let shown = shown(answer.as_object().unwrap());
        assert_eq!(
            shown,
            format!("partial: {why}\nid  name\n1   Ada\n2\n… and 1 more rows; narrow the statement\nnote: a note\n")
        );
    }
}
