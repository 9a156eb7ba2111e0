use serde_json::json;

use super::*;

fn typed_arguments(json: Option<&str>, pairs: &[&str]) -> Result<Value, String> {
    let properties = json!({
        "size": { "type": "integer" },
        "ratio": { "type": ["number", "null"] },
        "includeLicenses": { "type": "boolean" },
        "q": { "type": "string" },
        "fields": { "type": "array", "items": { "type": "string" } },
        "ids": { "type": "array", "items": { "type": "integer" } },
        "filters": { "type": "array", "items": { "type": "object" } },
    });
    let schema = Map::from_iter([("properties".to_owned(), properties)]);
    let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
    arguments(&schema, json, &pairs).map(Value::Object)
}

#[test]
fn words_become_what_the_schema_wants() {
    let pairs = [
        "size=5",
        "includeLicenses=true",
        "q=a=b",
        "fields=id, name",
        "ids=1,2",
        "ratio=0.5",
        "filters=[{\"key\":\"a\",\"op\":\"gt\"}]",
    ];
    let expected = json!({ "size": 5, "includeLicenses": true, "q": "a=b", "fields": ["id", "name"], "ids": [1, 2], "ratio": 0.5, "filters": [{ "key": "a", "op": "gt" }] });
    assert_eq!(typed_arguments(None, &pairs), Ok(expected));
}

#[test]
fn what_does_not_fit_stays_a_word_for_the_check_to_explain() {
    assert_eq!(typed_arguments(None, &["size=many", "other=1"]), Ok(json!({ "size": "many", "other": "1" })));
}

#[test]
fn a_pair_wins_over_the_json() {
    assert_eq!(typed_arguments(Some(r#"{"size":1,"q":"x"}"#), &["size=2"]), Ok(json!({ "size": 2, "q": "x" })));
}

#[test]
fn wrong_forms_are_told() {
    assert_eq!(typed_arguments(None, &["size"]), Err("`size` is not of the form `key=value`".to_owned()));
    assert!(typed_arguments(Some("[]"), &[]).unwrap_err().starts_with("`--json` does not contain a JSON object: "));
}
