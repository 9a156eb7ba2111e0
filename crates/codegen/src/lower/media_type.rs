//! The media types of bodies and responses (RFC 9110, section 8.3.1).

use crate::content::essence;
use crate::names::is_header_name;
use crate::tree::Node;

/// The media type that is sent and accepted unless the document declares another one.
pub(super) const JSON: &str = "application/json";

/// The content of a body or a response whose media type fits, with the type's name; the first one that does.
pub(super) fn find(node: &Node, fits: fn(&str) -> bool) -> Option<(String, &Node)> {
    let content = node.get("content").and_then(Node::members)?;
    content.iter().map(|(name, content)| (essence(name), content)).find(|(name, _)| fits(name))
}

/// The JSON content of a body or a response, with its media type. A name such as `application/…+json` is JSON, too, and a range such
/// as `*/*` includes JSON.
pub(super) fn json_content(node: &Node) -> Option<(String, &Node)> {
    named_json(node).or_else(|| find(node, |name| matches!(name, "*/*" | "application/*" | "application/*+json")))
}

/// The content that is JSON by the name of its media type.
pub(super) fn named_json(node: &Node) -> Option<(String, &Node)> {
    find(node, |name| name == JSON).or_else(|| find(node, is_json))
}

/// The media types and ranges of a response that are valid in a header, each once.
pub(super) fn declared(response: &Node) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in response.get("content").and_then(Node::members).into_iter().flatten() {
        let name = essence(name);
        let is_range = name.split_once('/').is_some_and(|(kind, subtype)| is_header_name(kind) && subtype == "*");
        if (is_range || is_one(&name)) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a media type is JSON (RFC 6839, section 3.1).
pub(super) fn is_json(name: &str) -> bool {
    name == JSON || (is_one(name) && name.ends_with("+json"))
}

/// Whether content of this type is text.
pub(super) fn is_text(name: &str) -> bool {
    const TEXT: [&str; 9] = ["xml", "yaml", "x-yaml", "x-ndjson", "ndjson", "jsonl", "graphql", "sql", "javascript"];
    let Some((kind, subtype)) = name.split_once('/').filter(|_| is_one(name)) else { return false };
    kind == "text" || TEXT.contains(&subtype) || subtype.ends_with("+xml") || subtype.ends_with("+yaml")
}

/// Whether content of this type can be sent as it is; a body of several parts needs a boundary in its type.
pub(super) fn is_bytes(name: &str) -> bool {
    is_one(name) && !name.starts_with("multipart/")
}

/// Whether this is one media type and no range, and valid in a header.
fn is_one(name: &str) -> bool {
    name.split_once('/').is_some_and(|(kind, subtype)| is_header_name(kind) && is_header_name(subtype)) && !name.contains('*')
}
