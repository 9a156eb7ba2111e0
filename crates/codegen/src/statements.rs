//! What the document says at a place: one value, or all values below it, through references. The lock records it where no tool shows
//! it ([`crate::corrections`], [`crate::about`]).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::tree::{Node, Value, join};
use crate::{reference, text, tree};

/// The maximum length of a recorded value, in characters. Longer ones are cut, and end in a digest.
pub(crate) const MAX_CHARACTERS: usize = 1_000;

/// The most values that are recorded one by one for a place, and that are read for a place and by one reader.
const MAX_LISTED: usize = 128;
const MAX_READ: usize = 4_000;
const MAX_READ_IN_ALL: usize = 100_000;

/// The deepest nesting of references that are followed.
const MAX_REFERENCES: usize = 32;

/// What is recorded where the document says nothing.
pub(crate) const NOTHING: &str = "nothing";

/// What the document says, by the places.
pub type Statements = BTreeMap<String, Statement>;

/// What the document says at one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Statement {
    /// one value as JSON text, or `nothing`
    Value(String),
    /// the values below the place, by their pointers from there
    Parts(BTreeMap<String, String>),
}

/// The name of a list's item, such as `query size`.
pub(crate) fn name_of(root: &Node, item: &Node) -> Option<String> {
    let item = reference::of(item).and_then(|target| reference::resolve(root, target).ok()).map_or(item, |(target, _)| target);
    let text = |key: &str| item.get(key).and_then(Node::text);
    Some(format!("{} {}", text("in").unwrap_or_default(), text("name")?).trim_start().to_owned())
}

/// Reads what a document says at several places, within a limit for all of them.
pub(crate) struct StatementReader<'a> {
    root: &'a Node,
    /// how many more values are read
    left: usize,
    /// the maximum length of a value, in characters
    longest: usize,
}

impl<'a> StatementReader<'a> {
    pub(crate) fn new(root: &'a Node, longest: usize) -> Self {
        Self { root, left: MAX_READ_IN_ALL, longest }
    }

    /// What the document says by a node.
    pub(crate) fn read(&mut self, node: &Node) -> Statement {
        if self.left == 0 {
            return Statement::Value(format!("too much to list: {}", crate::short_digest(&written(node))));
        }
        let most = MAX_READ.min(self.left);
        let mut parts =
            PartReader { root: self.root, stack: Vec::new(), left: most, longest: self.longest, found: BTreeMap::new() };
        parts.read(node, "");
        self.left -= most - parts.left;
        if parts.found.len() > MAX_LISTED {
            let all: Vec<String> = parts.found.iter().map(|(place, value)| format!("{place} {value}")).collect();
            return Statement::Value(format!("{} values: {}", all.len(), crate::short_digest(&all.join("\n"))));
        }
        match (parts.found.len(), parts.found.get("")) {
            (1, Some(value)) => Statement::Value(value.clone()),
            _ => Statement::Parts(parts.found),
        }
    }
}

/// Reads the values below a place, through references.
struct PartReader<'a> {
    root: &'a Node,
    /// the references being followed
    stack: Vec<String>,
    left: usize,
    /// the maximum length of a value
    longest: usize,
    found: BTreeMap<String, String>,
}

impl PartReader<'_> {
    fn read(&mut self, node: &Node, place: &str) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        if let Some((target, pointer)) = reference::of(node).and_then(|target| reference::resolve(self.root, target).ok()) {
            if self.stack.contains(&pointer) || self.stack.len() == MAX_REFERENCES {
                self.found.insert(join(place, "$ref"), pointer);
            } else {
                self.stack.push(pointer);
                self.read(target, place);
                self.stack.pop();
            }
            for (key, sibling) in node.members().into_iter().flatten().filter(|(key, _)| *key != "$ref") {
                self.read(sibling, &join(place, key));
            }
            return;
        }
        match &node.value {
            Value::Object(members) if !members.is_empty() => {
                for (key, member) in members.iter().filter(|(key, _)| *key != "x-mcp") {
                    self.read(member, &join(place, key));
                }
            }
            Value::Array(items) if items.iter().any(|item| item.children().next().is_some()) => {
                for (index, item) in items.iter().enumerate() {
                    let name = name_of(self.root, item).unwrap_or_else(|| index.to_string());
                    self.read(item, &join(place, &name));
                }
            }
            _ => {
                self.found.insert(place.to_owned(), limited(&written(node), self.longest));
            }
        }
    }
}

fn written(node: &Node) -> String {
    tree::sorted(&node.to_json()).to_string()
}

/// A text of limited length that differs wherever the whole text differs.
pub(crate) fn shown(text: &str) -> String {
    limited(text, MAX_CHARACTERS)
}

fn limited(text: &str, longest: usize) -> String {
    text::limited(text, longest, text)
}
