//! How many connections may be open at once, in all and from one network.
//!
//! Invariant: nothing here grows with the number of networks that have been seen. A network is forgotten with its last connection.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ipnet::IpNet;
use tokio::task::AbortHandle;

use super::peer::{ClientIp, Peer};

#[cfg(test)]
mod tests;

/// The limits on open connections.
#[derive(Debug)]
pub(super) struct ConnectionLimits {
    total: usize,
    per_network: usize,
    trusted_proxies: Vec<IpNet>,
    open: Arc<Mutex<OpenConnections>>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    total: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// Which limit a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OverLimit {
    /// The limit on all connections.
    Total,
    /// The limit on the connections of this network.
    Network(IpAddr),
}

/// An open connection that is counted until this value is dropped.
#[derive(Debug)]
pub(super) struct ConnectionPermit {
    open: Arc<Mutex<OpenConnections>>,
    /// The network it counts for; none if it comes from a trusted proxy.
    network: Option<IpAddr>,
}

impl ConnectionLimits {
    /// A trusted proxy brings the connections of many networks, so the limit on one network is not for it.
    pub(super) fn new(total: usize, per_network: usize, trusted_proxies: Vec<IpNet>) -> Self {
        Self { total, per_network, trusted_proxies, open: Arc::default() }
    }

    /// Counts a new connection, if it is within the limits.
    pub(super) fn admit(&self, peer: Peer) -> Result<ConnectionPermit, OverLimit> {
        let network = (!peer.is_one_of(&self.trusted_proxies)).then(|| ClientIp(peer.0.ip().to_canonical()).customer());
        let mut open = lock(&self.open);
        if let Some(network) = network
            && open.by_network.get(&network).is_some_and(|count| *count >= self.per_network)
        {
            return Err(OverLimit::Network(network));
        }
        if open.total >= self.total {
            return Err(OverLimit::Total);
        }
        open.total += 1;
        if let Some(network) = network {
            *open.by_network.entry(network).or_default() += 1;
        }
        Ok(ConnectionPermit { open: Arc::clone(&self.open), network })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.total -= 1;
        if let Some(network) = self.network
            && let Some(count) = open.by_network.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                open.by_network.remove(&network);
            }
        }
    }
}

fn lock(open: &Mutex<OpenConnections>) -> MutexGuard<'_, OpenConnections> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The newest of some tasks: beyond a number, the oldest is aborted for a new one. So whoever opens many connections and does
/// nothing with them keeps nobody out.
#[derive(Debug)]
pub(super) struct NewestTasks {
    most: usize,
    tasks: VecDeque<AbortHandle>,
}

impl NewestTasks {
    pub(super) fn new(most: usize) -> Self {
        Self { most, tasks: VecDeque::with_capacity(most) }
    }

    /// Adds a task. Whether another one was aborted for it.
    pub(super) fn add(&mut self, task: AbortHandle) -> bool {
        let mut has_aborted = false;
        if self.tasks.len() >= self.most {
            self.tasks.retain(|task| !task.is_finished());
        }
        if self.tasks.len() >= self.most
            && let Some(oldest) = self.tasks.pop_front()
        {
            oldest.abort();
            has_aborted = true;
        }
        self.tasks.push_back(task);
        has_aborted
    }
}

/// Something that may happen so often that a line for each time would flood the log.
#[derive(Debug, Default)]
pub(super) struct Recurring {
    logged_at: Option<Instant>,
    count: u64,
}

impl Recurring {
    /// The least time between two lines about the same.
    const BETWEEN: Duration = Duration::from_mins(1);

    /// Notes that it happened. How often it has since the last line, when it is time for another one.
    pub(super) fn note(&mut self, now: Instant) -> Option<u64> {
        self.count += 1;
        if self.logged_at.is_some_and(|at| now.duration_since(at) < Self::BETWEEN) {
            return None;
        }
        self.logged_at = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}
