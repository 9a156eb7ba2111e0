//! How many of one network, host or the like may do something at once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::Semaphore;

/// A semaphore for each key, as long as somebody holds or awaits a permit of it.
#[derive(Debug)]
pub struct KeyedSemaphore<K> {
    size: usize,
    semaphores: Mutex<HashMap<K, Weak<Semaphore>>>,
}

impl<K: Eq + Hash> KeyedSemaphore<K> {
    /// Semaphores of so many permits each.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size, semaphores: Mutex::new(HashMap::new()) }
    }

    /// The semaphore of a key. It is never closed.
    pub fn of(&self, key: K) -> Arc<Semaphore> {
        let mut semaphores = self.semaphores.lock().unwrap_or_else(PoisonError::into_inner);
        semaphores.retain(|_, semaphore| semaphore.strong_count() > 0);
        let semaphore = semaphores.entry(key).or_default();
        semaphore.upgrade().unwrap_or_else(|| {
            let new = Arc::new(Semaphore::new(self.size));
            *semaphore = Arc::downgrade(&new);
            new
        })
    }
}
