use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

const FORGIVEN_SECONDS: u64 = FORGIVEN.as_secs();

/// Why an attempt may not run.
async fn refused(attempts: &Attempts, network: &str, keys: &[&str]) -> Option<TooManyAttempts> {
    attempts.turn(ip(network), keys).await.err()
}

#[tokio::test]
async fn a_wrong_key_that_is_pasted_again_and_again_stops_only_itself() {
    let attempts = Attempts::default();
    for number in 0..FAILURES_OF_KEY {
        // the end is typed differently each time
        let key = format!("wrong-key-00{number}");
        attempts.turn(ip("2001:db8::1"), &["torii-key", &key]).await.unwrap().fail(&key);
    }
    let of_key = |refused| matches!(refused, Some(TooManyAttempts::OfKey(1..=FORGIVEN_SECONDS)));
    assert!(of_key(refused(&attempts, "2001:db8::2", &["wrong-key-00 again"]).await), "the same network");
    assert!(of_key(refused(&attempts, "2001:db8::2", &["torii-key", "wrong-key-00"]).await), "together with another");
    assert_eq!(refused(&attempts, "2001:db8::1", &["torii-key"]).await, None, "a colleague, and the key beside the wrong one");
    assert_eq!(refused(&attempts, "2001:db8::1", &[]).await, None);
    assert!(of_key(refused(&attempts, "2001:db8:0:ff::1", &["wrong-key-00"]).await), "another network of the same customer");
    assert_eq!(refused(&attempts, "2001:db8:0:100::1", &["wrong-key-00"]).await, None, "another customer");
}

#[tokio::test]
async fn a_limit_that_changes_counts_what_has_failed_before() {
    let attempts = Attempts::new(100);
    for number in 0..20 {
        let key = format!("{number:02}-guessed-key");
        attempts.turn(ip("198.51.100.1"), &[&key]).await.unwrap().fail(&key);
    }
    assert_eq!(refused(&attempts, "198.51.100.1", &["any"]).await, None);
    attempts.set_limit(20);
    assert!(matches!(refused(&attempts, "198.51.100.1", &["any"]).await, Some(TooManyAttempts::OfNetwork(_))));
    attempts.set_limit(21);
    assert_eq!(refused(&attempts, "198.51.100.1", &["any"]).await, None);
}

#[tokio::test]
async fn many_wrong_keys_stop_their_network() {
    let attempts = Attempts::new(20);
    for number in 0..20 {
        let key = format!("{number:02}-guessed-key");
        attempts.turn(ip("198.51.100.1"), &[&key]).await.unwrap().fail(&key);
    }
    let stopped = refused(&attempts, "198.51.100.1", &["any"]).await;
    assert!(matches!(stopped, Some(TooManyAttempts::OfNetwork(1..=FORGIVEN_SECONDS))), "{stopped:?}");
    assert_eq!(refused(&attempts, "198.51.100.2", &["any"]).await, None);
}

#[tokio::test]
async fn those_who_try_at_once_wait_for_their_turn() {
    let attempts = Attempts::default();
    let mut turns = Vec::new();
    for _ in 0..AT_ONCE {
        turns.push(attempts.turn(ip("198.51.100.1"), &["key"]).await.unwrap());
    }
    let mut next = Box::pin(attempts.turn(ip("198.51.100.1"), &["key"]));
    let is_pending = std::future::poll_fn(|context| std::task::Poll::Ready(next.as_mut().poll(context).is_pending())).await;
    assert!(is_pending);
    drop(turns.pop());
    assert!(next.await.is_ok());
}

#[tokio::test]
async fn few_of_a_network_may_wait_for_their_turn() {
    let attempts = Attempts::default();
    let mut turns = Vec::new();
    for _ in 0..AT_ONCE {
        turns.push(attempts.turn(ip("198.51.100.1"), &["key"]).await.unwrap());
    }
    let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(attempts.turn(ip("198.51.100.1"), &["key"]))).collect();
    for next in &mut waiting {
        let is_pending = std::future::poll_fn(|context| std::task::Poll::Ready(next.as_mut().poll(context).is_pending())).await;
        assert!(is_pending);
    }
    assert!(
        attempts.turn(ip("198.51.100.1"), &["key"]).await.is_err_and(|refused| refused == TooManyAttempts::Busy(BUSY_SECONDS))
    );
    assert!(attempts.turn(ip("198.51.100.2"), &["key"]).await.is_ok(), "another network has its own");
    drop(waiting);
    drop(turns.pop());
    assert!(attempts.turn(ip("198.51.100.1"), &["key"]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_networks_of_few_customers_leave_turns_to_others_and_whoever_has_none_is_next() {
    let attempts = Attempts::default();
    // each of these customers has 256 networks, which count as one
    let network = |customer: u16, number: u16| IpAddr::from([0x2001, 0xdb8, 0, customer << 8 | number, 0, 0, 0, 1]);
    let mut held = Vec::new();
    for customer in 1..=3 {
        for number in 0..64 {
            held.extend(
                tokio::time::timeout(Duration::ZERO, attempts.turn(network(customer, number), &[])).await.into_iter().flatten(),
            );
        }
    }
    assert_eq!(held.len(), 3 * AT_ONCE);
    assert!(attempts.turn(network(9, 0), &[]).await.is_ok(), "another customer has a turn at once");
}

#[tokio::test]
async fn sign_ins_without_keys_are_counted_for_their_network_alone() {
    let attempts = Attempts::new(3);
    let ip = |last| IpAddr::from([192, 0, 2, last]);
    for _ in 0..3 {
        assert_eq!(attempts.check(ip(1)), Ok(()));
        attempts.fail(ip(1));
    }
    assert!(matches!(attempts.check(ip(1)), Err(TooManyAttempts::OfNetwork(_))));
    assert_eq!(attempts.check(ip(2)), Ok(()));
}

#[test]
fn sign_ins_from_all_networks_of_a_customer_count_together() {
    let attempts = Attempts::new(3);
    let ip = |customer: u16, number: u16| IpAddr::from([0x2001, 0xdb8, 0, customer << 8 | number, 0, 0, 0, 1]);
    for number in 0..3 {
        assert_eq!(attempts.check(ip(1, number)), Ok(()));
        attempts.fail(ip(1, number));
    }
    assert!(matches!(attempts.check(ip(1, 4)), Err(TooManyAttempts::OfNetwork(_))));
    assert_eq!(attempts.check(ip(2, 0)), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_waits_for_its_turn_for_a_few_seconds_only() {
    let attempts = Attempts::default();
    let mut held = Vec::new();
    for _ in 0..AT_ONCE {
        held.push(attempts.turn(ip("198.51.100.1"), &[]).await.unwrap());
    }
    let waits = tokio::time::timeout(2 * MAX_WAIT, refused(&attempts, "198.51.100.1", &[]));
    assert_eq!(waits.await, Ok(Some(TooManyAttempts::Busy(BUSY_SECONDS))));
}
