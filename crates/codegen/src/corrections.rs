//! What the document itself says where the overlay replaces or removes it.
//!
//! A correction hides the document from every comparison of tools: if its publisher changes what is corrected, the tools stay as
//! they are, and the correction may no longer fit. So the lock records what each correction replaces, also where both say the same.
//!
//! Invariants: the places are those that the overlay's actions name, so another document has the same ones; a place does not depend
//! on the order of a list of parameters; what a place refers to belongs to it; annotations (`x-mcp`) are no corrections.

use std::collections::{BTreeSet, HashMap};

use crate::statements::{MAX_CHARACTERS, NOTHING, Statement, StatementReader, Statements, name_of};
use crate::tree::{Node, Value, join, tokens};
use crate::{reference, tree};

/// The deepest nesting of references that are followed for what a schema inherits, and how many schemas are read for it.
const MAX_REFERENCES: usize = 32;
const MAX_INHERITED: usize = 4_000;

/// The places that the overlay's actions write or remove.
#[derive(Debug, Default)]
pub(crate) struct Corrected(BTreeSet<String>);

impl Corrected {
    /// Notes that an action removes the node at a pointer of the document as it is now.
    pub(crate) fn remove(&mut self, document: &Node, pointer: &str) {
        self.0.insert(named(document, pointer));
    }

    /// Notes that an action merges an update into the node at a pointer of the document as it is now.
    pub(crate) fn update(&mut self, document: &Node, pointer: &str, update: &Node) {
        self.merge(named(document, pointer), document.pointer(pointer), update);
    }

    fn merge(&mut self, place: String, target: Option<&Node>, update: &Node) {
        match &update.value {
            Value::Object(members) if !members.is_empty() => {
                for (key, member) in members.iter().filter(|(key, _)| *key != "x-mcp") {
                    self.merge(join(&place, key), target.and_then(|target| target.get(key)), member);
                }
            }
            // merging nothing changes nothing
            Value::Object(_) if target.is_some_and(|target| target.members().is_some()) => {}
            Value::Array(items) if !items.is_empty() && items.iter().all(|item| name_of(item, item).is_some()) => {
                self.0.extend(items.iter().filter_map(|item| Some(join(&place, &name_of(item, item)?))));
            }
            _ => {
                self.0.insert(place);
            }
        }
    }

    /// Reads what the document, before the overlay is applied, says at these places.
    pub(crate) fn read(&self, published: &Node) -> Statements {
        let mut finder = PlaceFinder { root: published, named: HashMap::new() };
        let mut reader = StatementReader::new(published, MAX_CHARACTERS);
        let is_inside =
            |place: &str| place.match_indices('/').any(|(end, _)| self.0.contains(place.get(..end).unwrap_or_default()));
        let outermost = self.0.iter().filter(|place| !is_inside(place));
        outermost
            .map(|place| {
                let (found, node) = finder.find(place);
                let said = node.map(|node| reader.read(node));
                (found, said.unwrap_or_else(|| Statement::Value(NOTHING.to_owned())))
            })
            .collect()
    }
}

/// A digest of the overlay's actions apart from annotations: if it is the same, a correction that is new comes from the document.
pub(crate) fn digest(overlay: &Node) -> String {
    let actions = overlay.get("actions").and_then(Node::items).unwrap_or_default();
    let mut text = String::new();
    for action in actions {
        let mut corrected = Corrected::default();
        if let Some(update) = action.get("update") {
            corrected.merge(String::new(), None, update);
        }
        if action.get("update").is_none() || !corrected.0.is_empty() {
            let member =
                |key: &str| action.get(key).map(|node| without_annotations(&node.to_json()).to_string()).unwrap_or_default();
            text += &["target", "remove", "update"].map(member).join(" ");
        }
    }
    crate::short_digest(&text)
}

fn without_annotations(json: &serde_json::Value) -> serde_json::Value {
    let mut json = tree::sorted(json);
    if let Some(members) = json.as_object_mut() {
        members.shift_remove("x-mcp");
    }
    json
}

/// A pointer in which items of a list are called by their names, if they have any, as parameters do.
fn named(document: &Node, pointer: &str) -> String {
    let mut node = Some(document);
    tokens(pointer).unwrap_or_default().iter().fold(String::new(), |place, token| {
        let is_item = node.is_some_and(|node| node.items().is_some());
        node = node.and_then(|node| node.child(token));
        let name = node.filter(|_| is_item).and_then(|item| name_of(document, item));
        join(&place, name.as_deref().unwrap_or(token))
    })
}

/// Finds the nodes at places of the document.
struct PlaceFinder<'a> {
    root: &'a Node,
    /// the named items of lists, by the places of the lists
    named: HashMap<String, HashMap<String, &'a Node>>,
}

impl<'a> PlaceFinder<'a> {
    /// The node at a place. Where there is none, the place is that of the outermost part which is missing; where a schema only
    /// inherits a keyword or a property, it is theirs, because the overlay's replaces the inherited one as a whole.
    fn find(&mut self, place: &str) -> (String, Option<&'a Node>) {
        let (mut node, mut found) = (self.root, String::new());
        let steps = tokens(place).unwrap_or_default();
        let mut is_schema = false;
        let mut steps = steps.iter().map(String::as_str).peekable();
        while let Some(step) = steps.next() {
            let list = std::mem::take(&mut found);
            found = join(&list, step);
            let next = if is_schema {
                let property = steps.peek().copied().filter(|_| step == "properties");
                if let Some(name) = property {
                    found = join(&found, name);
                    steps.next();
                }
                let own = |node: &'a Node| match property {
                    Some(name) => node.get(step)?.get(name),
                    None => node.child(step),
                };
                let next = own(node);
                if next.is_none() {
                    let mut left = MAX_INHERITED;
                    return (found, inherited(self.root, node, &own, &mut left, 0));
                }
                next
            } else {
                self.child(node, step, &list)
            };
            is_schema |= step == "schema" || list == "/components/schemas";
            match next {
                Some(next) => node = next,
                None => return (found, None),
            }
        }
        (found, Some(node))
    }

    /// A member, or an item by its name or number, also of what a node refers to.
    fn child(&mut self, node: &'a Node, step: &str, place: &str) -> Option<&'a Node> {
        let target = reference::of(node).filter(|_| node.child(step).is_none());
        let node = match target {
            Some(target) => reference::resolve(self.root, target).ok()?.0,
            None => node,
        };
        let Some(items) = node.items() else { return node.child(step) };
        let root = self.root;
        let named = self
            .named
            .entry(place.to_owned())
            .or_insert_with(|| items.iter().rev().filter_map(|item| Some((name_of(root, item)?, item))).collect());
        named.get(step).copied().or_else(|| node.child(step))
    }
}

/// What a schema inherits by a reference or by the parts of `allOf`, of which the last one counts.
fn inherited<'a>(
    root: &'a Node,
    schema: &'a Node,
    own: &impl Fn(&'a Node) -> Option<&'a Node>,
    left: &mut usize,
    depth: usize,
) -> Option<&'a Node> {
    *left = left.checked_sub(1)?;
    if depth == MAX_REFERENCES {
        return None;
    }
    let target = reference::of(schema).and_then(|target| Some(reference::resolve(root, target).ok()?.0));
    let parts = schema.get("allOf").and_then(Node::items).unwrap_or_default();
    parts.iter().rev().chain(target).find_map(|part| own(part).or_else(|| inherited(root, part, own, left, depth + 1)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::diagnostics::Diagnostics;
    use crate::{load, overlay, tree::File};

    /// What is recorded for a document and the actions of an overlay.
    fn of(document: &Json, actions: &Json) -> Json {
        let mut diagnostics = Diagnostics::default();
        let published = load::load(&document.to_string(), File::Document, &mut diagnostics).unwrap();
        let overlay = json!({ "overlay": "1.0.0", "actions": actions }).to_string();
        let overlay = load::load(&overlay, File::Overlay, &mut diagnostics).unwrap();
        let corrected = overlay::apply(&mut published.clone(), &overlay, &mut diagnostics).corrected;
        json!(corrected.read(&published))
    }

    #[test]
    fn what_the_overlay_writes_is_recorded_even_if_the_document_says_the_same() {
        let parameters = json!([{ "name": "x", "in": "query", "schema": { "type": "string" } }, { "name": "y", "in": "query" }]);
        let document = json!({ "paths": { "/a": { "get": { "parameters": parameters, "tags": ["a"] } } } });
        let actions = json!([
            { "target": "$.paths['/a'].get", "x-operation-id": "a", "update": { "tags": ["b"], "x-mcp": { "tool": "get_a" } } },
            { "target": "$.paths['/a'].get.parameters[?@.name=='x']", "update": { "schema": { "type": "string" }, "explode": false } },
            { "target": "$.paths['/a'].get.parameters[?@.name=='y']", "remove": true },
            { "target": "$.paths['/a'].get", "update": { "parameters": [{ "name": "y", "in": "query", "required": true }] } },
        ]);
        let expected = json!({
            "/paths/~1a/get/parameters/query x/explode": "nothing",
            "/paths/~1a/get/parameters/query x/schema/type": "\"string\"",
            "/paths/~1a/get/parameters/query y": { "/in": "\"query\"", "/name": "\"y\"" },
            "/paths/~1a/get/tags": "[\"a\"]",
        });
        assert_eq!(of(&document, &actions), expected);
        assert_eq!(of(&document, &json!([])), json!({}));
    }

    #[test]
    fn what_a_place_refers_to_belongs_to_it() {
        let schema = |of: Json| {
            json!({ "paths": { "/a": { "post": { "requestBody": { "content": { "application/json": { "schema": of } } } } } },
            "components": { "schemas": {
                "Base": { "properties": { "amount": { "type": "number", "description": "Cents." }, "open": { "$ref": "#/components/schemas/Open" } } },
                "Body": { "allOf": [{ "$ref": "#/components/schemas/Base" }], "additionalProperties": false },
                "Open": { "enum": ["yes", "no"] },
        } } })
        };
        let body = schema(json!({ "$ref": "#/components/schemas/Body" }));
        let target = "$.paths['/a'].post.requestBody.content['application/json'].schema";
        let place = "/paths/~1a/post/requestBody/content/application~1json/schema";
        let update = json!([{ "target": target, "update": { "additionalProperties": true,
            "properties": { "amount": { "anyOf": [{ "type": "integer" }] }, "more": { "type": "string", "enum": ["a"] } } } }]);
        let expected = json!({
            format!("{place}/additionalProperties"): "false",
            format!("{place}/properties/amount"): { "/description": "\"Cents.\"", "/type": "\"number\"" },
            format!("{place}/properties/more"): "nothing",
        });
        assert_eq!(of(&body, &update), expected);
        let remove = json!([{ "target": target, "remove": true }]);
        let parts = json!({
            "/additionalProperties": "false",
            "/allOf/0/properties/amount/description": "\"Cents.\"",
            "/allOf/0/properties/amount/type": "\"number\"",
            "/allOf/0/properties/open/enum": "[\"yes\",\"no\"]",
        });
        assert_eq!(of(&body, &remove), json!({ place: parts }));
    }

    #[test]
    fn a_long_value_is_cut_and_still_differs() {
        let long = |end: &str| {
            let document = json!({ "info": { "description": format!("{}{end}", "x".repeat(1_500)) } });
            let actions = json!([{ "target": "$.info", "update": { "description": "y" } }]);
            of(&document, &actions)["/info/description"].as_str().unwrap().to_owned()
        };
        assert!(long("1") != long("2") && long("1").chars().count() < 1_020, "{}", long("1"));
    }

    #[test]
    fn recursion_ends_and_what_is_too_long_to_list_has_a_digest() {
        let document = |last: &str| {
            let many: serde_json::Map<String, Json> =
                (0..200).map(|index| (format!("p{index}"), json!({ "type": last }))).collect();
            json!({ "components": { "schemas": {
                "Tree": { "properties": { "child": { "$ref": "#/components/schemas/Tree" } } },
                "Many": { "properties": many },
            } } })
        };
        let actions = json!([
            { "target": "$.components.schemas.Tree", "remove": true },
            { "target": "$.components.schemas.Many", "remove": true },
        ]);
        let found = of(&document("string"), &actions);
        assert_eq!(
            found["/components/schemas/Tree"],
            json!({ "/properties/child/properties/child/$ref": "/components/schemas/Tree" })
        );
        assert!(found["/components/schemas/Many"].as_str().unwrap().starts_with("200 values: "), "{found}");
        assert_ne!(found, of(&document("integer"), &actions));
    }

    #[test]
    fn what_is_too_much_or_too_deep_to_read_is_in_the_digest() {
        let wide = |last: &str| {
            let mut all: serde_json::Map<String, Json> =
                (0..4_500).map(|index| (format!("p{index}"), json!({ "type": "string" }))).collect();
            all["p4499"] = json!({ "type": last });
            json!({ "components": { "schemas": { "One": { "properties": all } } } })
        };
        let deep = |last: &str| {
            let inner = |index: usize| json!({ "$ref": format!("#/components/schemas/C{index}") });
            let nest = |inner: Json| (0..40).fold(inner, |inner, _| json!({ "properties": { "a": inner } }));
            let mut schemas: serde_json::Map<String, Json> =
                (0..40).map(|index| (format!("C{index}"), nest(inner(index + 1)))).collect();
            schemas.insert("C40".to_owned(), json!({ "type": last }));
            schemas.insert("One".to_owned(), inner(0));
            json!({ "components": { "schemas": schemas } })
        };
        let actions = json!([{ "target": "$.components.schemas.One", "remove": true }]);
        for document in [&wide as &dyn Fn(&str) -> Json, &deep] {
            assert_eq!(of(&document("string"), &actions), of(&document("string"), &actions));
            assert_ne!(of(&document("string"), &actions), of(&document("integer"), &actions));
        }
    }
}
