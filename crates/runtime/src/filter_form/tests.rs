use std::{cell::RefCell, future::ready};

use serde_json::json;

use super::{evidence::is_met, values::Values, *};
use crate::{error_texts::leads_on, testing::catalog};

mod controls;

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
    let call = async |arguments: Arguments, _: Sending| {
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
    let (outcome, note) = filtered(form, key, &json!({ "filters": filters }), "state", call);
    assert_eq!(note, None);
    (outcome, sent.into_inner())
}

/// Calls `list_apps` with filters by one field; the result, and the note about filters that could not be checked.
fn filtered<F: Future<Output = Outcome>>(
    form: &FilterForm,
    key: u64,
    given: &Value,
    field: &str,
    send: impl Fn(Arguments, Sending) -> F,
) -> (Result<String, String>, Option<String>) {
    let tool = catalog().find("list_apps").unwrap();
    let (name, part) = field.split_once('.').unwrap_or((field, ""));
    let fields = [FilteredField {
        filter_key: field.to_owned(),
        name: name.to_owned(),
        part: Some(part.to_owned()).filter(|part| !part.is_empty()),
        is_known: true,
    }];
    let checks = FilterChecks::default();
    let arguments = Arguments::check(tool, given.as_object().cloned().unwrap()).unwrap();
    let call = FilteredCall { tool, key, fields: &fields, checks: &checks };
    let outcome =
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(form.call(call, arguments, send));
    (outcome.map(|output| output.text).map_err(|error| error.to_string()), checks.note())
}

/// An API that has two apps, applies filters by their text or not, and returns the requested fields only.
struct Apps {
    applies: bool,
    /// Whether it knows the operators of control calls, and does not refuse them.
    knows_is_set: bool,
    /// Whether `fields` takes the field `state`.
    shows_state: bool,
    /// The requests, each with its fields and filters.
    asked: RefCell<Vec<String>>,
}

impl Apps {
    fn new(applies: bool) -> Self {
        Self { applies, knows_is_set: true, shows_state: true, asked: RefCell::default() }
    }

    fn answer(&self, arguments: &Arguments) -> Outcome {
        let filters = &arguments.values()["filters"];
        let fields = arguments.values().get("fields").cloned().unwrap_or_else(|| json!(["id"]));
        self.asked.borrow_mut().push(format!("{fields} {filters}"));
        let refused = || Err(ToolError::from_status(reqwest::StatusCode::BAD_REQUEST, b"", ""));
        let is_control = ["isNotSet", "notEquals"].iter().any(|op| filters.to_string().contains(op));
        if is_control && !self.knows_is_set || fields.to_string().contains("state") && !self.shows_state {
            return refused();
        }
        let apps = [json!({ "id": 1, "state": "closed" }), json!({ "id": 2, "state": "inReview" })];
        let fits = |app: &Value| filters[0]["op"] == "isSet" || app["state"] == filters[0]["value"];
        let met = |app: &&Value| !self.applies || !is_control && fits(app);
        let of = |app: &Value| -> Value {
            let members = app.as_object().unwrap().iter();
            members
                .filter(|(name, _)| fields.to_string().contains(name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        let found: Vec<Value> = apps.iter().filter(met).map(of).collect();
        let size = arguments.values().get("size").and_then(Value::as_u64).map_or(10, |size| usize::try_from(size).unwrap());
        let body = json!({ "apps": found.iter().take(size).collect::<Vec<_>>(), "total": found.len() });
        Ok(ToolOutput::new(body.to_string()))
    }

    fn filtered(&self, form: &FilterForm, given: &Value) -> (Result<String, String>, Option<String>) {
        filtered(form, 1, given, "state", |arguments, _| ready(self.answer(&arguments)))
    }
}

fn only_ids() -> Value {
    json!({ "fields": ["id"], "filters": [{ "key": "state", "op": "equals", "value": "inReview" }] })
}

#[test]
fn the_field_of_a_filter_is_requested_and_taken_out_again() {
    let apps = Apps::new(true);
    let (outcome, note) = apps.filtered(&FilterForm::new(None), &only_ids());
    assert_eq!((outcome.unwrap(), note), (r#"{"apps":[{"id":2}],"total":1}"#.to_owned(), None));
    assert!(apps.asked.borrow()[0].starts_with(r#"["id","state"]"#) && apps.asked.borrow().len() == 1, "{:?}", apps.asked);
}

#[test]
fn a_filter_by_a_field_that_nobody_requested_is_not_ignored_silently() {
    for shows_state in [true, false] {
        let apps = Apps { shows_state, ..Apps::new(false) };
        let (outcome, _) = apps.filtered(&FilterForm::new(None), &only_ids());
        assert!(outcome.unwrap_err().contains("the API ignored the filter by `state`"), "{shows_state}");
    }
}

#[test]
fn a_control_call_tells_once_for_each_key_what_items_cannot_show() {
    let (apps, form) = (Apps { shows_state: false, ..Apps::new(true) }, FilterForm::new(None));
    let is_set = json!({ "fields": ["id"], "filters": [{ "key": "state", "op": "isSet" }] });
    let (outcome, note) = apps.filtered(&form, &is_set);
    assert_eq!((outcome.unwrap(), note), (r#"{"apps":[{"id":1},{"id":2}],"total":2}"#.to_owned(), None));
    assert_eq!(apps.asked.borrow().len(), 3, "with the field, without it, and the control call: {:?}", apps.asked);
    let _ = apps.filtered(&form, &is_set);
    assert_eq!(apps.asked.borrow().len(), 4, "what was found is remembered: {:?}", apps.asked);
    let other_key = filtered(&form, 2, &is_set, "state", |arguments, _| ready(apps.answer(&arguments)));
    assert!(other_key.0.is_ok() && apps.asked.borrow().len() == 7, "and not used for another key: {:?}", apps.asked);
}

#[test]
fn what_is_known_of_the_presence_of_a_field_says_nothing_of_other_operators() {
    let (apps, form) = (Apps { shows_state: false, ..Apps::new(true) }, FilterForm::new(None));
    let is_set = json!({ "fields": ["id"], "filters": [{ "key": "state", "op": "isSet" }] });
    assert_eq!(apps.filtered(&form, &is_set).1, None);
    let (outcome, note) = apps.filtered(&form, &only_ids());
    assert_eq!((outcome.unwrap(), note), (r#"{"apps":[{"id":2}],"total":1}"#.to_owned(), None));
    assert!(apps.asked.borrow().last().unwrap().contains("notEquals"), "each operator has its own control call");
}

#[test]
fn a_total_and_an_aggregation_are_checked_although_the_item_that_is_shown_fits() {
    // the first of two apps has the right state by chance
    let closed = json!([{ "key": "state", "op": "equals", "value": "closed" }]);
    let given = json!({ "fields": ["id", "state"], "size": 1, "filters": closed });
    let (outcome, _) = Apps::new(false).filtered(&FilterForm::new(None), &given);
    assert!(outcome.unwrap_err().contains("the API ignored the filter by `state`"));
    let (outcome, note) = Apps::new(true).filtered(&FilterForm::new(None), &given);
    assert!(outcome.is_ok() && note.is_none());
    let aggregated = json!({ "fields": ["id"], "filters": closed, "aggs": { "field": "state", "aggregationType": "groupBy" } });
    let apps = Apps::new(true);
    assert!(apps.filtered(&FilterForm::new(None), &aggregated).0.is_ok());
    let asked = apps.asked.borrow();
    assert!(asked.len() == 2 && asked[1].contains("notEquals"), "{asked:?}");
}

#[test]
fn a_result_has_a_note_if_nothing_tells_whether_a_filter_was_applied() {
    let apps = Apps { shows_state: false, knows_is_set: false, ..Apps::new(true) };
    let form = FilterForm::new(None);
    for asked in [4, 5] {
        let (outcome, note) = apps.filtered(&form, &only_ids());
        assert!(outcome.is_ok() && note.unwrap().contains("not known whether the API applied the filter by `state`"));
        assert_eq!(apps.asked.borrow().len(), asked);
    }
    // the operators that join filters have no field
    let either = json!([{ "key": "state", "op": "or", "value": [{ "key": "state", "op": "isSet" }] }]);
    let (outcome, note) = Apps::new(false).filtered(&FilterForm::new(None), &json!({ "filters": either }));
    assert!(outcome.is_ok() && note.is_some());
}

#[test]
fn people_are_compared_by_their_ids_and_parts_by_their_values() {
    for (key, value, is_met) in [("owner", json!(7), true), ("owner", json!("8"), false), ("owner.email", json!("a@b.c"), true)] {
        let send =
            async |_: Arguments, _: Sending| Ok(ToolOutput::new(r#"{"apps":[{"owner":{"id":7,"email":"a@b.c"}}]}"#.to_owned()));
        let given = json!({ "filters": [{ "key": key, "op": "equals", "value": value }] });
        let (outcome, note) = filtered(&FilterForm::new(None), 1, &given, key, send);
        assert_eq!((outcome.is_ok(), note), (is_met, None), "{key} {value}");
    }
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
    assert!(outcome.unwrap_err().contains("the API ignored the filter by `state`"));
    assert_eq!(sent, "doo", "the last one asks whether the other form is understood at all");
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
        ("contains", json!("a"), json!(["b", "c"]), Some(false)),
        ("contains", json!("a"), json!(["b", "ç"]), None),
        ("contains", json!("In R"), json!(["inReview"]), Some(true)),
        ("contains", json!("-"), json!(["b", "c"]), None),
        ("notContains", json!("a"), json!(["b", "c"]), Some(true)),
        ("notContains", json!("a"), json!(["b", "á"]), None),
        ("notContains", json!("a"), json!(["b", "Cat"]), Some(false)),
        ("notContains", json!("in r"), json!(["inReview"]), None),
        ("notEquals", json!("a"), json!(["a", "b"]), Some(false)),
        ("notEquals", json!("Gold"), json!(["opt_1"]), None),
        ("notEquals", json!(5), json!([6, 5]), Some(false)),
        ("notEquals", json!(5), json!([6, 7]), Some(true)),
        ("notEquals", json!(true), json!([false]), Some(true)),
        ("noneOf", json!(["a", "b"]), json!(["c", "b"]), Some(false)),
        ("noneOf", json!(["a", "b"]), json!(["c", "d"]), None),
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
        assert_eq!(is_met(op, &operand, &Values::new(values.as_array().unwrap())), expected, "{op} {operand} {values}");
    }
}
