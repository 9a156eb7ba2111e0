//! Which calls a probe makes, and in which order: lists first, since the others need ids of what they list.

use std::collections::BTreeMap;

use openapi_mcp::catalog::{Catalog, Effect, Tool};
use serde_json::{Map, Value, json};

/// Which member of the first item of which list an argument is taken from. SCIM has users of its own, and a user has some of the apps.
const SOURCES: [(&str, &str, &str); 7] = [
    ("idApp", "list_apps", "id"),
    ("idUser", "list_users", "id"),
    ("userEmail", "list_users", "email"),
    ("idContract", "list_contracts", "id"),
    ("idWorkflow", "list_workflows", "id"),
    ("idApp of the user", "list_user_apps", "id"),
    ("scim idUser", "list_scim_users", "id"),
];
/// Arguments whose values do not come from the tenant: the name of an app that everybody knows.
const GIVEN: [(&str, &str); 2] = [("q", "slack"), ("apps", "Slack")];
/// The arguments that set the size of a page.
const SIZES: [&str; 3] = ["size", "limit", "count"];

/// Arguments that the document calls optional, and without which a tenant was seen to refuse the call: tool, argument and value.
const IF_REFUSED: [(&str, &str, &str); 1] = [("list_audit_logs", "entity", "apps")];

/// One call.
pub struct Step {
    /// The tool.
    pub tool: &'static Tool,
    /// The arguments that are known.
    pub arguments: Map<String, Value>,
    /// The required arguments that are taken from earlier responses.
    pub needs: Vec<&'static str>,
}

/// The calls of all tools that read: first those that need nothing.
#[must_use]
pub fn plan(catalog: &'static Catalog) -> Vec<Step> {
    let mut steps: Vec<Step> = catalog.tools().iter().filter(|tool| tool.effect == Effect::Read).map(step).collect();
    steps.sort_by_key(|step| step.needs.len());
    steps
}

fn step(tool: &'static Tool) -> Step {
    let schema = |name: &str| tool.input_schema.get("properties")?.get(name);
    let mut arguments = Map::new();
    for size in SIZES.into_iter().filter(|size| schema(size).is_some()) {
        arguments.insert(size.to_owned(), 1.into());
    }
    let required = tool.input_schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut needs = Vec::new();
    for name in required {
        match GIVEN.iter().find(|(given, _)| *given == name) {
            Some((name, value)) if schema(name).is_some_and(|schema| schema["type"] == "array") => {
                drop(arguments.insert((*name).to_owned(), json!([{ "name": value }])));
            }
            Some((name, value)) => drop(arguments.insert((*name).to_owned(), (*value).into())),
            None => needs.push(name),
        }
    }
    Step { tool, arguments, needs }
}

/// The argument to add if a tool refuses its call, and the value.
pub(super) fn if_refused(tool: &Tool) -> Option<(&'static str, &'static str)> {
    IF_REFUSED.iter().find(|(name, _, _)| *name == tool.name).map(|(_, argument, value)| (*argument, *value))
}

/// The name under which the value for a required argument is remembered.
pub(super) fn source<'a>(tool: &Tool, argument: &'a str) -> &'a str {
    match argument {
        "idUser" if tool.path.starts_with("/scim/") => "scim idUser",
        "idApp" if tool.path.starts_with("/users/") => "idApp of the user",
        argument => argument,
    }
}

/// Remembers what later calls need from the first item of a list.
pub(super) fn remember(tool: &Tool, body: &Value, known: &mut BTreeMap<&'static str, Value>) {
    for (argument, _, member) in SOURCES.iter().filter(|(_, lister, _)| *lister == tool.name) {
        let lists = body.as_object().into_iter().flatten().filter_map(|(_, list)| list.as_array());
        let value = lists.filter_map(|list| list.first()?.get(member)).find(|value| !value.is_null());
        if let Some(value) = value {
            // ids of SCIM are text in responses and numbers in paths
            let number = value.as_str().and_then(|text| text.parse::<u64>().ok());
            known.insert(argument, number.map_or_else(|| value.clone(), Value::from));
        }
    }
}
