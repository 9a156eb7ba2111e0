//! What counts of a part of the document, and a digest of a part and of all that it refers to.
//!
//! Each component is read once, with a gap for each of its references. A digest combines those of the components that are reached, in
//! the order in which they are, so it depends neither on their names nor on how often they are used, and needs no limit.

use std::collections::HashMap;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::names::is_word;
use crate::reference;
use crate::tree::{Node, Value};

/// What a digest is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    All,
    AllButWords,
}

/// Makes the digests of one document.
pub(crate) struct Contents<'a> {
    root: &'a Node,
    counts: Counts,
    known: HashMap<String, Rc<Content<'a>>>,
}

/// What a part says itself, and what it refers to.
#[derive(Default)]
struct Content<'a> {
    digest: Vec<u8>,
    /// the pointers and the targets, in order
    references: Vec<(String, &'a Node)>,
}

impl<'a> Contents<'a> {
    pub(crate) fn new(root: &'a Node, counts: Counts) -> Self {
        Self { root, counts, known: HashMap::new() }
    }

    /// The digest of a part.
    pub(crate) fn digest(&mut self, part: &'a Node) -> String {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut reached = vec![Rc::new(self.content(part))];
        let mut hasher = Sha256::new();
        let mut next = 0;
        while let Some(content) = reached.get(next).cloned() {
            hasher.update(&content.digest);
            for (pointer, target) in &content.references {
                let known = numbers.get(pointer).copied().unwrap_or_else(|| {
                    let number = reached.len();
                    numbers.insert(pointer.clone(), number);
                    let known = self.known.get(pointer).cloned();
                    let content = known.unwrap_or_else(|| Rc::new(self.content(target)));
                    self.known.entry(pointer.clone()).or_insert_with(|| Rc::clone(&content));
                    reached.push(content);
                    number
                });
                hasher.update(known.to_le_bytes());
            }
            next += 1;
        }
        hasher.finalize().iter().take(6).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    fn content(&self, part: &'a Node) -> Content<'a> {
        let mut reader = ContentReader { root: self.root, counts: self.counts, hasher: Sha256::new(), references: Vec::new() };
        reader.read(part, "");
        Content { digest: reader.hasher.finalize().to_vec(), references: reader.references }
    }
}

struct ContentReader<'a> {
    root: &'a Node,
    counts: Counts,
    hasher: Sha256,
    references: Vec<(String, &'a Node)>,
}

impl<'a> ContentReader<'a> {
    fn read(&mut self, node: &'a Node, key: &str) {
        if let Some((target, pointer)) = reference::of(node).and_then(|target| reference::resolve(self.root, target).ok()) {
            self.references.push((pointer, target));
            self.say("$");
        }
        match &node.value {
            // nothing is beside a reference
            Value::Object(members) if reference::of(node).is_some() && members.len() == 1 => {}
            // the values are references
            Value::Object(mapping) if key == "mapping" => {
                for (value, target) in mapping {
                    self.say(value);
                    match target.text().and_then(|target| reference::resolve(self.root, target).ok()) {
                        Some((target, pointer)) => self.references.push((pointer, target)),
                        None => self.say(&target.to_json().to_string()),
                    }
                }
            }
            Value::Object(members) => {
                let is_name = matches!(key, "properties" | "responses" | "content" | "encoding" | "headers");
                let is_left_out = |name: &str| self.counts == Counts::AllButWords && (is_word(name) || is_default(name, node));
                let is_said = |name: &str| is_name || !(name == "$ref" || is_left_out(name));
                let mut members: Vec<_> = members
                    .iter()
                    .filter(|(name, _)| is_said(name))
                    .map(|(name, member)| (if key == "content" { essence(name) } else { name.clone() }, member))
                    .collect();
                members.sort_by(|one, other| one.0.cmp(&other.0));
                self.say("{");
                for (name, member) in members {
                    self.say(&name);
                    // what is inside of a property called `properties` are keywords again
                    self.read(member, if is_name { "" } else { &name });
                }
                self.say("}");
            }
            Value::Array(_) if matches!(key, "required" | "enum" | "type") => {
                let items = sorted(node).join(",");
                self.say(&items);
            }
            Value::Array(items) => {
                let mut items: Vec<&Node> = items.iter().collect();
                if key == "parameters" {
                    let called = |item: &Node, key: &str| item.get(key).and_then(Node::text).unwrap_or_default().to_owned();
                    items.sort_by_cached_key(|item| (called(item, "in"), called(item, "name")));
                }
                self.say("[");
                for item in items {
                    self.read(item, "");
                }
                self.say("]");
            }
            _ => self.say(&node.to_json().to_string()),
        }
    }

    fn say(&mut self, text: &str) {
        self.hasher.update(text.as_bytes());
        self.hasher.update([0]);
    }
}

/// The items of a set in one order.
pub(crate) fn sorted(set: &Node) -> Vec<String> {
    let items = set.items().map_or_else(|| vec![set], |items| items.iter().collect());
    let mut items: Vec<String> = items.into_iter().map(|item| item.to_json().to_string()).collect();
    items.sort();
    items
}

/// Whether a keyword says what is true without it (OpenAPI 3.0.3, sections 4.7.12.2 and 4.7.24; JSON Schema).
pub(crate) fn is_default(key: &str, of: &Node) -> bool {
    let Some(stated) = of.get(key) else { return true };
    let style = of.get("style").and_then(Node::text);
    let usual_style = || match of.get("in").and_then(Node::text) {
        Some("path" | "header") => "simple",
        _ => "form",
    };
    match (key, &stated.value) {
        ("style", _) => style == Some(usual_style()),
        ("explode", Value::Bool(is_on)) => *is_on == (style.unwrap_or(usual_style()) == "form"),
        ("additionalProperties", _) => false,
        ("minLength" | "minItems" | "minProperties", Value::Number(least)) => least.as_u64() == Some(0),
        (_, Value::Bool(is_on)) => !is_on,
        _ => false,
    }
}

/// A media type without its parameters, in lower case.
pub(crate) fn essence(name: &str) -> String {
    name.split(';').next().unwrap_or(name).trim().to_ascii_lowercase()
}
