use super::*;

const LANE: Lane = Lane { key: 1, tool: "list_apps" };
const FAR: Duration = Duration::from_secs(1000);

#[test]
fn a_minute_s_allowance_passes_at_once_and_the_rest_is_spread() {
    let (pacing, now) = (Pacing::default(), Instant::now());
    let waits: Vec<u64> = (0..8).map(|_| (pacing.reserve(LANE, 6, now, now + FAR).unwrap() - now).as_secs()).collect();
    assert_eq!(waits, [0, 0, 0, 0, 0, 0, 10, 20]);
}

#[test]
fn the_allowance_comes_back_with_time() {
    let (pacing, now) = (Pacing::default(), Instant::now());
    for _ in 0..6 {
        pacing.reserve(LANE, 6, now, now).unwrap();
    }
    let later = now + Duration::from_secs(20);
    assert_eq!(pacing.reserve(LANE, 6, later, later), Ok(later));
    assert_eq!(pacing.reserve(LANE, 6, later, later), Ok(later));
    assert!(pacing.reserve(LANE, 6, later, later).is_err());
}

#[test]
fn a_wait_that_does_not_fit_takes_nothing() {
    let (pacing, now) = (Pacing::default(), Instant::now());
    pacing.reserve(LANE, 1, now, now).unwrap();
    for _ in 0..3 {
        assert_eq!(pacing.reserve(LANE, 1, now, now + Duration::from_secs(59)), Err(now + MINUTE));
    }
    assert_eq!(pacing.reserve(LANE, 1, now, now + MINUTE), Ok(now + MINUTE));
}

#[test]
fn keys_and_operations_do_not_slow_each_other() {
    let (pacing, now) = (Pacing::default(), Instant::now());
    for lane in [LANE, Lane { key: 2, ..LANE }, Lane { tool: "get_app", ..LANE }] {
        assert_eq!(pacing.reserve(lane, 1, now, now), Ok(now));
    }
}

#[test]
fn a_spent_allowance_holds_until_torii_said() {
    let (pacing, now) = (Pacing::default(), Instant::now());
    let until = now + Duration::from_secs(30);
    pacing.spent(LANE, 6, until);
    assert_eq!(pacing.reserve(LANE, 6, now, now + FAR), Ok(until));
    assert_eq!(pacing.reserve(LANE, 6, now, now + FAR), Ok(until + Duration::from_secs(10)));
}

#[test]
fn the_table_forgets_what_says_nothing() {
    let (pacing, now) = (Pacing::default(), Instant::now());
    for key in 0..u64::try_from(SWEEP_AT).unwrap() {
        pacing.reserve(Lane { key, ..LANE }, 60, now, now).unwrap();
    }
    pacing.reserve(LANE, 60, now + FAR, now + FAR).unwrap();
    assert_eq!(pacing.whole_at.lock().unwrap().len(), 1);
}
