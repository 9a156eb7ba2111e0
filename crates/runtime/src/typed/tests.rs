use serde_json::json;

use super::*;

fn rest<T: Typed>(json: &str) -> (Option<T>, Option<String>) {
    let Fit { value, rest } = T::read(json);
    (value, rest.map(|rest| rest.to_string()))
}

#[test]
fn a_value_of_another_kind_is_given_back_as_it_was_written() {
    assert_eq!(rest::<bool>("true"), (Some(true), None));
    assert_eq!(rest::<bool>("\"true\""), (None, Some("\"true\"".to_owned())));
    assert_eq!(rest::<String>("7.10"), (None, Some("7.10".to_owned())));
    assert_eq!(rest::<Number>("null"), (None, Some("null".to_owned())));
    assert_eq!(rest::<Vec<bool>>("{}"), (None, Some("{}".to_owned())));
    assert_eq!(rest::<BTreeMap<String, bool>>("[]"), (None, Some("[]".to_owned())));
    // a string that no Rust string can hold
    assert_eq!(rest::<String>(r#""\ud83d""#), (None, Some(r#""\ud83d""#.to_owned())));
}

#[test]
fn of_a_list_or_a_map_only_what_does_not_fit_is_given_back() {
    assert_eq!(rest::<Vec<bool>>("[true, 1.0, false, null]"), (Some(vec![true, false]), Some("[1.0,null]".to_owned())));
    let (value, rest) = rest::<BTreeMap<String, Vec<bool>>>(r#"{"a": [true, 2], "b": 3, "c": []}"#);
    let expected = BTreeMap::from([("a".to_owned(), vec![true]), ("c".to_owned(), vec![])]);
    assert_eq!((value, rest), (Some(expected), Some(r#"{"a":[2],"b":3}"#.to_owned())));
}

#[test]
fn numbers_keep_every_digit() {
    for digits in ["12345678901234567890123", "0.10", "3.14159265358979323846264338327950288", "1e3", "-0"] {
        let number = Number::read(digits).value.unwrap();
        assert_eq!(number.as_str(), digits);
    }
    let number = |digits: &str| Number::read(digits).value.unwrap();
    assert_eq!(number("18446744073709551615").to::<u64>(), Some(u64::MAX));
    assert_eq!(number("18446744073709551616").to::<u64>(), None);
    assert_eq!(number("0.5").to::<f64>(), Some(0.5));
    assert_eq!(Value::from(number("1.50")), json!(1.5));
    assert_eq!(Value::from(Number::from(-3)), json!(-3));
}

#[test]
fn any_json_is_kept_as_text_and_read_on_demand() {
    let json = Json::read(r#"{"a": [1.0]}"#).value.unwrap();
    assert_eq!(json.as_str(), r#"{"a": [1.0]}"#);
    assert_eq!(json.to::<Value>().unwrap(), json!({"a": [1.0]}));
    assert!(json.to::<Vec<u8>>().is_err());
}

#[test]
fn a_file_has_its_parts_and_other_json_is_kept() {
    let file = File::read(r#"{"name": "a.txt", "contentType": "text/plain", "size": 2, "text": "hi"}"#).value.unwrap();
    assert_eq!((file.name.as_deref(), file.text.as_deref(), file.base64), (Some("a.txt"), Some("hi"), None));
    assert!(file.other.is_empty());
    let json = File::read(r#"{"rows": 3}"#).value.unwrap();
    assert_eq!(json.other["rows"].as_str(), "3");
}

#[test]
fn a_type_inside_itself_is_boxed() {
    #[derive(Debug, PartialEq)]
    struct Node {
        child: Option<Box<Node>>,
        other: BTreeMap<String, Json>,
    }
    impl Typed for Node {
        fn read(json: &str) -> Fit<Self> {
            object(json, |members| Self { child: members.take("child"), other: members.rest() })
        }
    }
    let node = Node::read(r#"{"child": {"child": 5}, "x": 1}"#).value.unwrap();
    let child = node.child.unwrap();
    assert_eq!((child.child.is_none(), child.other["child"].as_str(), node.other["x"].as_str()), (true, "5", "1"));
}
