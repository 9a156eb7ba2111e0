//! The pieces of a statement: words, quoted names, texts and signs.

/// Words that are no names unless they are quoted. A word that is missing here is counted as a name, which does no harm.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "collate",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "filter",
    "from",
    "full",
    "glob",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "is",
    "isnull",
    "join",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "right",
    "select",
    "then",
    "union",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// A piece of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    /// A name; without its quotes.
    Quoted(&'a str),
    /// A text, which SQLite takes for the name of a table, too; without its quotes.
    Text(&'a str),
    Sign(char),
}

impl<'a> Piece<'a> {
    pub(super) fn is(self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found.eq_ignore_ascii_case(word))
    }

    /// What a table or an alias may be called.
    pub(super) fn name(self) -> Option<&'a str> {
        match self {
            Self::Word(name) | Self::Quoted(name) | Self::Text(name) => Some(name),
            Self::Sign(_) => None,
        }
    }

    pub(super) fn is_keyword(self) -> bool {
        matches!(self, Self::Word(word) if KEYWORDS.contains(&word.to_ascii_lowercase().as_str()))
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Word(word) if word.starts_with(|sign: char| sign.is_ascii_digit()))
    }

    /// The column or alias that it may name.
    pub(super) fn column(self) -> Option<String> {
        match self {
            Self::Word(name) | Self::Quoted(name) if !self.is_keyword() && !self.is_number() => Some(name.to_ascii_lowercase()),
            _ => None,
        }
    }
}

/// Splits a statement as SQLite does: comments are nothing, quoted texts and names are one piece.
pub(super) fn split(sql: &str) -> Vec<Piece<'_>> {
    let is_word = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '$') || !sign.is_ascii();
    let mut pieces = Vec::new();
    let mut rest = sql;
    while let Some(sign) = rest.chars().next() {
        let after = rest.get(sign.len_utf8()..).unwrap_or_default();
        let until = |text: &str, end: &str, from: usize| {
            text.get(from..).and_then(|text| text.find(end)).map_or(text.len(), |at| from + at + end.len())
        };
        let len = match sign {
            '-' if after.starts_with('-') => until(rest, "\n", 2),
            '/' if after.starts_with('*') => until(rest, "*/", 2),
            '\'' | '"' | '`' | '[' => {
                let end = if sign == '[' { ']' } else { sign };
                let inside = after.find(end).unwrap_or(after.len());
                let name = after.get(..inside).unwrap_or_default();
                pieces.push(if sign == '\'' { Piece::Text(name) } else { Piece::Quoted(name) });
                (1 + inside + 1).min(rest.len())
            }
            sign if is_word(sign) => {
                let len = rest.find(|sign| !is_word(sign)).unwrap_or(rest.len());
                pieces.push(Piece::Word(rest.get(..len).unwrap_or_default()));
                len
            }
            sign => {
                if !sign.is_whitespace() {
                    pieces.push(Piece::Sign(sign));
                }
                sign.len_utf8()
            }
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    pieces
}
