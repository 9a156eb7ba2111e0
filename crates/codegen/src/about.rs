//! What the document says apart from its operations: of itself, its servers and tags, and what its error responses mean.
//!
//! No tool shows any of it, but "amounts are in cents" may stand there, so the lock records it for the review of a change.

use crate::statements::{StatementReader, Statements, name_of};
use crate::tree::{Node, join};

/// The maximum length of a recorded value, in characters: the document as a whole may have long texts.
const MAX_CHARACTERS: usize = 16_000;

/// What other comparisons have: the operations, their credentials, and the title and the version of the document.
const ELSEWHERE: [&str; 5] = ["/paths", "/components", "/security", "/info/title", "/info/version"];

/// The components that operations refer to without a copy of them in any tool.
const COMPONENTS: [&str; 6] = ["responses", "headers", "examples", "links", "callbacks", "securitySchemes"];

/// What the document, before the overlay is applied, says at each place outside of its operations.
pub(crate) fn about(published: &Node) -> Statements {
    let mut reader = StatementReader::new(published, MAX_CHARACTERS);
    let mut found = Statements::new();
    let components = published.get("components").and_then(Node::members).into_iter().flatten();
    let components = components.filter(|(key, _)| COMPONENTS.contains(&key.as_str()));
    let parts = published.members().into_iter().flatten().map(|(key, part)| (join("", key), part));
    // extensions of what has its own comparisons
    for outer in ["paths", "components"] {
        let members = published.get(outer).and_then(Node::members).into_iter().flatten();
        for (key, part) in members.filter(|(key, _)| key.starts_with("x-")) {
            found.insert(join(&join("", outer), key), reader.read(part));
        }
    }
    for (place, part) in parts.chain(components.map(|(key, part)| (join("/components", key), part))) {
        if ELSEWHERE.contains(&place.as_str()) {
            continue;
        }
        if part.children().next().is_none() {
            found.insert(place, reader.read(part));
            continue;
        }
        let members = part.members().into_iter().flatten().map(|(key, inner)| (key.clone(), inner));
        let items = part.items().unwrap_or_default().iter().enumerate();
        let items = items.map(|(index, item)| (name_of(published, item).unwrap_or_else(|| index.to_string()), item));
        for (name, inner) in members.chain(items) {
            let place = join(&place, &name);
            if !ELSEWHERE.contains(&place.as_str()) {
                found.insert(place, reader.read(inner));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::{load, tree::File};

    #[test]
    fn all_that_is_outside_of_the_operations_has_its_place() {
        let document = json!({
            "openapi": "3.0.3",
            "info": { "title": "Shop", "version": "1", "description": "Amounts are in cents.", "contact": { "name": "A" } },
            "tags": [{ "name": "orders", "description": "Orders." }],
            "servers": [{ "url": "https://example.com", "description": "Until May." }],
            "paths": { "/a": {} },
            "components": { "schemas": { "A": {} }, "responses": { "Forbidden": { "description": "No scope." } } },
        });
        let node = load::load(&document.to_string(), File::Document, &mut Diagnostics::default()).unwrap();
        let expected = json!({
            "/components/responses/Forbidden": { "/description": "\"No scope.\"" },
            "/info/contact": { "/name": "\"A\"" },
            "/info/description": "\"Amounts are in cents.\"",
            "/openapi": "\"3.0.3\"",
            "/servers/0": { "/description": "\"Until May.\"", "/url": "\"https://example.com\"" },
            "/tags/orders": { "/description": "\"Orders.\"", "/name": "\"orders\"" },
        });
        assert_eq!(json!(about(&node)), expected);
    }
}
