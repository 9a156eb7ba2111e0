//! `tools`.

use std::fmt::Write;

use clap::Args;
use clap_complete::ArgValueCompleter;
use openapi_mcp::{
    catalog::{Catalog, Tool},
    search::Search,
};
use serde_json::json;

use super::{Error, call, completions, tool_help};

/// How many tools a search shows.
const FOUND: usize = 5;

/// The arguments of `tools`.
#[derive(Debug, Args)]
pub(super) struct Tools {
    /// One tool: what it does, and its arguments
    #[arg(add = ArgValueCompleter::new(completions::tool_names))]
    name: Option<String>,
    /// As JSON, with schemas
    #[arg(long)]
    json: bool,
    /// Only the tools that match a query, the best first
    #[arg(long, value_name = "QUESTION", conflicts_with = "name")]
    find: Option<String>,
}

/// The tools that are asked for.
///
/// # Errors
/// When there is none.
pub(super) fn tools(catalog: &Catalog, given: &Tools) -> Result<String, Error> {
    let chosen = match (&given.name, &given.find) {
        (Some(name), _) => Some(vec![catalog.find(name).ok_or_else(|| call::unknown(catalog, name))?]),
        (None, Some(question)) => Some(find(catalog, question)?),
        (None, None) => None,
    };
    match chosen {
        None if given.json => json_text(&catalog),
        None => Ok(all(catalog)),
        Some(tools) if given.json => json_text(
            &json!({ "document": catalog.document(), "tools": tools.iter().map(|tool| tool.to_public_json()).collect::<Vec<_>>() }),
        ),
        Some(tools) if given.find.is_some() => Ok(table(&tools, "")),
        Some(tools) => Ok(tools.into_iter().map(tool_help::text).collect()),
    }
}

fn json_text(value: &impl serde::Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(value).map_err(Error::failed)? + "\n")
}

/// The tools that match a query best.
fn find<'a>(catalog: &'a Catalog, question: &str) -> Result<Vec<&'a Tool>, Error> {
    let search = Search::new(catalog.tools());
    let hits = search.find(question, FOUND, |_| true);
    if hits.is_empty() {
        return Err(Error::failed(format!(
            "no tool for `{question}`; say it in other words, or list them with `torii-mcp tools`"
        )));
    }
    Ok(hits.into_iter().map(|hit| hit.tool).collect())
}

/// All tools by toolset.
fn all(catalog: &Catalog) -> String {
    let mut toolsets: Vec<&str> = catalog.tools().iter().map(|tool| tool.toolset.as_str()).collect();
    toolsets.sort_unstable();
    toolsets.dedup();
    let mut text = String::new();
    for toolset in toolsets {
        let tools: Vec<_> = catalog.tools().iter().filter(|tool| tool.toolset == toolset).collect();
        let _ = write!(text, "{toolset}\n{}", table(&tools, "  "));
    }
    text
}

/// A line for each tool.
fn table(tools: &[&Tool], indent: &str) -> String {
    let width = tools.iter().map(|tool| tool.name.len()).max().unwrap_or(0);
    tools.iter().fold(String::new(), |mut text, tool| {
        let _ = writeln!(text, "{indent}{:<width$}  {:<7}  {}", tool.name, tool.effect, tool.title);
        text
    })
}
