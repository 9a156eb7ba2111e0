//! Rate limits per network, for operations that cost something before a caller is authenticated.

use std::{fmt, hash::Hash, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use moka::sync::Cache;

use crate::{log::SharedRecurring, net::client_ip::ClientIp};

mod attempts;
mod wrong_tokens;

pub use attempts::{AttemptPermit, Attempts, FAILURES_OF_NETWORK, FORGIVEN, TooManyAttempts};
pub use wrong_tokens::{Verdict, WATCHED, WrongTokens};

#[cfg(test)]
mod tests;

/// How many networks are tracked per limit.
const MAX_NETWORKS: u64 = 20_000;

/// A rate limit for all networks together. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Total(Arc<DefaultDirectRateLimiter>);

impl Total {
    fn new(quota: Quota) -> Self {
        Self(Arc::new(RateLimiter::direct(quota)))
    }

    /// Admits one more request, or returns after how many seconds it may be repeated.
    pub fn admit(&self) -> Result<(), u64> {
        self.0.check().map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }
}

/// A rate limit for each network.
pub type Rate = KeyedRate<IpAddr>;

/// A rate limit for each key, such as a network or a connection, of which at most [`MAX_NETWORKS`] are tracked. Cheap to clone.
#[derive(Clone)]
pub struct KeyedRate<K: Eq + Hash> {
    quota: Quota,
    keys: Cache<K, Total>,
    /// How often the limit was exceeded, for the log.
    pub exceeded: SharedRecurring,
}

impl<K: Eq + Hash + Send + Sync + 'static> KeyedRate<K> {
    /// Admits this many requests per minute, which may come all at once.
    #[must_use]
    pub fn per_minute(most: NonZeroU32) -> Self {
        Self::new(Quota::per_minute(most))
    }

    fn new(quota: Quota) -> Self {
        // after this time without requests a network has its full burst again, so its entry can be dropped
        let refilled = quota.burst_size_replenished_in() + Duration::from_secs(1);
        Self {
            quota,
            keys: Cache::builder().max_capacity(MAX_NETWORKS).time_to_idle(refilled).build(),
            exceeded: SharedRecurring::default(),
        }
    }

    /// Admits a request of this key, or returns after how many seconds it may be repeated.
    pub fn admit(&self, key: K) -> Result<(), u64> {
        self.keys.get_with(key, || Total::new(self.quota)).admit()
    }
}

impl<K: Eq + Hash> fmt::Debug for KeyedRate<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyedRate").field("quota", &self.quota).finish_non_exhaustive()
    }
}

/// All rate limits. Many users can share one IP address, and all users of an assistant share those of its vendor, so the limits
/// only stop floods.
#[derive(Clone, Debug)]
pub struct Rates {
    /// For client registrations.
    pub register: Rate,
    /// For registrations of new clients, so that a few networks cannot use up the limit for all of them.
    ///
    /// The vendor of an assistant registers clients for all its users from a few IP addresses. Metadata that is identical for all
    /// users is known after the first registration and no longer counted. If it differs for each user, the limit allows 300 users
    /// at once, and 8,640 a day.
    new_clients: Rate,
    /// The same for all customers of one internet provider: a fifth of what everybody may register, so that somebody with many networks of
    /// one provider does not use up the limit for all.
    new_clients_of_provider: Rate,
    /// For registrations of new clients from all networks together: it limits how many unused clients can accumulate between two
    /// cleanings. In these ten minutes they are at most 2,000 + 600 s × 20 = 14,000 rows of 16 KiB, in addition to the 10,000
    /// that a cleaning leaves.
    all_new_clients: Total,
    /// For the first new clients of each provider while the limit of all is used up, so that somebody with many providers does not
    /// keep everybody else from registering; and for these together, which adds at most 4,000 rows in ten minutes.
    first_clients_of_provider: Rate,
    all_first_clients: Total,
    /// How often a new client was rejected, for the log.
    pub new_clients_rejected: SharedRecurring,
    /// For token and revocation requests.
    pub token: Rate,
    /// For logouts by an identity provider.
    pub logout: Rate,
    /// For HTML pages.
    pub users: Rate,
    /// For invalid tokens at the MCP endpoint.
    pub wrong_tokens: WrongTokens,
    /// For failed sign-ins with keys.
    pub attempts: Arc<Attempts>,
}

/// Whose limit of new clients is exceeded, and after how many seconds another client may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooManyNewClients {
    /// That of one customer.
    OfCustomer(u64),
    /// That of one provider.
    OfProvider(u64),
    /// That of everybody.
    OfAll(u64),
}

impl Rates {
    /// The same rates, with this limit on the failed sign-ins of a network.
    #[must_use]
    pub fn with_failed_sign_ins(self, most: u32) -> Self {
        Self { attempts: Arc::new(Attempts::new(most)), ..self }
    }

    /// Admits the registration of a new client. The narrow limits come first, so that a network above its own does not use up the
    /// limit of all.
    pub fn admit_new_client(&self, ip: ClientIp) -> Result<(), TooManyNewClients> {
        self.new_clients.admit(ip.customer()).map_err(TooManyNewClients::OfCustomer)?;
        self.new_clients_of_provider.admit(ip.provider()).map_err(TooManyNewClients::OfProvider)?;
        self.all_new_clients.admit().or_else(|seconds| {
            let first = self.first_clients_of_provider.admit(ip.provider()).and_then(|()| self.all_first_clients.admit());
            first.map_err(|_| TooManyNewClients::OfAll(seconds))
        })
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            register: Rate::new(quota(300, Duration::from_millis(500))),
            new_clients: Rate::new(quota(300, Duration::from_secs(10))),
            new_clients_of_provider: Rate::new(quota(600, Duration::from_millis(250))),
            all_new_clients: Total::new(quota(2000, Duration::from_millis(50))),
            first_clients_of_provider: Rate::new(quota(10, Duration::from_mins(1))),
            all_first_clients: Total::new(quota(2000, Duration::from_millis(300))),
            new_clients_rejected: SharedRecurring::default(),
            token: Rate::new(quota(1000, Duration::from_millis(20))),
            logout: Rate::new(quota(1000, Duration::from_millis(20))),
            users: Rate::new(quota(2000, Duration::from_millis(20))),
            wrong_tokens: WrongTokens::default(),
            attempts: Arc::default(),
        }
    }
}

/// A burst of this many requests, and one more per period.
fn quota(burst: u32, every: Duration) -> Quota {
    let one = NonZeroU32::MIN;
    Quota::with_period(every).unwrap_or(Quota::per_second(one)).allow_burst(NonZeroU32::new(burst).unwrap_or(one))
}
