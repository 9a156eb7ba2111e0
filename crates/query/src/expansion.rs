//! How large a statement becomes when SQLite puts subqueries and common table expressions where they are named.
//!
//! SQLite copies a common table expression for each use, an expression for each use of its alias, and, where it flattens a subquery, the
//! expression of a column for each use of the column. It does so before it looks at the clock or at any limit, so thirty lines
//! that each name the line before twice would take all memory. This finds out without reading the statement: it splits it as
//! SQLite does, and multiplies. It may count a name that is something else, and never too few.

mod pieces;

use std::collections::{BTreeMap, BTreeSet};

use crate::expansion::pieces::{Piece, split};

/// A statement may become so many words long.
const WORDS: u64 = 100_000;

/// SQLite flattens into a union no further when a statement has so many `SELECT`s.
const UNIONS: u64 = 500;

/// How much of a name an error repeats.
const NAME: usize = 60;

/// What a statement becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expansion {
    /// Two common table expressions have this name. What a name means would depend on where it is, so nothing could be multiplied.
    pub(crate) defined_twice: Option<String>,
    /// SQLite would have to read more than is allowed.
    pub(crate) is_too_large: bool,
    /// It is too large only if SQLite flattens subqueries.
    pub(crate) is_too_large_to_flatten: bool,
}

/// The statement, or a query in parentheses within it.
#[derive(Debug, Default)]
struct Level {
    /// The pieces of its own, without those of queries in it.
    words: u64,
    /// The name that is most often used here, and in the queries in it, is used so often. `*` uses every name once.
    uses: u64,
    /// The same for aliases that it gives to expressions.
    alias_uses: u64,
    unions: u64,
    /// The queries in its `FROM`, once for each time.
    reads: Vec<usize>,
    /// The queries in its expressions.
    expressions: Vec<usize>,
}

/// What a level becomes.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    words: u64,
    flattened: u64,
    unions: u64,
}

pub(crate) fn of(sql: &str) -> Expansion {
    let pieces = split(sql);
    let (levels, defined_twice) = levels(&pieces);
    if defined_twice.is_some() {
        return Expansion { defined_twice, ..Expansion::default() };
    }
    let size = size(0, &levels, &mut vec![None; levels.len()]);
    Expansion { defined_twice, is_too_large: size.words > WORDS, is_too_large_to_flatten: size.flattened > WORDS }
}

/// A pair of parentheses, or the whole statement, while its pieces are looked at.
struct Open {
    /// The level that its pieces belong to.
    level: usize,
    /// It is a level of its own.
    is_level: bool,
    /// It stands in a `FROM`, or is a common table expression: what is in it names nothing of the level around it.
    is_apart: bool,
}

/// What is counted in a level while its pieces are looked at.
#[derive(Default)]
struct Counts {
    names: BTreeMap<String, u64>,
    /// Those behind `FROM`, where aliases can be used.
    late_names: BTreeMap<String, u64>,
    is_late: bool,
    is_from: bool,
    /// Names that are given here.
    aliases: BTreeSet<String>,
    /// Numbers of columns in `GROUP BY` and `ORDER BY`.
    numbers: BTreeMap<String, u64>,
    is_by: bool,
    stars: u64,
}

impl Counts {
    /// Notes in which part of a `SELECT` a word is.
    fn look_at(&mut self, word: Piece<'_>) {
        let is = |words: &[&str]| words.iter().any(|keyword| word.is(keyword));
        if is(&["from", "where", "group", "order", "having", "limit"]) {
            self.is_late = true;
            self.is_from = is(&["from"]);
        } else if is(&["select"]) {
            (self.is_late, self.is_from) = (false, false);
        } else if is(&["on", "join"]) {
            self.is_from = is(&["join"]);
        }
        if word.is_keyword() {
            self.is_by = is(&["by"]) || self.is_by && is(&["asc", "desc"]);
        } else if word.is_number() && self.is_by {
            *self.numbers.entry(word.name().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
}

/// Whether a name is given to what is before it: `expression AS name` and `expression name`, but not the type in `CAST(… AS type)`; and
/// windows, `name AS (`.
fn is_alias(before: Option<Piece<'_>>, next: Option<Piece<'_>>, after: Option<Piece<'_>>) -> bool {
    let is_behind = before.is_some_and(|before| {
        before.is("as") || before.is("end") || before == Piece::Sign(')') || before.name().is_some() && !before.is_keyword()
    });
    let is_window = next.is_some_and(|next| next.is("as")) && after == Some(Piece::Sign('('));
    is_behind && next != Some(Piece::Sign(')')) || is_window
}

/// The levels of a statement, itself first, and the first name of two common table expressions.
fn levels(pieces: &[Piece<'_>]) -> (Vec<Level>, Option<String>) {
    let mut levels = vec![Level::default()];
    let mut counts = vec![Counts::default()];
    let mut open = vec![Open { level: 0, is_level: true, is_apart: true }];
    let mut defined: BTreeMap<String, usize> = BTreeMap::new();
    // names may be used before they are defined
    let mut named: Vec<(usize, String, bool)> = Vec::new();
    let mut twice = None;
    let at = |at: Option<usize>| at.and_then(|at| pieces.get(at)).copied();
    for (place, piece) in pieces.iter().enumerate() {
        let Some(Open { level, .. }) = open.last() else { break };
        let level = *level;
        let (before, next) = (at(place.checked_sub(1)), at(Some(place + 1)));
        let new = levels.len();
        let (Some(here), Some(count)) = (levels.get_mut(level), counts.get_mut(level)) else { break };
        here.words += 1;
        match piece {
            Piece::Sign('(') => {
                let is_level = next.is_some_and(|next| ["select", "with", "values"].iter().any(|word| next.is(word)));
                let mut inner = level;
                let mut is_apart = count.is_from
                    && before.is_some_and(|before| {
                        before == Piece::Sign(',') || before == Piece::Sign('(') || before.is("from") || before.is("join")
                    });
                if is_level {
                    inner = new;
                    let definition = definition(pieces, place);
                    match &definition {
                        Some(name) if defined.insert(name.clone(), inner).is_some() => {
                            twice.get_or_insert_with(|| name.chars().take(NAME).collect());
                        }
                        Some(_) => is_apart = true,
                        None if is_apart => here.reads.push(inner),
                        None => here.expressions.push(inner),
                    }
                    levels.push(Level::default());
                    counts.push(Counts::default());
                }
                open.push(Open { level: inner, is_level, is_apart });
            }
            // the statement itself is not closed
            Piece::Sign(')') if open.len() > 1 => drop(open.pop()),
            Piece::Sign('*') => {
                let is_all = before.is_some_and(|before| {
                    matches!(before, Piece::Sign(',' | '.')) || ["select", "distinct", "all"].iter().any(|word| before.is(word))
                });
                count.stars += u64::from(is_all);
            }
            Piece::Sign(_) => {}
            word => {
                here.unions += u64::from(word.is("union"));
                let is_column = !matches!(next, Some(Piece::Sign('.' | '(')));
                if let Some(name) = word.name()
                    && next != Some(Piece::Sign('.'))
                {
                    named.push((level, name.to_ascii_lowercase(), before.is_some_and(|before| before.is("in"))));
                }
                count.look_at(*word);
                if let Some(name) = word.name()
                    && is_alias(before, next, at(Some(place + 2)))
                {
                    count.aliases.insert(name.to_ascii_lowercase());
                }
                if is_column && let Some(name) = word.column() {
                    // what is in a query may be of those around it
                    let (mut last, mut is_apart) = (None, false);
                    for around in open.iter().rev() {
                        if last != Some(around.level)
                            && !is_apart
                            && let Some(count) = counts.get_mut(around.level)
                        {
                            *count.names.entry(name.clone()).or_default() += 1;
                            *count.late_names.entry(name.clone()).or_default() += u64::from(count.is_late);
                        }
                        last = Some(around.level);
                        if around.is_level {
                            is_apart = around.is_apart;
                        }
                    }
                }
            }
        }
    }
    for (level, name, is_expression) in named {
        if let (Some(body), Some(level)) = (defined.get(&name), levels.get_mut(level)) {
            if is_expression { &mut level.expressions } else { &mut level.reads }.push(*body);
        }
    }
    for (level, count) in levels.iter_mut().zip(counts) {
        level.uses = (count.names.values().max().copied().unwrap_or(0) + count.stars).max(1);
        let aliases = count.aliases.iter().filter_map(|alias| count.late_names.get(alias));
        level.alias_uses = aliases.chain(count.numbers.values()).max().map_or(1, |uses| (*uses).max(1));
    }
    (levels, twice)
}

/// The name of the common table expression whose body a parenthesis opens: `name [(columns)] AS [[NOT] MATERIALIZED] (body)`.
fn definition(pieces: &[Piece<'_>], opening: usize) -> Option<String> {
    let is = |at: Option<usize>, word: &str| at.and_then(|at| pieces.get(at)).is_some_and(|piece| piece.is(word));
    let mut before = opening.checked_sub(1);
    for word in ["materialized", "not"] {
        if is(before, word) {
            before = before.and_then(|at| at.checked_sub(1));
        }
    }
    if !is(before, "as") {
        return None;
    }
    let mut name = before?.checked_sub(1)?;
    if pieces.get(name) == Some(&Piece::Sign(')')) {
        // names of columns have no parentheses within
        name = pieces.get(..name)?.iter().rposition(|piece| *piece == Piece::Sign('('))?.checked_sub(1)?;
    }
    pieces.get(name)?.name().map(str::to_ascii_lowercase)
}

/// What a level becomes with everything that it reads. What names itself is not put into itself.
fn size(level: usize, levels: &[Level], sizes: &mut Vec<Option<Size>>) -> Size {
    if let Some(Some(known)) = sizes.get(level) {
        return *known;
    }
    let Some(here) = levels.get(level) else { return Size::default() };
    if let Some(size) = sizes.get_mut(level) {
        // SQLite refuses every circle but the one in which a recursive expression names itself
        *size = Some(Size { unions: 1, ..Size::default() });
    }
    let mut inside = Size { unions: 1, ..Size::default() };
    let mut in_expressions: u64 = 0;
    for (at, read) in here.expressions.iter().chain(&here.reads).enumerate() {
        let read = size(*read, levels, sizes);
        inside.flattened = inside.flattened.saturating_add(read.flattened);
        inside.unions = inside.unions.saturating_mul(read.unions).min(UNIONS);
        let words = if at < here.expressions.len() { &mut in_expressions } else { &mut inside.words };
        *words = words.saturating_add(read.words);
    }
    let own = here.words.saturating_add(in_expressions).saturating_mul(here.alias_uses);
    let flattened = here.words.saturating_add(inside.flattened.saturating_mul(here.uses));
    let size = Size {
        words: own.saturating_add(inside.words),
        // SQLite copies a query for each part of a union that it reads
        flattened: flattened.saturating_mul(here.alias_uses).saturating_mul(inside.unions),
        unions: inside.unions.saturating_mul(here.unions + 1).min(UNIONS),
    };
    if let Some(known) = sizes.get_mut(level) {
        *known = Some(size);
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_too_large(sql: &str) -> bool {
        of(sql).is_too_large
    }

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

    #[test]
    fn a_column_that_names_a_column_twice_in_each_level_is_too_large_to_flatten() {
        for expression in ["x+x AS x", "t.x+t.x", "\"X\" || x AS [x]", "(SELECT x + x) AS x", "*, *"] {
            let name = if expression.contains("t.x") { "t(x)" } else { "t" };
            let nested = format!(
                "SELECT x FROM {}(SELECT id AS x FROM users) t{}",
                format!("(SELECT {expression} FROM ").repeat(29),
                format!(") AS {name}").repeat(29)
            );
            assert!(of(&nested).is_too_large_to_flatten, "{nested}");
            let chain: Vec<String> =
                (1..29).map(|at| format!("c{at}(x) AS (SELECT {expression} FROM c{} AS t)", at - 1)).collect();
            let chain = format!("WITH c0 AS (SELECT id AS x FROM users), {} SELECT x FROM c28", chain.join(", "));
            assert!(of(&chain).is_too_large_to_flatten && !is_too_large(&chain), "{chain}");
        }
        let large = "1+".repeat(4000);
        assert!(is_too_large(&format!("SELECT {large} 1 AS a FROM users WHERE {} 1", "a+".repeat(4000))));
        assert!(is_too_large(&format!("SELECT {large} 1 FROM users GROUP BY {} 1", "1,".repeat(300))));
    }

    #[test]
    fn ordinary_statements_may_be_flattened() {
        for sql in [
            "WITH c AS (SELECT a.name, a.id, c.currency, sum(c.amount) AS spent FROM apps a JOIN contracts c ON c.idApp = a.id GROUP BY a.id, c.currency), \
             r AS (SELECT name, id, currency, spent, rank() OVER (PARTITION BY currency ORDER BY spent DESC) AS place FROM c) \
             SELECT r.name, r.currency, r.spent / 100.0 AS spent, (SELECT count(*) FROM app_users u WHERE u.idApp = r.id) AS users FROM r WHERE place <= 3 ORDER BY r.currency, spent DESC",
            "SELECT month, sum(n) FROM (SELECT strftime('%Y-%m', paid) AS month, 1 AS n FROM transactions UNION ALL SELECT strftime('%Y-%m', ends), 1 FROM contracts) GROUP BY month ORDER BY month",
            "SELECT CAST(a AS REAL), CAST(b AS REAL), CAST(c AS REAL) FROM (SELECT * FROM (SELECT a, b, c FROM t))",
        ] {
            assert_eq!(of(sql), Expansion::default(), "{sql}");
        }
    }

    #[test]
    fn one_name_for_two_common_table_expressions_is_found() {
        let twice = |sql: &str| of(sql).defined_twice;
        assert_eq!(twice("WITH x AS (SELECT 1), y AS (WITH X AS (VALUES (1)) SELECT 1) SELECT 1").as_deref(), Some("x"));
        assert_eq!(
            twice(
                "SELECT 1, sum(a) OVER w FROM (SELECT a, sum(b) OVER w FROM t WINDOW w AS (ORDER BY a)) WINDOW w AS (ORDER BY a)"
            ),
            None
        );
    }
}
