//! Limits concurrency per key, such as a network, a user or a host.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::Semaphore;

/// The minimum number of keys at which unused ones are removed.
const SWEEP: usize = 64;

/// A semaphore for each key, which exists while somebody holds or waits for a permit of it.
///
/// Invariant: there are at most as many unused keys as used ones, plus [`SWEEP`]. Removing them takes constant time per use,
/// amortized.
#[derive(Debug)]
pub struct KeyedSemaphore<K> {
    permits: usize,
    semaphores: Mutex<Semaphores<K>>,
}

#[derive(Debug)]
struct Semaphores<K> {
    by_key: HashMap<K, Weak<Semaphore>>,
    /// The number of keys at which unused ones are removed next.
    sweep_at: usize,
}

impl<K: Eq + Hash> KeyedSemaphore<K> {
    /// Semaphores with this many permits each.
    #[must_use]
    pub fn new(permits: usize) -> Self {
        Self { permits, semaphores: Mutex::new(Semaphores { by_key: HashMap::new(), sweep_at: SWEEP }) }
    }

    /// The semaphore of a key. It is never closed.
    pub fn of(&self, key: K) -> Arc<Semaphore> {
        let mut semaphores = self.lock();
        if semaphores.by_key.len() >= semaphores.sweep_at {
            semaphores.sweep();
        }
        let semaphore = semaphores.by_key.entry(key).or_default();
        semaphore.upgrade().unwrap_or_else(|| {
            let new = Arc::new(Semaphore::new(self.permits));
            *semaphore = Arc::downgrade(&new);
            new
        })
    }

    fn lock(&self) -> MutexGuard<'_, Semaphores<K>> {
        self.semaphores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Semaphores<K> {
    fn sweep(&mut self) {
        self.by_key.retain(|_, semaphore| semaphore.strong_count() > 0);
        self.sweep_at = SWEEP.max(2 * self.by_key.len());
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
