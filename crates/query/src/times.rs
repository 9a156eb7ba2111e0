//! Times as text: ISO, in UTC, and compared whichever of SQLite's and JSON's forms they have.

use std::cmp::Ordering;

use jiff::{Timestamp, tz::TimeZone};

/// From this number on, a time counts milliseconds; smaller ones count seconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// A number of seconds or milliseconds since 1970 as ISO text, unless it is beyond all calendars.
#[expect(clippy::cast_possible_truncation, reason = "numbers beyond an i64 become its ends, which are no times")]
pub(crate) fn of_number(number: f64) -> Option<String> {
    let milliseconds = if number.abs() < MILLISECONDS_FROM { number * 1_000.0 } else { number };
    let time = Timestamp::from_millisecond(milliseconds.round() as i64).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// A time with an offset from UTC, in UTC; none if the text is in UTC or says no offset.
pub(crate) fn in_utc(text: &str) -> Option<String> {
    let behind = text.get(19..)?;
    if text.len() > 64 || !behind.contains(['+', '-']) {
        return None;
    }
    let time: Timestamp = text.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
}

/// Compares two times as text, so that `2026-01-31T10:00:00.000Z` is `2026-01-31 10:00:00`, which is what SQLite's functions make.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    parts(a).cmp(&parts(b))
}

/// The date, the sign behind it, and the rest of a time, without what differs between the forms.
fn parts(text: &str) -> (&[u8], Option<u8>, &[u8]) {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    // a fraction's last zeros say nothing
    let text = match text.get(19..) {
        Some(fraction) if fraction.starts_with('.') => text.trim_end_matches('0').trim_end_matches('.'),
        _ => text,
    };
    let (date, rest) = text.as_bytes().split_at(text.len().min(10));
    match rest {
        [] => (date, None, rest),
        [sign, rest @ ..] => (date, Some(if *sign == b'T' { b' ' } else { *sign }), rest),
    }
}

/// A constant that a time is compared with, in the form that goes to a loader: a date, or a whole time in UTC. Other texts are no
/// times.
pub(crate) fn constant(text: &str) -> Option<String> {
    let is_date = |text: &str| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    if is_date(text) {
        return Some(text.to_owned());
    }
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    let time = time.strip_suffix(['Z', 'z']).unwrap_or(time);
    let is_clock = |sign: u8| sign.is_ascii_digit() || matches!(sign, b':' | b'.');
    if !is_date(date)
        || !time.bytes().all(is_clock)
        || !matches!(text.as_bytes().get(10), Some(b'T' | b' '))
        || time.parse::<jiff::civil::Time>().is_err()
        || time.len() < 8
    {
        return None;
    }
    Some(format!("{date}T{time}Z"))
}
