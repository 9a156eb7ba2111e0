use std::{future::pending, net::SocketAddr};

use super::*;

fn peer(ip: &str) -> Peer {
    Peer(SocketAddr::new(ip.parse().unwrap(), 1234))
}

#[test]
fn a_network_gets_its_share_and_another_one_the_rest() {
    let limits = ConnectionLimits::new(3, 2, Vec::new());
    let kept: Vec<_> = ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"].map(|ip| limits.admit(peer(ip))).into();
    assert!(kept.iter().all(Result::is_ok));
    let network = "192.0.2.1".parse().unwrap();
    assert_eq!(limits.admit(peer("192.0.2.1")).unwrap_err(), OverLimit::Network(network));
    assert_eq!(limits.admit(peer("192.0.2.2")).unwrap_err(), OverLimit::Total);
    drop(kept);
    assert!(limits.admit(peer("192.0.2.1")).is_ok());
}

#[test]
fn of_ipv6_a_network_is_what_one_customer_has() {
    let limits = ConnectionLimits::new(10, 1, Vec::new());
    let _kept = limits.admit(peer("2001:db8::1")).unwrap();
    assert!(limits.admit(peer("2001:db8:0:ff::1")).is_err());
    assert!(limits.admit(peer("2001:db8:0:100::1")).is_ok());
}

#[test]
fn a_trusted_proxy_has_no_share_but_counts() {
    let limits = ConnectionLimits::new(3, 1, vec!["10.0.0.0/8".parse().unwrap()]);
    let _kept: Vec<_> = (0..3).map(|_| limits.admit(peer("10.0.0.1")).unwrap()).collect();
    assert_eq!(limits.admit(peer("10.0.0.1")).unwrap_err(), OverLimit::Total);
    assert_eq!(limits.admit(peer("192.0.2.1")).unwrap_err(), OverLimit::Total);
}

#[test]
fn a_network_is_forgotten_with_its_last_connection() {
    let limits = ConnectionLimits::new(1000, 1, Vec::new());
    for number in 0..1000_u32 {
        drop(limits.admit(Peer(SocketAddr::new(IpAddr::V4(number.into()), 1))).unwrap());
    }
    let open = lock(&limits.open);
    assert_eq!((open.total, open.by_network.len()), (0, 0));
}

#[tokio::test]
async fn the_oldest_task_ends_for_a_new_one() {
    let mut newest = NewestTasks::new(2);
    let tasks: Vec<_> = (0..3).map(|_| tokio::spawn(pending::<()>())).collect();
    let has_aborted: Vec<_> = tasks.iter().map(|task| newest.add(task.abort_handle())).collect();
    assert_eq!(has_aborted, [false, false, true]);
    let mut tasks = tasks.into_iter();
    let oldest = tokio::time::timeout(Duration::from_mins(1), tasks.next().unwrap()).await;
    assert!(oldest.unwrap().unwrap_err().is_cancelled());
    // one that has ended makes room
    let ended = tasks.next().unwrap();
    ended.abort();
    let _ = ended.await;
    assert!(!newest.add(tokio::spawn(pending::<()>()).abort_handle()));
    assert!(!tasks.next().unwrap().is_finished());
}

#[test]
fn what_happens_often_is_logged_once_a_minute_with_its_count() {
    let mut recurring = Recurring::default();
    let begin = Instant::now();
    let after = |seconds| begin + Duration::from_secs(seconds);
    let noted = [0, 1, 59, 60, 61, 200].map(|seconds| recurring.note(after(seconds)));
    assert_eq!(noted, [Some(1), None, None, Some(3), None, Some(2)]);
}
