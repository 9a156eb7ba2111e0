//! The arguments of a tool: what the document calls parameters and the properties of the body, in one flat list.

use openapi_mcp_model::ServerArgument;
use serde_json::{Map, Value as Json, json};

use super::schema::{BYTES, Schemas, allows};
use crate::annotation::{Annotation, ArgumentAnnotation};
use crate::diagnostics::{Diagnostics, Place};
use crate::ir::{Argument, Body, Encoding, Location, Scalar};
use crate::names;
use crate::texts;
use crate::tree::{Node, join};

/// The argument that says which fields an answer has.
const FIELDS: &str = ServerArgument::Fields.as_str();

/// Whether the API lets the caller choose the fields of its answer.
pub(super) fn choose_fields(list: &[Argument]) -> bool {
    list.iter().any(|argument| argument.name == FIELDS)
}

/// Everything a call is made of.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) list: Vec<Argument>,
    pub(super) body: Option<Body>,
    pub(super) defaults: Map<String, Json>,
}

/// Reads parameters and body of `operation` and lays the annotation over them.
pub(super) fn read(
    root: &Node,
    operation: &Node,
    annotation: &Annotation,
    place: &Place,
    diagnostics: &mut Diagnostics,
) -> Arguments {
    let mut arguments = Arguments::default();
    for (index, parameter) in operation.get("parameters").and_then(Node::items).unwrap_or_default().iter().enumerate() {
        let place = Place {
            at: Some(parameter.at),
            pointer: join(&join(&place.pointer, "parameters"), &index.to_string()),
            operation: place.operation.clone(),
        };
        arguments.list.extend(self::parameter(root, parameter, &place, diagnostics));
    }
    if let Some(body) = operation.get("requestBody") {
        let place = Place { at: Some(body.at), pointer: join(&place.pointer, "requestBody"), operation: place.operation.clone() };
        read_body(root, body, &place, diagnostics, &mut arguments);
    }
    annotate(&mut arguments, annotation, place, diagnostics);
    check_names(&arguments.list, place, diagnostics);
    arguments
}

fn parameter(root: &Node, node: &Node, place: &Place, diagnostics: &mut Diagnostics) -> Option<Argument> {
    if crate::reference::of(node).is_some() {
        // leads nowhere, which was reported
        return None;
    }
    let name = node.get("name").and_then(Node::text);
    let location = node.get("in").and_then(Node::text);
    let (Some(wire), Some(location)) = (name, location) else {
        diagnostics.error("E0301", place.clone(), "a parameter needs `name` and `in`").hint("see OpenAPI 3.0.3, section 4.7.12");
        return None;
    };
    let stated = node.get("required").and_then(Node::boolean).unwrap_or_default();
    let (location, required) = match location {
        "path" => (Location::Path, true),
        "query" => (Location::Query, stated),
        "header" => (Location::Header, stated),
        "cookie" if !stated => {
            diagnostics
                .warning("E0302", place.clone(), format!("the cookie parameter `{wire}` is left out"))
                .hint("cookies are not sent");
            return None;
        }
        other => {
            diagnostics
                .error("E0302", place.clone(), format!("`{wire}` is required in `{other}`, which is not supported"))
                .hint("exclude the operation, or correct the parameter in the overlay");
            return None;
        }
    };
    if location == Location::Header && !names::is_header_name(wire) {
        diagnostics
            .error("E0305", place.clone(), format!("`{wire}` is not a header that an argument can set"))
            .hint("remove the parameter in the overlay");
        return None;
    }
    let as_json = super::json_media(node);
    let Some(schema) = as_json.and_then(|json| json.get("schema")).or_else(|| node.get("schema")) else {
        diagnostics
            .error("E0301", place.clone(), format!("the parameter `{wire}` has no schema"))
            .hint("give it `schema`, or `content` with `application/json`");
        return None;
    };
    let mut schema = Schemas::new(root, place, diagnostics).argument(schema);
    let encoding = if as_json.is_some() && location != Location::Path {
        Encoding::Json
    } else {
        encoding(node, location, &mut schema, wire, place, diagnostics)?
    };
    if let Some(text) =
        node.get("description").and_then(Node::text).map(|text| texts::plain(text, 280)).filter(|text| !text.is_empty())
    {
        schema.insert("description".to_owned(), text.into());
    }
    Some(Argument {
        name: wire.to_owned(),
        wire: wire.to_owned(),
        location,
        required,
        hidden: false,
        encoding,
        schema: described_first(schema),
    })
}

/// OpenAPI 3.0.3, section 4.7.12.2, as far as one text can carry the value.
fn encoding(
    node: &Node,
    location: Location,
    schema: &mut Map<String, Json>,
    wire: &str,
    place: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<Encoding> {
    never_null(schema);
    let kind = |schema: &Map<String, Json>| schema.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
    let style = node.get("style").and_then(Node::text);
    let default_style = if location == Location::Query { "form" } else { "simple" };
    let is_list = kind(schema) == "array";
    if kind(schema) == "object"
        && let Some(encoding) = members_encoding(node, location, schema)
    {
        return Some(encoding);
    }
    let items = schema.get("items").and_then(Json::as_object);
    let is_never_sent = schema.get("enum").and_then(Json::as_array).is_some_and(Vec::is_empty);
    let mut refuse = |message: String, hint: &str| {
        diagnostics.error("E0304", place.clone(), message).hint(hint);
        None
    };
    if is_never_sent {
        return refuse(
            format!("`{wire}` can only be null, and a parameter that is null is not sent"),
            "correct its type in the overlay, or remove the parameter there",
        );
    }
    if kind(schema) == "object" || items.is_some_and(|items| is_list && matches!(kind(items).as_str(), "object" | "array")) {
        let what = if is_list { "a list of objects or lists" } else { "an object" };
        return refuse(
            format!("`{wire}` is {what} in a parameter"),
            "if the API takes JSON there, say so in the overlay with `content: {application/json: …}`; else remove the parameter",
        );
    }
    if is_list && location == Location::Path {
        return refuse(
            format!("`{wire}` is a list in the path"),
            "exclude the operation, or correct the parameter in the overlay",
        );
    }
    let separator = match style.unwrap_or(default_style) {
        style if style == default_style => ',',
        "spaceDelimited" if is_list && location == Location::Query => ' ',
        "pipeDelimited" if is_list && location == Location::Query => '|',
        other => {
            return refuse(
                format!("`{wire}` is written in the style `{other}`, which is not supported here"),
                "correct `style` in the overlay, or exclude the operation",
            );
        }
    };
    if is_list {
        let explode = node.get("explode").and_then(Node::boolean).unwrap_or(separator == ',' && location == Location::Query);
        return Some(match items {
            Some(items) if explode && location == Location::Query => Encoding::Repeated(scalar(items)),
            _ => Encoding::Joined(separator),
        });
    }
    let scalar = scalar(schema);
    if scalar == Scalar::String {
        // a parameter is text on the wire, whatever else the schema leaves open
        schema.retain(|keyword, _| {
            !matches!(keyword.as_str(), "anyOf" | "properties" | "required" | "additionalProperties" | "items")
        });
        schema.insert("type".to_owned(), "string".into());
    }
    Some(Encoding::Plain(scalar))
}

/// How an object is written whose members are plain values; `None` where the style says nothing about it.
fn members_encoding(node: &Node, location: Location, schema: &mut Map<String, Json>) -> Option<Encoding> {
    let is_plain = |member: &Json| {
        let kind = member.get("type").and_then(Json::as_str);
        kind.is_some_and(|kind| matches!(kind, "string" | "integer" | "number" | "boolean"))
    };
    if !schema.get("properties").and_then(Json::as_object)?.values().all(is_plain) {
        return None;
    }
    match schema.get("additionalProperties") {
        Some(Json::Bool(false)) | None => {}
        Some(Json::Bool(true)) => {
            schema.insert("additionalProperties".to_owned(), json!({"type": ["string", "number", "boolean"]}));
        }
        Some(additional) if is_plain(additional) => {}
        Some(_) => return None,
    }
    let explode = node.get("explode").and_then(Node::boolean);
    match (location, node.get("style").and_then(Node::text)) {
        (Location::Query, Some("deepObject")) => Some(Encoding::Deep),
        (Location::Query, None | Some("form")) if explode.unwrap_or(true) => Some(Encoding::Members),
        (Location::Query, None | Some("form")) => Some(Encoding::Pairs(',')),
        (Location::Header, None | Some("simple")) => Some(Encoding::Pairs(if explode == Some(true) { '=' } else { ',' })),
        _ => None,
    }
}

/// A parameter that is null is one that is not sent.
fn never_null(schema: &mut Map<String, Json>) {
    if let Some(Json::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Json::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

fn scalar(schema: &Map<String, Json>) -> Scalar {
    match schema.get("type").and_then(Json::as_str) {
        Some("integer") => Scalar::Integer,
        Some("boolean") => Scalar::Boolean,
        Some("number") => Scalar::Number,
        _ => Scalar::String,
    }
}

/// What a body is sent as, the best of the types the document offers.
enum Media {
    Json,
    Form,
    Urlencoded,
    Text(String),
}

fn media(node: &Node) -> Option<(Media, &Node)> {
    if let Some(json) = super::json_media(node) {
        return Some((Media::Json, json));
    }
    let content = node.get("content").and_then(Node::members)?;
    let find = |is: fn(&str) -> bool| content.iter().find(|(name, _)| is(&super::essence(name)));
    find(|name| name == "multipart/form-data")
        .map(|(_, media)| (Media::Form, media))
        .or_else(|| find(|name| name == "application/x-www-form-urlencoded").map(|(_, media)| (Media::Urlencoded, media)))
        .or_else(|| find(is_text).map(|(name, media)| (Media::Text(super::essence(name)), media)))
}

/// `text/…` with a name that can stand in a header.
fn is_text(essence: &str) -> bool {
    essence.strip_prefix("text/").is_some_and(names::is_header_name)
}

fn read_body(root: &Node, node: &Node, place: &Place, diagnostics: &mut Diagnostics, arguments: &mut Arguments) {
    if crate::reference::of(node).is_some() {
        // leads nowhere, which was reported
        return;
    }
    let Some((media, schema)) = media(node) else {
        let names = node.get("content").and_then(Node::members).into_iter().flatten().map(|(name, _)| name.as_str());
        let names = names.collect::<Vec<_>>().join("`, `");
        diagnostics.error("E0306", place.clone(), format!("no body type that can be sent: `{names}`")).hint(
            "JSON, `multipart/form-data`, `application/x-www-form-urlencoded` and `text/…` are; otherwise exclude the operation",
        );
        return;
    };
    let nothing = Node::default();
    let mut schema = Schemas::new(root, place, diagnostics).argument(schema.get("schema").unwrap_or(&nothing));
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
            .error("E0306", place.clone(), "a form needs an object whose properties are its parts")
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
        location: Location::Body,
        required,
        hidden: false,
        encoding: Encoding::Json,
        schema,
    }
}

/// A binary part of a form is a file, which an assistant passes as text or base64 with a name.
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

fn described_first(mut schema: Map<String, Json>) -> Json {
    if let Some(text) = schema.shift_remove("description") {
        schema.shift_insert(0, "description".to_owned(), text);
    }
    schema.into()
}

/// Lays the annotation over the arguments.
fn annotate(arguments: &mut Arguments, annotation: &Annotation, place: &Place, diagnostics: &mut Diagnostics) {
    for (key, note) in &annotation.arguments {
        let (location, wire) = split_key(key);
        let found = arguments
            .list
            .iter_mut()
            .find(|argument| argument.wire == wire && location.is_none_or(|location| location == argument.location));
        let Some(argument) = found else {
            let nearest = names::nearest(wire, arguments.list.iter().map(|argument| argument.wire.as_str())).map(str::to_owned);
            diagnostics
                .warning("E0211", note.place.clone(), format!("the operation has no argument `{key}`"))
                .hint(nearest.map_or_else(|| "remove the entry".to_owned(), |nearest| format!("did you mean `{nearest}`?")));
            continue;
        };
        apply_note(argument, note, diagnostics);
        if let Some(default) = &note.default {
            arguments.defaults.insert(argument.name.clone(), default.clone());
        }
    }
    for (name, default) in [(FIELDS, annotation.fields.as_ref().map(|fields| json!(fields))), ("size", annotation.size.clone())] {
        let Some(default) = default else { continue };
        match arguments.list.iter_mut().find(|argument| argument.name == name) {
            Some(argument) => {
                set(&mut argument.schema, "default", default.clone());
                arguments.defaults.insert(name.to_owned(), default);
            }
            // the server chooses among the members of a list's items by itself
            None if name == FIELDS && annotation.items.is_some() => {}
            None => {
                diagnostics
                    .warning(
                        "E0214",
                        annotation.answer_place(place),
                        format!("`answer.{name}` is set, but the operation has no `{name}` argument"),
                    )
                    .hint("remove it, or add the parameter in the overlay");
            }
        }
    }
}

fn apply_note(argument: &mut Argument, note: &ArgumentAnnotation, diagnostics: &mut Diagnostics) {
    if let Some(name) = &note.rename {
        argument.name.clone_from(name);
    }
    argument.hidden = note.hide;
    if note.hide && argument.required && note.default.is_none() {
        diagnostics
            .error(
                "E0212",
                note.place.clone(),
                format!("`{}` is required, so it cannot be hidden without a `default`", argument.wire),
            )
            .hint("add `default`, which is then always sent");
    }
    if let Some(text) = &note.describe {
        set(&mut argument.schema, "description", text.as_str().into());
    }
    if let Some(default) = &note.default {
        if !fits(&argument.schema, default) {
            diagnostics
                .error(
                    "E0213",
                    note.place.clone(),
                    format!("the default of `{}` does not fit its schema: {default}", argument.wire),
                )
                .hint(format!(
                    "it allows {}",
                    argument.schema.get("enum").or(argument.schema.get("type")).unwrap_or(&Json::Null)
                ));
        }
        set(&mut argument.schema, "default", default.clone());
    }
    if let Some(example) = &note.example {
        set(&mut argument.schema, "examples", json!([example]));
    }
    if let Json::Object(schema) = &mut argument.schema {
        argument.schema = described_first(std::mem::take(schema));
    }
}

fn set(schema: &mut Json, keyword: &str, value: Json) {
    if let Json::Object(schema) = schema {
        schema.insert(keyword.to_owned(), value);
    }
}

fn fits(schema: &Json, value: &Json) -> bool {
    let Some(schema) = schema.as_object().filter(|schema| schema.contains_key("type")) else { return true };
    if schema.get("enum").and_then(Json::as_array).is_some_and(|values| !values.contains(value)) {
        return false;
    }
    match value {
        Json::Null => allows(schema, "null"),
        Json::Bool(_) => allows(schema, "boolean"),
        Json::Number(number) => allows(schema, "number") || (allows(schema, "integer") && !number.is_f64()),
        Json::String(_) => allows(schema, "string"),
        Json::Array(_) => allows(schema, "array"),
        Json::Object(_) => allows(schema, "object"),
    }
}

fn split_key(key: &str) -> (Option<Location>, &str) {
    let location = |prefix: &str| match prefix {
        "path" => Some(Location::Path),
        "query" => Some(Location::Query),
        "header" => Some(Location::Header),
        "body" => Some(Location::Body),
        _ => None,
    };
    key.split_once(':').and_then(|(prefix, wire)| location(prefix).map(|location| (Some(location), wire))).unwrap_or((None, key))
}

fn check_names(list: &[Argument], place: &Place, diagnostics: &mut Diagnostics) {
    for (index, argument) in list.iter().enumerate() {
        if list.iter().take(index).any(|earlier| earlier.name == argument.name) {
            diagnostics
                .error("E0303", place.clone(), format!("two arguments are called `{}`", argument.name))
                .hint(format!("rename one in the overlay, as in `arguments: {{\"body:{}\": {{rename: …}}}}`", argument.wire));
        }
        if !argument.hidden && !names::is_argument_name(&argument.name) {
            diagnostics
                .error("E0503", place.clone(), format!("assistants do not accept the argument name `{}`", argument.name))
                .hint("rename it in the overlay: 1 to 64 letters, digits, `_`, `.` or `-`");
        }
    }
}
