use serde_json::json;

use super::*;
use crate::{arguments::Arguments, catalog::tests::tool, testing::catalog};

fn normalized(schema: &Value, given: Value) -> (Value, Skipped) {
    let (Value::Object(mut given), Some(schema)) = (given, schema.as_object()) else { panic!("both are objects") };
    let skipped = normalize(schema, JsonLimits::REQUEST, &mut given).unwrap();
    (given.into(), skipped)
}

/// What a value becomes where the schema is this one.
fn converted(schema: &Value, given: &Value) -> Value {
    normalized(&json!({ "properties": { "a": schema } }), json!({ "a": given })).0["a"].take()
}

fn one_of(kinds: &Value) -> Value {
    json!({ "anyOf": kinds.as_array().unwrap().iter().map(|kind| json!({ "type": kind })).collect::<Vec<_>>() })
}

#[test]
fn null_and_an_empty_text_for_any_argument_of_any_tool_say_that_it_is_not_given() {
    for tool in catalog().tools() {
        let schema = tool.checked_schema();
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().unwrap();
        let own = ["c_ownField", "Own field"].into_iter().filter(|_| schema["additionalProperties"] == true);
        for name in properties.keys().map(String::as_str).chain(own) {
            for nothing in [json!(null), json!("")] {
                let choices = properties.get(name).and_then(|schema| schema.get("enum")?.as_array());
                if choices.is_some_and(|choices| choices.contains(&nothing) && nothing == "") {
                    continue;
                }
                let mut given = Map::from_iter([(name.to_owned(), nothing)]);
                let skipped = normalize(schema, tool.json_limits(), &mut given.clone()).unwrap();
                assert_eq!(skipped.names().collect::<Vec<_>>(), [name], "{}", tool.name);
                let note = skipped.note(tool).unwrap();
                assert!(note.starts_with(&format!("Not given, since null or empty: `{name}`.")), "{}: {note}", tool.name);
                if let Some(refused) = Some(name).filter(|name| required.contains(name)) {
                    let refused = (Arguments::check(tool, given).unwrap_err().to_string(), format!("`{refused}` is missing"));
                    assert!(refused.0.contains(&refused.1), "{}: {refused:?}", tool.name);
                } else {
                    normalize(schema, tool.json_limits(), &mut given).unwrap();
                    assert_eq!(given, Map::new(), "{}", tool.name);
                }
            }
        }
    }
}

#[test]
fn members_that_the_schema_describes_are_left_out_as_well_and_all_others_are_data() {
    let schema = json!({ "properties": {
        "filters": { "items": { "properties": { "key": { "type": "string" }, "value": { "type": ["string", "null"] } } } },
        "amount": { "anyOf": [{ "type": "integer" }, { "properties": { "currency": { "type": "string" } } }] },
        "settings": { "type": "object", "additionalProperties": true },
        "order": { "enum": ["", "asc"] },
    }, "additionalProperties": false });
    let given = json!({
        "filters": [{ "key": "name", "value": null }, { "key": "", "value": "x", "other": null }],
        "amount": { "currency": "" }, "settings": { "a": null, "b": "" }, "order": "", "unknown": null,
    });
    let (left, skipped) = normalized(&schema, given);
    let expected = json!({
        "filters": [{ "key": "name" }, { "value": "x", "other": null }],
        "amount": {}, "settings": { "a": null, "b": "" }, "order": "", "unknown": null,
    });
    assert_eq!(left, expected);
    assert_eq!(skipped.places, ["filters[0].value", "filters[1].key", "amount.currency"]);
}

#[test]
fn an_empty_object_of_known_members_is_not_given_and_one_of_any_members_is_data() {
    let amount = json!({ "type": "object", "properties": { "value": { "type": "number" } }, "additionalProperties": false });
    let schema = json!({ "properties": {
        "amount": amount, "maybe": { "anyOf": [amount, { "type": "null" }] },
        "settings": { "type": "object", "additionalProperties": true }, "list": { "type": "array", "items": amount },
    } });
    let given = json!({ "amount": {}, "maybe": { "value": null }, "settings": {}, "list": [{}] });
    let (left, skipped) = normalized(&schema, given);
    assert_eq!(left, json!({ "settings": {}, "list": [{}] }));
    assert_eq!(skipped.places, ["amount", "maybe.value", "maybe"]);
}

#[test]
fn a_note_stays_short_however_much_is_left_out() {
    let given = (0..5_000).map(|number| (format!("a{number}{}", "x".repeat(100)), Value::Null)).collect();
    let note = normalized(&json!({}), Value::Object(given)).1.note(tool(json!({}))).unwrap();
    assert!(note.len() < 2_000 && note.ends_with(" and 4976 more."), "{note}");
}

#[test]
fn a_text_is_converted_where_no_text_is_taken_and_nothing_is_lost() {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let numbers = json!({ "type": "array", "items": { "type": "integer" } });
    let [integer, number, boolean] = ["integer", "number", "boolean"].map(|kind| json!({ "type": kind }));
    let object = json!({ "type": "object", "properties": { "n": integer } });
    for (schema, given, expected) in [
        (&integer, json!("1001"), json!(1001)),
        (&integer, json!(" 2 "), json!(2)),
        (&integer, json!("-5"), json!(-5)),
        (&integer, json!("5.0"), json!(5)),
        (&integer, json!(5.0), json!(5)),
        (&integer, json!("18446744073709551615"), json!(u64::MAX)),
        (&number, json!("2"), json!(2)),
        (&number, json!("0.10"), json!(0.1)),
        (&number, json!("1.5e3"), json!(1500.0)),
        (&boolean, json!("true"), json!(true)),
        (&boolean, json!("false"), json!(false)),
        (&texts, json!("name,id"), json!(["name", "id"])),
        (&texts, json!("name, owner.email"), json!(["name", "owner.email"])),
        (&texts, json!("id"), json!(["id"])),
        (&texts, json!("[\"id\", \"name\"]"), json!(["id", "name"])),
        (&texts, json!([1, 2.0, "c"]), json!(["1", "2", "c"])),
        (&numbers, json!("1, 2"), json!([1, 2])),
        (&numbers, json!(["1", 2]), json!([1, 2])),
        (&object, json!("{\"n\": \"7\"}"), json!({ "n": 7 })),
        (&object, json!({ "n": "7" }), json!({ "n": 7 })),
        (&json!({ "type": "string" }), json!(1001), json!("1001")),
        (&json!({ "type": "string" }), json!(1.5), json!("1.5")),
        (&one_of(&json!(["integer", "boolean", "null"])), json!("3"), json!(3)),
        (&one_of(&json!(["integer", "boolean", "null"])), json!("true"), json!(true)),
    ] {
        assert_eq!(converted(schema, &given), expected, "{given} for {schema}");
    }
}

#[test]
fn what_would_lose_something_or_is_taken_as_it_is_stays() {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let objects = json!({ "type": "array", "items": { "type": "object" } });
    let [integer, number, boolean] = ["integer", "number", "boolean"].map(|kind| json!({ "type": kind }));
    for (schema, given) in [
        (&integer, json!("007")),
        (&integer, json!("1.5")),
        (&integer, json!("+5")),
        (&integer, json!("1,000")),
        (&integer, json!("0x10")),
        (&integer, json!("99999999999999999999")),
        (&integer, json!("null")),
        (&integer, json!(true)),
        (&number, json!("1e400")),
        (&number, json!("1e-400")),
        (&number, json!("NaN")),
        (&number, json!("0.1000000000000000055")),
        (&number, json!("123456789.123456789123")),
        (&boolean, json!("yes")),
        (&boolean, json!(1)),
        (&texts, json!("a,,b")),
        (&texts, json!(",")),
        (&texts, json!("[\"a\"")),
        (&texts, json!(7)),
        (&objects, json!("a,b")),
        (&json!({ "type": "string" }), json!("[1]")),
        (&json!({ "type": "string" }), json!(false)),
        (&one_of(&json!(["string", "integer"])), json!("7")),
        (&one_of(&json!(["string", "number"])), json!(7)),
        (&json!({ "type": ["string", "array"] }), json!("a,b")),
        (&json!({}), json!("7")),
    ] {
        assert_eq!(converted(schema, &given), given, "for {schema}");
    }
}

#[test]
fn a_list_in_a_text_holds_a_part_of_the_values_of_a_request() {
    let schema = json!({ "properties": { "fields": { "type": "array", "items": { "type": "string" } } } });
    let mut given = Map::from_iter([("fields".to_owned(), Value::from("a,".repeat(5_000) + "a"))]);
    let refused = normalize(schema.as_object().unwrap(), JsonLimits::REQUEST, &mut given).unwrap_err().to_string();
    assert!(refused.starts_with("`fields` is a list in a string, which holds more than 2000 values; "), "{refused}");
}
