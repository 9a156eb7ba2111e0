//! Makes JSON Schemas for assistants (2020-12) from the schemas of OpenAPI 3.0.
//!
//! A schema is read in two ways. An **argument** schema is exact: a value that it allows is sent, and any other is rejected
//! before a request is made. A schema that lists properties is closed unless it declares otherwise, because an unknown member
//! would be lost. A **response** schema is loose: it describes what to expect and forbids nothing, because no real response may
//! violate it. Neither contains a `$ref`: referenced schemas are copied in, and a recursive reference becomes an open object.

mod response;

use serde_json::{Map, Value as Json, json};

use super::discriminator::Discriminator;
use super::facets::is_on;
use crate::diagnostics::{Diagnostics, Location};
use crate::names;
use crate::reference;
use crate::text;
use crate::tree::{Node, Value, join};

/// Longest description inside a schema, in characters.
const MAX_DESCRIPTION: usize = 280;

/// The most schemas of an argument, including referenced ones; assistants accept far fewer.
const MAX_ARGUMENT_PARTS: usize = 2_000;

/// The deepest nesting of these schemas.
const MAX_ARGUMENT_DEPTH: usize = 64;

/// Formats that are useful to an assistant.
pub(super) const FORMATS: [&str; 6] = ["date", "date-time", "time", "email", "uri", "uuid"];

const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "array", "object", "null"];

/// Keywords whose value is a count, and whose meaning is the same in both dialects.
const COUNTS: [&str; 6] = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

/// Keywords of JSON Schema that OpenAPI 3.0 cannot express.
const UNCHECKED: [&str; 6] = ["contains", "dependentRequired", "dependentSchemas", "if", "propertyNames", "unevaluatedItems"];

/// What the values of an enum follow in a description.
const VALUES: &str = "One of: ";

/// A text that takes the place of a schema's description, with what that one says of the values of an enum.
pub(super) fn with_listed_values(schema: &Map<String, Json>, text: String) -> String {
    let before = schema.get("description").and_then(Json::as_str).unwrap_or_default();
    let values = before.rfind(VALUES).and_then(|start| before.get(start..));
    match values {
        Some(values) => format!("{text} {values}"),
        None => text,
    }
}

/// Reads schemas of one operation.
pub(super) struct Schemas<'a> {
    root: &'a Node,
    diagnostics: &'a mut Diagnostics,
    location: Location,
    /// the references being followed
    stack: Vec<String>,
    /// how many more schemas may be read: copies of referenced schemas can take exponential space
    left: usize,
    depth: usize,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(root: &'a Node, location: &Location, diagnostics: &'a mut Diagnostics) -> Self {
        Self { root, diagnostics, location: location.clone(), stack: Vec::new(), left: MAX_ARGUMENT_PARTS, depth: 0 }
    }

    /// The exact schema of a value that is sent.
    pub(super) fn argument(&mut self, node: &Node) -> Map<String, Json> {
        let mut schema = self.stated(node);
        complete(&mut schema);
        schema
    }

    /// What a schema declares. [`complete`] decides about what it leaves open, after the parts of an `allOf` are merged.
    fn stated(&mut self, node: &Node) -> Map<String, Json> {
        if self.left == 0 {
            return open_object();
        }
        self.left -= 1;
        if self.left == 0 || self.depth == MAX_ARGUMENT_DEPTH {
            self.left = 0;
            let message = "the schema is too large or too deep once its references are followed";
            self.diagnostics
                .error("E0308", self.location.clone(), message)
                .hint("replace its inner objects by `type: object` in the overlay, or exclude the operation");
            return open_object();
        }
        self.depth += 1;
        let schema = match reference::of(node) {
            Some(target) => {
                let mut schema = self.follow(node, target, Self::stated).unwrap_or_else(open_object);
                describe(node, &mut schema);
                schema
            }
            None => self.stated_here(node),
        };
        self.depth -= 1;
        schema
    }

    fn stated_here(&mut self, node: &Node) -> Map<String, Json> {
        let mut schema = Map::new();
        describe(node, &mut schema);
        for part in node.get("allOf").and_then(Node::items).unwrap_or_default() {
            let part = self.stated(part);
            merge_all_of(&mut schema, part);
        }
        let type_name = self.type_of(node);
        self.choices(node, type_name.is_some() || schema.contains_key("type"), &mut schema);
        if let Some(type_name) = type_name {
            schema.insert("type".to_owned(), type_name);
        }
        self.limits(node, &mut schema);
        match node.get("format").and_then(Node::text) {
            Some("binary") => {
                schema.insert("contentMediaType".to_owned(), BYTES.into());
            }
            Some(format) if FORMATS.contains(&format) => {
                schema.insert("format".to_owned(), format.into());
            }
            _ => {}
        }
        Self::enumeration(node, &mut schema);
        self.members(node, &mut schema);
        if let Some(discriminator) = Discriminator::of(node) {
            discriminator.name_values(&mut schema, discriminator.values());
        }
        self.warn_of_unchecked(node);
        if let Some(items) = node.get("items") {
            let items = self.argument(items);
            schema.insert("items".to_owned(), items.into());
        }
        if node.get("nullable").and_then(Node::boolean).unwrap_or_default() {
            make_nullable(&mut schema);
        }
        schema
    }

    /// Reads alternatives. `oneOf` becomes `anyOf`: alternatives that exclude each other in the API may overlap when lowered.
    fn choices(&mut self, node: &Node, is_typed: bool, schema: &mut Map<String, Json>) {
        let choices: Vec<&Node> = ["oneOf", "anyOf"].iter().filter_map(|keyword| node.get(keyword)?.items()).flatten().collect();
        let mut read = Vec::with_capacity(choices.len());
        let discriminator = Discriminator::of(node);
        for part in choices {
            let mut choice = self.stated(part);
            if let Some(discriminator) = &discriminator {
                discriminator.name_values(&mut choice, discriminator.values_of(part));
            }
            // alternatives without a type only combine properties; the API checks them
            if is_typed && !choice.contains_key("type") {
                return;
            }
            complete(&mut choice);
            if is_typed && choice.contains_key("additionalProperties") {
                choice.insert("additionalProperties".to_owned(), true.into());
            }
            read.push(Json::from(choice));
        }
        if !read.is_empty() {
            schema.insert("anyOf".to_owned(), read.into());
        }
    }

    /// The type that a schema declares or that its other keywords imply.
    fn type_of(&mut self, node: &Node) -> Option<Json> {
        if let Some(stated) = node.get("type") {
            let names: Vec<&str> = match &stated.value {
                Value::Array(names) => names.iter().filter_map(Node::text).collect(),
                _ => stated.text().into_iter().collect(),
            };
            match names.iter().find(|name| !TYPES.contains(name)) {
                None if !names.is_empty() => return Some(stated.to_json()),
                wrong => {
                    let wrong = wrong.map_or_else(|| stated.to_json().to_string(), |name| (*name).to_owned());
                    let hint = names::nearest(&wrong, TYPES).map_or_else(
                        || format!("the types are `{}`", TYPES.join("`, `")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.wrong(stated, format!("`{wrong}` is not a type"), hint);
                }
            }
        }
        if node.get("properties").is_some() || node.get("additionalProperties").is_some() {
            return Some("object".into());
        }
        if node.get("items").is_some() {
            return Some("array".into());
        }
        let values = node.get("enum").and_then(Node::items).unwrap_or_default();
        let of_all = |is: fn(&Value) -> bool| !values.is_empty() && values.iter().all(|value| is(&value.value));
        match () {
            () if of_all(|value| matches!(value, Value::String(_))) => Some("string".into()),
            () if of_all(|value| matches!(value, Value::Number(_))) => Some("number".into()),
            () if of_all(|value| matches!(value, Value::Bool(_))) => Some("boolean".into()),
            () => None,
        }
    }

    /// Reads bounds and the default. A bound of the wrong type would make the whole schema invalid, so it is reported.
    fn limits(&mut self, node: &Node, schema: &mut Map<String, Json>) {
        if let Some(default) = node.get("default") {
            schema.insert("default".to_owned(), default.to_json());
        }
        for keyword in COUNTS {
            let Some(count) = node.get(keyword) else { continue };
            if count.unsigned().is_some() {
                tighten(schema, keyword.to_owned(), count.to_json());
            } else {
                self.wrong(count, format!("`{keyword}` is a whole number, not {}", count.kind()), "correct it in the overlay");
            }
        }
        if node.get("uniqueItems").and_then(Node::boolean).unwrap_or_default() {
            schema.insert("uniqueItems".to_owned(), true.into());
        }
        for keyword in ["multipleOf", "minimum", "maximum"] {
            let Some(bound) = node.get(keyword) else { continue };
            let exclusive = match keyword {
                "minimum" => "exclusiveMinimum",
                "maximum" => "exclusiveMaximum",
                _ => keyword,
            };
            // a boolean in OpenAPI 3.0, a number in JSON Schema 2020-12
            let is_exclusive = node.get(exclusive).and_then(Node::boolean).unwrap_or_default();
            if matches!(bound.value, Value::Number(_)) {
                tighten(schema, if is_exclusive { exclusive } else { keyword }.to_owned(), bound.to_json());
            } else {
                self.wrong(bound, format!("`{keyword}` is a number, not {}", bound.kind()), "correct it in the overlay");
            }
        }
    }

    /// Warns about keywords that restrict a value and that only the API checks.
    fn warn_of_unchecked(&mut self, node: &Node) {
        for keyword in UNCHECKED {
            let Some(stated) = node.get(keyword) else { continue };
            let location = Location { span: Some(stated.span), ..self.location.clone() };
            self.diagnostics
                .warning("E0311", location, format!("`{keyword}` is not checked before a call"))
                .hint("say it in the argument's description, and remove the keyword in the overlay");
        }
    }

    fn wrong(&mut self, node: &Node, message: String, hint: impl Into<String>) {
        let location = Location { span: Some(node.span), ..self.location.clone() };
        self.diagnostics.error("E0309", location, message).hint(hint);
    }

    /// Reads `properties`, `required` and `additionalProperties`.
    fn members(&mut self, node: &Node, schema: &mut Map<String, Json>) {
        if let Some(properties) = node.get("properties").and_then(Node::members) {
            let mut read = match schema.shift_remove("properties") {
                Some(Json::Object(inherited)) => inherited,
                _ => Map::new(),
            };
            for (name, property) in properties {
                if !is_on(self.root, property, "readOnly") {
                    let property = self.argument(property);
                    read.insert(name.clone(), property.into());
                }
            }
            schema.insert("properties".to_owned(), read.into());
        }
        let required = node.get("required").and_then(Node::items).unwrap_or_default();
        if !required.is_empty() {
            let names: Vec<Json> = required.iter().filter_map(Node::text).map(Json::from).collect();
            merge_all_of(schema, Map::from_iter([("required".to_owned(), names.into())]));
        }
        let additional = match node.get("additionalProperties") {
            // the schemas that the discriminator selects have further properties
            None if node.get("discriminator").is_some() && node.get("oneOf").or(node.get("anyOf")).is_none() => true.into(),
            None => return,
            Some(Node { value: Value::Bool(open), .. }) => (*open).into(),
            Some(additional) if additional.members().is_some_and(|members| !members.is_empty()) => {
                self.argument(additional).into()
            }
            Some(_) => true.into(),
        };
        schema.insert("additionalProperties".to_owned(), additional);
    }

    /// Reads an enum. Some assistants only accept enums of strings, so the values of other enums are added to the description.
    fn enumeration(node: &Node, schema: &mut Map<String, Json>) {
        let Some(values) = node.get("enum").and_then(Node::items).filter(|values| !values.is_empty()) else { return };
        if values.iter().all(|value| matches!(value.value, Value::String(_) | Value::Null)) {
            let mut seen: Vec<Json> = Vec::with_capacity(values.len());
            for value in values.iter().map(Node::to_json) {
                if !seen.contains(&value) {
                    seen.push(value);
                }
            }
            tighten(schema, "enum".to_owned(), seen.into());
        } else {
            let listed: Vec<String> = values.iter().map(|value| value.to_json().to_string()).collect();
            let before = schema.get("description").and_then(Json::as_str).map(|text| format!("{text} ")).unwrap_or_default();
            schema.insert("description".to_owned(), format!("{before}{VALUES}{}.", listed.join(", ")).into());
        }
    }

    /// Reads the target of a reference; `None` if that would recurse. An unresolved reference is reported.
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
                let location =
                    Location { span: Some(site.span), pointer: join(&self.location.pointer, "…"), ..self.location.clone() };
                self.diagnostics.error("E0107", location, message).hint(hint);
                Some(Map::new())
            }
        }
    }
}

/// The media type by which a schema describes bytes.
pub(super) const BYTES: &str = "application/octet-stream";

/// The schema that replaces a recursive or unreadable one.
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

fn describe(node: &Node, schema: &mut Map<String, Json>) {
    let text = node.get("description").and_then(Node::text).map(|text| text::plain(text, MAX_DESCRIPTION));
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        let text = with_listed_values(schema, text);
        schema.insert("description".to_owned(), text.into());
    }
}

/// Decides what a schema leaves open: without a type it allows any type, and with properties it is closed.
fn complete(schema: &mut Map<String, Json>) {
    if !schema.contains_key("type") && !schema.contains_key("anyOf") {
        schema.insert("type".to_owned(), any_type());
        // if any type is allowed, keywords of single types are not needed
        if !["properties", "additionalProperties", "items"].iter().any(|keyword| schema.contains_key(*keyword)) {
            return;
        }
    }
    let [properties, required, additional] =
        ["properties", "required", "additionalProperties"].map(|keyword| schema.shift_remove(keyword));
    if allows(schema, "object") {
        let properties = properties.and_then(|properties| properties.as_object().cloned()).unwrap_or_default();
        let is_closed = !properties.is_empty() && !schema.contains_key("anyOf");
        let mut required = required.and_then(|required| required.as_array().cloned()).unwrap_or_default();
        required.retain(|name| name.as_str().is_some_and(|name| properties.contains_key(name)));
        schema.insert("properties".to_owned(), properties.into());
        if !required.is_empty() {
            schema.insert("required".to_owned(), required.into());
        }
        schema.insert("additionalProperties".to_owned(), additional.unwrap_or_else(|| (!is_closed).into()));
    }
    let items = schema.shift_remove("items");
    if allows(schema, "array") {
        schema.insert("items".to_owned(), items.unwrap_or_else(|| json!({"type": any_type()})));
    }
}

/// Whether a schema's `type` allows values of this type.
pub(super) fn allows(schema: &Map<String, Json>, kind: &str) -> bool {
    match schema.get("type") {
        Some(Json::String(only)) => only == kind,
        Some(Json::Array(kinds)) => kinds.iter().any(|one| one == kind),
        _ => false,
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
    for keyword in ["enum", "anyOf"] {
        if let Some(Json::Array(values)) = schema.get_mut(keyword) {
            let null = if keyword == "enum" { Json::Null } else { json!({"type": "null"}) };
            if !values.contains(&null) {
                values.push(null);
            }
        }
    }
}

/// Merges a part of an `allOf`: `properties` and `required` are combined, and of other keywords the later one wins.
fn merge_all_of(schema: &mut Map<String, Json>, part: Map<String, Json>) {
    for (keyword, value) in part {
        match (schema.get_mut(&keyword), value) {
            (Some(Json::Object(properties)), Json::Object(more)) if keyword == "properties" => properties.extend(more),
            (Some(Json::Array(names)), Json::Array(more)) if keyword == "required" => {
                let fresh: Vec<Json> = more.into_iter().filter(|name| !names.contains(name)).collect();
                names.extend(fresh);
            }
            // `additionalProperties: false` of one part cannot apply to the properties of the others
            (Some(stated), _) if keyword == "additionalProperties" && *stated != false => {}
            (Some(Json::String(text)), Json::String(more)) if keyword == "description" => {
                let values = more.rfind(VALUES).and_then(|start| more.get(start..)).filter(|_| !text.contains(VALUES));
                text.extend(values.into_iter().flat_map(|values| [" ", values]));
            }
            (_, value) => tighten(schema, keyword, value),
        }
    }
}

/// Sets a keyword. Where a part of an `allOf` has it, too, both count: the values that are in both enums, and the tighter bound.
fn tighten(schema: &mut Map<String, Json>, keyword: String, value: Json) {
    let is_upper = |keyword: &str| matches!(keyword, "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties");
    let is_lower = |keyword: &str| matches!(keyword, "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties");
    let stated = schema.get(&keyword);
    let both = stated.and_then(Json::as_f64).zip(value.as_f64());
    let kept = match (stated, &value) {
        (Some(Json::Array(values)), Json::Array(others)) if keyword == "enum" => {
            let shared: Vec<Json> = values.iter().filter(|value| others.contains(value)).cloned().collect();
            (!shared.is_empty()).then_some(shared.into())
        }
        (Some(stated), _) if is_upper(&keyword) && both.is_some_and(|(stated, new)| stated < new) => Some(stated.clone()),
        (Some(stated), _) if is_lower(&keyword) && both.is_some_and(|(stated, new)| stated > new) => Some(stated.clone()),
        _ => None,
    };
    schema.insert(keyword, kept.unwrap_or(value));
}
