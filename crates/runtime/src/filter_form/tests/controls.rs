//! When control calls are made, what they cost others, and how long what they found is remembered.

use std::{cell::Cell, convert::Infallible, future::pending, sync::Arc, time::Duration};

use axum::{Router, http::Uri};
use mcp_http::{caller::Caller, clock::Clock};
use reqwest::Url;
use serde_json::Map;
use tokio::{net::TcpListener, sync::Notify, time::Instant};

use super::*;
use crate::{
    filter_form::{
        checks::{MAX_CONTROL_TIME, MAX_CONTROLS},
        evidence::{COMPARED_FILTERS, work},
        values::counted,
    },
    testing::{api_keys, tool_fns},
    upstream::{Api, Limits, Upstream},
};

fn output(body: &Value) -> ToolOutput {
    ToolOutput::new(body.to_string())
}

fn refused() -> Outcome {
    Err(ToolError::from_status(reqwest::StatusCode::BAD_REQUEST, b"", ""))
}

fn is_control(arguments: &Arguments) -> bool {
    let filters = arguments.values()["filters"].as_array().unwrap();
    filters.len() == 2 && filters[0]["key"] == filters[1]["key"]
}

fn by_state(op: &str) -> Value {
    json!({ "filters": [{ "key": "state", "op": op, "value": "closed" }] })
}

/// The result and the note of a call whose own answer is `answer`, and how many requests it sent. A control call finds nothing if
/// the API applies filters, and else two apps.
fn answered(answer: &Value, given: &Value, applies: bool) -> (Result<String, String>, Option<String>, usize) {
    let asked = Cell::new(0);
    let (outcome, note) = filtered(&FilterForm::new(None), 1, given, "state", |arguments, _| {
        asked.set(asked.get() + 1);
        ready(match (is_control(&arguments), applies) {
            (false, _) => Ok(output(answer)),
            (true, true) => Ok(output(&json!({ "apps": [], "total": 0 }))),
            (true, false) => Ok(output(&json!({ "apps": [{ "id": 1 }], "total": 2 }))),
        })
    });
    (outcome, note, asked.get())
}

#[test]
fn an_answer_without_items_is_checked_if_it_has_a_total_or_aggregations() {
    let total = json!({ "apps": [], "total": 2 });
    let (outcome, _, _) = answered(&total, &by_state("equals"), false);
    assert!(outcome.unwrap_err().contains("the API ignored the filter by `state`"));
    let groups = json!({ "apps": [], "total": 2, "aggregations": [{ "key": "closed", "groupCount": 2 }] });
    let (outcome, note, asked) = answered(&groups, &by_state("equals"), true);
    assert!(outcome.is_ok() && note.is_none() && asked == 2, "nothing equals a value and does not");
    let (outcome, note, asked) = answered(&groups, &by_state("isSet"), true);
    assert!(outcome.is_ok() && note.is_none() && asked == 2);
    let mut aggregated = by_state("equals");
    aggregated["aggs"] = json!({ "field": "state", "aggregationType": "groupBy" });
    let (_, note, asked) = answered(&json!({ "apps": [], "total": 0 }), &aggregated, true);
    assert!(note.is_none() && asked == 2);
}

#[test]
fn items_that_meet_a_filter_by_chance_do_not_hide_that_only_presence_is_applied() {
    let page = json!({ "apps": [{ "id": 1, "state": "closed" }], "total": 300 });
    let presence_only = |arguments: Arguments, _: Sending| {
        let filters = arguments.values()["filters"].to_string();
        let nothing = filters.contains("isSet") && filters.contains("isNotSet");
        ready(Ok(output(&if nothing { json!({ "apps": [], "total": 0 }) } else { page.clone() })))
    };
    for op in ["equals", "allOf"] {
        let (outcome, note) = filtered(&FilterForm::new(None), 1, &by_state(op), "state", presence_only);
        assert!(outcome.is_ok(), "{outcome:?}");
        assert!(note.unwrap().contains("not known whether the API applied the filter by `state`"), "{op}");
    }
    let (outcome, note) = filtered(&FilterForm::new(None), 1, &by_state("isSet"), "state", presence_only);
    assert!(outcome.is_ok() && note.is_none());
}

#[test]
fn an_answer_of_nothing_needs_no_check() {
    for nothing in [json!({ "apps": [], "total": 0 }), json!({ "apps": [] }), json!({ "apps": [], "aggregations": [] })] {
        let (outcome, note, asked) = answered(&nothing, &by_state("equals"), false);
        assert!(outcome.is_ok() && note.is_none() && asked == 1, "{nothing}");
    }
}

#[test]
fn a_page_that_shows_a_filter_speaks_for_an_empty_page_of_the_same_call() {
    let checks = FilterChecks::default();
    let name = || vec![("state".to_owned(), "equals".to_owned())];
    checks.add(name(), Vec::new());
    checks.add(Vec::new(), name());
    assert_eq!(checks.note(), None);
    checks.add(Vec::new(), vec![("state".to_owned(), "contains".to_owned())]);
    assert!(checks.note().is_some());
}

#[test]
fn the_error_says_whether_items_or_a_control_call_show_it() {
    let items = json!({ "apps": [{ "state": "open" }, { "state": "new" }], "total": 2 });
    let (outcome, _, asked) = answered(&items, &by_state("equals"), false);
    assert!(outcome.unwrap_err().contains("it returned items that do not meet it") && asked == 1);
    let (outcome, _, asked) = answered(&json!({ "apps": [{ "id": 1 }], "total": 2 }), &by_state("equals"), false);
    let error = outcome.unwrap_err();
    leads_on(&error);
    assert!(
        error.contains("a control call with filters by it that nothing can meet found as many items") && asked == 3,
        "{error}"
    );
}

#[test]
fn without_a_total_a_control_call_with_items_tells_nothing() {
    let send = |_: Arguments, _: Sending| ready(Ok(output(&json!({ "apps": [{ "id": 1 }] }))));
    let (outcome, note) = filtered(&FilterForm::new(None), 1, &by_state("isSet"), "state", send);
    assert!(outcome.is_ok() && note.is_some());
}

#[test]
fn the_first_filter_that_has_no_effect_ends_the_check() {
    let filters: Vec<Value> = ["isSet", "exists", "equals"].map(|op| json!({ "key": "state", "op": op, "value": "a" })).into();
    let (outcome, _, asked) = answered(&json!({ "apps": [{ "id": 1 }], "total": 2 }), &json!({ "filters": filters }), false);
    assert!(outcome.is_err() && asked == 2);
}

/// Calls `list_apps` with these filters as a part of a tool call.
async fn part_of<F: Future<Output = Outcome>>(
    checks: &FilterChecks,
    form: &FilterForm,
    keys: &[&str],
    send: impl Fn(Arguments, Sending) -> F,
) -> Outcome {
    let tool = catalog().find("list_apps").unwrap();
    let filters: Vec<Value> = keys.iter().map(|key| json!({ "key": key, "op": "isSet" })).collect();
    let arguments = Arguments::check(tool, Map::from_iter([(FILTERS.to_owned(), Value::Array(filters))])).unwrap();
    form.call(FilteredCall { tool, key: 1, fields: &[], checks }, arguments, send).await
}

#[tokio::test]
async fn all_pages_of_a_tool_call_share_its_control_calls() {
    let (asked, checks, form) = (Cell::new(0), FilterChecks::default(), FilterForm::new(None));
    let send = |arguments: Arguments, sending: Sending| {
        assert_eq!(sending == Sending::AtOnce, is_control(&arguments), "control calls wait for no turn");
        asked.set(asked.get() + usize::from(is_control(&arguments)));
        ready(Ok(output(&if is_control(&arguments) {
            json!({ "apps": [] })
        } else {
            json!({ "apps": [{ "id": 1 }], "total": 9 })
        })))
    };
    for keys in [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]] {
        part_of(&checks, &form, &keys, send).await.unwrap();
    }
    assert_eq!(asked.get(), MAX_CONTROLS);
    assert!(checks.note().unwrap().contains("`e`, `f`, `g`, `h`, `i`"));
}

#[tokio::test(start_paused = true)]
async fn control_calls_that_hang_delay_a_tool_call_for_a_short_time_only() {
    let (checks, form, begun_at) = (FilterChecks::default(), FilterForm::new(None), Instant::now());
    let send = async |arguments: Arguments, _: Sending| {
        if is_control(&arguments) {
            return pending().await;
        }
        Ok(output(&json!({ "apps": [{ "id": 1 }], "total": 9 })))
    };
    for keys in [["a", "b"], ["c", "d"]] {
        part_of(&checks, &form, &keys, send).await.unwrap();
    }
    assert!(begun_at.elapsed() < MAX_CONTROL_TIME + Duration::from_millis(100), "{:?}", begun_at.elapsed());
    assert!(checks.note().is_some());
}

#[test]
fn filters_beyond_those_that_are_compared_are_unclear() {
    let (tool, answer) = (catalog().find("list_apps").unwrap(), ToolOutput::new(r#"{"apps":[{"a":1},{"a":2}]}"#.to_owned()));
    let filters: Vec<Value> = (0..3300).map(|_| json!({ "key": "a", "op": "equals", "value": 7 })).collect();
    let found = evidence(tool, &Value::Array(filters), &[], &answer);
    let contradicted = found.verdicts.iter().take_while(|verdict| **verdict == Verdict::Contradicted).count();
    assert_eq!((contradicted, found.verdicts.len(), found.verdicts[3299]), (COMPARED_FILTERS, 3300, Verdict::Unclear));
}

#[test]
fn many_filters_prepare_each_value_once_and_their_work_is_estimated_with_all_values() {
    let tool = catalog().find("list_apps").unwrap();
    let items: Vec<Value> = (0..200).map(|at| json!({ "a": format!("{at}{}", "Ab".repeat(500)) })).collect();
    let answer = ToolOutput::of(&json!({ "apps": items }));
    let ops = ["equals", "contains", "notContains"];
    let filters: Vec<Value> = (0..100).map(|at| json!({ "key": "a", "op": ops[at % 3], "value": format!("x{at}") })).collect();
    let filters = Value::Array(filters);
    counted::take();
    assert_eq!(evidence(tool, &filters, &[], &answer).verdicts.len(), 100);
    let prepared = counted::take();
    assert!((200_000..answer.text.len()).contains(&prepared), "{prepared} of {}", answer.text.len());
    let read = answer.text.len() * (1 + COMPARED_FILTERS);
    assert!((read..read + 1000).contains(&work(answer.text.len(), &filters)));
}

#[test]
fn the_texts_of_filters_count_as_work() {
    let choices: Vec<Value> = (0..5000).map(|at| json!(format!("2026-01-01T00:00:00.{at:04}"))).collect();
    let filters = json!([{ "key": "a", "op": "anyOf", "value": choices }]);
    assert!(work(10, &filters) > 100_000);
}

#[test]
fn a_very_long_value_is_not_compared() {
    let tool = catalog().find("list_apps").unwrap();
    let filters = json!([{ "key": "a", "op": "notContains", "value": "x" }]);
    for (length, verdict) in [(1000, Verdict::Contradicted), (20_000, Verdict::Unclear)] {
        let answer = ToolOutput::of(&json!({ "apps": [{ "a": "x".repeat(length) }] }));
        assert_eq!(evidence(tool, &filters, &[], &answer).verdicts, [verdict]);
    }
}

#[test]
fn what_is_remembered_expires_and_is_weighed_by_its_texts() {
    let form = FilterForm::new(None);
    let ttl =
        [form.known.policy().time_to_live(), form.controlled.policy().time_to_live(), form.unlisted.policy().time_to_live()];
    assert_eq!(ttl, [Some(TTL); 3]);
    let long = "k".repeat(500);
    form.controlled.insert((1, "list_apps", Form::Documented, long.clone(), "isSet".to_owned()), Applied::Yes);
    form.unlisted.insert((1, "list_apps", long), ());
    form.controlled.run_pending_tasks();
    form.unlisted.run_pending_tasks();
    assert!(form.controlled.weighted_size() > 500 && form.unlisted.weighted_size() > 500);
}

/// An API that takes wrapped filters only; `zzzz` is no name.
fn takes_wrapped(arguments: &Arguments) -> Outcome {
    let filters = &arguments.values()["filters"];
    match filters.get("wrapped") {
        None => refused(),
        Some(filters) if filters.to_string().contains("zzzz") => Ok(output(&json!({ "apps": [], "total": 0 }))),
        Some(_) => Ok(output(&json!({ "apps": [{ "id": 1 }], "total": 3 }))),
    }
}

#[test]
fn a_filter_that_finds_nothing_in_the_only_form_that_is_taken_is_no_error() {
    let (form, asked) = (FilterForm::new(Some(wrapped)), RefCell::new(Vec::new()));
    let given = json!({ "filters": [{ "key": "name", "op": "equals", "value": "zzzz" }] });
    for requests in [3, 4] {
        let (outcome, note) = filtered(&form, 1, &given, "name", |arguments, _| {
            asked.borrow_mut().push(arguments.values()["filters"].to_string());
            ready(takes_wrapped(&arguments))
        });
        assert_eq!((outcome.unwrap(), note), (r#"{"apps":[],"total":0}"#.to_owned(), None));
        assert_eq!(asked.borrow().len(), requests, "the form is confirmed once and then remembered: {asked:?}");
    }
}

#[test]
fn a_form_in_which_nothing_is_ever_found_is_not_taken_for_the_right_one() {
    let form = FilterForm::new(Some(wrapped));
    let given = json!({ "filters": [{ "key": "name", "op": "equals", "value": "zzzz" }] });
    let (outcome, _) = filtered(&form, 1, &given, "name", |arguments, _| {
        ready(if arguments.values()["filters"].is_array() { refused() } else { Ok(output(&json!({ "apps": [] }))) })
    });
    assert!(outcome.unwrap_err().starts_with("the API did not accept the arguments"));
}

#[test]
fn a_field_whose_part_is_requested_is_neither_added_nor_removed() {
    let asked = RefCell::new(Value::Null);
    let given = json!({ "fields": ["owner.email"], "filters": [{ "key": "owner.email", "op": "equals", "value": "a@b.c" }] });
    let (outcome, note) = filtered(&FilterForm::new(None), 1, &given, "owner.email", |arguments, _| {
        *asked.borrow_mut() = arguments.values()["fields"].clone();
        ready(Ok(output(&json!({ "apps": [{ "owner": { "email": "a@b.c" } }] }))))
    });
    assert_eq!((outcome.unwrap(), note), (r#"{"apps":[{"owner":{"email":"a@b.c"}}]}"#.to_owned(), None));
    assert_eq!(asked.into_inner(), json!(["owner.email"]));
}

#[tokio::test]
async fn a_control_call_that_hangs_does_not_stop_the_large_answer_of_another_user() {
    let controlled = Arc::new(Notify::new());
    let reached = Arc::clone(&controlled);
    let answer = move |uri: Uri| {
        let reached = Arc::clone(&reached);
        async move {
            if uri.to_string().contains("isNotSet") {
                reached.notify_one();
                return pending().await;
            }
            Ok::<_, Infallible>(json!({ "apps": [{ "id": 1, "text": "x".repeat(2 << 20) }], "total": 2 }).to_string())
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    // there is one large permit, and one turn to parse
    let limits = Limits { response_memory: 32 << 20, ..Limits::default() };
    let api = Api { base: &url, functions: tool_fns(), user_agent: "test" };
    let upstream = Upstream::new(&api, limits, Clock::system(), || 0.5).unwrap();
    let (one, other) = (Caller::new(api_keys("one")), Caller::new(api_keys("other")));
    let (checks, form, tool) = (FilterChecks::default(), FilterForm::new(None), catalog().find("list_apps").unwrap());
    let send = async |arguments: Arguments, _: Sending| upstream.call(tool, &one, arguments).await;
    let second = async {
        controlled.notified().await;
        upstream.call(tool, &other, Arguments::check(tool, Map::new()).unwrap()).await
    };
    tokio::select! {
        biased;
        answered = second => assert!(answered.is_ok(), "{answered:?}"),
        _ = part_of(&checks, &form, &["state"], send) => panic!("the control call hangs for longer"),
    }
}
