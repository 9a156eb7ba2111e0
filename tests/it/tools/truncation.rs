//! Responses that are too large for an assistant's context are shortened, and nothing of them is lost.

use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

use crate::support::{
    assistant::{Era, Server, content},
    process::Program,
};

/// A server before the sample whose responses may have so many characters.
fn server(sample: &Program, characters: &str) -> Server {
    let torii = sample.stdout.address();
    Server::with(&[
        ("TORII_API_URL", &torii),
        ("TORII_API_KEY", FULL_ACCESS_KEY),
        ("TORII_RATE_LIMIT", "off"),
        ("TORII_MCP_TOOLS_RESPONSE_CHARACTERS", characters),
    ])
}

/// The result of a call that succeeds.
async fn result(server: &Server, tool: &str, arguments: &Value) -> Value {
    let (_, response) = server.ask(Era::Modern, "tools/call", json!({ "name": tool, "arguments": arguments })).await;
    assert_eq!(response["result"]["isError"], false, "{response}");
    response["result"].clone()
}

/// What an assistant meets that follows the cursor of a list to its end, and how many calls that takes.
async fn walk(server: &Server, tool: &str, items: &str, mut arguments: Value, characters: usize) -> (Vec<Value>, usize) {
    let (mut seen, mut calls) = (Vec::new(), 0);
    loop {
        let result = result(server, tool, &arguments).await;
        calls += 1;
        let text = result["content"][0]["text"].as_str().expect("there is a text");
        assert!(text.len() <= characters, "{} > {characters}", text.len());
        let response = content(&result);
        let page = response[items].as_array().expect("there are items");
        assert!(arguments["max_items"].as_u64().is_none_or(|most| page.len() as u64 <= most));
        seen.extend(page.iter().cloned());
        let note = result["content"][1]["text"].as_str();
        let Some(cursor) = response["nextCursor"].as_str() else {
            assert_eq!(note, None);
            return (seen, calls);
        };
        let leads_on = note.is_none_or(|note| note.contains("Call again with `cursor` set to `nextCursor`"));
        assert!(leads_on && (note.is_some() || !cursor.starts_with("mcp:")), "{cursor}: {note:?}");
        arguments["cursor"] = cursor.into();
    }
}

#[tokio::test]
async fn a_walk_of_all_users_is_the_same_at_the_smallest_budget_and_at_the_largest() {
    let users = |characters: usize, most: Option<u64>, size: Option<u64>| async move {
        // each has a sample of its own, since that keeps to Torii's rates
        let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
        let server = server(&sample, &characters.to_string());
        let mut arguments = json!({ "view": "allUsers", "fields": ["email"], "sort": ["lastName:desc"] });
        for (name, number) in [("max_items", most), ("size", size)] {
            arguments.as_object_mut().expect("it is an object").extend(number.map(|number| (name.to_owned(), number.into())));
        }
        walk(&server, "list_users", "users", arguments, characters).await
    };
    let (whole, pages) = users(10_000_000, None, Some(500)).await;
    assert_eq!((whole.len(), pages), (2000, 4));
    let (shortened, calls) = users(2_000, None, Some(500)).await;
    assert!(calls > 10 * pages, "{calls}");
    assert!(whole == shortened, "the walk of pages differs");
    for (most, size, expected) in [(10_000, None, 1), (2000, None, 1), (700, Some(300), 3), (333, None, 7)] {
        let (followed, calls) = users(10_000_000, Some(most), size).await;
        assert!(followed == whole && calls == expected, "{most} items in {calls} calls");
    }
    for (most, size) in [(10_000, None), (1_000, Some(60)), (25, None)] {
        let (followed, _) = users(2_000, Some(most), size).await;
        assert!(followed == whole, "{most} items at the smallest budget");
    }
}

#[tokio::test]
async fn a_list_without_cursors_is_walked_all_the_same() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let (largest, smallest) = (server(&sample, "10000000"), server(&sample, "2000"));
    for (tool, items, arguments) in
        [("list_workflows", "workflows", json!({})), ("list_workflow_changes", "audit", json!({ "limit": 40, "offset": 3 }))]
    {
        let mut arguments = arguments;
        arguments["fields"] = json!([]);
        let (whole, calls) = walk(&largest, tool, items, arguments.clone(), 10_000_000).await;
        assert_eq!(calls, 1);
        let (pieces, calls) = walk(&smallest, tool, items, arguments, 2_000).await;
        assert!(pieces == whole && calls > 3, "{tool}: {calls} calls");
    }
}

#[tokio::test]
async fn the_parts_of_a_large_object_are_the_whole_of_it() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let (largest, smallest) = (server(&sample, "10000000"), server(&sample, "2000"));
    let whole = content(&result(&largest, "list_app_field_metadata", &json!({})).await);
    let cut = result(&smallest, "list_app_field_metadata", &json!({})).await;
    let note = cut["content"][1]["text"].as_str().expect("there is a note");
    assert!(note.contains("`/predefinedFields` has ") && note.contains("Call again with `part`"), "{note}");
    let part = json!({ "part": "/predefinedFields" });
    let (pieces, calls) = walk_part(&smallest, part).await;
    assert!(Value::from(pieces) == whole["predefinedFields"] && calls > 1, "{calls}");
    let one = result(&smallest, "list_app_field_metadata", &json!({ "part": "/predefinedFields/1/name" })).await;
    assert_eq!(content(&one), json!({ "part": "/predefinedFields/1/name", "value": whole["predefinedFields"][1]["name"] }));
    let wrong = smallest.call(Era::Modern, "list_app_field_metadata", json!({ "part": "/customField" })).await.failure();
    assert_eq!(wrong, "the response has no `/customField`, did you mean `/customFields`?; set `part` to an existing one");
}

async fn walk_part(server: &Server, mut arguments: Value) -> (Vec<Value>, usize) {
    let (mut seen, mut calls) = (Vec::new(), 0);
    loop {
        let response = content(&result(server, "list_app_field_metadata", &arguments).await);
        calls += 1;
        seen.extend(response["value"].as_array().expect("it is a list").iter().cloned());
        match response.get("nextCursor") {
            Some(next) => arguments["cursor"] = next.clone(),
            None => return (seen, calls),
        }
    }
}

#[tokio::test]
async fn a_large_object_names_what_was_cut() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let server = server(&sample, "2000");
    let keys = result(&server, "list_app_field_metadata", &json!({})).await;
    assert!(keys["content"][0]["text"].as_str().is_some_and(|text| text.len() <= 2000), "{keys}");
    let note = keys["content"][1]["text"].as_str().expect("there is a note");
    assert!(note.starts_with("The response was shortened to stay within 2000 characters: `/"), "{note}");
    let cursor = server.call(Era::Modern, "list_users", json!({ "cursor": "mcp:x" })).await.failure();
    assert!(cursor.contains("`cursor` must be copied from an earlier response"), "{cursor}");
}
