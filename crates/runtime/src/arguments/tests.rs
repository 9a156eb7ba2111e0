use serde_json::json;

use super::*;
use crate::catalog::tests::tool;

const THING: fn() -> Value = || {
    json!({
        "type": "object",
        "properties": {
            "idApp": { "type": "integer", "maximum": 2_147_483_647 },
            "fields": { "type": "array", "items": { "type": "string" } },
            "size": { "type": "integer", "minimum": 1 },
            "q": { "type": "string" },
            "status": { "type": "string", "enum": ["active", "offboarding", "offboarded"] },
            "filters": { "type": "array", "items": {
                "type": "object",
                "properties": {
                    "key": { "type": "string" },
                    "op": { "type": "string", "enum": ["equals", "contains", "gt", "lt"] },
                    "value": { "type": ["string", "number"] },
                },
                "required": ["key", "op"],
                "additionalProperties": false,
            } },
            "file": {
                "type": "object",
                "properties": { "name": { "type": "string" }, "text": { "type": "string" } },
                "additionalProperties": false,
            },
        },
        "required": ["idApp"],
        "additionalProperties": false,
    })
};

fn check_against(schema: &Value, defaults: &Value, given: Value) -> Result<Arguments, String> {
    let Value::Object(given) = given else { panic!("arguments are an object") };
    let tool = tool(json!({ "inputSchema": schema, "defaults": defaults }));
    Arguments::check(tool, given)
        .map(|arguments| arguments.with_defaults(tool))
        .map_err(|failure| failure.to_string().replace("; nothing was sent, correct the arguments and call again", ""))
}

fn check(given: Value) -> Result<Arguments, String> {
    check_against(&THING(), &json!({}), given)
}

fn arguments(values: Value) -> Arguments {
    let Value::Object(values) = values else { panic!("arguments are an object") };
    Arguments { values }
}

#[test]
fn each_wrong_argument_gets_its_own_words() {
    let long = "x".repeat(100);
    let cases = [
        (json!({}), "`idApp` is missing"),
        (json!({ "idApp": "twelve" }), "`idApp` must be a whole number, not `\"twelve\"`"),
        (json!({ "idApp": 1.5 }), "`idApp` must be a whole number, not `1.5`"),
        (json!({ "idApp": null }), "`idApp` is missing"),
        (json!({ "idApp": "" }), "`idApp` is missing"),
        (json!({ "idApp": "007" }), "`idApp` must be a whole number, not `\"007\"`"),
        (json!({ "idApp": 99_999_999_999_u64 }), "`idApp` must be at most 2147483647, not `99999999999`"),
        (
            json!({ "idApp": long }),
            "`idApp` must be a whole number, not `\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`",
        ),
        (json!({ "appId": 1 }), "`appId` is unknown, did you mean `idApp`?; `idApp` is missing"),
        (json!({ "idApp": 1, "feilds": [] }), "`feilds` is unknown, did you mean `fields`?"),
        (
            json!({ "idApp": 1, "zz": 1 }),
            "`zz` is unknown, known are `idApp`, `fields`, `size`, `q`, `status`, `filters`, `file`",
        ),
        (json!({ "idApp": 1, "fields": "id,,name" }), "`fields` must be a list, not `\"id,,name\"`"),
        (json!({ "idApp": 1, "fields": ["id", true] }), "`fields[1]` must be a string, not `true`"),
        (json!({ "idApp": 1, "size": 0 }), "`size` must be at least 1, not `0`"),
        (
            json!({ "idApp": 1, "status": "gone" }),
            "`status` must be one of `active`, `offboarding`, `offboarded`, not `\"gone\"`",
        ),
        (
            json!({ "idApp": 1, "filters": [{ "key": "name", "op": "equal" }] }),
            "`filters[0].op` must be one of `equals`, `contains`, `gt`, `lt`, not `\"equal\"`, did you mean `equals`?",
        ),
        (
            json!({ "idApp": 1, "filters": [{ "op": "gt", "val": 1 }] }),
            "`filters[0].key` is missing; `filters[0].val` is unknown, did you mean `filters[0].value`?",
        ),
        (json!({ "idApp": 1, "file": { "name": "a", "size": 1 } }), "`file.size` is unknown, known are `name`, `text`"),
    ];
    for (given, words) in cases {
        assert_eq!(check(given.clone()).map(|_| ()), Err(words.to_owned()), "{given}");
    }
}

#[test]
fn more_problems_than_can_be_read_are_counted() {
    let words = check(json!({ "idApp": 1, "fields": vec![true; 9] })).unwrap_err();
    assert!(words.ends_with("`fields[4]` must be a string, not `true`; and 4 more"), "{words}");
}

#[test]
fn of_a_long_list_the_beginning_or_the_first_problem_is_told() {
    let mut fields: Vec<Value> = vec![true.into(); 5_000];
    let words = check(json!({ "idApp": 1, "fields": fields })).unwrap_err();
    assert!(words.ends_with("`fields[4]` must be a string, not `true`; and 15 more"), "{words}");
    fields = vec!["a".into(); 5_000];
    fields[4_000] = false.into();
    assert_eq!(check(json!({ "idApp": 1, "fields": fields })).unwrap_err(), "`fields[4000]` must be a string, not `false`");
}

#[test]
fn lists_and_objects_may_arrive_as_json_in_a_string() {
    let filters = r#"[{"key":"n","op":"gt","value":1}]"#;
    let given = json!({ "idApp": 1, "filters": filters, "fields": "[\"id\",\"name\"]", "file": r#"{"name":"a"}"#, "q": "[1]" });
    let mut arguments = check(given).unwrap();
    assert_eq!(arguments.json("filters").unwrap().unwrap(), filters);
    assert_eq!(arguments.joined("fields", ',').unwrap().unwrap(), "id,name");
    assert_eq!(arguments.value::<Value>("file").unwrap().unwrap(), json!({ "name": "a" }));
    assert_eq!(arguments.value::<String>("q").unwrap().unwrap(), "[1]", "a string stays a string where one is wanted");
}

#[test]
fn json_in_strings_holds_a_part_of_the_values_of_a_request() {
    let list = format!("[{}[]]", "[],".repeat(6_000));
    let words = check(json!({ "idApp": 1, "fields": list })).unwrap_err();
    assert_eq!(words, "`fields` is JSON in a string, which holds more than 2000 values");
    let half = format!("[{}[]]", "[],".repeat(600));
    let words = check(json!({ "idApp": 1, "fields": half, "filters": half })).unwrap_err();
    assert!(words.ends_with("is JSON in a string, which holds more than 2000 values"), "all of them together: {words}");
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    assert_eq!(
        check(json!({ "idApp": 1, "fields": deep })).unwrap_err(),
        "`fields` is JSON in a string, which is nested deeper than 64 levels"
    );
}

#[test]
fn a_whole_number_may_be_written_with_a_point() {
    let mut arguments = check(json!({ "idApp": 1001.0, "size": 2e1 })).unwrap();
    assert_eq!((arguments.value::<i64>("idApp").unwrap(), arguments.value::<i64>("size").unwrap()), (Some(1001), Some(20)));
    assert!(check(json!({ "idApp": 1001.5 })).is_err());
}

#[test]
fn defaults_are_filled_in_after_the_check() {
    let defaults = json!({ "size": 50, "X-API-Version": "1.1" });
    let mut arguments = check_against(&THING(), &defaults, json!({ "idApp": 1, "size": 7 })).unwrap();
    assert_eq!(arguments.value::<i64>("size").unwrap(), Some(7));
    assert_eq!(arguments.value::<String>("X-API-Version").unwrap().as_deref(), Some("1.1"));
    let from_outside = check_against(&THING(), &defaults, json!({ "idApp": 1, "X-API-Version": "9" }));
    assert!(from_outside.is_err(), "a hidden argument is not taken from outside");
}

#[test]
fn segments_cannot_change_the_path() {
    let steps = [
        ".",
        "..",
        "",
        "a/..",
        "../users",
        "%2e%2e",
        "%2E.",
        "%252e%252e",
        "a%2f..%2fb",
        "a\\b",
        "..\\..",
        "%5c",
        "a\u{0}",
        "a\nb",
        "%0a",
    ];
    for step in steps {
        let refused = arguments(json!({ "id": step })).segment::<String>("id");
        assert_eq!(refused.unwrap_err().kind, crate::tool_error::ErrorKind::Arguments, "{step:?}");
    }
    for name in ["a", "a.b", "...", "7f1d-a", "a b", "50%", "ä", ".hidden", "a/b"] {
        assert_eq!(arguments(json!({ "id": name })).segment::<String>("id").unwrap(), name);
    }
    assert_eq!(arguments(json!({ "id": 7 })).segment::<i64>("id").unwrap(), 7);
    assert!(arguments(json!({})).segment::<i64>("id").is_err());
}

#[test]
fn a_segment_is_short_and_encoded_a_few_times_at_most() {
    let segment = |value: String| arguments(json!({ "id": value })).segment::<String>("id").map_err(|error| error.to_string());
    assert_eq!(segment("100%252525".to_owned()).unwrap(), "100%252525");
    let often = segment("%2525252e".to_owned()).unwrap_err();
    assert!(often.starts_with("`id` is percent-encoded more than 3 times; write it as it is"), "{often}");
    assert!(segment("x".repeat(1024)).is_ok());
    for long in ["x".repeat(1025), format!("%{}", "25".repeat(500_000))] {
        let refused = segment(long).unwrap_err();
        assert!(refused.starts_with("`id` must have at most 1024 bytes, not "), "{refused}");
    }
}

#[test]
fn each_form_of_argument_is_handed_out_as_asked() {
    let given = json!({ "list": [1, 2], "mixed": ["a", 1, true], "whole": [{ "a": 1 }], "old": 1, "kept": 2 });
    let mut arguments = arguments(given);
    assert_eq!(arguments.value::<Vec<i64>>("list").unwrap(), Some(vec![1, 2]));
    assert_eq!(arguments.joined("mixed", '|').unwrap().as_deref(), Some("a|1|true"));
    assert_eq!(arguments.whole::<Vec<Value>>("whole").unwrap(), [json!({ "a": 1 })]);
    let body: Value = arguments.object(&[("old", "new"), ("absent", "absent"), ("kept", "kept")]).unwrap();
    assert_eq!(body.to_string(), r#"{"new":1,"kept":2}"#);
    assert!(arguments.whole::<Value>("whole").is_err(), "it was taken before");
}

#[test]
fn a_value_outside_the_rust_type_names_its_argument() {
    let failure = arguments(json!({ "size": 1e300 })).value::<i64>("size").unwrap_err().to_string();
    assert!(failure.starts_with("`size` does not fit: "), "{failure}");
}

#[test]
fn a_flood_of_problems_is_told_in_few_words() {
    let names: Map<String, Value> = (0..100_000).map(|index| (format!("unknown{index}"), Value::Null)).collect();
    let text = check(Value::Object(names)).unwrap_err();
    assert!(text.len() < 4_000 && text.contains("unknown4") && text.ends_with(" more"), "{text}");
}
