//! Answers that are too large for an assistant's context are shortened, and nothing of them is lost.

use serde_json::{Value, json};
use torii_mcp::sample::FULL_ACCESS_KEY;

use super::{
    assistant::{Era, Server},
    process::Program,
};

/// A server before the sample whose answers may have so many characters.
fn server(sample: &Program, characters: &str) -> Server {
    let torii = sample.stdout.address();
    Server::with(&[
        ("TORII_API_URL", &torii),
        ("TORII_API_KEY", FULL_ACCESS_KEY),
        ("TORII_MCP_PACE", "none"),
        ("TORII_MCP_TOOLS_ANSWER_CHARACTERS", characters),
    ])
}

/// The result of a call that succeeds.
async fn result(server: &Server, tool: &str, arguments: &Value) -> Value {
    let (_, answer) = server.ask(Era::Modern, "tools/call", json!({ "name": tool, "arguments": arguments })).await;
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    answer["result"].clone()
}

/// The addresses of all users, as an assistant meets them that follows the cursor, and how many calls that took.
async fn walk(server: &Server, characters: usize) -> (Vec<String>, usize) {
    let (mut emails, mut calls) = (Vec::new(), 0);
    let mut arguments = json!({ "size": 500, "fields": ["email"], "sort": ["lastName:desc"] });
    loop {
        let result = result(server, "list_users", &arguments).await;
        calls += 1;
        let text = result["content"][0]["text"].as_str().expect("there is a text");
        assert!(text.len() <= characters, "{} > {characters}", text.len());
        assert_eq!(serde_json::from_str::<Value>(text).expect("it is JSON"), result["structuredContent"]);
        let users = result["structuredContent"]["users"].as_array().expect("there are users");
        emails.extend(users.iter().map(|user| user["email"].as_str().expect("it is a text").to_owned()));
        match &result["structuredContent"]["nextCursor"] {
            Value::String(cursor) => {
                let is_shortened = cursor.starts_with("torii-mcp:");
                let note = result["content"][1]["text"].as_str().unwrap_or_default();
                assert_eq!(note.contains("Call again with `cursor` set to `nextCursor`"), is_shortened, "{note}");
                arguments["cursor"] = cursor.as_str().into();
            }
            _ => return (emails, calls),
        }
    }
}

#[tokio::test]
async fn a_walk_of_all_users_is_the_same_at_the_smallest_budget_and_at_the_largest() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let (whole, pages) = walk(&server(&sample, "10000000"), 10_000_000).await;
    let (shortened, calls) = walk(&server(&sample, "2000"), 2_000).await;
    assert_eq!((whole.len(), pages), (2000, 4));
    assert!(calls > 10 * pages, "{calls}");
    assert_eq!(whole, shortened);
}

#[tokio::test]
async fn a_large_object_names_what_was_cut() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let server = server(&sample, "2000");
    let keys = result(&server, "list_app_field_metadata", &json!({})).await;
    assert!(keys["content"][0]["text"].as_str().is_some_and(|text| text.len() <= 2000), "{keys}");
    let note = keys["content"][1]["text"].as_str().expect("there is a note");
    assert!(note.starts_with("The answer was shortened to stay within 2000 characters: `/"), "{note}");
    let cursor = server.call(Era::Modern, "list_users", json!({ "cursor": "torii-mcp:x" })).await.failure();
    assert!(cursor.contains("`cursor` is not one of an earlier answer"), "{cursor}");
}
