//! What many changes look like to people.

use super::*;
use crate::diff::{ChangeKind, Phrase};

/// A diff in which `tools` tools have the same change at `places` places.
fn nullable(tools: usize, places: usize) -> Diff {
    let mut diff = Diff::default();
    for tool in 0..tools {
        for place in 0..places {
            let place = literal(&format!("items[].f{place}"));
            let words = "may be `null` too";
            let (what, cause) = (format!("field {place} of the response {words}"), format!("a field of the response {words}"));
            diff.add(Subject::Tool(format!("list_{tool}")), ChangeKind::ResponseWidened, Phrase { what, cause, place });
        }
    }
    diff
}

#[test]
fn many_changes_of_one_cause_are_one_entry_with_its_places() {
    let diff = nullable(60, 7);
    let text = diff.text();
    let first = "breaking  420 × a field of the response may be `null` too: `list_0` at `items[].f0`, `items[].f1`, `items[].f2` and 4 more; `list_1` at ";
    assert!(text.starts_with(first) && text.contains("`list_59` at") && text.lines().count() == 2, "{text}");
    assert!(text.ends_with("420 breaking, 0 additive, 0 cosmetic: a major version\n"), "{text}");
    let markdown = diff.markdown();
    assert!(markdown.contains("| 420 × tools | a field of the response may be `null` too: `list_0` at"), "{markdown}");
    let json = diff.json();
    assert_eq!(json["changes"].as_array().map(Vec::len), Some(420));
    assert_eq!(
        (&json["changes"][9]["cause"], &json["changes"][9]["place"]),
        (&json!("a field of the response may be `null` too"), &json!("`items[].f2`"))
    );
}

#[test]
fn two_changes_of_one_cause_are_two_entries() {
    assert_eq!(nullable(2, 1).text().lines().count(), 3);
}

#[test]
fn every_breaking_cause_is_shown_and_comes_first() {
    let mut diff = Diff::default();
    for index in 0..300 {
        let subject = || Subject::Tool(format!("list_{index}"));
        diff.add(subject(), ChangeKind::ToolAdded, format!("is new: GET `/{index}`"));
        diff.add(subject(), ChangeKind::Retyped, format!("argument `a{index}` is of another kind"));
        diff.add(subject(), ChangeKind::TextChanged, "has another `description`");
    }
    diff.sort();
    let markdown = diff.markdown();
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| `list_") || line.starts_with("| 300 ×")).collect();
    assert_eq!(rows.len(), 300 + 200 + 1, "{markdown}");
    assert!(rows.iter().take(300).all(|row| row.contains("is of another kind")) && markdown.contains("| … | 100 more | |"));
    assert!(
        rows.last().is_some_and(|row| row.contains("has another `description`: `list_0`; ") && row.contains("; and 280 more"))
    );
}
