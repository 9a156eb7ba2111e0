use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_network_that_has_used_its_burst_waits_and_others_do_not() {
    let three = NonZeroU32::new(3).unwrap();
    let rate = Rate::new(three, NonZeroU32::MIN);
    for _ in 0..3 {
        assert_eq!(rate.admit(ip("198.51.100.1")), Ok(()));
    }
    assert!(rate.admit(ip("198.51.100.1")).is_err_and(|seconds| (1..=2).contains(&seconds)));
    assert_eq!(rate.admit(ip("198.51.100.2")), Ok(()));
}

#[test]
fn ten_failures_are_enough_for_a_network() {
    let attempts = Attempts::default();
    for number in 0..FAILURES {
        assert!(!attempts.are_spent(ip("2001:db8::1")), "{number}");
        attempts.fail(ip("2001:db8::1"));
    }
    assert!(attempts.are_spent(ip("2001:db8::2")), "the same network");
    assert!(!attempts.are_spent(ip("2001:db8:0:1::1")));
}
