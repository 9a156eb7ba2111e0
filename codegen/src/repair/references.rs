//! References to anything but schemas are replaced by copies, and what stands beside a `$ref` gets a meaning.

use super::{METHODS, Repair, place};
use crate::diagnostics::Diagnostics;
use crate::tree::{Node, Value, join};
use crate::{overlay, reference};

/// Path items, parameters, bodies and answers that are references become copies of what they name.
pub(super) fn inline_components(document: &mut Node, repairs: &mut Vec<Repair>, diagnostics: &mut Diagnostics) {
    for pointer in component_sites(document) {
        inline(document, &pointer, "inline-component", repairs, diagnostics);
    }
    // a path item may itself have been a reference: its parts are only visible now
    for pointer in component_sites(document) {
        inline(document, &pointer, "inline-component", repairs, diagnostics);
    }
}

/// Where a document may have a reference to something other than a schema.
fn component_sites(document: &Node) -> Vec<String> {
    let mut sites = Vec::new();
    let Some(paths) = document.get("paths").and_then(Node::members) else { return sites };
    for (path, item) in paths {
        let item_pointer = join("/paths", path);
        parameter_sites(item, &item_pointer, &mut sites);
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let pointer = join(&item_pointer, method);
            parameter_sites(operation, &pointer, &mut sites);
            sites.push(join(&pointer, "requestBody"));
            let answers = operation.get("responses").and_then(Node::members);
            sites.extend(
                answers.into_iter().flat_map(|answers| answers.keys()).map(|status| join(&join(&pointer, "responses"), status)),
            );
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

/// A schema `$ref` with siblings means "that, with these": OpenAPI 3.0 ignores the siblings, later versions and the overlay
/// do not. The target is copied and the siblings are laid over it.
pub(super) fn merge_siblings(document: &mut Node, repairs: &mut Vec<Repair>, diagnostics: &mut Diagnostics) {
    let mut sites = Vec::new();
    find_siblings(document, String::new(), &mut sites);
    for pointer in sites {
        inline(document, &pointer, "merge-reference-siblings", repairs, diagnostics);
    }
}

fn find_siblings(node: &Node, pointer: String, sites: &mut Vec<String>) {
    match &node.value {
        Value::Object(members) => {
            if members.len() > 1 && reference::of(node).is_some_and(|target| target.starts_with('#')) {
                let annotations_only =
                    members.keys().all(|key| matches!(key.as_str(), "$ref" | "description" | "summary" | "title" | "example"));
                if !annotations_only {
                    sites.push(pointer);
                    return;
                }
            }
            for (key, member) in
                members.iter().filter(|(key, _)| !matches!(key.as_str(), "example" | "examples" | "default" | "enum"))
            {
                find_siblings(member, join(&pointer, key), sites);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_siblings(item, join(&pointer, &index.to_string()), sites);
            }
        }
        _ => {}
    }
}

fn inline(document: &mut Node, pointer: &str, name: &'static str, repairs: &mut Vec<Repair>, diagnostics: &mut Diagnostics) {
    let Some(site) = document.pointer(pointer) else { return };
    let Some(reference) = reference::of(site).map(str::to_owned) else { return };
    let copy = match reference::resolve(document, &reference) {
        Ok((target, _)) => target.clone(),
        Err(unresolved) => {
            let (message, hint) = unresolved.explain(&reference);
            diagnostics.error("E0107", place(site, pointer), message).hint(hint);
            return;
        }
    };
    let Some(site) = document.pointer_mut(pointer) else { return };
    let siblings = std::mem::take(&mut site.value);
    site.value = copy.value;
    if let Value::Object(mut siblings) = siblings {
        siblings.shift_remove("$ref");
        overlay::merge(site, &Node::new(site.at, Value::Object(siblings)));
    }
    repairs.push(Repair { name, pointer: pointer.to_owned(), what: format!("copied from `{reference}`") });
}
