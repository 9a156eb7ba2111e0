//! The access and refresh tokens that were valid lately. Requests with these come before those of strangers, and are checked while their
//! network sends many invalid ones.
//!
//! Invariants: this decides about turns only, never about access. No token is kept, only its hash.

use std::time::Duration;

use moka::sync::Cache;

use crate::token::TokenHash;

/// How long a token is remembered, and how many are: after a night, users refresh with what they got the day before.
const REMEMBERED: Duration = Duration::from_hours(24);
const MAX_TOKENS: u64 = 100_000;

/// Who holds a known token: the hash of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holder(u64);

/// The tokens that were issued here or found valid in the last 24 h, with their holders. Cheap to clone; the clones share them.
#[derive(Clone, Debug)]
pub struct KnownTokens(Cache<TokenHash, Holder>);

impl Default for KnownTokens {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MAX_TOKENS).time_to_live(REMEMBERED).build())
    }
}

impl KnownTokens {
    /// Remembers that a user's token is valid.
    pub fn note(&self, token: TokenHash, user: &str) {
        if !self.0.contains_key(&token) {
            self.0.insert(token, Holder::of(user));
        }
    }

    /// Forgets a token that is not valid any more.
    pub fn forget(&self, token: TokenHash) {
        self.0.invalidate(&token);
    }

    /// Whether a token was valid lately.
    #[must_use]
    pub fn contains(&self, token: TokenHash) -> bool {
        self.0.contains_key(&token)
    }

    /// Who holds a token that was valid lately.
    #[must_use]
    pub fn holder(&self, token: &[u8]) -> Option<Holder> {
        self.0.get(&TokenHash::of(token))
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
