//! Memory for large requests and large answers, shared by all calls that are in flight.
//!
//! What arrives is small until it exceeds [`SMALL`], medium until it exceeds [`MEDIUM`], and large then. Small ones are not counted.
//! A medium one needs a medium place, and a large one a large place besides; while there is none, it waits.
//!
//! Invariants:
//! - One caller has a quarter of the medium places and of the calls in flight, and half of the large places, at most, so that no
//!   caller keeps others out.
//! - Nothing small waits for anything, and nothing medium waits for what is large.
//! - Nobody who has a large place waits for another place, so large ones come to their end, and all others in turn.
//! - Waiting is bounded for a reservation as a whole. Dropping it gives its places back.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use crate::caller::{Caller, Credential};

#[cfg(test)]
mod tests;

/// Up to so many bytes nothing is counted.
pub(crate) const SMALL: usize = 128 << 10;
/// The largest that is medium, in bytes.
const MEDIUM: usize = 1 << 20;
/// How many calls may be in flight at once: each has buffers of its connection, however small its answer is.
const CALLS: usize = 256;
/// How long a reservation waits in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// Beyond so many callers, those without a reservation are forgotten.
const SWEEP_AT: usize = 1024;

/// Places for what is large or medium. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct MemoryBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    calls: Places,
    medium: Places,
    large: Places,
    patience: Duration,
}

/// Places of one size.
#[derive(Debug)]
struct Places {
    all: Arc<Semaphore>,
    per_caller: usize,
    callers: Mutex<HashMap<CallerId, Arc<Semaphore>>>,
}

/// Tells callers apart: by the user who signed in, however many connections that is, or by their key of Torii.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CallerId(Arc<str>);

impl From<&Caller> for CallerId {
    fn from(caller: &Caller) -> Self {
        let key = || caller.key(Credential::ToriiKey).map(|key| format!("{:016x}", key.fingerprint()));
        Self(caller.user().cloned().unwrap_or_else(|| key().unwrap_or_default().into()))
    }
}

/// All places that this caller may have were taken for as long as a reservation waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many large requests are in flight")]
pub(crate) struct BudgetInUse;

/// How large something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Size {
    Small,
    Medium,
    Large,
}

/// The places of one request or answer. Dropping it gives them back.
pub(crate) struct Reservation {
    budget: MemoryBudget,
    caller: CallerId,
    size: Size,
    waits_until: Instant,
    places: Vec<OwnedSemaphorePermit>,
}

impl MemoryBudget {
    /// A budget of so many bytes for medium and large ones together, half of it each; there is one place of each at least.
    /// `largest` is how many bytes a large one may take.
    pub(crate) fn new(bytes: usize, largest: usize) -> Self {
        Self::with_patience(bytes, largest, PATIENCE)
    }

    /// The same, for whose places nobody waits longer than this.
    pub(crate) fn with_patience(bytes: usize, largest: usize, patience: Duration) -> Self {
        let half = bytes / 2;
        let [calls, medium] = [CALLS, half / MEDIUM].map(|count| Places::new(count, 4));
        Self(Arc::new(Shared { calls, medium, large: Places::new(half / largest, 2), patience }))
    }

    /// A reservation for something of which nothing has arrived yet.
    pub(crate) fn begin(&self, caller: CallerId) -> Reservation {
        let waits_until = Instant::now() + self.0.patience;
        Reservation { budget: self.clone(), caller, size: Size::Small, waits_until, places: Vec::new() }
    }
}

impl Places {
    fn new(count: usize, share: usize) -> Self {
        let count = count.clamp(1, Semaphore::MAX_PERMITS);
        Self { all: Arc::new(Semaphore::new(count)), per_caller: (count / share).max(1), callers: Mutex::default() }
    }

    /// Waits for a place that the caller may have, and then for one that is free. No semaphore here is ever closed.
    async fn take(&self, caller: &CallerId) -> impl Iterator<Item = OwnedSemaphorePermit> + use<> {
        let own = self.of(caller).acquire_owned().await;
        let free = Arc::clone(&self.all).acquire_owned().await;
        [own, free].into_iter().flatten()
    }

    fn of(&self, caller: &CallerId) -> Arc<Semaphore> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= SWEEP_AT {
            callers.retain(|_, own| Arc::strong_count(own) > 1);
        }
        Arc::clone(callers.entry(caller.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.per_caller))))
    }
}

impl Reservation {
    /// Makes the reservation good for so many bytes, and waits until there is a place for them.
    ///
    /// # Errors
    /// [`BudgetInUse`] when there is none for too long.
    pub(crate) async fn grow(&mut self, bytes: usize) -> Result<(), BudgetInUse> {
        let size = Size::of(bytes);
        let shared = Arc::clone(&self.budget.0);
        for (larger, places) in [(Size::Medium, &shared.medium), (Size::Large, &shared.large)] {
            if self.size < larger && size >= larger {
                let place = timeout_at(self.waits_until, places.take(&self.caller)).await;
                self.places.extend(place.map_err(|_| BudgetInUse)?);
                self.size = larger;
            }
        }
        Ok(())
    }

    /// Waits until there is room for another call of Torii.
    ///
    /// # Errors
    /// [`BudgetInUse`] when there is none for too long.
    pub(crate) async fn begin_call(&mut self) -> Result<(), BudgetInUse> {
        let shared = Arc::clone(&self.budget.0);
        let place = timeout_at(self.waits_until, shared.calls.take(&self.caller)).await;
        self.places.extend(place.map_err(|_| BudgetInUse)?);
        Ok(())
    }

    /// Whether it is for something large.
    pub(crate) fn is_large(&self) -> bool {
        self.size == Size::Large
    }

    /// Waits for a place of another kind, and keeps it with its own.
    ///
    /// # Errors
    /// [`BudgetInUse`] when there is none for too long.
    pub(crate) async fn take(&mut self, semaphore: &Arc<Semaphore>) -> Result<(), BudgetInUse> {
        let place = timeout_at(self.waits_until, Arc::clone(semaphore).acquire_owned()).await;
        self.places.extend(place.map_err(|_| BudgetInUse)?.ok());
        Ok(())
    }
}

impl Size {
    fn of(bytes: usize) -> Self {
        if bytes <= SMALL {
            Self::Small
        } else if bytes <= MEDIUM {
            Self::Medium
        } else {
            Self::Large
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("size", &self.size).finish_non_exhaustive()
    }
}
