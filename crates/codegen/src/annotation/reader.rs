//! Reads the members of an `x-mcp` object, and reports invalid ones.

use crate::diagnostics::{Diagnostics, Location};
use crate::names;
use crate::tree::Node;

pub(crate) struct AnnotationReader<'a> {
    pub(crate) location: Location,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl AnnotationReader<'_> {
    pub(crate) fn wrong(&mut self, node: &Node, message: impl Into<String>, hint: impl Into<String>) {
        let location = Location { span: Some(node.span), ..self.location.clone() };
        self.diagnostics.error("E0210", location, message).hint(hint);
    }

    pub(crate) fn unknown(&mut self, key: &str, node: &Node, known: &[&'static str]) {
        let hint = names::nearest(key, known.iter().copied())
            .map_or_else(|| format!("known keys: `{}`", known.join("`, `")), |nearest| format!("did you mean `{nearest}`?"));
        self.wrong(node, format!("unknown key `{key}`"), hint);
    }

    pub(crate) fn members<'n>(&mut self, node: &'n Node, name: &str) -> Vec<(&'n str, &'n Node)> {
        if node.members().is_none() {
            self.wrong(
                node,
                format!("`{name}` must be an object, not {}", node.kind()),
                "see docs/reference/overlay.md for its keys",
            );
        }
        node.members().into_iter().flatten().map(|(key, node)| (key.as_str(), node)).collect()
    }

    pub(crate) fn text(&mut self, key: &str, node: &Node) -> Option<String> {
        let text = node.text().map(|text| text.trim().to_owned());
        if text.is_none() {
            self.wrong(node, format!("`{key}` must be a string, not {}", node.kind()), "put the value in quotes");
        }
        text
    }

    pub(crate) fn texts(&mut self, key: &str, node: &Node) -> Vec<String> {
        if node.items().is_none() {
            let message = format!("`{key}` must be a list of strings, not {}", node.kind());
            self.wrong(node, message, "write it as in `[one, two]`");
        }
        node.items().into_iter().flatten().filter_map(|item| self.text(key, item)).collect()
    }

    pub(crate) fn boolean(&mut self, key: &str, node: &Node) -> bool {
        node.boolean().unwrap_or_else(|| {
            self.wrong(node, format!("`{key}` must be true or false, not {}", node.kind()), "write `true` or leave the key out");
            false
        })
    }
}
