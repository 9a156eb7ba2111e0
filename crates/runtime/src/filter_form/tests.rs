use std::cell::RefCell;

use serde_json::{Map, json};

use super::*;
use crate::{error_texts::leads_on, testing::catalog};

/// Which forms of filters an API takes.
#[derive(Clone, Copy)]
enum Takes {
    Documented,
    Other,
    /// It ignores both.
    None,
    /// It rejects the documented form and ignores the other one.
    Neither,
    /// It ignores the documented form, and finds nothing with the other one.
    Nothing,
}

fn wrapped(filters: &Value) -> Value {
    json!({ "wrapped": filters })
}

/// Calls an API that has apps of two states, some times one after the other; the results, and which forms were sent.
fn called(takes: Takes, form: &FilterForm, filters: &Value) -> (Result<String, String>, String) {
    called_with(1, takes, form, filters)
}

fn called_with(key: u64, takes: Takes, form: &FilterForm, filters: &Value) -> (Result<String, String>, String) {
    let sent = RefCell::new(String::new());
    let tool = catalog().find("list_apps").unwrap();
    let mut given = Map::new();
    given.insert("filters".to_owned(), filters.clone());
    let call = async |arguments: Arguments| {
        let is_other = arguments.values()["filters"].is_object();
        sent.borrow_mut().push(if is_other { 'o' } else { 'd' });
        let all = r#"{"apps":[{"state":"closed","n":1},{"state":"inReview","n":7}]}"#;
        let right = r#"{"apps":[{"state":"inReview","n":7}]}"#;
        let malformed = || Err(ToolError::from_status(reqwest::StatusCode::BAD_REQUEST, b"", ""));
        let text = match (takes, is_other) {
            (Takes::Documented, false) | (Takes::Other, true) => right,
            (Takes::Documented, true) | (Takes::Neither, false) => return malformed(),
            (Takes::Nothing, true) => r#"{"apps":[]}"#,
            (Takes::Nothing | Takes::Other, false) | (Takes::None, _) | (Takes::Neither, true) => all,
        };
        Ok(ToolOutput::new(text.to_owned()))
    };
    let arguments = Arguments::check(tool, given).unwrap();
    let outcome =
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(form.call((tool, key), arguments, call));
    (outcome.map(|output| output.text).map_err(|error| error.to_string()), sent.into_inner())
}

fn in_review() -> Value {
    json!([{ "key": "state", "op": "equals", "value": "In Review" }])
}

#[test]
fn the_documented_form_is_sent_once_if_the_api_takes_it() {
    let form = FilterForm::new(Some(wrapped));
    for _ in 0..2 {
        let (outcome, sent) = called(Takes::Documented, &form, &in_review());
        assert!(outcome.unwrap().contains("inReview"));
        assert_eq!(sent, "d");
    }
}

#[test]
fn the_other_form_is_tried_once_and_remembered() {
    let form = FilterForm::new(Some(wrapped));
    assert_eq!(called(Takes::Other, &form, &in_review()).1, "do");
    assert_eq!(called(Takes::Other, &form.clone(), &in_review()).1, "o");
    // an API that changes is noticed as well
    assert_eq!(called(Takes::Documented, &form, &in_review()).1, "o");
}

#[test]
fn a_filter_that_is_ignored_is_an_error() {
    let form = FilterForm::new(Some(wrapped));
    for (takes, sent) in [(Takes::None, "do"), (Takes::None, "do")] {
        let (outcome, forms) = called(takes, &form, &in_review());
        let error = outcome.unwrap_err();
        leads_on(&error);
        assert!(error.contains("the API ignored the filter by `state`"), "{error}");
        assert_eq!(forms, sent);
    }
    let (outcome, sent) = called(Takes::None, &FilterForm::new(None), &in_review());
    assert!(outcome.is_err() && sent == "d");
}

#[test]
fn what_one_key_seems_to_say_changes_nothing_for_another_and_no_items_say_nothing() {
    let form = FilterForm::new(Some(wrapped));
    assert_eq!(called_with(1, Takes::Other, &form, &in_review()).1, "do");
    assert_eq!(called_with(2, Takes::Documented, &form, &in_review()).1, "d");
    let (outcome, sent) = called_with(3, Takes::Nothing, &form, &in_review());
    assert!(outcome.unwrap_err().contains("the API ignored the filter by `state`") && sent == "do");
    assert_eq!(called_with(3, Takes::Documented, &form, &in_review()).1, "d", "and nothing was learned");
}

#[test]
fn a_refusal_stands_if_the_other_form_does_not_help() {
    let (outcome, sent) = called(Takes::Neither, &FilterForm::new(Some(wrapped)), &in_review());
    assert!(outcome.unwrap_err().starts_with("the API did not accept the arguments"));
    assert_eq!(sent, "do");
}

#[test]
fn calls_without_filters_are_sent_as_they_are() {
    let (outcome, sent) = called(Takes::None, &FilterForm::new(Some(wrapped)), &json!([]));
    assert!(outcome.is_ok() && sent == "d");
}

#[test]
fn only_what_is_certain_counts() {
    for (op, operand, values, expected) in [
        ("equals", json!("a"), json!(["A", "a"]), Some(true)),
        ("equals", json!("a"), json!(["b", "c"]), Some(false)),
        ("equals", json!("Gold"), json!(["opt_1", "opt_1"]), None),
        ("equals", json!("Cafe"), json!(["Cafe", "Café"]), None),
        ("equals", json!("Cafe"), json!(["Café", "Deli", "Pub"]), Some(false)),
        ("equals", json!(""), json!(["a", "b"]), None),
        ("equals", json!("C++"), json!(["Cisco", "C#", "Cobol"]), Some(false)),
        ("anyOf", json!(["active", "Active", "inReview", "In-Review"]), json!(["a", "b", "c", "d"]), Some(false)),
        ("anyOf", json!(["DevOps"]), json!(["Core,DevOps", "Finance", "Sales"]), Some(false)),
        ("isNotSet", Value::Null, json!([null, { "id": 1 }]), Some(false)),
        ("isNotSet", Value::Null, json!([null, 20_001]), Some(false)),
        ("dayBefore", json!("2026-09-01"), json!(["", "2026-12-04"]), Some(false)),
        ("gt", json!(5), json!(["", 4]), Some(false)),
        ("equals", json!("2026-02-03"), json!(["2026-02-03T10:00:00.000Z"]), Some(true)),
        ("equals", json!(5), json!([5, 5.0]), Some(true)),
        ("equals", json!("5"), json!([5]), Some(true)),
        ("equals", json!(5), json!([6]), Some(false)),
        ("equals", json!(5), json!([null]), None),
        ("equals", json!(true), json!([true, false]), Some(false)),
        ("gt", json!(5), json!([6, 7]), Some(true)),
        ("gt", json!(5), json!([6, 5]), Some(false)),
        ("lte", json!(5), json!(["6"]), None),
        ("contains", json!("a"), json!(["b"]), None),
        ("equals", json!("a"), json!([]), None),
        // values that are not there say nothing about those that are
        ("gt", json!(5), json!([null, 6]), Some(true)),
        ("gt", json!(5), json!([null, 4]), Some(false)),
        ("isSet", Value::Null, json!(["a", null]), Some(false)),
        ("isNotSet", Value::Null, json!([null]), Some(true)),
        ("isNotSet", Value::Null, json!([null, "a"]), Some(false)),
        ("isNotSet", Value::Null, json!([0, ""]), None),
        ("anyOf", json!(["DevOps"]), json!(["Core,DevOps", "DevOps,Finance"]), None),
        ("anyOf", json!(["active", "inReview"]), json!(["Active", "In-Review"]), Some(true)),
        ("anyOf", json!(["active", "inReview"]), json!(["Active", "Closed"]), None),
        ("anyOf", json!(["active", "inReview"]), json!(["Active", "Closed", "Pipeline"]), Some(false)),
        ("dayOnOrAfter", json!("2026-09-01"), json!(["2026-08-31T22:00:00Z", "2027-01-01"]), Some(true)),
        ("dayOnOrAfter", json!("2026-09-01"), json!(["2026-08-30", "2027-01-01"]), Some(false)),
        ("dayAfter", json!("2026-09-01"), json!([1_777_000_000_000_u64]), Some(false)),
        ("dayOnOrBefore", json!("2026-09-01"), json!(["2026-09-02T13:00:00.000Z"]), Some(true)),
        ("dayBefore", json!("2026-09-01"), json!(["2026-09-04"]), Some(false)),
        ("dayBefore", json!("2026-09-01"), json!(["soon"]), None),
    ] {
        assert_eq!(is_met(op, &operand, values.as_array().unwrap()), expected, "{op} {operand} {values}");
    }
}
