//! A semaphore whose permits keys, such as users, share fairly.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

#[cfg(test)]
mod tests;

/// What shares the permits of a [`FairSemaphore`].
pub trait Key: Clone + Eq + Hash {}

impl<K: Clone + Eq + Hash> Key for K {}

/// A number of permits for all keys together. Cheap to clone; clones share the permits.
///
/// Invariants:
/// - A key without a permit gets one as long as one is free. A key with permits gets another one only while it holds less than its
///   part of the free ones. So the shares shrink as more keys take part: of 256 permits in eight parts, 34 keys hold all.
/// - A permit that becomes free is given to the waiting key that holds the fewest; of those, to the one that got none for longest, so
///   that a key with many waiters does not come before others with each of them; of those, to the one that has waited longest.
///   So a key that holds one may wait for long for another one while new keys arrive.
/// - If some keys are known, these come before the others, who are strangers. Neither of both takes the last quarter of the permits,
///   which so is there for the other.
/// - A key that neither holds a permit nor waits for one has no entry after the next call. Each call looks at every entry and waiter.
pub struct FairSemaphore<K: Key>(Arc<Shared<K>>);

struct Shared<K: Key> {
    parts: usize,
    state: Mutex<State<K>>,
}

/// Which keys are known, and how many permits these hold at most, and all others.
struct Classes<K> {
    is_known: fn(&K) -> bool,
    most: usize,
}

struct State<K: Key> {
    free: usize,
    /// `None` if all keys are alike.
    classes: Option<Classes<K>>,
    keys: HashMap<K, Holder<K>>,
    /// How many have waited so far.
    arrivals: u64,
    /// How many permits were given so far.
    given: u64,
}

/// The permits that one key holds, and who waits for another one.
struct Holder<K: Key> {
    held: usize,
    /// When it got its last permit, by the number of that permit; 0 if it got none since it began to wait.
    last: u64,
    waiting: VecDeque<Waiter<K>>,
}

struct Waiter<K: Key> {
    arrival: u64,
    sender: oneshot::Sender<FairPermit<K>>,
}

/// A permit, until it is dropped.
pub struct FairPermit<K: Key> {
    shared: Arc<Shared<K>>,
    /// `None` once the permit was taken back.
    key: Option<K>,
}

impl<K: Key> FairSemaphore<K> {
    /// A semaphore with this many permits, of which a key holds at most one of `parts` parts; there is at least one of each.
    #[must_use]
    pub fn new(permits: usize, parts: usize) -> Self {
        Self::of_classes(permits, parts, None)
    }

    /// The same, where some keys are known.
    #[must_use]
    pub fn with_known(permits: usize, parts: usize, is_known: fn(&K) -> bool) -> Self {
        Self::of_classes(permits, parts, Some(Classes { is_known, most: (permits - permits / 4).max(1) }))
    }

    fn of_classes(permits: usize, parts: usize, classes: Option<Classes<K>>) -> Self {
        let state = State { free: permits.max(1), classes, keys: HashMap::new(), arrivals: 0, given: 0 };
        Self(Arc::new(Shared { parts: parts.max(1), state: Mutex::new(state) }))
    }

    /// Waits for a permit of this key. Dropping the future cancels the wait.
    pub async fn acquire(&self, key: K) -> FairPermit<K> {
        loop {
            let receiver = self.0.lock().enqueue(key.clone());
            self.0.give();
            // a sender is only dropped after it has sent a permit; if that changed, this would queue again
            if let Ok(permit) = receiver.await {
                return permit;
            }
        }
    }

    /// Whether none is free, and another key that holds fewer than this one waits for a permit of it.
    #[must_use]
    pub fn is_wanted_from(&self, key: &K) -> bool {
        let state = self.0.lock();
        let own = state.keys.get(key).map_or(0, |holder| holder.held);
        let waits = |holder: &Holder<K>| holder.waiting.iter().any(|waiter| !waiter.sender.is_closed());
        state.free == 0 && state.keys.iter().any(|(other, holder)| other != key && holder.held < own && waits(holder))
    }
}

impl<K: Key> Shared<K> {
    fn lock(&self) -> MutexGuard<'_, State<K>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the free permits to those who wait and may have one.
    fn give(self: &Arc<Self>) {
        let mut state = self.lock();
        while let Some((key, waiter)) = state.next(self.parts) {
            let permit = FairPermit { shared: Arc::clone(self), key: Some(key) };
            // the receiver was dropped in the meantime, so the permit is free again
            if let Err(mut returned) = waiter.sender.send(permit)
                && let Some(key) = returned.key.take()
            {
                state.take_back(&key);
            }
        }
    }
}

impl<K: Key> State<K> {
    fn enqueue(&mut self, key: K) -> oneshot::Receiver<FairPermit<K>> {
        let (sender, receiver) = oneshot::channel();
        self.arrivals += 1;
        let holder = self.keys.entry(key).or_insert_with(|| Holder { held: 0, last: 0, waiting: VecDeque::new() });
        holder.waiting.push_back(Waiter { arrival: self.arrivals, sender });
        receiver
    }

    /// Takes a free permit for the waiter whose turn it is, and forgets those who have given up.
    fn next(&mut self, parts: usize) -> Option<(K, Waiter<K>)> {
        self.keys.retain(|_, holder| {
            holder.waiting.retain(|waiter| !waiter.sender.is_closed());
            holder.held > 0 || !holder.waiting.is_empty()
        });
        let part = self.free.div_ceil(parts);
        let is_stranger = |key: &K| self.classes.as_ref().is_some_and(|classes| !(classes.is_known)(key));
        let held_by = |strangers: bool| -> usize {
            self.keys.iter().filter(|(key, _)| is_stranger(key) == strangers).map(|(_, holder)| holder.held).sum()
        };
        let most = self.classes.as_ref().map_or(usize::MAX, |classes| classes.most);
        let (known_may, strangers_may) = (held_by(false) < most, held_by(true) < most);
        let turn = |key: &K, holder: &Holder<K>| {
            let is_stranger = is_stranger(key);
            let its_class_may = if is_stranger { strangers_may } else { known_may };
            let may_have_one = self.free > 0 && its_class_may && (holder.held == 0 || holder.held < part);
            let first = holder.waiting.front().filter(|_| may_have_one)?;
            Some((is_stranger, holder.held, holder.last, first.arrival))
        };
        let waiting = self.keys.iter().filter_map(|(key, holder)| Some((turn(key, holder)?, key)));
        let key = waiting.min_by_key(|(turn, _)| *turn)?.1.clone();
        let holder = self.keys.get_mut(&key)?;
        let waiter = holder.waiting.pop_front()?;
        holder.held += 1;
        self.given += 1;
        holder.last = self.given;
        self.free -= 1;
        Some((key, waiter))
    }

    fn take_back(&mut self, key: &K) {
        self.free += 1;
        if let Some(holder) = self.keys.get_mut(key) {
            holder.held -= 1;
        }
    }
}

impl<K: Key> Drop for FairPermit<K> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.shared.lock().take_back(&key);
            self.shared.give();
        }
    }
}

impl<K: Key> Clone for FairSemaphore<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Key> fmt::Debug for FairSemaphore<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = self.0.lock().free;
        f.debug_struct("FairSemaphore").field("free", &free).finish_non_exhaustive()
    }
}

impl<K: Key> fmt::Debug for FairPermit<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FairPermit")
    }
}
