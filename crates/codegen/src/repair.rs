//! Corrects what real documents often get wrong, before the document is lowered.
//!
//! Each repair is one small function on the document. Each application is recorded with its pointer, and `cargo codegen repairs`
//! lists them: nothing is changed silently. The list ends with what no tool shows.

mod dropped;
mod openapi31;
mod parameters;
mod references;
mod responses;

use openapi_mcp_model::Method;
use serde::Serialize;

use crate::diagnostics::{Diagnostics, Location};
use crate::tree::{Node, join};

/// One application of one repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// name of the repair
    pub name: &'static str,
    /// RFC 6901 pointer to what was changed
    pub pointer: String,
    /// a description of the change
    pub what: String,
}

/// Replaces references to path items by copies, so that the overlay finds their operations. An unresolved reference stays as it
/// is: the overlay may correct it, and otherwise [`repair`] reports it.
pub fn expose_path_items(document: &mut Node) -> Vec<Repair> {
    let mut repairs = Vec::new();
    references::inline_path_items(document, &mut repairs);
    repairs
}

/// Whether an operation becomes a tool. An operation without a tool needs no repair and cannot fail a build.
fn has_tool(operation: &Node) -> bool {
    operation.get("x-mcp").is_some_and(|annotation| annotation.get("tool").is_some() && annotation.get("exclude").is_none())
}

/// Runs every repair, in an order in which later repairs can rely on earlier ones.
pub fn repair(document: &mut Node, repairs: Vec<Repair>, diagnostics: &mut Diagnostics) -> Vec<Repair> {
    let mut repairs = repairs;
    openapi31::lower(document, &mut repairs);
    references::inline_components(document, &mut repairs, diagnostics);
    references::inline_ref_siblings(document, &mut repairs);
    parameters::share_path_parameters(document, &mut repairs);
    let keys = parameters::key_headers(document);
    for_each_operation(document, |operation, pointer, key| {
        name_operation(operation, pointer, key, &mut repairs);
        if !has_tool(operation) {
            return;
        }
        parameters::drop_ignored_headers(operation, &keys, pointer, &mut repairs);
        parameters::mend_parameters(operation, pointer, &mut repairs);
        responses::name_media_type(operation, pointer, &mut repairs);
        responses::take_default_as_success(operation, pointer, &mut repairs);
    });
    dropped::list(document, &mut repairs);
    repairs
}

/// Calls `act` with each operation, its pointer, and its `(method, path)`.
fn for_each_operation(document: &mut Node, mut act: impl FnMut(&mut Node, &str, (&str, &str))) {
    let Some(paths) = document.get_mut("paths").and_then(Node::members_mut) else { return };
    for (path, item) in paths {
        let Some(members) = item.members_mut() else { continue };
        for (method, operation) in members {
            if Method::from_key(method).is_some() && operation.members().is_some() {
                let pointer = join(&join("/paths", path), method);
                act(operation, &pointer, (method, path));
            }
        }
    }
}

/// Names an operation without `operationId` by its method and path.
fn name_operation(operation: &mut Node, pointer: &str, (method, path): (&str, &str), repairs: &mut Vec<Repair>) {
    if operation.get("operationId").and_then(Node::text).is_some_and(|id| !id.is_empty()) {
        return;
    }
    let id = format!("{} {path}", method.to_uppercase());
    let span = operation.span;
    if let Some(members) = operation.members_mut() {
        members.insert("operationId".to_owned(), Node::new(span, crate::tree::Value::String(id.clone())));
    }
    repairs.push(Repair { name: "name-operation", pointer: pointer.to_owned(), what: format!("called `{id}`") });
}

/// The location of a node for a diagnostic, and the operation that it is part of.
fn location(document: &Node, node: &Node, pointer: &str) -> Location {
    let operation = match pointer.splitn(5, '/').collect::<Vec<_>>().as_slice() {
        ["", "paths", path, method, _] => document.pointer(&format!("/paths/{path}/{method}")),
        _ => None,
    };
    let id = operation.and_then(|operation| operation.get("operationId")?.text());
    Location { span: Some(node.span), pointer: pointer.to_owned(), operation: id.map(str::to_owned) }
}
