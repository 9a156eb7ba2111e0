//! Limits the number of open connections, in total and per customer.
//!
//! A connection either waits for its client, which may send the next request or the rest of one, or it processes a request. If
//! the limits leave no room for a new connection, a waiting one is closed: the one that has waited longest, of the customer with
//! the most waiting connections among those that have most connections. If none of them waits, one of the customer with most
//! connections leaves: it is closed after the response to the request that it processes. So neither idle nor busy connections keep
//! anybody out who has fewer, and a flood of them closes its own. A request that waits for metadata of a stranger makes room, too: it
//! is answered at once ([`WaitingRequests`]), and its connection leaves. That comes before a connection is closed that waits for a moment
//! only, since its request may be on the way. If nothing else makes room, a request that waits for its turn does.
//!
//! Invariants: nothing here grows with the number of customers that have been seen. The entry of a customer is removed with its last
//! connection. At most [`MAX_LEAVING`] connections leave at once, which are not counted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ipnet::IpNet;
use mcp_http::net::{
    client_ip::{ClientIp, Peer},
    waiting::{WaitFor, WaitingRequests},
};
use tokio::{sync::Notify, task::AbortHandle, time::Instant};

#[cfg(test)]
mod tests;

/// How many connections may leave at once. A client can let each of them take as long as a request may.
const MAX_LEAVING: usize = 256;

/// For how long a connection waits for its client until it is idle. Before that, its next request may be on the way.
const IDLE: Duration = Duration::from_secs(1);

/// The limits on open connections.
#[derive(Debug)]
pub(super) struct ConnectionLimits {
    total: usize,
    per_customer: usize,
    trusted_proxies: Vec<IpNet>,
    open: Arc<Mutex<OpenConnections>>,
    waiting: WaitingRequests,
}

#[derive(Debug, Default)]
struct OpenConnections {
    connections: HashMap<ConnectionId, OpenConnection>,
    /// The connections of each customer; `None` is the key for those of trusted proxies.
    by_customer: HashMap<Option<IpAddr>, OfCustomer>,
    /// How many of the connections leave.
    n_leaving: usize,
    next_id: ConnectionId,
    next_turn: WaitSequence,
}

/// The connections of one customer that are counted.
#[derive(Debug, Default)]
struct OfCustomer {
    /// Those that wait for their clients, the longest waiting first.
    waiting: BTreeMap<WaitSequence, (ConnectionId, Instant)>,
    /// Those that process a request, the oldest first.
    active: BTreeSet<ConnectionId>,
}

type ConnectionId = u64;
/// A sequence number: connections get increasing ones in the order in which they begin to wait.
type WaitSequence = u64;

#[derive(Debug)]
struct OpenConnection {
    /// The customer it counts towards; `None` if it comes from a trusted proxy.
    customer: Option<IpAddr>,
    state: ConnectionState,
    close: Arc<Notify>,
    leaves: Arc<AtomicBool>,
}

#[derive(Clone, Copy, Debug)]
enum ConnectionState {
    /// It waits for its client since this turn.
    Waiting(WaitSequence),
    /// It processes a request.
    Active,
    /// It processes its last request, and is not counted.
    Leaving,
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
    waiting: WaitingRequests,
    id: ConnectionId,
    close: Arc<Notify>,
    leaves: Arc<AtomicBool>,
}

/// A request of a connection. When it is dropped, the connection waits for its client again.
#[derive(Debug)]
pub(super) struct ActiveRequest(Arc<ConnectionPermit>);

impl ConnectionLimits {
    /// Creates the limits. A trusted proxy forwards connections of many customers, so the limit per customer does not apply to it,
    /// but to the requests that wait there of each.
    pub(super) fn new(total: usize, per_customer: usize, trusted_proxies: Vec<IpNet>) -> Self {
        Self { total, per_customer, trusted_proxies, open: Arc::default(), waiting: WaitingRequests::new(per_customer) }
    }

    /// Counts a new connection, which waits for its client.
    ///
    /// # Errors
    /// The limit that it exceeds, if no connection can be closed for it.
    pub(super) fn admit(&self, peer: Peer) -> Result<ConnectionPermit, OverLimit> {
        let customer = (!peer.is_one_of(&self.trusted_proxies)).then(|| ClientIp(peer.0.ip().to_canonical()).customer());
        let mut open = lock(&self.open);
        let over = self.over_limit(&open, customer);
        if let Some(over) = over
            && !open.make_room(over, customer, &self.waiting)
        {
            return Err(over);
        }
        let (id, close, leaves) = open.add(customer);
        drop(open);
        let (open, waiting) = (Arc::clone(&self.open), self.waiting.clone());
        Ok(ConnectionPermit { made_room: over, open, waiting, id, close, leaves })
    }

    /// The limit that another connection of this customer would exceed.
    fn over_limit(&self, open: &OpenConnections, customer: Option<IpAddr>) -> Option<OverLimit> {
        let of_customer =
            |customer: &IpAddr| open.by_customer.get(&Some(*customer)).is_some_and(|open| open.count() >= self.per_customer);
        let over_customer = customer.filter(of_customer).map(OverLimit::Customer);
        over_customer.or((open.connections.len() - open.n_leaving >= self.total).then_some(OverLimit::Total))
    }
}

impl OfCustomer {
    fn count(&self) -> usize {
        self.waiting.len() + self.active.len()
    }
}

impl OpenConnections {
    fn add(&mut self, customer: Option<IpAddr>) -> (ConnectionId, Arc<Notify>, Arc<AtomicBool>) {
        let id = self.next_id;
        self.next_id += 1;
        let connection =
            OpenConnection { customer, state: ConnectionState::Active, close: Arc::default(), leaves: Arc::default() };
        let (close, leaves) = (Arc::clone(&connection.close), Arc::clone(&connection.leaves));
        self.connections.insert(id, connection);
        self.by_customer.entry(customer).or_default().active.insert(id);
        self.mark_waiting(id);
        (id, close, leaves)
    }

    /// Closes a connection that counts towards a limit, at once or after its request, for one of this customer. Returns false if
    /// there is none.
    fn make_room(&mut self, over: OverLimit, customer: Option<IpAddr>, waiting: &WaitingRequests) -> bool {
        if let OverLimit::Customer(customer) = over {
            return self.close_waiting(Duration::ZERO, |other, _| other == Some(customer));
        }
        let own = customer.and_then(|customer| self.by_customer.get(&Some(customer))).map_or(0, OfCustomer::count);
        // trusted proxies forward connections of many
        let counts = self.by_customer.iter().filter_map(|(customer, open)| Some((open.count(), (*customer)?)));
        if let Some((most, heaviest)) = counts.max().filter(|(most, _)| *most > own + 1)
            && (self.close_waiting(Duration::ZERO, |other, open| other.is_some() && 2 * open.count() >= most)
                || self.let_one_leave(heaviest))
        {
            return true;
        }
        // nobody loses a connection to a customer who has more, and a trusted proxy only to one who has none
        let is_meant =
            |other: Option<IpAddr>, open: &OfCustomer| other == customer || (open.count() > own && (other.is_some() || own == 0));
        self.close_waiting(IDLE, is_meant)
            || self.end_a_wait(waiting, WaitFor::Metadata)
            || self.close_waiting(Duration::ZERO, is_meant)
            || self.end_a_wait(waiting, WaitFor::Turn)
    }

    /// Closes the connection that has waited longest, and at least this long, of the customer with the most waiting ones among these.
    /// Returns false if there is none.
    fn close_waiting(&mut self, at_least: Duration, is_meant: impl Fn(Option<IpAddr>, &OfCustomer) -> bool) -> bool {
        let now = Instant::now();
        let waits = |open: &OfCustomer| open.waiting.values().next().is_some_and(|(_, since)| *since + at_least <= now);
        let customer = self
            .by_customer
            .iter()
            .filter(|(customer, open)| is_meant(**customer, open) && waits(open))
            .max_by_key(|(_, open)| (open.waiting.len(), open.waiting.keys().next().map(|turn| Reverse(*turn))));
        let longest = customer.and_then(|(_, open)| open.waiting.values().next()).copied();
        let closed = longest.and_then(|(id, _)| self.remove(id));
        if let Some(connection) = &closed {
            connection.close.notify_one();
        }
        closed.is_some()
    }

    /// Lets the oldest active connection of a customer leave. Returns false if there is none, or if too many leave already.
    fn let_one_leave(&mut self, customer: IpAddr) -> bool {
        let oldest = self.by_customer.get(&Some(customer)).and_then(|open| open.active.first()).copied();
        self.n_leaving < MAX_LEAVING && oldest.is_some_and(|id| self.let_leave(id))
    }

    /// Ends a wait, and lets its connection leave. Returns false if there is none, or if too many leave already.
    fn end_a_wait(&mut self, waiting: &WaitingRequests, reason: WaitFor) -> bool {
        while self.n_leaving < MAX_LEAVING
            && let Some(id) = waiting.end_one(reason)
        {
            // the connection of one that has leave to go is not counted any more
            if self.let_leave(id) {
                return true;
            }
        }
        false
    }

    /// Lets an active connection leave. Returns false if it is not active.
    fn let_leave(&mut self, id: ConnectionId) -> bool {
        let Some(connection) = self.connections.get_mut(&id) else { return false };
        if !matches!(connection.state, ConnectionState::Active) {
            return false;
        }
        connection.state = ConnectionState::Leaving;
        connection.leaves.store(true, Ordering::Relaxed);
        let customer = connection.customer;
        if let Some(open) = self.by_customer.get_mut(&customer) {
            open.active.remove(&id);
        }
        self.n_leaving += 1;
        self.forget_empty(customer);
        true
    }

    fn mark_waiting(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let open = self.by_customer.entry(connection.customer).or_default();
        match connection.state {
            ConnectionState::Waiting(_) => return,
            ConnectionState::Active => drop(open.active.remove(&id)),
            // its response was under way when it was told to leave, so it waits for its client like any other
            ConnectionState::Leaving => self.n_leaving -= 1,
        }
        connection.state = ConnectionState::Waiting(self.next_turn);
        open.waiting.insert(self.next_turn, (id, Instant::now()));
        self.next_turn += 1;
    }

    fn mark_active(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id)
            && let ConnectionState::Waiting(turn) = connection.state
        {
            connection.state = ConnectionState::Active;
            let open = self.by_customer.entry(connection.customer).or_default();
            open.waiting.remove(&turn);
            open.active.insert(id);
        }
    }

    /// Stops counting a connection; `None` if it was not counted.
    fn remove(&mut self, id: ConnectionId) -> Option<OpenConnection> {
        let connection = self.connections.remove(&id)?;
        match (connection.state, self.by_customer.get_mut(&connection.customer)) {
            (ConnectionState::Waiting(turn), Some(open)) => drop(open.waiting.remove(&turn)),
            (ConnectionState::Active, Some(open)) => drop(open.active.remove(&id)),
            (ConnectionState::Leaving, _) => self.n_leaving -= 1,
            (_, None) => {}
        }
        self.forget_empty(connection.customer);
        Some(connection)
    }

    fn forget_empty(&mut self, customer: Option<IpAddr>) {
        if self.by_customer.get(&customer).is_some_and(|open| open.count() == 0) {
            self.by_customer.remove(&customer);
        }
    }
}

impl ConnectionPermit {
    /// Waits until the connection has to close, to make room for another one.
    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }

    /// Processes a request; while that waits, another connection may need this one.
    pub(super) async fn process<F: Future>(&self, work: F) -> F::Output {
        self.waiting.on_connection(self.id, work).await
    }

    /// Whether the connection has to close after its response, to make room for another one.
    pub(super) fn leaves(&self) -> bool {
        self.leaves.load(Ordering::Relaxed)
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
