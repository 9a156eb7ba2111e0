//! Which record a call is about, and which tool reads it: the one of the same path, or the one that the overlay names.

use std::collections::BTreeMap;

use openapi_mcp_model::{Confirm, Effect, Method, Record};
use serde_json::Value as Json;

use crate::annotation::RecordAnnotation;
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, ArgumentLocation, Decision, Operation, ToolPlan};

/// Reports arguments of `confirm` that the operation does not have.
pub(super) fn check_confirm(confirm: &Confirm, arguments: &[Argument], location: &Location, diagnostics: &mut Diagnostics) {
    let Confirm::Values(values) = confirm else { return };
    for name in values.keys().filter(|name| !has(arguments, name)) {
        let message = format!("`confirm` names the argument `{name}`, which the operation does not have");
        diagnostics.error("E0210", location.clone(), message).hint("name an argument as assistants see it");
    }
}

fn has(arguments: &[Argument], name: &str) -> bool {
    arguments.iter().any(|argument| argument.name == name)
}

/// Sets the record of each tool that changes something.
pub(super) fn resolve(operations: &mut [Operation], diagnostics: &mut Diagnostics) {
    let records: Vec<Option<Record>> = operations
        .iter()
        .map(|operation| {
            let writer = operation.decision.tool().filter(|plan| plan.tool.effect != Effect::Read && !plan.record.is_none)?;
            record_of(writer, operations, diagnostics)
        })
        .collect();
    for (operation, record) in operations.iter_mut().zip(records) {
        if let Decision::Exposed(plan) = &mut operation.decision {
            plan.tool.record = record;
        }
    }
}

fn record_of(writer: &ToolPlan, operations: &[Operation], diagnostics: &mut Diagnostics) -> Option<Record> {
    let RecordAnnotation { tool, kind, label, arguments, with, find, location, .. } = writer.record.clone();
    let location = location.unwrap_or_default();
    let mut readers =
        operations.iter().filter_map(|operation| operation.decision.tool()).filter(|plan| plan.tool.effect == Effect::Read);
    let reader = if let Some(name) = &tool {
        // a document may lack the operation that reads it
        readers.find(|plan| plan.tool.name == *name)?
    } else {
        let changes_one = matches!(writer.tool.method, Method::Put | Method::Patch | Method::Delete);
        let is_same = |plan: &&ToolPlan| plan.tool.method == Method::Get && plan.tool.path == writer.tool.path;
        readers.find(|plan| changes_one && is_same(plan))?
    };
    let of_path = |argument: &&Argument| argument.location == ArgumentLocation::Path;
    let in_path = reader.arguments.iter().filter(of_path).filter_map(|argument| {
        let same = writer.arguments.iter().filter(of_path).find(|own| own.wire == argument.wire)?;
        Some((argument.name.clone(), same.name.clone()))
    });
    let arguments: BTreeMap<String, String> = in_path.chain(arguments).collect();
    // the document may have lost an argument, which must not stop a build
    if let Some(name) = arguments.values().chain(find.iter().map(|(_, name)| name)).find(|name| !has(&writer.arguments, name)) {
        let message = format!("`record` uses the argument `{name}`, which `{}` does not have", writer.tool.name);
        diagnostics.warning("E0211", location, message).hint("name an argument as assistants see it");
        return None;
    }
    let mut needs = reader.arguments.iter().filter(|argument| argument.required && !argument.hidden);
    if let Some(argument) = needs.find(|argument| !arguments.contains_key(&argument.name) && !with.contains_key(&argument.name)) {
        if tool.is_some() {
            let message = format!("`record` does not say what `{}` takes as `{}`", reader.tool.name, argument.name);
            diagnostics.warning("E0211", location, message).hint("add it to `arguments` or `with` of `record`");
        }
        return None;
    }
    let name = &reader.tool.name;
    match (&find, &reader.tool.response.items) {
        (Some(_), None) => {
            let message = format!("`record` has `find`, and `{name}` is not known to return a list");
            let hint = format!(
                "leave `find` out, or say in the annotation of `{name}` where its list is, as in `response: {{items: users}}`"
            );
            diagnostics.error("E0210", location, message).hint(hint);
        }
        (None, Some(_)) => {
            let message = format!("`{name}` returns a list, and `record` does not say which item it is");
            diagnostics.error("E0210", location, message).hint("add `find`, as in `find: {id: idField}`");
        }
        _ => {}
    }
    Some(Record {
        kind: kind.unwrap_or_else(|| kind_of(&reader.tool.title)),
        tool: reader.tool.name.clone(),
        arguments,
        with,
        member: find.is_none().then(|| only_member(reader)).flatten(),
        find,
        label: label.unwrap_or_else(|| vec!["name".to_owned()]),
    })
}

/// What a title such as `Get a contract` is about.
fn kind_of(title: &str) -> String {
    let mut words = title.split_whitespace().skip(1).peekable();
    words.next_if(|word| ["a", "an", "the"].contains(word));
    words.collect::<Vec<_>>().join(" ")
}

/// The member of the response that contains all of it, if it is an object.
fn only_member(reader: &ToolPlan) -> Option<String> {
    let members = reader.tool.output_schema.as_ref()?.get("properties")?.as_object()?;
    let (name, schema) = members.iter().next().filter(|_| members.len() == 1)?;
    let is_object = schema.get("properties").is_some() || schema.get("type").is_some_and(|kind| holds(kind, "object"));
    is_object.then(|| name.clone())
}

fn holds(kind: &Json, name: &str) -> bool {
    kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == name))
}
