use super::limits::{END, LIMIT, RATE, tells_a_limit, tells_an_end};
use super::*;

#[test]
fn every_pattern_compiles() {
    assert!(
        [&*RATE, &*RATE_SENTENCE, &*LIMIT, &*END, &*CODE_BLOCK, &*BREAK, &*TAG, &*LINK].iter().all(|pattern| pattern.is_some())
    );
}

#[test]
fn the_rate_is_read_from_list_markup() {
    assert_eq!(rate("<p><ul><li>Rate limit: 200 requests per minute</li></ul></p>"), Some(200));
    assert_eq!(rate("no limit here"), None);
}

#[test]
fn a_rate_is_understood_however_it_is_stated() {
    for (text, calls) in [
        ("up to 100 requests every minute", 100),
        ("5 requests per second", 300),
        ("Limited to 10 requests/s.", 600),
        ("1,200 API calls an hour", 20),
        ("at most 30 requests per 10 seconds", 180),
        ("500 calls may be made each day", 1),
        ("60 requests are allowed within any 1-minute window", 60),
        ("(limit: 40 requests per minute)", 40),
        ("99999999999 requests per minute", u32::MAX),
        ("100 requests per minute and 10,000 requests per day", 6),
    ] {
        assert_eq!(rate(text), Some(calls), "{text}");
    }
    for text in [
        "0.5 requests per second",
        "5 000 requests per minute",
        "2.500 requests per hour",
        "2 requests at a time",
        "answers 5 questions per day",
        "0 requests per minute",
        "the 3 calls in a row",
    ] {
        assert_eq!(rate(text), None, "{text}");
    }
}

#[test]
fn limits_and_ends_are_found_in_words() {
    for text in
        ["At most 100 items.", "maximum 50 items", "Up to 20", "size (1000 max)", "no more than 5", "Min 3", "between 1 and 9"]
    {
        assert!(tells_a_limit(text), "{text}");
    }
    for text in ["Returns 100 items.", "at most a few", "up to 5 requests per second", "the limit"] {
        assert!(!tells_a_limit(text), "{text}");
    }
    for text in ["It will be removed on 2026-12-01.", "Deprecated: use q.", "Sunset in May.", "This is being retired."] {
        assert!(tells_an_end(text), "{text}");
    }
    assert!(!tells_an_end("Apps that were removed from the list."));
}

#[test]
fn sentences_are_taken_apart() {
    assert_eq!(sentences("<p>One. Two</p><li>v1.2 of it</li>\nThree."), ["One.", "Two", "v1.2 of it", "Three."]);
}

#[test]
fn markup_goes_and_words_stay() {
    let text = "Lists <b>apps</b>.<br/><hr />See [the guide](https://example.com) &amp; more.\n<p><ul><li>Rate limit: 50 requests per minute</li></ul></p>";
    assert_eq!(plain(text, 200), "Lists apps. See the guide & more.");
}

#[test]
fn a_line_hides_nothing() {
    assert_eq!(line("a\r\n## b\u{2028}c\u{85}\u{202E}gpj\u{200B}.exe\u{7}"), "a  ## b c gpj.exe");
}

#[test]
fn a_comparison_is_not_a_tag() {
    assert_eq!(plain("size < 5 and count > 3", 100), "size < 5 and count > 3");
}

#[test]
fn a_long_text_ends_at_a_sentence() {
    assert_eq!(plain("One sentence here. Another one that is far too long to fit.", 30), "One sentence here.");
    assert_eq!(plain("one endless sentence without any stop", 20), "one endless…");
}

#[test]
fn limits_behind_the_cut_stand_behind_the_digest() {
    let text = format!("{} At most 20 ids. 100 requests per minute per key.", "Words and words. ".repeat(70));
    let short = limited_words(&text, 1_000, &text);
    assert!(short.ends_with(". At most 20 ids. 100 requests per minute per key."), "{short}");
    assert!(short.chars().count() < 1_100 && limited_words("At most 3.", 1_000, "At most 3.") == "At most 3.");
}

#[test]
fn a_rate_is_cut_as_a_whole_sentence_or_stays() {
    assert_eq!(plain("Lists. Rate limit: 50 requests per minute. More.", 100), "Lists. More.");
    let text = "Lists. Rate limit: 50 requests per minute, at most 2 at the same time.";
    assert_eq!(plain(text, 100), text);
}

#[test]
fn sentences_with_numbers_are_bounds_and_days_are_not() {
    use super::limits::bounds;
    let text = "Returns 100 items. Since 2026-05-01. At 10:30. Version v2. At most five. Plain words.\n| ids | 20 |";
    assert_eq!(bounds(text), ["Returns 100 items.", "At most five.", "| ids | 20 |"]);
}
