//! Responses of the API, passed on as the API sent them.
//!
//! Invariants:
//! - A successful response keeps its members, their order, its nulls and its numbers. The text is the API's own, except that line
//!   breaks and indentation between values are removed, and so are invisible characters: text from elsewhere must not tell an
//!   assistant what it hides from a user.
//! - The text is always an object; lists and single values are wrapped.
//! - A response is carried as text, which is validated once and then copied. It is parsed into values only where a client asks for
//!   them, after it was truncated, since values take ten times the memory.

use std::sync::Arc;

use mcp_http::sanitize::{clean, clean_json};
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::{Map, Value, json};

use crate::{
    json_limits::JsonCounter,
    json_text::{self, with_whole_surrogates},
    memory_budget::Reservation,
    tool_error::ToolError,
};

#[cfg(test)]
mod tests;

/// The size limit of a response after decompression, in bytes.
pub(crate) const MAX_BYTES: usize = 16 << 20;
/// The default limit on the characters of JSON in a response: about 25,000 tokens, at 3.3 characters of JSON per token.
pub const DEFAULT_CHARACTERS: usize = 80_000;

/// The memory limit for the values of a response, in bytes: the larger of this, and this multiple of its text.
const STRUCTURED_BYTES: usize = 256 << 10;
const MAX_RATIO: usize = 32;
/// The memory that a value takes in addition to its text, and the further memory of an object or an array, in bytes.
const VALUE_BYTES: usize = 72;
const CONTAINER_BYTES: usize = 300;

/// The output of a successful call.
#[derive(Clone, Debug, Default)]
pub struct ToolOutput {
    /// The response as the text of a JSON object.
    pub text: String,
    /// The reservation of its memory, if it is medium or large.
    reservation: Option<Arc<Reservation>>,
}

/// Compares the texts only: the reservation is not part of the response.
impl PartialEq for ToolOutput {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl ToolOutput {
    /// Reads the body of a successful response. If the API's document does not describe the response, it may be plain text.
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: Vec<u8>, is_described: bool) -> Result<Self, ToolError> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::of(&json!({ "status": status.as_u16() })));
        }
        let body = body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(body);
        let text = String::from_utf8(body).map_err(|_| ToolError::not_json())?;
        if json_text::is_valid(&text) {
            return Ok(Self::wrap(compact(clean_json(text))));
        }
        if is_described || is_markup_or_json(headers, &text) {
            return Err(ToolError::not_json());
        }
        Ok(Self::of(&json!({ "value": clean(text) })))
    }

    /// An output with the text of a JSON object.
    pub(crate) fn new(text: String) -> Self {
        Self { text, reservation: None }
    }

    /// An output that this server makes from an object.
    pub(crate) fn of(object: &Value) -> Self {
        Self::new(object.to_string())
    }

    /// The same output with another text.
    pub(crate) fn with_text(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// The same output, holding the reservation of its memory.
    pub(crate) fn holding(self, reservation: Reservation) -> Self {
        Self { reservation: Some(Arc::new(reservation)), ..self }
    }

    /// Releases the reservation of its memory.
    pub(crate) fn release_memory(&mut self) {
        self.reservation = None;
    }

    /// Releases the large part of it, which few others can hold at once, while the server waits for something else.
    pub(crate) fn release_large_memory(&mut self) {
        if let Some(reservation) = self.reservation.as_mut().and_then(Arc::get_mut) {
            reservation.release_large();
        }
    }

    /// The response as JSON values. An unpaired surrogate (such as half of an emoji) becomes U+FFFD. A response that cannot be
    /// represented (a number out of range, very deep nesting, or so many small values that they take a large multiple of their
    /// text) is returned as text, in the member `value`.
    #[must_use]
    pub fn structured(&self) -> Map<String, Value> {
        let parsed = self.parsed(STRUCTURED_BYTES.max(MAX_RATIO * self.text.len()));
        parsed.unwrap_or_else(|| Map::from_iter([("value".to_owned(), Value::from(self.text.as_str()))]))
    }

    /// The same; `None` if the values need more than this many bytes of memory, or cannot be represented.
    pub(crate) fn parsed(&self, bytes: usize) -> Option<Map<String, Value>> {
        let counter = JsonCounter::of(self.text.as_bytes());
        if self.text.len() + VALUE_BYTES * counter.values() + CONTAINER_BYTES * counter.containers() > bytes {
            return None;
        }
        serde_json::from_str(&self.text).or_else(|_| serde_json::from_str(&with_whole_surrogates(&self.text))).ok()
    }

    /// Wraps lists and single values in an object.
    fn wrap(text: String) -> Self {
        Self::new(match text.trim_start().as_bytes().first() {
            Some(b'{') => text,
            Some(b'[') => format!("{{\"items\":{text}}}"),
            _ => format!("{{\"value\":{text}}}"),
        })
    }
}

/// Removes the white space between values. JSON strings contain no raw line breaks, so a line break shows that the text is
/// pretty-printed.
fn compact(text: String) -> String {
    if ![b'\n', b'\r'].iter().any(|sign| text.as_bytes().contains(sign)) {
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

/// Whether a text that cannot be parsed was meant to be JSON or is markup: its content type is JSON, or it begins like either.
fn is_markup_or_json(headers: &HeaderMap, text: &str) -> bool {
    is_json(headers) || text.trim_start().starts_with(['<', '{', '['])
}

/// Whether the content type is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers)
        .is_some_and(|media| matches!(media.as_str(), "application/json" | "text/json") || media.ends_with("+json"))
}

/// The `Content-Type` without its parameters, in lower case.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(reqwest::header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}
