//! The access and refresh tokens that were valid lately: requests with these come before those of strangers.
//!
//! Invariants: this decides about turns only, never about access. No token is kept, only a hash of it, made with a secret of this
//! process.

use std::{
    hash::{BuildHasher, RandomState},
    sync::LazyLock,
    time::Duration,
};

use moka::sync::Cache;

/// How long a token is remembered, and how many are: after a night, users refresh with what they got the day before.
const REMEMBERED: Duration = Duration::from_hours(24);
const MAX_TOKENS: u64 = 100_000;

/// Those of the whole process, so that they outlive a new configuration.
static KNOWN: LazyLock<KnownTokens> = LazyLock::new(|| KnownTokens {
    hasher: RandomState::new(),
    hashes: Cache::builder().max_capacity(MAX_TOKENS).time_to_live(REMEMBERED).build(),
});

struct KnownTokens {
    hasher: RandomState,
    hashes: Cache<u64, ()>,
}

/// Remembers a token that is valid.
pub fn note(token: &str) {
    let hash = KNOWN.hasher.hash_one(token);
    if !KNOWN.hashes.contains_key(&hash) {
        KNOWN.hashes.insert(hash, ());
    }
}

/// Forgets a token that is not valid any more.
pub fn forget(token: &str) {
    KNOWN.hashes.invalidate(&KNOWN.hasher.hash_one(token));
}

/// Whether a token was valid lately.
#[must_use]
pub fn is_known(token: &str) -> bool {
    KNOWN.hashes.contains_key(&KNOWN.hasher.hash_one(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_until_it_is_not_valid_any_more() {
        assert!(!is_known("one"));
        note("one");
        assert!(is_known("one") && !is_known("other"));
        forget("one");
        assert!(!is_known("one"));
    }
}
