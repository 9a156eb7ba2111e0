use std::time::UNIX_EPOCH;

use reqwest::header::HeaderValue;

use super::*;

const BACKOFF: Duration = Duration::from_millis(100);

fn down(status: u16) -> ErrorKind {
    ErrorKind::ServerError { status }
}

#[test]
fn only_what_may_help_is_repeated() {
    let wait = |failure: ErrorKind, repeatable| pause(failure, 0, repeatable, BACKOFF, 0.5);
    for status in [502, 503, 504] {
        assert_eq!(wait(down(status), true), Some(BACKOFF));
        assert_eq!(wait(down(status), false), None);
    }
    assert_eq!(wait(down(500), true), None);
    assert_eq!(wait(ErrorKind::ConnectionLost, true), Some(BACKOFF));
    assert_eq!(wait(ErrorKind::Unreachable, true), Some(BACKOFF));
    assert_eq!(wait(ErrorKind::Timeout, true), None);
    assert_eq!(wait(ErrorKind::NotJson, true), None);
    assert_eq!(wait(ErrorKind::RateLimited { seconds: 3 }, false), Some(Duration::from_millis(3050)));
}

#[test]
fn waits_grow_are_scattered_and_end() {
    let waits = |jitter| {
        [0, 1, 2].map(|attempt| pause(ErrorKind::ConnectionLost, attempt, true, BACKOFF, jitter).map(|wait| wait.as_millis()))
    };
    assert_eq!(waits(0.0), [Some(50), Some(100), None]);
    assert_eq!(waits(0.5), [Some(100), Some(200), None]);
}

#[test]
fn retry_after_is_read_as_seconds_or_a_date() {
    let now = UNIX_EPOCH + Duration::from_millis(784_111_777_500);
    let cases = [
        (Some("0"), 0),
        (Some(" 12 "), 12),
        (Some("Sun, 06 Nov 1994 08:49:40 GMT"), 3),
        (Some("Sun, 06 Nov 1994 08:00:00 GMT"), 0),
        (Some("99999999999"), 86_400),
        (Some("soon"), 60),
        (Some("-1"), 60),
        (None, 60),
    ];
    for (value, seconds) in cases {
        let mut headers = HeaderMap::new();
        if let Some(value) = value {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
        }
        assert_eq!(after(&headers, now), seconds, "{value:?}");
    }
}
