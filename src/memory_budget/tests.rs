use std::{
    pin::pin,
    task::{Context, Waker},
};

use super::*;

const MIB: usize = 1 << 20;

fn holder(name: &str) -> Holder {
    Holder(name.into())
}

/// Whether a future waits when it is first asked.
fn waits(future: impl Future) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    pin!(future).poll(&mut context).is_pending()
}

impl MemoryBudget {
    async fn reserve(&self, name: &str, bytes: usize) -> Result<Reservation, BudgetInUse> {
        let mut reservation = self.begin(holder(name));
        reservation.grow(bytes).await.map(|()| reservation)
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_reserved_is_missing_to_others_until_it_is_dropped() {
    let budget = MemoryBudget::new(2 * MIB);
    let first = budget.reserve("a", 2 * MIB).await.unwrap();
    let beyond = budget.reserve("b", MIB).await.unwrap();
    assert_eq!(budget.reserve("c", MIB).await.unwrap_err(), BudgetInUse);
    drop(first);
    let second = budget.reserve("c", MIB).await.unwrap();
    assert!(beyond.beyond.is_some() && second.beyond.is_none());
}

#[tokio::test(start_paused = true)]
async fn one_holder_leaves_room_for_others() {
    let budget = MemoryBudget::new(1000 * MIB);
    let mut mine = Vec::new();
    for _ in 0..LARGE_AT_ONCE {
        mine.push(budget.reserve("a", 2 * MIB).await.unwrap());
    }
    assert_eq!(budget.reserve("a", 2 * MIB).await.unwrap_err(), BudgetInUse);
    assert!(budget.reserve("a", MIB).await.is_ok(), "what is not large is not counted");
    assert!(budget.reserve("b", 2 * MIB).await.is_ok());
    mine.pop();
    assert!(budget.reserve("a", 2 * MIB).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn of_many_that_grow_one_at_a_time_goes_beyond_a_full_budget() {
    let budget = MemoryBudget::new(2 * MIB);
    let mut growing: Vec<_> = ["a", "b", "c"].map(|name| budget.begin(holder(name))).into();
    for reservation in &mut growing {
        reservation.grow(MIB / 2).await.unwrap();
    }
    // half a mebibyte is left, and each wants one more
    let [first, second, third] = growing.as_mut_slice() else { unreachable!() };
    first.grow(MIB).await.unwrap();
    second.grow(MIB).await.unwrap();
    assert!(second.beyond.is_some(), "{second:?}");
    second.grow(16 * MIB).await.unwrap();
    assert_eq!(third.grow(MIB).await, Err(BudgetInUse));
    growing.remove(1);
    let [_, third] = growing.as_mut_slice() else { unreachable!() };
    third.grow(MIB).await.unwrap();
    assert!(third.beyond.is_none(), "{third:?}");
}

#[tokio::test]
async fn what_is_free_takes_nothing_of_the_budget() {
    let budget = MemoryBudget::new(MIB);
    let (_all, _beyond) = (budget.reserve("a", MIB).await.unwrap(), budget.reserve("b", MIB).await.unwrap());
    let mut reservation = budget.begin(holder("c"));
    assert!(!waits(reservation.grow(FREE)));
    assert!(waits(reservation.grow(FREE + 1)));
}

#[tokio::test]
async fn holders_without_a_reservation_are_forgotten() {
    let budget = MemoryBudget::new(64 * MIB);
    let kept = budget.reserve("kept", 2 * MIB).await.unwrap();
    for number in 0..3 * SWEEP_AT {
        let _gone = budget.reserve(&number.to_string(), 2 * MIB).await.unwrap();
    }
    let holders = budget.0.holders.lock().unwrap();
    assert!(holders.len() <= SWEEP_AT && holders.contains_key(&kept.holder), "{}", holders.len());
}
