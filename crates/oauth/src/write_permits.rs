//! Limits how many writes to the store one user has in progress, so that they are not ahead of those of everybody else.
//!
//! Invariants: a write waits for its permit, not in the store's queue, where the writes of others would wait behind it: few writes are in
//! progress at once, and whoever has fewest of them is next, a user or a network. The wait ends after [`MAX_WAIT`], so whoever depends on
//! the time reads the clock after it.

use std::{net::IpAddr, time::Duration};

use mcp_http::net::{
    fair_semaphore::{FairPermit, FairSemaphore},
    keyed_semaphore::KeyedSemaphore,
};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// How many writes are in progress at once, and how many with those that wait to be. Further ones are rejected, so that the requests
/// of one user do not use up those of a network that many share.
const OF_USER: (usize, usize) = (2, 8);
/// The same for a client or a network, each of which may stand for many users.
const OF_MANY: (usize, usize) = (8, 64);
/// How many writes are in progress at once, and in how many parts those share them who write. A database writes them one after the
/// other, or in groups.
const ALL: (usize, usize) = (6, 3);
/// How many registrations are written at once, and in how many parts networks share them: whichever writes fewest is next, so that a
/// network with many registrations does not keep others from theirs.
const REGISTRATIONS: (usize, usize) = (4, 2);
/// How long a write waits for its permit.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// On whose behalf something is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Writer {
    /// A user who signed in, or signs in.
    User(String),
    /// A client that the operator configured.
    Client(String),
    /// A client that authenticates, and the customer's network from which it does: anybody can register many clients.
    Stranger {
        /// The ID of the client.
        client: String,
        /// The network.
        network: IpAddr,
    },
    /// A customer's network, before anything else is known.
    Customer(IpAddr),
}

/// The permits to write.
#[derive(Debug)]
pub(crate) struct WritePermits {
    users: Share,
    many: Share,
    registrations: FairSemaphore<IpAddr>,
    all: FairSemaphore<Holder>,
}

/// Who shares the writes in progress.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Holder {
    User(String),
    Client(String),
    Network(IpAddr),
}

/// The permits of each writer.
#[derive(Debug)]
struct Share {
    writes: KeyedSemaphore<Writer>,
    pending: KeyedSemaphore<Writer>,
}

/// Permission for one write, until it is dropped.
#[derive(Debug)]
pub(crate) struct WritePermit {
    _own: [OwnedSemaphorePermit; 2],
    _shared: FairPermit<Holder>,
}

/// Permission for one registration, until it is dropped.
#[derive(Debug)]
pub(crate) struct RegistrationPermit {
    _own: FairPermit<IpAddr>,
    _shared: FairPermit<Holder>,
}

/// Too many writes wait already, or one waited too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many changes are being stored; try again in a few seconds")]
pub struct TooManyWrites;

impl WritePermits {
    pub(crate) fn new() -> Self {
        Self {
            users: Share::new(OF_USER),
            many: Share::new(OF_MANY),
            registrations: FairSemaphore::new(REGISTRATIONS.0, REGISTRATIONS.1),
            all: FairSemaphore::new(ALL.0, ALL.1),
        }
    }

    /// Waits until `writer` may write. The permit is held until the write is done.
    ///
    /// # Errors
    /// Too many writes of this writer are in progress.
    pub(crate) async fn acquire(&self, writer: Writer) -> Result<WritePermit, TooManyWrites> {
        let (share, holder) = match &writer {
            Writer::User(id) => (&self.users, Holder::User(id.clone())),
            Writer::Client(id) => (&self.many, Holder::Client(id.clone())),
            Writer::Stranger { network, .. } | Writer::Customer(network) => (&self.many, Holder::Network(*network)),
        };
        let place = share.pending.of(writer.clone()).try_acquire_owned().map_err(|_| TooManyWrites)?;
        let permits = async {
            // the semaphores are never closed
            let write = share.writes.of(writer).acquire_owned().await.map_err(|_| TooManyWrites)?;
            Ok(WritePermit { _own: [place, write], _shared: self.all.acquire(holder).await })
        };
        timeout(MAX_WAIT, permits).await.unwrap_or(Err(TooManyWrites))
    }

    /// Waits until a registration from a customer's network may be written.
    ///
    /// # Errors
    /// Too many registrations are being written.
    pub(crate) async fn acquire_for_registration(&self, customer: IpAddr) -> Result<RegistrationPermit, TooManyWrites> {
        let permits = async {
            let own = self.registrations.acquire(customer).await;
            RegistrationPermit { _own: own, _shared: self.all.acquire(Holder::Network(customer)).await }
        };
        timeout(MAX_WAIT, permits).await.map_err(|_| TooManyWrites)
    }
}

impl Share {
    fn new((writes, pending): (usize, usize)) -> Self {
        Self { writes: KeyedSemaphore::new(writes), pending: KeyedSemaphore::new(pending) }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{task::JoinSet, time::Instant};

    use super::*;

    fn user(name: &str) -> Writer {
        Writer::User(name.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn one_user_writes_twice_at_once_and_others_do_not_wait() {
        let permits = WritePermits::new();
        let _first = permits.acquire(user("ada")).await.unwrap();
        let second = permits.acquire(user("ada")).await.unwrap();
        let began_at = Instant::now();
        assert!(permits.acquire(user("bob")).await.is_ok());
        assert!(permits.acquire(Writer::Client("ada".to_owned())).await.is_ok());
        assert_eq!(began_at.elapsed(), Duration::ZERO);
        let (third, ()) = tokio::join!(permits.acquire(user("ada")), async {
            tokio::time::advance(Duration::from_secs(1)).await;
            drop(second);
        });
        assert!(third.is_ok());
        assert_eq!(began_at.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_waits_too_long_or_finds_no_place_is_rejected() {
        let (writes, pending) = OF_USER;
        let permits = std::sync::Arc::new(WritePermits::new());
        let _held = [permits.acquire(user("ada")).await.unwrap(), permits.acquire(user("ada")).await.unwrap()];
        let mut waiting = JoinSet::new();
        for _ in writes..pending {
            let permits = permits.clone();
            waiting.spawn(async move { permits.acquire(user("ada")).await.map(drop) });
        }
        for _ in 0..pending {
            tokio::task::yield_now().await;
        }
        let began_at = Instant::now();
        assert_eq!(permits.acquire(user("ada")).await.map(drop), Err(TooManyWrites));
        assert_eq!(began_at.elapsed(), Duration::ZERO);
        for outcome in waiting.join_all().await {
            assert_eq!(outcome, Err(TooManyWrites));
        }
        assert_eq!(began_at.elapsed(), MAX_WAIT);
    }

    #[tokio::test(start_paused = true)]
    async fn many_clients_of_a_network_do_not_come_before_others() {
        let permits = WritePermits::new();
        let network = IpAddr::from([203, 0, 113, 1]);
        let stranger = |number: u32| Writer::Stranger { client: number.to_string(), network };
        let mut held = Vec::new();
        for number in 0..2 {
            held.push(permits.acquire(stranger(number)).await.unwrap());
        }
        // a third of the six, although each client writes for the first time
        assert_eq!(permits.acquire(stranger(2)).await.map(drop).unwrap_err(), TooManyWrites);
        for name in ["ada", "bob", "eve", "mae"] {
            held.push(permits.acquire(user(name)).await.unwrap());
        }
        let (again, other) = (permits.acquire(stranger(3)), permits.acquire(user("sam")));
        tokio::pin!(again, other);
        tokio::select! {
            biased;
            _ = &mut again => panic!("the network has its part"),
            _ = &mut other => panic!("none is free"),
            () = tokio::task::yield_now() => held.pop(),
        };
        assert!(other.await.is_ok(), "whoever has none is next");
    }

    #[tokio::test(start_paused = true)]
    async fn registrations_are_limited_and_the_network_that_writes_fewest_is_next() {
        let permits = WritePermits::new();
        let network = |last: u8| IpAddr::from([203, 0, 113, last]);
        let mut held = Vec::new();
        for last in 1..=4 {
            held.push(permits.acquire_for_registration(network(last)).await.unwrap());
        }
        assert_eq!(permits.acquire_for_registration(network(5)).await.map(drop).unwrap_err(), TooManyWrites);
        let again = permits.acquire_for_registration(network(1));
        let other = permits.acquire_for_registration(network(5));
        tokio::pin!(again, other);
        tokio::select! {
            biased;
            _ = &mut again => panic!("the first network has one already"),
            _ = &mut other => panic!("none is free"),
            () = tokio::task::yield_now() => held.pop(),
        };
        tokio::select! {
            biased;
            _ = &mut again => panic!("the first network waits for longer, but has one already"),
            other = &mut other => assert!(other.is_ok()),
        }
    }
}
