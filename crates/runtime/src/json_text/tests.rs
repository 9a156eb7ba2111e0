use super::*;

#[test]
fn what_is_taken_apart_and_put_together_stays_as_it_was() {
    let text = r#"{"n":1.50,"\"q\"":[1e400,"\ud83d",{"a":1}],"n":123456789012345678901234567890}"#;
    let taken = members(text).unwrap();
    assert_eq!(taken.keys().collect::<Vec<_>>(), ["n", "\"q\""]);
    assert_eq!(items(taken["\"q\""]).unwrap(), ["1e400", r#""\ud83d""#, r#"{"a":1}"#]);
    let put = object(taken.iter());
    assert_eq!(put, r#"{"n":123456789012345678901234567890,"\"q\"":[1e400,"\ud83d",{"a":1}]}"#);
    assert_eq!(list(items("[ 1 , [2, 3] ]").unwrap()), "[1,[2, 3]]");
    assert_eq!((object::<&str, &str>([]), list::<&str>([])), ("{}".to_owned(), "[]".to_owned()));
}

#[test]
fn what_is_something_else_has_no_parts() {
    for text in ["[]", "1", "\"{}\"", "{\"a\"", r#"{"\ud83d":1}"#] {
        assert!(members(text).is_none(), "{text}");
    }
    for text in ["{}", "1", "\"[]\"", "[1", "[1] 2"] {
        assert!(items(text).is_none(), "{text}");
    }
}

#[test]
fn half_a_surrogate_pair_becomes_the_sign_for_what_cannot_be_shown() {
    for (text, whole) in [
        (r#""Ok \ud83d""#, r#""Ok \ufffd""#),
        (r#""\ud83d\ude00 \udc00""#, r#""\ud83d\ude00 \ufffd""#),
        (r#""C:\\ud800 \u00e9""#, r#""C:\\ud800 \u00e9""#),
    ] {
        assert_eq!(with_whole_surrogates(text), whole);
    }
}
