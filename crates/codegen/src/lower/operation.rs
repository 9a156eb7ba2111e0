//! Lowers one operation: the decision in its annotation, and the plan of its tool if it has one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use openapi_mcp_model::{Confirm, Effect, Method, ResponseDescription, ResponseKind, ServerArgument, Tool, ToolAnnotations};
use serde_json::{Map, Value as Json};

use super::arguments::{self, Arguments};
use super::facets::Shown;
use super::media_type;
use super::product::Definitions;
use super::schema::Schemas;
use super::{edits, records, server_arguments, tables};
use crate::annotation::Annotation;
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, Body, Decision, ToolPlan};
use crate::names;
use crate::text;
use crate::tree::{Node, join};

/// A reason that begins with this is a placeholder for a decision that is still to be made.
pub(crate) const TODO: &str = "TODO";

/// Longest description of a tool taken from the document, in characters.
const MAX_DESCRIPTION: usize = 400;

pub(super) fn decide(
    (root, definitions): (&Node, &Definitions),
    node: &Node,
    method: Method,
    path: &str,
    location: &Location,
    diagnostics: &mut Diagnostics,
) -> Decision {
    let annotation = match node.get("x-mcp") {
        Some(annotation) => Annotation::read(annotation, location, diagnostics),
        None => Annotation::default(),
    };
    match (&annotation.tool, annotation.exclude.clone()) {
        (_, Some(reason)) if reason.starts_with(TODO) => {
            // the diagnostic points at the annotation, which is to be edited
            let block = Location { span: node.get("x-mcp").map(|annotation| annotation.span), ..location.clone() };
            diagnostics
                .warning("E0208", block, format!("{method} {path} waits for a decision: {reason}"))
                .hint("give it a `tool`, or say in `exclude` why it has none");
            Decision::Undecided
        }
        (_, Some(reason)) => Decision::Excluded(reason),
        (Some(name), None) => {
            Decision::Exposed(Box::new(plan((root, definitions), node, name, (method, path), &annotation, location, diagnostics)))
        }
        // reported for all of them together
        (None, None) => Decision::Undecided,
    }
}

fn plan(
    (root, definitions): (&Node, &Definitions),
    node: &Node,
    name: &str,
    (method, path): (Method, &str),
    annotation: &Annotation,
    location: &Location,
    diagnostics: &mut Diagnostics,
) -> ToolPlan {
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
    let Arguments { list, body, content_type, defaults, narrowing_defaults } =
        arguments::read(root, node, annotation, location, diagnostics);
    check_path(path, node, location, diagnostics);
    let open = body == Some(Body::Object { open: true });
    let effect = annotation.effect.unwrap_or(usual_effect(method));
    let is_idempotent = effect == Effect::Read || matches!(method, Method::Put | Method::Delete);
    let repeatable = annotation.repeatable.unwrap_or(is_idempotent);
    let is_always = effect == Effect::Destroy || annotation.confirm == Some(Confirm::Every(true));
    let confirm = annotation.confirm.clone().filter(|_| !is_always).unwrap_or(Confirm::Every(is_always));
    records::check_confirm(&confirm, &list, location, diagnostics);
    let response = ResponseDescription {
        kind: response_kind(node),
        media_types: response_media_types(node),
        items: annotation.items.clone(),
        cursor: annotation.cursor.clone(),
        fields: annotation.fields.clone().filter(|_| annotation.items.is_some() && !arguments::choose_fields(&list)),
        fields_by_name: annotation.fields_by_name.clone(),
        members: annotation.members.clone(),
        omits_empty: annotation.omits_empty,
        mark: annotation.mark.clone(),
    };
    let edits = edits::of((effect, method), annotation, body.as_ref(), &list, location, diagnostics);
    let server_arguments =
        server_arguments::of((effect, confirm.is_ever(), repeatable), edits.as_ref(), &response, &list, location, diagnostics);
    let title = annotation
        .title
        .clone()
        .or_else(|| Some(text::plain(text("summary"), 60)).filter(|title| !title.is_empty()))
        .unwrap_or_else(|| names::title(name));
    let credential = definitions.credential_of(root, node, location, diagnostics);
    let scopes = definitions.scopes_of(effect, credential.as_deref());
    let output_schema = output_schema(root, node, annotation, location, diagnostics);
    let shown = Shown { arguments: &list, body: body.as_ref(), output_schema: &output_schema };
    let facets = super::facets::facets(root, node, shown);
    let tables = tables::of((root, node), (effect, annotation), &list, diagnostics);
    let tool = Tool {
        name: name.to_owned(),
        title: title.clone(),
        description: annotation.description.clone().unwrap_or_else(|| described(text("description"), text("summary"))),
        toolset: annotation.toolset.clone().unwrap_or_else(|| toolset(node)),
        effect,
        repeatable,
        confirm,
        scopes,
        operation_id: location.operation.clone().unwrap_or_default(),
        method,
        path: path.to_owned(),
        annotations: ToolAnnotations {
            title,
            read_only_hint: effect == Effect::Read,
            destructive_hint: effect == Effect::Destroy,
            idempotent_hint: repeatable,
            // a call only reaches the account of its credential in this API
            open_world_hint: false,
        },
        default_listed: annotation.default_listed,
        says_today: annotation.says_today,
        not_found: annotation.not_found.clone(),
        rate: annotation.rate.or_else(|| text::rate(text("description"))),
        content_type,
        max_request_bytes: annotation.max_request_bytes,
        aliases: annotation.aliases.clone(),
        search_terms: annotation.search_terms.clone(),
        takes_keys: annotation.takes_keys.clone(),
        lists_keys: annotation.lists_keys.clone(),
        tables,
        credential,
        edits,
        record: None,
        input_schema: Arc::new(input_schema(&list, &server_arguments, open)),
        full_input_schema: None,
        output_schema: Some(Arc::new(output_schema)),
        response,
        server_arguments: server_arguments.iter().map(|(argument, _)| *argument).collect(),
        defaults,
        narrowing_defaults,
    };
    ToolPlan {
        tool,
        arguments: list,
        record: annotation.record.clone(),
        body,
        response_fields: super::fields::fields(root, response_schema(node)),
        facets,
        // the caller knows the whole document
        server: String::new(),
        structure: BTreeMap::new(),
        security: BTreeSet::new(),
    }
}

fn described(description: &str, summary: &str) -> String {
    let text = text::plain(description, MAX_DESCRIPTION);
    if text.is_empty() { text::plain(summary, MAX_DESCRIPTION) } else { text }
}

fn toolset(node: &Node) -> String {
    let tag = node.get("tags").and_then(Node::items).and_then(<[Node]>::first).and_then(Node::text).unwrap_or("other");
    tag.to_lowercase().replace(|sign: char| !sign.is_ascii_alphanumeric(), "_")
}

/// The effect that a method implies (RFC 9110, section 9.2).
pub(crate) fn usual_effect(method: Method) -> Effect {
    match method {
        Method::Get | Method::Head | Method::Options => Effect::Read,
        Method::Delete => Effect::Destroy,
        Method::Put | Method::Post | Method::Patch | Method::Trace => Effect::Write,
    }
}

/// Checks that each `{name}` in the path has a parameter, and that each path parameter has a `{name}`.
fn check_path<'a>(path: &str, node: &'a Node, location: &Location, diagnostics: &mut Diagnostics) {
    if !is_path(path) {
        diagnostics
            .error("E0310", location.clone(), format!("`{path}` is not a path"))
            .hint("a path begins with `/`, has no query, no `.` or `..`, and closes its braces");
        return;
    }
    let templated: Vec<&str> = path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect();
    let parameters = node.get("parameters").and_then(Node::items).unwrap_or_default();
    let text = |parameter: &'a Node, key: &str| parameter.get(key).and_then(Node::text);
    let declared: Vec<&str> = parameters
        .iter()
        .filter(|parameter| text(parameter, "in") == Some("path"))
        .filter_map(|parameter| text(parameter, "name"))
        .collect();
    for name in declared.iter().filter(|name| !templated.contains(name)) {
        diagnostics
            .error("E0307", location.clone(), format!("the path has no place for `{name}`"))
            .hint("correct the path or the parameter's name");
    }
    for (index, name) in templated.iter().enumerate() {
        if !declared.contains(name) {
            diagnostics
                .error("E0307", location.clone(), format!("`{{{name}}}` in the path has no parameter"))
                .hint(format!(
                    "add it in the overlay: `update: {{parameters: [{{name: {name}, in: path, required: true, schema: {{type: string}}}}]}}`"
                ));
        }
        if templated.iter().take(index).any(|earlier| earlier == name) {
            diagnostics
                .error("E0307", location.clone(), format!("`{{{name}}}` occurs twice in the path"))
                .hint("give each place of the path a name of its own");
        }
    }
}

/// Whether this is a path, perhaps with a fragment that distinguishes it from another one and is never sent, without a query and without dot segments (`.`, `..`), and with matching braces.
pub(super) fn is_path(path: &str) -> bool {
    let outside = path
        .split('{')
        .enumerate()
        .map(|(index, part)| if index == 0 { Some(part) } else { part.split_once('}').map(|(_, after)| after) });
    let is_closed = outside.clone().all(|part| part.is_some_and(|part| !part.contains('}')));
    let is_step = |segment: &str| segment == "." || segment == "..";
    let is_plain = !path.contains(['?', '\\']) && !path.contains(|sign: char| sign.is_whitespace() || sign.is_control());
    let has_plain_fragment = path.split_once('#').is_none_or(|(_, fragment)| !fragment.contains(['{', '#']));
    has_plain_fragment
        && path.starts_with('/')
        && !path.starts_with("//")
        && is_closed
        && is_plain
        && !path.split('/').any(is_step)
}

fn input_schema(list: &[Argument], server_arguments: &[(ServerArgument, Json)], open: bool) -> Map<String, Json> {
    let visible = || list.iter().filter(|argument| !argument.hidden);
    let own = server_arguments.iter().map(|(argument, schema)| (argument.as_str().to_owned(), schema.clone()));
    let properties: Map<String, Json> =
        visible().map(|argument| (argument.name.clone(), argument.schema.clone())).chain(own).collect();
    let required: Vec<Json> =
        visible().filter(|argument| argument.required).map(|argument| argument.name.clone().into()).collect();
    let mut schema = Map::from_iter([("type".to_owned(), Json::from("object")), ("properties".to_owned(), properties.into())]);
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema.insert("additionalProperties".to_owned(), open.into());
    schema
}

/// The response of a successful call, and its status: the lowest 2xx, or else a 3xx.
pub(super) fn success(node: &Node) -> Option<(&str, &Node)> {
    let responses = node.get("responses").and_then(Node::members)?;
    responses
        .iter()
        .filter(|(status, _)| status.starts_with(['2', '3']))
        .map(|(status, response)| (status.as_str(), response))
        .min_by_key(|(status, _)| *status)
}

fn response_kind(node: &Node) -> ResponseKind {
    match success(node) {
        Some((status, _)) if status.starts_with('3') => ResponseKind::Redirect,
        Some((_, response)) if media_type::json_content(response).is_none() && !media_type::declared(response).is_empty() => {
            ResponseKind::Content
        }
        _ => ResponseKind::Json,
    }
}

/// The media types to accept: JSON where the document declares it, also by a range such as `*/*`, else all that it declares; empty
/// for `application/json` alone.
fn response_media_types(node: &Node) -> Vec<String> {
    let Some((status, response)) = success(node) else { return Vec::new() };
    let mut declared = media_type::declared(response);
    if status.starts_with('3') || declared.is_empty() {
        return Vec::new();
    }
    if media_type::json_content(response).is_some() {
        declared.retain(|name| media_type::is_json(name));
    }
    if declared == [media_type::JSON] { Vec::new() } else { declared }
}

pub(super) fn response_schema(node: &Node) -> Option<&Node> {
    media_type::json_content(success(node)?.1)?.1.get("schema")
}

fn output_schema(
    root: &Node,
    node: &Node,
    annotation: &Annotation,
    location: &Location,
    diagnostics: &mut Diagnostics,
) -> Map<String, Json> {
    let location = Location { pointer: join(&location.pointer, "responses"), ..location.clone() };
    let described = Schemas::new(root, &location, diagnostics).response(response_schema(node));
    let known = described.get("properties").and_then(Json::as_object);
    for name in [&annotation.items, &annotation.cursor].into_iter().flatten() {
        if known.is_some_and(|known| !known.contains_key(name)) {
            diagnostics
                .warning("E0215", annotation.response_location(&location), format!("the response has no `{name}`"))
                .hint("correct `response` in the overlay, or the response's schema");
        }
    }
    described
}
