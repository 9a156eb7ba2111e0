//! Notes about defaults that leave items out of a list.
//!
//! An assistant that did not choose such a default could conclude that what it looks for does not exist. So a result has the note
//! if the list is empty, or if the call searches for something in particular.

use serde_json::{Map, Value};

use crate::{catalog::Tool, tool_output::ToolOutput, truncation::ListNames};

#[cfg(test)]
mod tests;

/// The defaults that narrow a call.
pub(crate) struct Narrowed<'a> {
    /// Each with its note, and whether the call searches for something in particular.
    defaults: Vec<(&'a str, bool)>,
}

impl<'a> Narrowed<'a> {
    /// The defaults that apply to a call with these arguments. The next page of a list has none, since its first page was told.
    pub(crate) fn of(tool: &'a Tool, arguments: &Map<String, Value>) -> Self {
        if arguments.contains_key("cursor") {
            return Self { defaults: Vec::new() };
        }
        let filters = arguments.get("filters").and_then(Value::as_array).into_iter().flatten();
        let keys: Vec<&str> = filters.filter_map(|filter| filter.get("key")?.as_str()).collect();
        let is_searched = |name: &String| arguments.contains_key(name) || keys.contains(&name.as_str());
        let left_out = tool.narrowing_defaults.iter().filter(|(name, _)| !arguments.contains_key(*name));
        Self { defaults: left_out.map(|(_, default)| (&*default.note, default.searches.iter().any(is_searched))).collect() }
    }

    /// What to tell about a result.
    pub(crate) fn note(&self, tool: &Tool, output: &ToolOutput) -> Option<String> {
        if self.defaults.is_empty() {
            return None;
        }
        let is_empty = is_empty(tool, output);
        let notes: Vec<&str> =
            self.defaults.iter().filter(|(_, is_search)| *is_search || is_empty).map(|(note, _)| *note).collect();
        (!notes.is_empty()).then(|| notes.join(" "))
    }
}

/// Whether the list of a result has no items.
fn is_empty(tool: &Tool, output: &ToolOutput) -> bool {
    ListNames::items(tool, &output.text).is_some_and(|mut items| items.next().is_none())
}
