use std::{
    cell::{Cell, RefCell},
    future::{pending, ready},
};

use serde_json::json;

use crate::{catalog::tests::tool, pagination::*};

/// A list whose pages have 7 items by default and at most 50.
fn list() -> &'static Tool {
    let size = json!({ "type": "integer", "maximum": 50 });
    tool(json!({
        "response": { "kind": "json", "items": "items", "cursor": "nextCursor" }, "serverArguments": ["max_items"], "defaults": { "size": 7 },
        "inputSchema": { "type": "object", "properties": { "cursor": { "type": "string" }, "size": size } },
    }))
}

fn items(count: usize) -> Vec<Value> {
    (0..count).map(|id| json!({ "id": id, "name": "x".repeat(id % 13 * 5) })).collect()
}

/// A page in Torii's format, whose cursors are offsets.
fn page(all: &[Value], arguments: &Map<String, Value>) -> ToolOutput {
    let from = arguments.get("cursor").map_or(0, |cursor| cursor.as_str().unwrap().strip_prefix("at ").unwrap().parse().unwrap());
    let size = arguments.get("size").and_then(Value::as_u64).map_or(7, |size| usize::try_from(size).unwrap());
    let to = (from + size).min(all.len());
    let next = (to < all.len()).then(|| format!("at {to}"));
    let total = all.len();
    ToolOutput::new(json!({ "items": all[from..to], "count": to - from, "total": total, "nextCursor": next }).to_string())
}

fn arguments(given: Value) -> (ServerArguments, Arguments) {
    let Value::Object(mut arguments) = given else { panic!("arguments are an object") };
    let server_arguments = ServerArguments::take(list(), &mut arguments).unwrap();
    (server_arguments, Arguments::check(list(), arguments).unwrap())
}

fn within(characters: usize) -> Bounds {
    Bounds { characters, until: Instant::now() + MAX_TIME }
}

async fn quiet(_: u64) {}

/// Makes one call and returns its result and the arguments of its requests.
async fn ask(all: &[Value], given: Value, characters: usize) -> (Truncated, Vec<Value>) {
    let (server_arguments, arguments) = arguments(given);
    let asked = RefCell::new(Vec::new());
    let fetch = |arguments: Arguments| {
        asked.borrow_mut().push(Value::Object(arguments.values().clone()));
        ready(Ok(page(all, arguments.values())))
    };
    let fitting = collect_pages(list(), &server_arguments, arguments, within(characters), fetch, quiet).await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&fitting.output.text).unwrap(), Value::Object(fitting.output.structured()));
    assert!(fitting.output.text.len() <= characters);
    (fitting, asked.into_inner())
}

fn shown(fitting: &Truncated) -> Vec<Value> {
    fitting.output.structured()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_walk_sees_everything_once_whatever_is_asked_for() {
    let all = items(120);
    for characters in [300, 1_000, 100_000] {
        for most in [1, 2, 6, 7, 8, 30, 119, 120, 121, 10_000] {
            for size in [json!(null), json!(1), json!("5"), json!(50)] {
                let (mut seen, mut given) = (Vec::new(), json!({ "max_items": most, "size": size }));
                loop {
                    let (fitting, _) = ask(&all, given.clone(), characters).await;
                    let items = shown(&fitting);
                    assert!((1..=most).contains(&items.len()));
                    assert_eq!(fitting.output.structured()["count"], items.len());
                    assert_eq!(fitting.output.structured()["total"], 120);
                    seen.extend(items);
                    match &fitting.output.structured()["nextCursor"] {
                        Value::Null => break,
                        next => given["cursor"] = next.clone(),
                    }
                }
                assert_eq!(seen, all, "{characters} characters, {most} items, pages of {size}");
            }
        }
    }
}

#[tokio::test]
async fn pages_are_as_large_as_is_sensible_and_never_larger_than_what_is_wanted() {
    let sizes = |asked: Vec<Value>| asked.into_iter().map(|arguments| arguments["size"].as_u64().unwrap()).collect::<Vec<_>>();
    let all = items(500);
    let asked = |given: Value| {
        let all = &all;
        async move { sizes(ask(all, given, 100_000).await.1) }
    };
    assert_eq!(asked(json!({ "max_items": 120 })).await, [50, 50, 20]);
    assert_eq!(asked(json!({ "max_items": 3 })).await, [3]);
    assert_eq!(asked(json!({ "max_items": 30, "size": 20 })).await, [20, 10]);
    assert_eq!(asked(json!({ "max_items": 30, "size": "20" })).await, [20, 10]);
    // a start inside a page requests that same page again
    assert_eq!(asked(json!({ "max_items": 30, "cursor": "mcp:5:20:at 20" })).await, [20, 15]);
}

#[tokio::test]
async fn the_text_of_every_item_is_as_torii_sent_it() {
    let pages = [
        r#"{"items":[{"cost":1.50}],"aggregations":{"sum":7},"count":1,"total":9,"nextCursor":"b"}"#,
        r#"{"items":[{"cost":10000000000000000000001},{"cost":2}],"count":2,"total":9,"nextCursor":"c"}"#,
    ];
    let (server_arguments, arguments) = arguments(json!({ "max_items": 2 }));
    let fetch = |arguments: Arguments| {
        let page = usize::from(arguments.values().contains_key("cursor"));
        ready(Ok(ToolOutput::new(pages[page].to_owned())))
    };
    let fitting = collect_pages(list(), &server_arguments, arguments, within(1_000), fetch, quiet).await.unwrap();
    assert_eq!(
        fitting.output.text,
        r#"{"items":[{"cost":1.50},{"cost":10000000000000000000001}],"aggregations":{"sum":7},"count":2,"total":9,"nextCursor":"mcp:1:1:b"}"#
    );
}

#[tokio::test]
async fn a_walk_that_is_full_fetches_no_more_and_says_how_to_go_on() {
    let all = items(500);
    let (fitting, asked) = ask(&all, json!({ "max_items": 500 }), 4_000).await;
    assert_eq!(asked.len(), 2);
    let count = shown(&fitting).len();
    assert_eq!(shown(&fitting), all[..count]);
    assert_eq!(
        fitting.note.unwrap(),
        format!(
            "`items` holds {count} of 500 items, so that the response stays within 4000 characters. Call again with `cursor` set \
             to `nextCursor` for what comes next, or ask for fewer `fields`."
        )
    );
}

#[tokio::test]
async fn what_was_gathered_survives_a_page_that_fails() {
    let all = items(500);
    let (server_arguments, given) = arguments(json!({ "max_items": 200 }));
    let fetch = |arguments: Arguments| {
        let is_third = arguments.values().get("cursor").is_some_and(|cursor| cursor == "at 100");
        ready(if is_third { Err(ToolError::rate_limited(7)) } else { Ok(page(&all, arguments.values())) })
    };
    let fitting = collect_pages(list(), &server_arguments, given, within(100_000), fetch, quiet).await.unwrap();
    assert_eq!((shown(&fitting), &fitting.output.structured()["nextCursor"]), (all[..100].to_vec(), &json!("at 100")));
    let note = fitting.note.unwrap();
    assert!(note.starts_with(
        "`items` holds 100 of 200 requested items, since the next page could not be fetched (the API's rate limit is reached; wait 7 s"
    ));
    let (server_arguments, given) = arguments(json!({ "max_items": 200, "cursor": "at 100" }));
    let refused = collect_pages(list(), &server_arguments, given, within(100_000), fetch, quiet).await;
    assert_eq!(refused, Err(ToolError::rate_limited(7)), "nothing was gathered");
}

#[tokio::test(start_paused = true)]
async fn what_was_gathered_survives_the_end_of_the_time() {
    let all = items(500);
    let (server_arguments, given) = arguments(json!({ "max_items": 400 }));
    let fetch = |arguments: Arguments| {
        let all = &all;
        async move {
            if arguments.values().get("cursor").is_some_and(|cursor| cursor == "at 150") {
                return pending().await;
            }
            Ok(page(all, arguments.values()))
        }
    };
    let began = Instant::now();
    let fitting = collect_pages(list(), &server_arguments, given, within(100_000), fetch, quiet).await.unwrap();
    assert_eq!((shown(&fitting).len(), &fitting.output.structured()["nextCursor"]), (150, &json!("at 150")));
    assert!(fitting.note.unwrap().contains("150 of 400 requested items, since the time for one call is over. Call again"));
    assert_eq!(began.elapsed().as_secs(), MAX_TIME.as_secs());
}

#[tokio::test]
async fn progress_is_told_after_each_page_that_brings_something() {
    let all = items(120);
    let (server_arguments, given) = arguments(json!({ "max_items": 110 }));
    let told = RefCell::new(Vec::new());
    let tell = |items| {
        told.borrow_mut().push(items);
        ready(())
    };
    let fetch = |arguments: Arguments| ready(Ok(page(&all, arguments.values())));
    collect_pages(list(), &server_arguments, given, within(100_000), fetch, tell).await.unwrap();
    assert_eq!(told.into_inner(), [50, 100, 110]);
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_ends_the_walk() {
    let n_asked = Cell::new(0);
    let (server_arguments, given) = arguments(json!({ "max_items": 100 }));
    let fetch = |_| {
        n_asked.set(n_asked.get() + 1);
        ready(Ok(ToolOutput::new(r#"{"items":[1],"nextCursor":"same"}"#.to_owned())))
    };
    let fitting = collect_pages(list(), &server_arguments, given, within(1_000), fetch, quiet).await.unwrap();
    assert_eq!((n_asked.get(), fitting.output.text.as_str()), (2, r#"{"items":[1],"nextCursor":null}"#));
    assert!(fitting.note.unwrap().starts_with("The API gave a `nextCursor` again that it had given before"));
}

#[tokio::test]
async fn cursors_that_go_in_circles_end_the_walk_after_what_is_new() {
    let (server_arguments, given) = arguments(json!({ "max_items": 100 }));
    let fetch = |arguments: Arguments| {
        let cursor = arguments.values().get("cursor").map_or("", |cursor| cursor.as_str().unwrap()).to_owned();
        let (items, next) = match cursor.as_str() {
            "" => (json!([1, 2]), "b"),
            "b" => (json!([3]), "c"),
            _ => (json!([4]), "b"),
        };
        ready(Ok(ToolOutput::new(json!({ "items": items, "nextCursor": next }).to_string())))
    };
    let fitting = collect_pages(list(), &server_arguments, given, within(1_000), fetch, quiet).await.unwrap();
    assert_eq!(fitting.output.text, r#"{"items":[1,2,3,4],"nextCursor":null}"#);
    assert!(fitting.note.unwrap().starts_with("The API gave a `nextCursor` again"));
}

#[tokio::test]
async fn a_single_page_with_the_cursor_that_it_was_asked_for_with_ends_the_list() {
    let fetch = |_| ready(Ok(ToolOutput::new(r#"{"items":[1],"next_cursor":"same"}"#.to_owned())));
    for given in
        [json!({ "cursor": "same" }), json!({ "cursor": "same", "max_items": 1 }), json!({ "cursor": "same", "max_items": 9 })]
    {
        let (server_arguments, arguments) = arguments(given.clone());
        let fitting = collect_pages(list(), &server_arguments, arguments, within(1_000), fetch, quiet).await.unwrap();
        assert_eq!(fitting.output.text, r#"{"items":[1],"next_cursor":null}"#, "{given}");
        assert!(fitting.note.unwrap().starts_with("The API gave a `nextCursor` again"), "{given}");
    }
    for given in [json!({}), json!({ "cursor": "" }), json!({ "cursor": "other" })] {
        let (server_arguments, arguments) = arguments(given.clone());
        let fitting = collect_pages(list(), &server_arguments, arguments, within(1_000), fetch, quiet).await.unwrap();
        assert_eq!((fitting.output.text.as_str(), fitting.note), (r#"{"items":[1],"next_cursor":"same"}"#, None), "{given}");
    }
}

#[tokio::test]
async fn pages_that_stay_empty_end_the_walk_and_it_can_go_on() {
    let n_asked = Cell::new(0);
    let (server_arguments, given) = arguments(json!({ "max_items": 100 }));
    let fetch = |_| {
        n_asked.set(n_asked.get() + 1);
        // the second and third are empty, and all from the fifth on
        let items = if matches!(n_asked.get(), 1 | 4) { json!([1]) } else { json!([]) };
        ready(Ok(ToolOutput::new(json!({ "items": items, "nextCursor": format!("n{}", n_asked.get()) }).to_string())))
    };
    let fitting = collect_pages(list(), &server_arguments, given, within(1_000), fetch, quiet).await.unwrap();
    assert_eq!((n_asked.get(), fitting.output.text.as_str()), (7, r#"{"items":[1,1],"nextCursor":"n7"}"#));
    assert_eq!(
        fitting.note.unwrap(),
        "`items` holds 2 of 100 requested items, since 3 pages in a row were empty. Call again with `cursor` set to `nextCursor` for \
         what comes next, or ask for fewer `fields`."
    );
}

#[tokio::test]
async fn an_answer_that_is_no_list_comes_as_it_is() {
    let (server_arguments, given) = arguments(json!({ "max_items": 100 }));
    let text = r#"{"value":"none","nextCursor":"n"}"#;
    let fetch = |_| ready(Ok(ToolOutput::new(text.to_owned())));
    let fitting = collect_pages(list(), &server_arguments, given, within(1_000), fetch, quiet).await.unwrap();
    assert_eq!((fitting.output.text.as_str(), fitting.note), (text, None));
}
