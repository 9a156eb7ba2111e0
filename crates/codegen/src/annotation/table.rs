//! The key `table` of an annotation: the tables whose rows an operation lists.

use openapi_mcp_model::{ColumnKind, Conditions, Fallback, Offset};
use serde_json::{Map, Value as Json};

use super::AnnotationReader;
use crate::diagnostics::Location;
use crate::tree::Node;

/// A table as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct TableAnnotation {
    pub location: Location,
    pub name: String,
    pub note: String,
    pub arguments: Map<String, Json>,
    pub fallback: Option<Fallback>,
    pub offset: Option<Offset>,
    pub rows: Vec<String>,
    pub columns: Vec<ColumnAnnotation>,
}

/// What is written about one column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnAnnotation {
    pub location: Location,
    pub name: String,
    pub hide: bool,
    pub path: Option<Vec<String>>,
    pub kind: Option<ColumnKind>,
    pub note: Option<String>,
    pub currency: Option<String>,
    pub converted: Option<String>,
    pub references: Option<String>,
    pub conditions: Conditions,
}

impl AnnotationReader<'_> {
    /// Reads the name of one table, or an object with tables by their names.
    pub(super) fn tables(&mut self, node: &Node) -> Vec<TableAnnotation> {
        if let Some(name) = node.text() {
            return self.table(name, None, node).into_iter().collect();
        }
        let members = self.members(node, "table");
        members.into_iter().filter_map(|(name, member)| self.table(name, Some(member), member)).collect()
    }

    fn table(&mut self, name: &str, node: Option<&Node>, place: &Node) -> Option<TableAnnotation> {
        if !is_identifier(name) {
            self.wrong(
                place,
                format!("`{name}` is no name for a table"),
                "use lower-case letters, digits and `_`, and begin with a letter",
            );
            return None;
        }
        let mut table = TableAnnotation {
            location: self.at(place),
            name: name.to_owned(),
            note: String::new(),
            arguments: Map::new(),
            fallback: None,
            offset: None,
            rows: Vec::new(),
            columns: Vec::new(),
        };
        for (key, member) in node.map(|node| self.members(node, name)).unwrap_or_default() {
            match key {
                "note" => table.note = self.text(key, member).unwrap_or_default(),
                "arguments" => table.arguments = self.sent(member),
                "fallback" => table.fallback = self.fallback(member),
                "offset" => table.offset = self.offset(member),
                "rows" => table.rows = self.path(key, member),
                "columns" => {
                    for (name, column) in self.members(member, key) {
                        let column = self.column(name, column);
                        table.columns.push(column);
                    }
                }
                _ => self.unknown(key, member, &["note", "arguments", "fallback", "offset", "rows", "columns"]),
            }
        }
        Some(table)
    }

    fn sent(&mut self, node: &Node) -> Map<String, Json> {
        let arguments = self.members(node, "arguments");
        arguments.into_iter().map(|(name, value)| (name.to_owned(), value.to_json())).collect()
    }

    fn fallback(&mut self, node: &Node) -> Option<Fallback> {
        let mut fallback = Fallback { arguments: Map::new(), note: String::new() };
        for (key, member) in self.members(node, "fallback") {
            match key {
                "arguments" => fallback.arguments = self.sent(member),
                "note" => fallback.note = self.text(key, member).unwrap_or_default(),
                _ => self.unknown(key, member, &["arguments", "note"]),
            }
        }
        if fallback.arguments.is_empty() {
            self.wrong(node, "`fallback` needs `arguments`", "write it as in `{arguments: {status: [open]}, note: …}`");
            return None;
        }
        Some(fallback)
    }

    fn offset(&mut self, node: &Node) -> Option<Offset> {
        let (mut argument, mut size_argument, mut first, mut size) = (None, None, Some(0), None);
        for (key, member) in self.members(node, "offset") {
            match key {
                "argument" => argument = self.text(key, member),
                "first" => first = member.unsigned(),
                "size_argument" => size_argument = self.text(key, member),
                "size" => size = member.unsigned().filter(|size| *size > 0),
                _ => self.unknown(key, member, &["argument", "first", "size_argument", "size"]),
            }
        }
        let offset = argument.zip(size_argument).zip(first.zip(size));
        if offset.is_none() {
            self.wrong(
                node,
                "`offset` needs `argument`, `size_argument` and `size`",
                "write it as in `{argument: offset, size_argument: limit, size: 100}`",
            );
        }
        offset.map(|((argument, size_argument), (first, size))| Offset { argument, first, size_argument, size })
    }

    fn column(&mut self, name: &str, node: &Node) -> ColumnAnnotation {
        let mut column = ColumnAnnotation {
            location: self.at(node),
            name: name.to_owned(),
            hide: false,
            path: None,
            kind: None,
            note: None,
            currency: None,
            converted: None,
            references: None,
            conditions: Conditions::default(),
        };
        for (key, member) in self.members(node, name) {
            match key {
                "hide" => column.hide = self.boolean(key, member),
                "path" => column.path = Some(self.path(key, member)),
                "kind" => column.kind = self.kind(member),
                "note" => column.note = self.text(key, member),
                "currency" => column.currency = self.text(key, member),
                "converted" => column.converted = self.text(key, member),
                "references" => column.references = self.text(key, member),
                "equal" => column.conditions.equal = self.text(key, member),
                "at_least" => column.conditions.at_least = self.text(key, member),
                "at_most" => column.conditions.at_most = self.text(key, member),
                _ => self.unknown(
                    key,
                    member,
                    &["hide", "path", "kind", "note", "currency", "converted", "references", "equal", "at_least", "at_most"],
                ),
            }
        }
        column
    }

    fn kind(&mut self, node: &Node) -> Option<ColumnKind> {
        let kind = ColumnKind::ALL.into_iter().find(|kind| node.text() == Some(kind.as_str()));
        if kind.is_none() {
            let known: Vec<&str> = ColumnKind::ALL.map(ColumnKind::as_str).to_vec();
            self.wrong(node, "this is no `kind` of a column", format!("known kinds: `{}`", known.join("`, `")));
        }
        kind
    }

    /// The members that lead to a value, separated by dots.
    fn path(&mut self, key: &str, node: &Node) -> Vec<String> {
        let text = self.text(key, node).unwrap_or_default();
        if text.split('.').any(str::is_empty) {
            self.wrong(node, format!("`{key}` names no members"), "write it as in `licenses.types`");
            return Vec::new();
        }
        text.split('.').map(str::to_owned).collect()
    }

    fn at(&self, node: &Node) -> Location {
        Location { span: Some(node.span), ..self.location.clone() }
    }
}

/// Whether a name can be written in SQL without quotes.
fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
}
