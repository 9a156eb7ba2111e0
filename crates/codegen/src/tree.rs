//! A JSON or YAML document in which every node has its position in the input.
//!
//! Invariants: members keep their order; a member's position is that of its key, an element's that of its value; a node that the
//! overlay adds keeps its position in the overlay, so a diagnostic always points at the file to edit.

use indexmap::IndexMap;
use serde_json::Number;

/// The input that contains a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum File {
    #[default]
    Document,
    Overlay,
    Lock,
}

/// A position: line and column, counted from 1; columns are characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub file: File,
    pub line: u32,
    pub column: u32,
}

/// The members of an object, in their order.
pub type Members = IndexMap<String, Node>;

/// A value and its position.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub span: Span,
    pub value: Value,
}

/// The value of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Node>),
    Object(Members),
}

/// Two nodes are equal if their values are equal; positions are ignored.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Node {
    pub fn new(span: Span, value: Value) -> Self {
        Self { span, value }
    }

    /// A member of an object; `None` also if this is not an object.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members()?.get(key)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.members_mut()?.get_mut(key)
    }

    pub fn members(&self) -> Option<&Members> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    pub fn members_mut(&mut self) -> Option<&mut Members> {
        match &mut self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn boolean(&self) -> Option<bool> {
        match self.value {
            Value::Bool(boolean) => Some(boolean),
            _ => None,
        }
    }

    pub fn unsigned(&self) -> Option<u64> {
        match &self.value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The number of nodes in this subtree, including this one.
    pub fn size(&self) -> usize {
        1 + self.children().map(Node::size).sum::<usize>()
    }

    /// The number of levels below this node.
    pub fn height(&self) -> usize {
        self.children().map(|child| child.height() + 1).max().unwrap_or_default()
    }

    /// The values of an object's members, or the items of an array.
    pub fn children(&self) -> impl Iterator<Item = &Node> {
        self.members().into_iter().flat_map(Members::values).chain(self.items().unwrap_or_default())
    }

    /// The type of the value, for messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// The node at an RFC 6901 pointer; the empty pointer selects this node.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        tokens(pointer)?.into_iter().try_fold(self, |node, token| node.child(&token))
    }

    /// The node at one token of an RFC 6901 pointer.
    pub fn child(&self, token: &str) -> Option<&Node> {
        match &self.value {
            Value::Object(members) => members.get(token),
            Value::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        }
    }

    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Node> {
        tokens(pointer)?.into_iter().try_fold(self, |node, token| match &mut node.value {
            Value::Object(members) => members.get_mut(&token),
            Value::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The node as plain JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(boolean) => (*boolean).into(),
            Value::Number(number) => number.clone().into(),
            Value::String(text) => text.clone().into(),
            Value::Array(items) => items.iter().map(Node::to_json).collect(),
            Value::Object(members) => members.iter().map(|(key, node)| (key.clone(), node.to_json())).collect(),
        }
    }
}

/// Appends a token to an RFC 6901 pointer.
pub fn join(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

/// The tokens of an RFC 6901 pointer; `None` if the text is not a pointer.
pub fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let rest = pointer.strip_prefix('/')?;
    Some(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

/// The value with the members of every object sorted by name.
pub(crate) fn sorted(json: &serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(key, member)| (key.clone(), sorted(member))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            serde_json::Value::Object(serde_json::Map::from_iter(members))
        }
        serde_json::Value::Array(items) => items.iter().map(sorted).collect(),
        plain => plain.clone(),
    }
}
