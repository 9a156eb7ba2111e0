//! Splits JSON texts into the texts of their members and items, and joins them, without parsing these.
//!
//! The digits of numbers and the escapes of strings are preserved, and a part takes no memory besides a reference into the text.

use indexmap::IndexMap;
use serde::de::IgnoredAny;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The members of an object in their order, each with the text of its value. If a name occurs twice, the last value is used, as
/// in JSON parsers.
pub(crate) type Members<'a> = IndexMap<String, &'a str>;

/// The members of the object in a text; `None` if the text is not an object, or has a name with an unpaired surrogate.
pub(crate) fn members(text: &str) -> Option<Members<'_>> {
    let mut members = Members::new();
    let mut rest = after(text, '{')?;
    if let Some(rest) = after(rest, '}') {
        return rest.trim_ascii().is_empty().then_some(members);
    }
    loop {
        let (name, behind) = value(rest)?;
        let (member, behind) = value(after(behind, ':')?)?;
        members.insert(serde_json::from_str(name).ok()?, member);
        match after(behind, ',') {
            Some(more) => rest = more,
            None => return after(behind, '}')?.trim_ascii().is_empty().then_some(members),
        }
    }
}

/// The items of the list in a text; `None` if the text is not a list.
pub(crate) fn items(text: &str) -> Option<Vec<&str>> {
    let mut items = Vec::new();
    let mut rest = after(text, '[')?;
    if let Some(rest) = after(rest, ']') {
        return rest.trim_ascii().is_empty().then_some(items);
    }
    loop {
        let (item, behind) = value(rest)?;
        items.push(item);
        match after(behind, ',') {
            Some(more) => rest = more,
            None => return after(behind, ']')?.trim_ascii().is_empty().then_some(items),
        }
    }
}

/// The text after this character, if that comes next.
fn after(text: &str, sign: char) -> Option<&str> {
    text.trim_ascii_start().strip_prefix(sign)
}

/// The text of the next value, and the text after it.
fn value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_ascii_start();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    text.split_at_checked(values.byte_offset())
}

/// The text of an object with these members.
pub(crate) fn object<N: AsRef<str>, V: AsRef<str>>(members: impl IntoIterator<Item = (N, V)>) -> String {
    let mut text = String::from("{");
    for (name, value) in members {
        if text.len() > 1 {
            text.push(',');
        }
        text += &Value::from(name.as_ref()).to_string();
        text.push(':');
        text += value.as_ref();
    }
    text.push('}');
    text
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
