//! Memory for large requests and large answers, shared by all calls that are in flight.
//!
//! What arrives is small until it exceeds [`SMALL`], then medium, and large beyond a size of its budget. Small ones are not counted.
//! A medium one needs a medium place, and a large one a large place besides; while there is none, it waits.
//!
//! Invariants:
//! - One user has a quarter of the medium places and of the calls in flight, and half of the large places, at most, so that no
//!   user keeps others out. Where nobody signs in there is one user, who has all.
//! - Places are taken in one order: a call, medium, large. Who has a large place waits for nobody but those who have one.
//! - Waiting is bounded for a reservation as a whole. Dropping it gives its places back.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use crate::caller::Caller;

#[cfg(test)]
mod tests;

/// Up to so many bytes nothing is counted.
pub(crate) const SMALL: usize = 128 << 10;
/// How many calls may be in flight at once: each has buffers of its connection, however small its answer is.
const CALLS: usize = 256;
/// How long a reservation waits in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// Beyond so many users, those without a reservation are forgotten.
const SWEEP_AT: usize = 1024;

/// Places for what is large or medium. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct MemoryBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    calls: Places,
    medium: Places,
    large: Places,
    sizes: Sizes,
    patience: Duration,
}

/// Places of one size.
#[derive(Debug)]
struct Places {
    all: Arc<Semaphore>,
    per_user: usize,
    users: Mutex<HashMap<UserId, Arc<Semaphore>>>,
}

/// Tells users apart, however many connections each has; none where nobody signs in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UserId(Option<Arc<str>>);

/// How much a medium and a large one take at most, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) medium: usize,
    pub(crate) large: usize,
}

impl From<&Caller> for UserId {
    fn from(caller: &Caller) -> Self {
        Self(caller.user().cloned())
    }
}

/// All places that this user may have were taken for as long as a reservation waits.
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
    user: UserId,
    size: Size,
    /// How long it may still wait.
    patience: Duration,
    places: Vec<OwnedSemaphorePermit>,
}

impl MemoryBudget {
    /// A budget of so many bytes for medium and large ones together, half of it each; there is one place of each at least.
    pub(crate) fn new(bytes: usize, sizes: Sizes) -> Self {
        Self::with_patience(bytes, sizes, PATIENCE)
    }

    /// The same, for whose places nobody waits longer than this.
    pub(crate) fn with_patience(bytes: usize, sizes: Sizes, patience: Duration) -> Self {
        let half = bytes / 2;
        let [calls, medium] = [CALLS, half / sizes.medium].map(|count| Places::new(count, 4));
        Self(Arc::new(Shared { calls, medium, large: Places::new(half / sizes.large, 2), sizes, patience }))
    }

    /// A reservation for something of which nothing has arrived yet.
    pub(crate) fn begin(&self, user: UserId) -> Reservation {
        Reservation { budget: self.clone(), user, size: Size::Small, patience: self.0.patience, places: Vec::new() }
    }
}

impl Places {
    fn new(count: usize, share: usize) -> Self {
        let count = count.clamp(1, Semaphore::MAX_PERMITS);
        Self { all: Arc::new(Semaphore::new(count)), per_user: (count / share).max(1), users: Mutex::default() }
    }

    /// Waits for a place that the user may have, and then for one that is free. No semaphore here is ever closed.
    async fn take(&self, user: &UserId) -> Vec<OwnedSemaphorePermit> {
        let own = match &user.0 {
            Some(_) => self.of(user).acquire_owned().await.ok(),
            None => None,
        };
        let free = Arc::clone(&self.all).acquire_owned().await.ok();
        own.into_iter().chain(free).collect()
    }

    fn of(&self, user: &UserId) -> Arc<Semaphore> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if users.len() >= SWEEP_AT {
            users.retain(|_, own| Arc::strong_count(own) > 1);
        }
        Arc::clone(users.entry(user.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.per_user))))
    }
}

impl Reservation {
    /// Makes the reservation good for so many bytes, and waits until there is a place for them.
    ///
    /// # Errors
    /// [`BudgetInUse`] when there is none for too long.
    pub(crate) async fn grow(&mut self, bytes: usize) -> Result<(), BudgetInUse> {
        let shared = Arc::clone(&self.budget.0);
        let size = shared.sizes.of(bytes);
        for (larger, places) in [(Size::Medium, &shared.medium), (Size::Large, &shared.large)] {
            if self.size < larger && size >= larger {
                let user = self.user.clone();
                self.wait_for(places.take(&user)).await?;
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
        let (shared, user) = (Arc::clone(&self.budget.0), self.user.clone());
        self.wait_for(shared.calls.take(&user)).await
    }

    /// Waits for a place of another kind, and keeps it with its own.
    ///
    /// # Errors
    /// [`BudgetInUse`] when there is none for too long.
    pub(crate) async fn take(&mut self, semaphore: &Arc<Semaphore>) -> Result<(), BudgetInUse> {
        let place = Arc::clone(semaphore).acquire_owned();
        self.wait_for(async { place.await.into_iter().collect() }).await
    }

    /// Whether it is for something large.
    pub(crate) fn is_large(&self) -> bool {
        self.size == Size::Large
    }

    async fn wait_for(&mut self, places: impl Future<Output = Vec<OwnedSemaphorePermit>>) -> Result<(), BudgetInUse> {
        let begun_at = Instant::now();
        let taken = timeout(self.patience, places).await;
        self.patience = self.patience.saturating_sub(begun_at.elapsed());
        self.places.extend(taken.map_err(|_| BudgetInUse)?);
        Ok(())
    }
}

impl Sizes {
    fn of(self, bytes: usize) -> Size {
        if bytes <= SMALL {
            Size::Small
        } else if bytes <= self.medium {
            Size::Medium
        } else {
            Size::Large
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("size", &self.size).finish_non_exhaustive()
    }
}
