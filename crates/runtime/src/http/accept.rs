//! What a client accepts as a response at the MCP endpoint (RFC 9110, section 12.5.1).
//!
//! The protocol wants both JSON and event streams named. Many clients name less, and every response here can be JSON, so whoever accepts
//! JSON is served.

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{ACCEPT, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

use crate::mcp::JsonOnly;

#[cfg(test)]
mod tests;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
/// What rmcp requires of every client.
const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// Prepares a request for rmcp, which requires both media types, or rejects it if its client does not accept JSON.
pub(super) fn negotiate(request: &mut Request) -> Result<(), Box<Response>> {
    if request.method() != Method::POST {
        return Ok(());
    }
    if !accepts_json(request.headers()) {
        let text = "responses here are `application/json`, which the `Accept` header excludes; send one that allows it, or none";
        return Err(Box::new((StatusCode::NOT_ACCEPTABLE, text).into_response()));
    }
    if !request.headers().contains_key(CONTENT_TYPE) {
        let text = "the request has no `Content-Type`; send its body as `application/json`";
        return Err(Box::new((StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into_response()));
    }
    if !names_events(request.headers()) {
        request.extensions_mut().insert(JsonOnly);
    }
    request.headers_mut().insert(ACCEPT, BOTH);
    Ok(())
}

/// Whether a client accepts JSON. The most specific range decides; without any, everything is accepted.
fn accepts_json(headers: &HeaderMap) -> bool {
    let ranges: Vec<Range<'_>> = ranges(headers).collect();
    let of = |name: &str| {
        let mut same = ranges.iter().filter(|range| range.name.eq_ignore_ascii_case(name)).peekable();
        same.peek()?;
        Some(same.any(|range| range.is_accepted))
    };
    ranges.is_empty() || of(JSON).or_else(|| of("application/*")).or_else(|| of("*/*")).unwrap_or(false)
}

/// Whether a client names event streams. A range that merely includes them is no sign that it reads them.
fn names_events(headers: &HeaderMap) -> bool {
    ranges(headers).any(|range| range.is_accepted && range.name.eq_ignore_ascii_case(EVENTS))
}

/// A media range, without its parameters.
struct Range<'a> {
    name: &'a str,
    is_accepted: bool,
}

/// The media ranges of all `Accept` headers.
fn ranges(headers: &HeaderMap) -> impl Iterator<Item = Range<'_>> {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| split_unquoted(value, ',')).filter_map(|range| {
        let mut parts = split_unquoted(range, ';');
        let name = parts.next().map(str::trim).filter(|name| !name.is_empty())?;
        Some(Range { name, is_accepted: !parts.any(is_zero_weight) })
    })
}

/// Whether a parameter is the weight that excludes a range: `q=0`, `q=0.0` and so on.
fn is_zero_weight(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let is_zero = |weight: &str| weight.starts_with('0') && weight.trim_start_matches(['0', '.']).is_empty();
    name.trim().eq_ignore_ascii_case("q") && is_zero(value.trim())
}

/// The pieces of a text between separators outside of quotes.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |sign| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match sign {
            _ if was_escaped => {}
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => return !is_quoted && sign == separator,
        }
        false
    })
}
