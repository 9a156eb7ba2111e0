//! Refuses names in `fields` that nothing has: neither the document, nor the tool's texts, nor any item.
//!
//! Tools whose records have fields of the organization are checked against its metadata instead, in [`custom_fields`](crate::custom_fields).

use std::{borrow::Cow, collections::BTreeSet};

use mcp_http::sanitize::one_line;
use serde_json::{Map, Value};

use crate::{
    catalog::{Effect, Tool},
    custom_fields::{documented, is_named},
    json_text::{self, Entries},
    nearest::{ALIKE, likeness, plain},
    tool_error::{ErrorKind, ToolError},
    tool_output::ToolOutput,
    truncation::ListNames,
};

/// How many items of a response are examined.
const MAX_ITEMS: usize = 1000;
/// How many names an error tells, and how many similar ones for each.
const TOLD: usize = 5;
const NEAR: usize = 3;
/// How much of a name is quoted, in characters.
const QUOTED: usize = 60;

/// The names that are requested of a tool that reads, whose items have no fields of an organization's own. In a write, `fields` is a
/// member like any other.
pub(crate) fn requested(tool: &Tool, arguments: &Map<String, Value>) -> Vec<String> {
    let chooses = tool.effect == Effect::Read && tool.takes_keys.is_none();
    let given = arguments.get("fields").filter(|_| chooses).and_then(Value::as_array);
    given.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The tool that lists further names, if the texts of a tool refer to one.
fn lister(tool: &Tool) -> Option<&str> {
    let text = tool.input_schema.get("properties")?.pointer("/fields/description")?.as_str()?;
    text.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).find(|word| word.ends_with("_metadata"))
}

/// Where all names are.
fn source(tool: &Tool) -> String {
    match (lister(tool), &tool.response.fields) {
        (Some(lister), _) => format!("`{lister}`"),
        (None, Some(_)) => format!("`{}` with `fields: []`, which returns all", tool.name),
        (None, None) => format!("the description of `{}`", tool.name),
    }
}

/// The error of an API that does not accept the arguments, with the requested names that are not documented.
pub(crate) fn explained(tool: &Tool, requested: &[String], error: ToolError) -> ToolError {
    let known: BTreeSet<&str> = documented(tool).collect();
    let unknown = requested.iter().map(String::as_str).filter(|name| !known.contains(name) && !is_named(tool, name));
    let problems: Vec<_> = unknown.take(TOLD).map(|name| problem(name, &known)).collect();
    if error.kind != ErrorKind::BadArgument || problems.is_empty() {
        return error;
    }
    error.with_unknown_keys(&problems.join("; "), &source(tool))
}

/// Checks the requested names against the document and the items of a response.
///
/// # Errors
/// When there are names that nothing has.
pub(crate) fn check(tool: &Tool, requested: &[String], output: &ToolOutput) -> Result<(), ToolError> {
    let usual = tool.response.fields.iter().flatten().map(String::as_str);
    let documented: BTreeSet<&str> = documented(tool).chain(usual).collect();
    let mut unknown: Vec<&str> = requested.iter().map(String::as_str).collect();
    unknown.retain(|name| !documented.contains(name) && !is_named(tool, name));
    // what a metadata tool lists is not known here
    if unknown.is_empty() || lister(tool).is_some() {
        return Ok(());
    }
    let (mut there, mut is_any): (BTreeSet<String>, bool) = (BTreeSet::new(), false);
    let items = ListNames::items(tool, &output.text).into_iter().flatten().take(MAX_ITEMS).filter_map(Entries::of);
    for item in items {
        is_any = true;
        let names: BTreeSet<Cow<'_, str>> = item.filter_map(|(name, _)| json_text::name(name)).collect();
        unknown.retain(|name| !names.contains(*name));
        if unknown.is_empty() {
            return Ok(());
        }
        if there.is_empty() {
            there = names.iter().map(ToString::to_string).collect();
        }
    }
    if !is_any && documented.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<&str> = documented.iter().copied().chain(there.iter().map(String::as_str)).collect();
    let problems: Vec<_> = unknown.iter().take(TOLD).map(|name| problem(name, &known)).collect();
    Err(ToolError::unknown_fields(&problems.join("; "), &source(tool)))
}

fn problem(name: &str, known: &BTreeSet<&str>) -> String {
    let wanted = plain(name);
    let mut near: Vec<_> = known.iter().map(|known| (likeness(&wanted, &plain(known)), *known)).collect();
    near.retain(|(likeness, _)| *likeness > ALIKE);
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let near: Vec<_> = near.into_iter().take(NEAR).map(|(_, known)| format!("`{known}`")).collect();
    let near = if near.is_empty() { String::new() } else { format!(", but similar to {}", near.join(", ")) };
    format!("`{}` in `fields` is not a field of items here{near}", one_line(name, QUOTED))
}
