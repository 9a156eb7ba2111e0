//! Limits how many writes to the store are in progress, so that those of one user or network are not ahead of those of everybody else,
//! and those of strangers not ahead of those of users.
//!
//! Invariants:
//! - A write waits for its permit, not in the store's queue, where the writes of others would wait behind it: few writes are in
//!   progress at once, and whoever has fewest of them is next, a user or a network. The wait ends after [`MAX_WAIT`], so whoever
//!   depends on the time reads the clock after it.
//! - What anybody can cause has permits of its own, apart for each kind: registrations, assertions, and sign-ins and logouts at an identity provider.
//!   However many networks cause one kind, writes of users and of the other kinds wait for the few of it that are in progress only.

use std::{net::IpAddr, sync::Arc, time::Duration};

use mcp_http::net::{
    client_ip::ClientIp,
    fair_semaphore::{FairPermit, FairSemaphore},
    keyed_semaphore::{KeyedFairSemaphore, KeyedSemaphore},
};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// How many writes are in progress at once, and how many with those that wait to be. Further ones are rejected, so that the requests
/// of one user do not use up those of a network that many share.
const OF_USER: (usize, usize) = (2, 8);
/// The same for a configured client, which may stand for many users.
const OF_CLIENT: (usize, usize) = (8, 64);
/// How many writes of users and configured clients are in progress at once, and in how many parts they share them. A database writes
/// them one after the other, or in groups.
const KNOWN: (usize, usize) = (6, 3);
/// The same for each kind of write that strangers cause: providers share them, and customers those of their provider.
const OF_KIND: (usize, usize) = (2, 2);
/// How long a write waits for its permit.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// On whose behalf something is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Writer {
    /// A user who signed in, or signs in.
    User(String),
    /// A client that the operator configured.
    Client(String),
    /// Somebody of whom only the IP address is known.
    Stranger(Kind, ClientIp),
}

/// What a stranger causes to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A registration of a client.
    Registration,
    /// A used assertion of a client that anybody may have registered.
    Assertion,
    /// A used sign-in at the identity provider, whose user is not known yet.
    SignIn,
    /// A logout by the identity provider.
    Logout,
}

/// The permits to write.
#[derive(Debug)]
pub(crate) struct WritePermits {
    users: Pending,
    clients: Pending,
    known: FairSemaphore<Writer>,
    registrations: OfStrangers,
    assertions: OfStrangers,
    sign_ins: OfStrangers,
    logouts: OfStrangers,
}

/// The permits for one kind. Providers share them, and the customers of each provider its own, so that somebody with many networks of one
/// provider does not come before everybody else.
#[derive(Debug)]
struct OfStrangers {
    customers: KeyedFairSemaphore<IpAddr, IpAddr>,
    providers: FairSemaphore<IpAddr>,
}

/// The permits of each user or client.
#[derive(Debug)]
struct Pending {
    writes: KeyedSemaphore<Writer>,
    pending: KeyedSemaphore<Writer>,
}

/// Permission for one write, until it is dropped.
#[derive(Debug)]
#[expect(dead_code, reason = "held, not read")]
pub(crate) enum WritePermit {
    Known { own: [OwnedSemaphorePermit; 2], shared: FairPermit<Writer> },
    Stranger { own: FairPermit<IpAddr>, shared: FairPermit<IpAddr>, of_provider: Arc<FairSemaphore<IpAddr>> },
}

/// Too many writes wait already, or one waited too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many changes are being stored; try again in a few seconds")]
pub struct TooManyWrites;

impl WritePermits {
    pub(crate) fn new() -> Self {
        Self {
            users: Pending::new(OF_USER),
            clients: Pending::new(OF_CLIENT),
            known: FairSemaphore::new(KNOWN.0, KNOWN.1),
            registrations: OfStrangers::new(),
            assertions: OfStrangers::new(),
            sign_ins: OfStrangers::new(),
            logouts: OfStrangers::new(),
        }
    }

    /// Waits until `writer` may write. The permit is held until the write is done.
    ///
    /// # Errors
    /// Too many writes of this writer are in progress.
    pub(crate) async fn acquire(&self, writer: Writer) -> Result<WritePermit, TooManyWrites> {
        let permit = async {
            match writer {
                Writer::User(_) => self.known(&self.users, writer).await,
                Writer::Client(_) => self.known(&self.clients, writer).await,
                Writer::Stranger(kind, ip) => Ok(self.of_kind(kind).acquire(ip).await),
            }
        };
        timeout(MAX_WAIT, permit).await.unwrap_or(Err(TooManyWrites))
    }

    async fn known(&self, of_one: &Pending, writer: Writer) -> Result<WritePermit, TooManyWrites> {
        let place = of_one.pending.of(writer.clone()).try_acquire_owned().map_err(|_| TooManyWrites)?;
        // the semaphores are never closed
        let write = of_one.writes.of(writer.clone()).acquire_owned().await.map_err(|_| TooManyWrites)?;
        Ok(WritePermit::Known { own: [place, write], shared: self.known.acquire(writer).await })
    }

    fn of_kind(&self, kind: Kind) -> &OfStrangers {
        match kind {
            Kind::Registration => &self.registrations,
            Kind::Assertion => &self.assertions,
            Kind::SignIn => &self.sign_ins,
            Kind::Logout => &self.logouts,
        }
    }
}

impl OfStrangers {
    fn new() -> Self {
        Self { customers: KeyedFairSemaphore::fair(OF_KIND.0, OF_KIND.1), providers: FairSemaphore::new(OF_KIND.0, OF_KIND.1) }
    }

    async fn acquire(&self, ip: ClientIp) -> WritePermit {
        let of_provider = self.customers.of(ip.provider());
        let own = of_provider.acquire(ip.site()).await;
        WritePermit::Stranger { own, shared: self.providers.acquire(ip.provider()).await, of_provider }
    }
}

impl Pending {
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
    async fn users_share_the_writes_and_whoever_has_none_is_next() {
        let permits = WritePermits::new();
        let mut held = Vec::new();
        for name in ["ada", "ada", "bob", "eve", "mae", "joe"] {
            held.push(permits.acquire(user(name)).await.unwrap());
        }
        let (again, other) = (permits.acquire(user("joe")), permits.acquire(user("sam")));
        tokio::pin!(again, other);
        tokio::select! {
            biased;
            _ = &mut again => panic!("all are in progress"),
            _ = &mut other => panic!("all are in progress"),
            () = tokio::task::yield_now() => held.pop(),
        };
        assert!(other.await.is_ok(), "whoever has none is next");
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_strangers_write_keeps_nobody_else_waiting() {
        let kinds = [Kind::Registration, Kind::Assertion, Kind::SignIn, Kind::Logout];
        for flooded in kinds {
            let permits = std::sync::Arc::new(WritePermits::new());
            let stranger = |last: u8| Writer::Stranger(flooded, ClientIp(IpAddr::from([203, last, 113, 1])));
            let _held = [permits.acquire(stranger(1)).await.unwrap(), permits.acquire(stranger(2)).await.unwrap()];
            let mut flood = JoinSet::new();
            for last in 3..=250 {
                let (permits, writer) = (permits.clone(), stranger(last));
                flood.spawn(async move { permits.acquire(writer).await.map(drop) });
            }
            tokio::task::yield_now().await;
            let began_at = Instant::now();
            assert!(permits.acquire(user("ada")).await.is_ok());
            assert!(permits.acquire(Writer::Client("acme".to_owned())).await.is_ok());
            for other in kinds.into_iter().filter(|kind| *kind != flooded) {
                assert!(permits.acquire(Writer::Stranger(other, ClientIp(IpAddr::from([203, 1, 113, 1])))).await.is_ok());
            }
            assert_eq!(began_at.elapsed(), Duration::ZERO, "{flooded:?}");
            for outcome in flood.join_all().await {
                assert_eq!(outcome, Err(TooManyWrites));
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_strangers_the_network_that_writes_fewest_is_next() {
        let permits = WritePermits::new();
        let network = |last: u8| Writer::Stranger(Kind::Registration, ClientIp(IpAddr::from([203, last, 113, 1])));
        let mut held = vec![permits.acquire(network(1)).await.unwrap(), permits.acquire(network(2)).await.unwrap()];
        let (again, other) = (permits.acquire(network(1)), permits.acquire(network(3)));
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

    #[tokio::test(start_paused = true)]
    async fn many_customers_of_one_provider_keep_no_other_provider_waiting() {
        let permits = std::sync::Arc::new(WritePermits::new());
        let customer = |number: u16| {
            let ip = std::net::Ipv6Addr::new(0x2001, 0xdb8, number, number << 8, 0, 0, 0, 1);
            Writer::Stranger(Kind::SignIn, ClientIp(ip.into()))
        };
        let third = Writer::Stranger(Kind::SignIn, ClientIp(IpAddr::from([198, 51, 100, 1])));
        let mut held = vec![permits.acquire(customer(1)).await.unwrap(), permits.acquire(third).await.unwrap()];
        let mut flood = JoinSet::new();
        for number in 2..250 {
            let (permits, writer) = (permits.clone(), customer(number));
            flood.spawn(async move { permits.acquire(writer).await.map(drop) });
        }
        tokio::task::yield_now().await;
        let honest = permits.acquire(Writer::Stranger(Kind::SignIn, ClientIp(IpAddr::from([203, 0, 113, 1]))));
        tokio::pin!(honest);
        tokio::select! {
            biased;
            _ = &mut honest => panic!("both are in progress"),
            () = tokio::task::yield_now() => held.pop(),
        };
        let began_at = Instant::now();
        assert!(honest.await.is_ok(), "whoever has none is next");
        assert_eq!(began_at.elapsed(), Duration::ZERO);
    }
}
