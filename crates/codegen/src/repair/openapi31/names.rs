//! Rewrites references by `$id`, `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12, section 8.2) as references by pointer.

use std::collections::{HashMap, HashSet};

use super::{NodeKind, visit};
use crate::repair::Repair;
use crate::tree::{Node, Value, join};

/// The pointers of schemas by their ids and anchors. An anchor belongs to the schema resource around it.
#[derive(Default)]
struct ReferenceNames {
    ids: HashMap<String, String>,
    anchors: HashMap<(String, String), String>,
    /// pointers of the schemas that have an `$id`: references inside them are relative to it
    resources: HashSet<String>,
}

impl ReferenceNames {
    /// Pointer of the schema resource that the schema at `pointer` belongs to.
    fn resource_of(&self, pointer: &str) -> &str {
        let mut around = std::iter::successors(Some(pointer), |pointer| pointer.rsplit_once('/').map(|(parent, _)| parent));
        around.find_map(|pointer| self.resources.get(pointer)).map_or("", String::as_str)
    }

    /// The pointer for the `reference` at `pointer`; `None` if it is a pointer already or names nothing.
    fn pointer_of(&self, reference: &str, pointer: &str) -> Option<String> {
        let (id, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = if id.is_empty() { self.resource_of(pointer) } else { self.ids.get(id)? };
        let target = if fragment.is_empty() || fragment.starts_with('/') {
            // in most documents `#` means the root, regardless of `$id`
            if id.is_empty() && resource.is_empty() {
                return None;
            }
            resource.to_owned() + fragment
        } else {
            self.anchors.get(&(resource.to_owned(), fragment.to_owned()))?.clone().replace('%', "%25")
        };
        Some(format!("#{target}"))
    }
}

/// Rewrites references by name. A dynamic reference is treated as a static one.
pub(super) fn resolve(document: &mut Node, repairs: &mut Vec<Repair>) {
    let mut resources = HashMap::new();
    let mut anchors = Vec::new();
    visit(document, NodeKind::Document, "", &mut |schema, pointer| {
        let text = |key: &str| schema.get(key).and_then(Node::text);
        if let Some(id) = text("$id").filter(|id| !id.starts_with('#')) {
            resources.entry(id.trim_end_matches('#').to_owned()).or_insert_with(|| pointer.to_owned());
        }
        for name in [text("$anchor"), text("$dynamicAnchor")].into_iter().flatten() {
            anchors.push((name.to_owned(), pointer.to_owned()));
        }
    });
    let mut names =
        ReferenceNames { resources: resources.values().cloned().collect(), ids: resources, ..ReferenceNames::default() };
    for (name, pointer) in anchors {
        let resource = names.resource_of(&pointer).to_owned();
        names.anchors.entry((resource, name)).or_insert(pointer);
    }
    let mut found = Vec::new();
    visit(document, NodeKind::Document, "", &mut |schema, pointer| {
        let is_dynamic = schema.get("$dynamicRef").is_some();
        let key = if is_dynamic { "$dynamicRef" } else { "$ref" };
        let Some(reference) = schema.get(key).and_then(Node::text) else { return };
        match names.pointer_of(reference, pointer) {
            Some(target) => found.push((pointer.to_owned(), target)),
            None if is_dynamic => found.push((pointer.to_owned(), reference.to_owned())),
            None => {}
        }
    });
    for (pointer, target) in found {
        // inside a schema resource, `#/…` is relative to the resource, but in many documents it is relative to the root
        let by_the_book = crate::reference::resolve(document, &target).is_ok();
        let Some(schema) = document.pointer_mut(&pointer) else { continue };
        let span = schema.span;
        let Some(members) = schema.members_mut() else { continue };
        let dynamic = members.shift_remove("$dynamicRef");
        let said = dynamic.as_ref().or_else(|| members.get("$ref")).and_then(Node::text).unwrap_or_default().to_owned();
        if !by_the_book && dynamic.is_none() {
            continue;
        }
        let what = format!("`{said}` read as `{target}`");
        members.insert("$ref".to_owned(), Node::new(span, Value::String(target)));
        repairs.push(Repair { name: "name-by-pointer", pointer: join(&pointer, "$ref"), what });
    }
}
