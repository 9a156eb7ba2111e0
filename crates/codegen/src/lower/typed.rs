//! Reads the types of responses for the typed client.
//!
//! A schema that lists properties becomes a type with a name: that of the component, or else one made of where it is used. Parts of
//! an `allOf` and alternatives are read as one, because every member is optional anyway; where they disagree about the kind of a
//! value, it can be anything.
//!
//! Invariants: each schema becomes at most one type, so recursive and exponential documents end; names depend on the document only.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use indexmap::IndexMap;
use openapi_mcp_model::ResponseKind;

use super::operation::response_schema;
use crate::ir::Api;
use crate::names::{self, unique};
use crate::reference;
use crate::text;
use crate::tree::{Node, Value};
use crate::typed::{Definition, Kind, Member, Shape, Types};

/// Longest description of a type or a member, in characters.
pub(crate) const MAX_DESCRIPTION: usize = 280;

/// The longest chain of lists in lists, and of parts in parts.
const MAX_DEPTH: usize = 32;

/// Names that mean something else in the generated code.
const TAKEN: [&str; 17] = [
    "Box",
    "BTreeMap",
    "Client",
    "Connection",
    "Error",
    "File",
    "Fit",
    "From",
    "Json",
    "Map",
    "Number",
    "Option",
    "Result",
    "String",
    "Typed",
    "Value",
    "Vec",
];

/// The types of the responses of all tools.
pub(crate) fn types(root: &Node, api: &Api) -> Types {
    let mut reader = Reader { root, names: BTreeSet::new(), known: HashMap::new(), queue: VecDeque::new() };
    reader.names.extend(TAKEN.map(str::to_owned));
    reader.names.extend(api.tools().iter().map(|plan| names::options(&plan.tool.name)));
    let mut types = Types::default();
    for plan in api.tools() {
        let operation = root.get("paths").and_then(|paths| paths.get(&plan.tool.path)?.get(plan.tool.method.key()));
        let shape = match (plan.tool.response.kind, operation.and_then(response_schema)) {
            (ResponseKind::Redirect | ResponseKind::Content, _) => Shape::File,
            (ResponseKind::Json, Some(schema)) => reader.response(&plan.tool.name, schema, &mut types.definitions),
            (ResponseKind::Json, None) => Shape::Any,
        };
        types.responses.insert(plan.tool.name.clone(), shape);
    }
    while let Some((name, nodes)) = reader.queue.pop_front() {
        let definition = reader.object(&name, &nodes, &mut types.definitions);
        types.definitions.insert(name, definition);
    }
    types
}

type Definitions = BTreeMap<String, Definition>;

struct Reader<'a> {
    root: &'a Node,
    /// names that are taken
    names: BTreeSet<String>,
    /// the name of each type, by the addresses of the schemas that it is made of
    known: HashMap<Vec<*const Node>, String>,
    /// objects whose members are still to be read
    queue: VecDeque<(String, Vec<&'a Node>)>,
}

/// Schemas read as one.
#[derive(Default)]
struct Merged<'a> {
    kinds: BTreeSet<&'a str>,
    properties: IndexMap<&'a str, Vec<&'a Node>>,
    items: Vec<&'a Node>,
    additional: Vec<&'a Node>,
    /// the known values of a text, if any are listed
    values: Option<Vec<&'a str>>,
    description: Option<&'a str>,
    seen: Vec<*const Node>,
}

impl<'a> Reader<'a> {
    /// The type of a response. The server returns a list as the member `items` of an object.
    fn response(&mut self, tool: &str, schema: &'a Node, definitions: &mut Definitions) -> Shape {
        let hint = format!("{}Response", names::rust_pascal(tool));
        match self.shape(&[schema], &hint, 0, definitions) {
            shape @ Shape::Named(_) => shape,
            list @ Shape::List(_) => {
                let description = "The items that the API returns as a list.".to_owned();
                let items = Member {
                    wire: "items".to_owned(),
                    name: "items".to_owned(),
                    description: "The items.".to_owned(),
                    shape: list,
                };
                let name = self.name(&hint);
                definitions.insert(name.clone(), Definition { description, kind: Kind::Object(vec![items]) });
                Shape::Named(name)
            }
            _ => Shape::Any,
        }
    }

    /// What a value with these schemas is.
    fn shape(&mut self, nodes: &[&'a Node], hint: &str, depth: usize, definitions: &mut Definitions) -> Shape {
        if depth == MAX_DEPTH {
            return Shape::Any;
        }
        let (nodes, component) = self.resolved(nodes);
        let name = component.as_deref().unwrap_or(hint);
        let merged = self.merged(&nodes);
        let kinds: Vec<&str> = merged.kinds.iter().copied().collect();
        match kinds.as_slice() {
            ["boolean"] => Shape::Boolean,
            ["integer" | "number"] | ["integer", "number"] => Shape::Number,
            ["string"] => match merged.values.as_deref().and_then(choice) {
                Some(variants) => self.named(&nodes, name, |_, name| {
                    let description = described(&merged, name);
                    definitions.insert(name.to_owned(), Definition { description, kind: Kind::Choice(variants) });
                }),
                None => Shape::Text,
            },
            ["array"] => Shape::List(Box::new(self.inner(&merged.items, &format!("{name}Item"), depth, definitions))),
            ["object"] if merged.properties.is_empty() => {
                Shape::Map(Box::new(self.inner(&merged.additional, &format!("{name}Value"), depth, definitions)))
            }
            ["object"] => self.named(&nodes, name, |reader, name| {
                reader.queue.push_back((name.to_owned(), nodes.clone()));
            }),
            _ => Shape::Any,
        }
    }

    /// What the items of a list or the values of a map are.
    fn inner(&mut self, nodes: &[&'a Node], hint: &str, depth: usize, definitions: &mut Definitions) -> Shape {
        if nodes.is_empty() { Shape::Any } else { self.shape(nodes, hint, depth + 1, definitions) }
    }

    /// The members of an object.
    fn object(&mut self, name: &str, nodes: &[&'a Node], definitions: &mut Definitions) -> Definition {
        let merged = self.merged(nodes);
        let description = described(&merged, name);
        // the struct has a member of this name
        let mut taken = BTreeSet::from(["other".to_owned()]);
        let members = merged.properties.into_iter().map(|(wire, nodes)| {
            let hint = format!("{name}{}", names::rust_pascal(wire));
            let shape = self.shape(&nodes, &hint, 0, definitions);
            let stated = nodes.iter().find_map(|node| self.description(node));
            let description = stated.unwrap_or_else(|| format!("`{}` in the API.", text::line(wire).replace('`', "'")));
            Member { wire: wire.to_owned(), name: unique(&names::valid(names::rust_snake(wire)), &mut taken), description, shape }
        });
        Definition { description, kind: Kind::Object(members.collect()) }
    }

    /// The type of these schemas; a new one is defined by `define`.
    fn named(&mut self, nodes: &[&'a Node], hint: &str, define: impl FnOnce(&mut Self, &str)) -> Shape {
        let key: Vec<*const Node> = nodes.iter().map(|node| std::ptr::from_ref(*node)).collect();
        if let Some(name) = self.known.get(&key) {
            return Shape::Named(name.clone());
        }
        let name = self.name(hint);
        self.known.insert(key, name.clone());
        define(self, &name);
        Shape::Named(name)
    }

    fn name(&mut self, hint: &str) -> String {
        unique(&names::valid(names::rust_pascal(hint)), &mut self.names)
    }

    /// The schemas that these refer to, and the name of the component if that is a single one.
    fn resolved(&self, nodes: &[&'a Node]) -> (Vec<&'a Node>, Option<String>) {
        let [node] = nodes else { return (nodes.to_vec(), None) };
        let Some(Ok((target, pointer))) = reference::of(node).map(|target| reference::resolve(self.root, target)) else {
            return (nodes.to_vec(), None);
        };
        let component = pointer.strip_prefix("/components/schemas/").filter(|name| !name.contains('/'));
        (vec![target], component.map(str::to_owned))
    }

    fn merged(&self, nodes: &[&'a Node]) -> Merged<'a> {
        let mut merged = Merged::default();
        for node in nodes {
            self.merge(node, &mut merged, 0);
        }
        merged
    }

    fn merge(&self, node: &'a Node, merged: &mut Merged<'a>, depth: usize) {
        if depth == MAX_DEPTH || merged.seen.contains(&std::ptr::from_ref(node)) {
            return;
        }
        merged.seen.push(node);
        merged.description = merged.description.or_else(|| node.get("description").and_then(Node::text));
        if let Some(target) = reference::of(node) {
            if let Ok((target, _)) = reference::resolve(self.root, target) {
                self.merge(target, merged, depth + 1);
            }
            return;
        }
        merged.kinds.extend(kinds(node));
        let values = node.get("enum").and_then(Node::items).map(|values| values.iter().filter_map(Node::text));
        if let Some(values) = values {
            merged.values.get_or_insert_default().extend(values);
        }
        for (name, property) in node.get("properties").and_then(Node::members).into_iter().flatten() {
            merged.properties.entry(name).or_default().push(property);
        }
        merged.items.extend(node.get("items"));
        merged.additional.extend(node.get("additionalProperties").filter(|schema| schema.members().is_some()));
        for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|keyword| node.get(keyword)?.items()).flatten() {
            self.merge(part, merged, depth + 1);
        }
    }

    /// The description of a schema, or of the one that it refers to.
    fn description(&self, node: &'a Node) -> Option<String> {
        let text = node.get("description").and_then(Node::text).or_else(|| {
            let (target, _) = reference::resolve(self.root, reference::of(node)?).ok()?;
            target.get("description")?.text()
        })?;
        Some(text::plain(text, MAX_DESCRIPTION)).filter(|text| !text.is_empty())
    }
}

/// The kinds of values that a schema allows by its own keywords, without null.
fn kinds(node: &Node) -> Vec<&str> {
    let stated: Vec<&str> = match node.get("type").map(|stated| &stated.value) {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Node::text).collect(),
        _ if node.get("properties").or(node.get("additionalProperties")).is_some() => vec!["object"],
        _ if node.get("items").is_some() => vec!["array"],
        _ => Vec::new(),
    };
    stated.into_iter().filter(|name| *name != "null").collect()
}

fn described(merged: &Merged<'_>, name: &str) -> String {
    let text = merged.description.map(|text| text::plain(text, MAX_DESCRIPTION)).unwrap_or_default();
    if text.is_empty() { format!("{name}, as the API returns it.") } else { text }
}

/// The variants of an enum with these values; `None` if their Rust names cannot be distinguished.
fn choice(values: &[&str]) -> Option<Vec<(String, String)>> {
    let mut variants: IndexMap<&str, String> = IndexMap::new();
    for value in values {
        variants.entry(value).or_insert_with(|| names::valid(names::rust_pascal(value)));
    }
    let distinct: BTreeSet<&str> = variants.values().map(String::as_str).chain(["Other"]).collect();
    let is_plain = !variants.is_empty() && distinct.len() == variants.len() + 1;
    is_plain.then(|| variants.into_iter().map(|(value, name)| (value.to_owned(), name)).collect())
}
