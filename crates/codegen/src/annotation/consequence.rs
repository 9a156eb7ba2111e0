//! What an annotation says about the consequences of a call: when it is confirmed, and which record it is about.

use std::collections::BTreeMap;

use openapi_mcp_model::Confirm;
use serde_json::{Map, Value as Json};

use super::AnnotationReader;
use crate::diagnostics::Location;
use crate::tree::Node;

/// The record that a call is about, as the annotation describes it. The lowering fills in what it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordAnnotation {
    /// The tool that reads it, if that is not the one which reads the same path.
    pub tool: Option<String>,
    pub kind: Option<String>,
    pub label: Option<Vec<String>>,
    pub arguments: BTreeMap<String, String>,
    pub with: Map<String, Json>,
    pub find: Option<(String, String)>,
    /// Whether it is not read.
    pub is_none: bool,
    pub location: Option<Location>,
}

impl AnnotationReader<'_> {
    /// `true` or `false`, or lists of values by argument.
    pub(super) fn confirm(&mut self, node: &Node) -> Confirm {
        if node.boolean().is_some() || node.members().is_none() {
            return Confirm::Every(self.boolean("confirm", node));
        }
        let mut by_argument = BTreeMap::new();
        for (argument, values) in self.members(node, "confirm") {
            match values.items().filter(|values| !values.is_empty()) {
                Some(values) => {
                    by_argument.insert(argument.to_owned(), values.iter().map(Node::to_json).collect());
                }
                None => self.wrong(
                    values,
                    format!("`{argument}` in `confirm` must be a list of values"),
                    "write it as in `confirm: {state: [closed]}`",
                ),
            }
        }
        Confirm::Values(by_argument)
    }

    pub(super) fn record(&mut self, node: &Node) -> RecordAnnotation {
        let location = Some(Location { span: Some(node.span), ..self.location.clone() });
        let mut record = RecordAnnotation { location, ..RecordAnnotation::default() };
        if node.boolean() == Some(false) {
            record.is_none = true;
            return record;
        }
        for (key, member) in self.members(node, "record") {
            match key {
                "tool" => record.tool = self.text(key, member),
                "kind" => record.kind = self.text(key, member),
                "label" => record.label = Some(self.texts(key, member)),
                "arguments" => record.arguments = self.names(key, member).into_iter().collect(),
                "with" => {
                    let members = self.members(member, key).into_iter();
                    record.with = members.map(|(name, value)| (name.to_owned(), value.to_json())).collect();
                }
                "find" => {
                    let mut pairs = self.names(key, member);
                    record.find = pairs.pop();
                    if record.find.is_none() || !pairs.is_empty() {
                        self.wrong(
                            member,
                            "`find` must be one member and the argument that it equals",
                            "write it as in `find: {id: idField}`",
                        );
                    }
                }
                _ => self.unknown(key, member, &["tool", "kind", "label", "arguments", "with", "find"]),
            }
        }
        record
    }

    /// The members of an object of texts.
    fn names(&mut self, key: &str, node: &Node) -> Vec<(String, String)> {
        let mut names = Vec::new();
        for (name, value) in self.members(node, key) {
            names.extend(self.text(name, value).map(|value| (name.to_owned(), value)));
        }
        names
    }
}
