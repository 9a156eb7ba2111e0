//! Repairs parameters that contradict themselves or that assistants cannot use.

use std::collections::HashSet;

use openapi_mcp_model::Method;

use super::Repair;
use crate::names::{DROPPED_HEADERS, DROPPED_PATH};
use crate::tree::{Members, Node, Value, join};

/// Parameters of a path item belong to each of its operations unless it redefines them (OpenAPI 3.0.3, section 4.7.9).
pub(super) fn share_path_parameters(document: &mut Node, repairs: &mut Vec<Repair>) {
    let Some(paths) = document.get_mut("paths").and_then(Node::members_mut) else { return };
    for (path, item) in paths {
        let Some(members) = item.members_mut() else { continue };
        keep_words(members);
        let Some(shared) = members.shift_remove("parameters") else { continue };
        let shared = shared.items().unwrap_or_default();
        for (method, operation) in members {
            if Method::from_key(method).is_none() || !super::has_tool(operation) {
                continue;
            }
            let span = operation.span;
            let Some(operation) = operation.members_mut() else { continue };
            let own = operation.entry("parameters".to_owned()).or_insert_with(|| Node::new(span, Value::Array(Vec::new())));
            let Value::Array(own) = &mut own.value else { continue };
            let missing: Vec<Node> =
                shared.iter().filter(|one| !own.iter().any(|other| identity(one) == identity(other))).cloned().collect();
            own.extend(missing);
        }
        repairs.push(Repair {
            name: "share-path-parameters",
            pointer: join("/paths", path),
            what: format!("{} parameters given to each tool of the path", shared.len()),
        });
    }
}

/// Keeps the texts and extensions of a path item with each of its tools.
fn keep_words(item: &mut Members) {
    let is_said = |key: &str| matches!(key, "summary" | "description") || (key.starts_with("x-") && key != "x-mcp");
    let said: Members = item.iter().filter(|(key, _)| is_said(key)).map(|(key, stated)| (key.clone(), stated.clone())).collect();
    if said.is_empty() {
        return;
    }
    for (_, operation) in item.iter_mut().filter(|(method, _)| Method::from_key(method).is_some()) {
        if super::has_tool(operation) {
            let kept = Node::new(operation.span, Value::Object(said.clone()));
            operation.members_mut().into_iter().for_each(|members| drop(members.insert(DROPPED_PATH.to_owned(), kept.clone())));
        }
    }
}

fn identity(parameter: &Node) -> (Option<&str>, Option<&str>) {
    (parameter.get("name").and_then(Node::text), parameter.get("in").and_then(Node::text))
}

/// The headers in which security schemes carry a key, in lower case (OpenAPI 3.0.3, section 4.7.27).
pub(super) fn key_headers(document: &Node) -> HashSet<String> {
    let schemes = document.get("components").and_then(|components| components.get("securitySchemes")).and_then(Node::members);
    let text = |scheme: &Node, key: &str| scheme.get(key).and_then(Node::text).map(str::to_lowercase);
    let is_header = |scheme: &&Node| text(scheme, "in").is_some_and(|place| place == "header");
    schemes.into_iter().flatten().map(|(_, scheme)| scheme).filter(is_header).filter_map(|scheme| text(scheme, "name")).collect()
}

/// Header parameters called `Accept`, `Content-Type` or `Authorization` are ignored, as OpenAPI 3.0.3 requires (section 4.7.12), and
/// so are those in which a security scheme carries a key: a key must never be an argument.
pub(super) fn drop_ignored_headers(operation: &mut Node, keys: &HashSet<String>, pointer: &str, repairs: &mut Vec<Repair>) {
    let span = operation.span;
    let Some(Value::Array(parameters)) = operation.get_mut("parameters").map(|node| &mut node.value) else { return };
    let mut dropped = Members::new();
    parameters.retain(|parameter| {
        let (Some(name), Some("header")) = identity(parameter) else { return true };
        let lower = name.to_lowercase();
        let is_ignored = ["accept", "content-type", "authorization"].contains(&lower.as_str()) || keys.contains(&lower);
        if is_ignored {
            repairs.push(Repair {
                name: "drop-ignored-header",
                pointer: join(pointer, "parameters"),
                what: format!("`{name}` is set by the server, not by an argument"),
            });
            dropped.insert(name.to_owned(), parameter.clone());
        }
        !is_ignored
    });
    if let Some(members) = operation.members_mut().filter(|_| !dropped.is_empty()) {
        members.insert(DROPPED_HEADERS.to_owned(), Node::new(span, Value::Object(dropped)));
    }
}

/// Removes defaults that do not match their type or were fixed when the document was made.
pub(super) fn mend_parameters(operation: &mut Node, pointer: &str, repairs: &mut Vec<Repair>) {
    let Some(Value::Array(parameters)) = operation.get_mut("parameters").map(|node| &mut node.value) else { return };
    for (index, parameter) in parameters.iter_mut().enumerate() {
        let pointer = join(&join(pointer, "parameters"), &index.to_string());
        let Some(schema) = parameter.get_mut("schema").and_then(Node::members_mut) else { continue };
        let type_name = schema.get("type").and_then(Node::text).unwrap_or_default().to_owned();
        let format = schema.get("format").and_then(Node::text).unwrap_or_default().to_owned();
        let mut dropped = |keyword: &str, why: &str| {
            if schema.shift_remove(keyword).is_some() {
                repairs.push(Repair {
                    name: "mend-parameter",
                    pointer: pointer.clone(),
                    what: format!("`{keyword}` dropped: {why}"),
                });
            }
        };
        if format == "date" || format == "date-time" {
            dropped("default", "a fixed date is only the day the document was made");
        }
        let fits = schema.get("default").is_none_or(|default| match type_name.as_str() {
            "string" => default.text().is_some(),
            "array" => default.items().is_some(),
            "object" => default.members().is_some(),
            "boolean" => default.boolean().is_some(),
            "integer" | "number" => matches!(default.value, Value::Number(_)),
            _ => true,
        });
        if !fits {
            schema.shift_remove("default");
            repairs.push(Repair {
                name: "mend-parameter",
                pointer,
                what: format!("`default` dropped: it is not of type `{type_name}`"),
            });
        }
    }
}
