//! What the document itself says where the overlay replaces or removes it.
//!
//! A correction hides the document from every comparison of tools: if its publisher changes what is corrected, the tools stay as
//! they are, and the correction may no longer fit. So the lock records what each correction replaced.
//!
//! Invariants: a value is recorded at the smallest part that the overlay changed, by a path that does not depend on the order of a
//! list of parameters; annotations (`x-mcp`) are no corrections. Long values are cut, and end in a digest.

use std::collections::BTreeMap;

use crate::{
    emit,
    tree::{Node, Value, join},
};

/// The maximum length of a recorded value, in characters.
const MAX_CHARACTERS: usize = 200;

/// What the document says at each place that the overlay corrects, as JSON text, or `nothing` where the overlay adds something.
pub(crate) fn corrections(document: &Node, corrected: &Node) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    compare("", document, corrected, &mut found);
    found
}

fn compare(pointer: &str, document: &Node, corrected: &Node, found: &mut BTreeMap<String, String>) {
    match (&document.value, &corrected.value) {
        (Value::Object(before), Value::Object(after)) => {
            let mut at = |key: &str, before: Option<&Node>, after: Option<&Node>| {
                if key != "x-mcp" {
                    compare_parts(&join(pointer, key), before, after, found);
                }
            };
            for (key, before) in before {
                at(key, Some(before), after.get(key));
            }
            for (key, after) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
                at(key, None, Some(after));
            }
        }
        (Value::Array(before), Value::Array(after)) => match (by_name(before), by_name(after)) {
            (Some(before), Some(after)) => {
                for (name, node) in &before {
                    compare_parts(&join(pointer, name), Some(node), after.get(name).copied(), found);
                }
                for (name, node) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
                    compare_parts(&join(pointer, name), None, Some(node), found);
                }
            }
            _ if document == corrected => {}
            _ => record(pointer, Some(document), found),
        },
        (before, after) if before == after => {}
        _ => record(pointer, Some(document), found),
    }
}

fn compare_parts(pointer: &str, before: Option<&Node>, after: Option<&Node>, found: &mut BTreeMap<String, String>) {
    match (before, after) {
        (Some(before), Some(after)) => compare(pointer, before, after, found),
        (before, _) => record(pointer, before, found),
    }
}

/// The items of a list by their names, if each has a name of its own, as parameters do.
fn by_name(items: &[Node]) -> Option<BTreeMap<String, &Node>> {
    let mut named = BTreeMap::new();
    for item in items {
        let text = |key: &str| item.get(key).and_then(Node::text);
        let name = format!("{} {}", text("in").unwrap_or_default(), text("name")?);
        if named.insert(name.trim_start().to_owned(), item).is_some() {
            return None;
        }
    }
    Some(named)
}

fn record(pointer: &str, document: Option<&Node>, found: &mut BTreeMap<String, String>) {
    let text = document.map_or_else(|| "nothing".to_owned(), |node| shown(&emit::sorted(&node.to_json()).to_string()));
    found.insert(pointer.to_owned(), text);
}

/// A text of limited length that differs wherever the whole text differs.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARACTERS) {
        None => text.to_owned(),
        Some((end, _)) => {
            format!("{}… {}", text.get(..end).unwrap_or_default(), crate::short_digest(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostics::Diagnostics, load, tree::File};

    fn of(before: &str, after: &str) -> Vec<(String, String)> {
        let node = |text: &str| load::load(text, File::Document, &mut Diagnostics::default()).unwrap();
        corrections(&node(before), &node(after)).into_iter().collect()
    }

    #[test]
    fn the_smallest_part_that_the_overlay_changed_is_recorded() {
        let before = r#"{"paths": {"/a": {"get": {"parameters": [{"name": "x", "in": "query", "schema": {"type": "string"}}, {"name": "y", "in": "query"}], "tags": ["a"]}}}}"#;
        let after = r#"{"paths": {"/a": {"get": {"parameters": [{"name": "y", "in": "query"}, {"name": "x", "in": "query", "schema": {"type": "integer"}, "explode": false}], "tags": ["a", "b"], "x-mcp": {"tool": "get_a"}}}}}"#;
        assert_eq!(
            of(before, after),
            [
                ("/paths/~1a/get/parameters/query x/explode".to_owned(), "nothing".to_owned()),
                ("/paths/~1a/get/parameters/query x/schema/type".to_owned(), "\"string\"".to_owned()),
                ("/paths/~1a/get/tags".to_owned(), "[\"a\"]".to_owned()),
            ]
        );
        assert!(of(before, before).is_empty());
    }

    #[test]
    fn a_long_value_is_cut_and_still_differs() {
        let long = |end: &str| format!("{{\"a\": \"{}{end}\"}}", "x".repeat(500));
        let (one, other) = (of(&long("1"), "{}"), of(&long("2"), "{}"));
        assert!(one != other && one[0].1.chars().count() < 220, "{one:?}");
    }
}
