//! Splits JSON texts into the texts of their members and items, and joins them, without parsing these.
//!
//! The digits of numbers and the escapes of strings are preserved, and a part takes no memory besides a reference into the text.
//! A text is validated once, when it arrives ([`is_valid`]); afterwards only the ends of its parts are looked for.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::de::IgnoredAny;

#[cfg(test)]
mod tests;

/// The members of an object in their order, each with the text of its value. If a name occurs twice, the last value is used, as
/// in JSON parsers.
pub(crate) type Members<'a> = IndexMap<String, &'a str>;

/// Whether a text is valid JSON.
pub(crate) fn is_valid(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The items of a list, each found when it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Items<'a> {
    rest: &'a str,
}

/// The members of an object, each found when it is asked for: the text of its name, with quotes and escapes, and of its value.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a> {
    rest: &'a str,
}

impl<'a> Items<'a> {
    /// `None` if the text is not a list.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        after(text, b'[').map(|rest| Self { rest })
    }

    /// Visits the members of the next item, if that is an object, instead of returning it. Returns whether it is one.
    pub(crate) fn visit_members(&mut self, mut visit: impl FnMut(&'a str, &'a str)) -> bool {
        let Some(mut entries) = Entries::of(self.rest) else { return false };
        entries.by_ref().for_each(|(name, value)| visit(name, value));
        let rest = after(entries.rest, b'}').unwrap_or_default();
        self.rest = after(rest, b',').unwrap_or(rest);
        true
    }
}

impl<'a> Entries<'a> {
    /// `None` if the text is not an object.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        after(text, b'{').map(|rest| Self { rest })
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (item, rest) = value(self.rest)?;
        self.rest = after(rest, b',').unwrap_or(rest);
        Some(item)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let (name, rest) = value(self.rest)?;
        let (value, rest) = value(after(rest, b':')?)?;
        self.rest = after(rest, b',').unwrap_or(rest);
        Some((name, value))
    }
}

/// The members of the object in a text; `None` if the text is not an object, or has a name with an unpaired surrogate.
pub(crate) fn members(text: &str) -> Option<Members<'_>> {
    let mut entries = Entries::of(text)?;
    let members = entries.by_ref().map(|(raw, value)| Some((name(raw)?.into_owned(), value))).collect::<Option<_>>()?;
    ends(entries.rest, b'}').then_some(members)
}

/// The items of the list in a text; `None` if the text is not a list.
pub(crate) fn items(text: &str) -> Option<Vec<&str>> {
    let mut items = Items::of(text)?;
    let all = items.by_ref().collect();
    ends(items.rest, b']').then_some(all)
}

/// The text of an object from the first value with this name on.
pub(crate) fn from_member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = after(text, b'{')?;
    loop {
        let (raw, behind) = value(rest)?;
        let member = after(behind, b':')?;
        if self::name(raw)? == name {
            return Some(member);
        }
        rest = after(value(member)?.1, b',')?;
    }
}

/// The text of the first value in a text.
pub(crate) fn first(text: &str) -> Option<&str> {
    value(text).map(|(value, _)| value)
}

/// The name of a member; `None` if it has an unpaired surrogate.
pub(crate) fn name(raw: &str) -> Option<Cow<'_, str>> {
    if raw.contains('\\') {
        return serde_json::from_str(raw).ok().map(Cow::Owned);
    }
    raw.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

/// The text after this byte, if that comes next.
fn after(text: &str, sign: u8) -> Option<&str> {
    text.trim_ascii_start().strip_prefix(char::from(sign))
}

/// Whether nothing follows this byte.
fn ends(text: &str, sign: u8) -> bool {
    after(text, sign).is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// The text of the next value, and the text after it. Only brackets and strings are looked at.
fn value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_ascii_start();
    let bytes = text.as_bytes();
    let next = |at: usize, is_wanted: fn(&u8) -> bool| Some(at + bytes.get(at..)?.iter().position(is_wanted)?);
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = next(at + 1, |byte| matches!(byte, b'"' | b'\\'))?;
                while bytes.get(at) == Some(&b'\\') {
                    at = next(at + 2, |byte| matches!(byte, b'"' | b'\\'))?;
                }
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.checked_sub(1)?,
            b',' | b':' => return None,
            _ => {
                let is_end = |byte: &u8| matches!(byte, b',' | b':' | b']' | b'}') || byte.is_ascii_whitespace();
                return text.split_at_checked(next(at, is_end).unwrap_or(bytes.len()));
            }
        }
        at += 1;
        if depth == 0 {
            return text.split_at_checked(at);
        }
        at = next(at, |byte| matches!(byte, b'"' | b'[' | b']' | b'{' | b'}'))?;
    }
}

/// The text of an object with these members.
pub(crate) fn object<N: AsRef<str>, V: AsRef<str>>(members: impl IntoIterator<Item = (N, V)>) -> String {
    let mut text = String::from("{");
    for (name, value) in members {
        if text.len() > 1 {
            text.push(',');
        }
        text += &quoted(name.as_ref());
        text.push(':');
        text += value.as_ref();
    }
    text.push('}');
    text
}

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The text of a list with these items.
pub(crate) fn list<V: AsRef<str>>(items: impl IntoIterator<Item = V>) -> String {
    let mut text = String::from("[");
    for item in items {
        if text.len() > 1 {
            text.push(',');
        }
        text += item.as_ref();
    }
    text.push(']');
    text
}

/// Replaces each escaped unpaired surrogate by U+FFFD (RFC 8259, section 8.2).
pub(crate) fn with_whole_surrogates(text: &str) -> String {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut mended, mut from, mut at) = (String::with_capacity(text.len()), 0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        at += match (unit(at), unit(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(0xd800..0xe000), _) => {
                mended.push_str(text.get(from..at).unwrap_or_default());
                mended.push_str("\\ufffd");
                from = at + 6;
                6
            }
            // any other escape: skip the character after the backslash, which begins no escape
            _ => 2,
        };
    }
    mended + text.get(from..).unwrap_or_default()
}
