//! The fields of a response with their types, for the review of a change. Assistants do not see them.
//!
//! The schema that assistants see ([`super::schema`]) is loose and limited in depth. These fields contain everything that the
//! document declares about their values, so that every change is visible.

use std::collections::{BTreeMap, BTreeSet};

use super::discriminator::Discriminator;
use super::facets::is_on;
use crate::reference;
use crate::tree::{Node, Value, join};

/// The most schemas that are listed, and their deepest nesting. A larger response has a digest instead.
const MAX_PARTS: usize = 4_000;
const MAX_DEPTH: usize = 64;

/// The types of each field, such as `integer | null` or `'open' | 'closed'`, by its pointer in the response, in which `[]` stands
/// for each item and `*` for each member without a declared name. An object or a list is left out if something inside it is
/// listed.
pub(super) fn fields(root: &Node, schema: Option<&Node>) -> BTreeMap<String, String> {
    let Some(schema) = schema else { return BTreeMap::new() };
    let mut reader = FieldReader { root, stack: Vec::new(), left: MAX_PARTS, depth: 0, kinds: BTreeMap::new() };
    reader.read(schema, "", false);
    if reader.left == 0 {
        return BTreeMap::from([(String::new(), format!("too large to list: {}", digest(root, schema)))]);
    }
    let kinds = reader.kinds;
    // a list is returned as the member `items` of an object
    let top = if kinds.get("").is_some_and(|kinds| kinds.contains("array")) { "/items" } else { "" };
    let goes_without_saying = |pointer: &str, said: &BTreeSet<String>| {
        let below = format!("{pointer}/");
        said.len() == 1
            && (said.contains("object") || said.contains("array"))
            && kinds.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below))
    };
    let listed = kinds.iter().filter(|(pointer, said)| !goes_without_saying(pointer, said));
    listed.map(|(pointer, said)| (format!("{top}{pointer}"), joined(said))).collect()
}

fn joined(kinds: &BTreeSet<String>) -> String {
    let mut kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    kinds.sort_by_key(|kind| *kind == "null");
    kinds.join(" | ")
}

struct FieldReader<'a> {
    root: &'a Node,
    /// the references being followed
    stack: Vec<String>,
    /// how many more schemas may be read: copies of referenced schemas can take exponential space
    left: usize,
    depth: usize,
    kinds: BTreeMap<String, BTreeSet<String>>,
}

impl FieldReader<'_> {
    /// Reads a schema. A part of another one that has no type allows what the others allow.
    fn read(&mut self, node: &Node, pointer: &str, is_part: bool) {
        self.left = if self.depth == MAX_DEPTH { 0 } else { self.left.saturating_sub(1) };
        if self.left == 0 {
            return;
        }
        self.depth += 1;
        match reference::of(node).map(|target| reference::resolve(self.root, target)) {
            None => self.read_here(node, pointer, is_part),
            Some(Ok((_, target))) if self.stack.contains(&target) => self.say(pointer, "recursive".to_owned()),
            Some(Ok((node, target))) => {
                self.stack.push(target);
                self.read(node, pointer, is_part);
                self.stack.pop();
            }
            Some(Err(_)) => self.say(pointer, "unknown".to_owned()),
        }
        self.depth -= 1;
    }

    fn read_here(&mut self, node: &Node, pointer: &str, is_part: bool) {
        let kinds = kinds(node);
        let has_kinds = !kinds.is_empty() || is_part;
        let parts = |keyword: &str| node.get(keyword).and_then(Node::items).unwrap_or_default().iter();
        let parts: Vec<(&Node, bool)> = parts("allOf")
            .map(|part| (part, true))
            .chain(parts("oneOf").chain(parts("anyOf")).map(|part| (part, has_kinds)))
            .collect();
        if !has_kinds && parts.is_empty() {
            self.say(pointer, "any".to_owned());
        }
        for kind in kinds {
            self.say(pointer, kind);
        }
        for (part, is_part) in parts {
            self.read(part, pointer, is_part);
        }
        if !is_part && !self.kinds.contains_key(pointer) && self.left > 0 {
            self.say(pointer, "any".to_owned());
        }
        let declared = node.get("properties").and_then(Node::members).into_iter().flatten();
        for (name, property) in declared.filter(|(_, property)| !is_on(self.root, property, "writeOnly")) {
            self.read(property, &join(pointer, name), false);
        }
        for (keyword, name) in [("items", "[]"), ("additionalProperties", "*")] {
            if let Some(inner) = node.get(keyword).filter(|inner| inner.members().is_some()) {
                self.read(inner, &join(pointer, name), false);
            }
        }
        if let Some(discriminator) = Discriminator::of(node)
            && let Some(kinds) = self.kinds.get_mut(&join(pointer, discriminator.property))
            && kinds.remove("string")
        {
            kinds.extend(discriminator.values().into_iter().map(|value| format!("'{value}'")));
        }
    }

    fn say(&mut self, pointer: &str, kind: String) {
        self.kinds.entry(pointer.to_owned()).or_default().insert(kind);
    }
}

/// The types and values that a schema allows by its own keywords.
fn kinds(node: &Node) -> Vec<String> {
    let shown = |value: &Node| value.text().map_or_else(|| value.to_json().to_string(), |text| format!("'{text}'"));
    let mut kinds: Vec<String> = match (node.get("enum").and_then(Node::items), node.get("type").map(|stated| &stated.value)) {
        (Some(values), _) => values.iter().map(shown).collect(),
        (None, Some(Value::Array(names))) => names.iter().filter_map(Node::text).map(str::to_owned).collect(),
        (None, Some(Value::String(name))) => match node.get("format").and_then(Node::text) {
            Some(format) if name == "string" => vec![format!("string of {format}")],
            _ => vec![name.clone()],
        },
        (None, _) if node.get("properties").or(node.get("additionalProperties")).is_some() => vec!["object".to_owned()],
        (None, _) if node.get("items").is_some() => vec!["array".to_owned()],
        (None, _) => Vec::new(),
    };
    if node.get("nullable").and_then(Node::boolean).unwrap_or_default() {
        kinds.push("null".to_owned());
    }
    kinds
}

/// Digest of a schema and of all schemas that it refers to.
fn digest(root: &Node, schema: &Node) -> String {
    let mut found: BTreeMap<String, &Node> = BTreeMap::new();
    let mut left = vec![schema];
    while let Some(node) = left.pop() {
        if let Some((node, pointer)) = reference::of(node).and_then(|target| reference::resolve(root, target).ok())
            && found.insert(pointer, node).is_none()
        {
            left.push(node);
        }
        left.extend(node.children());
    }
    let texts: String = found.values().copied().chain([schema]).map(|node| node.to_json().to_string()).collect();
    crate::sha256(&texts)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::load::load;
    use crate::tree::File;

    fn read(schema: &Json, schemas: &Json) -> Json {
        let text = json!({ "schema": schema, "components": { "schemas": schemas } }).to_string();
        let root = load(&text, File::Document, &mut Diagnostics::default()).unwrap();
        json!(fields(&root, root.get("schema")))
    }

    fn to(name: &str) -> Json {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    #[test]
    fn every_value_of_an_answer_has_its_line_however_deep_it_is() {
        let deep =
            (0..20).fold(json!({ "type": "integer" }), |inner, _| json!({ "type": "object", "properties": { "a": inner } }));
        let schema = json!({ "type": "object", "properties": {
            "id": { "type": "integer", "description": "Words." },
            "state": { "type": "string", "enum": ["open", "closed"], "nullable": true },
            "day": { "type": "string", "format": "date" },
            "byName": { "type": "object", "additionalProperties": { "type": "number" } },
            "either": { "oneOf": [{ "type": "string" }, { "type": "object", "properties": { "b": { "type": "boolean" } } }] },
            "maybe": { "type": "object", "nullable": true, "properties": { "c": {} } },
            "a/b": { "type": "array", "items": { "type": "string" } },
            "empty": { "type": "object" },
            "deep": deep,
        } });
        let expected = json!({
            "/a~1b/[]": "string",
            "/byName/*": "number",
            "/day": "string of date",
            "/deep/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a": "integer",
            "/either": "object | string",
            "/either/b": "boolean",
            "/empty": "object",
            "/id": "integer",
            "/maybe": "object | null",
            "/maybe/c": "any",
            "/state": "'closed' | 'open' | null",
        });
        assert_eq!(read(&schema, &json!({})), expected);
    }

    #[test]
    fn a_list_stands_where_assistants_find_it() {
        let list = json!({ "type": "array", "items": { "type": "object", "properties": { "id": { "type": "integer" } } } });
        assert_eq!(read(&list, &json!({})), json!({ "/items/[]/id": "integer" }));
    }

    #[test]
    fn recursion_ends_and_what_leads_nowhere_does_too() {
        let tree =
            json!({ "type": "object", "properties": { "child": to("Tree"), "odd": to("None"), "name": { "type": "string" } } });
        let expected = json!({ "/child": "recursive", "/name": "string", "/odd": "unknown" });
        assert_eq!(read(&to("Tree"), &json!({ "Tree": tree })), expected);
    }

    #[test]
    fn what_is_too_large_to_list_has_a_digest_that_any_change_changes() {
        let tower = |last: &str| {
            let mut schemas = json!({ "S99": { "type": last } });
            for index in 0..99 {
                let next = to(&format!("S{}", index + 1));
                schemas[format!("S{index}")] = json!({ "type": "object", "properties": { "a": next, "b": next } });
            }
            read(&to("S0"), &schemas)[""].as_str().unwrap().to_owned()
        };
        assert!(tower("string").starts_with("too large to list: "));
        assert_eq!(tower("string"), tower("string"));
        assert_ne!(tower("string"), tower("integer"));
    }
}
