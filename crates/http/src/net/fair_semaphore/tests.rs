use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use tokio::task::unconstrained;

use super::*;

type Waiting<'a> = Pin<Box<dyn Future<Output = FairPermit<&'static str>> + 'a>>;

fn wait<'a>(semaphore: &'a FairSemaphore<&'static str>, key: &'static str) -> Waiting<'a> {
    Box::pin(unconstrained(semaphore.acquire(key)))
}

fn poll(waiting: &mut Waiting<'_>) -> Option<FairPermit<&'static str>> {
    match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(permit) => Some(permit),
        Poll::Pending => None,
    }
}

/// A permit, if the key gets one at once.
fn take(semaphore: &FairSemaphore<&'static str>, key: &'static str) -> Option<FairPermit<&'static str>> {
    poll(&mut wait(semaphore, key))
}

fn take_all(semaphore: &FairSemaphore<&'static str>, key: &'static str) -> Vec<FairPermit<&'static str>> {
    std::iter::from_fn(|| take(semaphore, key)).collect()
}

#[test]
fn the_share_of_a_key_shrinks_as_more_take_part() {
    let semaphore = FairSemaphore::new(24, 4);
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"];
    let held: Vec<_> = names.into_iter().map(|name| take_all(&semaphore, name)).collect();
    let counts: Vec<_> = held.iter().map(Vec::len).collect();
    assert_eq!(counts, [5, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0]);
}

#[test]
fn a_key_alone_has_its_part_and_gets_it_back() {
    let semaphore = FairSemaphore::new(2, 2);
    let held = take_all(&semaphore, "ada");
    assert_eq!(held.len(), 1);
    drop(held);
    assert_eq!(take_all(&semaphore, "ada").len(), 1);
    assert_eq!(take_all(&FairSemaphore::new(0, 0), "ada").len(), 1, "there is at least one permit");
}

#[test]
fn who_holds_the_fewest_is_next_and_among_equals_who_had_none_for_longest() {
    let semaphore = FairSemaphore::new(3, 1);
    let (ada, bob, eve) = (take(&semaphore, "ada"), take(&semaphore, "bob"), take(&semaphore, "eve"));
    assert!(ada.is_some() && bob.is_some() && eve.is_some());
    let mut waiting = ["ada", "bob", "new", "other"].map(|name| wait(&semaphore, name));
    assert!(waiting.iter_mut().all(|waiting| poll(waiting).is_none()));
    assert!(semaphore.is_wanted_from(&"ada") && !semaphore.is_wanted_from(&"new"));
    let [again, second, new, other] = &mut waiting;
    drop(eve);
    let new = poll(new);
    assert!(new.is_some(), "before those that hold one already");
    drop(bob);
    assert!(poll(again).is_none() && poll(second).is_none());
    let other = poll(other);
    assert!(other.is_some(), "had none yet");
    drop(new);
    let second = poll(second);
    assert!(second.is_some() && poll(again).is_none(), "holds none any more");
    drop(second);
    assert!(poll(again).is_none(), "one permit is free, as many as it holds");
    drop(other);
    assert!(poll(again).is_some());
}

#[test]
fn a_key_with_many_waiters_does_not_come_first_with_each_of_them() {
    let semaphore = FairSemaphore::new(1, 1);
    let mut held = take(&semaphore, "ada");
    let mut many: Vec<_> = (0..16).map(|number| wait(&semaphore, if number % 2 == 0 { "ada" } else { "bob" })).collect();
    assert!(many.iter_mut().all(|waiting| poll(waiting).is_none()));
    drop(held.take());
    // bob has had none yet, although ada waited first
    assert!(poll(&mut many[0]).is_none());
    held = poll(&mut many[1]);
    let mut new = wait(&semaphore, "new");
    assert!(held.is_some() && poll(&mut new).is_none());
    drop(held.take());
    held = poll(&mut new);
    assert!(held.is_some() && many.iter_mut().enumerate().all(|(number, waiting)| number == 1 || poll(waiting).is_none()));
}

#[test]
fn whoever_gave_up_leaves_the_permit_to_others() {
    let semaphore = FairSemaphore::new(1, 1);
    let held = take(&semaphore, "ada");
    let (mut first, mut second) = (wait(&semaphore, "bob"), wait(&semaphore, "eve"));
    assert!(poll(&mut first).is_none() && poll(&mut second).is_none());
    drop(first);
    drop(held);
    assert!(poll(&mut second).is_some());
    // a permit that was given and never looked at
    let held = take(&semaphore, "ada");
    let mut given = wait(&semaphore, "bob");
    assert!(poll(&mut given).is_none());
    drop(held);
    drop(given);
    assert!(take(&semaphore, "eve").is_some());
}

#[test]
fn keys_that_neither_hold_nor_wait_are_forgotten() {
    let semaphore = FairSemaphore::new(1, 1);
    let held = take(&semaphore, "ada");
    assert!(held.is_some());
    for _ in 0..100 {
        assert!(take(&semaphore, "bob").is_none());
    }
    assert!(!semaphore.is_wanted_from(&"ada"), "nobody waits any more");
    drop(held);
    assert!(pin!(unconstrained(semaphore.acquire("eve"))).poll(&mut Context::from_waker(Waker::noop())).is_ready());
    assert!(semaphore.0.lock().keys.len() <= 1);
}

#[test]
fn nobody_is_asked_for_a_permit_while_one_is_free_or_only_for_who_holds_as_many() {
    let semaphore = FairSemaphore::new(2, 2);
    let ada = take(&semaphore, "ada");
    let mut second = wait(&semaphore, "ada");
    assert!(ada.is_some() && poll(&mut second).is_none(), "more than her part");
    assert!(!semaphore.is_wanted_from(&"ada") && !semaphore.is_wanted_from(&"bob"), "a permit is free");
    let bob = take(&semaphore, "bob");
    assert!(bob.is_some() && !semaphore.is_wanted_from(&"bob"), "only ada waits, who holds as many");
    let mut eve = wait(&semaphore, "eve");
    assert!(poll(&mut eve).is_none() && semaphore.is_wanted_from(&"bob"));
}

/// Ten permits, where the names in upper case are known.
fn with_known() -> FairSemaphore<&'static str> {
    FairSemaphore::with_known(10, 1, |key| key.starts_with(char::is_uppercase))
}

#[test]
fn strangers_leave_a_share_to_those_who_are_known_who_come_before_them() {
    let semaphore = with_known();
    let strangers = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let mut held: Vec<_> = strangers.into_iter().filter_map(|name| take(&semaphore, name)).collect();
    assert_eq!(held.len(), 8);
    let mut stranger = wait(&semaphore, "m");
    assert!(poll(&mut stranger).is_none());
    let known = ["Ada", "Bob"].map(|name| take(&semaphore, name));
    assert!(known.iter().all(Option::is_some), "at once, while strangers wait");
    let mut third = wait(&semaphore, "Eve");
    assert!(poll(&mut third).is_none());
    held.pop();
    let third = poll(&mut third);
    assert!(third.is_some() && poll(&mut stranger).is_none(), "before a stranger who has waited longer");
}

#[test]
fn those_who_are_known_leave_a_share_to_strangers() {
    let semaphore = with_known();
    let known = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];
    let held: Vec<_> = known.into_iter().filter_map(|name| take(&semaphore, name)).collect();
    assert_eq!(held.len(), 8);
    let mut waits = wait(&semaphore, "M");
    assert!(poll(&mut waits).is_none() && take(&semaphore, "stranger").is_some());
}
