//! Lowers the repaired document to the plain data of [`crate::ir`].
//!
//! Nothing is guessed silently: whatever is not supported is reported with its operation, and the other operations are lowered.

mod arguments;
mod discriminator;
mod edits;
mod facets;
mod fields;
mod media_type;
mod operation;
mod product;
mod records;
mod schema;
mod server_arguments;
mod structure;
mod tables;
mod typed;

pub(crate) use operation::usual_effect;
use std::collections::{BTreeSet, HashMap};

pub(crate) use facets::{Side, hidden_format, is_on};
use openapi_mcp_model::{Document, Effect, Method};
use product::Definitions;
use tables::AllTables;

use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Api, Decision, Operation};
use crate::moves::{Place, moves};
use crate::names;
use crate::overlay::RemovedOperation;
use crate::overlay::target_of;
use crate::statements::{Statements, shown};
use crate::text;
use crate::tree::{Node, join};

pub(crate) use typed::types;

/// Longest URL of a server: without a limit, values of variables could make it much longer.
const MAX_URL: usize = 2_048;

/// What the document itself, without the overlay, says of its operations, by their pointers.
pub(crate) struct Published {
    operations: HashMap<String, PublishedOperation>,
    security: BTreeSet<String>,
}

struct PublishedOperation {
    /// the summary and the description
    words: String,
    security: BTreeSet<String>,
}

impl Published {
    /// Reads the document before the overlay is applied.
    pub(crate) fn read(document: &Node) -> Self {
        let items = document.get("paths").and_then(Node::members).into_iter().flatten();
        let operations = items.flat_map(|(path, item)| {
            Method::ALL
                .map(Method::key)
                .into_iter()
                .filter_map(move |method| Some((join(&join("/paths", path), method), item.get(method)?)))
        });
        let texts = |node: &Node| {
            let stated = ["summary", "description"].map(|key| node.get(key).and_then(Node::text).unwrap_or_default());
            shown(stated.join("\n").trim())
        };
        let of = |node: &Node| PublishedOperation { words: texts(node), security: product::security(document, node) };
        let operations = operations.map(|(pointer, node)| (pointer, of(node))).collect();
        Self { operations, security: product::security(document, &Node::default()) }
    }
}

/// Lowers the whole document. The coverage includes operations that were removed from it.
pub(crate) fn lower(
    document: &Node,
    removed: &[RemovedOperation],
    published: &Published,
    sha256: &str,
    diagnostics: &mut Diagnostics,
) -> Api {
    let definitions = Definitions::read(document, diagnostics);
    let mut operations = operations(document, &definitions, (published, removed), diagnostics);
    check_effects(document, &definitions, &operations, diagnostics);
    operations.extend(removed.iter().map(|RemovedOperation { operation_id, method, path, annotation }| {
        Operation::removed(operation_id, *method, path, annotation.get("tool").and_then(Node::text).map(str::to_owned))
    }));
    let info =
        |key: &str| document.get("info").and_then(|info| info.get(key)).and_then(Node::text).unwrap_or_default().to_owned();
    let mut api = Api {
        corrections: Statements::new(),
        about: Statements::new(),
        overlay: String::new(),
        security: published.security.clone(),
        document: Document { title: info("title"), version: info("version"), sha256: sha256.to_owned() },
        server: server(document, diagnostics),
        product: definitions.product,
        scopes: definitions.scopes,
        credentials: definitions.credentials,
        operations,
    };
    api.sort();
    api
}

/// Reports a document that is neither OpenAPI 3.0 nor 3.1.
pub fn check_version(document: &Node, diagnostics: &mut Diagnostics) {
    let version = document.get("openapi");
    let is_known =
        |version: &str| ["3.0", "3.1"].contains(&version) || version.starts_with("3.0.") || version.starts_with("3.1.");
    if version.and_then(Node::text).is_some_and(is_known) {
        return;
    }
    let location = Location { span: Some(version.unwrap_or(document).span), pointer: "/openapi".to_owned(), operation: None };
    let found = version.and_then(Node::text);
    let (message, hint) = match found {
        Some(other) => (format!("OpenAPI {other} is not supported"), "3.0 and 3.1 are: convert the document to one of them"),
        None if document.get("swagger").is_some() => (
            "Swagger 2.0 is not supported".to_owned(),
            "convert it first: `npx swagger2openapi --patch FILE --outfile openapi.json`",
        ),
        None if version.is_some() => ("`openapi` must be a string".to_owned(), "put the version in quotes, as in `\"3.0.3\"`"),
        None => ("`openapi` is missing".to_owned(), "an OpenAPI document begins with `openapi: 3.0.3`"),
    };
    diagnostics.error("E0103", location, message).hint(hint);
}

/// Reports effects of tools for which no scope is defined.
fn check_effects(document: &Node, definitions: &Definitions, operations: &[Operation], diagnostics: &mut Diagnostics) {
    for effect in Effect::ALL {
        let mut tools = operations.iter().filter_map(|operation| operation.decision.tool()).map(|plan| &plan.tool);
        let has_scope = definitions.scopes.iter().any(|scope| scope.effect == Some(effect));
        if let Some(tool) = tools.find(|tool| tool.effect == effect && !has_scope) {
            let node = document.get("x-mcp").and_then(|annotation| annotation.get("scopes")).unwrap_or(document);
            let location = Location { pointer: "/x-mcp/scopes".to_owned(), ..Location::of(node.span) };
            diagnostics
                .error("E0222", location, format!("no scope has the effect `{effect}` of the tool `{}`", tool.name))
                .hint(format!("add a scope with `effect: {effect}`, or leave `scopes` out"));
        }
    }
}

fn operations(
    document: &Node,
    definitions: &Definitions,
    (published, removed): (&Published, &[RemovedOperation]),
    diagnostics: &mut Diagnostics,
) -> Vec<Operation> {
    let Some(paths) = document.get("paths").and_then(Node::members) else {
        let location = Location { span: Some(document.span), pointer: "/paths".to_owned(), operation: None };
        diagnostics
            .error("E0104", location, "`paths` is missing or not an object")
            .hint("an OpenAPI document lists its operations under `paths`");
        return Vec::new();
    };
    let mut operations = Vec::new();
    let mut structures = structure::Structures::new(document);
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut undecided = Vec::new();
    let mut tables = AllTables::default();
    for (path, item) in paths {
        let item_pointer = join("/paths", path);
        for method in Method::ALL {
            let Some(node) = item.get(method.key()) else { continue };
            let pointer = join(&item_pointer, method.key());
            let id = node.get("operationId").and_then(Node::text).map(str::to_owned);
            let location = Location { span: Some(node.span), pointer, operation: id.clone() };
            let Some(id) = id else {
                diagnostics
                    .error("E0109", location, format!("an operation is an object, not {}", node.kind()))
                    .hint("see OpenAPI 3.0.3, section 4.7.10");
                continue;
            };
            if let Some(line) = ids.insert(id.clone(), node.span.line) {
                diagnostics
                    .error("E0108", location, format!("`operationId` `{id}` is used twice; the first is at line {line}"))
                    .hint("give each operation an `operationId` of its own");
                continue;
            }
            if is_undecided(node) {
                undecided.push((method, path.as_str(), location.clone()));
            }
            let said = published.operations.get(&location.pointer);
            let mut decision = operation::decide((document, definitions), node, method, path, &location, diagnostics);
            let mut whole_path = path.clone();
            if let Decision::Exposed(plan) = &mut decision {
                plan.server = path_of_server(document, [node, item], &location, diagnostics);
                whole_path = plan.server.clone() + path;
                plan.tool.path.clone_from(&whole_path);
                plan.structure = structures.read(node);
                tables.add(&plan.tool.tables, &location, diagnostics);
                plan.security = said.map(|said| said.security.clone()).unwrap_or_default();
            }
            operations.push(Operation {
                id,
                method,
                path: whole_path,
                provenance: node.get("x-provenance").and_then(Node::text).map(str::to_owned),
                since: None,
                decision,
                deprecated: node.get("deprecated").and_then(Node::boolean).unwrap_or_default(),
                described: said.map(|said| said.words.clone()),
                aliases: Vec::new(),
            });
        }
    }
    tables.check_references(diagnostics);
    report_undecided(&undecided, removed, diagnostics);
    records::resolve(&mut operations, diagnostics);
    operations
}

/// Whether an operation has neither a tool nor a reason for none.
fn is_undecided(operation: &Node) -> bool {
    let has = |key: &str| operation.get("x-mcp").is_some_and(|annotation| annotation.get(key).is_some());
    !has("tool") && !has("exclude")
}

/// Reports the operations that nobody has decided about in one warning, however many there are.
fn report_undecided(undecided: &[(Method, &str, Location)], removed: &[RemovedOperation], diagnostics: &mut Diagnostics) {
    let Some(((method, path, location), others)) = undecided.split_first() else { return };
    let message = match others.len() {
        0 => format!("{method} {path} has neither a tool nor a reason for none"),
        1 => format!("{method} {path} and 1 other operation have neither a tool nor a reason for none"),
        others => format!("{method} {path} and {others} other operations have neither a tool nor a reason for none"),
    };
    let id = location.operation.as_deref().unwrap_or_default();
    let list = if others.is_empty() { "" } else { "; `cargo codegen coverage` lists them all" };
    // a second block would make a second tool
    let left: Vec<(String, &RemovedOperation)> = removed.iter().map(|left| (left.method.to_string(), left)).collect();
    let gone: Vec<Place<'_>> =
        left.iter().map(|(method, left)| Place { id: &left.operation_id, method, path: &left.path }).collect();
    let called = method.to_string();
    let new = Place { id, method: &called, path };
    let moved = moves(&gone, &[new]).into_iter().next().map(|(was, _)| {
        format!("if it is `{}` at another place, let `cargo codegen sync --follow` change its block; else ", was.id)
    });
    diagnostics.warning("E0208", location.clone(), message).hint(format!(
        "{}add an action to the overlay: `- {{target: {}, x-operation-id: {}, update: {{x-mcp: {{tool: {}}}}}}}`, or \
         `{{x-mcp: {{exclude: \"why not\"}}}}`{list}",
        moved.unwrap_or_default(),
        text::quoted(&target_of(path, *method)),
        text::quoted(id),
        names::suggested_tool(id, *method)
    ));
}

/// The URL of the document's first server.
fn server(document: &Node, diagnostics: &mut Diagnostics) -> String {
    let first = document.get("servers").and_then(Node::items).and_then(<[Node]>::first);
    let url = first.map(url_of).unwrap_or_default();
    let variables = first.and_then(|server| server.get("variables")).and_then(Node::members);
    for (name, variable) in variables.into_iter().flatten() {
        let values = variable.get("enum").and_then(Node::items);
        let default = variable.get("default");
        if default.is_none() || values.is_some_and(|values| !values.iter().any(|value| Some(value) == default)) {
            let location = Location { span: Some(variable.span), pointer: "/servers/0/variables".to_owned(), operation: None };
            diagnostics
                .warning(
                    "E0112",
                    location,
                    format!("the server variable `{name}` has no default, or one that is not among its values"),
                )
                .hint("correct it in the overlay; the server's configuration can name another server in any case");
        }
    }
    if !url.starts_with("https://") && !url.starts_with("http://") {
        let location = Location { span: Some(first.unwrap_or(document).span), pointer: "/servers".to_owned(), operation: None };
        diagnostics
            .warning("E0105", location, "the document names no server by a full URL")
            .hint("add `servers` in the overlay; else the server's configuration has to name the URL");
    }
    url
}

/// A server's URL, with the default of each variable, or else with its first value (OpenAPI 3.0.3, section 4.7.5).
fn url_of(server: &Node) -> String {
    let variables = server.get("variables").and_then(Node::members);
    let value = |name: &str| {
        let variable = variables?.get(name)?;
        variable.get("default").and_then(Node::text).or_else(|| variable.get("enum")?.items()?.first()?.text())
    };
    let mut rest = server.get("url").and_then(Node::text).unwrap_or_default();
    let mut url = String::new();
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        url += before;
        url += value(name).unwrap_or_default();
        rest = after;
        if url.len() > MAX_URL {
            return String::new();
        }
    }
    (url + rest).trim_end_matches('/').to_owned()
}

/// The path of an operation's own server below the API's server. All calls go to the one configured server, so an operation's own
/// server must be that one or a path below it.
fn path_of_server(document: &Node, levels: [&Node; 2], location: &Location, diagnostics: &mut Diagnostics) -> String {
    let servers =
        |node: &Node| node.get("servers").and_then(Node::items).filter(|servers| !servers.is_empty()).map(<[Node]>::to_vec);
    let Some(own) = levels.into_iter().find_map(servers) else { return String::new() };
    let main = document.get("servers").and_then(Node::items).and_then(<[Node]>::first).map(url_of).unwrap_or_default();
    let below = |server: &Node| {
        let url = url_of(server);
        url.strip_prefix(&main).filter(|rest| rest.is_empty() || rest.starts_with('/')).map(str::to_owned)
    };
    if let Some(path) = own
        .iter()
        .filter_map(below)
        .min_by_key(String::len)
        .filter(|path| !path.contains(['{', '#']) && operation::is_path(&format!("{path}/")))
    {
        return path;
    }
    let (other, span) = own.first().map(|server| (url_of(server), server.span)).unwrap_or_default();
    diagnostics
        .error(
            "E0312",
            Location { span: Some(span), ..location.clone() },
            format!("the operation has a server of its own: `{other}`"),
        )
        .hint("exclude the operation, or remove `servers` in the overlay if the API's first server answers it too");
    String::new()
}
