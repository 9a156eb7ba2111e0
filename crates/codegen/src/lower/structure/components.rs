//! A digest of a part of the document and of all that it refers to.
//!
//! Each component is read once, with a gap for each of its references. A digest combines those of the components that are reached, in
//! the order in which they are, so it depends neither on their names nor on how often they are used, and needs no limit.

use std::collections::HashMap;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::{is_default, is_word, sorted};
use crate::lower::media_type::essence;
use crate::reference;
use crate::tree::{Node, Value};

pub(super) struct Components<'a> {
    root: &'a Node,
    known: HashMap<String, Rc<Content<'a>>>,
}

/// What a part says itself, and what it refers to.
#[derive(Default)]
struct Content<'a> {
    digest: Vec<u8>,
    /// the pointers and the targets, in order
    references: Vec<(String, &'a Node)>,
}

impl<'a> Components<'a> {
    pub(super) fn new(root: &'a Node) -> Self {
        Self { root, known: HashMap::new() }
    }

    /// The digest of a part.
    pub(super) fn digest(&mut self, part: &'a Node) -> String {
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
                    let content = match self.known.get(pointer) {
                        Some(content) => Rc::clone(content),
                        None => {
                            let content = Rc::new(self.content(target));
                            self.known.insert(pointer.clone(), Rc::clone(&content));
                            content
                        }
                    };
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
        let mut reader = ContentReader { root: self.root, hasher: Sha256::new(), references: Vec::new() };
        reader.read(part, "");
        Content { digest: reader.hasher.finalize().to_vec(), references: reader.references }
    }
}

struct ContentReader<'a> {
    root: &'a Node,
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
            Value::Object(members) => {
                let is_name = matches!(key, "properties" | "responses" | "content" | "encoding" | "headers");
                let is_said = |name: &str| is_name || !(is_word(name) || name == "$ref" || is_default(name, node));
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
