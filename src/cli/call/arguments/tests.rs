use std::{fs, path::PathBuf};

use super::*;

fn schema() -> Map<String, Value> {
    let properties = json!({
        "size": { "type": "integer" },
        "ratio": { "type": ["number", "null"] },
        "includeLicenses": { "type": "boolean" },
        "q": { "type": "string" },
        "fields": { "type": "array", "items": { "type": "string" } },
        "ids": { "type": "array", "items": { "type": "integer" } },
        "filters": { "type": "array", "items": { "type": "object" } },
        "document": { "type": "object", "properties": { "name": {}, "text": {}, "base64": {} } },
    });
    Map::from_iter([("properties".to_owned(), properties)])
}

fn typed_arguments(json: Option<&str>, pairs: &[&str]) -> Result<Value, String> {
    let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
    arguments(&schema(), &Given { json, file: None, pairs: &pairs }).map(Value::Object)
}

/// A file with this content in a folder that lasts as long as the test.
fn written(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    fs::write(&path, content).unwrap();
    (folder, path)
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
    let json = r#"{"size":1,"q":"x","fields":["id"]}"#;
    assert_eq!(typed_arguments(Some(json), &["size=2", "fields=name"]), Ok(json!({ "size": 2, "q": "x", "fields": ["name"] })));
}

#[test]
fn a_repeated_key_makes_a_list_and_is_refused_where_one_value_is_wanted() {
    let pairs = ["fields=id", "fields=name,state", "ids=[1]", "ids=2"];
    assert_eq!(typed_arguments(None, &pairs), Ok(json!({ "fields": ["id", "name", "state"], "ids": [1, 2] })));
    assert_eq!(typed_arguments(None, &["size=1", "size=2"]), Err("`size` is given twice, and takes one value".to_owned()));
}

#[test]
fn one_object_is_a_list_of_one_where_a_list_is_wanted() {
    let pairs = [r#"filters={"key":"a","op":"isSet"}"#, r#"filters={"key":"b,c","op":"gt","value":1}"#];
    let expected = json!({ "filters": [{ "key": "a", "op": "isSet" }, { "key": "b,c", "op": "gt", "value": 1 }] });
    assert_eq!(typed_arguments(None, &pairs), Ok(expected));
}

#[test]
fn json_may_be_in_a_file() {
    let (_folder, path) = written(br#"{"size": 3}"#);
    assert_eq!(typed_arguments(Some(&format!("@{}", path.display())), &["q=x"]), Ok(json!({ "size": 3, "q": "x" })));
    let missing = typed_arguments(Some("@no such file"), &[]).unwrap_err();
    assert!(missing.starts_with("`no such file` cannot be read: "), "{missing}");
    let (_folder, path) = written(b"[]");
    let wrong = typed_arguments(Some(&format!("@{}", path.display())), &[]).unwrap_err();
    assert!(wrong.contains("report.csv` does not contain a JSON object: "), "{wrong}");
}

#[test]
fn a_file_is_uploaded_under_its_own_name_whatever_it_contains() {
    let (_folder, path) = written(&[0xff, 0, 0x80]);
    let given = Given { json: None, file: Some(&path), pairs: &[] };
    let expected = json!({ "document": { "name": "report.csv", "base64": "/wCA" } });
    assert_eq!(arguments(&schema(), &given).map(Value::Object), Ok(expected));
    assert_eq!(arguments(&Map::new(), &given), Err("this tool takes no file; leave `--file` out".to_owned()));
}

#[test]
fn wrong_forms_are_told() {
    assert_eq!(typed_arguments(None, &["size"]), Err("`size` is not of the form `KEY=VALUE`".to_owned()));
    assert!(typed_arguments(Some("[]"), &[]).unwrap_err().starts_with("`--json` does not contain a JSON object: "));
}
