//! The headers about rates and waiting.

use jiff::fmt::rfc2822;
use reqwest::header::HeaderMap;

/// The headers about rates and waiting. A value is told only if it is a number or a date, since any other one may be the tenant's.
pub(super) fn rates(headers: &HeaderMap) -> Vec<(String, String)> {
    let named = headers.iter().filter(|(name, _)| is_about_rates(name.as_str()));
    named.map(|(name, value)| (name.as_str().to_owned(), value.to_str().ok().and_then(plain).unwrap_or_else(hidden))).collect()
}

/// Whether a header is `retry-after`, `ratelimit…` or `rate-limit…`, with or without `x-`. Whole words are compared: a corporate
/// name has `rate` in it.
fn is_about_rates(name: &str) -> bool {
    let words: Vec<&str> = name.strip_prefix("x-").unwrap_or(name).split('-').collect();
    match words[..] {
        ["retry", "after"] | ["rate", "limit", ..] => true,
        [first, ..] => first == "ratelimit",
        [] => false,
    }
}

/// A number, or a date as HTTP writes it (RFC 9110, section 5.6.7).
fn plain(value: &str) -> Option<String> {
    let is_number = value.len() <= 20 && value.starts_with(|sign: char| sign.is_ascii_digit()) && value.parse::<f64>().is_ok();
    let date = || {
        // the parser takes comments as well, so that only what is the same when written again is a date
        let time = rfc2822::parse(value).ok()?.timestamp();
        let written = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()?;
        (written == value).then_some(written)
    };
    if is_number { Some(value.to_owned()) } else { date() }
}

fn hidden() -> String {
    "…".to_owned()
}
