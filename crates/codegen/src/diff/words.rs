//! How names, values and texts of the inputs are shown in a phrase: on one line, of limited length, in backticks.

use crate::text;

/// The most characters of a value that are shown, and of a pointer, which is of no use without its end.
const MAX_CHARACTERS: usize = 80;
const MAX_POINTER: usize = 300;
/// How many words around a difference are shown.
const WORDS_AROUND: usize = 3;

/// A name or value of an input, safe in a line of text and in Markdown: one line of limited length, without invisible characters
/// and backticks. A longer one ends in a digest, so that two that differ anywhere look different.
pub fn literal(text: &str) -> String {
    limited(text, MAX_CHARACTERS)
}

/// A pointer of an input, as safe as a literal.
pub(super) fn pointer(text: &str) -> String {
    limited(text, MAX_POINTER)
}

fn limited(text: &str, most: usize) -> String {
    let clean = text::line(text).replace('`', "'");
    match clean.char_indices().nth(most) {
        Some((end, _)) => format!("`{}… {}`", clean.get(..end).unwrap_or_default(), crate::short_digest(text)),
        None => format!("`{clean}`"),
    }
}

/// Several names or values, separated by commas.
pub(super) fn literals<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(literal).collect::<Vec<_>>().join(", ")
}

/// Says that there is one text instead of another. Of long texts, only the words that differ are shown, with a few around them.
pub(super) fn instead(was: Option<&str>, is: Option<&str>) -> String {
    let whole = |text: Option<&str>| text.map_or_else(|| "nothing".to_owned(), literal);
    let is_short = |text: &str| text.chars().count() <= MAX_CHARACTERS;
    let long = was.zip(is).filter(|(was, is)| !is_short(was) || !is_short(is));
    let Some((before, now)) = long else { return format!("{} instead of {}", whole(is), whole(was)) };
    let (before, now): (Vec<&str>, Vec<&str>) = (before.split_whitespace().collect(), now.split_whitespace().collect());
    let start = before.iter().zip(&now).take_while(|(one, other)| one == other).count();
    let same = before.iter().rev().zip(now.iter().rev()).take_while(|(one, other)| one == other).count();
    let end = same.min(before.len().min(now.len()) - start);
    let shown = |words: &[&str]| {
        let (from, to) = (start.saturating_sub(WORDS_AROUND), (words.len() - end + WORDS_AROUND).min(words.len()));
        let middle = words.get(from..to).unwrap_or_default().join(" ");
        let open = |is_open: bool, sign: &'static str| if is_open { sign } else { "" };
        literal(&format!("{}{middle}{}", open(from > 0, "… "), open(to < words.len(), " …")))
    };
    let (was_shown, is_shown) = (shown(&before), shown(&now));
    // they differ in white space or in signs that nobody sees
    if was_shown == is_shown {
        format!("{} instead of {}", whole(is), whole(was))
    } else {
        format!("{is_shown} instead of {was_shown}")
    }
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
        let shown = instead(Some(&long), Some(&long.replace("word word", "word  word")));
        let (is, was) = shown.split_once(" instead of ").unwrap();
        assert!(is != was && shown.chars().count() < 240, "{shown}");
    }
}
