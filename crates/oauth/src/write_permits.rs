//! Limits how many writes to the store one user has in progress, so that they are not ahead of those of everybody else.
//!
//! Invariants: a write waits for its permit, not in the store's queue, where the writes of others would wait behind it. The wait
//! ends after [`MAX_WAIT`], so whoever depends on the time reads the clock after it.

use std::{net::IpAddr, time::Duration};

use mcp_http::net::keyed_semaphore::KeyedSemaphore;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::timeout,
};

/// How many writes are in progress at once, and how many with those that wait to be. Further ones are rejected, so that the requests
/// of one user do not use up those of a network that many share.
const OF_USER: (usize, usize) = (2, 8);
/// The same for a client or a network, each of which may stand for many users.
const OF_MANY: (usize, usize) = (8, 64);
/// How many registrations are written at once.
const REGISTRATIONS: usize = 4;
/// How long a write waits for its permit.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// On whose behalf something is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Writer {
    /// A user who signed in, or signs in.
    User(String),
    /// A client that authenticates.
    Client(String),
    /// A customer's network, before anything else is known.
    Customer(IpAddr),
}

/// The permits to write.
#[derive(Debug)]
pub(crate) struct WritePermits {
    users: Share,
    many: Share,
    registrations: Semaphore,
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
    _permits: [OwnedSemaphorePermit; 2],
}

/// Too many writes wait already, or one waited too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many changes are being stored; try again in a few seconds")]
pub struct TooManyWrites;

impl WritePermits {
    pub(crate) fn new() -> Self {
        Self { users: Share::new(OF_USER), many: Share::new(OF_MANY), registrations: Semaphore::new(REGISTRATIONS) }
    }

    /// Waits until `writer` may write. The permit is held until the write is done.
    ///
    /// # Errors
    /// Too many writes of this writer are in progress.
    pub(crate) async fn acquire(&self, writer: Writer) -> Result<WritePermit, TooManyWrites> {
        let share = match writer {
            Writer::User(_) => &self.users,
            Writer::Client(_) | Writer::Customer(_) => &self.many,
        };
        let place = share.pending.of(writer.clone()).try_acquire_owned().map_err(|_| TooManyWrites)?;
        // the semaphores are never closed
        let write = timeout(MAX_WAIT, share.writes.of(writer).acquire_owned()).await.ok().and_then(Result::ok);
        Ok(WritePermit { _permits: [place, write.ok_or(TooManyWrites)?] })
    }

    /// Waits until a registration may be written, by whomever.
    ///
    /// # Errors
    /// Too many registrations are being written.
    pub(crate) async fn acquire_for_registration(&self) -> Result<SemaphorePermit<'_>, TooManyWrites> {
        timeout(MAX_WAIT, self.registrations.acquire()).await.ok().and_then(Result::ok).ok_or(TooManyWrites)
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
    async fn registrations_are_limited_for_everybody_together() {
        let permits = WritePermits::new();
        let mut held = Vec::new();
        for _ in 0..REGISTRATIONS {
            held.push(permits.acquire_for_registration().await.unwrap());
        }
        assert_eq!(permits.acquire_for_registration().await.map(drop), Err(TooManyWrites));
        held.pop();
        assert!(permits.acquire_for_registration().await.is_ok());
    }
}
