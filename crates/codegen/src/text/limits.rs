//! What the sentences of a text state: rates, limits, numbers, an end.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{pattern, sentences};

/// The most sentences that are listed one by one.
const MAX_LISTED: usize = 64;

/// A number of calls and the time for which it is: the number, how many units, and the unit.
pub(super) static RATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?ix) (?:^|[^0-9.,_\s]\s*|[^0-9]\s) ([0-9]+ (?:[,_][0-9]{3})*) \s+ (?:api\s+|http\s+)? (?:requests?|calls?|queries|reqs?)
          (?:\s+(?:is|are|may|can|be|made|sent|allowed|permitted|in|within)){0,4} \s*
          (?: / | \b per \b | \b every \b | \b each \b | \b an? \b | \b any \b ) \s*
          (?: ([0-9]{1,5}) [\s-]* )? (s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?) \b",
    )
});
/// The sentence that states a rate and nothing else, which assistants do not need.
pub(super) static RATE_SENTENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?im)(^|[.!?]\s|[>\n])\s*rate limit: *[0-9][0-9,_]* requests (?:per|every|each|an?) (?:second|minute|hour|day)s?(?:\.(\s|<|$)|\s*(<|\n|$))",
    )
});
/// What states a limit in words: a word for it and a number, in either order.
pub(super) static LIMIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?ix) \b (?: at\s+(?:most|least) | up\s+to | only\s+the\s+first | beyond | capped\s+at | throttled\s+to | cut\s+off\s+(?:at|after) | truncated\s+(?:at|after) | once\s+(?:per|every|an?)
            | (?:no|not|less|fewer|more|longer|shorter|greater|larger)\s+(?:more\s+|less\s+|fewer\s+)?than
            | max(?:imum|imal)? | min(?:imum|imal)? | limit(?:s|ed)? | exceeds? | between | range ) \b [^0-9]{0,60}
            (?: [0-9] | \b (?: one | two | three | four | five | six | seven | eight | nine | ten | hundred | thousand | second | minute | hour | day ) s? \b )
          | \b [0-9][0-9,_]* \s+ (?: to | - | – ) \s+ [0-9][0-9,_]* \s+ [a-z]
          | \b (?: one | [0-9]+ ) \s+ (?:api\s+|http\s+)? (?: requests? | calls? | queries ) \s+ (?: every | each | per | an? ) \b
          | [0-9][0-9,._]* \s+ (?: [a-z]+ \s+ ){0,3} (?: per | every | each | an? ) \s+ (?: second | minute | hour | day | week | month | year | user | account | organization | key ) \b
          | \b (?: within | for | after | until ) \s+ (?: [0-9]+ | an? | one ) \s+ (?: second | minute | hour | day | week | month | year ) s? \b
          | [0-9] \s* (?: kb | mb | gb | tb | [kmgt]ib | bytes? | characters? | chars? ) \b
          | (?: <=? | >=? | ≤ | ≥ ) \s* [0-9]
          | [0-9] [^0-9]{0,30} \b (?: max(?:imum)? | min(?:imum)? | at\s+(?:most|least) | or\s+(?:fewer|less|more) | limit ) \b",
    )
});
/// What announces that something ends.
pub(super) static END: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?ix) \b (?: sunset | deprecat(?:ed|ion) | end[\s-]of[\s-]life | discontinued
            | (?:will|to|shall|is|are)\s+be(?:ing)?\s+(?:removed|retired|dropped|shut\s+down|switched\s+off)
            | no\s+longer\s+be\s+(?:available|supported|returned|accepted) ) \b",
    )
});
/// A number that is no part of a date, a time, a version or a name.
pub(super) static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?:^|[\s(\[<>=≤≥/|:`*~-])[0-9]+(?:[.,_][0-9]+)*(?:\s*[a-zA-Z%]{1,2})?(?:$|[\s)\]<>=.,;|!?`*-])"));
/// Days and times, whose numbers bound nothing.
pub(super) static MOMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?|[0-9]{1,2}:[0-9]{2}"));

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

/// The sentences that state a rate, as they are written.
pub(crate) fn stated_rates(text: &str) -> Vec<String> {
    let sentences = text.lines().flat_map(|line| line.split(". "));
    sentences
        .filter(|sentence| rate(sentence).is_some())
        .map(|sentence| super::line(sentence.trim_end_matches('.')).trim().to_owned())
        .collect()
}

/// Whether a sentence states a limit, such as `at most 100`. A rate is none: it is read by itself.
pub(crate) fn tells_a_limit(sentence: &str) -> bool {
    LIMIT.as_ref().is_some_and(|pattern| pattern.is_match(sentence)) && rate(sentence).is_none()
}

/// Whether a sentence states a limit, or any number that may be one.
pub(crate) fn tells_a_number(sentence: &str) -> bool {
    let without_days = MOMENT.as_ref().map_or_else(|| sentence.into(), |pattern| pattern.replace_all(sentence, "…"));
    tells_a_limit(sentence)
        || (rate(sentence).is_none() && NUMBER.as_ref().is_some_and(|pattern| pattern.is_match(&without_days)))
}

/// Whether a sentence announces an end, such as `will be removed on 2026-12-01`.
pub(crate) fn tells_an_end(sentence: &str) -> bool {
    END.as_ref().is_some_and(|pattern| pattern.is_match(sentence))
}

/// The sentences of a text that state a rate, a limit or another number.
pub(crate) fn bounds(text: &str) -> Vec<String> {
    let mut found = sentences(text);
    found.extend(stated_rates(text));
    found.retain(|sentence| rate(sentence).is_some() || tells_a_number(sentence));
    let mut known = HashSet::new();
    found.retain(|sentence| known.insert(sentence.trim_end_matches('.').to_owned()));
    found
}

/// A list of limited length that differs wherever the whole list differs.
pub(crate) fn listed<'a>(bounds: impl Iterator<Item = &'a str>, separator: &str) -> String {
    let lines: Vec<String> = bounds.map(super::line).collect();
    let shown = lines.iter().take(MAX_LISTED).map(|bound| super::limited(bound, 1_000, bound));
    let rest = lines.get(MAX_LISTED..).unwrap_or_default();
    let more = (!rest.is_empty()).then(|| format!("limits, {} more: {}.", rest.len(), crate::short_digest(&rest.join("\n"))));
    shown.chain(more).collect::<Vec<_>>().join(separator)
}
