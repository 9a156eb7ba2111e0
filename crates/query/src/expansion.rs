//! How large a statement becomes when SQLite puts common table expressions where they are named.
//!
//! SQLite copies each of them for each use before it looks at the clock or at any limit, so twenty lines that each name the line
//! before twice would take all memory. This finds out without reading the statement: it splits it as SQLite does, and
//! multiplies. It may count a name that is something else, and never too few.

use std::collections::BTreeMap;

/// A statement may become so many words long.
const WORDS: u64 = 100_000;

/// A piece of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// A name, a keyword or a number; without its quotes.
    Word(&'a str),
    Sign(char),
}

/// Whether SQLite would have to read more than is allowed.
pub(crate) fn is_too_large(sql: &str) -> bool {
    let pieces = split(sql);
    let definitions = definitions(&pieces);
    let mut sizes = BTreeMap::new();
    let total = size(&pieces, 0, pieces.len(), &definitions, &mut sizes);
    total > WORDS
}

/// Splits a statement as SQLite does: comments are nothing, quoted texts and names are one piece.
fn split(sql: &str) -> Vec<Piece<'_>> {
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
                pieces.push(Piece::Word(after.get(..inside).unwrap_or_default()));
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

/// The bodies of common table expressions, by name: `name [(columns)] AS [[NOT] MATERIALIZED] (body)`.
fn definitions(pieces: &[Piece<'_>]) -> BTreeMap<String, Vec<(usize, usize)>> {
    let mut open = Vec::new();
    let mut closed_by: BTreeMap<usize, usize> = BTreeMap::new();
    let mut opened_by: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Sign('(') => open.push(at),
            Piece::Sign(')') => {
                if let Some(opening) = open.pop() {
                    closed_by.insert(opening, at);
                    opened_by.insert(at, opening);
                }
            }
            _ => {}
        }
    }
    let is = |at: Option<usize>, word: &str| matches!(at.and_then(|at| pieces.get(at)), Some(Piece::Word(found)) if found.eq_ignore_ascii_case(word));
    let mut found: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for opening in (0..pieces.len()).filter(|at| pieces.get(*at) == Some(&Piece::Sign('('))) {
        let mut before = opening.checked_sub(1);
        for word in ["materialized", "not"] {
            if is(before, word) {
                before = before.and_then(|at| at.checked_sub(1));
            }
        }
        if !is(before, "as") {
            continue;
        }
        let mut name = before.and_then(|at| at.checked_sub(1));
        if let Some(columns) = name.and_then(|at| opened_by.get(&at)) {
            name = columns.checked_sub(1);
        }
        if let Some(Piece::Word(name)) = name.and_then(|at| pieces.get(at)) {
            let end = closed_by.get(&opening).copied().unwrap_or(pieces.len());
            found.entry(name.to_ascii_lowercase()).or_default().push((opening, end));
        }
    }
    found
}

/// The size of some pieces with everything that they name. What names itself is not put into itself.
fn size(
    pieces: &[Piece<'_>],
    from: usize,
    to: usize,
    definitions: &BTreeMap<String, Vec<(usize, usize)>>,
    sizes: &mut BTreeMap<String, u64>,
) -> u64 {
    let mut total: u64 = 0;
    for at in from..to {
        total = total.saturating_add(1);
        let Some(Piece::Word(word)) = pieces.get(at) else { continue };
        // what a point follows qualifies a column
        if pieces.get(at + 1) == Some(&Piece::Sign('.')) {
            continue;
        }
        let name = word.to_ascii_lowercase();
        let Some(bodies) = definitions.get(&name) else { continue };
        if let Some(size) = sizes.get(&name) {
            total = total.saturating_add(*size);
            continue;
        }
        sizes.insert(name.clone(), 0);
        let largest = bodies.iter().map(|(from, to)| size(pieces, *from, *to, definitions, sizes)).max().unwrap_or(0);
        sizes.insert(name, largest);
        total = total.saturating_add(largest);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubling(levels: usize, name: impl Fn(usize) -> String) -> String {
        let ctes = (1..levels).map(|at| format!("{} AS (SELECT 1 FROM {} a, {} b)", name(at), name(at - 1), name(at - 1)));
        format!(
            "WITH {} (x) AS MATERIALIZED (SELECT 1), {} SELECT 1 FROM {}",
            name(0),
            ctes.collect::<Vec<_>>().join(", "),
            name(levels - 1)
        )
    }

    #[test]
    fn what_doubles_in_each_line_is_too_large_however_it_is_written() {
        for name in [
            |at| format!("c{at}"),
            |at| format!("\"c {at}\""),
            |at| format!("[c{at}]"),
            |at| format!("c${at}"),
            |at| format!("'c{at}'"),
            |at| format!("ç{at}/**/"),
        ] {
            assert!(is_too_large(&doubling(25, name)), "{}", doubling(25, name));
            assert!(!is_too_large(&doubling(6, name)), "{}", doubling(6, name));
        }
        let backwards =
            (0..25).map(|at| format!("c{at} AS (SELECT * FROM c{} a, c{} b)", at + 1, at + 1)).collect::<Vec<_>>().join(", ");
        assert!(is_too_large(&format!("WITH {backwards}, c25 AS (SELECT 1) SELECT 1 FROM c0")));
    }

    #[test]
    fn recursion_and_ordinary_statements_are_not() {
        assert!(!is_too_large("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT n.i + 1 FROM n) SELECT n.i FROM n, n m, n o"));
        assert!(!is_too_large("SELECT 'unclosed"));
        assert!(!is_too_large(") AS ( -- /* "));
        assert!(!is_too_large("AS ("));
    }
}
