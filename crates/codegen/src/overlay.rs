//! OpenAPI Overlay 1.0: actions that select nodes with JSONPath (RFC 9535) and update or remove them.
//!
//! An action that annotates an operation (`x-mcp` in `update`) also names it by `x-operation-id`, so that a moved or removed
//! operation is noticed, and no other operation is annotated in its place.

mod query;

use std::cmp::Reverse;

use openapi_mcp_model::Method;
pub(crate) use query::{quoted_path, target_of};

use crate::corrections::Corrected;
use crate::diagnostics::{Diagnostics, Location};
use crate::load::{MAX_DEPTH, MAX_GROWTH};
use crate::tree::{File, Node, Value, join};

/// A node with a pointer longer than this counts several times towards the limit, because later targets may select it again.
const LONG_POINTER: usize = 128;

/// An annotation whose operation is not in the document, or has another path or method than the annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct RemovedOperation {
    pub operation_id: String,
    pub method: Method,
    pub path: String,
    /// the value of `x-mcp`
    pub annotation: Node,
}

/// What the actions did beyond changing the document.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// the annotations whose operation was not found
    pub(crate) removed: Vec<RemovedOperation>,
    pub(crate) corrected: Corrected,
}

/// Applies the actions in order, in place.
pub(crate) fn apply(document: &mut Node, overlay: &Node, diagnostics: &mut Diagnostics) -> Applied {
    let operations = operations(document);
    act(document, overlay, operations, diagnostics)
}

/// Applies the actions to a document that is only printed. It gets no coverage, so the actions may remove operations.
pub fn rewrite(document: &mut Node, overlay: &Node, diagnostics: &mut Diagnostics) {
    act(document, overlay, Vec::new(), diagnostics);
}

/// Applies the actions, none of which may remove one of these operations.
fn act(
    document: &mut Node,
    overlay: &Node,
    mut operations: Vec<(String, String, Method)>,
    diagnostics: &mut Diagnostics,
) -> Applied {
    check_header(overlay, diagnostics);
    let mut removed: Vec<(String, RemovedOperation)> = Vec::new();
    let mut corrected = Corrected::default();
    let mut growth = 0;
    let actions = overlay.get("actions").and_then(Node::items).unwrap_or_default();
    for node in actions {
        let Some(action) = Action::read(node, diagnostics) else { continue };
        let paths = match query::select(document, action.target) {
            Ok(paths) => paths,
            Err(reason) => {
                diagnostics
                    .error(
                        "E0203",
                        Location::of(action.target_node.span),
                        format!("`target` is not a JSONPath that can be used: {reason}"),
                    )
                    .hint("write it as in `$.paths['/apps'].get`");
                continue;
            }
        };
        if let Some(annotation) = action.annotation() {
            match check_annotation(document, &action, &paths, diagnostics) {
                Target::Operation => {}
                Target::Wrong => continue,
                Target::Removed { operation_id, method, path } => {
                    let operation = RemovedOperation { operation_id, method, path, annotation: annotation.clone() };
                    removed.push((action.target.to_owned(), operation));
                    continue;
                }
            }
        } else if paths.is_empty()
            && !action.remove
            && !removed.iter().any(|(target, _)| action.target.starts_with(target.as_str()))
        {
            diagnostics
                .warning("E0206", Location::of(action.target_node.span), format!("`{}` selects nothing", action.target))
                .hint("correct the target, or delete the action if the document has been corrected");
        }
        if action.remove {
            for pointer in &paths {
                corrected.remove(document, pointer);
            }
            for pointer in in_removal_order(paths.clone()) {
                remove(document, &pointer);
            }
        } else if let Some(update) = action.update {
            growth += paths.iter().map(|pointer| update.size() * (1 + pointer.len() / LONG_POINTER)).sum::<usize>();
            let levels = |pointer: &String| pointer.matches('/').count() + update.height();
            if growth > MAX_GROWTH || paths.iter().map(levels).max().unwrap_or_default() > MAX_DEPTH {
                let message = format!("the overlay adds more than {MAX_GROWTH} nodes, or more than {MAX_DEPTH} levels");
                diagnostics.error("E0216", Location::of(action.target_node.span), message).hint("let the target select less");
                break;
            }
            for pointer in &paths {
                corrected.update(document, pointer, update);
                document.pointer_mut(pointer).into_iter().for_each(|target| merge(target, update));
            }
        }
        // an update never removes its target, only nodes below it
        let highest = if action.remove { 3 } else { 2 };
        if paths.iter().any(|pointer| pointer.matches('/').count() <= highest) {
            refuse_loss(document, &mut operations, &action, diagnostics);
        }
    }
    Applied { removed: removed.into_iter().map(|(_, operation)| operation).collect(), corrected }
}

/// Pointer, path and method of each operation.
fn operations(document: &Node) -> Vec<(String, String, Method)> {
    let items = document.get("paths").and_then(Node::members).into_iter().flatten();
    items
        .flat_map(|(path, item)| {
            Method::ALL.into_iter().filter(|method| item.get(method.key()).is_some()).map(move |method| (path, method))
        })
        .map(|(path, method)| (join(&join("/paths", path), method.key()), path.clone(), method))
        .collect()
}

/// Reports operations that the overlay removed, because they would be missing from the coverage.
fn refuse_loss(
    document: &Node,
    operations: &mut Vec<(String, String, Method)>,
    action: &Action<'_>,
    diagnostics: &mut Diagnostics,
) {
    operations.retain(|(pointer, path, method)| {
        let is_there = document.pointer(pointer).is_some();
        if !is_there {
            diagnostics
                .error("E0221", Location::of(action.target_node.span), format!("the action takes {method} {path} away"))
                .hint("exclude the operation with `x-mcp: {exclude: …}`, so that the coverage says why it has no tool");
        }
        is_there
    });
}

/// Path and method of the operation that an action annotates, if it annotates one.
pub(crate) fn annotated_operation(action: &Node) -> Option<(String, Method)> {
    action.get("update")?.get("x-mcp")?;
    query::operation_target(action.get("target")?.text()?)
}

fn check_header(overlay: &Node, diagnostics: &mut Diagnostics) {
    let version = overlay.get("overlay");
    if !version.and_then(Node::text).is_some_and(|version| version.starts_with("1.0")) {
        diagnostics
            .error("E0201", Location::of(version.map_or(overlay.span, |node| node.span)), "`overlay` must name version 1.0.x")
            .hint("begin the file with `overlay: 1.0.0`");
    }
    if overlay.get("actions").and_then(Node::items).is_none() {
        diagnostics
            .error("E0201", Location::of(overlay.span), "`actions` must be a list")
            .hint("an overlay without actions has `actions: []`");
    }
}

struct Action<'a> {
    target_node: &'a Node,
    target: &'a str,
    update: Option<&'a Node>,
    remove: bool,
    operation_id: Option<&'a str>,
}

impl<'a> Action<'a> {
    fn read(node: &'a Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(members) = node.members() else {
            diagnostics
                .error("E0202", Location::of(node.span), format!("an action is an object, not {}", node.kind()))
                .hint("an action has `target`, `description`, and `update` or `remove`");
            return None;
        };
        for (key, member) in members {
            if !matches!(key.as_str(), "target" | "update" | "remove" | "description") && !key.starts_with("x-") {
                diagnostics
                    .error("E0202", Location::of(member.span), format!("unknown key `{key}` in an action"))
                    .hint("an action has `target`, `description`, and `update` or `remove`");
            }
        }
        let Some(target) = node.get("target").and_then(Node::text) else {
            diagnostics
                .error("E0202", Location::of(node.span), "an action needs a `target`")
                .hint("name what it changes, as in `$.paths['/apps'].get`");
            return None;
        };
        let action = Self {
            target_node: node.get("target").unwrap_or(node),
            target,
            update: node.get("update"),
            remove: node.get("remove").and_then(Node::boolean).unwrap_or_default(),
            operation_id: node.get("x-operation-id").and_then(Node::text),
        };
        if action.remove == action.update.is_some() {
            diagnostics
                .error("E0202", Location::of(node.span), "an action has either `update` or `remove: true`")
                .hint("split it into two actions");
            return None;
        }
        Some(action)
    }

    /// The annotation, if this action annotates an operation. Annotations of the root and of security schemes differ.
    fn annotation(&self) -> Option<&'a Node> {
        let is_elsewhere = self.target == "$" || self.target.starts_with("$.components");
        self.update?.get("x-mcp").filter(|_| !is_elsewhere)
    }
}

enum Target {
    Operation,
    Wrong,
    Removed { operation_id: String, method: Method, path: String },
}

/// Checks that an annotation names exactly one operation, by path and method and by `operationId`.
fn check_annotation(document: &Node, action: &Action<'_>, paths: &[String], diagnostics: &mut Diagnostics) -> Target {
    let location = Location { operation: action.operation_id.map(str::to_owned), ..Location::of(action.target_node.span) };
    let Some((path, method)) = query::operation_target(action.target) else {
        diagnostics
            .error("E0205", location, "an annotation must target one operation")
            .hint("write the target as `$.paths['/apps'].get`");
        return Target::Wrong;
    };
    let Some(named) = action.operation_id else {
        diagnostics
            .error("E0205", location, "an annotation needs `x-operation-id` beside its target")
            .hint("give the operation's `operationId`; it keeps the annotation from landing on another operation");
        return Target::Wrong;
    };
    let Some(operation) = paths.first().and_then(|pointer| document.pointer(pointer)) else {
        diagnostics
            .warning("E0204", location, format!("{method} {path} is not in the document"))
            .hint("the tool is removed until the operation is back; `cargo codegen coverage` lists it");
        return Target::Removed { operation_id: named.to_owned(), method, path };
    };
    if operation.members().is_none() {
        // if the node is not an operation, the lowering reports it, unless another action replaces it
        return Target::Wrong;
    }
    if let Some(found) = operation.get("operationId").and_then(Node::text)
        && found != named
    {
        diagnostics
            .warning("E0205", location, format!("{method} {path} is `{found}` in the document, not `{named}`"))
            .hint("if it is the same operation, correct `x-operation-id`; if not, the block is for one that was removed");
        return Target::Removed { operation_id: named.to_owned(), method, path };
    }
    if let Some(earlier) = operation.get("x-mcp") {
        let (place, hint) = match earlier.span.file {
            File::Document => (
                "of the document",
                "the document has an `x-mcp` of its own: remove it in the overlay first, or keep it instead of this one",
            ),
            _ => ("of the overlay", "keep one annotation for each operation"),
        };
        let message = format!("`{named}` is annotated a second time; the first is at line {} {place}", earlier.span.line);
        diagnostics.error("E0207", location, message).hint(hint);
        return Target::Wrong;
    }
    Target::Operation
}

/// Sorts inner nodes before outer ones, and later elements of an array before earlier ones, so that a removal does not change
/// what another pointer refers to.
fn in_removal_order(mut pointers: Vec<String>) -> Vec<String> {
    pointers.sort_by_cached_key(|pointer| {
        let tokens = crate::tree::tokens(pointer).unwrap_or_default();
        Reverse(tokens.into_iter().map(|token| (token.parse::<usize>().ok(), token)).collect::<Vec<_>>())
    });
    pointers
}

/// Merges an update (Overlay 1.0, section 4.4.3): objects are merged member by member, arrays are appended to, and any other
/// value is replaced.
pub(crate) fn merge(target: &mut Node, update: &Node) {
    match (&mut target.value, &update.value) {
        (Value::Object(members), Value::Object(updates)) => {
            for (key, update) in updates {
                match members.get_mut(key) {
                    Some(member) => merge(member, update),
                    None => {
                        members.insert(key.clone(), update.clone());
                    }
                }
            }
        }
        (Value::Array(items), Value::Array(updates)) => items.extend(updates.iter().cloned()),
        (Value::Array(items), _) => items.push(update.clone()),
        _ => *target = update.clone(),
    }
}

fn remove(document: &mut Node, pointer: &str) {
    let Some((parent, _)) = pointer.rsplit_once('/') else { return };
    let Some(token) = crate::tree::tokens(pointer).and_then(|mut tokens| tokens.pop()) else { return };
    match document.pointer_mut(parent).map(|node| &mut node.value) {
        Some(Value::Object(members)) => {
            members.shift_remove(&token);
        }
        Some(Value::Array(items)) => {
            if let Some(index) = token.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}
