//! SQLite's errors as ours.

use std::{collections::BTreeSet, sync::atomic::Ordering};

use rusqlite::{Error, ErrorCode};

use crate::{
    bounds::Bounds,
    error::{NotSelect, QueryError},
    functions,
    native::bound_tables::BoundTable,
    schema::{Schema, Table},
    watch::{Denied, Watch},
};

/// From this similarity on, one name may be a misspelling of another.
const ALIKE: f64 = 0.75;

/// Why SQLite did not accept a statement.
pub(crate) fn of_preparing<'b>(
    error: &Error,
    sql: &str,
    schema: &Schema,
    watch: &Watch,
    bound: impl Iterator<Item = &'b BoundTable>,
    bounds: &Bounds,
) -> QueryError {
    let example = schema.tables().first().map_or_else(|| "apps".to_owned(), |table| table.name.clone());
    let not = |found| QueryError::NotOneSelect { found, example };
    if matches!(error, Error::MultipleStatement) {
        return not(NotSelect::Several);
    }
    let seen = watch.seen();
    match seen.denied {
        Some(Denied::Another) => return not(NotSelect::Another),
        Some(Denied::Function(name)) => return QueryError::Denied { what: format!("the function `{name}`") },
        Some(Denied::Table(name)) => return QueryError::Denied { what: format!("the table `{name}`") },
        None => {}
    }
    let text = message(error);
    let after = |start: &str| {
        text.find(start)
            .and_then(|at| text.get(at + start.len()..))
            .map(|name| name.split(" - should").next().unwrap_or(name).trim().to_owned())
    };
    if let Some(name) = after("no such table: ") {
        let name = name.trim_start_matches("main.").to_owned();
        let tables: Vec<String> = schema.tables().iter().map(|table| table.name.clone()).collect();
        return QueryError::UnknownTable { near: near(&name, tables.iter().map(String::as_str)), name, tables };
    }
    if let Some(name) = after("no such column: ") {
        return unknown_column(&name, sql, schema);
    }
    if let Some(name) = after("no such function: ") {
        let name = name.to_ascii_lowercase();
        return QueryError::UnknownFunction { instead: instead_of(&name), name };
    }
    if text.contains("no query solution") {
        let unbound = |table: &&BoundTable| table.refused.load(Ordering::Relaxed) && !table.planned.load(Ordering::Relaxed);
        let tables: Vec<&BoundTable> = bound.collect();
        let read = |table: &&BoundTable| table.refused.load(Ordering::Relaxed);
        if let Some(table) =
            tables.iter().copied().find(|table| unbound(table)).or_else(|| tables.iter().copied().find(|table| read(table)))
        {
            let table = table.table();
            let column = table.required.first().cloned().unwrap_or_default();
            let reference = table.column(&column).and_then(|column| column.references.as_ref());
            let found = reference.map(|found| format!("SELECT {} FROM {} WHERE …", found.column, found.table));
            return QueryError::Unbound { table: table.name.clone(), column, columns: table.required.clone(), found };
        }
    }
    let near = text.strip_prefix("near \"").and_then(|rest| rest.split('"').next()).map(str::to_owned);
    match of_running(error, watch, bounds) {
        QueryError::Failed { .. } => QueryError::Syntax { text: without_place(&text), near },
        other => other,
    }
}

/// What SQLite has in the place of a function of other databases.
fn instead_of(function: &str) -> Option<&'static str> {
    Some(match function {
        "year" => "strftime('%Y', t)",
        "month" => "strftime('%m', t)",
        "day" => "strftime('%d', t)",
        "hour" => "strftime('%H', t)",
        "extract" | "date_part" | "date_trunc" | "to_char" | "date_format" => "strftime('%Y-%m', t)",
        "now" | "getdate" | "sysdate" | "localtimestamp" => "datetime('now')",
        "curdate" | "today" => "date('now')",
        "datediff" | "date_diff" | "timestampdiff" | "months_between" => "julianday(a) - julianday(b)",
        "dateadd" | "date_add" | "date_sub" | "add_months" => "date(t, '+30 days')",
        "to_date" | "to_timestamp" | "str_to_date" => "'2026-11-01', as times are text",
        "left" => "substr(a, 1, 3)",
        "right" => "substr(a, -3)",
        "len" | "char_length" | "character_length" => "length(a)",
        "isnull" | "nvl" => "coalesce(a, b)",
        "regexp" | "regexp_like" | "regexp_matches" | "rlike" | "ilike" => "a LIKE '%b%'",
        "array_agg" | "string_agg" | "listagg" => "group_concat(a, ', ')",
        "median" | "percentile_cont" => "row_number() OVER (ORDER BY a)",
        _ => return None,
    })
}

/// Why SQLite did not finish a statement.
pub(crate) fn of_running(error: &Error, watch: &Watch, bounds: &Bounds) -> QueryError {
    if watch.is_cancelled() {
        return QueryError::Cancelled;
    }
    if watch.must_stop() {
        return QueryError::TimeIsUp(bounds.computing);
    }
    let text = message(error);
    if text == functions::TOO_BIG {
        return QueryError::TooLarge { what: "a text" };
    }
    match error {
        Error::SqliteFailure(failure, _) | Error::SqlInputError { error: failure, .. } => match failure.code {
            ErrorCode::OperationInterrupted => QueryError::TimeIsUp(bounds.computing),
            ErrorCode::TooBig => QueryError::TooLarge { what: "a text or the statement" },
            ErrorCode::OutOfMemory => QueryError::TooLarge { what: "the statement" },
            ErrorCode::DiskFull | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => {
                QueryError::TooLarge { what: "sorting or grouping" }
            }
            _ => QueryError::Failed { text },
        },
        _ => QueryError::Failed { text },
    }
}

/// Why a table could not be put into the database.
pub(crate) fn of_filling(error: &Error, watch: &Watch, bounds: &Bounds) -> QueryError {
    match of_running(error, watch, bounds) {
        QueryError::TooLarge { .. } => QueryError::TooLarge { what: "the tables that the statement reads" },
        other => other,
    }
}

/// SQLite's own words, without the statement.
fn message(error: &Error) -> String {
    match error {
        Error::SqliteFailure(_, Some(text)) => text.clone(),
        Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

fn without_place(text: &str) -> String {
    text.split_once("\": ").map_or(text, |(_, rest)| rest).to_owned()
}

fn unknown_column(name: &str, sql: &str, schema: &Schema) -> QueryError {
    let bare = name.trim_matches('"');
    let last = bare.rsplit('.').next().unwrap_or(bare);
    let quoted = name.starts_with('"') || sql.contains(&format!("\"{last}\""));
    let tables: Vec<&Table> = mentioned(sql, schema);
    let names = tables.iter().flat_map(|table| table.columns.iter().map(|column| column.name.as_str()));
    QueryError::UnknownColumn {
        name: bare.to_owned(),
        quoted,
        near: near(last, names.collect::<BTreeSet<_>>().into_iter()),
        tables: tables
            .iter()
            .map(|table| (table.name.clone(), table.columns.iter().map(|column| column.name.clone()).collect()))
            .collect(),
    }
}

/// The tables whose names are words of the statement.
fn mentioned<'s>(sql: &str, schema: &'s Schema) -> Vec<&'s Table> {
    let words: BTreeSet<String> =
        sql.split(|sign: char| !sign.is_alphanumeric() && sign != '_').map(str::to_ascii_lowercase).collect();
    schema.tables().iter().map(AsRef::as_ref).filter(|table| words.contains(&table.name.to_ascii_lowercase())).collect()
}

/// Up to three names that are similar, the most similar first.
pub(crate) fn near<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<String> {
    let plain = |text: &str| text.chars().take(64).filter(|sign| sign.is_alphanumeric()).collect::<String>().to_lowercase();
    let wanted = plain(name);
    let mut found: Vec<(f64, &str)> = candidates
        .map(|candidate| {
            let other = plain(candidate);
            let likeness = strsim::jaro_winkler(&wanted, &other).max(strsim::sorensen_dice(&wanted, &other) + 0.1);
            (likeness, candidate)
        })
        .filter(|(likeness, _)| *likeness > ALIKE)
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(3).map(|(_, candidate)| candidate.to_owned()).collect()
}
