//! Lists what the document declares and no tool shows. Nothing is changed here: the tools are made without these keywords, and the
//! list says so. The facets record them for the review of a change.

use std::collections::{BTreeMap, HashSet};

use super::{Repair, has_tool};
use crate::lower::{Side, hidden_format, is_on};
use crate::reference;
use crate::tree::{Node, join};
use openapi_mcp_model::Method;

/// Keywords of the schema of an argument that assistants do not see. The lock records some of them.
const DROPPED_OF_SCHEMA: [&str; 11] = [
    "deprecated",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "not",
    "pattern",
    "title",
    "writeOnly",
    "xml",
    "x-sunset",
];
const DROPPED_OF_PARAMETER: [&str; 6] = ["allowEmptyValue", "allowReserved", "deprecated", "example", "examples", "x-sunset"];
const DROPPED_OF_OPERATION: [&str; 3] = ["callbacks", "externalDocs", "x-sunset"];

/// Lists the keywords that are dropped, once for each place in the document.
pub(super) fn list(document: &Node, repairs: &mut Vec<Repair>) {
    let mut reader = Reader { document, seen: HashSet::new(), dropped: BTreeMap::new(), absent: BTreeMap::new() };
    for (path, item) in document.get("paths").and_then(Node::members).into_iter().flatten() {
        for method in Method::ALL.map(Method::key) {
            if let Some(operation) = item.get(method).filter(|operation| has_tool(operation)) {
                reader.operation(operation, &join(&join("/paths", path), method));
            }
        }
    }
    let told = reader.dropped.into_iter().map(|(pointer, keywords)| Repair {
        name: "drop-keywords",
        what: format!("`{}` dropped: no tool shows it", keywords.join("`, `")),
        pointer,
    });
    repairs.extend(told);
    let told = reader.absent.into_iter().map(|(pointer, what)| Repair { name: "drop-property", pointer, what: what.to_owned() });
    repairs.extend(told);
}

struct Reader<'a> {
    document: &'a Node,
    seen: HashSet<(String, Side)>,
    /// the dropped keywords by the pointer of what has them
    dropped: BTreeMap<String, Vec<String>>,
    /// why a property is left out, by its pointer
    absent: BTreeMap<String, &'static str>,
}

impl<'a> Reader<'a> {
    fn operation(&mut self, operation: &'a Node, pointer: &str) {
        self.keywords(operation, pointer, &DROPPED_OF_OPERATION);
        let parameters = operation.get("parameters").and_then(Node::items).unwrap_or_default();
        for (index, parameter) in parameters.iter().enumerate() {
            let pointer = join(&join(pointer, "parameters"), &index.to_string());
            self.keywords(parameter, &pointer, &DROPPED_OF_PARAMETER);
            if let Some(schema) = parameter.get("schema") {
                self.schemas([(schema, join(&pointer, "schema"))].into(), Side::Request);
            }
            self.contents(parameter, &pointer, Side::Request);
        }
        if let Some(body) = operation.get("requestBody") {
            self.contents(body, &join(pointer, "requestBody"), Side::Request);
        }
        let responses = operation.get("responses").and_then(Node::members).into_iter().flatten();
        for (status, response) in responses.filter(|(status, _)| status.starts_with(['2', '3'])) {
            self.contents(response, &join(&join(pointer, "responses"), status), Side::Response);
        }
    }

    fn contents(&mut self, node: &'a Node, pointer: &str, side: Side) {
        let pointer = join(pointer, "content");
        for (media, content) in node.get("content").and_then(Node::members).into_iter().flatten() {
            let pointer = join(&pointer, media);
            self.keywords(content, &pointer, &["example", "examples"]);
            if let Some(schema) = content.get("schema") {
                self.schemas([(schema, join(&pointer, "schema"))].into(), side);
            }
        }
    }

    /// Reads schemas and everything inside them.
    fn schemas(&mut self, mut left: Vec<(&'a Node, String)>, side: Side) {
        while let Some((node, pointer)) = left.pop() {
            if !self.seen.insert((pointer.clone(), side)) {
                continue;
            }
            match side {
                Side::Request => self.keywords(node, &pointer, &DROPPED_OF_SCHEMA),
                Side::Response => self.keywords(node, &pointer, &["deprecated", "example", "examples", "x-sunset"]),
            }
            if let Some(format) = hidden_format(node).filter(|_| side == Side::Request) {
                self.record(&pointer, format!("format: {format}"));
            }
            if let Some(target) = reference::of(node).and_then(|target| reference::resolve(self.document, target).ok()) {
                left.push(target);
                continue;
            }
            for (name, property) in node.get("properties").and_then(Node::members).into_iter().flatten() {
                let pointer = join(&join(&pointer, "properties"), name);
                let what = match side {
                    Side::Request => "`readOnly`, so it is no argument",
                    Side::Response => "`writeOnly`, so it is no field of a response",
                };
                if is_on(self.document, property, side.absence()) {
                    self.absent.insert(pointer, what);
                } else {
                    left.push((property, pointer));
                }
            }
            for keyword in ["items", "additionalProperties"] {
                left.extend(
                    node.get(keyword).filter(|inner| inner.members().is_some()).map(|inner| (inner, join(&pointer, keyword))),
                );
            }
            for keyword in ["allOf", "oneOf", "anyOf"] {
                let parts = node.get(keyword).and_then(Node::items).unwrap_or_default().iter().enumerate();
                left.extend(parts.map(|(index, part)| (part, join(&join(&pointer, keyword), &index.to_string()))));
            }
        }
    }

    fn keywords(&mut self, node: &Node, pointer: &str, keywords: &[&str]) {
        for keyword in keywords.iter().filter(|keyword| is_said(node, keyword)) {
            self.record(pointer, (*keyword).to_owned());
        }
    }

    fn record(&mut self, pointer: &str, keyword: String) {
        let found = self.dropped.entry(pointer.to_owned()).or_default();
        if !found.contains(&keyword) {
            found.push(keyword);
        }
    }
}

/// Whether a keyword says anything: a switch that is off does not.
fn is_said(node: &Node, keyword: &str) -> bool {
    // what a mapping of a discriminator says becomes an enum
    let is_mapped = |stated: &Node| keyword == "discriminator" && stated.get("mapping").is_some();
    node.get(keyword).is_some_and(|stated| stated.boolean() != Some(false) && !is_mapped(stated))
}
