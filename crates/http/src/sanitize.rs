//! Sanitizes untrusted text: names of clients and users, and messages of providers and the API.

/// The text in one line of at most `most` characters, without invisible characters and those that reorder text.
pub fn one_line(text: &str, most: usize) -> String {
    // every line break becomes a space
    let visible = text.chars().filter(|c| c.is_whitespace() || !is_invisible(*c)).take(most);
    let printable: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same, with `…` where it was cut, and without the characters that end code in Markdown or begin markup.
pub fn unmarked(text: &str, most: usize) -> String {
    let safe = |sign: char| match sign {
        '`' => '\'',
        '<' => '‹',
        '>' => '›',
        sign => sign,
    };
    let cut = if text.chars().nth(most).is_some() { "…" } else { "" };
    one_line(text, most).chars().map(safe).collect::<String>() + cut
}

/// Whether a character is in Unicode's `Default_Ignorable_Code_Point` or its categories Cf, Zl and Zp, or is the empty Braille
/// pattern: such characters are invisible, or change how the text around them is shown.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character is kept in a text of several lines. Of the control characters, only line breaks and tabs are kept; of the
/// invisible ones, only joiners and variation selectors after a character that is not ASCII. `before` is the preceding character,
/// if it was kept.
fn is_kept(before: &mut Option<char>, c: char) -> bool {
    let is_kept = match c {
        '\n' | '\r' | '\t' => true,
        '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' => before.is_some_and(|before| {
            let is_joined = !before.is_ascii() && !before.is_whitespace() && !is_invisible(before);
            is_joined || (c == '\u{200d}' && before == '\u{fe0f}')
        }),
        c => !c.is_control() && !is_invisible(c),
    };
    *before = is_kept.then_some(c);
    is_kept
}

/// A text of any length without invisible characters.
pub fn clean(text: String) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return text;
    }
    let mut before = None;
    text.chars().filter(|c| is_kept(&mut before, *c)).collect()
}

/// The same for the strings of a valid JSON text, escaped or not; everything else is preserved byte for byte.
pub fn clean_json(text: String) -> String {
    // only escapes and what is no printable ASCII can be invisible, and only strings have those
    let is_suspect = |byte: &u8| *byte == b'\\' || *byte >= 0x7f;
    // most responses have neither, which is seen fastest in pieces
    let has_suspect = |piece: &[u8]| piece.iter().fold(false, |found, byte| found | is_suspect(byte));
    if !text.as_bytes().chunks(64).any(has_suspect) {
        return text;
    }
    let (mut cleaned, mut from, mut at, mut before) = (String::new(), 0, 0, None);
    while let Some(plain) = text.as_bytes().get(at..).and_then(|rest| rest.iter().position(is_suspect)) {
        if plain > 0 {
            before = None;
        }
        at += plain;
        let Some(rest) = text.get(at..) else { break };
        let (sign, length) = match rest.chars().next() {
            Some('\\') | None => escaped(rest),
            Some(sign) => (Some(sign), sign.len_utf8()),
        };
        if sign.is_some_and(|sign| !is_kept(&mut before, sign)) {
            cleaned.push_str(text.get(from..at).unwrap_or_default());
            from = at + length;
        }
        at += length;
    }
    if from == 0 { text } else { cleaned + text.get(from..).unwrap_or_default() }
}

/// The character of an escape sequence, if it denotes one, and the length of the sequence (RFC 8259, section 7).
fn escaped(text: &str) -> (Option<char>, usize) {
    let unit = |at: usize| u16::from_str_radix(text.get(at..)?.strip_prefix("\\u")?.get(..4)?, 16).ok();
    match text.as_bytes().get(1) {
        Some(b'u') => {
            let units = [unit(0), unit(6)].into_iter().map_while(|unit| unit);
            match char::decode_utf16(units).next() {
                Some(Ok(sign)) => (Some(sign), 6 * sign.len_utf16()),
                // an unpaired surrogate
                Some(Err(_)) => (None, 6),
                None => (None, 2),
            }
        }
        Some(b'b') => (Some('\u{8}'), 2),
        Some(b'f') => (Some('\u{c}'), 2),
        Some(b'n') => (Some('\n'), 2),
        Some(b't') => (Some('\t'), 2),
        Some(b'r') => (Some('\r'), 2),
        Some(other) if other.is_ascii() => (Some(char::from(*other)), 2),
        _ => (None, 1),
    }
}

#[cfg(test)]
mod tests {
    use crate::sanitize::*;

    #[test]
    fn what_nobody_sees_leaves_the_strings_of_json_and_nothing_else_does() {
        for (json, clean) in [
            (r#"{"a":"plain","b":1.0,"c":"x\ny \"q\" \\ \/"}"#, r#"{"a":"plain","b":1.0,"c":"x\ny \"q\" \\ \/"}"#),
            ("{\"a\":\"Sl\u{200b}ack\u{202e}\u{7f}\u{9b}\"}", r#"{"a":"Slack"}"#),
            (r#"{"a":"\u0053l\u200Back\u202e\u0000\u001b[31m\b\f"}"#, r#"{"a":"\u0053lack[31m"}"#),
            (r#"{"a\u200b":1e400,"b":123456789012345678901}"#, r#"{"a":1e400,"b":123456789012345678901}"#),
            // letters of the tags block, which hide text from users
            ("[\"a\u{e0041}\u{e0042}\"]", "[\"a\"]"),
            (r#"["a\udb40\udc41b"]"#, r#"["ab"]"#),
            // an unpaired surrogate, a truncated escape
            (r#"["\ud83d x","\u12"]"#, r#"["\ud83d x","\u12"]"#),
            ("[\"Café ❤\u{fe0f}\u{200d}🔥 می\u{200c}خواهم\"]", "[\"Café ❤\u{fe0f}\u{200d}🔥 می\u{200c}خواهم\"]"),
            // invisible characters that look like spaces, and Unicode line separators
            ("[\"a\u{3164}\u{ffa0}\u{115f}\u{1160}\u{2800}\u{2028}\u{2029}b\"]", "[\"ab\"]"),
            (r#"["a\u3164\u2800\u2028b"]"#, r#"["ab"]"#),
            // joiners and variation selectors after ASCII or a space
            ("[\"a\u{200d}b\u{200c}c\u{fe0f}\u{200d}1\u{fe0f}\u{20e3}\u{a0}\u{200c}\"]", "[\"abc1\u{20e3}\u{a0}\"]"),
            // text hidden in variation selectors
            ("[\"😀\u{fe0f}\u{fe0e}\u{fe0f}\u{e0101}\u{200d}x\"]", "[\"😀\u{fe0f}x\"]"),
        ] {
            assert_eq!(clean_json(json.to_owned()), clean, "{json}");
            assert_eq!(clean_json(clean.to_owned()), clean, "twice is once");
        }
    }

    #[test]
    fn any_text_is_cleaned_without_a_panic() {
        let pieces =
            ["\"", "\\", "\\u", "\\ud83d", "\\ude00", "\u{200b}", "é", "🔥", "0", "a", "\u{fe0f}", "\\\"", "\n", "\u{1b}"];
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..5_000 {
            let text: String = (0..random.usize(..12)).map(|_| *random.choice(pieces.iter()).unwrap()).collect();
            let once = clean(text.clone());
            assert!(!once.contains(['\u{200b}', '\u{1b}']), "{text:?}");
            if serde_json::from_str::<serde_json::Value>(&format!("[\"{text}\"]")).is_ok() {
                let cleaned = clean_json(format!("[\"{text}\"]"));
                assert!(serde_json::from_str::<serde_json::Value>(&cleaned).is_ok(), "{text:?}");
            }
            let _ = clean_json(text);
        }
    }

    #[test]
    fn a_line_holds_nothing_that_breaks_it_or_hides() {
        for (text, line) in [
            ("  a\r\n\tb  ", "a b"),
            ("a\u{7f}b\u{0}", "a b"),
            ("Clau\u{202e}de\u{200b}\u{ad}\u{e0041}", "Claude"),
            ("a\u{600}b\u{fe0f}", "ab"),
            ("0123456789abc", "0123456789"),
            ("\u{feff}", ""),
            ("a\u{2028}b\u{3164}", "a b"),
        ] {
            assert_eq!(one_line(text, 10), line, "{text:?}");
        }
    }
}
