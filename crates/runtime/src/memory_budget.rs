//! The memory budget for large requests and large responses, shared by all calls in flight.
//!
//! A request or a response is small up to [`UNCOUNTED_BYTES`], then medium, and large beyond a size that its budget specifies.
//! Small ones are not counted. A medium one needs a medium permit, and a large one needs a large permit as well; it waits while
//! none is free.
//!
//! Invariants:
//! - One user holds at most a quarter of the medium permits that are free, an eighth of those for calls, and half of the large ones,
//!   so that few users keep nobody out of what is medium or a call ([`FairSemaphore`]); two users can hold what is large. Without
//!   sign-in, each request counts for itself.
//! - Permits are acquired in a fixed order: call, medium, large. So no two reservations wait for each other.
//! - The total waiting time of a reservation is limited. Dropping it releases its permits.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mcp_http::net::fair_semaphore::{FairPermit, FairSemaphore};
use tokio::time::{Instant, timeout};

#[cfg(test)]
mod tests;

/// The largest size that is not counted, in bytes.
pub(crate) const UNCOUNTED_BYTES: usize = 128 << 10;
/// How many calls may be in flight at once: each has the buffers of a connection, even if its response is small.
const CALLS: usize = 256;
/// How long one reservation may wait in total.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// The permits for medium and large sizes. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct MemoryBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    calls: Permits,
    medium: Permits,
    large: Permits,
    sizes: Sizes,
    max_wait: Duration,
    /// How many reservations callers without sign-in have begun.
    n_anonymous: AtomicU64,
}

/// The permits of one kind.
pub(crate) type Permits = FairSemaphore<Holder>;

/// Who shares permits with others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    /// A user, over all their connections.
    User(Arc<str>),
    /// One request without sign-in.
    Anonymous(u64),
}

/// The largest medium and large sizes, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) medium: usize,
    pub(crate) large: usize,
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

/// What a permit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The memory of this size class.
    Memory(Size),
    /// Work that ends before the memory is free again: a call in flight, or parsing.
    Work,
}

/// The permits of one request or response. Dropping it releases them.
pub(crate) struct Reservation {
    budget: MemoryBudget,
    holder: Holder,
    size: Size,
    /// How much longer it may wait.
    wait_left: Duration,
    permits: Vec<(Purpose, FairPermit<Holder>)>,
}

impl MemoryBudget {
    /// A budget of this many bytes, half for medium and half for large sizes; there is at least one permit of each.
    pub(crate) fn new(bytes: usize, sizes: Sizes) -> Self {
        Self::with_max_wait(bytes, sizes, MAX_WAIT)
    }

    /// The same, with another limit on the waiting time.
    pub(crate) fn with_max_wait(bytes: usize, sizes: Sizes, max_wait: Duration) -> Self {
        let half = bytes / 2;
        let shared = Shared {
            calls: Permits::new(CALLS, 8),
            medium: Permits::new(half / sizes.medium, 4),
            large: Permits::new(half / sizes.large, 2),
            sizes,
            max_wait,
            n_anonymous: AtomicU64::new(0),
        };
        Self(Arc::new(shared))
    }

    /// A reservation for a request or response of which nothing has arrived yet; `user` is `None` without sign-in.
    pub(crate) fn begin(&self, user: Option<&Arc<str>>) -> Reservation {
        let holder = match user {
            Some(user) => Holder::User(Arc::clone(user)),
            None => Holder::Anonymous(self.0.n_anonymous.fetch_add(1, Ordering::Relaxed)),
        };
        Reservation { budget: self.clone(), holder, size: Size::Small, wait_left: self.0.max_wait, permits: Vec::new() }
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
                self.wait(pool, Purpose::Memory(larger)).await?;
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
        let shared = Arc::clone(&self.budget.0);
        self.acquire(&shared.calls).await
    }

    /// Waits for one of these permits, and holds it until the work is done ([`Self::end_work`]).
    ///
    /// # Errors
    /// [`BudgetExhausted`] when none becomes free in time.
    pub(crate) async fn acquire(&mut self, permits: &Permits) -> Result<(), BudgetExhausted> {
        self.wait(permits, Purpose::Work).await
    }

    async fn wait(&mut self, permits: &Permits, purpose: Purpose) -> Result<(), BudgetExhausted> {
        let begun_at = Instant::now();
        let acquired = timeout(self.wait_left, permits.acquire(self.holder.clone())).await;
        self.wait_left = self.wait_left.saturating_sub(begun_at.elapsed());
        self.permits.push((purpose, acquired.map_err(|_| BudgetExhausted)?));
        Ok(())
    }

    /// Releases all permits but those for memory.
    pub(crate) fn end_work(&mut self) {
        self.permits.retain(|(purpose, _)| *purpose != Purpose::Work);
    }

    /// Releases the large permit. The medium one still limits how many such texts there are.
    pub(crate) fn release_large(&mut self) {
        self.permits.retain(|(purpose, _)| *purpose != Purpose::Memory(Size::Large));
        self.size = self.size.min(Size::Medium);
    }

    /// Whether somebody who holds less waits for a permit that this reservation holds.
    pub(crate) fn is_wanted(&self) -> bool {
        let Shared { medium, large, .. } = &*self.budget.0;
        let held = [(Size::Medium, medium), (Size::Large, large)];
        held.iter().any(|(size, permits)| self.size >= *size && permits.is_wanted_from(&self.holder))
    }

    /// Whether it is in the large size class.
    pub(crate) fn is_large(&self) -> bool {
        self.size == Size::Large
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
