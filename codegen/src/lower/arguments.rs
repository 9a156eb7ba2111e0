//! The arguments of a tool: what the document calls parameters and the properties of the body, in one flat list.

use serde_json::{Map, Value as Json, json};

use super::schema::{Schemas, allows};
use crate::annotation::{Annotation, ArgumentAnnotation};
use crate::diagnostics::{Diagnostics, Place};
use crate::ir::{Argument, Body, Encoding, Location, Scalar};
use crate::names;
use crate::texts;
use crate::tree::{Node, join};

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
    let as_json = node.get("content").and_then(|content| content.get("application/json"));
    let Some(schema) = as_json.and_then(|json| json.get("schema")).or_else(|| node.get("schema")) else {
        diagnostics
            .error("E0301", place.clone(), format!("the parameter `{wire}` has no schema"))
            .hint("give it `schema`, or `content` with `application/json`");
        return None;
    };
    let mut schema = Schemas::new(root, place, diagnostics).argument(schema);
    let encoding =
        if as_json.is_some() { Encoding::Json } else { encoding(node, location, &mut schema, wire, place, diagnostics)? };
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
    if allows(schema, "array") && schema.get("type").is_some_and(Json::is_string) {
        let style = node.get("style").and_then(Node::text).unwrap_or("form");
        let explode = node.get("explode").and_then(Node::boolean).unwrap_or(style == "form");
        return Some(match style {
            "spaceDelimited" => Encoding::Joined(' '),
            "pipeDelimited" => Encoding::Joined('|'),
            _ if location == Location::Query && explode => {
                Encoding::Repeated(schema.get("items").and_then(Json::as_object).map_or(Scalar::String, scalar))
            }
            _ => Encoding::Joined(','),
        });
    }
    if allows(schema, "object") && schema.get("type").is_some_and(Json::is_string) {
        diagnostics.error("E0304", place.clone(), format!("`{wire}` is an object in a parameter")).hint(
            "if the API takes JSON there, say so in the overlay with `content: {application/json: …}`; else hide the operation",
        );
        return None;
    }
    let scalar = scalar(schema);
    if scalar == Scalar::String && !allows(schema, "string") {
        // a parameter is text on the wire, whatever else the schema leaves open
        schema.insert("type".to_owned(), "string".into());
    }
    Some(Encoding::Plain(scalar))
}

fn scalar(schema: &Map<String, Json>) -> Scalar {
    match schema.get("type").and_then(Json::as_str) {
        Some("integer") => Scalar::Integer,
        Some("boolean") => Scalar::Boolean,
        Some("number") => Scalar::Number,
        _ => Scalar::String,
    }
}

fn read_body(root: &Node, node: &Node, place: &Place, diagnostics: &mut Diagnostics, arguments: &mut Arguments) {
    let content = node.get("content").and_then(Node::members);
    let media =
        |wanted: fn(&str) -> bool| content.into_iter().flatten().find(|(name, _)| wanted(essence(name))).map(|(_, media)| media);
    let json = media(|name| name == "application/json" || name.ends_with("+json"));
    let form = media(|name| name == "multipart/form-data");
    let Some(schema) = json.or(form).map(|media| media.get("schema").unwrap_or(media)) else {
        let names: Vec<&str> = content.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        diagnostics
            .error("E0306", place.clone(), format!("no body type that can be sent: `{}`", names.join("`, `")))
            .hint("JSON and `multipart/form-data` are; otherwise exclude the operation");
        return;
    };
    let is_form = json.is_none();
    let mut schema = Schemas::new(root, place, diagnostics).argument(schema);
    let is_object = schema.get("type").is_some_and(|kind| kind == "object");
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
        arguments.list.push(body_argument(&name, property, is_required));
    }
    if is_form {
        take_files(root, node, arguments);
    }
    arguments.body = Some(if is_form { Body::Form } else { Body::Object { open } });
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
fn take_files(root: &Node, body: &Node, arguments: &mut Arguments) {
    let schema = body.get("content").and_then(|content| content.get("multipart/form-data")).and_then(|media| media.get("schema"));
    let schema = schema.and_then(|schema| match crate::reference::of(schema) {
        Some(target) => crate::reference::resolve(root, target).ok().map(|(node, _)| node),
        None => Some(schema),
    });
    for argument in &mut arguments.list {
        let part = schema.and_then(|schema| schema.get("properties")).and_then(|properties| properties.get(&argument.wire));
        if argument.location != Location::Body || part.and_then(|part| part.get("format")).and_then(Node::text) != Some("binary")
        {
            continue;
        }
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
}

/// The media type without its parameters, in lower case letters as written.
fn essence(name: &str) -> &str {
    name.split(';').next().unwrap_or(name).trim()
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
    for (name, default) in [("fields", &annotation.fields), ("size", &annotation.size)] {
        let Some(default) = default else { continue };
        match arguments.list.iter_mut().find(|argument| argument.name == name) {
            Some(argument) => {
                set(&mut argument.schema, "default", default.clone());
                arguments.defaults.insert(name.to_owned(), default.clone());
            }
            None => {
                diagnostics
                    .warning(
                        "E0214",
                        place.clone(),
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
                .error("E0213", note.place.clone(), format!("the default of `{}` is not of its type: {default}", argument.wire))
                .hint(format!("its schema says {}", argument.schema.get("type").unwrap_or(&Json::Null)));
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
