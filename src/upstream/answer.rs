//! Answers, carried as Torii sent them.
//!
//! Invariants:
//! - A successful answer keeps its fields, their order, its nulls and its numbers; the text is
//!   Torii's own, except that line breaks and indentation between values go.
//! - The structured form is always an object and says the same as the text; lists and single values
//!   are wrapped.
//! - The body is parsed once and not copied.

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::{Map, Value, json};

use super::failure::Failure;

#[cfg(test)]
mod tests;

/// What a successful call answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The answer as JSON text.
    pub text: String,
    /// The same, parsed.
    pub structured: Map<String, Value>,
}

impl Answer {
    /// Reads the body of a successful answer. A call that Torii's document does not describe may
    /// answer in plain words.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: Vec<u8>, is_described: bool) -> Result<Self, Failure> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::from_object(json!({ "status": status.as_u16() })));
        }
        let text = String::from_utf8(body).map_err(|_| Failure::NotJson)?;
        match serde_json::from_str(&text) {
            Ok(value) => Ok(Self::wrap(compact(text), value)),
            Err(_) if is_described || is_markup_or_json(headers, &text) => Err(Failure::NotJson),
            Err(_) => Ok(Self::from_object(json!({ "value": text }))),
        }
    }

    /// An answer of our own making.
    pub(super) fn from_object(value: Value) -> Self {
        Self::wrap(value.to_string(), value)
    }

    fn wrap(text: String, value: Value) -> Self {
        let (name, value) = match value {
            Value::Object(structured) => return Self { text, structured },
            list @ Value::Array(_) => ("items", list),
            single => ("value", single),
        };
        let text = format!("{{\"{name}\":{text}}}");
        Self { text, structured: Map::from_iter([(name.to_owned(), value)]) }
    }
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
