//! Limits concurrency per key, such as a network, a user or a host.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::Semaphore;

use super::fair_semaphore::{FairSemaphore, Key};

/// The minimum number of keys at which unused ones are removed.
const SWEEP: usize = 64;

/// A semaphore for each key.
pub type KeyedSemaphore<K> = Keyed<K, Semaphore>;

/// A semaphore for each key, whose permits others share fairly, such as the networks that fetch from a host.
pub type KeyedFairSemaphore<K, H> = Keyed<K, FairSemaphore<H>>;

/// A semaphore for each key, which exists while somebody has it, or holds or waits for a permit of it.
///
/// Invariant: there are at most as many unused keys as used ones, plus [`SWEEP`]. Removing them takes constant time per use,
/// amortized.
pub struct Keyed<K, S> {
    new: Box<dyn Fn() -> S + Send + Sync>,
    semaphores: Mutex<Semaphores<K, S>>,
}

struct Semaphores<K, S> {
    by_key: HashMap<K, Weak<S>>,
    /// The number of keys at which unused ones are removed next.
    sweep_at: usize,
}

impl<K: Eq + Hash> KeyedSemaphore<K> {
    /// Semaphores with this many permits each, which are never closed.
    #[must_use]
    pub fn new(permits: usize) -> Self {
        Self::of_new(move || Semaphore::new(permits))
    }
}

impl<K: Eq + Hash, H: Key + Send + 'static> KeyedFairSemaphore<K, H> {
    /// Semaphores with this many permits each, in this many parts ([`FairSemaphore::new`]). Whoever acquires one keeps the semaphore
    /// until it is dropped.
    #[must_use]
    pub fn fair(permits: usize, parts: usize) -> Self {
        Self::of_new(move || FairSemaphore::new(permits, parts))
    }
}

impl<K: Eq + Hash, S> Keyed<K, S> {
    fn of_new(new: impl Fn() -> S + Send + Sync + 'static) -> Self {
        Self { new: Box::new(new), semaphores: Mutex::new(Semaphores { by_key: HashMap::new(), sweep_at: SWEEP }) }
    }

    /// The semaphore of a key.
    pub fn of(&self, key: K) -> Arc<S> {
        let mut semaphores = self.lock();
        if semaphores.by_key.len() >= semaphores.sweep_at {
            semaphores.sweep();
        }
        let semaphore = semaphores.by_key.entry(key).or_default();
        semaphore.upgrade().unwrap_or_else(|| {
            let new = Arc::new((self.new)());
            *semaphore = Arc::downgrade(&new);
            new
        })
    }

    fn lock(&self) -> MutexGuard<'_, Semaphores<K, S>> {
        self.semaphores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, S> Semaphores<K, S> {
    fn sweep(&mut self) {
        self.by_key.retain(|_, semaphore| semaphore.strong_count() > 0);
        self.sweep_at = SWEEP.max(2 * self.by_key.len());
    }
}

impl<K: Eq + Hash, S> fmt::Debug for Keyed<K, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").field("keys", &self.lock().by_key.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_nobody_uses_are_forgotten_and_others_keep_their_semaphore() {
        let semaphores = KeyedSemaphore::new(1);
        let held = semaphores.of(0).try_acquire_owned().unwrap();
        for key in 1..10 * SWEEP {
            assert!(semaphores.of(key).try_acquire_owned().is_ok());
            assert!(semaphores.of(0).try_acquire_owned().is_err(), "its only permit is held");
            assert!(semaphores.lock().by_key.len() <= SWEEP);
        }
        drop(held);
        semaphores.lock().sweep();
        assert!(semaphores.lock().by_key.is_empty());
    }
}
