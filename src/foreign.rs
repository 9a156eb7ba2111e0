//! Text that somebody else wrote: a client's name, a person's, what a provider or Torii says.

/// The text in one line of at most so many characters, without signs that nobody sees or that turn what is around them.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    let visible = text.chars().filter(|c| !is_invisible(*c)).take(most);
    let printable: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Format characters (Unicode's category Cf) and variation selectors: they change what is around them, or hide.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffc}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_nothing_that_breaks_it_or_hides() {
        for (text, line) in [
            ("  a\r\n\tb  ", "a b"),
            ("a\u{7f}b\u{0}", "a b"),
            ("Clau\u{202e}de\u{200b}\u{ad}\u{e0041}", "Claude"),
            ("a\u{600}b\u{fe0f}", "ab"),
            ("0123456789abc", "0123456789"),
            ("\u{feff}", ""),
        ] {
            assert_eq!(one_line(text, 10), line, "{text:?}");
        }
    }
}
