//! Replaces references to anything except schemas by copies, and applies the siblings of a `$ref` to its target.

use std::collections::HashSet;

use openapi_mcp_model::Method;

use super::{Repair, has_tool, location};
use crate::diagnostics::Diagnostics;
use crate::load::MAX_GROWTH;
use crate::reference::Unresolved;
use crate::tree::{Members, Node, Value, join};
use crate::{overlay, reference};

/// Replaces references to path items by copies; unresolved references stay as they are.
pub(super) fn inline_path_items(document: &mut Node, repairs: &mut Vec<Repair>) {
    let mut copied = 0;
    let Some(paths) = document.get("paths").and_then(Node::members) else { return };
    let is_reference = |item: &Node| reference::of(item).is_some();
    let sites: Vec<String> = paths.iter().filter(|(_, item)| is_reference(item)).map(|(path, _)| join("/paths", path)).collect();
    for pointer in sites {
        let site = document.pointer(&pointer).and_then(reference::of);
        let found = site.and_then(|name| Some((name, reference::resolve(document, name).ok()?.0)));
        let Some((name, target)) = found.filter(|(_, target)| reference::of(target).is_none()) else { continue };
        copied += target.size();
        if copied > MAX_GROWTH {
            return;
        }
        let (what, copy) = (format!("copied from `{name}`"), target.clone());
        lay_under(document, &pointer, copy);
        repairs.push(Repair { name: "inline-component", pointer, what });
    }
}

/// Replaces references to path items, parameters, bodies and responses by copies.
pub(super) fn inline_components(document: &mut Node, repairs: &mut Vec<Repair>, diagnostics: &mut Diagnostics) {
    let mut unresolved = HashSet::new();
    let mut copied = 0;
    // a copy may be or contain a reference
    for round in 0..=reference::MAX_CHAIN {
        let mut sites = component_sites(document);
        sites.retain(|pointer| !unresolved.contains(pointer));
        if sites.is_empty() {
            return;
        }
        for pointer in sites {
            let Some((site, reference)) = document.pointer(&pointer).and_then(|site| Some((site, reference::of(site)?))) else {
                continue;
            };
            let target = reference::resolve(document, reference).map(|(target, _)| target);
            match target.and_then(|target| if round < reference::MAX_CHAIN { Ok(target) } else { Err(Unresolved::Circular) }) {
                Ok(target) => {
                    copied += target.size();
                    if copied > MAX_GROWTH {
                        let message = format!("references make the document grow by more than {MAX_GROWTH} nodes");
                        diagnostics
                            .error("E0110", location(document, site, &pointer), message)
                            .hint("let fewer operations share so large a component, or make it smaller in the overlay");
                        return;
                    }
                    let what = format!("copied from `{reference}`");
                    let copy = target.clone();
                    lay_under(document, &pointer, copy);
                    repairs.push(Repair { name: "inline-component", pointer, what });
                }
                Err(reason) => {
                    let (message, hint) = reason.explain(reference);
                    diagnostics.error("E0107", location(document, site, &pointer), message).hint(hint);
                    unresolved.insert(pointer);
                }
            }
        }
    }
}

/// Replaces a reference by the copy, and merges the siblings of the reference into it.
fn lay_under(document: &mut Node, pointer: &str, copy: Node) {
    let Some(site) = document.pointer_mut(pointer) else { return };
    let siblings = std::mem::replace(&mut site.value, copy.value);
    if let Value::Object(mut siblings) = siblings {
        siblings.shift_remove("$ref");
        overlay::merge(site, &Node::new(site.span, Value::Object(siblings)));
    }
}

/// The pointers of references to anything except schemas.
fn component_sites(document: &Node) -> Vec<String> {
    let mut sites = Vec::new();
    let Some(paths) = document.get("paths").and_then(Node::members) else { return sites };
    for (path, item) in paths {
        let item_pointer = join("/paths", path);
        if Method::ALL.iter().any(|method| item.get(method.key()).is_some_and(has_tool)) {
            parameter_sites(item, &item_pointer, &mut sites);
        }
        for method in Method::ALL.map(Method::key) {
            let Some(operation) = item.get(method).filter(|operation| has_tool(operation)) else { continue };
            let pointer = join(&item_pointer, method);
            parameter_sites(operation, &pointer, &mut sites);
            sites.push(join(&pointer, "requestBody"));
            // responses of failed calls are never read
            let responses = operation.get("responses").and_then(Node::members).into_iter().flatten().map(|(status, _)| status);
            let responses = responses.filter(|status| status.starts_with(['2', '3']) || *status == "default");
            sites.extend(responses.map(|status| join(&join(&pointer, "responses"), status)));
        }
        sites.push(item_pointer);
    }
    sites.retain(|pointer| document.pointer(pointer).is_some_and(|node| reference::of(node).is_some()));
    sites
}

fn parameter_sites(node: &Node, pointer: &str, sites: &mut Vec<String>) {
    let parameters = node.get("parameters").and_then(Node::items).unwrap_or_default();
    let pointer = join(pointer, "parameters");
    sites.extend((0..parameters.len()).map(|index| join(&pointer, &index.to_string())));
}

/// Rewrites a schema `$ref` with siblings as `allOf`, which means the same in all versions: OpenAPI 3.0 ignores the siblings,
/// while later versions and the overlay apply them together with the referenced schema.
pub(super) fn inline_ref_siblings(document: &mut Node, repairs: &mut Vec<Repair>) {
    let mut sites = Vec::new();
    find_siblings(document, "", &mut sites);
    for pointer in sites {
        let Some(site) = document.pointer_mut(&pointer) else { continue };
        let span = site.span;
        let Some(members) = site.members_mut() else { continue };
        let Some(reference) = members.shift_remove("$ref") else { continue };
        let what = format!("`{}` read as `allOf`, to apply the keys beside it", reference.text().unwrap_or_default());
        let part = Node::new(span, Value::Object(Members::from_iter([("$ref".to_owned(), reference)])));
        let parts = members.entry("allOf".to_owned()).or_insert_with(|| Node::new(span, Value::Array(Vec::new())));
        if let Value::Array(parts) = &mut parts.value {
            parts.insert(0, part);
        }
        repairs.push(Repair { name: "keep-reference-siblings", pointer, what });
    }
}

fn find_siblings(node: &Node, pointer: &str, sites: &mut Vec<String>) {
    match &node.value {
        Value::Object(members) => {
            if members.len() > 1 && reference::of(node).is_some_and(|target| target.starts_with('#')) {
                let annotations_only =
                    members.keys().all(|key| matches!(key.as_str(), "$ref" | "description" | "summary" | "title" | "example"));
                if !annotations_only {
                    sites.push(pointer.to_owned());
                }
            }
            for (key, member) in
                members.iter().filter(|(key, _)| !matches!(key.as_str(), "example" | "examples" | "default" | "enum"))
            {
                find_siblings(member, &join(pointer, key), sites);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_siblings(item, &join(pointer, &index.to_string()), sites);
            }
        }
        _ => {}
    }
}
