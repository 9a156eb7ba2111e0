//! How names, values and texts of the inputs are shown in a phrase: on one line, of limited length, in backticks.

use std::ops::Range;

use serde_json::Value as Json;
use similar::{Algorithm, DiffTag, capture_diff};

use crate::text;

/// The most characters of a value that are shown, and of a pointer, which is of no use without its end.
const MAX_CHARACTERS: usize = 80;
const MAX_POINTER: usize = 300;
/// How many words around a difference are shown.
const WORDS_AROUND: usize = 3;
/// How many differences of a text are shown.
const MOST_HUNKS: usize = 4;
/// How many words are compared with each other: it takes the product of words and differences.
const MOST_WORDS: usize = 1_000;

/// A name or value of an input, safe in a line of text and in Markdown: one line of limited length, without invisible characters
/// and backticks. A longer one ends in a digest, so that two that differ anywhere look different.
pub fn literal(text: &str) -> String {
    limited(&text::line(text), text, MAX_CHARACTERS)
}

/// The same with invisible characters escaped, for texts that look the same.
pub(super) fn exact(text: &str) -> String {
    limited(&text::visible(text), text, MAX_CHARACTERS)
}

/// A pointer of an input, as safe as a literal.
pub(super) fn pointer(text: &str) -> String {
    limited(&text::line(text), text, MAX_POINTER)
}

fn limited(line: &str, text: &str, most: usize) -> String {
    format!("`{}`", text::limited(&line.replace('`', "'"), most, text))
}

/// Several names or values, separated by commas.
pub(super) fn literals<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(literal).collect::<Vec<_>>().join(", ")
}

/// Says that there is one text instead of another. Of long texts, only the words that differ are shown, with a few around them, and of
/// long lists the values.
pub(super) fn instead(was: Option<&str>, is: Option<&str>) -> String {
    let whole = || {
        let shown = |text: Option<&str>, literal: fn(&str) -> String| text.map_or_else(|| "nothing".to_owned(), literal);
        let literal = if shown(is, literal) == shown(was, literal) { exact } else { literal };
        format!("{} instead of {}", shown(is, literal), shown(was, literal))
    };
    let is_short = |text: &str| text.chars().count() <= MAX_CHARACTERS;
    match was.zip(is) {
        Some((was, is)) if !is_short(was) || !is_short(is) => values(was, is).unwrap_or_else(|| edits(was, is)),
        _ => whole(),
    }
}

/// How two lists of plain values differ, both written as JSON.
fn values(was: &str, is: &str) -> Option<String> {
    let list = |text: &str| {
        serde_json::from_str::<Vec<Json>>(text).ok().filter(|list| list.iter().all(|one| !one.is_object() && !one.is_array()))
    };
    let (before, now) = (list(was)?, list(is)?);
    let only = |here: &[Json], there: &[Json]| {
        let shown = |one: &Json| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
        let values: Vec<String> = here.iter().filter(|one| !there.contains(one)).map(shown).collect();
        literals(values.iter().map(String::as_str))
    };
    match (only(&now, &before), only(&before, &now)) {
        (added, gone) if added.is_empty() && gone.is_empty() => Some("a list in another order".to_owned()),
        (added, gone) if gone.is_empty() => Some(format!("a list with {added}")),
        (added, gone) if added.is_empty() => Some(format!("a list without {gone}")),
        (added, gone) => Some(format!("a list with {added} and without {gone}")),
    }
}

/// The words that differ.
fn edits(was: &str, is: &str) -> String {
    let (before, now): (Vec<&str>, Vec<&str>) = (was.split_whitespace().collect(), is.split_whitespace().collect());
    if before == now {
        return "the same words with other white space".to_owned();
    }
    let start = before.iter().zip(&now).take_while(|(one, other)| one == other).count();
    let same = before.iter().rev().zip(now.iter().rev()).take_while(|(one, other)| one == other).count();
    let end = same.min(before.len().min(now.len()) - start);
    let middle = |words: &[&str]| start..words.len() - end;
    let mut hunks: Vec<(Range<usize>, Range<usize>)> = if middle(&before).len().max(middle(&now).len()) > MOST_WORDS {
        vec![(middle(&before), middle(&now))]
    } else {
        let operations = capture_diff(Algorithm::Myers, &before, middle(&before), &now, middle(&now));
        operations.iter().filter(|one| one.tag() != DiffTag::Equal).map(|one| (one.old_range(), one.new_range())).collect()
    };
    // those that are near each other are shown together
    hunks.dedup_by(|next, earlier| {
        let is_near = next.0.start <= earlier.0.end + 2 * WORDS_AROUND;
        if is_near {
            *earlier = (earlier.0.start..next.0.end, earlier.1.start..next.1.end);
        }
        is_near
    });
    let around = |words: &[&str], range: &Range<usize>| {
        let (from, to) = (range.start.saturating_sub(WORDS_AROUND), (range.end + WORDS_AROUND).min(words.len()));
        let open = |is_open: bool, sign: &'static str| if is_open { sign } else { "" };
        let middle = words.get(from..to).unwrap_or_default().join(" ");
        format!("{}{middle}{}", open(from > 0, "… "), open(to < words.len(), " …"))
    };
    let pairs = |show: fn(&str) -> String| -> Vec<(String, String)> {
        let pair =
            |(old, new): &(Range<usize>, Range<usize>)| shown_from_difference(&around(&before, old), &around(&now, new), show);
        hunks.iter().take(MOST_HUNKS).map(pair).collect()
    };
    let mut pairs_shown = pairs(literal);
    // they differ in signs that nobody sees
    if pairs_shown.iter().any(|(was, is)| was == is) {
        pairs_shown = pairs(exact);
    }
    let list = pairs_shown.iter().map(|(was, is)| format!("{is} instead of {was}")).collect::<Vec<_>>().join(", ");
    let more = hunks.len().saturating_sub(MOST_HUNKS);
    if more > 0 { format!("{list}, and {more} more differences") } else { list }
}

/// Two texts, from a little before the first sign that differs if they are too long to be shown whole.
fn shown_from_difference(was: &str, is: &str, show: fn(&str) -> String) -> (String, String) {
    const SIGNS_BEFORE: usize = 20;
    let same = was.chars().zip(is.chars()).take_while(|(one, other)| one == other).count();
    let is_long = |text: &str| text.chars().count() > MAX_CHARACTERS;
    if same <= SIGNS_BEFORE || (!is_long(was) && !is_long(is)) {
        return (show(was), show(is));
    }
    let rest = |text: &str| format!("…{}", text.chars().skip(same - SIGNS_BEFORE).collect::<String>());
    (show(&rest(was)), show(&rest(is)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_are_shown_whole() {
        assert_eq!(instead(Some("a"), Some("b")), "`b` instead of `a`");
        assert_eq!(instead(None, Some("nothing")), "`nothing` instead of nothing");
    }

    #[test]
    fn of_long_texts_the_words_that_differ_are_shown() {
        let text = |order: &str| {
            format!("Lists the entries of the audit log, {order} first, with who did what and when, one page after the other.")
        };
        let expected = "`… the audit log, oldest first, with who …` instead of `… the audit log, newest first, with who …`";
        assert_eq!(instead(Some(&text("newest")), Some(&text("oldest"))), expected);
        let longer = text("newest") + " Only of a year.";
        assert_eq!(
            instead(Some(&text("newest")), Some(&longer)),
            "`… after the other. Only of a year.` instead of `… after the other.`"
        );
        assert_eq!(instead(Some(&longer), None), format!("nothing instead of {}", literal(&longer)));
    }

    #[test]
    fn texts_that_differ_look_different() {
        let long = "word ".repeat(40);
        assert_eq!(instead(Some(&long), Some(&long.replace("word word", "word  word"))), "the same words with other white space");
        let shown = instead(Some(&long), Some(&long.replacen("word", "wo\u{200b}rd", 1)));
        assert_eq!(shown, "`wo\\u{200b}rd word word word …` instead of `word word word word …`");
    }

    #[test]
    fn every_difference_of_a_text_is_shown_and_of_a_list_its_values() {
        let text = |unit: &str, field: &str| {
            format!(
                "Amounts are in {unit}, unless a call says otherwise, and lists come in the order of their ids; sort them by {field} if need be."
            )
        };
        let expected = "`Amounts are in dollars, unless a call …` instead of `Amounts are in cents, unless a call …`, \
                        `… sort them by idApp if need be.` instead of `… sort them by name if need be.`";
        assert_eq!(instead(Some(&text("cents", "name")), Some(&text("dollars", "idApp"))), expected);
        let list = |last: &str| {
            serde_json::json!((0..30).map(|number| format!("value{number}")).chain([last.to_owned()]).collect::<Vec<_>>())
                .to_string()
        };
        assert_eq!(instead(Some(&list("a")), Some(&list("b"))), "a list with `b` and without `a`");
    }
}
