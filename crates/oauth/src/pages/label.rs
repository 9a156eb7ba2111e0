//! Text from outside, sanitized so that it can be shown on one line of a page.

use std::fmt;

use mcp_http::sanitize::is_invisible;

/// The maximum length of a label, in characters; longer texts are truncated.
const MAX_CHARACTERS: usize = 80;
/// The maximum length of a host name that can be resolved.
const MAX_HOST_CHARACTERS: usize = 253;
/// How many combining marks a letter may have; more of them overlap the neighbouring lines.
const MAX_MARKS: usize = 2;

/// Text from outside, such as the name of a client or a user.
///
/// It contains no control characters, invisible characters or line breaks, none that change the text direction, no whitespace
/// at its ends, and at most 80 characters. It may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// Sanitizes a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::up_to(MAX_CHARACTERS, text)
    }

    /// Sanitizes a text that may be longer.
    pub(super) fn up_to(longest: usize, text: &str) -> Self {
        let mut clean = String::new();
        let (mut length, mut marks, mut gap) = (0, 0, false);
        for c in text.chars() {
            if c.is_whitespace() || is_blank(c) {
                gap = true;
                continue;
            }
            if c.is_control() || is_invisible(c) {
                continue;
            }
            marks = if is_mark(c) { marks + 1 } else { 0 };
            if marks > MAX_MARKS || (marks > 0 && (gap || length == 0)) {
                continue;
            }
            let gap = std::mem::take(&mut gap) && length > 0;
            if length + usize::from(gap) >= longest {
                clean.push('…');
                break;
            }
            if gap {
                clean.push(' ');
            }
            clean.push(c);
            length += 1 + usize::from(gap);
        }
        Self(clean)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether nothing of the text can be shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Label {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A host name from outside. If it is too long, its end is shown, which identifies its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// Returns the host name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Host {
    fn from(text: &str) -> Self {
        let Label(clean) = Label::up_to(usize::MAX, text);
        let surplus = clean.chars().count().saturating_sub(MAX_HOST_CHARACTERS);
        if surplus == 0 {
            return Self(clean);
        }
        let end: String = clean.chars().skip(surplus).collect();
        Self(format!("…{end}"))
    }
}

impl From<String> for Host {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Letters and symbols without a visible glyph.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Combining marks.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_text_is_left_out_of_a_label() {
        for (text, shown) in [
            ("Claude", "Claude"),
            ("  Claude \r\n\t Code  ", "Claude Code"),
            ("Clau\u{0}de\u{7f}\u{9b}", "Claude"),
            ("Claude\u{202e}moc.live", "Claudemoc.live"),
            ("\u{2066}a\u{2069}\u{200f}b\u{61c}c", "abc"),
            ("Cl\u{200b}au\u{ad}de\u{feff}", "Claude"),
            ("tag\u{e0041}\u{e007f}s", "tags"),
            ("line\u{2028}para\u{2029}graph", "line para graph"),
            ("a\u{3000}\u{a0}b", "a b"),
            ("\u{3164}\u{2800}", ""),
            ("\u{301}\u{301}", ""),
            ("Zoe\u{308}", "Zoe\u{308}"),
            ("z\u{301}\u{302}\u{303}\u{304}y", "z\u{301}\u{302}y"),
            ("a \u{301}b", "a b"),
            ("עוזר", "עוזר"),
            ("<b>&amp;\"'", "<b>&amp;\"'"),
            ("", ""),
        ] {
            assert_eq!(Label::new(text).as_str(), shown, "{text:?}");
        }
    }

    #[test]
    fn a_long_label_is_cut() {
        assert_eq!(Label::new(&"x".repeat(80)).as_str(), "x".repeat(80));
        assert_eq!(Label::new(&"x".repeat(10_000)).as_str(), "x".repeat(80) + "…");
        assert_eq!(Label::new(&"ab ".repeat(10_000)).as_str().chars().count(), 81);
    }

    #[test]
    fn a_host_is_shown_to_its_end() {
        let name = format!("claude.ai.{}.elsewhere.example", ["a".repeat(60), "b".repeat(60), "c".repeat(60)].join("."));
        assert_eq!(Host::from(name.as_str()).as_str(), name);
        assert_eq!(Host::from("claude.ai\u{202e}/x\n").as_str(), "claude.ai/x");
        let endless = Host::from(format!("{}.example", "a".repeat(10_000)).as_str());
        assert!(endless.as_str().starts_with("…a") && endless.as_str().ends_with("a.example"));
        assert_eq!(endless.as_str().chars().count(), 254);
    }

    #[test]
    fn cleaning_a_label_again_changes_nothing() {
        for text in ["a \u{202e} b", &"é\u{301}\u{301}\u{301} ".repeat(90), "\u{2800}x"] {
            let once = Label::new(text);
            let text = once.as_str().trim_end_matches('…');
            assert_eq!(Label::new(text).as_str().trim_end_matches('…'), text);
        }
    }
}
