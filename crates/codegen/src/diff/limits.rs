//! How severe the change of a limit is that is told in words.
//!
//! Invariant: a change is cosmetic only if all words and numbers are the same apart from words that mean the same, or if no sentence
//! that differs states a limit.

use std::collections::BTreeSet;

use heck::ToSnakeCase;

use super::Level;
use crate::text::limits::{rate, stated_rates, tells_a_limit, tells_a_number};
use crate::text::sentences;

/// What separates the sentences of a facet.
const SEPARATOR: &str = " | ";

/// Words of the same meaning, in lower case, and what stands for them in a comparison.
const UPPER: &str = "≤";
const LOWER: &str = "≥";
const SYNONYMS: [(&str, &str); 25] = [
    ("at most", UPPER),
    ("up to", UPPER),
    ("no more than", UPPER),
    ("not more than", UPPER),
    ("no greater than", UPPER),
    ("not exceed", UPPER),
    ("a maximum of", UPPER),
    ("the maximum is", UPPER),
    ("maximum of", UPPER),
    ("maximum", UPPER),
    ("maximal", UPPER),
    ("max", UPPER),
    ("limited to", UPPER),
    ("capped at", UPPER),
    ("or fewer", UPPER),
    ("or less", UPPER),
    ("at least", LOWER),
    ("no less than", LOWER),
    ("not less than", LOWER),
    ("no fewer than", LOWER),
    ("a minimum of", LOWER),
    ("minimum of", LOWER),
    ("minimum", LOWER),
    ("min", LOWER),
    ("or more", LOWER),
];
const NUMBERS: [&str; 11] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// How severe a change of a recorded text is: that of the rates and limits that it tells.
pub(super) fn words_level(was: Option<&str>, is: Option<&str>) -> Level {
    let (was, is) = (words_of(was.unwrap_or_default()), words_of(is.unwrap_or_default()));
    if stated_rates(&was) == stated_rates(&is) { limits_level(&was, &is) } else { Level::Breaking }
}

/// The same for the text of an operation whose tool tells of another rate.
pub(super) fn described_level(was: &str, is: &str) -> Level {
    if rate(was) == rate(is) { words_level(Some(was), Some(is)) } else { limits_level(was, is) }
}

/// A text that may be recorded as JSON, and cut.
fn words_of(recorded: &str) -> String {
    match recorded.strip_prefix('"') {
        Some(rest) => serde_json::from_str(recorded).unwrap_or_else(|_| rest.replace("\\n", "\n").replace("\\\"", "\"")),
        None => recorded.to_owned(),
    }
}

fn limits_level(was: &str, is: &str) -> Level {
    let stated = |text: &str| -> Vec<String> { sentences(text).into_iter().filter(|one| tells_a_number(one)).collect() };
    compare(&stated(was), &stated(is))
}

/// How severe the change of a facet is that lists sentences.
pub(super) fn level(before: &str, now: &str) -> Level {
    let list = |of: &str| of.split(SEPARATOR).filter(|one| !one.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    compare(&list(before), &list(now))
}

/// Whether a facet that lists sentences has a limit, not only numbers.
pub(super) fn states_one(sentences: &str) -> bool {
    sentences.split(SEPARATOR).any(|one| tells_a_limit(one) || rate(one).is_some())
}

/// Pairs the sentences that differ by their words: a number may be another one. What is left states something else.
fn compare(before: &[String], now: &[String]) -> Level {
    let known = |all: &[String]| -> BTreeSet<Vec<Token>> { all.iter().map(|one| tokens(one)).collect() };
    let (known_before, known_now) = (known(before), known(now));
    let left: Vec<&String> = before.iter().filter(|one| !known_now.contains(&tokens(one))).collect();
    let new = now.iter().map(|one| (one, tokens(one)));
    let mut new: Vec<(&String, Vec<Token>)> = new.filter(|(_, tokens)| !known_before.contains(tokens)).collect();
    let mut level = Level::Cosmetic;
    for was in left {
        let tokens_was = tokens(was);
        // a number alone is no sentence
        let has_words = tokens_was.iter().any(|token| token.word().is_some());
        let pair = new.iter().position(|(_, is)| has_words && frame(is) == frame(&tokens_was));
        level = level.min(match pair.map(|index| new.remove(index)) {
            Some((_, is)) => other_number(&tokens_was, &is),
            None => alone(was),
        });
    }
    new.into_iter().fold(level, |level, (is, _)| level.min(alone(is)))
}

/// A sentence that is gone or new.
fn alone(sentence: &str) -> Level {
    if tells_a_limit(sentence) || rate(sentence).is_some() { Level::Breaking } else { Level::Cosmetic }
}

/// The same words with another number: more is wider only of a plain upper limit, and not of a time, for example.
fn other_number(was: &[Token], is: &[Token]) -> Level {
    const NOT_PLAIN: [&str; 15] = [
        "every", "after", "within", "once", "wait", "each", "per", "second", "minute", "hour", "day", "week", "month", "than",
        "between",
    ];
    let words: Vec<&str> = is.iter().filter_map(Token::word).collect();
    let has = |word: &str| words.contains(&word);
    let numbers = |of: &[Token]| of.iter().filter_map(Token::number).collect::<Vec<f64>>();
    let is_wider = match (numbers(was).as_slice(), numbers(is).as_slice()) {
        ([was], [is]) if has(UPPER) && !has(LOWER) => is >= was,
        ([was], [is]) if has(LOWER) && !has(UPPER) => is <= was,
        // with several numbers, or no direction, it is unknown which bounds what
        _ => false,
    };
    if is_wider && !NOT_PLAIN.iter().any(|word| has(word)) { Level::Additive } else { Level::Breaking }
}

/// Whether an extension states a bound by its name, such as `x-rate-limit`.
pub(super) fn tells_a_bound(keyword: &str) -> bool {
    const BEGINNINGS: [&str; 6] = ["limit", "throttl", "quota", "permission", "scope", "rate"];
    const WORDS: [&str; 5] = ["max", "maximum", "min", "minimum", "required"];
    let tells = |word: &str| WORDS.contains(&word) || BEGINNINGS.iter().any(|beginning| word.starts_with(beginning));
    keyword.strip_prefix("x-").is_some_and(|name| name.to_snake_case().split('_').any(tells))
}

/// Whether an extension's number is lower than it was.
pub(super) fn is_lowered(before: Option<&str>, now: Option<&str>) -> bool {
    let number = |stated: Option<&str>| stated?.trim_matches('"').parse::<f64>().ok();
    number(before).zip(number(now)).is_some_and(|(before, now)| now < before)
}

/// A word in the singular, or a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Word(String),
    Number(String),
}

impl Token {
    fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Number(_) => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Word(_) => None,
            Self::Number(number) => number.parse().ok(),
        }
    }
}

/// The words without the numbers.
fn frame(tokens: &[Token]) -> Vec<Option<&str>> {
    tokens.iter().map(Token::word).collect()
}

fn tokens(sentence: &str) -> Vec<Token> {
    let sentence = sentence.to_lowercase();
    let is_sign = |sign: char| "<>≤≥=%".contains(sign);
    let mut words: Vec<String> = Vec::new();
    for part in sentence.split(|sign: char| !sign.is_alphanumeric() && !is_sign(sign) && !matches!(sign, '.' | ',' | '_')) {
        let mut word = String::new();
        let part = part.trim_matches(['.', ',', '_']);
        for sign in part.chars() {
            // a number and its unit are two words, and so are a sign and a number
            let kind = |sign: char| (sign.is_ascii_digit() || matches!(sign, '.' | ',' | '_'), is_sign(sign));
            if word.chars().last().is_some_and(|last| kind(last) != kind(sign)) {
                words.push(std::mem::take(&mut word));
            }
            word.push(sign);
        }
        words.push(word);
    }
    words.retain(|word| !word.is_empty());
    let text = format!(" {} ", words.join(" "));
    let text = text.replace(" <= ", " ≤ ").replace(" >= ", " ≥ ");
    let text = SYNONYMS.iter().fold(text, |text, (words, sign)| text.replace(&format!(" {words} "), &format!(" {sign} ")));
    text.split_whitespace().map(token).collect()
}

fn token(word: &str) -> Token {
    if let Some(number) = NUMBERS.iter().position(|number| *number == word) {
        return Token::Number(number.to_string());
    }
    if !word.starts_with(|first: char| first.is_ascii_digit()) {
        let is_plural = word.len() > 3 && !word.ends_with("ss");
        return Token::Word(word.strip_suffix('s').filter(|_| is_plural).unwrap_or(word).to_owned());
    }
    // a comma is one of thousands if three digits are behind each
    let groups: Vec<&str> = word.split([',', '_']).collect();
    let is_grouped = groups.iter().skip(1).all(|group| group.split('.').next().is_some_and(|digits| digits.len() == 3));
    let number = if is_grouped { groups.concat() } else { word.replace([',', '_'], ".") };
    Token::Number(number.parse::<f64>().map_or(number, |number| number.to_string()))
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
            ("At most 200 ids.", "At least 200 ids.", Level::Breaking),
            ("No more than 100 ids.", "More than 100 ids.", Level::Breaking),
            ("No more than 100 ids.", "Up to 100 ids.", Level::Cosmetic),
            ("5 uploads per hour.", "5 uploads per day.", Level::Breaking),
            ("50 searches per minute.", "50 searches per day.", Level::Breaking),
            ("At most 100 files per user.", "At most 100 files per organization.", Level::Breaking),
            ("At most 20 ids; others are ignored.", "At most 20 ids; others make the call fail.", Level::Breaking),
            ("Up to 3 MB of csv or pdf.", "Up to 3 MB of csv.", Level::Breaking),
            ("55 MB at once.", "5,5 MB at once.", Level::Breaking),
            ("length <= 100", "length <= 10", Level::Breaking),
            ("length <= 10", "length <= 100", Level::Additive),
            ("| ids | 100 |\n| keys | 5 |", "| ids | 10 |\n| keys | 5 |", Level::Breaking),
            ("Can be undone within 24 hours.", "Can be undone within 1 hour.", Level::Breaking),
            ("Returns 1,000 items.", "Returns 1000 items.", Level::Cosmetic),
            ("Added in 2026-05-01.", "Added in 2026-05-02.", Level::Cosmetic),
            ("\"One.\\nAt most 20.\"", "\"One.\\nAt most 20.\\nTwo.\"", Level::Cosmetic),
        ] {
            assert_eq!(words_level(Some(was), Some(is)), expected, "{was} {is}");
        }
        assert_eq!(words_level(None, Some("A text.")), Level::Cosmetic);
        let (was, is) = ("Rate limit: 100 requests per minute.", "Rate limit: 50 requests per minute.");
        assert_eq!(described_level(was, is), Level::Cosmetic, "the tool tells of it");
    }
}
