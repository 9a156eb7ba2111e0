//! Replicas count each other.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Place, contract, ok};

contract! {
    replicas_are_counted_while_they_run
    replicas_are_counted_by_the_clock_of_the_database
    of_replicas_that_start_at_once_each_finds_those_before_it
}

/// For how long a replica counts after its last heartbeat.
const LIFETIME: Duration = Duration::from_secs(30);

async fn replicas_are_counted_while_they_run(place: Place) {
    let store = &*place.open().await;
    let beats = async |id| ok(store.heartbeat(id, LIFETIME)).await;
    assert_eq!((beats("a").await, beats("b").await, beats("a").await), (1, 2, 2));
    place.tamper("UPDATE replicas SET seen_at = seen_at - 600 WHERE id = 'b'").await;
    assert_eq!(beats("a").await, 1, "the other one died");
    assert_eq!(beats("b").await, 2, "and runs again");
    ok(store.leave("a")).await;
    assert_eq!(beats("b").await, 1, "this one stopped");
}

async fn of_replicas_that_start_at_once_each_finds_those_before_it(place: Place) {
    let mut beats = tokio::task::JoinSet::new();
    for id in ["a", "b", "c", "d"] {
        let store = place.open().await;
        beats.spawn(async move { ok(store.heartbeat(id, LIFETIME)).await });
    }
    let mut counts = beats.join_all().await;
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4]);
}

async fn replicas_are_counted_by_the_clock_of_the_database(place: Place) {
    let store = &*place.open().await;
    let seconds = || SystemTime::now().duration_since(UNIX_EPOCH).expect("1970 has passed").as_secs();
    let before = seconds();
    assert_eq!(ok(store.heartbeat("a", LIFETIME)).await, 1);
    let seen_at = u64::try_from(place.number("SELECT seen_at FROM replicas").await).expect("it is after 1970");
    assert!((before..=seconds()).contains(&seen_at), "the database is on this machine: {seen_at}, not {before}");
    // the clock of the database was set back by an hour
    place.tamper("UPDATE replicas SET seen_at = seen_at + 3600").await;
    assert_eq!(ok(store.heartbeat("b", LIFETIME)).await, 1, "one that died must not count for an hour");
    assert_eq!(ok(store.heartbeat("a", LIFETIME)).await, 2, "one that runs counts again with its next heartbeat");
}
