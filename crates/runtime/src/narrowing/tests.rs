use serde_json::json;

use super::*;
use crate::catalog::tests::tool;

/// What is told about a call of a list of people, which is narrowed to current ones.
fn told(arguments: &Value, people: &Value) -> Option<String> {
    let list = tool(json!({
        "response": { "kind": "json", "items": "people", "cursor": "next" },
        "defaults": { "view": "current" },
        "narrowingDefaults": { "view": { "note": "Only current people.", "searches": ["q", "email"] } },
    }));
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    Narrowed::of(list, &arguments).note(list, &ToolOutput::new(json!({ "people": people }).to_string()))
}

#[test]
fn who_finds_nothing_is_told_what_a_default_left_out() {
    assert_eq!(told(&json!({ "isExternal": true }), &json!([])).as_deref(), Some("Only current people."));
    assert_eq!(told(&json!({ "isExternal": true }), &json!([{ "id": 1 }])), None);
}

#[test]
fn who_looks_for_somebody_is_told_whatever_is_found() {
    for arguments in [json!({ "q": "Ada" }), json!({ "filters": [{ "key": "email", "op": "equals", "value": "a@example.com" }] })]
    {
        assert!(told(&arguments, &json!([{ "id": 1 }])).is_some(), "{arguments}");
    }
}

#[test]
fn who_chose_the_value_or_was_told_before_is_not_told() {
    for arguments in [json!({ "q": "Ada", "view": "current" }), json!({ "q": "Ada", "cursor": "abc" })] {
        assert_eq!(told(&arguments, &json!([])), None, "{arguments}");
    }
}
