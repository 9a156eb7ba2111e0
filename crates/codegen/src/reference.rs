//! Resolves `$ref` (RFC 6901 pointers into the same document). References to other documents are rejected.

use crate::tree::{self, Node};

/// The longest chain of references that refer to references.
pub(crate) const MAX_CHAIN: usize = 32;

/// Why a reference cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    Remote,
    Missing,
    Circular,
}

impl Unresolved {
    /// The message of a diagnostic about `reference`, and its hint.
    pub fn explain(&self, reference: &str) -> (String, &'static str) {
        match self {
            Self::Remote => (
                format!("`$ref` refers to another document: `{reference}`"),
                "bundle the document into one file first: `npx @redocly/cli bundle FILE --output openapi.json`",
            ),
            Self::Missing => (
                format!("`$ref` cannot be resolved: `{reference}`"),
                "correct the reference or add what it names under `components`",
            ),
            Self::Circular => (format!("`$ref` is circular: `{reference}`"), "give one of the chain a definition of its own"),
        }
    }
}

/// The target of a node that is a reference.
pub fn of(node: &Node) -> Option<&str> {
    node.get("$ref")?.text()
}

/// Resolves `reference`, also through other references, to a node and the pointer of that node.
pub fn resolve<'a>(root: &'a Node, reference: &str) -> Result<(&'a Node, String), Unresolved> {
    let mut left = MAX_CHAIN;
    let (mut node, mut pointer) = find(root, reference, &mut left)?;
    while let Some(next) = of(node).filter(|_| node.members().is_some_and(|members| members.len() == 1)) {
        (node, pointer) = find(root, next, &mut left)?;
    }
    Ok((node, pointer))
}

fn find<'a>(root: &'a Node, reference: &str, left: &mut usize) -> Result<(&'a Node, String), Unresolved> {
    *left = left.checked_sub(1).ok_or(Unresolved::Circular)?;
    let pointer = percent_decoded(reference.strip_prefix('#').ok_or(Unresolved::Remote)?);
    let (mut node, mut location) = (root, String::new());
    for token in tree::tokens(&pointer).ok_or(Unresolved::Missing)? {
        while let Some(next) = of(node).filter(|_| node.child(&token).is_none()) {
            (node, location) = find(root, next, left)?;
        }
        node = node.child(&token).ok_or(Unresolved::Missing)?;
        location = tree::join(&location, &token);
    }
    Ok((node, location))
}

/// Decodes a pointer in a URI fragment, which may be percent-encoded (RFC 6901, section 6).
fn percent_decoded(pointer: &str) -> String {
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(code) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(code);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| pointer.to_owned())
}
