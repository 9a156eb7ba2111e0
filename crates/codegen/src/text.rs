//! Prepares texts of a document for assistants: removes markup and the sentence about rate limits, and cuts after a sentence.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Compiles a constant pattern. An invalid pattern would match nothing, so a test checks that all patterns compile.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// A number of calls and the time for which it is: the number, how many units, and the unit.
static RATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?ix) (?:^|[^0-9.,_\s]\s*|[^0-9]\s) ([0-9]+ (?:[,_][0-9]{3})*) \s+ (?:api\s+|http\s+)? (?:requests?|calls?|queries|reqs?)
          (?:\s+(?:is|are|may|can|be|made|sent|allowed|permitted|in|within)){0,4} \s*
          (?: / | \b per \b | \b every \b | \b each \b | \b an? \b | \b any \b ) \s*
          (?: ([0-9]{1,5}) [\s-]* )? (s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?) \b",
    )
});
/// The sentence that states a rate and nothing else, which assistants do not need.
static RATE_SENTENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)rate limit: *[0-9][0-9,_]* requests (?:per|every|each|an?) (?:second|minute|hour|day)s?\b\.?")
});
/// What states a limit in words: a word for it and a number, in either order.
static LIMIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?ix) \b (?: at\s+(?:most|least) | up\s+to | only\s+the\s+first | beyond | capped\s+at | throttled\s+to | cut\s+off\s+(?:at|after) | truncated\s+(?:at|after) | once\s+(?:per|every|an?)
            | (?:no|not|less|fewer|more|longer|shorter|greater|larger)\s+(?:more\s+|less\s+|fewer\s+)?than
            | max(?:imum|imal)? | min(?:imum|imal)? | limit(?:s|ed)? | exceeds? | between | range ) \b [^0-9]{0,60}
            (?: [0-9] | \b (?: one | two | three | four | five | six | seven | eight | nine | ten | hundred | thousand | second | minute | hour | day ) s? \b )
          | \b [0-9][0-9,_]* \s+ (?: to | - | – ) \s+ [0-9][0-9,_]* \s+ [a-z]
          | \b (?: one | [0-9]+ ) \s+ (?:api\s+|http\s+)? (?: requests? | calls? | queries ) \s+ (?: every | each | per | an? ) \b
          | [0-9] [^0-9]{0,30} \b (?: max(?:imum)? | min(?:imum)? | at\s+(?:most|least) | or\s+(?:fewer|less|more) | limit ) \b",
    )
});
/// What bounds a value from below.
static LOWER: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)\b(?:at\s+least|min(?:imum|imal)?|(?:no|not)\s+(?:less|fewer)\s+than|or\s+more)\b"));
/// What announces that something ends.
static END: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?ix) \b (?: sunset | deprecat(?:ed|ion) | end[\s-]of[\s-]life | discontinued
            | (?:will|to|shall|is|are)\s+be(?:ing)?\s+(?:removed|retired|dropped|shut\s+down|switched\s+off)
            | no\s+longer\s+be\s+(?:available|supported|returned|accepted) ) \b",
    )
});
static CODE_BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?s)```.*?```"));
static BREAK: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)<(br|hr|p|/p|/li|ul|/ul|/h[1-6])[^<>]*>"));
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"<[a-zA-Z/][^<>]*>"));
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\[([^\]]*)\]\([^)]*\)"));

/// The calls per minute that a text permits, if it states a limit such as `5 requests per second`; the lowest if it states several.
/// A limit per hour or day is spread evenly, and is at least one call per minute.
pub fn rate(text: &str) -> Option<u32> {
    RATE.as_ref()?.captures_iter(text).filter_map(|found| calls_per_minute(&found)).min()
}

fn calls_per_minute(found: &Captures<'_>) -> Option<u32> {
    let digits: String = found.get(1)?.as_str().chars().filter(char::is_ascii_digit).collect();
    let calls: u64 = digits.parse().unwrap_or(u64::MAX);
    let units: u64 = found.get(2).map_or(Some(1), |units| units.as_str().parse().ok()).filter(|units| *units > 0)?;
    let seconds = match found.get(3)?.as_str().chars().next()?.to_ascii_lowercase() {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => 86_400,
    };
    let per_minute = calls.saturating_mul(60) / (units * seconds);
    Some(u32::try_from(per_minute).unwrap_or(u32::MAX).max(1)).filter(|_| calls > 0)
}

/// Plain text of at most `limit` characters. A longer text is cut at the end of a sentence if possible.
pub fn plain(text: &str, limit: usize) -> String {
    let mut text = text.to_owned();
    for (pattern, replacement) in [(&*RATE_SENTENCE, " "), (&*CODE_BLOCK, " "), (&*BREAK, "\n"), (&*TAG, ""), (&*LINK, "$1")] {
        if let Some(pattern) = pattern {
            text = pattern.replace_all(&text, replacement).into_owned();
        }
    }
    for (entity, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")] {
        text = text.replace(entity, sign);
    }
    text.retain(|sign| !is_invisible(sign));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&text, limit)
}

/// The sentences of a text, without markup.
pub fn sentences(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    // an item of a list is a sentence, too
    let broken = BREAK.as_ref().map_or_else(|| text.to_owned(), |pattern| pattern.replace_all(text, "\n").into_owned());
    for paragraph in broken.lines() {
        let plain = plain(paragraph, usize::MAX);
        let mut rest = plain.as_str();
        while let Some((sentence, after)) = rest.split_once(". ") {
            sentences.push(format!("{sentence}."));
            rest = after;
        }
        sentences.push(rest.to_owned());
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// The sentences that state a rate, as they are written.
pub fn stated_rates(text: &str) -> Vec<String> {
    let sentences = text.lines().flat_map(|line| line.split(". "));
    sentences
        .filter(|sentence| rate(sentence).is_some())
        .map(|sentence| line(sentence.trim_end_matches('.')).trim().to_owned())
        .collect()
}

/// Whether a sentence states a limit, such as `at most 100`. A rate is none: it is read by itself.
pub fn tells_a_limit(sentence: &str) -> bool {
    LIMIT.as_ref().is_some_and(|pattern| pattern.is_match(sentence)) && rate(sentence).is_none()
}

/// Whether what a sentence states bounds a value from below, such as `at least 3`.
pub fn tells_a_lower_limit(sentence: &str) -> bool {
    LOWER.as_ref().is_some_and(|pattern| pattern.is_match(sentence))
}

/// Whether a sentence announces an end, such as `will be removed on 2026-12-01`.
pub fn tells_an_end(sentence: &str) -> bool {
    END.as_ref().is_some_and(|pattern| pattern.is_match(sentence))
}

/// At most this many characters of a text. If it is cut, it ends in a digest of the original, so that two that differ look different.
pub(crate) fn limited(text: &str, most: usize, original: &str) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… {}", text.get(..end).unwrap_or_default(), crate::short_digest(original)),
    }
}

/// A text in quotes, as JSON and YAML read it.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A name or value of an input as one line, without invisible characters.
pub fn line(text: &str) -> String {
    let visible = text.chars().filter(|sign| !is_invisible(*sign));
    visible.map(|sign| if sign.is_whitespace() { ' ' } else { sign }).collect()
}

/// A name or value of an input as one line, in which characters that a reader does not see are escaped.
pub fn visible(text: &str) -> String {
    text.chars().fold(String::new(), |line, sign| match sign {
        sign if is_invisible(sign) => line + &sign.escape_unicode().to_string(),
        sign if sign.is_whitespace() => line + " ",
        sign => line + sign.encode_utf8(&mut [0; 4]),
    })
}

/// Characters that a reader does not see: control characters, zero-width characters, direction marks, tags.
fn is_invisible(sign: char) -> bool {
    (sign.is_control() && !sign.is_whitespace())
        || matches!(sign, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let head: String = text.chars().take(limit.saturating_sub(1)).collect();
    if let Some(end) = head.rfind(". ").filter(|end| *end >= limit / 4) {
        return head.split_at(end + 1).0.to_owned();
    }
    let end = head.rfind(' ').unwrap_or(head.len());
    format!("{}…", head.split_at(end).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(
            [&*RATE, &*RATE_SENTENCE, &*LIMIT, &*LOWER, &*END, &*CODE_BLOCK, &*BREAK, &*TAG, &*LINK]
                .iter()
                .all(|pattern| pattern.is_some())
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
        for text in [
            "At most 100 items.",
            "maximum 50 items",
            "Up to 20",
            "size (1000 max)",
            "no more than 5",
            "Min 3",
            "between 1 and 9",
        ] {
            assert!(tells_a_limit(text), "{text}");
        }
        for text in ["Returns 100 items.", "at most a few", "up to 5 requests per second", "the limit"] {
            assert!(!tells_a_limit(text), "{text}");
        }
        for text in ["It will be removed on 2026-12-01.", "Deprecated: use q.", "Sunset in May.", "This is being retired."] {
            assert!(tells_an_end(text), "{text}");
        }
        assert!(!tells_an_end("Apps that were removed from the list."));
        assert!(tells_a_lower_limit("at least 3") && !tells_a_lower_limit("at most 3"));
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
}
