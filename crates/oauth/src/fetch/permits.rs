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
/// How many requests of one network may fetch or wait to.
pub(super) const OF_NETWORK: usize = 16;

/// Who waits to fetch.
#[derive(Debug)]
pub(super) struct FetchPermits {
    networks: Lanes<IpAddr>,
    /// For those of a network that fetch or wait.
    places: Lanes<IpAddr>,
    hosts: Lanes<String>,
    all: Arc<Semaphore>,
}

/// The room of one network, held while something is fetched for it or waited for.
#[derive(Debug)]
pub(crate) struct NetworkPermit(#[expect(dead_code, reason = "held, not read")] [OwnedSemaphorePermit; 2]);

/// A fetch that may be made; dropped when it is over.
#[derive(Debug)]
pub(super) struct FetchPermit(#[expect(dead_code, reason = "held, not read")] [OwnedSemaphorePermit; 2]);

impl FetchPermits {
    pub(super) fn new() -> Self {
        Self {
            networks: Lanes::new(FOR_ONE),
            places: Lanes::new(OF_NETWORK),
            hosts: Lanes::new(FOR_ONE),
            all: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Waits for room for a network; none where too many of it wait already. Whoever waits here has to have nothing yet that others
    /// need.
    pub(super) async fn lane(&self, network: IpAddr) -> Option<NetworkPermit> {
        let place = self.places.lane(network).try_acquire_owned().ok()?;
        // no semaphore is ever closed
        let permit = self.networks.lane(network).acquire_owned().await.ok()?;
        Some(NetworkPermit([place, permit]))
    }

    /// Waits for a turn. Who asks a slow host waits for that host first, and takes nothing there that others need.
    pub(super) async fn next(&self, host: String) -> Option<FetchPermit> {
        let host = self.hosts.lane(host).acquire_owned().await.ok()?;
        Some(FetchPermit([host, Arc::clone(&self.all).acquire_owned().await.ok()?]))
    }
}

/// A semaphore for each key, as long as somebody holds or awaits it.
#[derive(Debug)]
struct Lanes<K> {
    size: usize,
    lanes: Mutex<HashMap<K, Weak<Semaphore>>>,
}

impl<K: Eq + Hash> Lanes<K> {
    fn new(size: usize) -> Self {
        Self { size, lanes: Mutex::new(HashMap::new()) }
    }

    fn lane(&self, key: K) -> Arc<Semaphore> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|_, lane| lane.strong_count() > 0);
        let lane = lanes.entry(key).or_default();
        lane.upgrade().unwrap_or_else(|| {
            let new = Arc::new(Semaphore::new(self.size));
            *lane = Arc::downgrade(&new);
            new
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, task::Context};

    use crate::fetch::permits::*;

    #[tokio::test]
    async fn few_of_a_network_may_wait() {
        let turns = FetchPermits::new();
        let network = IpAddr::from([198, 51, 100, 1]);
        let mut held = Vec::new();
        for _ in 0..FOR_ONE {
            held.push(turns.lane(network).await.unwrap());
        }
        let mut waiting: Vec<_> = (FOR_ONE..OF_NETWORK).map(|_| Box::pin(turns.lane(network))).collect();
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(waiting.iter_mut().all(|lane| lane.as_mut().poll(&mut context).is_pending()));
        let mut refused = pin!(turns.lane(network));
        assert!(matches!(refused.as_mut().poll(&mut context), std::task::Poll::Ready(None)), "at once");
        assert!(turns.lane(IpAddr::from([198, 51, 100, 2])).await.is_some(), "another network has its own");
    }
}
