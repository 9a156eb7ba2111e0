//! Answers, carried as Torii sent them.
//!
//! Invariants:
//! - A successful answer keeps its fields, their order, its nulls and its numbers; the text is
//!   Torii's own, except that line breaks and indentation between values go, and signs that nobody sees: text from elsewhere must
//!   not tell an assistant what it hides from a person.
//! - The structured form is always an object and says the same as the text; lists and single values
//!   are wrapped.
//! - The body is parsed once and not copied.

use std::sync::Arc;

use reqwest::{StatusCode, header::HeaderMap};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use crate::{
    foreign::{clean, clean_json},
    memory_budget::Reservation,
};

#[cfg(test)]
mod tests;

/// What a successful call answers.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The answer as JSON text.
    pub text: String,
    /// The same, parsed.
    pub structured: Map<String, Value>,
    /// The memory that it takes, if it takes much.
    pub(super) reservation: Option<Arc<Reservation>>,
}

/// Where its memory was reserved is no part of what an answer says.
impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.structured == other.structured
    }
}

impl Answer {
    /// Reads the body of a successful answer. A call that Torii's document does not describe may
    /// answer in plain words.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: Vec<u8>, is_described: bool) -> Result<Self, Failure> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::from_object(json!({ "status": status.as_u16() })));
        }
        let body = body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(body);
        let text = clean_json(String::from_utf8(body).map_err(|_| Failure::NotJson)?);
        match serde_json::from_str(&text) {
            Ok(value) => Ok(Self::wrap(compact(text), value)),
            Err(_) if serde_json::from_str::<IgnoredAny>(&text).is_ok() => Ok(Self::beyond_values(text)),
            Err(_) if is_described || is_markup_or_json(headers, &text) => Err(Failure::NotJson),
            Err(_) => Ok(Self::from_object(json!({ "value": clean(text) }))),
        }
    }

    /// An answer in both forms.
    pub(crate) fn new(text: String, structured: Map<String, Value>) -> Self {
        Self { text, structured, reservation: None }
    }

    /// Gives back what was reserved for its memory.
    pub(crate) fn release_memory(&mut self) {
        self.reservation = None;
    }

    /// An answer of which a text is at hand that is JSON.
    pub(crate) fn of_text(text: String) -> Self {
        match serde_json::from_str(&text) {
            Ok(value) => Self::wrap(text, value),
            Err(_) => Self::beyond_values(text),
        }
    }

    /// JSON that no value of ours can hold: half a surrogate pair (a cut emoji), a number beyond all bounds, a very deep
    /// nesting. The text stays as it is; the structured form comes as near as it can.
    fn beyond_values(text: String) -> Self {
        if let Ok(value) = serde_json::from_str(&with_whole_surrogates(&text)) {
            return Self::wrap(compact(text), value);
        }
        let structured = Map::from_iter([("value".to_owned(), Value::String(text.clone()))]);
        Self::new(text, structured)
    }

    /// An answer whose text is its structure.
    pub(crate) fn of(structured: Map<String, Value>) -> Self {
        let value = Value::Object(structured);
        Self::wrap(value.to_string(), value)
    }

    /// An answer of our own making.
    pub(super) fn from_object(value: Value) -> Self {
        Self::wrap(value.to_string(), value)
    }

    fn wrap(text: String, value: Value) -> Self {
        let (name, value) = match value {
            Value::Object(structured) => return Self::new(text, structured),
            list @ Value::Array(_) => ("items", list),
            single => ("value", single),
        };
        let text = format!("{{\"{name}\":{text}}}");
        Self::new(text, Map::from_iter([(name.to_owned(), value)]))
    }
}

/// Puts U+FFFD in the place of each escaped surrogate that has no partner (RFC 8259, section 8.2).
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
            // any other escape: the sign behind the backslash begins none of its own
            _ => 2,
        };
    }
    mended + text.get(from..).unwrap_or_default()
}

/// Drops the white space between values. A raw line break cannot stand inside a JSON string, so one
/// shows a pretty-printed text.
fn compact(text: String) -> String {
    if !text.bytes().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return text;
    }
    let (mut in_string, mut escaped) = (false, false);
    let keep = |c: &char| {
        if in_string {
            in_string = escaped || *c != '"';
            escaped = !escaped && *c == '\\';
            return true;
        }
        in_string = *c == '"';
        !c.is_ascii_whitespace()
    };
    text.chars().filter(keep).collect()
}

/// Whether a text that does not parse was meant to: it is called JSON, or it is a web page.
fn is_markup_or_json(headers: &HeaderMap, text: &str) -> bool {
    media_type(headers).is_some_and(|media| media.ends_with("json")) || text.trim_start().starts_with(['<', '{', '['])
}

/// The `Content-Type` without its parameters, in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(reqwest::header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}
