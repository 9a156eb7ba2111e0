use std::{
    future::{pending, ready},
    pin::Pin,
    task::{Context, Waker},
};

use super::*;

type Waiting = Pin<Box<dyn Future<Output = Result<(), EndedEarly>>>>;

/// A request of a customer that waits for ever, on a connection of this number.
fn waiting(requests: &WaitingRequests, connection: u64, last: u8, reason: WaitFor) -> Waiting {
    let requests = requests.clone();
    let wait = async move { requests.on_connection(connection, wait([192, 0, 2, last].into(), reason, pending())).await };
    let mut wait: Waiting = Box::pin(wait);
    assert_eq!(poll(&mut wait), None);
    wait
}

fn poll(wait: &mut Waiting) -> Option<Result<(), EndedEarly>> {
    match wait.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(ended) => Some(ended),
        Poll::Pending => None,
    }
}

#[test]
fn of_whoever_has_most_waits_the_longest_ends_first() {
    let requests = WaitingRequests::new(10);
    let given = [(0, 1, WaitFor::Turn), (1, 2, WaitFor::Metadata), (2, 3, WaitFor::Metadata), (3, 3, WaitFor::Metadata)];
    let mut waits = given.map(|(connection, last, reason)| waiting(&requests, connection, last, reason));
    for (reason, expected) in [(WaitFor::Metadata, 2), (WaitFor::Metadata, 1), (WaitFor::Metadata, 3), (WaitFor::Turn, 0)] {
        assert_eq!(requests.end_one(reason), Some(expected));
        let ended: Vec<_> = waits.iter_mut().enumerate().filter_map(|(at, wait)| poll(wait).map(|_| at)).collect();
        assert_eq!(ended, [usize::try_from(expected).unwrap()]);
        waits[ended[0]] = Box::pin(pending());
    }
    assert_eq!([WaitFor::Metadata, WaitFor::Turn].map(|reason| requests.end_one(reason)), [None, None]);
}

#[tokio::test]
async fn few_of_a_customer_wait_and_what_is_there_already_is_no_wait() {
    let requests = WaitingRequests::new(2);
    let reasons = [WaitFor::Metadata, WaitFor::Turn];
    let waits = reasons.map(|reason| waiting(&requests, 0, 1, reason));
    let next = |last: u8, work| requests.on_connection(1, wait([192, 0, 2, last].into(), WaitFor::Turn, work));
    assert_eq!(next(1, ready(())).await, Ok(()));
    let refused = requests.on_connection(1, wait([192, 0, 2, 1].into(), WaitFor::Turn, pending::<()>()));
    assert_eq!(refused.await, Err(EndedEarly));
    let _other = waiting(&requests, 2, 2, WaitFor::Turn);
    drop(waits);
    let _again = waiting(&requests, 3, 1, WaitFor::Turn);
    let waits = requests.lock();
    assert_eq!((waits.for_metadata.len(), waits.for_turn.len()), (0, 2));
}

#[tokio::test]
async fn a_wait_ends_with_its_client() {
    let (client, present) = Client::default().until_dropped();
    let waits = tokio::spawn(client.scope(wait([192, 0, 2, 1].into(), WaitFor::Metadata, pending::<()>())));
    drop(present);
    assert_eq!(waits.await.unwrap(), Err(EndedEarly));
}
