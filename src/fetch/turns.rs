//! Whose turn it is to be fetched for: few at once for one network and from one host, so that none of them takes all there is.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many fetches for strangers run at once.
pub(super) const AT_ONCE: usize = 16;
/// How many of them for one network, and how many from one host.
pub(super) const FOR_ONE: usize = 4;

/// Who waits to fetch.
#[derive(Debug)]
pub(super) struct Turns {
    networks: Lanes<IpAddr>,
    hosts: Lanes<String>,
    all: Arc<Semaphore>,
}

/// The room of one network, held while something is fetched for it or waited for.
#[derive(Debug)]
pub(crate) struct Lane(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// A fetch that may be made; dropped when it is over.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held, not read")] [OwnedSemaphorePermit; 2]);

impl Turns {
    pub(super) fn new() -> Self {
        Self { networks: Lanes::new(), hosts: Lanes::new(), all: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Waits for room for a network. Whoever waits here has to have nothing yet that others need.
    pub(super) async fn lane(&self, network: IpAddr) -> Option<Lane> {
        // no semaphore is ever closed
        self.networks.lane(network).acquire_owned().await.ok().map(Lane)
    }

    /// Waits for a turn. Who asks a slow host waits for that host first, and takes nothing there that others need.
    pub(super) async fn next(&self, host: String) -> Option<Turn> {
        let host = self.hosts.lane(host).acquire_owned().await.ok()?;
        Some(Turn([host, Arc::clone(&self.all).acquire_owned().await.ok()?]))
    }
}

/// A semaphore for each key, as long as somebody holds or awaits it.
#[derive(Debug)]
struct Lanes<K>(Mutex<HashMap<K, Weak<Semaphore>>>);

impl<K: Eq + Hash> Lanes<K> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn lane(&self, key: K) -> Arc<Semaphore> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|_, lane| lane.strong_count() > 0);
        let lane = lanes.entry(key).or_default();
        lane.upgrade().unwrap_or_else(|| {
            let new = Arc::new(Semaphore::new(FOR_ONE));
            *lane = Arc::downgrade(&new);
            new
        })
    }
}
