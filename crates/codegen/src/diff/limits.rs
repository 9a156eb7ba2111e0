//! How severe the change of a limit is that is told in words.

use std::collections::BTreeSet;

use super::Level;
use crate::text::{rate, sentences, stated_rates, tells_a_limit, tells_a_lower_limit};

/// How severe a change of a text is: that of the rates and limits that it tells.
pub(super) fn words_level(was: Option<&str>, is: Option<&str>) -> Level {
    let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
    if stated_rates(was) == stated_rates(is) { limits_level(was, is) } else { Level::Breaking }
}

/// The same for the text of an operation, whose tool tells of a rate that is another number of calls a minute.
pub(super) fn described_level(was: &str, is: &str) -> Level {
    if rate(was) == rate(is) { words_level(Some(was), Some(is)) } else { limits_level(was, is) }
}

fn limits_level(was: &str, is: &str) -> Level {
    let stated = |text: &str| -> BTreeSet<String> { sentences(text).into_iter().filter(|one| tells_a_limit(one)).collect() };
    let (before, now) = (stated(was), stated(is));
    if before == now {
        return Level::Cosmetic;
    }
    let only = |here: &BTreeSet<String>, there: &BTreeSet<String>| here.difference(there).cloned().collect::<Vec<_>>().join(" ");
    level(&only(&before, &now), &only(&now, &before))
}

/// How severe the change of a limit in words is: it may only be worded differently, or allow more.
pub(super) fn level(before: &str, now: &str) -> Level {
    let (was, is) = (numbers(before), numbers(now));
    // a number may be a word
    if was == is && !was.is_empty() {
        return Level::Cosmetic;
    }
    // whether more is wider is only known of a plain number: not of a time between calls, for example
    let is_plain = ["every", "after", "within", "once", "wait", "each", "per", "second", "minute", "hour", "day"]
        .iter()
        .all(|word| !words(now).any(|other| other.trim_end_matches('s') == *word));
    let is_wider = |(was, is): (&(f64, String), &(f64, String))| {
        let (was, is) = (was.0, is.0);
        if tells_a_lower_limit(now) { is <= was } else { is >= was }
    };
    let has_same_words = without_numbers(before) == without_numbers(now);
    // with several numbers it is unknown which bounds what
    let is_one = was.len() == 1 && is.len() == 1 && was.iter().zip(&is).all(|(was, is)| was.1 == is.1);
    if is_one && is_plain && has_same_words && was.iter().zip(&is).all(is_wider) { Level::Additive } else { Level::Breaking }
}

/// The numbers of a text, each with the word behind it, which may be its unit.
fn numbers(text: &str) -> Vec<(f64, String)> {
    let text = text.replace([',', '_'], "");
    let words: Vec<&str> = words(&text).collect();
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let digits = word.trim_end_matches(|sign: char| !sign.is_ascii_digit());
        if let Ok(number) = digits.trim_matches('.').parse::<f64>() {
            let unit = word.get(digits.len()..).filter(|unit| !unit.is_empty()).or(words.get(index + 1).copied());
            found.push((number, unit.unwrap_or_default().to_lowercase()));
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !sign.is_alphanumeric() && sign != '.')
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
}

fn without_numbers(text: &str) -> Vec<String> {
    let text = text.replace([',', '_'], "");
    words(&text).filter(|word| !word.starts_with(|sign: char| sign.is_ascii_digit())).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_compared_by_its_number_its_unit_and_its_direction() {
        for (before, now, expected) in [
            ("At most 9 pages.", "At most 90 pages.", Level::Additive),
            ("At most 90 pages.", "At most 9 pages.", Level::Breaking),
            ("At least 3 signs.", "At least 2 signs.", Level::Additive),
            ("At most 9 pages.", "Up to 9 pages.", Level::Cosmetic),
            ("Files of up to 3 MB.", "Files of up to 3 KB.", Level::Breaking),
            ("Files of up to 3 MB.", "Files of up to 500 KB.", Level::Breaking),
            ("At most 5 per second.", "At most 10 per minute.", Level::Breaking),
            ("Changes appear after at most 5 minutes.", "Changes appear after at most 60 minutes.", Level::Breaking),
            ("At most one call every 10 seconds.", "At most one call every 60 seconds.", Level::Breaking),
            ("", "At most 20 fields.", Level::Breaking),
            ("", "Concurrency is capped at five.", Level::Breaking),
        ] {
            assert_eq!(level(before, now), expected, "{before} {now}");
        }
    }

    #[test]
    fn a_text_is_as_severe_as_what_it_limits() {
        for (was, is, expected) in [
            ("Lists apps. All of them.", "Lists all apps.", Level::Cosmetic),
            ("Lists apps.", "Lists apps. At most 20 fields.", Level::Breaking),
            ("Rate limit: 10 requests per day.", "Rate limit: 5 requests per day.", Level::Breaking),
            ("Rate limit: 100 requests per minute per key.", "Rate limit: 100 requests per minute per account.", Level::Breaking),
            ("Rate limit: 100 requests per minute.", "Rate limit: 50 requests per minute.", Level::Breaking),
            ("Ids. At most 5.", "Ids. At most 50.", Level::Additive),
        ] {
            assert_eq!(words_level(Some(was), Some(is)), expected, "{was} {is}");
        }
        assert_eq!(words_level(None, Some("A text.")), Level::Cosmetic);
        let (was, is) = ("Rate limit: 100 requests per minute.", "Rate limit: 50 requests per minute.");
        assert_eq!(described_level(was, is), Level::Cosmetic, "the tool tells of it");
    }
}
