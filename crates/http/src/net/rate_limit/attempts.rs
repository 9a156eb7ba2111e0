//! Failed sign-ins with keys.
//!
//! They are counted for the beginning of a key, so that somebody who pastes a wrong key again and again stops only that key, and for a
//! network, so that nobody guesses many. Many users share one network, so its limit is higher.
//!
//! Invariant: no key is kept, only a hash of its beginning, made with a secret of this process.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use moka::sync::Cache;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout_at,
};

use super::MAX_NETWORKS;
use crate::net::{
    client_ip::ClientIp,
    fair_semaphore::{FairPermit, FairSemaphore},
    waiting::{WaitFor, wait},
};

#[cfg(test)]
mod tests;

/// How many failed sign-ins one network may have within [`FORGIVEN`], unless the operator says otherwise.
pub const FAILURES_OF_NETWORK: u32 = 100;
/// How long failed sign-ins count, from the first one on.
pub const FORGIVEN: Duration = Duration::from_mins(15);
/// How many failed sign-ins one network may have with keys of the same beginning.
const FAILURES_OF_KEY: u32 = 10;
/// How many characters of a key are its beginning.
const BEGINNING: usize = 12;
/// How many beginnings are tracked.
const MAX_KEYS: u64 = 100_000;
/// How many sign-in attempts of one network may run at once, and how many more may wait.
const AT_ONCE: usize = 4;
const WAITING: usize = 16;
/// How many sign-in attempts of all networks may run, and in how many parts customers share them. Further ones wait, those of the
/// customer that has fewest first.
const OF_ALL: usize = 256;
const PARTS: usize = 8;
/// How long an attempt waits for its turn.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// After how many seconds to try again if too many attempts wait.
const BUSY_SECONDS: u64 = 10;

/// Failed sign-ins, per network and per key. `now` is a monotonic clock.
#[derive(Debug)]
pub struct Attempts {
    failures_of_network: AtomicU32,
    networks: Cache<IpAddr, Arc<Network>>,
    keys: Cache<(IpAddr, u64), Arc<Failures>>,
    hasher: RandomState,
    /// For all attempts that run.
    of_all: FairSemaphore<IpAddr>,
}

/// The sign-in attempts of a network.
#[derive(Debug)]
struct Network {
    failures: Failures,
    turns: Arc<Semaphore>,
    /// For attempts that run or wait.
    places: Arc<Semaphore>,
}

/// How many attempts failed since a time.
#[derive(Debug)]
struct Failures {
    count: AtomicU32,
    since: Instant,
}

/// Why an attempt may not run, and after how many seconds another one may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooManyAttempts {
    /// Keys with the same beginning were refused too often.
    OfKey(u64),
    /// The network has failed too often.
    OfNetwork(u64),
    /// Too many attempts run or wait.
    Busy(u64),
}

/// A sign-in attempt that may run. Others of the same network may have to wait until it is dropped.
#[derive(Debug)]
pub struct AttemptPermit<'a> {
    attempts: &'a Attempts,
    ip: IpAddr,
    network: Arc<Network>,
    _permits: ([OwnedSemaphorePermit; 2], FairPermit<IpAddr>),
}

impl Default for Attempts {
    fn default() -> Self {
        Self::new(FAILURES_OF_NETWORK)
    }
}

impl Attempts {
    /// Limits the failed sign-ins of a network to this number within [`FORGIVEN`].
    #[must_use]
    pub fn new(failures_of_network: u32) -> Self {
        Self {
            failures_of_network: failures_of_network.into(),
            networks: Cache::builder().max_capacity(MAX_NETWORKS).time_to_live(FORGIVEN).build(),
            keys: Cache::builder().max_capacity(MAX_KEYS).time_to_live(FORGIVEN).build(),
            hasher: RandomState::new(),
            of_all: FairSemaphore::new(OF_ALL, PARTS),
        }
    }

    /// Changes that limit. What has failed before counts.
    pub fn set_limit(&self, failures_of_network: u32) {
        self.failures_of_network.store(failures_of_network, Ordering::Relaxed);
    }

    fn limit(&self) -> u32 {
        self.failures_of_network.load(Ordering::Relaxed)
    }

    /// Waits until an attempt with these keys may run. Only a few attempts of a network run at once, so that running them in parallel
    /// does not evade the limit on failures.
    ///
    /// # Errors
    /// When the network or one of the keys has failed too often recently, or too many attempts wait.
    pub async fn turn(&self, ip: IpAddr, keys: &[&str]) -> Result<AttemptPermit<'_>, TooManyAttempts> {
        let ip = ClientIp(ip).customer();
        let network = self.network(ip);
        let busy = TooManyAttempts::Busy(BUSY_SECONDS);
        let place = Arc::clone(&network.places).try_acquire_owned().map_err(|_| busy)?;
        let until = tokio::time::Instant::now() + MAX_WAIT;
        // the semaphore is never closed
        let permit = timeout_at(until, Arc::clone(&network.turns).acquire_owned());
        let permit = wait(ip, WaitFor::Turn, permit).await.ok().and_then(Result::ok).and_then(Result::ok).ok_or(busy)?;
        if let Some(seconds) = network.failures.seconds_left(self.limit()) {
            return Err(TooManyAttempts::OfNetwork(seconds));
        }
        let of_keys = keys.iter().filter_map(|key| self.keys.get(&self.beginning(ip, key)));
        if let Some(seconds) = of_keys.filter_map(|failures| failures.seconds_left(FAILURES_OF_KEY)).max() {
            return Err(TooManyAttempts::OfKey(seconds));
        }
        let of_all = wait(ip, WaitFor::Turn, timeout_at(until, self.of_all.acquire(ClientIp(ip).site()))).await;
        let of_all = of_all.ok().and_then(Result::ok).ok_or(busy)?;
        Ok(AttemptPermit { attempts: self, ip, network, _permits: ([place, permit], of_all) })
    }

    /// Whether a sign-in without keys may be attempted: the network has not failed too often recently.
    ///
    /// # Errors
    /// When it has.
    pub fn check(&self, ip: IpAddr) -> Result<(), TooManyAttempts> {
        let network = self.networks.get(&ClientIp(ip).customer());
        let seconds = network.and_then(|network| network.failures.seconds_left(self.limit()));
        seconds.map_or(Ok(()), |seconds| Err(TooManyAttempts::OfNetwork(seconds)))
    }

    /// Records that a sign-in without keys failed.
    pub fn fail(&self, ip: IpAddr) {
        self.network(ClientIp(ip).customer()).failures.note();
    }

    fn network(&self, ip: IpAddr) -> Arc<Network> {
        let new = || {
            let (turns, places) = (Semaphore::new(AT_ONCE), Semaphore::new(AT_ONCE + WAITING));
            Arc::new(Network { failures: Failures::new(), turns: Arc::new(turns), places: Arc::new(places) })
        };
        self.networks.get_with(ip, new)
    }

    fn beginning(&self, ip: IpAddr, key: &str) -> (IpAddr, u64) {
        (ip, self.hasher.hash_one(key.chars().take(BEGINNING).collect::<String>()))
    }
}

impl AttemptPermit<'_> {
    /// Records that the attempt failed because of this key.
    pub fn fail(self, key: &str) {
        let Self { attempts, ip, network, .. } = self;
        network.failures.note();
        attempts.keys.get_with(attempts.beginning(ip, key), || Arc::new(Failures::new())).note();
    }
}

impl Failures {
    fn new() -> Self {
        Self { count: AtomicU32::new(0), since: Instant::now() }
    }

    fn note(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// The seconds until they are forgiven, if they are this many.
    fn seconds_left(&self, most: u32) -> Option<u64> {
        let is_spent = self.count.load(Ordering::Relaxed) >= most;
        is_spent.then(|| FORGIVEN.saturating_sub(self.since.elapsed()).as_secs() + 1)
    }
}
