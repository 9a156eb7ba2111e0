//! The loose schema of a response: it describes what to expect and forbids nothing, because no real response may violate it.

use serde_json::{Map, Value as Json, json};

use super::{FORMATS, Schemas, merge_all_of};
use crate::lower::facets::is_on;
use crate::reference;
use crate::text;
use crate::tree::Node;

/// The most schemas of a response that are described, and their deepest nesting.
const MAX_RESPONSE_PARTS: usize = 400;
const MAX_RESPONSE_DEPTH: usize = 6;

impl Schemas<'_> {
    /// The loose schema of a response. It is always that of an object, because `structuredContent` in MCP is an object.
    pub(in crate::lower) fn response(&mut self, node: Option<&Node>) -> Map<String, Json> {
        let mut root = Map::from_iter([("type".to_owned(), Json::from("object"))]);
        let Some(node) = node else { return root };
        let is_array = self.is_array(node, MAX_RESPONSE_DEPTH);
        // the deepest description that stays within the limit on the number of schemas
        let described = (1..=MAX_RESPONSE_DEPTH).rev().find_map(|deepest| {
            (self.left, self.depth) = (MAX_RESPONSE_PARTS, deepest);
            let schema = if is_array {
                Map::from_iter([("properties".to_owned(), json!({"items": self.expectation(node, 1)}))])
            } else {
                self.expectation(node, 0)
            };
            (self.left > 0).then_some(schema)
        });
        root.extend(described.unwrap_or_default());
        root.shift_remove("description");
        root.shift_remove("items");
        root
    }

    fn is_array(&self, node: &Node, hops: usize) -> bool {
        if hops == 0 {
            return false;
        }
        if let Some(target) = reference::of(node) {
            return reference::resolve(self.root, target).is_ok_and(|(node, _)| self.is_array(node, hops - 1));
        }
        let parts = node.get("allOf").and_then(Node::items).unwrap_or_default();
        node.get("type").and_then(Node::text) == Some("array") || parts.iter().any(|part| self.is_array(part, hops - 1))
    }

    /// A schema that describes a value by its description and by keywords that only apply to values of one type.
    fn expectation(&mut self, node: &Node, depth: usize) -> Map<String, Json> {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return Map::new();
        }
        if let Some(target) = reference::of(node) {
            return self.follow(node, target, |schemas, node| schemas.expectation(node, depth)).unwrap_or_default();
        }
        let mut schema = Map::new();
        let words =
            node.get("description").and_then(Node::text).map(|text| text::plain(text, 120)).filter(|text| !text.is_empty());
        let kind = node.get("type").and_then(Node::text).unwrap_or_default();
        let scalar = matches!(kind, "string" | "integer" | "number" | "boolean");
        if let Some(words) = words.or_else(|| {
            scalar.then(|| {
                node.get("format").and_then(Node::text).filter(|format| FORMATS.contains(format)).unwrap_or(kind).to_owned()
            })
        }) {
            schema.insert("description".to_owned(), words.into());
        }
        if depth >= self.depth {
            return schema;
        }
        for part in ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|keyword| node.get(keyword)?.items()).flatten() {
            let part = self.expectation(part, depth);
            merge_all_of(&mut schema, part);
        }
        let mut properties = match schema.shift_remove("properties") {
            Some(Json::Object(inherited)) => inherited,
            _ => Map::new(),
        };
        let declared = node.get("properties").and_then(Node::members).into_iter().flatten();
        for (name, property) in declared.filter(|(_, property)| !is_on(self.root, property, "writeOnly")) {
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
}
