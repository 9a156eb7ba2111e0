//! What the document says at a place: one value, or all values below it, through references. The lock records it where no tool shows
//! it ([`crate::corrections`], [`crate::about`]).

use std::collections::BTreeMap;

use indexmap::IndexSet;
use serde::Serialize;

use crate::content::{Contents, Counts};
use crate::text::limits::{bounds, listed};
use crate::tree::{Node, Value, join};
use crate::{reference, text, tree};

/// The maximum length of a recorded value, in characters. Longer ones are cut, and end in a digest.
pub(crate) const MAX_CHARACTERS: usize = 1_000;

/// The most values that are recorded one by one for a place, and that are read for a place and by one reader.
const MAX_LISTED: usize = 128;
const MAX_READ: usize = 4_000;
const MAX_READ_IN_ALL: usize = 100_000;

/// The deepest nesting that is read, with that of what is referred to. The rest has a digest.
const MAX_DEPTH: usize = 200;

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
    contents: Contents<'a>,
    /// how many more values are read
    left: usize,
    /// the maximum length of a value, in characters
    longest: usize,
}

impl<'a> StatementReader<'a> {
    pub(crate) fn new(root: &'a Node, longest: usize) -> Self {
        Self { root, contents: Contents::new(root, Counts::All), left: MAX_READ_IN_ALL, longest }
    }

    /// What the document says by a node.
    pub(crate) fn read(&mut self, node: &'a Node) -> Statement {
        let most = MAX_READ.min(self.left);
        let mut parts = PartReader {
            root: self.root,
            stack: Vec::new(),
            left: most,
            depth: 0,
            longest: self.longest,
            found: BTreeMap::new(),
            bounds: IndexSet::new(),
            unread: Vec::new(),
        };
        parts.read(node, "");
        self.left -= most - parts.left;
        if parts.found.len() > MAX_LISTED || !parts.unread.is_empty() {
            let all = parts.found.iter().map(|(place, value)| format!("{place} {value}"));
            let unread = parts.unread.iter().map(|node| self.contents.digest(node));
            let all: Vec<String> = all.chain(unread).collect();
            let digest = crate::short_digest(&all.join("\n"));
            let bounds = listed(parts.bounds.iter().map(String::as_str), " ");
            return Statement::Value(format!("{} values: {digest}. {bounds}", all.len()).trim_end_matches(['.', ' ']).to_owned());
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
    depth: usize,
    /// the maximum length of a value
    longest: usize,
    found: BTreeMap<String, String>,
    /// the sentences that state limits and rates
    bounds: IndexSet<String>,
    /// what is left of a part that is too large
    unread: Vec<&'a Node>,
}

impl<'a> PartReader<'a> {
    fn read(&mut self, node: &'a Node, place: &str) {
        if self.left == 0 || self.depth == MAX_DEPTH {
            self.unread.push(node);
            return;
        }
        self.left -= 1;
        self.depth += 1;
        self.read_here(node, place);
        self.depth -= 1;
    }

    fn read_here(&mut self, node: &'a Node, place: &str) {
        if let Some((target, pointer)) = reference::of(node).and_then(|target| reference::resolve(self.root, target).ok()) {
            if self.stack.contains(&pointer) {
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
                let words = node.text().unwrap_or_default();
                self.found.insert(place.to_owned(), text::limited_words(&written(node), self.longest, words));
                self.bounds.extend(bounds(words));
            }
        }
    }
}

fn written(node: &Node) -> String {
    tree::sorted(&node.to_json()).to_string()
}

/// A text of limited length that differs wherever the whole text differs.
pub(crate) fn shown(text: &str) -> String {
    text::limited_words(text, MAX_CHARACTERS, text)
}
