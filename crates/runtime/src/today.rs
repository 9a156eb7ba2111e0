//! Today's date, in UTC as the times of most APIs are.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use mcp_http::clock::Clock;

/// The date that a clock shows.
pub(crate) fn today(clock: &Clock) -> Date {
    Timestamp::try_from(clock.now()).unwrap_or_default().to_zoned(TimeZone::UTC).date()
}

/// The date for an assistant, which may not know it.
pub(crate) fn sentence(clock: &Clock) -> String {
    format!("Today is {} (UTC).", today(clock))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn the_day_is_that_of_utc() {
        let sentence_at = |seconds| sentence(&Clock::new(move || SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)));
        assert_eq!(sentence_at(1_795_910_399), "Today is 2026-11-28 (UTC).");
        assert_eq!(sentence_at(1_795_910_400), "Today is 2026-11-29 (UTC).");
    }
}
