//! The body of a request, and the arguments that it is built from.

use serde_json::{Map, Value as Json, json};

use super::{Arguments, described_first};
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, ArgumentLocation, Body, Encoding};
use crate::lower::schema::{BYTES, Schemas};
use crate::names;
use crate::tree::Node;

/// How the body is sent: the first supported media type that the document declares.
enum Media {
    Json,
    Form,
    Urlencoded,
    Text(String),
}

fn media(node: &Node) -> Option<(Media, &Node)> {
    if let Some(json) = crate::lower::json_media(node) {
        return Some((Media::Json, json));
    }
    let content = node.get("content").and_then(Node::members)?;
    let find = |is: fn(&str) -> bool| content.iter().find(|(name, _)| is(&crate::lower::essence(name)));
    find(|name| name == "multipart/form-data")
        .map(|(_, media)| (Media::Form, media))
        .or_else(|| find(|name| name == "application/x-www-form-urlencoded").map(|(_, media)| (Media::Urlencoded, media)))
        .or_else(|| find(is_text).map(|(name, media)| (Media::Text(crate::lower::essence(name)), media)))
}

/// Whether this is `text/…`, with a subtype that is valid in a header.
fn is_text(essence: &str) -> bool {
    essence.strip_prefix("text/").is_some_and(names::is_header_name)
}

pub(super) fn read_body(root: &Node, node: &Node, location: &Location, diagnostics: &mut Diagnostics, arguments: &mut Arguments) {
    if crate::reference::of(node).is_some() {
        // an unresolved reference, which was reported already
        return;
    }
    let Some((media, schema)) = media(node) else {
        let names = node.get("content").and_then(Node::members).into_iter().flatten().map(|(name, _)| name.as_str());
        let names = names.collect::<Vec<_>>().join("`, `");
        diagnostics.error("E0306", location.clone(), format!("no body type that can be sent: `{names}`")).hint(
            "JSON, `multipart/form-data`, `application/x-www-form-urlencoded` and `text/…` are; otherwise exclude the operation",
        );
        return;
    };
    let nothing = Node::default();
    let mut schema = Schemas::new(root, location, diagnostics).argument(schema.get("schema").unwrap_or(&nothing));
    if let Media::Text(media) = media {
        let description = schema.shift_remove("description").map(|text| ("description".to_owned(), text));
        let text = [("type".to_owned(), Json::from("string"))].into_iter().chain(description).collect::<Map<_, _>>();
        arguments.body = Some(Body::Text { argument: "body".to_owned(), media });
        arguments.list.push(body_argument("body", text.into(), true));
        return;
    }
    let is_object = schema.get("type").is_some_and(|kind| kind == "object");
    if !is_object && !matches!(media, Media::Json) {
        diagnostics
            .error("E0306", location.clone(), "a form needs an object whose properties are its parts")
            .hint("describe the parts in the overlay, or exclude the operation");
        return;
    }
    if !is_object {
        let required = node.get("required").and_then(Node::boolean).unwrap_or(true);
        arguments.body = Some(Body::Whole { argument: "body".to_owned() });
        arguments.list.push(body_argument("body", schema.into(), required));
        return;
    }
    let required: Vec<Json> = schema.get("required").and_then(Json::as_array).cloned().unwrap_or_default();
    let open = schema.get("additionalProperties").is_some_and(|additional| additional != false);
    let Some(Json::Object(properties)) = schema.remove("properties") else { return };
    for (name, property) in properties {
        let is_required = required.iter().any(|one| *one == name);
        let mut argument = body_argument(&name, property, is_required);
        if matches!(media, Media::Form) && argument.schema.get("contentMediaType").is_some_and(|kind| kind == BYTES) {
            take_file(&mut argument);
        }
        arguments.list.push(argument);
    }
    arguments.body = Some(match media {
        Media::Form => Body::Form,
        Media::Urlencoded => Body::Urlencoded,
        Media::Json | Media::Text(_) => Body::Object { open },
    });
}

fn body_argument(name: &str, schema: Json, required: bool) -> Argument {
    let schema = match schema {
        Json::Object(schema) => described_first(schema),
        other => other,
    };
    Argument {
        name: name.to_owned(),
        wire: name.to_owned(),
        location: ArgumentLocation::Body,
        required,
        hidden: false,
        encoding: Encoding::Json,
        schema,
    }
}

/// Makes the argument for a file, a binary part of a form: an assistant passes its name, and its content as text or base64.
fn take_file(argument: &mut Argument) {
    argument.required = true;
    argument.schema = json!({
        "description": "The file: its name, and its content as text or as base64.",
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 255, "description": "File name with its ending."},
            "text": {"type": "string", "description": "Content of a text file, as it is."},
            "base64": {"type": "string", "description": "Content of any file, base64-encoded."}
        },
        "required": ["name"],
        "additionalProperties": false
    });
}
