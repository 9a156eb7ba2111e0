use crate::upstream::rate_limit::*;

const RATE_KEY: RateKey = RateKey { key: 1, tool: "list_apps" };
const FAR: Duration = Duration::from_secs(1000);

fn user(name: &str) -> Sender {
    Sender::User(Some(name.into()))
}

#[test]
fn a_minute_s_allowance_passes_at_once_and_the_rest_waits_for_the_next_minute() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    let waits: Vec<u64> =
        (0..8).map(|_| (rate_limits.reserve((RATE_KEY, &user("ann")), 6, now, now + FAR).unwrap() - now).as_secs()).collect();
    assert_eq!(waits, [0, 0, 0, 0, 0, 0, 60, 60]);
}

#[test]
fn no_minute_sees_more_calls_than_documented() {
    let (rate_limits, start) = (RateLimits::default(), Instant::now());
    let second = |second| start + Duration::from_secs(second);
    let sent_at: Vec<Instant> =
        (0..200).map(|at| rate_limits.reserve((RATE_KEY, &user("ann")), 10, second(at), second(at) + FAR).unwrap()).collect();
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
        rate_limits.reserve((RATE_KEY, &user("ann")), 2, at, at).unwrap();
    }
    let later = now + MINUTE;
    assert_eq!(rate_limits.reserve((RATE_KEY, &user("ann")), 2, later, later), Ok(later));
    assert_eq!(rate_limits.reserve((RATE_KEY, &user("ann")), 2, later, later), Err(now + Duration::from_secs(80)));
}

#[test]
fn a_wait_that_does_not_fit_takes_nothing() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    rate_limits.reserve((RATE_KEY, &user("ann")), 1, now, now).unwrap();
    for _ in 0..3 {
        assert_eq!(rate_limits.reserve((RATE_KEY, &user("ann")), 1, now, now + Duration::from_secs(59)), Err(now + MINUTE));
    }
    assert_eq!(rate_limits.reserve((RATE_KEY, &user("ann")), 1, now, now + MINUTE), Ok(now + MINUTE));
}

#[test]
fn keys_and_operations_do_not_slow_each_other() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    for rate_key in [RATE_KEY, RateKey { key: 2, ..RATE_KEY }, RateKey { tool: "get_app", ..RATE_KEY }] {
        assert_eq!(rate_limits.reserve((rate_key, &user("ann")), 1, now, now), Ok(now));
    }
}

#[test]
fn a_spent_allowance_holds_until_torii_said() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    let until = now + Duration::from_secs(30);
    rate_limits.exhausted(RATE_KEY, now, Duration::from_secs(30));
    assert_eq!(rate_limits.reserve((RATE_KEY, &user("ann")), 6, now, now + FAR), Ok(until));
    assert_eq!(rate_limits.reserve((RATE_KEY, &user("ann")), 6, now, now), Err(until));
}

#[test]
fn keys_that_somebody_invents_do_not_fill_the_table() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    let invented = |key| RateKey { key, tool: "get_my_org" };
    let entries = || rate_limits.table.lock().unwrap().by_key.len();
    for _ in 0..3 {
        rate_limits.reserve((RATE_KEY, &Sender::Server), 100, now, now).unwrap();
    }
    rate_limits.reserve((RateKey { key: 2, ..RATE_KEY }, &user("ann")), 100, now, now).unwrap();
    let n_keys = 6 * MAX_LOOKUPS as u64;
    for key in 0..n_keys {
        let at = now + Duration::from_micros(key);
        rate_limits.reserve((invented(key), &Sender::Server), 100, at, at).unwrap();
        assert!(entries() <= 2 * (MAX_LOOKUPS + 2), "{}", entries());
    }
    let table = rate_limits.table.lock().unwrap();
    assert_eq!(table.by_key[&RATE_KEY].sent_at.len(), 3, "what several calls were made with is kept for the minute");
    assert!(table.by_key.contains_key(&RateKey { key: 2, ..RATE_KEY }), "and what a user called");
    assert!(table.by_key.contains_key(&invented(n_keys - 1)), "and the newest");
}

#[test]
fn what_the_server_called_is_forgotten_after_an_hour_without_it() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    for key in 0..SWEEP_AT as u64 {
        rate_limits.reserve((RateKey { key, ..RATE_KEY }, &Sender::Server), 100, now, now).unwrap();
    }
    let later = now + SERVER_REMEMBERED;
    rate_limits.reserve((RateKey { key: u64::MAX, ..RATE_KEY }, &Sender::Server), 100, later, later).unwrap();
    assert_eq!(rate_limits.table.lock().unwrap().by_key.len(), 1);
}

#[test]
fn the_table_forgets_what_says_nothing() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    for key in 0..u64::try_from(SWEEP_AT).unwrap() {
        rate_limits.reserve((RateKey { key, ..RATE_KEY }, &user("ann")), 60, now, now).unwrap();
    }
    rate_limits.reserve((RATE_KEY, &user("ann")), 60, now + FAR, now + FAR).unwrap();
    assert_eq!(rate_limits.table.lock().unwrap().by_key.len(), 1);
}

/// How many of `tries` calls of a sender may be sent at once.
fn at_once(rate_limits: &RateLimits, sender: &Sender, tries: usize, rate: u32, now: Instant) -> usize {
    (0..tries).filter(|_| rate_limits.reserve((RATE_KEY, sender), rate, now, now).is_ok()).count()
}

#[test]
fn a_user_has_all_of_a_rate_alone_and_half_of_it_while_others_want_it() {
    let (rate_limits, start) = (RateLimits::default(), Instant::now());
    let (ann, bob) = (user("ann"), user("bob"));
    assert_eq!(at_once(&rate_limits, &ann, 220, 100, start), 100, "nobody else is there");
    assert_eq!(at_once(&rate_limits, &bob, 1, 100, start), 0, "it is used up for a minute");
    let later = start + MINUTE;
    assert_eq!(at_once(&rate_limits, &ann, 220, 100, later), 50);
    assert_eq!(at_once(&rate_limits, &bob, 10, 100, later), 10, "the rest is for him");
    assert_eq!(at_once(&rate_limits, &bob, 220, 100, later), 40);
    let alone_again = later + REMEMBERED + MINUTE;
    assert_eq!(at_once(&rate_limits, &ann, 220, 100, alone_again), 100);
}

#[test]
fn many_users_have_equal_parts_and_newcomers_theirs_within_a_minute() {
    let (rate_limits, start) = (RateLimits::default(), Instant::now());
    let users: Vec<_> = (0..5).map(|number| user(&number.to_string())).collect();
    let mut given = [0; 5];
    for second in 0..600 {
        let now = start + Duration::from_secs(second);
        // the first two call all the time, the others from the fifth minute on
        for (number, sender) in users.iter().enumerate().filter(|(number, _)| *number < 2 || second >= 300) {
            let sent = at_once(&rate_limits, sender, 20, 100, now);
            given[number] += if second >= 480 { sent } else { 0 };
        }
    }
    assert!(given.iter().all(|calls| (30..=50).contains(calls)), "two minutes of 100 calls for five users: {given:?}");
}

#[test]
fn replicas_take_their_part_of_a_rate() {
    let replicas = Replicas::default();
    let rate_limits = RateLimits::new(Shares::default(), replicas.clone());
    replicas.set(3);
    let now = Instant::now();
    assert_eq!(at_once(&rate_limits, &user("ann"), 220, 100, now), 33);
    replicas.set(1);
    assert_eq!(at_once(&rate_limits, &user("ann"), 220, 100, now), 67);
}

/// The most calls that any minute contains.
fn most_in_a_minute(mut sent_at: Vec<Instant>) -> usize {
    sent_at.sort_unstable();
    let in_minute_from = |first: usize| sent_at.partition_point(|at| *at < sent_at[first] + MINUTE) - first;
    (0..sent_at.len()).map(in_minute_from).max().unwrap_or(0)
}

/// The most calls that two replicas together send in a minute, of a rate of 100. The second one starts after `joins` seconds, and the first
/// one notices it a heartbeat later. Users of both call as often as they can, but at most `most_at_once` calls each 0.6 s.
fn most_of_two_replicas(joins: u64, most_at_once: usize) -> usize {
    const HEARTBEAT: Duration = Duration::from_secs(10);
    let start = Instant::now();
    let joins_at = start + Duration::from_secs(joins);
    let [(one, of_one), (two, of_two)] = [(); 2].map(|()| {
        let replicas = Replicas::default();
        (RateLimits::new(Shares::default(), replicas.clone()), replicas)
    });
    of_two.join(2, joins_at + HEARTBEAT);
    let mut sent_at = Vec::new();
    for step in 0..600 {
        let now = start + Duration::from_millis(600) * step;
        if now >= joins_at + HEARTBEAT {
            of_one.set(2);
        }
        let sent_of = |replica| at_once(replica, &user("ann"), most_at_once, 100, now);
        let sent = sent_of(&one) + if now >= joins_at { sent_of(&two) } else { 0 };
        sent_at.extend(vec![now; sent]);
    }
    let settled: Vec<_> = sent_at.iter().copied().filter(|at| *at >= joins_at + HEARTBEAT + 2 * MINUTE).collect();
    assert_eq!(most_in_a_minute(settled), 100, "all of the rate is used when both run");
    most_in_a_minute(sent_at)
}

#[test]
fn a_replica_that_joins_does_not_add_to_a_rate_that_is_used_evenly() {
    for joins in [70, 100, 133] {
        let most = most_of_two_replicas(joins, 1);
        assert_eq!(most, 100, "it joins at the second {joins}");
    }
}

#[test]
fn a_replica_that_joins_adds_at_most_its_part_to_a_burst_just_before() {
    let most: Vec<_> = (60..120).step_by(10).map(|joins| most_of_two_replicas(joins, 100)).collect();
    // The first replica sends 100 calls at the second 60 and notices the second one 10 to 60 seconds later. The later that is, the fewer
    // calls does the second one send in the same minute.
    assert_eq!(most, [141, 132, 124, 116, 107, 100], "of 100, and 150 if the second one did not wait");
}

#[test]
fn a_replica_that_joins_sends_nothing_until_the_others_have_noticed() {
    let replicas = Replicas::default();
    let (rate_limits, now) = (RateLimits::new(Shares::default(), replicas.clone()), Instant::now());
    let noticed_at = now + Duration::from_secs(10);
    replicas.join(2, noticed_at);
    assert_eq!(rate_limits.reserve((RATE_KEY, &user("ann")), 6, now, now), Err(noticed_at + MINUTE / 3));
    let waits = [(); 4].map(|()| rate_limits.reserve((RATE_KEY, &user("ann")), 6, now, now + FAR).unwrap() - noticed_at);
    assert_eq!(waits.map(|wait| wait.as_secs()), [20, 40, 60, 80], "three of six, spread over a minute");
}

#[test]
fn a_replica_that_joins_looks_users_up_at_once() {
    let replicas = Replicas::default();
    let (rate_limits, now) = (RateLimits::new(Shares::default(), replicas.clone()), Instant::now());
    replicas.join(2, now + Duration::from_secs(10));
    assert_eq!(rate_limits.reserve((RATE_KEY, &Sender::Server), 100, now, now), Ok(now));
    assert!(rate_limits.reserve((RATE_KEY, &user("ann")), 100, now, now).is_err());
}

#[test]
fn users_leave_a_part_to_the_server_while_it_calls_itself() {
    let (rate_limits, start) = (RateLimits::default(), Instant::now());
    assert_eq!(at_once(&rate_limits, &Sender::Server, 1, 100, start), 1);
    assert_eq!(at_once(&rate_limits, &user("ann"), 220, 100, start), 79);
    assert_eq!(at_once(&rate_limits, &Sender::Server, 220, 100, start), 20);
}

#[test]
fn a_block_until_2099_ends_after_five_minutes_with_one_call() {
    let (rate_limits, start) = (RateLimits::default(), Instant::now());
    rate_limits.exhausted(RATE_KEY, start, Duration::from_hours(24 * 365 * 70));
    assert_eq!(rate_limits.reserve((RATE_KEY, &user("ann")), 100, start, start), Err(start + MAX_BLOCK));
    let probe = start + MAX_BLOCK;
    assert_eq!(at_once(&rate_limits, &user("ann"), 20, 100, probe), 1, "one call is sent");
    rate_limits.exhausted(RATE_KEY, probe, Duration::from_hours(24));
    let again = probe + MAX_BLOCK;
    assert_eq!(at_once(&rate_limits, &user("ann"), 20, 100, again), 1, "it was refused, and so is the next");
    rate_limits.answered(RATE_KEY, again + Duration::from_secs(20));
    assert_eq!(
        at_once(&rate_limits, &user("ann"), 20, 100, again + Duration::from_secs(20)),
        20,
        "however slow the response was"
    );
}

#[test]
fn a_replica_that_was_restarted_makes_nobody_exceed_the_rate() {
    let replicas = Replicas::default();
    let (rate_limits, now) = (RateLimits::new(Shares::default(), replicas.clone()), Instant::now());
    assert_eq!(at_once(&rate_limits, &user("ann"), 220, 100, now), 100);
    replicas.set(2);
    let later = now + Duration::from_secs(59);
    assert_eq!(at_once(&rate_limits, &user("ann"), 220, 100, later), 0);
    replicas.set(1);
    assert_eq!(at_once(&rate_limits, &user("ann"), 220, 100, later), 0);
}

#[test]
fn more_users_than_are_remembered_share_as_fewer_do() {
    let (rate_limits, now) = (RateLimits::default(), Instant::now());
    for number in 0..2 * MAX_USERS {
        let _ = rate_limits.reserve((RATE_KEY, &user(&number.to_string())), 100, now, now);
    }
    rate_limits.reserve((RATE_KEY, &Sender::Server), 100, now + 2 * MINUTE, now + 2 * MINUTE).unwrap();
    let later = now + 2 * MINUTE;
    let given = ["ann", "bob", "cat"].map(|name| at_once(&rate_limits, &user(name), 1, 100, later));
    assert_eq!(given, [1, 1, 1]);
    assert!((20..=35).contains(&at_once(&rate_limits, &user("ann"), 220, 100, later)), "three share four fifths");
    assert_eq!(at_once(&rate_limits, &Sender::Server, 220, 100, later + REMEMBERED - MINUTE), 100);
}
