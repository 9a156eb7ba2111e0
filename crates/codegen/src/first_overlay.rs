//! The first overlay of a project: the product, how calls are authorized, and an annotation for each operation of a document, with
//! names made from the document.

use std::collections::{BTreeMap, HashMap};

use openapi_mcp_model::Product;

use crate::diagnostics::Diagnostics;
use crate::ir::{Api, Operation};
use crate::lower::usual_effect;
use crate::overlay::target_of;
use crate::text::quoted;
use crate::tree::{File, Node, join};
use crate::{Inputs, Source, load, names, text, understand};

const HEAD: &str = "\
# What the document does not say: which operations become tools, and the texts for assistants and users.
# docs/reference/overlay.md of the libraries explains each key.
overlay: 1.0.0
info: {title: Tools, version: \"1\"}
";

/// How many operations an API may have for all of its tools to be in the list that assistants get. Otherwise they find tools with
/// `find_tools`, and somebody chooses those of the list.
const MAX_LISTED: usize = 40;

/// Which operations the overlay annotates.
#[derive(Clone, Copy, Debug)]
pub enum Annotated<'a> {
    /// none: somebody decides about each of them
    None,
    /// all of them: each is a tool, except those that are excluded for the reason here, by their ids
    All(&'a BTreeMap<String, String>),
}

/// The overlay of a new project: the product, how calls are authorized if the document does not say so, and the operations.
///
/// # Errors
/// What is wrong with the document itself.
pub fn overlay(document: Source<'_>, annotated: Annotated<'_>) -> Result<String, Diagnostics> {
    let head = format!("{HEAD}actions: []\n");
    let empty = Source { name: "overlay.yaml", text: &head };
    let understood = understand(&Inputs { document, overlay: empty, lock: None })?;
    let loaded = load::load(document.text, File::Document, &mut Diagnostics::default()).unwrap_or_default();
    let mut text = format!("{HEAD}actions:\n{}{}", product(&understood.api.product), authorization(&loaded, &understood.api));
    let Annotated::All(excluded) = annotated else { return Ok(text) };
    let mut taken = HashMap::new();
    let is_listed = understood.api.operations.len() <= MAX_LISTED;
    for operation in &understood.api.operations {
        let members = match excluded.get(&operation.id) {
            Some(reason) => vec![format!("exclude: {}", quoted(reason))],
            None => tool(operation, &loaded, &mut taken, is_listed),
        };
        text += &action(operation, &members);
    }
    Ok(text)
}

/// The action with the texts about the whole server.
fn product(product: &Product) -> String {
    let Product { name, server_name, title, description, instructions } = product;
    let members = [
        ("name", name),
        ("server_name", server_name),
        ("title", title),
        ("description", description),
        ("instructions", instructions),
    ];
    let lines = members.map(|(key, value)| format!("          {key}: {}\n", quoted(value)));
    format!("  - target: $\n    update:\n      x-mcp:\n        product:\n{}", lines.concat())
}

/// The action that says which key calls need, if no operation says it.
fn authorization(document: &Node, api: &Api) -> String {
    let operations = || document.get("paths").into_iter().flat_map(methods);
    if document.get("security").is_some() || operations().any(|operation| operation.get("security").is_some()) {
        return String::new();
    }
    let schemes = document.get("components").and_then(|components| components.get("securitySchemes"));
    let (comment, name, scheme) = match (api.credentials.first(), schemes) {
        (Some(credential), _) => ("the document does not say which operations need the key: all of them", &*credential.name, ""),
        (None, None) => (
            "the document does not say how calls are authorized: with a key in the `Authorization` header",
            "apiKey",
            "      components: {securitySchemes: {apiKey: {type: http, scheme: bearer}}}\n",
        ),
        (None, Some(_)) => return String::new(),
    };
    format!("  # {comment}\n  - target: $\n    update:\n{scheme}      security: [{{{}: []}}]\n", quoted(name))
}

/// The operations of all paths.
fn methods(paths: &Node) -> impl Iterator<Item = &Node> {
    let items = paths.members().into_iter().flatten().map(|(_, item)| item);
    items.flat_map(|item| item.members().into_iter().flatten().map(|(_, member)| member))
}

/// The annotation of an operation that becomes a tool.
fn tool(operation: &Operation, document: &Node, taken: &mut HashMap<String, u32>, is_listed: bool) -> Vec<String> {
    let pointer = join(&join("/paths", &operation.path), operation.method.key());
    let node = document.pointer(&pointer);
    let text = |key: &str| text::plain(node.and_then(|node| node.get(key)).and_then(Node::text).unwrap_or_default(), 60);
    let name = free_name(operation, taken);
    let title = Some(text("summary").trim_end_matches('.').to_owned())
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| names::title(&name));
    let effect = usual_effect(operation.method);
    let mut members = vec![format!("tool: {name}"), format!("title: {}", quoted(&title)), format!("effect: {effect}")];
    if is_listed {
        members.push("default_listed: true".to_owned());
    }
    if text("summary").is_empty() && text("description").is_empty() {
        members.push(format!("description: {}", quoted(&format!("Calls {} {}.", operation.method, operation.path))));
    }
    members
}

/// The action that annotates an operation.
fn action(operation: &Operation, members: &[String]) -> String {
    let (target, id) = (quoted(&target_of(&operation.path, operation.method)), quoted(&operation.id));
    let members = members.join("\n        ");
    format!("\n  - target: {target}\n    x-operation-id: {id}\n    update:\n      x-mcp:\n        {members}\n")
}

/// The name that is suggested for an operation, with a number if another one has it already.
fn free_name(operation: &Operation, taken: &mut HashMap<String, u32>) -> String {
    let suggested = names::suggested_tool(&operation.id, operation.method);
    let mut name = suggested.clone();
    while taken.contains_key(&name) {
        // the numbers below are in use
        let number = taken.entry(suggested.clone()).or_insert(1);
        *number += 1;
        let end = format!("_{number}");
        let room = names::MAX_TOOL_NAME.saturating_sub(end.len());
        let start: String = suggested.chars().take(room).collect();
        name = format!("{}{end}", start.trim_end_matches('_'));
    }
    taken.insert(name.clone(), 1);
    name
}
