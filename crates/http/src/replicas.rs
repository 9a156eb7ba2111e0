//! How many replicas of the server share the rates of the API.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

use tokio::time::Instant;

/// The number of replicas that run, this one included. Cheap to clone; clones share the number.
///
/// Invariant: it is at least one. It is one until it is set.
#[derive(Clone, Debug, Default)]
pub struct Replicas(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    count: AtomicU32,
    /// When the replicas that ran before this one have noticed it.
    noticed_at: OnceLock<Instant>,
}

impl Default for Counted {
    fn default() -> Self {
        Self { count: AtomicU32::new(1), noticed_at: OnceLock::new() }
    }
}

impl Replicas {
    /// The number of replicas.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.count.load(Ordering::Relaxed)
    }

    /// When the replicas that ran before this one have noticed that it joined them, and use less of the rates; `None` if it joined
    /// no other.
    #[must_use]
    pub fn noticed_at(&self) -> Option<Instant> {
        self.0.noticed_at.get().copied()
    }

    /// Sets the number of replicas. Returns whether it has changed.
    pub fn set(&self, count: u32) -> bool {
        let count = count.max(1);
        self.0.count.swap(count, Ordering::Relaxed) != count
    }

    /// Sets the number of replicas when this one begins to count. If there are others, they notice it at `noticed_at` at the latest.
    /// Returns whether the number has changed.
    pub fn join(&self, count: u32, noticed_at: Instant) -> bool {
        if count > 1 {
            self.0.noticed_at.get_or_init(|| noticed_at);
        }
        self.set(count)
    }
}
