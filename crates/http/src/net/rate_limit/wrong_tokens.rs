//! The invalid tokens of each network. They outlive a reload of the configuration, as the known ones do.
//!
//! Invariants:
//! - Of a network that sent too many invalid tokens, only known ones are looked up.
//! - A token that is repeated counts [`MAX_REPEATS`] times, so that one client with an expired token does not use up what its network has.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

use super::MAX_NETWORKS;
use crate::{known_tokens::KnownTokens, log::SharedRecurring, token::TokenHash};

/// How many invalid tokens of one network are checked within [`WATCHED`]. The limit is high: after a restore of the store, the
/// tokens of all users may be invalid, and they arrive from the few networks of the assistants' vendors.
pub(super) const MAX_WRONG: u32 = 1000;
/// How long invalid tokens count.
pub const WATCHED: Duration = Duration::from_mins(1);
/// How often one invalid token of one network is looked up and counts within [`WATCHED`].
pub(super) const MAX_REPEATS: u32 = 10;
/// Of how many invalid tokens it is known how often they were repeated.
const MAX_REPEATED: u64 = 50_000;

/// The number of invalid tokens from each network within about the last [`WATCHED`], and the known ones. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WrongTokens {
    pub(super) networks: Cache<IpAddr, Arc<AtomicU32>>,
    repeated: Cache<(IpAddr, TokenHash), Arc<AtomicU32>>,
    /// The tokens that were valid lately.
    pub known: KnownTokens,
    /// How often a network exceeded the limit, for the log.
    pub too_many: SharedRecurring,
}

/// What to do with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Look it up.
    LookUp,
    /// It was looked up several times in the last minute, and was invalid.
    Wrong,
    /// Its network has sent too many invalid tokens.
    TooMany,
}

impl Default for WrongTokens {
    fn default() -> Self {
        Self {
            networks: Cache::builder().max_capacity(MAX_NETWORKS).time_to_live(WATCHED).build(),
            repeated: Cache::builder().max_capacity(MAX_REPEATED).time_to_live(WATCHED).build(),
            known: KnownTokens::default(),
            too_many: SharedRecurring::default(),
        }
    }
}

impl WrongTokens {
    /// Decides whether a token of a network is looked up.
    #[must_use]
    pub fn verdict(&self, network: IpAddr, token: TokenHash) -> Verdict {
        if self.repeated.get(&(network, token)).is_some_and(|count| count.load(Ordering::Relaxed) >= MAX_REPEATS) {
            return Verdict::Wrong;
        }
        let are_too_many = self.networks.get(&network).is_some_and(|count| count.load(Ordering::Relaxed) >= MAX_WRONG);
        if are_too_many && !self.known.contains(token) { Verdict::TooMany } else { Verdict::LookUp }
    }

    /// Records that a token is invalid.
    pub fn note_wrong(&self, network: IpAddr, token: TokenHash) {
        self.known.forget(token);
        self.repeated.get_with((network, token), Arc::default).fetch_add(1, Ordering::Relaxed);
        self.networks.get_with(network, Arc::default).fetch_add(1, Ordering::Relaxed);
    }
}
