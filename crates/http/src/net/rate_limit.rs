//! How often one network may call what costs something before anybody is known.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{log::SharedRecurring, net::client_ip::ClientIp};

#[cfg(test)]
mod tests;

/// How many failed sign-ins one network may have within [`FORGIVEN`].
const FAILURES: u32 = 10;
/// How many may try to sign in at once from one network, and how many more may wait.
const AT_ONCE: usize = 4;
const WAITING: usize = 16;
/// How long failed sign-ins count.
pub const FORGIVEN: Duration = Duration::from_mins(15);
/// How many wrong tokens of one network are looked at within [`WATCHED`]. After a restore everybody's may be wrong, and they come
/// from their assistants' makers.
const MOST_WRONG: u32 = 1000;
/// How long wrong tokens count.
pub const WATCHED: Duration = Duration::from_mins(1);
/// How many networks are remembered for one rate, or for their failures.
const MOST: u64 = 100_000;

/// One rate for everybody together. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Total(Arc<DefaultDirectRateLimiter>);

impl Total {
    fn new(quota: Quota) -> Self {
        Self(Arc::new(RateLimiter::direct(quota)))
    }

    /// Whether one more is let in now, or after how many seconds.
    pub fn admit(&self) -> Result<(), u64> {
        self.0.check().map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }
}

/// A rate for each network, of which it remembers [`MOST`] at most. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Rate {
    quota: Quota,
    networks: Cache<IpAddr, Total>,
    /// How often it was exceeded, for the log.
    pub exceeded: SharedRecurring,
}

impl Rate {
    fn new(quota: Quota) -> Self {
        // who has been away for so long has all of its burst again, and need not be remembered
        let refilled = quota.burst_size_replenished_in() + Duration::from_secs(1);
        Self {
            quota,
            networks: Cache::builder().max_capacity(MOST).time_to_idle(refilled).build(),
            exceeded: SharedRecurring::default(),
        }
    }

    /// Whether the network may call now, or after how many seconds.
    pub fn admit(&self, network: IpAddr) -> Result<(), u64> {
        self.networks.get_with(network, || Total::new(self.quota)).admit()
    }
}

/// The rates there are. Many users can stand behind one address, and all users of one assistant behind its maker's, so
/// they stop floods and nothing less.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Of registrations.
    pub register: Rate,
    /// Of registrations by clients that are new, so that a few networks cannot use up what all have together.
    ///
    /// An assistant's maker registers from a few addresses for all its users. Metadata that is the same for all of them is known
    /// after the first, and not counted; where each user's differs, this is 300 users at once, and 8,640 a day.
    pub new_clients: Rate,
    /// The same from all networks together: what can pile up until what nobody uses is forgotten. In the ten minutes between
    /// two cleanings that is 2,000 + 600 s × 20 = 14,000 rows of 16 KiB, beside the 10,000 that a cleaning leaves.
    pub all_new_clients: Total,
    /// Of requests for tokens, and to revoke them.
    pub token: Rate,
    /// Of pages.
    pub users: Rate,
    /// Of wrong tokens at the MCP endpoint.
    pub wrong_tokens: WrongTokens,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            register: Rate::new(quota(300, Duration::from_millis(500))),
            new_clients: Rate::new(quota(300, Duration::from_secs(10))),
            all_new_clients: Total::new(quota(2000, Duration::from_millis(50))),
            token: Rate::new(quota(1000, Duration::from_millis(20))),
            users: Rate::new(quota(2000, Duration::from_millis(20))),
            wrong_tokens: WrongTokens::default(),
        }
    }
}

/// So many at once, and then one more each time that so much has passed.
fn quota(burst: u32, every: Duration) -> Quota {
    let one = NonZeroU32::MIN;
    Quota::with_period(every).unwrap_or(Quota::per_second(one)).allow_burst(NonZeroU32::new(burst).unwrap_or(one))
}

/// How many wrong tokens each network has brought in the last [`WATCHED`] or so. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WrongTokens {
    networks: Cache<IpAddr, Arc<AtomicU32>>,
    /// How often a network brought too many, for the log.
    pub too_many: SharedRecurring,
}

impl Default for WrongTokens {
    fn default() -> Self {
        let networks = Cache::builder().max_capacity(MOST).time_to_live(WATCHED).build();
        Self { networks, too_many: SharedRecurring::default() }
    }
}

impl WrongTokens {
    /// Whether a network has brought so many that no others of it are looked at now.
    pub fn are_too_many(&self, network: IpAddr) -> bool {
        self.networks.get(&network).is_some_and(|count| count.load(Ordering::Relaxed) >= MOST_WRONG)
    }

    /// Notes one.
    pub fn note(&self, network: IpAddr) {
        self.networks.get_with(network, Arc::default).fetch_add(1, Ordering::Relaxed);
    }
}

/// Failed sign-ins, by network.
#[derive(Debug)]
pub struct Attempts(Cache<IpAddr, Arc<Network>>);

/// What a network tried.
#[derive(Debug)]
struct Network {
    failures: AtomicU32,
    turns: Arc<Semaphore>,
    /// For those who try or wait.
    places: Arc<Semaphore>,
}

/// A try that may be made. Others of the same network may have to wait until it is over.
#[derive(Debug)]
pub struct Turn {
    network: Arc<Network>,
    _permits: [OwnedSemaphorePermit; 2],
}

impl Default for Attempts {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(FORGIVEN).build())
    }
}

impl Attempts {
    /// Waits for a turn to try; `None` when the network has failed too often to try again now, or too many of it wait. Only so many
    /// try at once that trying at the same time gains little.
    pub async fn turn(&self, ip: IpAddr) -> Option<Turn> {
        let new = || {
            let (turns, places) = (Semaphore::new(AT_ONCE), Semaphore::new(AT_ONCE + WAITING));
            Arc::new(Network { failures: AtomicU32::new(0), turns: Arc::new(turns), places: Arc::new(places) })
        };
        let network = self.0.get_with(ClientIp(ip).network(), new);
        let place = Arc::clone(&network.places).try_acquire_owned().ok()?;
        // the semaphore is never closed
        let permit = Arc::clone(&network.turns).acquire_owned().await.ok()?;
        let is_spent = network.failures.load(Ordering::Relaxed) >= FAILURES;
        (!is_spent).then_some(Turn { network, _permits: [place, permit] })
    }
}

impl Turn {
    /// Notes that it failed.
    pub fn fail(self) {
        self.network.failures.fetch_add(1, Ordering::Relaxed);
    }
}
