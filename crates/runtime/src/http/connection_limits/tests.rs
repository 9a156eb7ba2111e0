use std::{future::pending, net::SocketAddr, time::Duration};

use mcp_http::net::waiting::{EndedEarly, WaitFor, wait};
use tokio::task::JoinHandle;

use super::*;

fn peer(ip: &str) -> Peer {
    Peer(SocketAddr::new(ip.parse().unwrap(), 1234))
}

/// A connection that processes a request.
fn working(limits: &ConnectionLimits, ip: &str) -> ActiveRequest {
    let request = ActiveRequest::new(Arc::new(limits.admit(peer(ip)).unwrap()));
    request.has_arrived();
    request
}

async fn is_closed(permit: &ConnectionPermit) -> bool {
    tokio::time::timeout(Duration::ZERO, permit.closed()).await.is_ok()
}

#[tokio::test]
async fn of_the_network_with_most_of_them_the_connection_that_waited_longest_makes_room() {
    let limits = ConnectionLimits::new(3, 2, Vec::new());
    let admit = |ip| Arc::new(limits.admit(peer(ip)).unwrap());
    let (first, second, other) = (admit("192.0.2.1"), admit("192.0.2.1"), admit("192.0.2.2"));
    // a connection whose request is still arriving can be closed, one whose request has arrived cannot
    let request = ActiveRequest::new(Arc::clone(&first));
    request.has_arrived();
    let _arriving = ActiveRequest::new(Arc::clone(&second));
    let third = admit("192.0.2.1");
    assert_eq!([first.made_room, third.made_room], [None, Some(OverLimit::Customer("192.0.2.1".parse().unwrap()))]);
    assert_eq!([is_closed(&first).await, is_closed(&second).await, is_closed(&other).await], [false, true, false]);
    // after its response it waits again, behind those that began to wait earlier
    drop(request);
    let _fourth = admit("192.0.2.3");
    assert_eq!([is_closed(&other).await, is_closed(&third).await, is_closed(&first).await], [false, true, false]);
    // if all networks have equally many, the connection that has waited longest of all is closed
    let fifth = admit("192.0.2.4");
    assert_eq!(fifth.made_room, Some(OverLimit::Total));
    assert_eq!([is_closed(&other).await, is_closed(&first).await], [true, false]);
    drop((first, second, third, other));
    assert_eq!(lock(&limits.open).connections.len(), 2, "what was closed is not counted twice");
}

#[test]
fn a_network_gets_its_share_and_another_one_the_rest() {
    let limits = ConnectionLimits::new(3, 2, Vec::new());
    let kept = ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"].map(|ip| working(&limits, ip));
    let network = "192.0.2.1".parse().unwrap();
    assert_eq!(limits.admit(peer("192.0.2.1")).unwrap_err(), OverLimit::Customer(network));
    assert_eq!(limits.admit(peer("192.0.2.2")).unwrap_err(), OverLimit::Total);
    drop(kept);
    assert!(limits.admit(peer("192.0.2.1")).is_ok());
}

#[tokio::test]
async fn where_none_waits_a_connection_of_who_has_most_leaves_after_its_response() {
    let limits = ConnectionLimits::new(4, 3, Vec::new());
    let flood: Vec<_> = (0..3).map(|_| Arc::new(limits.admit(peer("192.0.2.1")).unwrap())).collect();
    let mut requests: Vec<_> = flood.iter().map(|permit| ActiveRequest::new(Arc::clone(permit))).collect();
    requests.iter().for_each(ActiveRequest::has_arrived);
    let idle = limits.admit(peer("192.0.2.2")).unwrap();
    // whoever has few keeps them, although nobody else waits
    let new = limits.admit(peer("192.0.2.3")).unwrap();
    assert_eq!((new.made_room, is_closed(&idle).await), (Some(OverLimit::Total), false));
    assert_eq!([flood[0].leaves(), flood[1].leaves(), is_closed(&flood[0]).await], [true, false, false]);
    // one that could not be told in time waits like the others, and is the first to be closed
    drop(requests.remove(0));
    let next = limits.admit(peer("192.0.2.4")).unwrap();
    assert_eq!([is_closed(&flood[0]).await, flood[1].leaves(), is_closed(&idle).await], [true, false, false]);
    assert_eq!(lock(&limits.open).n_leaving, 0);
    drop((flood, requests, idle, new, next));
    let open = lock(&limits.open);
    assert_eq!((open.connections.len(), open.by_customer.len(), open.n_leaving), (0, 0, 0));
}

#[test]
fn few_connections_leave_at_once() {
    let limits = ConnectionLimits::new(2 * MAX_LEAVING, 2 * MAX_LEAVING, Vec::new());
    let _flood: Vec<_> = (0..2 * MAX_LEAVING).map(|_| working(&limits, "192.0.2.1")).collect();
    let others: Vec<_> =
        (0..MAX_LEAVING).map(|number| limits.admit(peer(&format!("198.51.{}.{}", number >> 8, number & 255)))).collect();
    assert!(others.iter().all(Result::is_ok));
    let _busy: Vec<_> = others
        .into_iter()
        .flatten()
        .map(|permit| ActiveRequest::new(Arc::new(permit)))
        .inspect(ActiveRequest::has_arrived)
        .collect();
    assert_eq!(limits.admit(peer("203.0.113.1")).unwrap_err(), OverLimit::Total);
}

#[test]
fn of_ipv6_a_network_is_what_one_customer_has() {
    let limits = ConnectionLimits::new(10, 1, Vec::new());
    let _kept = working(&limits, "2001:db8::1");
    assert!(limits.admit(peer("2001:db8:0:ff::1")).is_err());
    assert!(limits.admit(peer("2001:db8:0:100::1")).is_ok());
}

#[test]
fn a_trusted_proxy_has_no_share_but_counts() {
    let limits = ConnectionLimits::new(3, 1, vec!["10.0.0.0/8".parse().unwrap()]);
    let _kept = [(); 3].map(|()| working(&limits, "10.0.0.1"));
    assert_eq!(limits.admit(peer("10.0.0.1")).unwrap_err(), OverLimit::Total);
    assert_eq!(limits.admit(peer("192.0.2.1")).unwrap_err(), OverLimit::Total);
}

/// A request that waits for ever, behind a proxy, on behalf of this customer.
async fn waiting(limits: &ConnectionLimits, last: u8, reason: WaitFor) -> (ActiveRequest, JoinHandle<Result<(), EndedEarly>>) {
    let permit = Arc::new(limits.admit(peer("10.0.0.1")).unwrap());
    let active = ActiveRequest::new(Arc::clone(&permit));
    active.has_arrived();
    let waits = tokio::spawn(async move { permit.process(wait([192, 0, 2, last].into(), reason, pending())).await });
    tokio::task::yield_now().await;
    (active, waits)
}

#[tokio::test]
async fn behind_a_proxy_requests_that_wait_make_room_for_a_call_those_of_who_has_most_first() {
    let limits = ConnectionLimits::new(4, 3, vec!["10.0.0.0/8".parse().unwrap()]);
    let _call = working(&limits, "10.0.0.1");
    let (_turn, turn) = waiting(&limits, 1, WaitFor::Turn).await;
    let (_first, first) = waiting(&limits, 2, WaitFor::Metadata).await;
    let (_second, second) = waiting(&limits, 2, WaitFor::Metadata).await;
    let _calls = [(); 3].map(|()| working(&limits, "10.0.0.1"));
    for wait in [first, second, turn] {
        assert_eq!(wait.await.unwrap(), Err(EndedEarly));
    }
    assert_eq!(limits.admit(peer("10.0.0.1")).unwrap_err(), OverLimit::Total, "calls do not wait, so none is broken off");
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_request_may_be_on_the_way_is_closed_after_waits_for_metadata_end() {
    for proxies in [vec!["10.0.0.0/8".parse().unwrap()], Vec::new()] {
        let limits = ConnectionLimits::new(2, 3, proxies);
        let (_stranger, wait) = waiting(&limits, 2, WaitFor::Metadata).await;
        let fresh = limits.admit(peer("10.0.0.1")).unwrap();
        let third = Arc::new(limits.admit(peer("10.0.0.1")).unwrap());
        assert_eq!((wait.await.unwrap(), is_closed(&fresh).await), (Err(EndedEarly), false));
        // after a second it is idle
        let request = ActiveRequest::new(Arc::clone(&third));
        request.has_arrived();
        tokio::time::advance(IDLE).await;
        let _fourth = limits.admit(peer("10.0.0.1")).unwrap();
        assert_eq!([is_closed(&fresh).await, is_closed(&third).await], [true, false]);
    }
}

#[tokio::test]
async fn behind_a_proxy_few_requests_of_one_customer_wait() {
    let limits = ConnectionLimits::new(9, 2, vec!["10.0.0.0/8".parse().unwrap()]);
    let mut waits = Vec::new();
    for _ in 0..3 {
        waits.push(waiting(&limits, 1, WaitFor::Turn).await);
    }
    let other = waiting(&limits, 2, WaitFor::Turn).await;
    assert_eq!(waits.pop().unwrap().1.await.unwrap(), Err(EndedEarly));
    assert!(!other.1.is_finished() && waits.iter().all(|(_, wait)| !wait.is_finished()));
}

#[test]
fn a_network_is_forgotten_with_its_last_connection() {
    let limits = ConnectionLimits::new(1000, 1, Vec::new());
    for number in 0..1000_u32 {
        drop(limits.admit(Peer(SocketAddr::new(IpAddr::V4(number.into()), 1))).unwrap());
    }
    let open = lock(&limits.open);
    assert_eq!((open.connections.len(), open.by_customer.len()), (0, 0));
}

#[tokio::test]
async fn the_oldest_task_ends_for_a_new_one() {
    let mut newest = OverflowTasks::new(2);
    let tasks: Vec<_> = (0..3).map(|_| tokio::spawn(pending::<()>())).collect();
    let has_aborted: Vec<_> = tasks.iter().map(|task| newest.add(task.abort_handle())).collect();
    assert_eq!(has_aborted, [false, false, true]);
    let mut tasks = tasks.into_iter();
    let oldest = tokio::time::timeout(Duration::from_mins(1), tasks.next().unwrap()).await;
    assert!(oldest.unwrap().unwrap_err().is_cancelled());
    // a finished task makes room
    let ended = tasks.next().unwrap();
    ended.abort();
    let _ = ended.await;
    assert!(!newest.add(tokio::spawn(pending::<()>()).abort_handle()));
    assert!(!tasks.next().unwrap().is_finished());
}
