use super::*;

#[test]
fn a_duration_is_a_sum_of_days_hours_minutes_and_seconds() {
    let cases = [
        ("0s", Some(0)),
        ("90s", Some(90)),
        ("15m", Some(900)),
        ("12h", Some(43_200)),
        ("30d", Some(2_592_000)),
        ("1h30m", Some(5_400)),
        (" 1d ", Some(86_400)),
        ("", None),
        ("h", None),
        ("5", None),
        ("1w", None),
        ("1.5h", None),
        ("-1h", None),
        ("1h 30m", None),
        ("1é", None),
        ("99999999999999999999s", None),
        ("18446744073709551615d", None),
    ];
    for (text, seconds) in cases {
        assert_eq!(parse(text), seconds.map(Duration::from_secs), "{text:?}");
    }
}
