//! Limits the number of open connections, in total and per customer.
//!
//! A connection either waits for its client, which may send the next request or the rest of one, or it processes a request. If
//! the limits leave no room for a new connection, a waiting one is closed: the one that has waited longest, of the customer with
//! the most waiting connections. So idle connections keep nobody out, and a flood of them closes its own.
//!
//! Invariant: nothing here grows with the number of customers that have been seen. The entry of a customer is removed with its last
//! connection.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;
use mcp_http::net::client_ip::{ClientIp, Peer};
use tokio::{sync::Notify, task::AbortHandle};

#[cfg(test)]
mod tests;

/// The limits on open connections.
#[derive(Debug)]
pub(super) struct ConnectionLimits {
    total: usize,
    per_customer: usize,
    trusted_proxies: Vec<IpNet>,
    open: Arc<Mutex<OpenConnections>>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    connections: HashMap<ConnectionId, OpenConnection>,
    /// The connections of each customer; `None` is the key for those of trusted proxies.
    by_customer: HashMap<Option<IpAddr>, OfCustomer>,
    next_id: ConnectionId,
    next_turn: WaitSequence,
}

/// The connections of one customer.
#[derive(Debug, Default)]
struct OfCustomer {
    count: usize,
    /// The connections that wait for their clients, the longest waiting first.
    waiting: BTreeMap<WaitSequence, ConnectionId>,
}

type ConnectionId = u64;
/// A sequence number: connections get increasing ones in the order in which they begin to wait.
type WaitSequence = u64;

#[derive(Debug)]
struct OpenConnection {
    /// The customer it counts towards; `None` if it comes from a trusted proxy.
    customer: Option<IpAddr>,
    /// When it began to wait for its client; `None` while it processes a request.
    waiting: Option<WaitSequence>,
    close: Arc<Notify>,
}

/// The limit that a connection exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OverLimit {
    /// The limit on all connections.
    Total,
    /// The limit on the connections of this customer.
    Customer(IpAddr),
}

/// An open connection, which is counted until this value is dropped.
#[derive(Debug)]
pub(super) struct ConnectionPermit {
    /// The limit for which another connection was closed to make room for this one.
    pub(super) made_room: Option<OverLimit>,
    open: Arc<Mutex<OpenConnections>>,
    id: ConnectionId,
    close: Arc<Notify>,
}

/// A request of a connection. When it is dropped, the connection waits for its client again.
#[derive(Debug)]
pub(super) struct ActiveRequest(Arc<ConnectionPermit>);

impl ConnectionLimits {
    /// Creates the limits. A trusted proxy forwards connections of many customers, so the limit per customer does not apply to it.
    pub(super) fn new(total: usize, per_customer: usize, trusted_proxies: Vec<IpNet>) -> Self {
        Self { total, per_customer, trusted_proxies, open: Arc::default() }
    }

    /// Counts a new connection, which waits for its client.
    ///
    /// # Errors
    /// The limit that it exceeds, if no connection that counts towards this limit is waiting.
    pub(super) fn admit(&self, peer: Peer) -> Result<ConnectionPermit, OverLimit> {
        let customer = (!peer.is_one_of(&self.trusted_proxies)).then(|| ClientIp(peer.0.ip().to_canonical()).customer());
        let mut open = lock(&self.open);
        let over = self.over_limit(&open, customer);
        if let Some(over) = over
            && !open.close_waiting(over)
        {
            return Err(over);
        }
        let (id, close) = open.add(customer);
        drop(open);
        Ok(ConnectionPermit { made_room: over, open: Arc::clone(&self.open), id, close })
    }

    /// The limit that another connection of this customer would exceed.
    fn over_limit(&self, open: &OpenConnections, customer: Option<IpAddr>) -> Option<OverLimit> {
        let of_customer =
            |customer: &IpAddr| open.by_customer.get(&Some(*customer)).is_some_and(|open| open.count >= self.per_customer);
        let over_customer = customer.filter(of_customer).map(OverLimit::Customer);
        over_customer.or((open.connections.len() >= self.total).then_some(OverLimit::Total))
    }
}

impl OpenConnections {
    fn add(&mut self, customer: Option<IpAddr>) -> (ConnectionId, Arc<Notify>) {
        let (id, close) = (self.next_id, Arc::new(Notify::new()));
        self.next_id += 1;
        self.connections.insert(id, OpenConnection { customer, waiting: None, close: Arc::clone(&close) });
        self.by_customer.entry(customer).or_default().count += 1;
        self.mark_waiting(id);
        (id, close)
    }

    /// Closes a waiting connection that counts towards a limit. Returns false if there is none.
    fn close_waiting(&mut self, over: OverLimit) -> bool {
        let customer = match over {
            OverLimit::Total => self
                .by_customer
                .values()
                .max_by_key(|open| (open.waiting.len(), open.waiting.keys().next().map(|turn| Reverse(*turn)))),
            OverLimit::Customer(customer) => self.by_customer.get(&Some(customer)),
        };
        let longest = customer.and_then(|open| open.waiting.values().next()).copied();
        let closed = longest.and_then(|id| self.remove(id));
        if let Some(connection) = &closed {
            connection.close.notify_one();
        }
        closed.is_some()
    }

    fn mark_waiting(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id).filter(|connection| connection.waiting.is_none()) else { return };
        connection.waiting = Some(self.next_turn);
        self.by_customer.entry(connection.customer).or_default().waiting.insert(self.next_turn, id);
        self.next_turn += 1;
    }

    fn mark_active(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id)
            && let Some(turn) = connection.waiting.take()
            && let Some(open) = self.by_customer.get_mut(&connection.customer)
        {
            open.waiting.remove(&turn);
        }
    }

    /// Stops counting a connection; `None` if it was not counted.
    fn remove(&mut self, id: ConnectionId) -> Option<OpenConnection> {
        self.mark_active(id);
        let connection = self.connections.remove(&id)?;
        if let Some(open) = self.by_customer.get_mut(&connection.customer) {
            open.count -= 1;
            if open.count == 0 {
                self.by_customer.remove(&connection.customer);
            }
        }
        Some(connection)
    }
}

impl ConnectionPermit {
    /// Waits until the connection has to close, to make room for another one.
    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }
}

impl ActiveRequest {
    /// A request of which only the headers have arrived.
    pub(super) fn new(connection: Arc<ConnectionPermit>) -> Self {
        Self(connection)
    }

    /// Records that the whole request has arrived.
    pub(super) fn has_arrived(&self) {
        lock(&self.0.open).mark_active(self.0.id);
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        lock(&self.0.open).mark_waiting(self.0.id);
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        lock(&self.open).remove(self.id);
    }
}

fn lock(open: &Mutex<OpenConnections>) -> MutexGuard<'_, OpenConnections> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The newest of some tasks: beyond a limit, the oldest is aborted for a new one. So a client that opens many idle connections
/// keeps nobody out.
#[derive(Debug)]
pub(super) struct OverflowTasks {
    most: usize,
    tasks: VecDeque<AbortHandle>,
}

impl OverflowTasks {
    pub(super) fn new(most: usize) -> Self {
        Self { most, tasks: VecDeque::with_capacity(most) }
    }

    /// Adds a task. Returns whether another one was aborted for it.
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
