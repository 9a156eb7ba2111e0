//! Requests that wait for something that strangers can prolong: for metadata from their hosts, or for their turn.
//!
//! Each holds its connection meanwhile, and behind a proxy the connections of all customers are counted together. So such a wait can
//! be ended, with an error for its request: for one that needs the connection, and when the client has gone.
//!
//! Invariants: what is there already is no wait. Only waits end early; what a request does is never broken off.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    future::poll_fn,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use tokio::sync::{Notify, watch};

#[cfg(test)]
mod tests;

tokio::task_local! {
    static CURRENT: Client;
}

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFor {
    /// For documents from hosts of strangers.
    Metadata,
    /// For its turn among other requests.
    Turn,
}

/// The wait ended early: its connection is needed for others, the client has gone, or too many requests of the customer wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedEarly;

/// The requests of a server that wait. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub struct WaitingRequests {
    most_of_customer: usize,
    waits: Arc<Mutex<Waits>>,
}

#[derive(Debug, Default)]
struct Waits {
    for_metadata: ByCustomer,
    for_turn: ByCustomer,
    next: u64,
}

/// The waits of each customer, the longest first.
type ByCustomer = HashMap<IpAddr, BTreeMap<u64, Wait>>;

#[derive(Debug)]
struct Wait {
    connection: u64,
    end: Arc<Notify>,
}

/// The client of the request that a task works on.
#[derive(Clone, Debug, Default)]
pub struct Client {
    connection: Option<(WaitingRequests, u64)>,
    /// Is closed when the client has gone.
    presence: Option<watch::Receiver<()>>,
}

/// A wait that is counted until this value is dropped.
struct Counted<'a> {
    requests: &'a WaitingRequests,
    customer: IpAddr,
    reason: WaitFor,
    number: u64,
    end: Arc<Notify>,
}

/// Waits for `work` on behalf of a customer.
///
/// # Errors
/// When the wait ended early.
pub async fn wait<F: Future>(customer: IpAddr, reason: WaitFor, work: F) -> Result<F::Output, EndedEarly> {
    let mut work = pin!(work);
    if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
        return Ok(done);
    }
    let client = Client::current();
    let counted = match &client.connection {
        Some((requests, connection)) => Some(requests.count(customer, reason, *connection).ok_or(EndedEarly)?),
        None => None,
    };
    let ended = async {
        match &counted {
            Some(counted) => counted.end.notified().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        done = work => Ok(done),
        () = ended => Err(EndedEarly),
        () = client.gone() => Err(EndedEarly),
    }
}

impl WaitingRequests {
    /// No requests; at most this many of one customer may wait.
    #[must_use]
    pub fn new(most_of_customer: usize) -> Self {
        Self { most_of_customer, waits: Arc::default() }
    }

    /// Does the work for a request of this connection.
    pub async fn on_connection<F: Future>(&self, connection: u64, work: F) -> F::Output {
        Client { connection: Some((self.clone(), connection)), presence: None }.scope(work).await
    }

    /// Ends a wait for this and returns its connection: the longest of the customer who has most of them.
    #[must_use]
    pub fn end_one(&self, reason: WaitFor) -> Option<u64> {
        let wait = end_longest(self.lock().of(reason))?;
        wait.end.notify_one();
        Some(wait.connection)
    }

    /// `None` if too many of the customer wait.
    fn count(&self, customer: IpAddr, reason: WaitFor, connection: u64) -> Option<Counted<'_>> {
        let mut waits = self.lock();
        let of_customer = |waits: &ByCustomer| waits.get(&customer).map_or(0, BTreeMap::len);
        if of_customer(&waits.for_metadata) + of_customer(&waits.for_turn) >= self.most_of_customer {
            return None;
        }
        let (number, end) = (waits.next, Arc::new(Notify::new()));
        waits.next += 1;
        waits.of(reason).entry(customer).or_default().insert(number, Wait { connection, end: Arc::clone(&end) });
        Some(Counted { requests: self, customer, reason, number, end })
    }

    fn lock(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waits {
    fn of(&mut self, reason: WaitFor) -> &mut ByCustomer {
        match reason {
            WaitFor::Metadata => &mut self.for_metadata,
            WaitFor::Turn => &mut self.for_turn,
        }
    }
}

fn end_longest(waits: &mut ByCustomer) -> Option<Wait> {
    let most = |waits: &BTreeMap<u64, Wait>| (waits.len(), waits.keys().next().map(|number| Reverse(*number)));
    let customer = *waits.iter().max_by_key(|(_, waits)| most(waits))?.0;
    let of_customer = waits.get_mut(&customer)?;
    let (_, longest) = of_customer.pop_first()?;
    if of_customer.is_empty() {
        waits.remove(&customer);
    }
    Some(longest)
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut waits = self.requests.lock();
        let waits = waits.of(self.reason);
        if let Some(of_customer) = waits.get_mut(&self.customer) {
            of_customer.remove(&self.number);
            if of_customer.is_empty() {
                waits.remove(&self.customer);
            }
        }
    }
}

impl Client {
    /// That of the current task; a task that was spawned has none until it says so.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// The same client, which has gone once the returned value is dropped.
    #[must_use]
    pub fn until_dropped(self) -> (Self, watch::Sender<()>) {
        let (present, presence) = watch::channel(());
        (Self { presence: Some(presence), ..self }, present)
    }

    /// Does `work` for this client.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// Waits until the client has gone.
    async fn gone(&self) {
        match self.presence.clone() {
            // nothing is ever sent
            Some(mut presence) => while presence.changed().await.is_ok() {},
            None => std::future::pending().await,
        }
    }
}
