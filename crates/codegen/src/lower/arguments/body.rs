//! The body of a request, and the arguments that it is built from.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Arguments, described_first};
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, ArgumentLocation, Body, Encoding};
use crate::lower::media_type::{self, JSON};
use crate::lower::schema::{BYTES, Schemas};
use crate::names;
use crate::tree::Node;

/// How the body is sent: the first supported media type that the document declares.
enum Media {
    Json(String),
    Form,
    Urlencoded,
    Text(String),
    Bytes(String),
}

fn media(node: &Node) -> Option<(Media, &Node)> {
    let find = |fits| media_type::find(node, fits);
    // a range such as `*/*` includes JSON, but what is declared by its name comes first
    media_type::named_json(node)
        .map(|(name, content)| (Media::Json(name), content))
        .or_else(|| find(|name| name == "multipart/form-data").map(|(_, content)| (Media::Form, content)))
        .or_else(|| find(|name| name == "application/x-www-form-urlencoded").map(|(_, content)| (Media::Urlencoded, content)))
        .or_else(|| find(media_type::is_text).map(|(name, content)| (Media::Text(name), content)))
        .or_else(|| find(media_type::is_bytes).map(|(name, content)| (Media::Bytes(name), content)))
        .or_else(|| media_type::json_content(node).map(|(_, content)| (Media::Json(JSON.to_owned()), content)))
}

pub(super) fn read_body(root: &Node, node: &Node, location: &Location, diagnostics: &mut Diagnostics, arguments: &mut Arguments) {
    if crate::reference::of(node).is_some() {
        // an unresolved reference, which was reported already
        return;
    }
    let Some((media, schema)) = media(node) else {
        let names = node.get("content").and_then(Node::members).into_iter().flatten().map(|(name, _)| name.as_str());
        let names = names.collect::<Vec<_>>().join("`, `");
        diagnostics
            .error("E0306", location.clone(), format!("no body type that can be sent: `{names}`"))
            .hint("give `content` a media type such as `application/json` in the overlay, or exclude the operation");
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
    if let Media::Bytes(media) = media {
        arguments.body = Some(Body::Bytes { argument: "body".to_owned(), media });
        let mut argument = body_argument("body", Json::Null, true);
        take_content(&mut argument);
        arguments.list.push(argument);
        return;
    }
    if let Media::Json(name) = &media {
        arguments.content_type = Some(name.clone()).filter(|name| name != JSON);
    }
    let is_object = schema.get("type").is_some_and(|kind| kind == "object");
    if !is_object && !matches!(media, Media::Json(_)) {
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
    let mut files = Vec::new();
    for (name, property) in properties {
        let is_required = required.iter().any(|one| *one == name);
        let mut argument = body_argument(&name, property, is_required);
        if matches!(media, Media::Form) && take_file(&mut argument) {
            files.push(name);
        }
        arguments.list.push(argument);
    }
    arguments.body = Some(match media {
        Media::Form => Body::Form { files },
        Media::Urlencoded => Body::Urlencoded,
        Media::Json(_) | Media::Text(_) | Media::Bytes(_) => Body::Object { open },
    });
}

fn body_argument(name: &str, schema: Json, required: bool) -> Argument {
    let schema = match schema {
        Json::Object(schema) => described_first(schema),
        other => other,
    };
    Argument {
        name: names::argument_name(name),
        wire: name.to_owned(),
        location: ArgumentLocation::Body,
        required,
        hidden: false,
        encoding: Encoding::Json,
        schema,
        replaced: BTreeMap::new(),
    }
}

/// Makes the argument for a body of bytes: an assistant passes it as text or base64.
fn take_content(argument: &mut Argument) {
    argument.schema = json!({
        "description": "The content, as text or as base64.",
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "Content that is text, as it is."},
            "base64": {"type": "string", "description": "Any content, base64-encoded."}
        },
        "additionalProperties": false
    });
}

/// Makes the argument for a file, a binary part of a form: an assistant passes its name, and its content as text or base64. A list of
/// binary items takes several. Whether the argument is one of these.
fn take_file(argument: &mut Argument) -> bool {
    let is_binary = |schema: &Json| schema.get("contentMediaType").is_some_and(|kind| kind == BYTES);
    if is_binary(&argument.schema) {
        argument.required = true;
        argument.schema = file();
    } else if let Some(items) = argument.schema.get_mut("items").filter(|items| is_binary(items)) {
        *items = file();
    } else {
        return false;
    }
    true
}

/// The schema of a file.
fn file() -> Json {
    json!({
        "description": "The file: its name, and its content as text or as base64.",
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 255, "description": "File name with its ending."},
            "text": {"type": "string", "description": "Content of a text file, as it is."},
            "base64": {"type": "string", "description": "Content of any file, base64-encoded."}
        },
        "required": ["name"],
        "additionalProperties": false
    })
}
