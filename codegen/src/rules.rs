//! What assistants accept. A tool outside these rules is silently dropped, or takes the whole list with it, in one client or
//! another; so the build fails instead.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::diagnostics::{Diagnostics, Place};
use crate::ir::{Api, Operation, Tool};
use crate::names;

/// Claude drops a tool silently when its input schema reaches this length.
const MAX_SCHEMA: usize = 16_384;
/// Clients cut descriptions near 2 KB; ours stay well below.
const MAX_DESCRIPTION: usize = 1_024;
const MAX_TITLE: usize = 64;

/// Checks every tool; `place_of` finds an operation's place by its id.
pub fn check(api: &Api, place_of: &dyn Fn(&str) -> Place, diagnostics: &mut Diagnostics) {
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for (operation, tool) in api.tools() {
        let mut report = |code, message: String, hint: &str| {
            diagnostics.error(code, place_of(&operation.id), message).hint(hint);
        };
        check_names(operation, tool, &mut owners, &mut report);
        check_texts(tool, &mut report);
        check_schema(tool, &mut report);
    }
}

type Report<'a> = dyn FnMut(&'static str, String, &str) + 'a;

fn check_names<'a>(operation: &'a Operation, tool: &'a Tool, owners: &mut HashMap<&'a str, &'a str>, report: &mut Report<'_>) {
    for name in std::iter::once(&tool.name).chain(&tool.formerly) {
        if !names::is_tool_name(name) {
            report(
                "E0501",
                format!("`{name}` is not a tool name"),
                &format!("use `verb_object` in snake case, at most {} characters", names::MAX_TOOL_NAME),
            );
        }
        if let Some(other) = owners.insert(name, &operation.id) {
            report(
                "E0502",
                format!("the tool name `{name}` is taken by `{other}`"),
                "choose another name; a name is never reused for something else",
            );
        }
    }
}

fn check_texts(tool: &Tool, report: &mut Report<'_>) {
    let length = tool.description.chars().count();
    if length == 0 {
        report("E0504", format!("`{}` has no description", tool.name), "say in the overlay what the call is for");
    }
    if length > MAX_DESCRIPTION {
        report(
            "E0504",
            format!("the description of `{}` has {length} characters", tool.name),
            "keep it to 1,024; clients cut longer ones",
        );
    }
    let length = tool.title.chars().count();
    if length == 0 || length > MAX_TITLE {
        report("E0504", format!("the title of `{}` has {length} characters", tool.name), "use 1 to 64 characters");
    }
}

fn check_schema(tool: &Tool, report: &mut Report<'_>) {
    let size = tool.input_schema.to_string().len();
    if size >= MAX_SCHEMA {
        report(
            "E0505",
            format!("the input schema of `{}` has {size} characters", tool.name),
            "hide arguments or shorten texts; clients drop tools from 16,384 on",
        );
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        if tool.input_schema.get(keyword).is_some() {
            report(
                "E0506",
                format!("the input schema of `{}` has `{keyword}` at the top", tool.name),
                "describe one object; providers refuse the whole list otherwise",
            );
        }
    }
    check_node(&tool.name, "", &tool.input_schema, report);
}

/// Every property typed, every array with `items`, no reference, string enums only.
fn check_node(tool: &str, path: &str, schema: &Json, report: &mut Report<'_>) {
    let Some(members) = schema.as_object() else {
        return report(
            "E0507",
            format!("`{path}` of `{tool}` has a schema that is not an object"),
            "write a schema with a `type`",
        );
    };
    if members.contains_key("$ref") {
        report("E0507", format!("`{path}` of `{tool}` holds a `$ref`"), "copy the schema in; providers refuse references");
    }
    let is_choice = members.contains_key("anyOf") || members.contains_key("oneOf");
    if !members.contains_key("type") && !is_choice {
        report("E0507", format!("`{path}` of `{tool}` has no type"), "add `type` in the overlay");
    }
    if members.get("type").is_some_and(|kind| kind == "array") && !members.contains_key("items") {
        report("E0507", format!("the array `{path}` of `{tool}` has no `items`"), "say in the overlay what the items are");
    }
    for (name, property) in members.get("properties").and_then(Json::as_object).into_iter().flatten() {
        check_node(tool, &format!("{path}/{name}"), property, report);
    }
    if let Some(items) = members.get("items") {
        check_node(tool, &format!("{path}/items"), items, report);
    }
    for keyword in ["anyOf", "oneOf"] {
        for choice in members.get(keyword).and_then(Json::as_array).into_iter().flatten() {
            check_node(tool, &format!("{path}/{keyword}"), choice, report);
        }
    }
}
