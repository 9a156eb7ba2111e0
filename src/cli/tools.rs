//! `tools`.

use std::fmt::Write;

use openapi_mcp::{catalog::Catalog, search::Search};

use super::Error;

/// How many tools a search shows.
const FOUND: usize = 5;

/// The tools that match a query best.
pub(super) fn find(catalog: &Catalog, question: &str) -> Result<String, Error> {
    let search = Search::new(catalog.tools());
    let hits = search.find(question, FOUND, |_| true);
    if hits.is_empty() {
        return Err(Error::failed(format!(
            "no tool for `{question}`; say it in other words, or list them with `torii-mcp tools`"
        )));
    }
    let width = hits.iter().map(|hit| hit.tool.name.len()).max().unwrap_or(0);
    Ok(hits.iter().fold(String::new(), |mut text, hit| {
        let _ = writeln!(text, "{:<width$}  {:<7}  {}", hit.tool.name, hit.tool.effect, hit.tool.title);
        text
    }))
}

/// The tools, as JSON or grouped as text.
pub(super) fn render(catalog: &Catalog, json: bool) -> Result<String, Error> {
    if json {
        return Ok(serde_json::to_string_pretty(catalog).map_err(Error::failed)? + "\n");
    }
    let width = catalog.tools().iter().map(|tool| tool.name.len()).max().unwrap_or(0);
    let mut toolsets: Vec<&str> = catalog.tools().iter().map(|tool| tool.toolset.as_str()).collect();
    toolsets.sort_unstable();
    toolsets.dedup();
    let mut text = String::new();
    for toolset in toolsets {
        let _ = writeln!(text, "{toolset}");
        for tool in catalog.tools().iter().filter(|tool| tool.toolset == toolset) {
            let _ = writeln!(text, "  {:<width$}  {:<7}  {}", tool.name, tool.effect, tool.title);
        }
    }
    Ok(text)
}
