//! A digest of all that the document says of an operation apart from its words.
//!
//! It is for the review of a change: if it differs and nothing else does, the document has changed in a way that no comparison knows.
//! Words and extensions are left out because each of them is compared by itself ([`super::facets`]).
//!
//! Invariants: the digest depends neither on the order of members, parameters, `required` and `enum`, nor on the names of components.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::reference;
use crate::tree::{Node, Value};

/// How many nodes are read for all operations: components that many operations share are read for each of them.
const MAX_READ: usize = 4_000_000;
/// The deepest nesting that is read, references included.
const MAX_DEPTH: usize = 200;

/// Keywords that are words, or whose change is compared elsewhere.
const LEFT_OUT: [&str; 10] =
    ["description", "summary", "title", "example", "examples", "externalDocs", "deprecated", "tags", "operationId", "security"];

/// Makes the digests of one document.
pub(super) struct Structures<'a> {
    root: &'a Node,
    left: usize,
}

struct Reader<'a, 'b> {
    all: &'b mut Structures<'a>,
    hasher: Sha256,
    /// the components that were read, with their numbers in order
    known: HashMap<String, usize>,
    depth: usize,
}

impl<'a> Structures<'a> {
    pub(super) fn new(root: &'a Node) -> Self {
        Self { root, left: MAX_READ }
    }

    /// The digest of an operation; empty once too much was read.
    pub(super) fn digest(&mut self, operation: &'a Node) -> String {
        let mut reader = Reader { all: self, hasher: Sha256::new(), known: HashMap::new(), depth: 0 };
        reader.read(operation, "");
        let digest = reader.hasher.finalize();
        if self.left == 0 {
            String::new()
        } else {
            digest.iter().take(6).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
        }
    }
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self, node: &'a Node, key: &str) {
        if self.all.left == 0 || self.depth == MAX_DEPTH {
            return;
        }
        self.all.left -= 1;
        self.depth += 1;
        self.read_here(node, key);
        self.depth -= 1;
    }

    fn read_here(&mut self, node: &'a Node, key: &str) {
        if let Some((target, pointer)) = reference::of(node).and_then(|target| reference::resolve(self.all.root, target).ok()) {
            let number = self.known.len();
            let known = *self.known.entry(pointer).or_insert(number);
            // a component counts as its content, and only again as the same one
            if known == number {
                self.read(target, key);
            } else {
                self.say(&format!("${known}"));
            }
        }
        match &node.value {
            // nothing is beside a reference
            Value::Object(members) if reference::of(node).is_some() && members.len() == 1 => {}
            Value::Object(members) => {
                let is_name = matches!(key, "properties" | "responses" | "content" | "encoding" | "headers");
                let mut members: Vec<_> = members
                    .iter()
                    // those of failed calls are compared by themselves
                    .filter(|(name, _)| key != "responses" || name.starts_with(['2', '3']))
                    .filter(|(name, _)| {
                        is_name || !(LEFT_OUT.contains(&name.as_str()) || name.starts_with("x-") || *name == "$ref")
                    })
                    .collect();
                members.sort_by_key(|(name, _)| *name);
                self.say("{");
                for (name, member) in members {
                    self.say(name);
                    // what is inside of a property called `properties` are keywords again
                    self.read(member, if is_name { "" } else { name });
                }
                self.say("}");
            }
            Value::Array(items) => {
                let mut items: Vec<&Node> = items.iter().collect();
                if matches!(key, "parameters" | "required" | "enum" | "type") {
                    items.sort_by_cached_key(|item| match (item.get("in"), item.get("name")) {
                        (Some(place), Some(name)) => format!("{} {}", place.to_json(), name.to_json()),
                        _ => item.to_json().to_string(),
                    });
                }
                self.say("[");
                for item in items {
                    self.read(item, "");
                }
                self.say("]");
            }
            plain => self.say(&Node::new(node.span, plain.clone()).to_json().to_string()),
        }
    }

    fn say(&mut self, text: &str) {
        self.hasher.update(text.as_bytes());
        self.hasher.update([0]);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::{load, tree::File};

    fn digest(operation: &Json, schemas: &Json) -> String {
        let text = json!({ "operation": operation, "components": { "schemas": schemas } }).to_string();
        let root = load::load(&text, File::Document, &mut Diagnostics::default()).unwrap();
        Structures::new(&root).digest(root.get("operation").unwrap())
    }

    #[test]
    fn everything_but_words_order_and_names_of_components_counts() {
        let operation = |name: &str, order: [&str; 2], minimum: u32, words: &str| {
            json!({ "summary": words, "parameters": [
                { "name": order[0], "in": "query", "schema": { "$ref": format!("#/components/schemas/{name}") } },
                { "name": order[1], "in": "query", "schema": { "$ref": format!("#/components/schemas/{name}") } },
            ], "x-words": words, "requestBody": { "minProperties": minimum } })
        };
        let tree = |name: &str, kind: &str| {
            json!({ name: { "required": ["a"], "properties": {
                "description": { "type": kind, "description": "Words." }, "child": { "$ref": format!("#/components/schemas/{name}") } } } })
        };
        let base = digest(&operation("Tree", ["a", "b"], 1, "One."), &tree("Tree", "string"));
        assert_eq!(base, digest(&operation("T", ["b", "a"], 1, "Other."), &tree("T", "string")));
        assert_ne!(base, digest(&operation("Tree", ["a", "b"], 2, "One."), &tree("Tree", "string")));
        assert_ne!(base, digest(&operation("Tree", ["a", "b"], 1, "One."), &tree("Tree", "integer")));
    }
}
