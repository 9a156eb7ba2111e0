//! Checks what assistants accept. Some clients silently drop a tool that breaks these rules, or even the whole list, so the build
//! fails instead.

use std::collections::HashMap;

use openapi_mcp_model::{Effect, Method, Tool};
use serde_json::Value as Json;

use crate::diagnostics::{Diagnostics, Location};
use crate::ir::Api;
use crate::names;

/// Claude drops a tool silently when its input schema reaches this length, in bytes of JSON.
pub(crate) const MAX_SCHEMA: usize = 16_384;
/// Clients cut descriptions at about 2 KB; this limit is well below that.
const MAX_DESCRIPTION: usize = 1_024;
const MAX_TITLE: usize = 64;
/// VS Code rejects a request with more tools.
const MAX_TOOLS: usize = 128;

/// Checks every tool; `location_of` finds the location of an operation by its id.
pub fn check(api: &Api, location_of: &dyn Fn(&str) -> Location, diagnostics: &mut Diagnostics) {
    let mut owners = Owners::new();
    let tools = api.tools();
    if tools.len() > MAX_TOOLS {
        let first = tools.first().map(|plan| location_of(&plan.tool.operation_id)).unwrap_or_default();
        diagnostics
            .warning("E0508", first, format!("{} tools are more than some assistants take", tools.len()))
            .hint("VS Code stops at 128: exclude some, or serve only some toolsets");
    }
    for tool in tools.into_iter().map(|plan| &plan.tool) {
        let mut report = |code, message: String, hint: &str| {
            diagnostics.error(code, location_of(&tool.operation_id), message).hint(hint);
        };
        check_names(tool, &mut owners, &mut report);
        check_texts(tool, &mut report);
        check_effect(tool, &mut report);
        check_schema(tool, &mut report);
    }
}

type Report<'a> = dyn FnMut(&'static str, String, &str) + 'a;

/// Operation and name by the Rust name of the tool.
type Owners<'a> = HashMap<String, (&'a str, &'a str)>;

fn check_names<'a>(tool: &'a Tool, owners: &mut Owners<'a>, report: &mut Report<'_>) {
    for name in std::iter::once(&tool.name).chain(&tool.aliases) {
        if !names::is_tool_name(name) {
            report(
                "E0501",
                format!("`{name}` is not a tool name"),
                &format!("use `verb_object` in snake case, at most {} characters", names::MAX_TOOL_NAME),
            );
        }
        // `list_a1` and `list_a_1` differ, but they result in the same name of a client type
        if let Some((other, taken)) = owners.insert(names::rust_pascal(name), (&tool.operation_id, name)) {
            let message = if taken == name {
                format!("the tool name `{name}` is taken by `{other}`")
            } else {
                format!("the tool name `{name}` is too close to `{taken}` of `{other}`")
            };
            report("E0502", message, "choose another name; a name is never reused for something else");
        }
    }
    if ["api_version", "new_with_client"].contains(&tool.name.as_str()) {
        let message = format!("the tool name `{}` is one of the client's own", tool.name);
        report("E0502", message, "choose another name");
    }
}

/// Checks that the effect does not contradict the method: with wrong hints, an assistant would change data without asking.
fn check_effect(tool: &Tool, report: &mut Report<'_>) {
    if tool.effect == Effect::Read && matches!(tool.method, Method::Put | Method::Patch | Method::Delete) {
        let message = format!("`{}` is declared to only read, but {} changes data", tool.name, tool.method);
        report("E0509", message, "correct `effect` in the overlay");
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
    let input_schema = Json::Object((*tool.input_schema).clone());
    let size = input_schema.to_string().len();
    if size >= MAX_SCHEMA {
        report(
            "E0505",
            format!("the input schema of `{}` has {size} characters", tool.name),
            "hide arguments or shorten texts; clients drop tools from 16,384 on",
        );
    }
    for (what, schema) in [("input", Some(&tool.input_schema)), ("output", tool.output_schema.as_ref())] {
        let Some(schema) = schema else { continue };
        if schema.get("type").is_none_or(|kind| kind != "object") {
            let message = format!("the {what} schema of `{}` is not that of an object", tool.name);
            report("E0506", message, "describe one object; clients drop the whole list otherwise");
        }
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
    check_node(&tool.name, "", &input_schema, report);
}

/// Checks that every property has a type and every array `items`, that enums contain strings, and that there is no `$ref`.
fn check_node(tool: &str, path: &str, schema: &Json, report: &mut Report<'_>) {
    let Some(members) = schema.as_object() else {
        return report(
            "E0507",
            format!("`{path}` of `{tool}` has a schema that is not an object"),
            "write a schema with a `type`",
        );
    };
    if members.contains_key("$ref") {
        report("E0507", format!("`{path}` of `{tool}` contains a `$ref`"), "copy the schema in; providers refuse references");
    }
    let is_choice = members.contains_key("anyOf") || members.contains_key("oneOf");
    if !members.contains_key("type") && !is_choice {
        report("E0507", format!("`{path}` of `{tool}` has no type"), "add `type` in the overlay");
    }
    // a schema with several types needs no keywords of single types
    let is = |wanted: &str| match members.get("type") {
        Some(Json::Array(kinds)) => kinds.iter().filter(|kind| *kind != "null").all(|kind| kind == wanted),
        kind => kind.is_some_and(|kind| kind == wanted),
    };
    if is("object") && !members.contains_key("properties") {
        report("E0507", format!("the object `{path}` of `{tool}` has no `properties`"), "list them, or write `properties: {}`");
    }
    let values = members.get("enum").map(|values| values.as_array().map(Vec::as_slice).unwrap_or_default());
    if values.is_some_and(|values| values.is_empty() || !values.iter().all(|value| value.is_string() || value.is_null())) {
        report(
            "E0507",
            format!("`{path}` of `{tool}` has an enum with values that are not strings"),
            "say in words what is allowed",
        );
    }
    if is("array") && !members.contains_key("items") {
        report("E0507", format!("the array `{path}` of `{tool}` has no `items`"), "say in the overlay what the items are");
    }
    for (name, property) in members.get("properties").and_then(Json::as_object).into_iter().flatten() {
        check_node(tool, &format!("{path}/{name}"), property, report);
    }
    if let Some(items) = members.get("items") {
        check_node(tool, &format!("{path}/items"), items, report);
    }
    if let Some(additional) = members.get("additionalProperties").filter(|additional| !additional.is_boolean()) {
        check_node(tool, &format!("{path}/additionalProperties"), additional, report);
    }
    for keyword in ["anyOf", "oneOf"] {
        for choice in members.get(keyword).and_then(Json::as_array).into_iter().flatten() {
            check_node(tool, &format!("{path}/{keyword}"), choice, report);
        }
    }
}
