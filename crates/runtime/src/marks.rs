//! Says of each item of a list whether another list has it, too: whether the organization uses an app of the catalog.
//!
//! Invariants: it is one more call of a tool that the caller may call, within its rate. If that fails, or does not apply the filter, no item is
//! marked, and a note says so.

use std::collections::BTreeSet;

use openapi_mcp_model::Mark;
use serde_json::{Map, Value, json};

use crate::{
    arguments::Arguments,
    catalog::Tool,
    json_text,
    tool_output::ToolOutput,
    truncation::{ListNames, Truncated},
};

/// The member of an item that identifies it, in both lists.
const ID: &str = "id";
/// How many items are marked.
const MOST: usize = 100;

/// The ids of the first items of a list; `None` if there are none, or one has none.
pub(crate) fn ids(tool: &Tool, output: &ToolOutput) -> Option<Vec<u64>> {
    let ids: Option<Vec<u64>> = ListNames::items(tool, &output.text)?.take(MOST).map(id).collect();
    ids.filter(|ids| !ids.is_empty())
}

/// The arguments with which the other list has those of these items that are in it.
pub(crate) fn arguments(other: &Tool, ids: &[u64]) -> Option<Arguments> {
    let filter = json!({ "key": ID, "op": "anyOf", "value": ids });
    let given = json!({ "fields": [ID], "filters": [filter], "size": ids.len() });
    let given: Map<String, Value> = given.as_object()?.clone();
    Arguments::check(other, given).ok()
}

/// Marks the items of a result by what the other list answered.
pub(crate) fn add(result: &mut Truncated, mark: &Mark, tool: &Tool, asked: &[u64], other: Option<(&Tool, ToolOutput)>) {
    let there = other.and_then(|(other, output)| {
        let there: Option<BTreeSet<u64>> = ListNames::items(other, &output.text)?.map(id).collect();
        // an item that was not asked for says that the filter was not applied
        there.filter(|there| there.iter().all(|id| asked.contains(id)))
    });
    let Some(there) = there else {
        result.add(Some(format!("`{}` could not be found out; `{}` tells.", mark.member, mark.tool)));
        return;
    };
    let (Some(members), Some(names)) = (json_text::members(&result.output.text), ListNames::of(tool)) else { return };
    let list = names.found(&members).items;
    let Some(items) = members.get(list).and_then(|list| json_text::items(list)) else { return };
    let marked = items.into_iter().map(|item| match (id(item), json_text::members(item)) {
        (Some(id), Some(members)) if asked.contains(&id) => {
            let said = if there.contains(&id) { "true" } else { "false" };
            let members = members.iter().map(|(name, value)| (name.as_str(), *value));
            json_text::object(members.chain([(mark.member.as_str(), said)]))
        }
        _ => item.to_owned(),
    });
    let marked = json_text::list(marked);
    let text = json_text::object(
        members.iter().map(|(name, value)| (name.as_str(), if name == list { marked.as_str() } else { *value })),
    );
    let output = std::mem::take(&mut result.output);
    result.output = output.with_text(text);
}

fn id(item: &str) -> Option<u64> {
    json_text::members(item)?.get(ID)?.parse().ok()
}
