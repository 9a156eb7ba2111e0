//! How `query` loads tables: whole or not at all, within bounds, in an order that stays, and with a line in the log for each.

use std::{
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use mcp_http::json::Json;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use torii_sample::FULL_ACCESS_KEY;

use super::bad_upstream::peak_mib;
use crate::support::{
    assistant::{Era, KEY, Server, Stdio},
    error_style::leads_on,
    mock_api::{RecordedRequest, Torii},
    process::{Program, run},
};

/// A Torii that has no fields of its own, and these lists.
fn torii(lists: impl Fn(&RecordedRequest) -> Option<Response> + Send + Sync + 'static) -> Torii {
    Torii::answering(move |_, asked| lists(asked).unwrap_or_else(|| Json(json!({ "fields": [] })).into_response()))
}

fn before(torii: &Torii, others: &[(&str, &str)]) -> Server {
    let variables = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", KEY), ("TORII_RATE_LIMIT", "off")];
    Server::with(&[&variables[..], others].concat())
}

fn list(name: &str, items: &[Value], more: &Value) -> Response {
    let mut list = json!({ name: items });
    list.as_object_mut().expect("it is an object").extend(more.as_object().cloned().unwrap_or_default());
    Json(list).into_response()
}

async fn answer(server: &Server, sql: &str) -> Value {
    server.call(Era::Modern, "query", json!({ "sql": sql })).await.ok()
}

async fn failure(server: &Server, sql: &str) -> String {
    let text = server.call(Era::Modern, "query", json!({ "sql": sql })).await.failure();
    leads_on(&text);
    text
}

/// The number after `name` in the target of a request.
fn number(asked: &RecordedRequest, name: &str) -> Option<u64> {
    let (_, after) = asked.line.split_once(name)?;
    after.split(|sign: char| !sign.is_ascii_digit()).next()?.parse().ok()
}

#[tokio::test]
async fn the_rows_of_all_parts_of_a_table_share_one_limit() {
    let torii = torii(|asked| {
        let id = number(asked, "/apps/").filter(|_| asked.line.contains("/users"))?;
        Some(list(
            "users",
            &(0..600).map(|n| json!({ "idUser": n, "role": id.to_string() })).collect::<Vec<_>>(),
            &json!({ "total": 600 }),
        ))
    });
    let server = before(&torii, &[("TORII_MCP_QUERY_ROWS", "1000")]);
    assert_eq!(answer(&server, "SELECT count(*) FROM app_users WHERE idApp = 1").await["rows"], json!([[600]]));
    let refused = failure(&server, "SELECT count(*) FROM app_users WHERE idApp IN (1, 2)").await;
    assert!(refused.contains("the limit of 1,000 rows was reached, so list fewer values of `idApp`"), "{refused}");
    let partial = json!({ "sql": "SELECT count(*) FROM app_users WHERE idApp IN (1, 2)", "partial": true });
    let partial = server.call(Era::Modern, "query", partial).await;
    assert!(partial.text.starts_with("{\"partial\":[\"`app_users` is not whole"), "{}", partial.text);
    assert_eq!(partial.ok()["rows"], json!([[600]]));
}

#[tokio::test]
async fn the_values_of_a_required_column_are_as_many_as_the_operator_allows() {
    let torii = torii(|asked| asked.line.contains("/users").then(|| list("users", &[json!({ "idUser": 1 })], &json!({}))));
    let server = before(&torii, &[("TORII_MCP_QUERY_REQUIRED_VALUES", "2")]);
    let refused = failure(&server, "SELECT count(*) FROM app_users WHERE idApp IN (1, 2, 3)").await;
    assert!(refused.contains("3 values of `idApp`") && refused.contains("2 are allowed"), "{refused}");
}

#[tokio::test]
async fn the_bytes_of_a_statement_are_limited_while_it_is_loaded() {
    let torii = torii(|asked| {
        let from = asked.line.contains("/users?").then(|| number(asked, "cursor=").unwrap_or_default())?;
        let text = "x".repeat(1 << 20);
        Some(list("users", &[json!({ "id": from, "email": text })], &json!({ "nextCursor": (from + 1).to_string() })))
    });
    let server = before(&torii, &[("TORII_MCP_QUERY_MEMORY_MIB", "8")]);
    let refused = failure(&server, "SELECT max(length(email)) FROM users").await;
    assert!(refused.contains("took 4 MiB, the most for one") && refused.contains("select fewer columns"), "{refused}");
    let pages = torii.asked().iter().filter(|asked| asked.line.contains("/users?")).count();
    assert!(pages <= 5, "{pages} pages");
}

#[tokio::test]
async fn an_app_with_more_license_types_than_are_read_is_not_added_up_as_if_it_had_fewer() {
    let torii = torii(|asked| {
        let types: Vec<Value> = (0..1001).map(|n| json!({ "name": n.to_string(), "totalAmount": 1 })).collect();
        let app = json!({ "id": 1, "name": "Desk", "licenses": { "types": types } });
        asked.line.contains("/apps?").then(|| list("apps", &[app], &json!({})))
    });
    let server = before(&torii, &[]);
    let refused = failure(&server, "SELECT count(*) FROM app_license_types").await;
    assert!(refused.contains("an item had more than 1,000 rows in `licenses.types`"), "{refused}");
}

#[tokio::test]
async fn lists_that_can_be_sorted_are_loaded_in_an_order_that_stays() {
    let torii = torii(|asked| {
        let names = ["apps", "users", "contracts", "transactions", "audit"];
        let name = names.into_iter().find(|name| asked.line.contains(&format!("/{name}?")));
        let name = if asked.line.contains("/apps/1/users") { Some("users") } else { name };
        if asked.line.contains("/scim/") {
            return Some(list("Resources", &[], &json!({ "totalResults": 0 })));
        }
        name.map(|name| list(name, &[], &json!({})))
    });
    let server = before(&torii, &[("TORII_SCIM_KEY", "scim")]);
    for (table, path, sort) in [
        ("apps", "/apps?", "sort=id%3Aasc"),
        ("app_licenses", "/apps?", "sort=id%3Aasc"),
        ("app_license_types", "/apps?", "sort=id%3Aasc"),
        ("users", "/users?", "sort=id%3Aasc"),
        ("contracts", "/contracts?", "sort=id%3Aasc"),
        ("transactions", "/transactions?", "sort=id%3Aasc"),
        ("audit_logs", "/audit?", "sort=asc"),
        ("members", "/scim/v2/Users?", "sortBy=id"),
        ("app_users WHERE idApp = 1", "/apps/1/users?", "sort=idUser%3Aasc"),
    ] {
        let before = torii.asked().len();
        answer(&server, &format!("SELECT count(*) FROM {table}")).await;
        let asked: Vec<String> = torii.asked()[before..].iter().map(|asked| asked.line.clone()).collect();
        let pages: Vec<&String> = asked.iter().filter(|line| line.contains(path)).collect();
        assert!(!pages.is_empty() && pages.iter().all(|line| line.contains(sort)), "{table}: {asked:?}");
    }
}

#[tokio::test]
async fn an_order_that_torii_refuses_is_left_out() {
    let torii = torii(|asked| {
        asked.line.contains("/apps/1/users").then(|| {
            if asked.line.contains("sort=") {
                return (StatusCode::BAD_REQUEST, "{\"message\":\"unknown sort\"}").into_response();
            }
            list("users", &[json!({ "idUser": 7 })], &json!({}))
        })
    });
    let server = before(&torii, &[]);
    let answer = answer(&server, "SELECT idUser FROM app_users WHERE idApp = 1").await;
    assert_eq!((&answer["rows"], answer.get("notes")), (&json!([[7]]), None));
}

#[tokio::test]
async fn items_that_come_twice_are_counted_once_and_missing_ones_are_said() {
    let ids = |ids: &[u64]| ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>();
    let has_total = AtomicBool::new(true);
    let torii = torii(move |asked| {
        if !asked.line.contains("/users?") {
            return None;
        }
        let second = asked.line.contains("cursor=");
        let more = if !second {
            json!({ "total": 4, "nextCursor": "2" })
        } else if has_total.swap(false, Ordering::SeqCst) {
            json!({ "total": 4 })
        } else {
            json!({})
        };
        Some(list("users", &if second { ids(&[2, 3]) } else { ids(&[1, 2]) }, &more))
    });
    let server = before(&torii, &[]);
    let sql = "SELECT count(*) FROM users";
    let fewer = failure(&server, sql).await;
    assert!(fewer.contains("the list ended with 3 of its 4 items"), "{fewer}");
    let again = failure(&server, sql).await;
    assert!(again.contains("items came twice and others may be missing"), "{again}");
}

#[tokio::test]
async fn an_organization_that_hides_unmapped_transactions_is_told_that_only_mapped_ones_are_there() {
    let torii = torii(|asked| {
        asked.line.contains("/transactions?").then(|| {
            if asked.line.contains("unknown") {
                return (StatusCode::FORBIDDEN, "{\"message\":\"unmatched expenses are hidden\"}").into_response();
            }
            list("transactions", &[json!({ "id": 1, "idApp": 5 })], &json!({ "total": 1 }))
        })
    });
    let server = before(&torii, &[]);
    // the second answer comes from what was kept
    for _ in 0..2 {
        let answer = answer(&server, "SELECT count(*) FROM transactions").await;
        assert_eq!(answer["rows"], json!([[1]]));
        assert!(answer["tables"][0]["asOf"].is_string(), "{answer}");
        let note = answer["notes"][0].as_str().unwrap_or_default();
        assert!(note.starts_with("`transactions`: only transactions that are mapped to an app are in it"), "{answer}");
    }
    let pages = torii.asked().iter().filter(|asked| asked.line.contains("/transactions?")).count();
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn a_page_that_is_shorter_than_asked_for_is_not_the_end_of_a_list_by_position() {
    let torii = torii(|asked| {
        let from = asked.line.contains("/workflows/audit").then(|| number(asked, "offset=").unwrap_or_default())?;
        let left = 5_u64.saturating_sub(from).min(2);
        let items: Vec<Value> = (from..from + left).map(|n| json!({ "message": n.to_string() })).collect();
        Some(list("audit", &items, &json!({})))
    });
    let server = before(&torii, &[]);
    assert_eq!(answer(&server, "SELECT count(*) FROM workflow_changes").await["rows"], json!([[5]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_turn_takes_nothing_of_the_time_for_loading() {
    let (go_on, gate) = mpsc::channel::<()>();
    let (gate, is_open) = (Mutex::new(gate), AtomicBool::new(false));
    let torii = torii(move |asked| {
        asked.line.contains("/roles").then(|| {
            if !is_open.load(Ordering::SeqCst) {
                // ends when the test drops the other side
                let _ = gate.lock().expect("nobody panics").recv();
                is_open.store(true, Ordering::SeqCst);
            }
            list("roles", &[], &json!({}))
        })
    });
    let server = Arc::new(before(&torii, &[("TORII_MCP_QUERY_TIME", "2s")]));
    // two have turns at once
    let mut calls = JoinSet::new();
    for _ in 0..3 {
        let server = Arc::clone(&server);
        calls.spawn(async move { server.call(Era::Modern, "query", json!({ "sql": "SELECT count(*) FROM roles" })).await });
    }
    let first = calls.join_next().await.expect("there are calls").expect("it ends").failure();
    assert!(first.contains("the time for loading was over"), "{first}");
    drop(go_on);
    let mut n_answered = 0;
    while let Some(called) = calls.join_next().await {
        n_answered += usize::from(!called.expect("it ends").text.contains("could not be loaded"));
    }
    assert!(n_answered > 0, "whoever waited had no time left");
}

/// Waits for a line of the log with all of these.
fn logged(program: &Program, parts: &[&str]) {
    let is_there = |text: &str| text.lines().any(|line| parts.iter().all(|part| line.contains(part)));
    program.stderr.wait_for(|text, _| is_there(text).then_some(()));
}

#[tokio::test]
async fn each_table_is_logged_as_a_call_and_so_is_the_statement_whatever_came_of_it() {
    let torii = torii(|asked| {
        if asked.line.contains("/roles") {
            return Some(list("roles", &[json!({ "id": 1 })], &json!({})));
        }
        asked.line.contains("/users?").then(|| (StatusCode::FORBIDDEN, "{}").into_response())
    });
    let server = before(&torii, &[]);
    failure(&server, "SELECT count(*) FROM users").await;
    answer(&server, "SELECT id FROM roles UNION ALL SELECT 2").await;
    failure(&server, "SELEC").await;
    logged(&server.program, &["tool=\"list_users\"", "table=\"users\"", "status=\"role_too_weak\"", "pages=1", "rows=0", "ms="]);
    logged(&server.program, &["tool=\"query\"", "status=\"role_too_weak\"", "rows=0", "ms="]);
    logged(&server.program, &["tool=\"list_roles\"", "table=\"roles\"", "status=\"ok\"", "pages=1", "rows=1"]);
    logged(&server.program, &["tool=\"query\"", "status=\"ok\"", "rows=2"]);
    logged(&server.program, &["tool=\"query\"", "status=\"arguments\""]);
}

#[test]
fn a_statement_that_is_cancelled_after_some_pages_is_logged_with_them() {
    let (go_on, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let torii = torii(move |asked| {
        let from = asked.line.contains("/users?").then(|| number(asked, "cursor=").unwrap_or_default())?;
        if from == 2 {
            let _ = gate.lock().expect("nobody panics").recv();
        }
        Some(list("users", &[json!({ "id": from })], &json!({ "nextCursor": (from + 1).to_string() })))
    });
    let variables =
        [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", KEY), ("TORII_RATE_LIMIT", "off"), ("TORII_MCP_LOG", "info")];
    let mut stdio = Stdio::start(&variables);
    let call = json!({
        "jsonrpc": "2.0", "id": "load", "method": "tools/call",
        "params": { "name": "query", "arguments": { "sql": "SELECT count(*) FROM users" }, "_meta": { "progressToken": 1 } },
    });
    stdio.program.tell(&call.to_string());
    stdio.program.stdout.wait_for(|text, _| text.contains("2 rows").then_some(()));
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "load" } });
    stdio.program.tell(&cancel.to_string());
    stdio.ask("ping", &json!({}));
    drop(go_on);
    logged(&stdio.program, &["tool=\"list_users\"", "table=\"users\"", "status=\"cancelled\"", "pages=3", "rows=2"]);
    logged(&stdio.program, &["tool=\"query\"", "status=\"cancelled\""]);
}

#[test]
fn the_shell_tells_how_many_rows_are_loaded_and_begins_with_what_is_missing() {
    let torii = torii(|asked| {
        let second = asked.line.contains("cursor=");
        asked.line.contains("/users?").then(|| {
            if second {
                return (StatusCode::BAD_REQUEST, "{}").into_response();
            }
            list("users", &[json!({ "id": 1 })], &json!({ "nextCursor": "2" }))
        })
    });
    let variables = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", KEY), ("TORII_RATE_LIMIT", "off")];
    let ran = run(&["query", "--partial", "SELECT id FROM users"], &variables);
    assert!(ran.code == 0 && ran.stdout.starts_with("{\"partial\":["), "{}", ran.stdout);
    assert!(ran.stderr.contains("1 rows loaded\n"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_resource_lists_the_tables_and_columns_that_the_caller_may_read() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let url = sample.stdout.address();
    let mut server = Server::with(&[("TORII_API_URL", url.as_str()), ("TORII_API_KEY", FULL_ACCESS_KEY)]);
    let of = async |server: &Server, method: &str, params: Value| server.ask(Era::Legacy, method, params).await.1;
    let uri = json!({ "uri": "torii://tables" });
    let listed = of(&server, "resources/list", json!({})).await.to_string();
    assert!(listed.contains("torii://tables"), "{listed}");
    let read = of(&server, "resources/read", uri.clone()).await;
    let text = read["result"]["contents"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {read}"));
    let tables: Value = serde_json::from_str(text).expect("it is JSON");
    let mut told = String::new();
    for table in tables["tables"].as_array().expect("it lists tables") {
        writeln!(told, "{}: {} columns", table["table"], table["columns"].as_array().map_or(0, Vec::len)).expect("it is text");
    }
    assert!(told.contains("\"apps: discovered apps\"") && told.contains("contracts") && !told.contains(" 0 columns"), "{told}");
    assert!(!told.contains("members"), "a key for SCIM is missing: {told}");
    assert!(text.contains("amount integer, in the currency of currency"), "{text}");

    server.url += "?toolsets=files";
    let listed = of(&server, "resources/list", json!({})).await.to_string();
    assert!(!listed.contains("torii://tables"), "{listed}");
    let unknown = of(&server, "resources/read", uri).await;
    assert!(unknown["error"]["message"].as_str().is_some_and(|text| text.contains("unknown resource")), "{unknown}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn statements_that_multiply_take_bounded_memory_and_stop_nobody_else() {
    let server = Server::demo();
    let idle = peak_mib(&server);
    let doubled = (1..40).map(|at| format!("c{at} AS (SELECT 1 FROM c{} a, c{} b)", at - 1, at - 1));
    let chain = format!("WITH c0 AS (SELECT 1), {} SELECT 1 FROM c39", doubled.collect::<Vec<_>>().join(", "));
    let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) \
                SELECT json_group_array(printf('%.900000c', 'x')) FROM n";
    let statements = [chain.replace("AS (", "AS \u{feff}("), chain, long.to_owned(), long.replace("_array(", "_object(i, ")];
    let server = Arc::new(server);
    let mut calls = JoinSet::new();
    for sql in statements.into_iter().flat_map(|sql| [sql.clone(), sql]) {
        let server = Arc::clone(&server);
        calls.spawn(async move { server.call(Era::Modern, "query", json!({ "sql": sql })).await });
    }
    while let Some(answered) = calls.join_next().await {
        let error = answered.expect("it is answered").failure();
        assert!(error.contains("more memory than a statement may use") || error.contains("without an end"), "{error}");
    }
    let peak = peak_mib(&server);
    assert!(peak < idle + 700, "{idle} MiB, then {peak} MiB");
    assert_eq!(server.call(Era::Modern, "query", json!({ "sql": "SELECT 1" })).await.ok()["rows"], json!([[1]]));
}
