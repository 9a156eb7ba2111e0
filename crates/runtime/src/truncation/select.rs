//! Selects the requested fields of a list's items if the API has no parameter for that.

use std::collections::HashSet;

use crate::{catalog::Tool, json_text, tool_output::ToolOutput, truncation::ListNames};

/// The response with only `fields` of each item of the list, in the API's order and as the API sent them. Items that are not
/// objects are kept unchanged, and so is a response without that list, or one whose items have none of the default fields if no
/// others were requested.
pub(crate) fn select(output: ToolOutput, tool: &Tool, fields: &[String]) -> ToolOutput {
    let (Some(names), Some(usual)) = (ListNames::of(tool), &tool.response.fields) else { return output };
    let wanted: HashSet<&str> = fields.iter().map(String::as_str).collect();
    match selected(&output.text, names, &wanted, fields == usual) {
        Some(text) => output.with_text(text),
        None => output,
    }
}

fn selected(text: &str, names: ListNames<'_>, wanted: &HashSet<&str>, is_usual: bool) -> Option<String> {
    let members = json_text::members(text)?;
    let items = names.found(&members).items;
    let mut is_any_wanted = false;
    let mut item = |item: &str| {
        let Some(mut members) = json_text::members(item) else { return item.to_owned() };
        members.retain(|name, _| wanted.contains(name.as_str()));
        is_any_wanted |= !members.is_empty();
        json_text::object(members.iter())
    };
    let list = json_text::list(json_text::items(members.get(items)?)?.into_iter().map(&mut item));
    (is_any_wanted || !is_usual)
        .then(|| json_text::object(members.iter().map(|(name, value)| (name, if name == items { list.as_str() } else { value }))))
}

/// The note for a response in which no item has any of the requested fields.
pub(crate) fn nothing_selected(tool: &Tool, output: &ToolOutput) -> Option<String> {
    let usual = tool.response.fields.as_ref()?;
    let members = json_text::members(&output.text)?;
    let items = json_text::items(members.get(ListNames::of(tool)?.found(&members).items)?)?;
    (!items.is_empty() && items.iter().all(|item| *item == "{}"))
        .then(|| format!("No item has any of these `fields`. The default ones are `{}`; [] returns all.", usual.join("`, `")))
}
