//! The access and refresh tokens that were valid lately. Requests with these come before those of strangers, and are checked while their
//! network sends many invalid ones.
//!
//! Invariants: this decides about turns only, never about access. No token is kept, only its hash. However many tokens one user gets, those
//! of others stay known.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use moka::{policy::EvictionPolicy, sync::Cache};

use crate::token::TokenHash;

/// How long a token is remembered, and how many are: after a night, users refresh with what they got the day before.
const REMEMBERED: Duration = Duration::from_hours(24);
const MAX_TOKENS: u64 = 100_000;
/// How many of one user: an access and a refresh token of each of as many connections as a user can have.
const TOKENS_OF_USER: usize = 400;

/// Who holds a known token: the hash of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holder(u64);

/// The tokens that were issued here or found valid in the last 24 h, with their holders. Cheap to clone; the clones share them.
#[derive(Clone, Debug)]
pub struct KnownTokens {
    holders: Cache<TokenHash, Holder>,
    /// The tokens of each user, the oldest first.
    of_user: Cache<Holder, Arc<Mutex<VecDeque<TokenHash>>>>,
}

impl Default for KnownTokens {
    fn default() -> Self {
        // with moka's own policy, a new token would not get in while others are used
        let lru = EvictionPolicy::lru;
        Self {
            holders: Cache::builder().max_capacity(MAX_TOKENS).time_to_live(REMEMBERED).eviction_policy(lru()).build(),
            of_user: Cache::builder().max_capacity(MAX_TOKENS).time_to_idle(REMEMBERED).eviction_policy(lru()).build(),
        }
    }
}

impl KnownTokens {
    /// Remembers that a user's token is valid.
    pub fn note(&self, token: TokenHash, user: &str) {
        if self.holders.contains_key(&token) {
            return;
        }
        let holder = Holder::of(user);
        let tokens = self.of_user.get_with(holder, Arc::default);
        let mut tokens = tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= TOKENS_OF_USER {
            // first those that are not valid any more, or were forgotten for their age
            tokens.retain(|token| self.holders.contains_key(token));
        }
        if tokens.len() >= TOKENS_OF_USER
            && let Some(oldest) = tokens.pop_front()
        {
            self.holders.invalidate(&oldest);
        }
        tokens.push_back(token);
        self.holders.insert(token, holder);
    }

    /// Forgets a token that is not valid any more.
    pub fn forget(&self, token: TokenHash) {
        self.holders.invalidate(&token);
    }

    /// Whether a token was valid lately.
    #[must_use]
    pub fn contains(&self, token: TokenHash) -> bool {
        self.holders.contains_key(&token)
    }

    /// Who holds a token that was valid lately.
    #[must_use]
    pub fn holder(&self, token: &[u8]) -> Option<Holder> {
        self.holders.get(&TokenHash::of(token))
    }
}

impl Holder {
    /// The holder of a user's tokens.
    #[must_use]
    pub fn of(user: &str) -> Self {
        Self(TokenHash::of(user.as_bytes()).as_bytes().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_tokens_of_one_user_push_out_their_own_and_nobody_elses() {
        let known = KnownTokens::default();
        let tokens: Vec<_> = (0..1_000).map(|number: u32| TokenHash::of(&number.to_be_bytes())).collect();
        let ada = TokenHash::of(b"of ada");
        known.note(ada, "ada");
        for token in &tokens {
            known.note(*token, "eve");
        }
        assert!(known.contains(ada));
        assert_eq!(tokens.iter().filter(|token| known.contains(**token)).count(), TOKENS_OF_USER);
        assert!(known.contains(tokens[999]) && !known.contains(tokens[0]), "the newest stay");
    }

    #[test]
    fn a_token_is_known_until_it_is_not_valid_any_more() {
        let (known, [one, other]) = (KnownTokens::default(), ["one", "other"].map(|token| TokenHash::of(token.as_bytes())));
        assert!(!known.contains(one));
        known.note(one, "ada");
        assert!(known.contains(one) && !known.contains(other));
        assert_eq!([b"one".as_slice(), b"other"].map(|token| known.holder(token)), [Some(Holder::of("ada")), None]);
        known.clone().forget(one);
        assert!(!known.contains(one));
    }
}
