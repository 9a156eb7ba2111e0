//! The coverage: every operation of the document and its state, so that no operation is left out silently.
//!
//! It is rendered here, at build time, both for the server and for `cargo codegen`.

use openapi_mcp_model::{Coverage, CoverageEntry, CoverageTotals};
use serde_json::json;

use crate::ir::{Api, Operation};
use crate::text;

/// The coverage as text, Markdown and JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageReports {
    pub text: String,
    pub markdown: String,
    pub json: String,
}

/// The state of each operation.
pub fn coverage(api: &Api) -> Coverage {
    let operations: Vec<CoverageEntry> = api.operations.iter().map(Operation::coverage_entry).collect();
    Coverage { document: api.document.clone(), totals: CoverageTotals::of(&operations), operations }
}

/// Renders the coverage in every format.
pub fn reports(api: &Api) -> CoverageReports {
    let coverage = coverage(api);
    CoverageReports { text: text(&coverage), markdown: markdown(&coverage), json: format!("{:#}\n", json!(coverage)) }
}

fn summary(totals: &CoverageTotals) -> String {
    let CoverageTotals { operations, exposed, excluded, undecided, removed } = totals;
    format!("{operations} operations: {exposed} exposed, {excluded} excluded, {undecided} undecided, {removed} removed")
}

/// How certain an operation is, and which of its parts are more or less so: `page (in part inferred)`.
fn certainty(entry: &CoverageEntry) -> String {
    let of_operation = field(entry.provenance.as_ref());
    let of_parts: Vec<String> = entry.provenance_of_parts.iter().map(|mark| text::line(mark)).collect();
    match (of_operation.is_empty(), of_parts.is_empty()) {
        (_, true) => of_operation,
        (true, false) => format!("in part {}", of_parts.join(", ")),
        (false, false) => format!("{of_operation} (in part {})", of_parts.join(", ")),
    }
}

/// The tables of an operation, in words.
fn tables(entry: &CoverageEntry, shown: fn(&str) -> String) -> String {
    let names: Vec<String> = entry.tables.iter().map(|name| shown(name)).collect();
    match names.len() {
        0 => String::new(),
        1 => format!(", table {}", names.join(", ")),
        _ => format!(", tables {}", names.join(", ")),
    }
}

/// A text of the document as one line, without invisible characters.
fn field(text: Option<&String>) -> String {
    text::line(text.map(String::as_str).unwrap_or_default())
}

/// A text as a Markdown code span, in which no markup has a meaning; an empty text stays empty.
fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", text.replace('`', "'").replace('|', "\\|")) }
}

/// Escapes a text for a cell of a Markdown table, so that it neither ends the cell nor begins a tag.
fn words(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn text(coverage: &Coverage) -> String {
    let longest = |field: fn(&CoverageEntry) -> String| {
        coverage.operations.iter().map(|entry| field(entry).chars().count()).max().unwrap_or_default()
    };
    let (width, known) = (longest(|entry| text::line(&entry.path)), longest(certainty));
    let mut text = String::new();
    for entry in &coverage.operations {
        let (method, path, state) = (entry.method, text::line(&entry.path), entry.state.as_str());
        let detail = field(entry.tool.as_ref().or(entry.reason.as_ref())) + &tables(entry, str::to_owned);
        let (since, provenance) = (field(entry.since.as_ref()), certainty(entry));
        text += format!("{method:<7} {path:<width$}  {state:<9}  {since:<10}  {provenance:<known$}  {detail}").trim_end();
        text.push('\n');
    }
    text + &summary(&coverage.totals) + "\n"
}

fn markdown(coverage: &Coverage) -> String {
    let mut rows = vec![
        summary(&coverage.totals),
        String::new(),
        "| Operation | State | Since | Tool or reason | Provenance |".to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
    ];
    for entry in &coverage.operations {
        let [since, tool, reason] = [&entry.since, &entry.tool, &entry.reason].map(|text| field(text.as_ref()));
        let operation = code(&format!("{} {}", entry.method, text::line(&entry.path)));
        let (state, detail) = (entry.state.as_str(), code(&tool) + &words(&reason) + &tables(entry, code));
        rows.push(format!("| {operation} | {state} | {} | {detail} | {} |", words(&since), code(&certainty(entry))));
    }
    rows.join("\n") + "\n"
}
