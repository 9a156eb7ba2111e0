use super::*;

#[test]
fn a_duration_is_a_sum_of_days_hours_minutes_and_seconds() {
    let cases = [
        ("0s", Some(0)),
        ("90s", Some(90)),
        ("15m", Some(900)),
        ("12h", Some(43_200)),
        ("30d", Some(2_592_000)),
        ("365d", Some(31_536_000)),
        ("1h30m", Some(5_400)),
        ("1d2h3m4s", Some(93_784)),
        ("", None),
        ("366d", None),
        ("999999999h", None),
        ("999999999d", None),
    ];
    for (text, seconds) in cases {
        assert_eq!(duration(text, ["0s", "365d"]).ok(), seconds.map(Duration::from_secs), "{text:?}");
    }
}
