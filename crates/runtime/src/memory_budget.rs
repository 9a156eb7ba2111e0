//! The memory budget for large requests and large responses, shared by all calls in flight.
//!
//! A request or a response is small up to [`UNCOUNTED_BYTES`], then medium, and large beyond a size that its budget specifies.
//! Small ones are not counted. A medium one needs a medium permit, and a large one needs a large permit as well; it waits while
//! none is free.
//!
//! Invariants:
//! - One user holds at most a quarter of the medium permits, an eighth of the permits for calls, and half of the large ones, so
//!   that no user keeps others out. Without sign-in, all callers are one user, who may hold all permits.
//! - Permits are acquired in a fixed order: call, medium, large. So no two reservations wait for each other.
//! - The total waiting time of a reservation is limited. Dropping it releases its permits.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mcp_http::caller::Caller;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

#[cfg(test)]
mod tests;

/// The largest size that is not counted, in bytes.
pub(crate) const UNCOUNTED_BYTES: usize = 128 << 10;
/// How many calls may be in flight at once: each has the buffers of a connection, even if its response is small.
const CALLS: usize = 256;
/// How long one reservation may wait in total.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// From this many users on, the entries of those who hold no permit are removed.
const SWEEP_AT: usize = 1024;

/// The permits for medium and large sizes. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct MemoryBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    calls: PermitPool,
    medium: PermitPool,
    large: PermitPool,
    sizes: Sizes,
    max_wait: Duration,
}

/// Permits of one kind, and how many of them one user may hold.
#[derive(Debug)]
struct PermitPool {
    all: Arc<Semaphore>,
    per_user: usize,
    users: Mutex<HashMap<UserId, Arc<Semaphore>>>,
}

/// Identifies a user, over all their connections; `None` without sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UserId(Option<Arc<str>>);

/// The largest medium and large sizes, in bytes.
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

/// No permit became free while the reservation was allowed to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many large requests are in flight")]
pub(crate) struct BudgetExhausted;

/// The size class of a request or response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Size {
    Small,
    Medium,
    Large,
}

/// The permits of one request or response. Dropping it releases them.
pub(crate) struct Reservation {
    budget: MemoryBudget,
    user: UserId,
    size: Size,
    /// How much longer it may wait.
    wait_left: Duration,
    permits: Vec<OwnedSemaphorePermit>,
}

impl MemoryBudget {
    /// A budget of this many bytes, half for medium and half for large sizes; there is at least one permit of each.
    pub(crate) fn new(bytes: usize, sizes: Sizes) -> Self {
        Self::with_max_wait(bytes, sizes, MAX_WAIT)
    }

    /// The same, with another limit on the waiting time.
    pub(crate) fn with_max_wait(bytes: usize, sizes: Sizes, max_wait: Duration) -> Self {
        let half = bytes / 2;
        let (calls, medium) = (PermitPool::new(CALLS, 8), PermitPool::new(half / sizes.medium, 4));
        Self(Arc::new(Shared { calls, medium, large: PermitPool::new(half / sizes.large, 2), sizes, max_wait }))
    }

    /// A reservation for a request or response of which nothing has arrived yet.
    pub(crate) fn begin(&self, user: UserId) -> Reservation {
        Reservation { budget: self.clone(), user, size: Size::Small, wait_left: self.0.max_wait, permits: Vec::new() }
    }
}

impl PermitPool {
    fn new(count: usize, share: usize) -> Self {
        let count = count.clamp(1, Semaphore::MAX_PERMITS);
        Self { all: Arc::new(Semaphore::new(count)), per_user: (count / share).max(1), users: Mutex::default() }
    }

    /// Waits until the user may hold another permit, and then until one is free. The semaphores are never closed.
    async fn acquire(&self, user: &UserId) -> Vec<OwnedSemaphorePermit> {
        let own = match &user.0 {
            Some(_) => self.of_user(user).acquire_owned().await.ok(),
            None => None,
        };
        let free = Arc::clone(&self.all).acquire_owned().await.ok();
        own.into_iter().chain(free).collect()
    }

    fn of_user(&self, user: &UserId) -> Arc<Semaphore> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if users.len() >= SWEEP_AT {
            users.retain(|_, own| Arc::strong_count(own) > 1);
        }
        Arc::clone(users.entry(user.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.per_user))))
    }
}

impl Reservation {
    /// Extends the reservation to this many bytes, and waits for the permits that it needs.
    ///
    /// # Errors
    /// [`BudgetExhausted`] when none becomes free in time.
    pub(crate) async fn grow(&mut self, bytes: usize) -> Result<(), BudgetExhausted> {
        let shared = Arc::clone(&self.budget.0);
        let size = shared.sizes.of(bytes);
        for (larger, pool) in [(Size::Medium, &shared.medium), (Size::Large, &shared.large)] {
            if self.size < larger && size >= larger {
                let user = self.user.clone();
                self.wait_for(pool.acquire(&user)).await?;
                self.size = larger;
            }
        }
        Ok(())
    }

    /// Waits for the permit to make a call.
    ///
    /// # Errors
    /// [`BudgetExhausted`] when none becomes free in time.
    pub(crate) async fn acquire_call(&mut self) -> Result<(), BudgetExhausted> {
        let (shared, user) = (Arc::clone(&self.budget.0), self.user.clone());
        self.wait_for(shared.calls.acquire(&user)).await
    }

    /// Waits for a permit of another semaphore, and holds it as long as its own permits.
    ///
    /// # Errors
    /// [`BudgetExhausted`] when none becomes free in time.
    pub(crate) async fn acquire(&mut self, semaphore: &Arc<Semaphore>) -> Result<(), BudgetExhausted> {
        let permit = Arc::clone(semaphore).acquire_owned();
        self.wait_for(async { permit.await.into_iter().collect() }).await
    }

    /// Whether it is in the large size class.
    pub(crate) fn is_large(&self) -> bool {
        self.size == Size::Large
    }

    async fn wait_for(&mut self, permits: impl Future<Output = Vec<OwnedSemaphorePermit>>) -> Result<(), BudgetExhausted> {
        let begun_at = Instant::now();
        let acquired = timeout(self.wait_left, permits).await;
        self.wait_left = self.wait_left.saturating_sub(begun_at.elapsed());
        self.permits.extend(acquired.map_err(|_| BudgetExhausted)?);
        Ok(())
    }
}

impl Sizes {
    fn of(self, bytes: usize) -> Size {
        if bytes <= UNCOUNTED_BYTES {
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
