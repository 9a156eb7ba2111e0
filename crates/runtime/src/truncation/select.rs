//! Selects the members of a list's items: the requested fields if the API has no parameter for that, and those that only the
//! server itself requested.

use crate::{
    catalog::Tool,
    json_text::{self, Items},
    tool_output::ToolOutput,
    truncation::ListNames,
};

/// How many names of an item are remembered for the next.
const KNOWN: usize = 64;

/// The response with only `fields` of each item of the list, in the API's order and as the API sent them. Items that are not
/// objects are kept unchanged, and so is a response without that list, or one whose items have none of the default fields if no
/// others were requested.
pub(crate) fn select(output: ToolOutput, tool: &Tool, fields: &[String]) -> ToolOutput {
    let (Some(names), Some(usual)) = (ListNames::of(tool), &tool.response.fields) else { return output };
    let mut wanted: Vec<&str> = fields.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    let is_wanted = |name: Option<&str>| name.is_some_and(|name| wanted.binary_search(&name).is_ok());
    match selected(&output.text, names, is_wanted, fields == usual) {
        Some(text) => output.with_text(text),
        None => output,
    }
}

/// The response without these members of the items of its list.
pub(crate) fn without(output: ToolOutput, tool: &Tool, members: &[String]) -> ToolOutput {
    let Some(names) = ListNames::of(tool).filter(|_| !members.is_empty()) else { return output };
    let is_wanted = |name: Option<&str>| !members.iter().any(|member| Some(member.as_str()) == name);
    match selected(&output.text, names, is_wanted, false) {
        Some(text) => output.with_text(text),
        None => output,
    }
}

fn selected(text: &str, names: ListNames<'_>, is_wanted: impl Fn(Option<&str>) -> bool, is_usual: bool) -> Option<String> {
    let members = json_text::members(text)?;
    let name = names.found(&members).items;
    let all = *members.get(name)?;
    let (mut list, mut is_any_wanted) = (String::with_capacity(all.len()), false);
    // items have the same names in the same order, as a rule, so each is compared with the one at its place before
    let mut known: Vec<(&str, bool)> = Vec::new();
    let search = |raw: &str| is_wanted(json_text::name(raw).as_deref());
    list.push('[');
    let mut items = Items::of(all)?;
    loop {
        let end = list.len();
        if end > 1 {
            list.push(',');
        }
        let (start, mut place) = (list.len(), 0);
        let is_object = items.visit_members(|name, value| {
            let is_wanted = known.get(place).filter(|(known, _)| *known == name).map_or_else(|| search(name), |(_, is)| *is);
            if place == known.len() && place < KNOWN {
                known.push((name, is_wanted));
            }
            place += 1;
            if is_wanted {
                list.push(if list.len() == start { '{' } else { ',' });
                list.push_str(name);
                list.push(':');
                list.push_str(value);
            }
        });
        if is_object {
            let is_empty = list.len() == start;
            is_any_wanted |= !is_empty;
            list.push_str(if is_empty { "{}" } else { "}" });
        } else if let Some(item) = items.next() {
            list.push_str(item);
        } else {
            list.truncate(end);
            break;
        }
    }
    list.push(']');
    let value = |(of, value)| (of, if of == name { list.as_str() } else { value });
    (is_any_wanted || !is_usual).then(|| json_text::object(members.iter().map(|(of, value)| (of.as_str(), *value)).map(value)))
}

/// The note for a response in which no item has any of the requested fields.
pub(crate) fn nothing_selected(tool: &Tool, output: &ToolOutput) -> Option<String> {
    let usual = tool.response.fields.as_ref()?;
    let mut items = ListNames::items(tool, &output.text)?.peekable();
    (items.peek().is_some() && items.all(|item| item == "{}"))
        .then(|| format!("No item has any of these `fields`. The default ones are `{}`; [] returns all.", usual.join("`, `")))
}
