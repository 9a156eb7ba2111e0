//! Digests of all that the document says of an operation apart from its words, by the places of the request and the response.
//!
//! They are for the review of a change: where one differs and no comparison tells a change at that place, the document has changed in
//! a way that no comparison knows. Words and extensions are left out because each of them is compared by itself ([`super::facets`]).
//!
//! A place is a pointer as in the facets, such as `/body/filters/[]/key`; a keyword that the facets record under its own name has its
//! own digest, at the place and the keyword. What a place refers to belongs to it, so a component has a digest at each place that it is
//! used in. A request or a response of too many schemas for that has one digest for all of them ([`crate::content`]).
//!
//! Invariants: nothing depends on the order of members, parameters, `required`, `enum` and the parts of `allOf`, nor on the names of
//! components; what says the same as nothing counts as nothing, such as `nullable: false`.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::facets::{SHOWN_OF_ARGUMENT, SHOWN_OF_OPERATION, SHOWN_OF_SCHEMA, Side, is_on};
use super::media_type::is_json;
use super::operation::success;
use crate::content::{Contents, Counts, essence, is_default, sorted};
use crate::names::is_word;
use crate::reference;
use crate::tree::{Node, Value, join};

/// The most schemas of an operation that have digests of their own, and their deepest nesting.
const MAX_PARTS: usize = 4_000;
const MAX_DEPTH: usize = 64;

/// What the digest of a request or a response as a whole begins with.
const WHOLE: &str = "whole ";

/// Makes the digests of one document.
pub(super) struct Structures<'a> {
    root: &'a Node,
    contents: Contents<'a>,
}

impl<'a> Structures<'a> {
    pub(super) fn new(root: &'a Node) -> Self {
        Self { root, contents: Contents::new(root, Counts::AllButWords) }
    }

    /// The digests of an operation by their places.
    pub(super) fn read(&mut self, operation: &'a Node) -> BTreeMap<String, String> {
        let mut reader = Reader {
            root: self.root,
            contents: &mut self.contents,
            stack: Vec::new(),
            branch: String::new(),
            left: MAX_PARTS,
            depth: 0,
            is_whole: false,
            said: BTreeMap::new(),
            found: BTreeMap::new(),
        };
        for parameter in operation.get("parameters").and_then(Node::items).unwrap_or_default() {
            // nothing is sent in a cookie
            if parameter.get("in").and_then(Node::text) == Some("cookie") {
                continue;
            }
            let member = |key: &str| parameter.get(key).and_then(Node::text).unwrap_or_default();
            let place = join("", &format!("{} {}", member("in"), member("name")));
            reader.part(parameter, &place, Side::Request);
        }
        if let Some(body) = operation.get("requestBody") {
            reader.part(body, "/body", Side::Request);
        }
        let main = success(operation).map(|(status, _)| status);
        for (status, response) in operation.get("responses").and_then(Node::members).into_iter().flatten() {
            if Some(status.as_str()) == main {
                reader.part(response, "/response", Side::Response);
            } else if status.starts_with(['2', '3']) {
                reader.keyword(response, "/answers", status);
            } else if reference::of(response).is_none() {
                // what several operations refer to is recorded once, for the document
                reader.keyword(response, "/errors", status);
            }
        }
        for (key, stated) in operation.members().into_iter().flatten() {
            if !SHOWN_OF_OPERATION.contains(&key.as_str()) && !is_word(key) {
                reader.keyword(stated, "", key);
            }
        }
        reader.found
    }
}

struct Reader<'a, 'b> {
    root: &'a Node,
    contents: &'b mut Contents<'a>,
    /// the references being followed, and where each of them began
    stack: Vec<(String, String)>,
    /// which alternatives are being read, as in `0.1`
    branch: String,
    left: usize,
    depth: usize,
    /// whether the part that is being read has too many schemas
    is_whole: bool,
    /// what is said at each place of the part that is being read
    said: BTreeMap<String, BTreeSet<String>>,
    found: BTreeMap<String, String>,
}

impl<'a> Reader<'a, '_> {
    /// A parameter, a body or a response.
    fn part(&mut self, node: &'a Node, place: &str, side: Side) {
        (self.is_whole, self.said) = (false, BTreeMap::new());
        for (key, stated) in node.members().into_iter().flatten() {
            match key.as_str() {
                "name" | "in" => {}
                "headers" => {
                    for (name, header) in stated.members().into_iter().flatten() {
                        self.keyword(header, "/headers", name);
                    }
                }
                "schema" => self.schema(stated, place, side),
                "content" => self.content(stated, place, side),
                "required" | "style" | "explode" if !is_default(key, node) => self.say(place, key, stated),
                key if is_word(key) || is_default(key, node) => {}
                key => self.keyword(stated, place, key),
            }
        }
        if self.is_whole {
            let digest = WHOLE.to_owned() + &self.contents.digest(node);
            self.found.insert(place.to_owned(), digest);
            return;
        }
        for (place, said) in std::mem::take(&mut self.said) {
            if side == Side::Request || !is_a_type(&said) {
                let all: Vec<String> = said.into_iter().collect();
                self.found.insert(place, crate::short_digest(&all.join("\n")));
            }
        }
    }

    /// The content of one media type has digests by place, that of others as a whole.
    fn content(&mut self, content: &'a Node, place: &str, side: Side) {
        let all = || content.members().into_iter().flatten();
        let main = all().position(|(media, _)| is_json(&essence(media))).unwrap_or_default();
        for (index, (media, inner)) in all().enumerate() {
            if index != main {
                self.keyword(inner, place, &format!("content {}", essence(media)));
                continue;
            }
            self.write(place, &format!("content {}", essence(media)));
            for (key, stated) in inner.members().into_iter().flatten() {
                match key.as_str() {
                    "schema" => self.schema(stated, place, side),
                    key if is_word(key) || is_default(key, inner) => {}
                    key => self.keyword(stated, place, key),
                }
            }
        }
    }

    fn schema(&mut self, node: &'a Node, place: &str, side: Side) {
        if self.left == 0 || self.depth == MAX_DEPTH {
            self.is_whole = true;
            return;
        }
        self.left -= 1;
        self.depth += 1;
        let target = reference::of(node).and_then(|target| reference::resolve(self.root, target).ok());
        match target {
            Some((target, pointer)) => {
                if let Some((_, began)) = self.stack.iter().find(|(known, _)| *known == pointer) {
                    self.write(place, &format!("contains {began} again"));
                } else {
                    self.stack.push((pointer, place.to_owned()));
                    self.schema(target, place, side);
                    self.stack.pop();
                }
            }
            // a reference to nothing
            None => reference::of(node).into_iter().for_each(|target| self.write(place, target)),
        }
        for (key, stated) in node.members().into_iter().flatten().filter(|(key, _)| *key != "$ref") {
            self.member(node, (key, stated), place, side);
        }
        self.depth -= 1;
    }

    fn member(&mut self, schema: &'a Node, (key, stated): (&'a str, &'a Node), place: &str, side: Side) {
        match (key, &stated.value) {
            ("properties", Value::Object(properties)) => {
                for (name, property) in properties.iter().filter(|(_, property)| !is_on(self.root, property, side.absence())) {
                    self.schema(property, &join(place, name), side);
                }
            }
            // a facet of the field
            ("required", Value::Array(_)) if side == Side::Response => {}
            ("required", Value::Array(names)) => {
                for name in names.iter().filter_map(Node::text) {
                    self.write(&join(place, name), "required");
                }
            }
            ("items", Value::Object(_)) => self.schema(stated, &join(place, "[]"), side),
            ("additionalProperties", Value::Object(_)) => self.schema(stated, &join(place, "*"), side),
            ("additionalProperties", Value::Bool(true)) => {}
            // a facet of the response
            ("additionalProperties", _) if side == Side::Response => {}
            ("additionalProperties", _) => self.write(&join(place, "*"), "none"),
            ("allOf" | "oneOf" | "anyOf", Value::Array(parts)) => {
                let is_choice = key != "allOf" && parts.len() > 1;
                if is_choice {
                    self.write(place, &format!("{key} of {}", parts.len()));
                }
                for (index, part) in parts.iter().enumerate() {
                    let outer = self.branch.clone();
                    if is_choice {
                        self.branch = format!("{outer}{index}.");
                    }
                    self.schema(part, place, side);
                    self.branch = outer;
                }
            }
            (key, _) if is_word(key) || is_default(key, schema) => {}
            (key, _) if SHOWN_OF_SCHEMA.contains(&key) || SHOWN_OF_ARGUMENT.contains(&key) => self.say(place, key, stated),
            _ => self.keyword(stated, place, key),
        }
    }

    /// Says the value of a keyword at a place.
    fn say(&mut self, place: &str, key: &str, stated: &'a Node) {
        let value = match key {
            "type" | "enum" => sorted(stated).join(","),
            _ if stated.children().next().is_none() => stated.to_json().to_string(),
            _ => self.contents.digest(stated),
        };
        self.write(place, &format!("{key} {value}"));
    }

    /// The digest of a keyword that the facets record under its own name.
    fn keyword(&mut self, stated: &'a Node, place: &str, key: &str) {
        let digest = self.contents.digest(stated);
        let place =
            if matches!(place, "/answers" | "/errors" | "/headers") { join(place, key) } else { format!("{place} {key}") };
        let all = self.found.get(&place).map(|known| crate::short_digest(&format!("{known}\n{}{digest}", self.branch)));
        self.found.insert(place, all.unwrap_or(digest));
    }

    fn write(&mut self, place: &str, text: &str) {
        self.said.entry(place.to_owned()).or_default().insert(format!("{}{text}", self.branch));
    }
}

/// Whether a field has a type and nothing else, so that the record of fields has all of it.
fn is_a_type(said: &BTreeSet<String>) -> bool {
    let is_plain = |said: &String| matches!(said.as_str(), "nullable true") || (said.starts_with("type ") && !said.contains(','));
    let is_format = |line: &String| line.starts_with("format ") && said.contains("type \"string\"");
    said.iter().all(|line| is_plain(line) || is_format(line)) && said.iter().filter(|line| line.starts_with("type ")).count() == 1
}
