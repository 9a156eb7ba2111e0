use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use tokio::task::unconstrained;

use super::*;

const MIB: usize = 1 << 20;

/// Eight medium permits, two for each user, and four large ones, two for each user.
fn budget() -> MemoryBudget {
    MemoryBudget::new(16 * MIB, Sizes { medium: MIB, large: 2 * MIB })
}

/// A reservation, if its permits are free immediately.
fn reserve(budget: &MemoryBudget, user: &str, bytes: usize) -> Option<Reservation> {
    let mut reservation = budget.begin(Some(&user.into()));
    let mut context = Context::from_waker(Waker::noop());
    let grown = pin!(unconstrained(reservation.grow(bytes))).poll(&mut context);
    matches!(grown, Poll::Ready(Ok(()))).then_some(reservation)
}

#[tokio::test]
async fn what_is_small_is_not_counted() {
    let budget = budget();
    let small: Vec<_> = (0..1000).map(|_| reserve(&budget, "a", UNCOUNTED_BYTES)).collect();
    assert!(small.iter().all(Option::is_some));
    assert!(reserve(&budget, "a", UNCOUNTED_BYTES + 1).is_some());
}

#[tokio::test]
async fn one_user_leaves_permits_for_others() {
    let budget = budget();
    for (bytes, of_all) in [(MIB, 8), (2 * MIB, 4)] {
        let mine: Vec<_> = (0..2).map(|_| reserve(&budget, "a", bytes).unwrap()).collect();
        assert!(reserve(&budget, "a", bytes).is_none());
        let others: Vec<_> = (2..of_all).map(|number| reserve(&budget, &number.to_string(), bytes).unwrap()).collect();
        assert!(reserve(&budget, "b", bytes).is_none(), "all are taken");
        drop(mine);
        assert!(reserve(&budget, "a", bytes).is_some());
        drop(others);
    }
}

#[tokio::test]
async fn a_reservation_that_is_no_longer_large_still_counts_as_medium() {
    let budget = budget();
    let mut mine: Vec<_> = (0..2).map(|_| reserve(&budget, "a", 2 * MIB).unwrap()).collect();
    mine.iter_mut().for_each(Reservation::release_large);
    let others: Vec<_> = ["b", "c", "d", "e"].map(|user| reserve(&budget, user, 2 * MIB)).into();
    assert!(others.iter().all(Option::is_some), "all large permits are free");
    assert!(reserve(&budget, "a", MIB).is_none(), "and two medium ones are not");
}

#[tokio::test]
async fn what_is_medium_does_not_wait_for_what_is_large() {
    let budget = budget();
    let _large: Vec<_> = ["a", "b", "c", "d"].map(|user| reserve(&budget, user, 2 * MIB).unwrap()).into();
    assert!(reserve(&budget, "e", 2 * MIB).is_none());
    assert!(reserve(&budget, "f", MIB).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_reservation_waits_for_a_bounded_time_in_all() {
    let budget = budget();
    let mut waiting = budget.begin(Some(&"a".into()));
    let taken: Vec<_> = (0..2).map(|_| reserve(&budget, "a", MIB).unwrap()).collect();
    // the time between two extensions does not count as waiting
    tokio::time::advance(2 * MAX_WAIT).await;
    let begun_at = Instant::now();
    for _ in 0..2 {
        assert_eq!(waiting.grow(MIB).await, Err(BudgetExhausted));
    }
    assert_eq!(begun_at.elapsed().as_secs(), MAX_WAIT.as_secs());
    drop(taken);
}

#[tokio::test]
async fn one_user_leaves_room_for_the_calls_of_others() {
    let budget = budget();
    let call = |user: &str| {
        let mut reservation = budget.begin(Some(&user.into()));
        let mut context = Context::from_waker(Waker::noop());
        let begun = pin!(unconstrained(reservation.acquire_call())).poll(&mut context).is_ready();
        begun.then_some(reservation)
    };
    let mine: Vec<_> = std::iter::from_fn(|| call("a")).collect();
    assert_eq!(mine.len(), 29, "fewer than an eighth of those that are free then");
    assert!(call("b").is_some());
    drop(mine);
    assert!(call("a").is_some());
}

#[tokio::test]
async fn where_nobody_signs_in_there_is_no_share() {
    let budget = budget();
    let mut all: Vec<_> = (0..8).map(|_| budget.begin(None)).collect();
    for reservation in &mut all {
        reservation.grow(MIB).await.unwrap();
    }
    assert!(reserve(&budget, "a", MIB).is_none());
}

#[tokio::test]
async fn even_a_tiny_budget_has_a_permit_of_each_size() {
    let budget = MemoryBudget::new(1, Sizes { medium: MIB, large: 16 * MIB });
    let large = reserve(&budget, "a", 16 * MIB);
    assert!(large.is_some() && reserve(&budget, "b", MIB).is_none());
}
