//! Rewrites the schemas of OpenAPI 3.1 with the keywords of OpenAPI 3.0, the only dialect that later stages read.
//!
//! Schemas are found by their position, never by their members: a property may be called `items`, and an example may look like a
//! schema. A rewritten schema allows the same values or more. Keywords without a counterpart stay, and are reported for the tools
//! whose arguments have them. The version of the document does not matter: some documents declare 3.0 and use 3.1.

mod names;
mod schema;

use super::Repair;
use crate::tree::{Node, Value, join};
use openapi_mcp_model::Method;

/// What a node is, according to its position.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NodeKind {
    Document,
    Components,
    PathItem,
    Operation,
    /// a parameter, a header, a body, a response or a media type: they contain schemas at the same keys
    Carrier,
    Schema,
}

/// How the value at a key contains nodes of one kind.
#[derive(Clone, Copy)]
enum Below {
    One(NodeKind),
    Each(NodeKind),
}

/// Rewrites every schema of the document.
pub(super) fn lower(document: &mut Node, repairs: &mut Vec<Repair>) {
    names::resolve(document, repairs);
    if document.members_mut().and_then(|members| members.shift_remove("webhooks")).is_some() {
        let what = "dropped: the API calls these, nobody calls them at the API".to_owned();
        repairs.push(Repair { name: "drop-webhooks", pointer: "/webhooks".to_owned(), what });
    }
    visit(document, NodeKind::Document, "", &mut |node, pointer| schema::lower(node, pointer, repairs));
}

/// Calls `act` with each schema and its pointer, inner schemas first.
fn visit(node: &mut Node, kind: NodeKind, pointer: &str, act: &mut impl FnMut(&mut Node, &str)) {
    for (key, member) in node.members_mut().into_iter().flatten() {
        match below(kind, key, member) {
            Some(Below::One(kind)) => visit(member, kind, &join(pointer, key), act),
            Some(Below::Each(kind)) => {
                let pointer = join(pointer, key);
                match &mut member.value {
                    Value::Object(members) => {
                        members.iter_mut().for_each(|(key, member)| visit(member, kind, &join(&pointer, key), act));
                    }
                    Value::Array(items) => {
                        let items = items.iter_mut().enumerate();
                        items.for_each(|(index, item)| visit(item, kind, &join(&pointer, &index.to_string()), act));
                    }
                    _ => {}
                }
            }
            None => {}
        }
    }
    if kind == NodeKind::Schema {
        act(node, pointer);
    }
}

/// What a key of such a node contains, if it can contain schemas.
fn below(kind: NodeKind, key: &str, member: &Node) -> Option<Below> {
    use Below::{Each, One};
    Some(match (kind, key) {
        (NodeKind::Document, "paths") | (NodeKind::Components, "pathItems") => Each(NodeKind::PathItem),
        (NodeKind::Document, "components") => One(NodeKind::Components),
        (NodeKind::Components, "parameters" | "headers" | "requestBodies" | "responses")
        | (NodeKind::PathItem | NodeKind::Operation, "parameters")
        | (NodeKind::Operation, "responses")
        | (NodeKind::Carrier, "content" | "headers") => Each(NodeKind::Carrier),
        (NodeKind::PathItem, method) if Method::from_key(method).is_some() => One(NodeKind::Operation),
        (NodeKind::Operation, "requestBody") => One(NodeKind::Carrier),
        (NodeKind::Carrier, "schema")
        | (
            NodeKind::Schema,
            "additionalProperties"
            | "additionalItems"
            | "contains"
            | "else"
            | "if"
            | "not"
            | "propertyNames"
            | "then"
            | "unevaluatedItems"
            | "unevaluatedProperties",
        ) => One(NodeKind::Schema),
        (NodeKind::Schema, "items") if member.items().is_none() => One(NodeKind::Schema),
        (NodeKind::Document, "definitions" | "$defs")
        | (NodeKind::Components, "schemas")
        | (
            NodeKind::Schema,
            "$defs" | "allOf" | "anyOf" | "definitions" | "dependentSchemas" | "items" | "oneOf" | "patternProperties"
            | "prefixItems" | "properties",
        ) => Each(NodeKind::Schema),
        _ => return None,
    })
}
