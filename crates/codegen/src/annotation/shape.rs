//! What a result shows of the members of an item, as the overlay writes it.

use std::collections::BTreeMap;

use openapi_mcp_model::{Mark, MemberShape};

use super::AnnotationReader;
use crate::tree::Node;

impl AnnotationReader<'_> {
    /// `members` of a response, by name: the members that are shown of one, or more that is said about it.
    pub(super) fn member_shapes(&mut self, node: &Node) -> BTreeMap<String, MemberShape> {
        let mut shapes = BTreeMap::new();
        for (name, node) in self.members(node, "members") {
            let shape = if node.items().is_some() {
                MemberShape { show: self.texts(name, node), ..MemberShape::default() }
            } else {
                self.member_shape(name, node)
            };
            if shape == MemberShape::default() {
                let hint = "write it as in `owner: [id, fullName]` or `owner: {on_request: true}`";
                self.wrong(node, format!("`{name}` does not say what is shown of it"), hint);
            }
            shapes.insert(name.to_owned(), shape);
        }
        shapes
    }

    /// `mark` of a response: the member that is added to each item, and the tool whose list decides.
    pub(super) fn mark(&mut self, node: &Node) -> Option<Mark> {
        let (mut name, mut tool) = (None, None);
        for (key, member) in self.members(node, "mark") {
            match key {
                "member" => name = self.text(key, member),
                "tool" => tool = self.text(key, member),
                _ => self.unknown(key, member, &["member", "tool"]),
            }
        }
        if name.is_none() || tool.is_none() {
            self.wrong(node, "`mark` needs a `member` and a `tool`", "write it as in `{member: isUsed, tool: list_apps}`");
        }
        Some(Mark { member: name?, tool: tool? })
    }

    fn member_shape(&mut self, name: &str, node: &Node) -> MemberShape {
        let mut shape = MemberShape::default();
        for (key, member) in self.members(node, name) {
            match key {
                "show" => shape.show = self.texts(key, member),
                "with" => match member.to_json().as_object() {
                    Some(arguments) => shape.with.clone_from(arguments),
                    None => self.wrong(member, "`with` must be an object of arguments", "write it as in `{includeOwner: true}`"),
                },
                "compact" => shape.compact = self.boolean(key, member),
                "on_request" => shape.on_request = self.boolean(key, member),
                _ => self.unknown(key, member, &["show", "with", "compact", "on_request"]),
            }
        }
        shape
    }
}
