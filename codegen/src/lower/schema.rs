//! JSON Schemas for assistants (2020-12), from the schemas of OpenAPI 3.0.
//!
//! Two readings of the same thing. An **argument** schema is exact: what it allows is sent, what it does not is refused before
//! any request; a schema that lists properties is closed unless it says otherwise, because an unknown key would be lost. An
//! **answer** schema is loose: it tells what to expect and forbids nothing, because a real answer must never violate it.
//! Neither holds a `$ref`: references are copied in, and a recursive one ends as an open object.

use serde_json::{Map, Value as Json, json};

use crate::diagnostics::{Diagnostics, Place};
use crate::reference;
use crate::texts;
use crate::tree::{Node, Value, join};

/// Longest description inside a schema, in characters.
const MAX_DESCRIPTION: usize = 280;

/// The deepest level of an answer worth describing.
const MAX_ANSWER_DEPTH: usize = 6;

/// Formats that mean something to an assistant.
const FORMATS: [&str; 6] = ["date", "date-time", "time", "email", "uri", "uuid"];

/// Keywords whose meaning is the same in both dialects.
const KEPT: [&str; 10] = [
    "default",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "multipleOf",
    "title",
];

/// Reads schemas of one operation.
pub(super) struct Schemas<'a> {
    pub(super) root: &'a Node,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) place: Place,
    stack: Vec<String>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(root: &'a Node, place: &Place, diagnostics: &'a mut Diagnostics) -> Self {
        Self { root, diagnostics, place: place.clone(), stack: Vec::new() }
    }

    /// The exact schema of something that is sent.
    pub(super) fn argument(&mut self, node: &Node) -> Map<String, Json> {
        if let Some(target) = reference::of(node) {
            let described = node.get("description").and_then(Node::text);
            let mut schema = self.follow(node, target, Self::argument).unwrap_or_else(open_object);
            if let Some(text) = described {
                schema.insert("description".to_owned(), texts::plain(text, MAX_DESCRIPTION).into());
            }
            return schema;
        }
        let mut schema = Map::new();
        if let Some(text) = node
            .get("description")
            .and_then(Node::text)
            .map(|text| texts::plain(text, MAX_DESCRIPTION))
            .filter(|text| !text.is_empty())
        {
            schema.insert("description".to_owned(), text.into());
        }
        for part in node.get("allOf").and_then(Node::items).unwrap_or_default() {
            let part = self.argument(part);
            merge_all_of(&mut schema, part);
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(choices) = node.get(keyword).and_then(Node::items) {
                let choices: Vec<Json> = choices.iter().map(|choice| self.argument(choice).into()).collect();
                schema.insert(keyword.to_owned(), choices.into());
            }
        }
        let is_choice = schema.contains_key("oneOf") || schema.contains_key("anyOf");
        if !is_choice && !schema.contains_key("type") {
            schema.insert("type".to_owned(), type_of(node));
        }
        for keyword in KEPT.iter().filter(|keyword| **keyword != "title") {
            if let Some(value) = node.get(keyword) {
                schema.insert((*keyword).to_owned(), value.to_json());
            }
        }
        if let Some(format) = node.get("format").and_then(Node::text).filter(|format| FORMATS.contains(format)) {
            schema.insert("format".to_owned(), format.into());
        }
        bounds(node, &mut schema);
        Self::enumeration(node, &mut schema);
        self.members(node, &mut schema);
        if allows(&schema, "array") && !schema.contains_key("items") {
            let items =
                node.get("items").map_or_else(|| Map::from_iter([("type".to_owned(), any_type())]), |items| self.argument(items));
            schema.insert("items".to_owned(), items.into());
        }
        if node.get("nullable").and_then(Node::boolean).unwrap_or_default() {
            make_nullable(&mut schema);
        }
        schema
    }

    /// Properties, `required` and `additionalProperties`.
    fn members(&mut self, node: &Node, schema: &mut Map<String, Json>) {
        if !allows(schema, "object") {
            return;
        }
        let mut properties = match schema.remove("properties") {
            Some(Json::Object(inherited)) => inherited,
            _ => Map::new(),
        };
        for (name, property) in node.get("properties").and_then(Node::members).into_iter().flatten() {
            if !property.get("readOnly").and_then(Node::boolean).unwrap_or_default() {
                let property = self.argument(property);
                properties.insert(name.clone(), property.into());
            }
        }
        let mut required: Vec<Json> = match schema.remove("required") {
            Some(Json::Array(inherited)) => inherited,
            _ => Vec::new(),
        };
        for name in node.get("required").and_then(Node::items).unwrap_or_default().iter().filter_map(Node::text) {
            if properties.contains_key(name) && !required.iter().any(|other| other == name) {
                required.push(name.into());
            }
        }
        let additional = match node.get("additionalProperties") {
            Some(Node { value: Value::Bool(open), .. }) => (*open).into(),
            Some(additional) if additional.members().is_some_and(|members| !members.is_empty()) => {
                self.argument(additional).into()
            }
            Some(_) => true.into(),
            None => schema
                .remove("additionalProperties")
                .filter(|inherited| inherited != false)
                .unwrap_or_else(|| properties.is_empty().into()),
        };
        schema.insert("properties".to_owned(), properties.into());
        if !required.is_empty() {
            schema.insert("required".to_owned(), required.into());
        }
        schema.insert("additionalProperties".to_owned(), additional);
    }

    /// Some assistants only take enums of strings, so others become part of the description.
    fn enumeration(node: &Node, schema: &mut Map<String, Json>) {
        let Some(values) = node.get("enum").and_then(Node::items) else { return };
        if values.iter().all(|value| matches!(value.value, Value::String(_) | Value::Null)) {
            let mut seen: Vec<Json> = Vec::with_capacity(values.len());
            for value in values.iter().map(Node::to_json) {
                if !seen.contains(&value) {
                    seen.push(value);
                }
            }
            schema.insert("enum".to_owned(), seen.into());
        } else {
            let listed: Vec<String> = values.iter().map(|value| value.to_json().to_string()).collect();
            let before = schema.get("description").and_then(Json::as_str).map(|text| format!("{text} ")).unwrap_or_default();
            schema.insert("description".to_owned(), format!("{before}One of: {}.", listed.join(", ")).into());
        }
    }

    /// The loose schema of what comes back; always an object, as `structuredContent` is.
    pub(super) fn answer(&mut self, node: Option<&Node>) -> Json {
        let Some(node) = node else { return json!({"type": "object"}) };
        let is_array = self.resolved_type(node) == Some("array");
        let mut schema = if is_array {
            Map::from_iter([("properties".to_owned(), json!({"items": self.expectation(node, 1)}))])
        } else {
            self.expectation(node, 0)
        };
        schema.remove("description");
        let mut root = Map::from_iter([("type".to_owned(), Json::from("object"))]);
        root.extend(schema);
        root.remove("items");
        root.into()
    }

    fn resolved_type(&self, node: &'a Node) -> Option<&'a str> {
        let node = match reference::of(node) {
            Some(target) => reference::resolve(self.root, target).ok()?.0,
            None => node,
        };
        node.get("type").and_then(Node::text)
    }

    /// What to expect, as keywords that only apply where the value has that shape, and words.
    fn expectation(&mut self, node: &Node, depth: usize) -> Map<String, Json> {
        if let Some(target) = reference::of(node) {
            return self.follow(node, target, |schemas, node| schemas.expectation(node, depth)).unwrap_or_default();
        }
        let mut schema = Map::new();
        let words =
            node.get("description").and_then(Node::text).map(|text| texts::plain(text, 120)).filter(|text| !text.is_empty());
        let kind = node.get("type").and_then(Node::text).unwrap_or_default();
        let scalar = matches!(kind, "string" | "integer" | "number" | "boolean");
        if let Some(words) = words.or_else(|| {
            scalar.then(|| {
                node.get("format").and_then(Node::text).filter(|format| FORMATS.contains(format)).unwrap_or(kind).to_owned()
            })
        }) {
            schema.insert("description".to_owned(), words.into());
        }
        if depth >= MAX_ANSWER_DEPTH {
            return schema;
        }
        for part in ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|keyword| node.get(keyword)?.items()).flatten() {
            let part = self.expectation(part, depth);
            merge_all_of(&mut schema, part);
        }
        let mut properties = match schema.remove("properties") {
            Some(Json::Object(inherited)) => inherited,
            _ => Map::new(),
        };
        for (name, property) in node.get("properties").and_then(Node::members).into_iter().flatten() {
            let property = self.expectation(property, depth + 1);
            properties.insert(name.clone(), property.into());
        }
        if !properties.is_empty() {
            schema.insert("properties".to_owned(), properties.into());
        }
        if let Some(items) = node.get("items") {
            let items = self.expectation(items, depth + 1);
            if !items.is_empty() {
                schema.insert("items".to_owned(), items.into());
            }
        }
        schema
    }

    /// Reads what a reference names; `None` where that would recurse or where it leads nowhere, which is reported.
    fn follow(
        &mut self,
        site: &Node,
        target: &str,
        read: impl FnOnce(&mut Self, &Node) -> Map<String, Json>,
    ) -> Option<Map<String, Json>> {
        match reference::resolve(self.root, target) {
            Ok((_, pointer)) if self.stack.contains(&pointer) => None,
            Ok((node, pointer)) => {
                self.stack.push(pointer);
                let schema = read(self, node);
                self.stack.pop();
                Some(schema)
            }
            Err(unresolved) => {
                let (message, hint) = unresolved.explain(target);
                let place = Place { at: Some(site.at), pointer: join(&self.place.pointer, "…"), ..self.place.clone() };
                self.diagnostics.error("E0107", place, message).hint(hint);
                None
            }
        }
    }
}

/// What a recursive or unreadable schema becomes.
fn open_object() -> Map<String, Json> {
    Map::from_iter([
        ("type".to_owned(), Json::from("object")),
        ("properties".to_owned(), json!({})),
        ("additionalProperties".to_owned(), Json::from(true)),
    ])
}

fn any_type() -> Json {
    json!(["string", "number", "boolean", "object", "array", "null"])
}

/// The type a schema states, or evidently means.
fn type_of(node: &Node) -> Json {
    if let Some(stated) = node.get("type").and_then(Node::text) {
        return stated.into();
    }
    if node.get("properties").is_some() || node.get("additionalProperties").is_some() {
        return "object".into();
    }
    if node.get("items").is_some() {
        return "array".into();
    }
    match node.get("enum").and_then(Node::items).and_then(<[Node]>::first).map(|first| &first.value) {
        Some(Value::String(_)) => "string".into(),
        Some(Value::Number(_)) => "number".into(),
        Some(Value::Bool(_)) => "boolean".into(),
        _ => any_type(),
    }
}

/// Whether a schema's `type` lets a value be of the kind.
pub(super) fn allows(schema: &Map<String, Json>, kind: &str) -> bool {
    match schema.get("type") {
        Some(Json::String(only)) => only == kind,
        Some(Json::Array(kinds)) => kinds.iter().any(|one| one == kind),
        _ => false,
    }
}

/// `exclusiveMinimum` is a switch in OpenAPI 3.0 and a number in JSON Schema 2020-12.
fn bounds(node: &Node, schema: &mut Map<String, Json>) {
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        let is_exclusive = node.get(exclusive).and_then(Node::boolean).unwrap_or_default();
        if let Some(value) = node.get(bound).filter(|value| matches!(value.value, Value::Number(_))) {
            schema.insert(if is_exclusive { exclusive } else { bound }.to_owned(), value.to_json());
        }
    }
}

fn make_nullable(schema: &mut Map<String, Json>) {
    match schema.get_mut("type") {
        Some(Json::String(only)) => {
            let both = json!([only.clone(), "null"]);
            schema.insert("type".to_owned(), both);
        }
        Some(Json::Array(kinds)) if !kinds.iter().any(|kind| kind == "null") => kinds.push("null".into()),
        _ => {}
    }
    for keyword in ["enum", "anyOf", "oneOf"] {
        if let Some(Json::Array(values)) = schema.get_mut(keyword) {
            let null = if keyword == "enum" { Json::Null } else { json!({"type": "null"}) };
            if !values.contains(&null) {
                values.push(null);
            }
        }
    }
}

/// All of several schemas hold: properties and requirements add up, otherwise the later one decides.
fn merge_all_of(schema: &mut Map<String, Json>, part: Map<String, Json>) {
    for (keyword, value) in part {
        match (schema.get_mut(&keyword), value) {
            (Some(Json::Object(properties)), Json::Object(more)) if keyword == "properties" => properties.extend(more),
            (Some(Json::Array(names)), Json::Array(more)) if keyword == "required" => {
                let fresh: Vec<Json> = more.into_iter().filter(|name| !names.contains(name)).collect();
                names.extend(fresh);
            }
            // one part's silence about further properties is not a ban for the others
            (Some(Json::Bool(true)), _) if keyword == "additionalProperties" => {}
            (Some(_), _) if keyword == "description" => {}
            (_, value) => {
                schema.insert(keyword, value);
            }
        }
    }
}
