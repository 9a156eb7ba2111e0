//! Selects the requested fields of a list's items if the API has no parameter for that.

use crate::{
    catalog::Tool,
    json_text::{self, Entries, Items},
    tool_output::ToolOutput,
    truncation::ListNames,
};

/// The response with only `fields` of each item of the list, in the API's order and as the API sent them. Items that are not
/// objects are kept unchanged, and so is a response without that list, or one whose items have none of the default fields if no
/// others were requested.
pub(crate) fn select(output: ToolOutput, tool: &Tool, fields: &[String]) -> ToolOutput {
    let (Some(names), Some(usual)) = (ListNames::of(tool), &tool.response.fields) else { return output };
    let mut wanted: Vec<&str> = fields.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    match selected(&output.text, names, &wanted, fields == usual) {
        Some(text) => output.with_text(text),
        None => output,
    }
}

fn selected(text: &str, names: ListNames<'_>, wanted: &[&str], is_usual: bool) -> Option<String> {
    let members = json_text::members(text)?;
    let name = names.found(&members).items;
    let all = *members.get(name)?;
    let (mut list, mut is_any_wanted) = (String::with_capacity(all.len()), false);
    list.push('[');
    for item in Items::of(all)? {
        if list.len() > 1 {
            list.push(',');
        }
        is_any_wanted |= select_members(item, wanted, &mut list);
    }
    list.push(']');
    let value = |(of, value)| (of, if of == name { list.as_str() } else { value });
    (is_any_wanted || !is_usual).then(|| json_text::object(members.iter().map(|(of, value)| (of.as_str(), *value)).map(value)))
}

/// Appends the wanted members of an item; whether it has any.
fn select_members(item: &str, wanted: &[&str], list: &mut String) -> bool {
    let Some(entries) = Entries::of(item) else {
        list.push_str(item);
        return false;
    };
    let start = list.len() + 1;
    let is_wanted = |raw: &str| json_text::name(raw).is_some_and(|name| wanted.binary_search(&&*name).is_ok());
    for (name, value) in entries.filter(|(name, _)| is_wanted(name)) {
        list.push(if list.len() < start { '{' } else { ',' });
        list.push_str(name);
        list.push(':');
        list.push_str(value);
    }
    let is_any = list.len() >= start;
    list.push_str(if is_any { "}" } else { "{}" });
    is_any
}

/// The note for a response in which no item has any of the requested fields.
pub(crate) fn nothing_selected(tool: &Tool, output: &ToolOutput) -> Option<String> {
    let usual = tool.response.fields.as_ref()?;
    let mut items = ListNames::items(tool, &output.text)?.peekable();
    (items.peek().is_some() && items.all(|item| item == "{}"))
        .then(|| format!("No item has any of these `fields`. The default ones are `{}`; [] returns all.", usual.join("`, `")))
}
