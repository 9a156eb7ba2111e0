//! How many replicas of the server share the rates of the API.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// The number of replicas that run, this one included. Cheap to clone; clones share the number.
///
/// Invariant: it is at least one. Whoever counts the replicas sets it; until then it is one.
#[derive(Clone, Debug)]
pub struct Replicas(Arc<AtomicU32>);

impl Default for Replicas {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(1)))
    }
}

impl Replicas {
    /// The number of replicas.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets the number of replicas. Returns whether it has changed.
    pub fn set(&self, count: u32) -> bool {
        let count = count.max(1);
        self.0.swap(count, Ordering::Relaxed) != count
    }
}
