//! Texts of a document: plain text for assistants, without markup and the sentence about rate limits; sentences; names and values on
//! one line, of limited length. What the sentences state is recognized in [`limits`].

pub(crate) mod limits;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;

pub use limits::rate;
use limits::{RATE_SENTENCE, bounds, listed};

/// Compiles a constant pattern. An invalid pattern would match nothing, so a test checks that all patterns compile.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static CODE_BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?s)```.*?```"));
static BREAK: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)<(br|hr|p|/p|/li|ul|/ul|/h[1-6])[^<>]*>"));
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"<[a-zA-Z/][^<>]*>"));
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\[([^\]]*)\]\([^)]*\)"));

/// Plain text of at most `limit` characters. A longer text is cut at the end of a sentence if possible.
pub fn plain(text: &str, limit: usize) -> String {
    let mut text = text.to_owned();
    for (pattern, replacement) in
        [(&*RATE_SENTENCE, "$1 $2$3"), (&*CODE_BLOCK, " "), (&*BREAK, "\n"), (&*TAG, ""), (&*LINK, "$1")]
    {
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

/// The same with the limits and the rates that stand behind the cut, so that a change of them is seen as such. `words` is the text
/// without the signs of JSON.
pub(crate) fn limited_words(text: &str, most: usize, words: &str) -> String {
    let short = limited(text, most, text);
    let head: String = words.chars().take(most).collect();
    let behind: Vec<String> = if short.len() == text.len() {
        Vec::new()
    } else {
        bounds(words).into_iter().filter(|one| !head.contains(one.as_str())).collect()
    };
    if behind.is_empty() { short } else { format!("{short}. {}", listed(behind.iter().map(String::as_str), " ")) }
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
