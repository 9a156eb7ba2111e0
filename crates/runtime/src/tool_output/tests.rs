use reqwest::header::{CONTENT_TYPE, HeaderValue};

use crate::tool_output::*;

fn read(media: &'static str, body: &str, is_described: bool) -> Result<ToolOutput, ToolError> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media))]);
    ToolOutput::read(StatusCode::OK, &headers, body.as_bytes().to_vec(), is_described)
}

#[test]
fn an_object_passes_unchanged() {
    let body = r#"{"z":1,"a":null,"unknown":{"b":[1.10,-0.0,1e2,18446744073709551615]},"u":"\u00e9 \"x\" "}"#;
    let output = read("application/json; charset=utf-8", body, true).unwrap();
    assert_eq!(output.text, body);
    assert_eq!(output.structured().keys().collect::<Vec<_>>(), ["z", "a", "unknown", "u"]);
    assert_eq!(output.structured()["unknown"]["b"][3], 18_446_744_073_709_551_615_u64);
}

#[test]
fn numbers_beyond_64_bits_are_exact_in_the_text() {
    let body = r#"{"n":123456789012345678901234567890.5}"#;
    assert_eq!(read("application/json", body, true).unwrap().text, body);
}

#[test]
fn lists_and_single_values_are_wrapped() {
    for (body, text) in
        [("[1,2]", r#"{"items":[1,2]}"#), ("7", r#"{"value":7}"#), ("null", r#"{"value":null}"#), ("\"ok\"", r#"{"value":"ok"}"#)]
    {
        let output = read("application/json", body, true).unwrap();
        assert_eq!(output.text, text);
        assert_eq!(Value::Object(output.structured()).to_string(), text);
    }
}

#[test]
fn pretty_printed_answers_lose_only_white_space_between_values() {
    let body = "{\r\n  \"a b\" : [ 1,\n\t\"x \\\" { y \\\\\" , 1.50 ]\n}\n";
    assert_eq!(read("application/json", body, true).unwrap().text, r#"{"a b":[1,"x \" { y \\",1.50]}"#);
}

#[test]
fn empty_answers_are_success() {
    for status in [200, 202, 204] {
        let output = ToolOutput::read(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), b" \n".to_vec(), true).unwrap();
        assert_eq!(output.text, format!(r#"{{"status":{status}}}"#));
    }
}

#[test]
fn only_calls_that_are_not_described_may_answer_in_words() {
    assert_eq!(read("text/html", "Accepted", false).unwrap().text, r#"{"value":"Accepted"}"#);
    assert_eq!(read("text/html", "Accepted", true), Err(ToolError::not_json()));
    assert_eq!(read("application/json", "Accepted", false), Err(ToolError::not_json()));
    assert_eq!(read("text/html", "<!doctype html>", false), Err(ToolError::not_json()));
    assert_eq!(read("text/plain", "{\"cut\":", false), Err(ToolError::not_json()));
    assert_eq!(ToolOutput::read(StatusCode::OK, &HeaderMap::new(), vec![0xff], false), Err(ToolError::not_json()));
}

#[test]
fn half_a_surrogate_pair_is_no_reason_to_fail() {
    let body = r#"{"name":"Ok \ud83d","whole":"\ud83d\ude00","path":"C:\\ud800"}"#;
    let output = read("application/json", body, true).unwrap();
    assert_eq!(output.text, body);
    assert_eq!(Value::Object(output.structured()), json!({ "name": "Ok \u{fffd}", "whole": "😀", "path": "C:\\ud800" }));
}

#[test]
fn json_beyond_our_values_is_carried_as_text() {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    for (body, text) in [(r#"{"n":1e400}"#, r#"{"n":1e400}"#), (&deep, &format!("{{\"items\":{deep}}}"))] {
        let output = read("application/json", body, true).unwrap();
        assert_eq!((output.text.as_str(), &output.structured()["value"]), (text, &json!(text)));
    }
}

#[test]
fn a_byte_order_mark_is_left_out() {
    assert_eq!(read("application/json", "\u{feff}{\"a\":1}", true).unwrap().text, r#"{"a":1}"#);
}

#[test]
fn values_that_take_a_large_multiple_of_their_text_stay_a_text() {
    let nested = format!("{{\"items\":[{}1]}}", format!("{}{},", "[".repeat(100), "]".repeat(100)).repeat(400));
    assert_eq!(ToolOutput::new(nested.clone()).structured(), *json!({ "value": nested }).as_object().unwrap());
    let usual = json!({ "items": vec![json!({ "id": 1, "name": "Slack", "state": "active", "tags": ["a", "b"] }); 1_000] });
    assert_eq!(Value::Object(ToolOutput::of(&usual).structured()), usual);
    let small = json!({ "a": [[[[[[]]]]]] });
    assert_eq!(Value::Object(ToolOutput::of(&small).structured()), small);
    assert_eq!(ToolOutput::of(&usual).parsed(100_000), None);
}
