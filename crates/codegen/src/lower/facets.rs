//! What the document declares about a tool and the tool does not show, for the review of a change: patterns, deprecation, limits
//! that are told in words, texts that are cut, error responses, extensions. Assistants do not see them, but a call may fail or a
//! result may mislead once they change.
//!
//! A place is a pointer: `/query size`, `/body/filters/[]/key`, `/response/apps/[]/id`, `/errors/429`, or empty for the operation.
//!
//! Invariant: whatever else is written at a place, nothing is left out: a keyword that is not in one of the lists here is recorded
//! under its own name.

mod shown;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

use super::discriminator::Discriminator;
use super::media_type;
use super::operation::success;
use super::schema::FORMATS;
use crate::names::{DROPPED_HEADERS, DROPPED_PATH};
use crate::statements::shown;
use crate::text::limits::{listed, rate, tells_a_number, tells_an_end};
use crate::tree::{Node, Value, join};
use crate::{reference, text, tree};

pub(super) use shown::Shown;

/// What is recorded at each place, by its name.
type Facets = BTreeMap<String, BTreeMap<String, String>>;

/// The most schemas that are read, and their deepest nesting. What is beyond that is not recorded here; a larger request is refused,
/// and the fields of a larger response have a digest.
const MAX_PARTS: usize = 8_000;
const MAX_DEPTH: usize = 64;

/// Extensions by which documents state the day of removal.
const SUNSETS: [&str; 4] = ["x-sunset", "x-sunset-date", "x-sunsetDate", "x-deprecation-date"];

/// What the tool, the coverage or another facet has of an operation.
pub(super) const SHOWN_OF_OPERATION: [&str; 13] = [
    "operationId",
    "summary",
    "description",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "servers",
    "deprecated",
    "x-mcp",
    "x-provenance",
    DROPPED_HEADERS,
    DROPPED_PATH,
];
/// The same of a parameter, a body, a response and their content.
const SHOWN_OF_PARAMETER: [&str; 15] = [
    "name",
    "in",
    "required",
    "schema",
    "content",
    "style",
    "explode",
    "allowReserved",
    "deprecated",
    "description",
    "summary",
    "example",
    "examples",
    "headers",
    "x-mcp",
];
/// The same of a schema.
pub(super) const SHOWN_OF_SCHEMA: [&str; 22] = [
    "$ref",
    "type",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "enum",
    "allOf",
    "oneOf",
    "anyOf",
    "nullable",
    "format",
    "pattern",
    "description",
    "summary",
    "deprecated",
    "readOnly",
    "writeOnly",
    "example",
    "examples",
    "discriminator",
    "x-mcp",
];
/// What only the schema of an argument shows.
pub(super) const SHOWN_OF_ARGUMENT: [&str; 13] = [
    "default",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
];

/// Reads the facets of an operation whose tool shows this.
pub(super) fn facets(root: &Node, operation: &Node, shown: Shown<'_>) -> Facets {
    let mut reader = FacetReader {
        root,
        shown,
        stack: Vec::new(),
        left: MAX_PARTS,
        depth: 0,
        values: BTreeMap::new(),
        branch: String::new(),
        limits: BTreeMap::new(),
    };
    reader.words(operation, "");
    reader.others(operation, "", &[&SHOWN_OF_OPERATION]);
    // the path of the server is part of the tool's
    if let Some(servers) = operation.get("servers").filter(|servers| Some(*servers) != root.get("servers")) {
        reader.record("", "servers", &written(&servers.to_json()));
    }
    for parameter in operation.get("parameters").and_then(Node::items).unwrap_or_default() {
        let member = |key: &str| parameter.get(key).and_then(Node::text).unwrap_or_default();
        let place = join("", &format!("{} {}", member("in"), member("name")));
        reader.declared(parameter, &place);
        reader.others(parameter, &place, &[&SHOWN_OF_PARAMETER]);
        let content = media_type::json_content(parameter).and_then(|(_, content)| content.get("schema"));
        if let Some(schema) = content.or_else(|| parameter.get("schema")) {
            reader.read(schema, &place, Side::Request);
        }
    }
    if let Some(body) = operation.get("requestBody") {
        reader.content(body, "/body", Side::Request);
    }
    let success = success(operation).map(|(status, response)| (status.to_owned(), response));
    if let Some((_, response)) = &success {
        reader.content(response, "/response", Side::Response);
    }
    reader.responses(operation, success.map(|(status, _)| status).as_deref());
    reader.dropped(operation);
    reader.facets()
}

/// Whether a schema or the schema that it refers to has a switch that is on.
pub(crate) fn is_on(root: &Node, schema: &Node, switch: &str) -> bool {
    let on = |node: &Node| node.get(switch).and_then(Node::boolean).unwrap_or_default();
    let target = reference::of(schema).and_then(|target| reference::resolve(root, target).ok());
    on(schema) || target.is_some_and(|(node, _)| on(node))
}

/// The format of a schema, if it is one that assistants do not see.
pub(crate) fn hidden_format(schema: &Node) -> Option<&str> {
    let format = schema.get("format").and_then(Node::text)?;
    Some(format).filter(|format| *format != "binary" && !FORMATS.contains(format))
}

/// Which part of a call a schema is of.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Request,
    Response,
}

impl Side {
    /// The switch by which a property does not belong to this side.
    pub(crate) fn absence(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

struct FacetReader<'a> {
    root: &'a Node,
    shown: Shown<'a>,
    /// the references being followed
    stack: Vec<String>,
    left: usize,
    depth: usize,
    /// the values at each place by name, with how often each is stated
    values: BTreeMap<String, BTreeMap<String, IndexMap<String, BTreeSet<String>>>>,
    /// which alternatives are being read, as in `0.1`
    branch: String,
    /// the sentences that state limits or other numbers, by place
    limits: BTreeMap<String, IndexSet<String>>,
}

impl FacetReader<'_> {
    /// The statuses by which a call succeeds, and what the document says of the responses that the tool does not have. Where these are
    /// references, what they refer to is recorded once, for the document.
    fn responses(&mut self, operation: &Node, success: Option<&str>) {
        let all = operation.get("responses").and_then(Node::members).into_iter().flatten();
        let succeeds = |status: &str| status.starts_with(['2', '3']);
        let statuses: BTreeSet<&str> = all.clone().map(|(status, _)| status.as_str()).filter(|status| succeeds(status)).collect();
        if !statuses.is_empty() {
            self.record("/response", "status", &statuses.into_iter().collect::<Vec<_>>().join(", "));
        }
        for (status, response) in all.filter(|(status, _)| Some(status.as_str()) != success) {
            let place = join(if succeeds(status) { "/answers" } else { "/errors" }, status);
            if let Some(target) = reference::of(response) {
                self.record(&place, "response", target);
                continue;
            }
            self.words(response, &place);
            let text = response.get("description").and_then(Node::text).unwrap_or_default();
            self.record(&place, "description", text);
            let others = response.members().into_iter().flatten().filter(|(key, _)| *key != "description");
            let others: serde_json::Map<String, Json> = others.map(|(key, stated)| (key.clone(), stated.to_json())).collect();
            if !others.is_empty() {
                self.record(&place, "response", &written(&others.into()));
            }
        }
    }

    /// What the repairs took out of the operation: headers that are no arguments, and what is said of its path.
    fn dropped(&mut self, operation: &Node) {
        for (name, header) in operation.get(DROPPED_HEADERS).and_then(Node::members).into_iter().flatten() {
            let place = join("/ignored", name);
            self.words(header, &place);
            for (key, stated) in header.members().into_iter().flatten().filter(|(key, _)| !matches!(key.as_str(), "name" | "in"))
            {
                self.record(&place, if key == "description" { key } else { "declaration" }, &written(&stated.to_json()));
            }
        }
        if let Some(path) = operation.get(DROPPED_PATH) {
            self.words(path, "/path");
            self.others(path, "/path", &[]);
        }
    }

    /// A body or a response.
    fn content(&mut self, node: &Node, place: &str, side: Side) {
        self.words(node, place);
        self.described(node, place);
        self.others(node, place, &[&SHOWN_OF_PARAMETER]);
        for (name, header) in node.get("headers").and_then(Node::members).into_iter().flatten() {
            self.record(&join("/headers", name), "header", &written(&header.to_json()));
        }
        let declared: Vec<&str> =
            node.get("content").and_then(Node::members).into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        // one is sent or accepted, and the tool has it
        if declared.len() > 1 {
            self.record(place, "mediaTypes", &declared.join(", "));
        }
        for (_, content) in node.get("content").and_then(Node::members).into_iter().flatten() {
            self.examples(content, place);
            self.others(content, place, &[&SHOWN_OF_PARAMETER]);
            if let Some(schema) = content.get("schema") {
                self.read(schema, place, side);
            }
        }
    }

    fn read(&mut self, node: &Node, place: &str, side: Side) {
        if self.left == 0 || self.depth == MAX_DEPTH {
            return;
        }
        self.left -= 1;
        self.depth += 1;
        match reference::of(node).map(|target| reference::resolve(self.root, target)) {
            None => self.read_here(node, place, side),
            Some(Ok((_, target))) if self.stack.contains(&target) => {}
            Some(Ok((target_node, target))) => {
                self.words(node, place);
                self.described(node, place);
                self.stack.push(target);
                self.read(target_node, place, side);
                self.stack.pop();
            }
            Some(Err(_)) => {}
        }
        self.depth -= 1;
    }

    fn read_here(&mut self, node: &Node, place: &str, side: Side) {
        self.declared(node, place);
        match side {
            Side::Request => self.demanded(node, place),
            Side::Response => self.promised(node, place),
        }
        if let Some(pattern) = node.get("pattern").and_then(Node::text) {
            self.record(place, "pattern", pattern);
        }
        // the fields of a response contain the formats of strings
        let is_text = node.get("type").and_then(Node::text) == Some("string");
        if let Some(format) = hidden_format(node).filter(|_| side == Side::Request || !is_text) {
            self.record(place, "format", format);
        }
        if let Some(mapping) = Discriminator::of(node).map(|discriminator| discriminator.shown()) {
            self.record(place, "discriminator", &mapping);
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for (index, part) in node.get(keyword).and_then(Node::items).unwrap_or_default().iter().enumerate() {
                let outer = self.branch.clone();
                if keyword != "allOf" {
                    self.branch = format!("{outer}{index}.");
                }
                self.read(part, place, side);
                self.branch = outer;
            }
        }
        for (name, property) in node.get("properties").and_then(Node::members).into_iter().flatten() {
            if !is_on(self.root, property, side.absence()) {
                self.read(property, &join(place, name), side);
            }
        }
        for (keyword, name) in [("items", "[]"), ("additionalProperties", "*")] {
            if let Some(inner) = node.get(keyword).filter(|inner| inner.members().is_some()) {
                self.read(inner, &join(place, name), side);
            }
        }
    }

    /// What a parameter and a schema can both declare.
    fn declared(&mut self, node: &Node, place: &str) {
        for switch in ["deprecated", "readOnly", "writeOnly", "allowReserved"] {
            if node.get(switch).and_then(Node::boolean).unwrap_or_default() {
                self.record(place, switch, "true");
            }
        }
        self.words(node, place);
        self.described(node, place);
        self.examples(node, place);
    }

    /// What only a request declares: names that are required and that no property has, so that no argument can have them.
    fn demanded(&mut self, node: &Node, place: &str) {
        // the tool's arguments are the members of the body, so it has none of the keywords of the body itself
        let of_argument: &[&str] = if place == "/body" { &[] } else { &SHOWN_OF_ARGUMENT };
        self.others(node, place, &[&SHOWN_OF_SCHEMA, of_argument]);
        for keyword in ["anyOf", "oneOf"] {
            let demands =
                |part: &Node| part.members().is_some_and(|members| members.len() == 1 && members.contains_key("required"));
            let parts = node.get(keyword).and_then(Node::items).unwrap_or_default();
            for part in parts.iter().filter(|part| demands(part)) {
                self.record(place, keyword, &written(&part.to_json()));
            }
        }
        let Some(properties) = node.get("properties").filter(|_| node.get("allOf").is_none()) else { return };
        let required = node.get("required").and_then(Node::items).unwrap_or_default().iter().filter_map(Node::text);
        for name in required.filter(|name| properties.get(name).is_none()) {
            self.record(place, "demands", name);
        }
    }

    /// What only a response declares: which fields are always there, and whether there may be others.
    fn promised(&mut self, node: &Node, place: &str) {
        self.others(node, place, &[&SHOWN_OF_SCHEMA]);
        for name in node.get("required").and_then(Node::items).unwrap_or_default().iter().filter_map(Node::text) {
            self.record(&join(place, name), "required", "true");
        }
        if matches!(node.get("additionalProperties"), Some(Node { value: Value::Bool(false), .. })) {
            self.record(place, "closed", "true");
        }
    }

    /// A description that the tool does not show, or cuts.
    fn described(&mut self, node: &Node, place: &str) {
        let text = node.get("description").and_then(Node::text).map(|text| text::plain(text, usize::MAX)).unwrap_or_default();
        if !text.is_empty() && !self.shown.has(place, &text) {
            self.record(place, "description", &text);
        }
    }

    /// All keywords that are in none of the lists.
    fn others(&mut self, node: &Node, place: &str, known: &[&[&str]]) {
        for (key, stated) in node.members().into_iter().flatten() {
            let is_known = known.iter().any(|list| list.contains(&key.as_str())) || SUNSETS.contains(&key.as_str());
            if !is_known {
                self.record(place, key, &written(&stated.to_json()));
            }
        }
    }

    /// What a text says about limits and about an end, and the extensions that state an end.
    fn words(&mut self, node: &Node, place: &str) {
        for stated in SUNSETS.iter().filter_map(|key| node.get(key)) {
            let day = stated.text().map_or_else(|| stated.to_json().to_string(), str::to_owned);
            self.record(place, "sunset", &day);
        }
        let told = ["summary", "description"].iter().filter_map(|key| node.get(key)?.text());
        for sentence in told.flat_map(text::sentences) {
            if tells_an_end(&sentence) {
                self.record(place, "sunset", &sentence);
            }
            // the tool has the rate of the operation itself
            if tells_a_number(&sentence) || (!place.is_empty() && rate(&sentence).is_some()) {
                self.limits.entry(place.to_owned()).or_default().insert(sentence);
            }
        }
    }

    fn examples(&mut self, node: &Node, place: &str) {
        for stated in ["example", "examples"].iter().filter_map(|key| node.get(key)) {
            self.record(place, "example", &written(&stated.to_json()));
        }
    }

    /// Records a value. A place that several alternatives describe has the values of all of them, each with its number.
    fn record(&mut self, place: &str, name: &str, value: &str) {
        let values = self.values.entry(place.to_owned()).or_default().entry(name.to_owned()).or_default();
        values.entry(shown(&text::line(value))).or_default().insert(self.branch.clone());
    }

    /// What is recorded, as text.
    fn facets(self) -> Facets {
        let joined = |values: IndexMap<String, BTreeSet<String>>| {
            let times = |(value, branches): (String, BTreeSet<String>)| match branches.len() {
                1 => value,
                times => format!("{value} ({times} times)"),
            };
            shown(&values.into_iter().map(times).collect::<Vec<_>>().join(" | "))
        };
        let named = |all: BTreeMap<String, IndexMap<String, BTreeSet<String>>>| {
            all.into_iter().map(|(name, values)| (name, joined(values))).collect()
        };
        let mut found: Facets = self.values.into_iter().map(|(place, all)| (place, named(all))).collect();
        for (place, all) in self.limits {
            found.entry(place).or_default().insert("limits".to_owned(), listed(all.iter().map(String::as_str), " | "));
        }
        found
    }
}

fn written(json: &Json) -> String {
    json.as_str().map_or_else(|| tree::sorted(json).to_string(), str::to_owned)
}
