use crate::upstream::rate_limit::*;

const RATE_KEY: RateKey = RateKey { key: 1, tool: "list_apps" };
const FAR: Duration = Duration::from_secs(1000);

#[test]
fn a_minute_s_allowance_passes_at_once_and_the_rest_waits_for_the_next_minute() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    let waits: Vec<u64> = (0..8).map(|_| (rate_limits.reserve(RATE_KEY, 6, now, now + FAR).unwrap() - now).as_secs()).collect();
    assert_eq!(waits, [0, 0, 0, 0, 0, 0, 60, 60]);
}

#[test]
fn no_minute_sees_more_calls_than_documented() {
    let (rate_limits, start) = (RateLimits::default(), Instant::now());
    let second = |second| start + Duration::from_secs(second);
    let sent_at: Vec<Instant> =
        (0..200).map(|at| rate_limits.reserve(RATE_KEY, 10, second(at), second(at) + FAR).unwrap()).collect();
    for first in &sent_at {
        let n_in_minute = sent_at.iter().filter(|at| *at >= first && **at < *first + MINUTE).count();
        assert!(n_in_minute <= 10, "{n_in_minute} calls in the minute after {:?}", *first - start);
    }
}

#[test]
fn the_allowance_comes_back_a_minute_after_it_was_taken() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    for second in [0, 20] {
        let at = now + Duration::from_secs(second);
        rate_limits.reserve(RATE_KEY, 2, at, at).unwrap();
    }
    let later = now + MINUTE;
    assert_eq!(rate_limits.reserve(RATE_KEY, 2, later, later), Ok(later));
    assert_eq!(rate_limits.reserve(RATE_KEY, 2, later, later), Err(now + Duration::from_secs(80)));
}

#[test]
fn a_wait_that_does_not_fit_takes_nothing() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    rate_limits.reserve(RATE_KEY, 1, now, now).unwrap();
    for _ in 0..3 {
        assert_eq!(rate_limits.reserve(RATE_KEY, 1, now, now + Duration::from_secs(59)), Err(now + MINUTE));
    }
    assert_eq!(rate_limits.reserve(RATE_KEY, 1, now, now + MINUTE), Ok(now + MINUTE));
}

#[test]
fn keys_and_operations_do_not_slow_each_other() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    for rate_key in [RATE_KEY, RateKey { key: 2, ..RATE_KEY }, RateKey { tool: "get_app", ..RATE_KEY }] {
        assert_eq!(rate_limits.reserve(rate_key, 1, now, now), Ok(now));
    }
}

#[test]
fn a_spent_allowance_holds_until_torii_said() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    let until = now + Duration::from_secs(30);
    rate_limits.exhausted(RATE_KEY, until);
    assert_eq!(rate_limits.reserve(RATE_KEY, 6, now, now + FAR), Ok(until));
    assert_eq!(rate_limits.reserve(RATE_KEY, 6, now, now), Err(until));
}

#[test]
fn the_table_forgets_what_says_nothing() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    for key in 0..u64::try_from(SWEEP_AT).unwrap() {
        rate_limits.reserve(RateKey { key, ..RATE_KEY }, 60, now, now).unwrap();
    }
    rate_limits.reserve(RATE_KEY, 60, now + FAR, now + FAR).unwrap();
    assert_eq!(rate_limits.by_key.lock().unwrap().len(), 1);
}
