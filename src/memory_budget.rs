//! Memory for large requests and large answers, shared by all calls that are in flight.
//!
//! A call that needs more than [`FREE`] reserves it while its text arrives, and waits while others have it. A budget may be full of
//! reservations that all want to grow; so one of them at a time may go beyond it, and none waits for ever.
//!
//! Invariants:
//! - What is reserved never exceeds the budget by more than one reservation.
//! - One holder has at most [`LARGE_AT_ONCE`] large reservations, so that nobody can take it all from the others.
//! - Waiting is bounded, and dropping a reservation gives it back.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::caller::{Caller, Credential};

#[cfg(test)]
mod tests;

/// What nobody has to reserve, in bytes.
pub(crate) const FREE: usize = 64 << 10;
/// What is large, in bytes: from here on the number of reservations of one holder is limited.
const LARGE: usize = 1 << 20;
/// How many large reservations one holder may have at once; others of the same holder wait.
const LARGE_AT_ONCE: usize = 4;
/// How long a reservation is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is counted: a semaphore has fewer permits than a machine may have bytes.
const UNIT: usize = 1 << 10;
/// Beyond so many holders, those without a reservation are forgotten.
const SWEEP_AT: usize = 1024;

/// Bytes that calls in flight share. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct MemoryBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// in units
    total: usize,
    units: Arc<Semaphore>,
    /// for the one that may go beyond the total
    beyond: Arc<Semaphore>,
    holders: Mutex<HashMap<Holder, Arc<Semaphore>>>,
    patience: Duration,
}

/// Who reserves: a connection, or a key of Torii.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Holder(pub(crate) Arc<str>);

impl From<&Caller> for Holder {
    fn from(caller: &Caller) -> Self {
        let key = || caller.key(Credential::ToriiKey).map(|key| format!("{:016x}", key.fingerprint()));
        Self(caller.connection().map_or_else(|| key().unwrap_or_default(), str::to_owned).into())
    }
}

/// The budget is in use, and was for as long as anybody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many large requests or answers are in flight")]
pub(crate) struct BudgetInUse;

/// Bytes of the budget. Dropping it gives them back.
pub(crate) struct Reservation {
    budget: MemoryBudget,
    holder: Holder,
    units: Option<OwnedSemaphorePermit>,
    large: Option<OwnedSemaphorePermit>,
    beyond: Option<OwnedSemaphorePermit>,
}

impl MemoryBudget {
    /// A budget of so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self::with_patience(bytes, PATIENCE)
    }

    /// The same, for which nobody waits longer than this.
    pub(crate) fn with_patience(bytes: usize, patience: Duration) -> Self {
        let total = (bytes / UNIT).clamp(1, u32::MAX as usize >> 1);
        Self(Arc::new(Shared {
            total,
            units: Arc::new(Semaphore::new(total)),
            beyond: Arc::new(Semaphore::new(1)),
            holders: Mutex::default(),
            patience,
        }))
    }

    /// A reservation of nothing, which may grow.
    pub(crate) fn begin(&self, holder: Holder) -> Reservation {
        Reservation { budget: self.clone(), holder, units: None, large: None, beyond: None }
    }

    /// The large reservations of one holder.
    fn large_of(&self, holder: &Holder) -> Arc<Semaphore> {
        let mut holders = self.0.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if holders.len() >= SWEEP_AT {
            holders.retain(|_, large| Arc::strong_count(large) > 1);
        }
        Arc::clone(holders.entry(holder.clone()).or_insert_with(|| Arc::new(Semaphore::new(LARGE_AT_ONCE))))
    }
}

impl Reservation {
    /// Waits until at least so many bytes are reserved. It asks for more than that, so that growing piece by piece waits seldom.
    ///
    /// # Errors
    /// [`BudgetInUse`] when others keep them for too long. What was reserved before stays so.
    pub(crate) async fn grow(&mut self, bytes: usize) -> Result<(), BudgetInUse> {
        if bytes <= FREE || self.beyond.is_some() || self.units() >= self.wanted(bytes) {
            return Ok(());
        }
        let patience = self.budget.0.patience;
        timeout(patience, self.take_or_go_beyond(bytes.next_power_of_two())).await.map_err(|_| BudgetInUse)
    }

    // No semaphore here is ever closed.

    async fn take_or_go_beyond(&mut self, bytes: usize) {
        if bytes > LARGE && self.large.is_none() {
            self.large = self.budget.large_of(&self.holder).acquire_owned().await.ok();
        }
        let beyond = Arc::clone(&self.budget.0.beyond);
        let permit = tokio::select! {
            biased;
            () = self.take(bytes) => return,
            permit = beyond.acquire_owned() => permit,
        };
        self.beyond = permit.ok();
    }

    async fn take(&mut self, bytes: usize) {
        let more = self.wanted(bytes).saturating_sub(self.units());
        let more = Arc::clone(&self.budget.0.units).acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX)).await;
        match (&mut self.units, more) {
            (Some(units), Ok(more)) => units.merge(more),
            (none, more) => *none = more.ok(),
        }
    }

    fn units(&self) -> usize {
        self.units.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    fn wanted(&self, bytes: usize) -> usize {
        bytes.div_ceil(UNIT).min(self.budget.0.total)
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("units", &self.units()).field("beyond", &self.beyond.is_some()).finish()
    }
}
