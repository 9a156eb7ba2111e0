//! Reads JSON and YAML 1.2 (core schema) into a tree of nodes with positions. Nesting and size are limited.

mod json;
mod yaml;

pub(crate) use yaml::extents;

use crate::diagnostics::{Diagnostics, Location};
use crate::tree::{File, Node, Span};

/// The deepest nesting that is accepted, because later stages are recursive. Real documents are far less nested.
pub(crate) const MAX_DEPTH: usize = 128;

/// The most nodes of a document, with its YAML aliases expanded.
const MAX_NODES: usize = 1_000_000;

/// The most nodes that the overlay and the copies of referenced components may add.
pub(crate) const MAX_GROWTH: usize = 200_000;

/// A syntax problem and where it is.
struct SyntaxError {
    span: Span,
    message: String,
}

/// Reads `text`: if it begins with `{`, as JSON, otherwise as YAML. Problems are reported, and the result is `None`.
pub fn load(text: &str, file: File, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_json = text.trim_start().starts_with('{');
    let loaded = if is_json { json::load(text, file) } else { yaml::load(text, file) };
    match loaded {
        Ok(node) if node.members().is_some() => Some(node),
        Ok(node) => {
            diagnostics
                .error("E0102", Location::of(node.span), format!("the file holds {}, not an object", node.kind()))
                .hint("an OpenAPI document and an overlay are objects at the top");
            None
        }
        Err(fault) => {
            let format = if is_json { "JSON" } else { "YAML" };
            diagnostics
                .error("E0101", Location::of(fault.span), format!("not valid {format}: {}", fault.message))
                .hint("correct the file at this place; nothing after it was read");
            None
        }
    }
}
