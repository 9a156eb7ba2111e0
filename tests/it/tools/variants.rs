//! Whatever forms Torii's values have: no list becomes an error, and none loses an item or a value.

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use openapi_mcp::catalog::{Effect, Tool};
use serde_json::{Map, Value, json};

use crate::support::{
    assistant::{Era, Server},
    mock_api::Torii,
};

/// How many responses each list tool gets.
const ROUNDS: usize = 12;

/// A value of any form that was seen, or that no source excludes.
fn value(random: &mut Rng) -> Value {
    match random.u8(0..14) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2 => json!(random.u32(..)),
        3 => json!(1_780_000_000_000_u64 + random.u64(0..1_000_000_000)),
        4 => json!(f64::from(random.u32(0..1000)) / 8.0),
        5 => json!(random.u32(..).to_string()),
        6 => json!("2026-02-03T10:00:00.000Z"),
        7 => json!("2026-02-03"),
        8 => json!("DevOps,Human Resource"),
        9 => json!({ "id": random.u32(..), "fullName": "Ada", "email": null }),
        10 => json!([{ "id": 1 }, 2, "three", null]),
        11 => json!({ "value": 120_050, "currency": "EUR" }),
        12 => json!("Ünï 🏷 مرحبا"),
        _ => json!([]),
    }
}

fn list_tools() -> Vec<&'static Tool> {
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    catalog.tools().iter().filter(|tool| tool.effect == Effect::Read && tool.response.items.is_some()).collect()
}

/// The members that a result has at least, if an item has them: those that the server selects, or all.
fn usual(tool: &Tool) -> Option<&[String]> {
    tool.response.fields.as_deref()
}

/// A response of a list tool: items with the usual members, others and missing ones, in an envelope with one list.
fn response(tool: &Tool, random: &mut Rng) -> Value {
    let defaults = tool.defaults.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let names: Vec<&str> = usual(tool).into_iter().flatten().map(String::as_str).chain(defaults).collect();
    let items: Vec<Value> = (0..random.usize(1..6))
        .map(|number| {
            let mut item = Map::new();
            item.insert("id".to_owned(), if random.bool() { json!(number) } else { json!(number.to_string()) });
            for name in names.iter().filter(|name| **name != "id") {
                if random.u8(0..8) > 0 {
                    item.insert((*name).to_owned(), value(random));
                }
            }
            // one of the usual members is always there, or the server shows all
            item.insert(names.first().copied().unwrap_or("name").to_owned(), value(random));
            item.insert(format!("other{}", random.u8(0..4)), value(random));
            Value::Object(item)
        })
        .collect();
    let documented = tool.response.items.as_deref().unwrap_or_default();
    let list = if random.u8(0..3) == 0 { "renamed" } else { documented };
    let mut body = Map::new();
    body.insert(list.to_owned(), items.into());
    for name in ["count", "total", "version"] {
        if random.bool() {
            body.insert(name.to_owned(), if random.bool() { json!(7) } else { json!("7") });
        }
    }
    match random.u8(0..4) {
        0 => drop(body.insert("nextCursor".to_owned(), Value::Null)),
        1 => drop(body.insert("nextCursor".to_owned(), json!("abc"))),
        2 => drop(body.insert("nextCursor".to_owned(), json!(5))),
        _ => {}
    }
    body.into()
}

/// Values for the required arguments.
fn required(tool: &Tool) -> Value {
    let schema = |name: &str| &tool.input_schema["properties"][name];
    let names = tool.input_schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let value = |name: &str| match schema(name)["type"].as_str() {
        Some("integer" | "number") => json!(1),
        Some("array") => json!([{ "name": "Slack" }]),
        _ => json!("ada@example.com"),
    };
    Value::Object(names.map(|name| (name.to_owned(), value(name))).collect())
}

/// The only list of a response.
fn items(body: &Value) -> &[Value] {
    let mut lists = body.as_object().expect("an object").values().filter_map(Value::as_array);
    lists.next().expect("there is a list")
}

#[tokio::test]
async fn no_list_becomes_an_error_or_loses_a_value_whatever_its_values_are() {
    let next = Arc::new(Mutex::new(Value::Null));
    let said = Arc::clone(&next);
    let torii = Torii::answering(move |_, _| said.lock().expect("no handler panics").to_string());
    let server = Server::with(&[
        ("TORII_API_URL", torii.url.as_str()),
        ("TORII_API_KEY", "key"),
        ("TORII_SCIM_KEY", "key"),
        ("TORII_RATE_LIMIT", "off"),
    ]);
    let mut random = Rng::with_seed(13);
    for tool in list_tools() {
        for round in 0..ROUNDS {
            let body = response(tool, &mut random);
            *next.lock().expect("no handler panics") = body.clone();
            let called = server.call(Era::Legacy, &tool.name, required(tool)).await;
            assert!(!called.is_error, "{} {round}: {}\n{body}", tool.name, called.text);
            let shown: Value = serde_json::from_str(&called.text).expect("it is JSON");
            let (sent, shown) = (items(&body), items(&shown));
            assert_eq!(sent.len(), shown.len(), "{} {round}: {body}", tool.name);
            for (sent, shown) in sent.iter().zip(shown) {
                for (name, value) in sent.as_object().expect("an object") {
                    // the overlay says what is shown of others
                    let is_whole = !tool.response.members.contains_key(name);
                    let is_selected = is_whole && usual(tool).is_none_or(|usual| usual.contains(name));
                    assert!(!is_selected || shown[name] == *value, "{} {round}: `{name}` of {sent} became {shown}", tool.name);
                }
            }
        }
    }
}

/// An API that answers with what was put there, and the server in front of it.
fn answering(next: &Arc<Mutex<Value>>, more: &[(&str, &str)]) -> (Torii, Server) {
    let said = Arc::clone(next);
    let torii = Torii::answering(move |_, _| said.lock().expect("no handler panics").to_string());
    let mut variables = vec![
        ("TORII_API_URL", torii.url.as_str()),
        ("TORII_API_KEY", "key"),
        ("TORII_SCIM_KEY", "key"),
        ("TORII_RATE_LIMIT", "off"),
    ];
    variables.extend(more);
    let server = Server::with(&variables);
    (torii, server)
}

/// The arguments of a call with these members.
fn with(tool: &Tool, more: &Value) -> Value {
    let mut arguments = required(tool);
    arguments.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
    arguments
}

#[tokio::test]
async fn several_pages_in_one_call_have_every_item_whatever_its_values_are() {
    let pages = Arc::new(Mutex::new(Vec::<Value>::new()));
    let said = Arc::clone(&pages);
    // each request takes the next page, except for those that look fields up
    let torii = Torii::answering(move |_, asked| {
        let next = || said.lock().expect("no handler panics").pop().unwrap_or_default().to_string();
        if asked.line.contains("/metadata") { "{}".to_owned() } else { next() }
    });
    let variables =
        [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", "key"), ("TORII_SCIM_KEY", "key"), ("TORII_RATE_LIMIT", "off")];
    let server = Server::with(&variables);
    let mut random = Rng::with_seed(14);
    for tool in list_tools().into_iter().filter(|tool| tool.response.cursor.is_some()) {
        for round in 0..ROUNDS / 3 {
            let mut bodies = [response(tool, &mut random), response(tool, &mut random)];
            // a cursor may be a number, and its name may be written with other signs
            let cursor = if random.bool() { "nextCursor" } else { "next_cursor" };
            for body in &mut bodies {
                drop(body.as_object_mut().expect("an object").shift_remove("nextCursor"));
            }
            bodies[0][cursor] = json!("behind");
            let sent: Vec<Value> = bodies.iter().flat_map(|body| items(body).to_vec()).collect();
            *pages.lock().expect("no handler panics") = bodies.iter().rev().cloned().collect();
            let called = server.call(Era::Legacy, &tool.name, with(tool, &json!({ "max_items": 50 }))).await;
            assert!(!called.is_error, "{} {round}: {}", tool.name, called.text);
            let shown: Value = serde_json::from_str(&called.text).expect("it is JSON");
            let shown = items(&shown);
            assert_eq!(shown.len(), sent.len(), "{} {round}: {bodies:?}", tool.name);
            for (sent, shown) in sent.iter().zip(shown) {
                for (name, value) in shown.as_object().expect("an object") {
                    assert_eq!(sent[name], *value, "{} {round}: `{name}`", tool.name);
                }
            }
        }
    }
}

#[tokio::test]
async fn fields_that_the_server_selects_keep_their_values_whatever_they_are() {
    let next = Arc::new(Mutex::new(Value::Null));
    let (_torii, server) = answering(&next, &[]);
    let mut random = Rng::with_seed(15);
    let selecting: Vec<&Tool> = list_tools().into_iter().filter(|tool| usual(tool).is_some()).collect();
    assert!(selecting.len() > 3);
    for tool in selecting {
        for round in 0..ROUNDS {
            let body = response(tool, &mut random);
            *next.lock().expect("no handler panics") = body.clone();
            let has = |name: &str| items(&body).iter().any(|item| item.get(name).is_some());
            // what no item has is refused
            let fields: Vec<&str> = [usual(tool).expect("it selects")[0].as_str()]
                .into_iter()
                .chain(Some("other1").filter(|name| has(name)))
                .collect();
            let shown = server.call(Era::Legacy, &tool.name, with(tool, &json!({ "fields": fields }))).await.ok();
            for (sent, shown) in items(&body).iter().zip(items(&shown)) {
                let sent = sent.as_object().expect("an object").iter();
                let expected: Map<String, Value> = sent
                    .filter(|(name, _)| fields.contains(&name.as_str()))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                assert_eq!(*shown, Value::Object(expected), "{} {round}: {body}", tool.name);
            }
            assert_eq!(items(&body).len(), items(&shown).len(), "{} {round}", tool.name);
        }
    }
}

#[tokio::test]
async fn a_list_that_is_truncated_goes_on_behind_its_last_item_whatever_the_values_are() {
    let next = Arc::new(Mutex::new(Value::Null));
    let (_torii, server) = answering(&next, &[("TORII_MCP_TOOLS_RESPONSE_CHARACTERS", "4000")]);
    let mut random = Rng::with_seed(16);
    let mut truncated = 0;
    for tool in list_tools().into_iter().filter(|tool| tool.input_schema["properties"].get("cursor").is_some()) {
        let mut body = response(tool, &mut random);
        drop(body.as_object_mut().expect("an object").shift_remove("nextCursor"));
        let mut members = body.as_object_mut().expect("an object").values_mut();
        let list = members.find_map(Value::as_array_mut).expect("there is a list");
        let item = list[0].clone();
        list.extend((0..60).map(|number| {
            let mut item = item.clone();
            item["id"] = json!(number);
            item["text"] = json!("Ünï 🏷 مرحبا ".repeat(random.usize(1..20)));
            item
        }));
        *next.lock().expect("no handler panics") = body.clone();
        let mut ids = Vec::new();
        let mut arguments = with(tool, &usual(tool).map_or_else(|| json!({}), |_| json!({ "fields": [] })));
        for _ in 0..100 {
            let page = server.call(Era::Legacy, &tool.name, arguments.clone()).await.ok();
            ids.extend(items(&page).iter().map(|item| item["id"].clone()));
            let cursors = ["nextCursor", "next_cursor"].iter().map(|name| page[name].clone());
            let Some(cursor) = cursors.into_iter().find(|cursor| !cursor.is_null()) else { break };
            truncated += 1;
            arguments["cursor"] = cursor;
        }
        let sent: Vec<Value> = items(&body).iter().map(|item| item["id"].clone()).collect();
        assert_eq!(ids, sent, "{}: {body}", tool.name);
    }
    assert!(truncated > 10, "{truncated}");
}
