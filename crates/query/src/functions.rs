//! Our own SQL functions, instead of those whose time SQLite does not bound.
//!
//! SQLite looks at its clock between instructions only, and one call of its `instr`, `replace`, `trim`, `LIKE` or `GLOB` on two long
//! texts takes minutes. Ours take time in proportion to the texts, or look at the clock.

use std::sync::Arc;

use rusqlite::{
    Connection, Error, Result,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};

use crate::{native::memory, watch::Watch};

/// What SQLite says of a text that is too long.
pub(crate) const TOO_BIG: &str = "string or blob too big";

/// A pattern is looked at for so many steps between two looks at the clock.
const STEPS: u32 = 1 << 16;

/// `trim` takes signs of so many bytes together.
const TRIMMED: usize = 1000;

/// What makes a whole number of a number.
type Rounding = fn(f64) -> f64;

pub(crate) fn register(connection: &Connection, watch: &Arc<Watch>, value_bytes: usize) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let clock = Arc::clone(watch);
    connection.create_scalar_function("instr", 2, flags, move |context| {
        let _paused = may_go_on(&clock)?;
        let (Some(text), Some(part)) = (text(context, 0), text(context, 1)) else { return Ok(None) };
        let at = text.find(&*part).and_then(|at| text.get(..at)).map_or(0, |before| before.chars().count() + 1);
        Ok(i64::try_from(at).ok())
    })?;
    let clock = Arc::clone(watch);
    connection.create_scalar_function("replace", 3, flags, move |context| {
        let _paused = may_go_on(&clock)?;
        let (Some(text), Some(from), Some(to)) = (text(context, 0), text(context, 1), text(context, 2)) else { return Ok(None) };
        if from.is_empty() {
            return Ok(Some(text));
        }
        // how long it gets is known before it is made
        let times = text.matches(&*from).count();
        let len = (text.len() - times * from.len()).saturating_add(times.saturating_mul(to.len()));
        if len > value_bytes { Err(too_big()) } else { Ok(Some(text.replace(&*from, &to))) }
    })?;
    for (name, front, back) in [("trim", true, true), ("ltrim", true, false), ("rtrim", false, true)] {
        for arguments in [1, 2] {
            let clock = Arc::clone(watch);
            connection.create_scalar_function(name, arguments, flags, move |context| {
                let _paused = may_go_on(&clock)?;
                let signs = if context.len() == 2 { text(context, 1) } else { Some(" ".to_owned()) };
                let (Some(text), Some(signs)) = (text(context, 0), signs) else { return Ok(None) };
                if signs.len() > TRIMMED {
                    return Err(Error::UserFunctionError("too many signs to trim".into()));
                }
                let signs: std::collections::BTreeSet<char> = signs.chars().collect();
                let mut trimmed = text.as_str();
                if front {
                    trimmed = trimmed.trim_start_matches(|sign| signs.contains(&sign));
                }
                if back {
                    trimmed = trimmed.trim_end_matches(|sign| signs.contains(&sign));
                }
                Ok(Some(trimmed.to_owned()))
            })?;
        }
    }
    for arguments in [2, 3] {
        let watch = Arc::clone(watch);
        connection.create_scalar_function("like", arguments, flags, move |context| {
            let _paused = may_go_on(&watch)?;
            let escape = if context.len() == 3 { text(context, 2).and_then(|escape| escape.chars().next()) } else { None };
            let (Some(pattern), Some(text)) = (text(context, 0), text(context, 1)) else { return Ok(None) };
            matches(&like(&pattern, escape)?, &text, &watch).map(Some)
        })?;
    }
    let clock = Arc::clone(watch);
    connection.create_scalar_function("glob", 2, flags, move |context| {
        let _paused = may_go_on(&clock)?;
        let (Some(pattern), Some(text)) = (text(context, 0), text(context, 1)) else { return Ok(None) };
        matches(&glob(&pattern)?, &text, &clock).map(Some)
    })?;
    let rounding: [(&str, Rounding); 4] =
        [("ceil", f64::ceil), ("ceiling", f64::ceil), ("floor", f64::floor), ("trunc", f64::trunc)];
    for (name, round) in rounding {
        let clock = Arc::clone(watch);
        connection.create_scalar_function(name, 1, flags, move |context| {
            let _paused = may_go_on(&clock)?;
            Ok(number(context, 0).map(round))
        })?;
    }
    let clock = Arc::clone(watch);
    connection.create_scalar_function("sqrt", 1, flags, move |context| {
        let _paused = may_go_on(&clock)?;
        Ok(number(context, 0).map(f64::sqrt).filter(|root| !root.is_nan()))
    })?;
    for name in ["pow", "power"] {
        let clock = Arc::clone(watch);
        connection.create_scalar_function(name, 2, flags, move |context| {
            let _paused = may_go_on(&clock)?;
            Ok(number(context, 0).zip(number(context, 1)).map(|(base, power)| base.powf(power)))
        })?;
    }
    let clock = Arc::clone(watch);
    connection.create_scalar_function("mod", 2, flags, move |context| {
        let _paused = may_go_on(&clock)?;
        Ok(number(context, 0).zip(number(context, 1)).map(|(a, b)| a % b).filter(|rest| !rest.is_nan()))
    })
}

/// Looks at the clock and at the memory before work on long texts, since SQLite does not between some calls. What it returns is kept until
/// the arguments are read.
fn may_go_on(watch: &Watch) -> Result<memory::Running> {
    let paused = memory::pause();
    memory::check()?;
    if watch.must_stop() { Err(interrupted()) } else { Ok(paused) }
}

fn interrupted() -> Error {
    Error::UserFunctionError("interrupted".into())
}

fn too_big() -> Error {
    Error::UserFunctionError(TOO_BIG.into())
}

/// An argument as text, as SQLite converts it; none for `NULL`.
fn text(context: &Context<'_>, at: usize) -> Option<String> {
    match context.get_raw(at) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(format!("{number:.1}")),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn number(context: &Context<'_>, at: usize) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "SQLite's own functions of real numbers do the same")]
    match context.get_raw(at) {
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Real(number) => Some(number),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok()?.trim().parse().ok(),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

/// One part of a pattern.
#[derive(Debug, PartialEq)]
enum Part {
    /// Any signs, also none.
    Many,
    /// One sign.
    One,
    Sign(char),
    /// The sign in either case, for ASCII letters.
    Letter(char),
    /// One of these signs, or none of them.
    Among {
        ranges: Vec<(char, char)>,
        inverted: bool,
    },
}

impl Part {
    fn is(&self, sign: char) -> bool {
        match self {
            Self::Many => false,
            Self::One => true,
            Self::Sign(wanted) => *wanted == sign,
            Self::Letter(wanted) => wanted.eq_ignore_ascii_case(&sign),
            Self::Among { ranges, inverted } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&sign)) != *inverted,
        }
    }
}

/// Patterns longer than this are refused, as by SQLite with the limit that it is given.
const PATTERN: usize = 200;

fn checked(pattern: &str) -> Result<&str> {
    if pattern.len() > PATTERN { Err(Error::UserFunctionError("LIKE or GLOB pattern too complex".into())) } else { Ok(pattern) }
}

fn like(pattern: &str, escape: Option<char>) -> Result<Vec<Part>> {
    let mut signs = checked(pattern)?.chars();
    let mut parts = Vec::new();
    while let Some(sign) = signs.next() {
        parts.push(match sign {
            sign if Some(sign) == escape => signs.next().map_or(Part::Sign(sign), Part::Letter),
            '%' => Part::Many,
            '_' => Part::One,
            sign => Part::Letter(sign),
        });
    }
    Ok(parts)
}

fn glob(pattern: &str) -> Result<Vec<Part>> {
    let mut signs = checked(pattern)?.chars().peekable();
    let mut parts = Vec::new();
    while let Some(sign) = signs.next() {
        parts.push(match sign {
            '*' => Part::Many,
            '?' => Part::One,
            '[' => {
                let inverted = signs.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                let mut closed = false;
                while let Some(from) = signs.next() {
                    if from == ']' && !ranges.is_empty() {
                        closed = true;
                        break;
                    }
                    let mut ahead = signs.clone();
                    match (ahead.next(), ahead.next()) {
                        (Some('-'), Some(to)) if to != ']' => {
                            ranges.push((from, to));
                            signs = ahead;
                        }
                        _ => ranges.push((from, from)),
                    }
                }
                // a bracket that is not closed matches nothing
                Part::Among { ranges: if closed { ranges } else { Vec::new() }, inverted: inverted && closed }
            }
            sign => Part::Sign(sign),
        });
    }
    Ok(parts)
}

/// Whether a pattern fits the whole text. After a part that did not fit, the last `Many` takes one sign more; earlier ones need not
/// change, so this takes at most the product of both lengths.
fn matches(pattern: &[Part], text: &str, watch: &Watch) -> Result<bool> {
    let mut signs = text.chars();
    let mut at = 0;
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    let mut steps: u32 = 0;
    loop {
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(STEPS) && watch.must_stop() {
            return Err(interrupted());
        }
        match pattern.get(at) {
            Some(Part::Many) => {
                at += 1;
                retry = Some((at, signs.clone()));
                continue;
            }
            part => {
                let mut ahead = signs.clone();
                match (part, ahead.next()) {
                    (Some(part), Some(sign)) if part.is(sign) => {
                        signs = ahead;
                        at += 1;
                        continue;
                    }
                    (None, None) => return Ok(true),
                    _ => {}
                }
            }
        }
        let Some((back, rest)) = &mut retry else { return Ok(false) };
        if rest.next().is_none() {
            return Ok(false);
        }
        at = *back;
        signs = rest.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_what_they_fit_in_sqlite() {
        let connection = Connection::open_in_memory().unwrap();
        let watch = Watch::default();
        let texts = ["", "a", "A", "abc", "aXbXc", "100%", "a_b", "ab]c", "äöü", "ÄÖÜ", "a-b", "aab"];
        let likes = ["", "%", "_", "a%", "%C", "a_c", "%x%", "%%b%", "a!_b", "100!%", "ä%", "%b", "___"];
        let globs = ["*", "?", "a*", "*[bc]", "[^a]*", "a[a-c]*", "*[]]*", "[", "a[", "*X*", "ä??", "[a-]*", "a?b"];
        let asked = |sql: &str, pattern: &str, text: &str| {
            connection.query_row(sql, [pattern, text], |row| row.get::<_, bool>(0)).unwrap()
        };
        for text in texts {
            for pattern in likes {
                let ours = matches(&like(pattern, Some('!')).unwrap(), text, &watch).unwrap();
                assert_eq!(ours, asked("SELECT ?2 LIKE ?1 ESCAPE '!'", pattern, text), "`{text}` LIKE `{pattern}`");
            }
            for pattern in globs {
                let ours = matches(&glob(pattern).unwrap(), text, &watch).unwrap();
                assert_eq!(ours, asked("SELECT ?2 GLOB ?1", pattern, text), "`{text}` GLOB `{pattern}`");
            }
        }
    }
}
