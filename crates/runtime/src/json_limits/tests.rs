use serde_json::Value;

use super::*;

fn values_of(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(values_of).sum(),
        Value::Object(members) => members.values().map(values_of).sum(),
        _ => 0,
    }
}

#[test]
fn no_text_has_more_values_than_are_counted() {
    for text in [
        "1",
        "[]",
        "[[],[],[]]",
        r#"{"a":{"b":[1,2,{"c":null}]},"d":"x,y,[z]"}"#,
        r#"["\",[","\\",{"\\\"{":1}]"#,
        r#"{"jsonrpc":"2.0","params":{"arguments":{"fields":["a","b"]}}}"#,
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        let counted = JsonCounter::of(text.as_bytes()).values();
        assert_eq!(JsonCounter::of_value(&value).values(), counted, "{text}");
        assert!((values_of(&value)..=2 * values_of(&value)).contains(&counted), "{text}: {counted}");
    }
}

#[test]
fn a_text_in_pieces_is_counted_like_the_whole() {
    let text = br#"{"a":["\"[,","\\",[{}],1],"b\\":{"c":[[]]}}"#;
    let whole = JsonCounter::of(text);
    for size in 1..text.len() {
        let mut counter = JsonCounter::default();
        text.chunks(size).for_each(|piece| counter.add(piece));
        assert_eq!((counter.values(), counter.deepest), (whole.values(), whole.deepest), "pieces of {size}");
    }
}

#[test]
fn what_is_beyond_a_limit_says_which() {
    let limits = JsonLimits { values: 10, depth: 3 };
    let check = |text: &str| JsonCounter::of(text.as_bytes()).check(limits);
    assert_eq!(check("[[[1]]]"), Ok(()));
    assert_eq!(check("[[[[]]]]"), Err(BeyondLimits::Depth(3)));
    assert_eq!(check("[1,2,3,4,5,6,7,8,9]"), Ok(()));
    assert_eq!(check("[1,2,3,4,5,6,7,8,9,10]"), Err(BeyondLimits::Values(10)));
    assert_eq!(check("\"[[[[[,,,,,,,,,,,,,,,\""), Ok(()));
    assert_eq!(BeyondLimits::Values(10).to_string(), "holds more than 10 values");
}
