//! Responses, carried as the API sent them.
//!
//! Invariants:
//! - A successful response keeps its fields, their order, its nulls and its numbers; the text is
//!   the API's own, except that line breaks and indentation between values go, and signs that nobody sees: text from elsewhere must
//!   not tell an assistant what it hides from a user.
//! - The text is always an object; lists and single values are wrapped.
//! - A response is carried as its text. Values are made of it only where somebody asks for them, after it was shortened: they take
//!   ten times the memory.

use std::sync::Arc;

use mcp_http::sanitize::{clean, clean_json};
use reqwest::{StatusCode, header::HeaderMap};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use crate::{json_limits::JsonCounter, json_text::with_whole_surrogates, memory_budget::Reservation, tool_error::ToolError};

#[cfg(test)]
mod tests;

/// How many bytes of a response are read, after decompression.
pub(crate) const MAX_BYTES: usize = 16 << 20;
/// How many characters of JSON an assistant gets at most, unless the operator says otherwise: at most about 25,000 tokens, of which
/// JSON takes one for 3.3 characters.
pub const DEFAULT_CHARACTERS: usize = 80_000;

/// What the values of a response may take in memory: this much, or so many times their text.
const STRUCTURED_BYTES: usize = 256 << 10;
const MOST_TIMES: usize = 32;
/// What a value takes besides its text, and what an object or an array takes besides that, in bytes.
const VALUE_BYTES: usize = 72;
const CONTAINER_BYTES: usize = 300;

/// What a successful call answers.
#[derive(Clone, Debug, Default)]
pub struct ToolOutput {
    /// The response as the text of a JSON object.
    pub text: String,
    /// The memory that it takes, if it takes much.
    reservation: Option<Arc<Reservation>>,
}

/// Where its memory was reserved is no part of what a response says.
impl PartialEq for ToolOutput {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl ToolOutput {
    /// Reads the body of a successful response. A call that the API's document does not describe may
    /// answer in plain words.
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: Vec<u8>, is_described: bool) -> Result<Self, ToolError> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::of(&json!({ "status": status.as_u16() })));
        }
        let body = body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(body);
        let text = clean_json(String::from_utf8(body).map_err(|_| ToolError::not_json())?);
        match serde_json::from_str::<IgnoredAny>(&text) {
            Ok(IgnoredAny) => Ok(Self::wrap(compact(text))),
            Err(_) if is_described || is_markup_or_json(headers, &text) => Err(ToolError::not_json()),
            Err(_) => Ok(Self::of(&json!({ "value": clean(text) }))),
        }
    }

    /// A response that is the text of a JSON object.
    pub(crate) fn new(text: String) -> Self {
        Self { text, reservation: None }
    }

    /// A response of our own making, an object.
    pub(crate) fn of(object: &Value) -> Self {
        Self::new(object.to_string())
    }

    /// The same with another text, made of this one.
    pub(crate) fn with_text(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// The same with the memory that is reserved for it.
    pub(crate) fn holding(self, reservation: Reservation) -> Self {
        Self { reservation: Some(Arc::new(reservation)), ..self }
    }

    /// Gives back what was reserved for its memory.
    pub(crate) fn release_memory(&mut self) {
        self.reservation = None;
    }

    /// The response as values. What no value can hold, it comes as near to as it can: half a surrogate pair (a cut emoji) becomes
    /// U+FFFD. A number beyond all bounds, a very deep nesting, or so many small values that they take a large multiple of their
    /// text stay a text, in the member `value`.
    #[must_use]
    pub fn structured(&self) -> Map<String, Value> {
        let parsed = self.parsed(STRUCTURED_BYTES.max(MOST_TIMES * self.text.len()));
        parsed.unwrap_or_else(|| Map::from_iter([("value".to_owned(), Value::from(self.text.as_str()))]))
    }

    /// The same; none where the values cannot be held in so many bytes of memory, or not at all.
    pub(crate) fn parsed(&self, bytes: usize) -> Option<Map<String, Value>> {
        let counter = JsonCounter::of(self.text.as_bytes());
        if self.text.len() + VALUE_BYTES * counter.values() + CONTAINER_BYTES * counter.containers() > bytes {
            return None;
        }
        serde_json::from_str(&self.text).or_else(|_| serde_json::from_str(&with_whole_surrogates(&self.text))).ok()
    }

    /// Lists and single values become the member of an object.
    fn wrap(text: String) -> Self {
        Self::new(match text.trim_start().as_bytes().first() {
            Some(b'{') => text,
            Some(b'[') => format!("{{\"items\":{text}}}"),
            _ => format!("{{\"value\":{text}}}"),
        })
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
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(reqwest::header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}
