//! The arguments of a tool: the parameters of the operation and the properties of its body, in one flat list.

mod annotate;
mod body;
mod encoding;

use std::collections::{BTreeMap, HashMap};

use openapi_mcp_model::{NarrowingDefault, ServerArgument};
use serde_json::{Map, Value as Json};

use annotate::{annotate, check_names, renamed};
use body::read_body;
use encoding::encoding;

use super::schema::{Schemas, with_listed_values};
use crate::annotation::Annotation;
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, ArgumentLocation, Body, Encoding};
use crate::names;
use crate::text;
use crate::tree::{Node, join};

/// The argument that selects the fields of a response.
const FIELDS: &str = ServerArgument::Fields.as_str();

/// Whether the API lets the caller choose the fields of its response.
pub(super) fn choose_fields(list: &[Argument]) -> bool {
    list.iter().any(|argument| argument.name == FIELDS)
}

/// The arguments of a call, and how its body is built from them.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) list: Vec<Argument>,
    pub(super) body: Option<Body>,
    /// the media type of a JSON body, if it is not `application/json`
    pub(super) content_type: Option<String>,
    pub(super) defaults: Map<String, Json>,
    pub(super) narrowing_defaults: BTreeMap<String, NarrowingDefault>,
}

/// Reads parameters and body of `operation`, and applies the annotation to them.
pub(super) fn read(
    root: &Node,
    operation: &Node,
    annotation: &Annotation,
    location: &Location,
    diagnostics: &mut Diagnostics,
) -> Arguments {
    let mut arguments = Arguments::default();
    for (index, parameter) in operation.get("parameters").and_then(Node::items).unwrap_or_default().iter().enumerate() {
        let location = Location {
            span: Some(parameter.span),
            pointer: join(&join(&location.pointer, "parameters"), &index.to_string()),
            operation: location.operation.clone(),
        };
        arguments.list.extend(self::parameter(root, parameter, &location, diagnostics));
    }
    if let Some(body) = operation.get("requestBody") {
        let location = Location {
            span: Some(body.span),
            pointer: join(&location.pointer, "requestBody"),
            operation: location.operation.clone(),
        };
        read_body(root, body, &location, diagnostics, &mut arguments);
    }
    distinguish(&mut arguments.list, annotation);
    annotate(&mut arguments, annotation, location, diagnostics);
    check_names(&arguments.list, location, diagnostics);
    arguments
}

/// Gives each argument a name of its own: the second of two that are called alike is named after its place in the request,
/// too, unless the annotation renames one of them.
fn distinguish(list: &mut [Argument], annotation: &Annotation) {
    let mut taken: HashMap<String, ArgumentLocation> = HashMap::new();
    for argument in list {
        if let Some(name) = renamed(annotation, argument) {
            taken.entry(name.to_owned()).or_insert(argument.location);
            continue;
        }
        // two of one name in one place are an error of the document
        if taken.get(&argument.name).is_some_and(|location| *location != argument.location) {
            let place = match argument.location {
                ArgumentLocation::Path => "path",
                ArgumentLocation::Query => "query",
                ArgumentLocation::Header => "header",
                ArgumentLocation::Body => "body",
            };
            argument.name = names::argument_name(&format!("{place}_{}", argument.name));
        }
        taken.entry(argument.name.clone()).or_insert(argument.location);
    }
}

fn parameter(root: &Node, node: &Node, location: &Location, diagnostics: &mut Diagnostics) -> Option<Argument> {
    if crate::reference::of(node).is_some() {
        // an unresolved reference, which was reported already
        return None;
    }
    let name = node.get("name").and_then(Node::text);
    let sent_in = node.get("in").and_then(Node::text);
    let (Some(wire), Some(sent_in)) = (name, sent_in) else {
        diagnostics
            .error("E0301", location.clone(), "a parameter needs `name` and `in`")
            .hint("see OpenAPI 3.0.3, section 4.7.12");
        return None;
    };
    let stated = node.get("required").and_then(Node::boolean).unwrap_or_default();
    let (sent_in, required) = match sent_in {
        "path" => (ArgumentLocation::Path, true),
        "query" => (ArgumentLocation::Query, stated),
        "header" => (ArgumentLocation::Header, stated),
        "cookie" if !stated => {
            diagnostics
                .warning("E0302", location.clone(), format!("the cookie parameter `{wire}` is left out"))
                .hint("cookies are not sent");
            return None;
        }
        other => {
            diagnostics
                .error("E0302", location.clone(), format!("`{wire}` is required in `{other}`, which is not supported"))
                .hint("exclude the operation, or correct the parameter in the overlay");
            return None;
        }
    };
    if sent_in == ArgumentLocation::Header && !names::is_header_name(wire) {
        diagnostics
            .error("E0305", location.clone(), format!("`{wire}` is not a header that an argument can set"))
            .hint("remove the parameter in the overlay");
        return None;
    }
    let as_json = super::media_type::json_content(node).map(|(_, content)| content);
    let Some(schema) = as_json.and_then(|json| json.get("schema")).or_else(|| node.get("schema")) else {
        diagnostics
            .error("E0301", location.clone(), format!("the parameter `{wire}` has no schema"))
            .hint("give it `schema`, or `content` with `application/json`");
        return None;
    };
    let mut schema = Schemas::new(root, location, diagnostics).argument(schema);
    let encoding = if as_json.is_some() && sent_in != ArgumentLocation::Path {
        Encoding::Json
    } else {
        encoding(node, sent_in, &mut schema, wire, location, diagnostics)?
    };
    if let Some(text) =
        node.get("description").and_then(Node::text).map(|text| text::plain(text, 280)).filter(|text| !text.is_empty())
    {
        let text = with_listed_values(&schema, text);
        schema.insert("description".to_owned(), text.into());
    }
    Some(Argument {
        name: names::argument_name(wire),
        wire: wire.to_owned(),
        location: sent_in,
        required,
        hidden: false,
        encoding,
        schema: described_first(schema),
        replaced: BTreeMap::new(),
    })
}

fn described_first(mut schema: Map<String, Json>) -> Json {
    if let Some(text) = schema.shift_remove("description") {
        schema.shift_insert(0, "description".to_owned(), text);
    }
    schema.into()
}
