//! Columns from the schema of a response: a column for each member that is a value, and for each value in a member that is an
//! object, named `member_value`. Lists and deeper objects are columns of JSON text.

use indexmap::IndexMap;
use openapi_mcp_model::{Column, ColumnKind};

use crate::lower::facets::is_on;
use crate::reference;
use crate::text;
use crate::tree::Node;

/// The most references and parts that lead to one schema, and the most columns of a table.
const MAX_HOPS: usize = 32;
const MAX_COLUMNS: usize = 300;

/// The longest note of a column, in characters.
const MAX_NOTE: usize = 80;

/// A schema, put together from the parts of an `allOf` and of alternatives.
#[derive(Default)]
struct Shape<'a> {
    kinds: Vec<ColumnKind>,
    is_object: bool,
    members: IndexMap<&'a str, &'a Node>,
    items: Option<&'a Node>,
    values: Vec<&'a str>,
    note: &'a str,
}

/// The columns of the items in the member `items` of a response, or of what `rows` leads to in them.
pub(super) fn of_items(root: &Node, response: Option<&Node>, items: &str, rows: &[String]) -> Vec<Column> {
    let Some(response) = response else { return Vec::new() };
    let response = Shape::of(root, response);
    // a response that is a list itself is returned as the member `items`
    let list = response.members.get(items).copied().map(|list| Shape::of(root, list)).unwrap_or(response);
    let mut row = list.items.map(|item| Shape::of(root, item)).unwrap_or_default();
    for step in rows {
        let Some(inner) = row.members.get(step.as_str()) else { return Vec::new() };
        row = Shape::of(root, inner);
        if let Some(item) = row.items {
            row = Shape::of(root, item);
        }
    }
    let mut columns = Vec::new();
    for (name, member) in &row.members {
        let shape = Shape::of(root, member);
        let path: Vec<String> = rows.iter().cloned().chain([(*name).to_owned()]).collect();
        if shape.members.is_empty() {
            columns.push(shape.column((*name).to_owned(), path));
            continue;
        }
        for (inner, member) in &shape.members {
            let mut column = Shape::of(root, member)
                .column(format!("{name}_{inner}"), path.iter().cloned().chain([(*inner).to_owned()]).collect());
            if column.note.is_empty() {
                column.note = text::plain(shape.note, MAX_NOTE);
            }
            columns.push(column);
        }
    }
    columns.truncate(MAX_COLUMNS);
    columns
}

impl<'a> Shape<'a> {
    fn of(root: &'a Node, node: &'a Node) -> Self {
        let mut shape = Self::default();
        shape.read(root, node, &mut MAX_HOPS.clone());
        shape
    }

    fn read(&mut self, root: &'a Node, node: &'a Node, left: &mut usize) {
        let Some(after) = left.checked_sub(1) else { return };
        *left = after;
        if self.note.is_empty() {
            self.note = node.get("description").and_then(Node::text).unwrap_or_default();
        }
        if let Some(target) = reference::of(node) {
            if let Ok((node, _)) = reference::resolve(root, target) {
                self.read(root, node, left);
            }
            return;
        }
        let names = node.get("type").into_iter().flat_map(|stated| stated.items().unwrap_or(std::slice::from_ref(stated)));
        let format = node.get("format").and_then(Node::text);
        for name in names.filter_map(Node::text) {
            match (name, format) {
                ("string", Some("date-time")) => self.kinds.push(ColumnKind::Time),
                ("string", Some("date")) => self.kinds.push(ColumnKind::Date),
                ("string", _) => self.kinds.push(ColumnKind::Text),
                ("integer", _) => self.kinds.push(ColumnKind::Integer),
                ("number", _) => self.kinds.push(ColumnKind::Number),
                ("boolean", _) => self.kinds.push(ColumnKind::Boolean),
                ("object" | "array", _) => self.is_object = true,
                _ => {}
            }
        }
        self.values.extend(node.get("enum").and_then(Node::items).into_iter().flatten().filter_map(Node::text));
        self.items = self.items.or_else(|| node.get("items").filter(|items| items.members().is_some()));
        for part in ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| node.get(key)?.items()).flatten() {
            self.read(root, part, left);
        }
        let declared = node.get("properties").and_then(Node::members).into_iter().flatten();
        for (name, member) in declared.filter(|(_, member)| !is_on(root, member, "writeOnly")) {
            self.members.insert(name, member);
        }
    }

    fn column(&self, name: String, path: Vec<String>) -> Column {
        let mut kinds = self.kinds.clone();
        kinds.dedup();
        let kind = match kinds.as_slice() {
            _ if self.is_object || self.items.is_some() || !self.members.is_empty() => ColumnKind::Json,
            [kind] => *kind,
            [ColumnKind::Integer, ColumnKind::Number] | [ColumnKind::Number, ColumnKind::Integer] => ColumnKind::Number,
            [] if self.values.is_empty() => ColumnKind::Json,
            _ => ColumnKind::Text,
        };
        let values = self.values.iter().map(|value| (*value).to_owned()).collect();
        Column { name, path, kind, note: text::plain(self.note, MAX_NOTE), values, ..Column::default() }
    }
}
