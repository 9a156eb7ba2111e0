//! What the document declares about a tool and the tool does not show, for the review of a change: patterns, deprecation, limits
//! that are told in words, examples. Assistants do not see them, but a call may fail or a result may mislead once they change.
//!
//! A place is a pointer: `/query size`, `/body/filters/[]/key`, `/response/apps/[]/id`, or empty for the operation itself.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::discriminator::Discriminator;
use super::media_type;
use super::operation::success;
use super::schema::FORMATS;
use crate::corrections::shown;
use crate::tree::{Node, join};
use crate::{emit, reference, text};

/// What is recorded at each place, by its name.
type Facets = BTreeMap<String, BTreeMap<String, String>>;

/// The most schemas that are read, and their deepest nesting. What is beyond that is not recorded.
const MAX_PARTS: usize = 4_000;
const MAX_DEPTH: usize = 64;

/// Extensions by which documents state the day of removal.
const SUNSETS: [&str; 4] = ["x-sunset", "x-sunset-date", "x-sunsetDate", "x-deprecation-date"];

/// Reads the facets of an operation.
pub(super) fn facets(root: &Node, operation: &Node) -> Facets {
    let mut reader = FacetReader { root, stack: Vec::new(), left: MAX_PARTS, depth: 0, found: Facets::new() };
    reader.words(operation, "");
    for parameter in operation.get("parameters").and_then(Node::items).unwrap_or_default() {
        let member = |key: &str| parameter.get(key).and_then(Node::text).unwrap_or_default();
        let place = join("", &format!("{} {}", member("in"), member("name")));
        reader.declared(parameter, &place);
        let content = media_type::json_content(parameter).and_then(|(_, content)| content.get("schema"));
        if let Some(schema) = content.or_else(|| parameter.get("schema")) {
            reader.read(schema, &place, Side::Request);
        }
    }
    if let Some(body) = operation.get("requestBody") {
        reader.words(body, "/body");
        reader.content(body, "/body", Side::Request);
    }
    if let Some((_, response)) = success(operation) {
        reader.content(response, "/response", Side::Response);
    }
    reader.found
}

/// Whether a schema or the schema that it refers to has a switch that is on.
pub(crate) fn is_on(root: &Node, schema: &Node, switch: &str) -> bool {
    let on = |node: &Node| node.get(switch).and_then(Node::boolean).unwrap_or_default();
    let target = reference::of(schema).and_then(|target| reference::resolve(root, target).ok());
    on(schema) || target.is_some_and(|(node, _)| on(node))
}

/// The format of a schema, if it is one that assistants do not see.
pub(crate) fn hidden_format(schema: &Node) -> Option<&str> {
    let format = schema.get("format").and_then(Node::text)?;
    Some(format).filter(|format| *format != "binary" && !FORMATS.contains(format))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Response,
}

impl Side {
    /// The switch by which a property does not belong to this side.
    fn absence(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

struct FacetReader<'a> {
    root: &'a Node,
    /// the references being followed
    stack: Vec<String>,
    left: usize,
    depth: usize,
    found: Facets,
}

impl FacetReader<'_> {
    fn content(&mut self, node: &Node, place: &str, side: Side) {
        for (_, content) in node.get("content").and_then(Node::members).into_iter().flatten() {
            self.examples(content, place);
            if let Some(schema) = content.get("schema") {
                self.read(schema, place, side);
            }
        }
    }

    fn read(&mut self, node: &Node, place: &str, side: Side) {
        if self.left == 0 || self.depth == MAX_DEPTH {
            return;
        }
        self.left -= 1;
        self.depth += 1;
        match reference::of(node).map(|target| reference::resolve(self.root, target)) {
            None => self.read_here(node, place, side),
            Some(Ok((_, target))) if self.stack.contains(&target) => {}
            Some(Ok((target_node, target))) => {
                self.words(node, place);
                self.stack.push(target);
                self.read(target_node, place, side);
                self.stack.pop();
            }
            Some(Err(_)) => {}
        }
        self.depth -= 1;
    }

    fn read_here(&mut self, node: &Node, place: &str, side: Side) {
        self.declared(node, place);
        if let Some(pattern) = node.get("pattern").and_then(Node::text) {
            self.record(place, "pattern", pattern);
        }
        // the fields of a response contain their formats
        if let Some(format) = hidden_format(node).filter(|_| side == Side::Request) {
            self.record(place, "format", format);
        }
        if let Some(mapping) = Discriminator::of(node).map(|discriminator| discriminator.shown()) {
            self.record(place, "discriminator", &mapping);
        }
        for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|keyword| node.get(keyword)?.items()).flatten() {
            self.read(part, place, side);
        }
        for (name, property) in node.get("properties").and_then(Node::members).into_iter().flatten() {
            if !is_on(self.root, property, side.absence()) {
                self.read(property, &join(place, name), side);
            }
        }
        for (keyword, name) in [("items", "[]"), ("additionalProperties", "*")] {
            if let Some(inner) = node.get(keyword).filter(|inner| inner.members().is_some()) {
                self.read(inner, &join(place, name), side);
            }
        }
    }

    /// What a parameter and a schema can both declare.
    fn declared(&mut self, node: &Node, place: &str) {
        for switch in ["deprecated", "readOnly", "writeOnly", "allowReserved"] {
            if node.get(switch).and_then(Node::boolean).unwrap_or_default() {
                self.record(place, switch, "true");
            }
        }
        self.words(node, place);
        self.examples(node, place);
    }

    /// What a text says about limits and about an end, and the extensions that state an end.
    fn words(&mut self, node: &Node, place: &str) {
        for stated in SUNSETS.iter().filter_map(|key| node.get(key)) {
            let day = stated.text().map_or_else(|| stated.to_json().to_string(), str::to_owned);
            self.record(place, "sunset", &day);
        }
        let told = ["summary", "description"].iter().filter_map(|key| node.get(key)?.text());
        for sentence in told.flat_map(text::sentences) {
            if text::tells_an_end(&sentence) {
                self.record(place, "sunset", &sentence);
            } else if text::tells_a_limit(&sentence) {
                self.record(place, "limits", &sentence);
            }
        }
    }

    fn examples(&mut self, node: &Node, place: &str) {
        for stated in ["example", "examples"].iter().filter_map(|key| node.get(key)) {
            self.record(place, "example", &written(&stated.to_json()));
        }
    }

    /// Records a value. A place that several alternatives describe has the values of all of them.
    fn record(&mut self, place: &str, name: &str, value: &str) {
        let values = self.found.entry(place.to_owned()).or_default().entry(name.to_owned()).or_default();
        let value = shown(&text::line(value));
        if values.is_empty() {
            *values = value;
        } else if !values.split(" | ").any(|known| known == value) {
            *values = shown(&format!("{values} | {value}"));
        }
    }
}

fn written(json: &Json) -> String {
    json.as_str().map_or_else(|| emit::sorted(json).to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{diagnostics::Diagnostics, load::load, tree::File};

    fn read(operation: &Json, schemas: &Json) -> Json {
        let text = json!({ "operation": operation, "components": { "schemas": schemas } }).to_string();
        let root = load(&text, File::Document, &mut Diagnostics::default()).unwrap();
        json!(facets(&root, root.get("operation").unwrap()))
    }

    #[test]
    fn what_the_tool_does_not_show_has_its_place() {
        let operation = json!({
            "description": "Lists. At most 100 a day. It will be removed on 2026-12-01.", "x-sunset": "2026-12-01",
            "parameters": [{ "in": "query", "name": "q", "deprecated": true, "allowReserved": true, "schema": { "type": "string", "pattern": "^a" } }],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } },
            "responses": { "200": { "content": { "application/json": { "example": { "id": 1 }, "schema": { "$ref": "#/components/schemas/A" } } } } },
        });
        let schemas = json!({ "A": { "properties": {
            "id": { "readOnly": true, "example": 7 },
            "key": { "writeOnly": true, "pattern": "^k", "description": "Maximum 50 signs." },
            "inner": { "type": "array", "items": { "$ref": "#/components/schemas/A" } },
            "either": { "oneOf": [{ "pattern": "a" }, { "pattern": "b" }] },
        } } });
        let expected = json!({
            "": { "limits": "At most 100 a day.", "sunset": "2026-12-01 | It will be removed on 2026-12-01." },
            "/body/either": { "pattern": "a | b" },
            "/body/key": { "limits": "Maximum 50 signs.", "pattern": "^k", "writeOnly": "true" },
            "/query q": { "allowReserved": "true", "deprecated": "true", "pattern": "^a" },
            "/response": { "example": "{\"id\":1}" },
            "/response/either": { "pattern": "a | b" },
            "/response/id": { "example": "7", "readOnly": "true" },
        });
        assert_eq!(read(&operation, &schemas), expected);
    }
}
