//! Opaque tokens: random, recognizable by their prefix, and stored only as hashes.
//!
//! Invariants: a plain token exists only in the request or response that carries it, and is redacted when it is printed; a text
//! that does not have the form of a token never reaches the store.

use std::fmt;

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

#[cfg(test)]
mod tests;

/// A source of unpredictable random bytes.
#[derive(Clone, Copy, Debug)]
pub struct Random(fn(&mut [u8]) -> Result<(), RandomFailed>);

/// The operating system provides no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct RandomFailed;

impl Random {
    /// The operating system's source.
    #[must_use]
    pub fn system() -> Self {
        Self(|bytes| SystemRandom::new().fill(bytes).map_err(|_| RandomFailed))
    }

    /// A source that fills buffers with `fill`, for tests.
    #[must_use]
    pub fn new(fill: fn(&mut [u8]) -> Result<(), RandomFailed>) -> Self {
        Self(fill)
    }

    /// Returns `N` random bytes.
    ///
    /// # Errors
    /// When the source provides none.
    pub fn bytes<const N: usize>(self) -> Result<[u8; N], RandomFailed> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes)?;
        Ok(bytes)
    }

    /// A random identifier of 128 bits, in base64url.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn id(self) -> Result<String, RandomFailed> {
        self.bytes::<16>().map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The kind of a token. Its prefix shows the kind to users and to secret scanners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Calls tools (RFC 6750).
    Access,
    /// Gets new access tokens (RFC 6749, section 6).
    Refresh,
    /// Gets the first tokens (RFC 6749, section 4.1).
    Code,
    /// A browser's session, in a cookie.
    Session,
}

impl TokenKind {
    /// The part of the token after the server's prefix that denotes the kind.
    fn infix(self) -> &'static str {
        match self {
            Self::Access => "_at_",
            Self::Refresh => "_rt_",
            Self::Code => "_ac_",
            Self::Session => "_bs_",
        }
    }
}

/// The prefix of a server's tokens, by which users and secret scanners recognize them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPrefix(pub &'static str);

impl TokenPrefix {
    /// The prefix of tokens of this kind.
    #[must_use]
    pub fn of(self, kind: TokenKind) -> String {
        format!("{}{}", self.0, kind.infix())
    }
}

/// How many characters follow the prefix: 256 bits.
const RANDOM_CHARACTERS: usize = 43;

/// A token in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainToken(String);

impl PlainToken {
    /// Generates a token.
    ///
    /// # Errors
    /// When the source provides no random bytes.
    pub fn new(prefix: TokenPrefix, kind: TokenKind, random: Random) -> Result<Self, RandomFailed> {
        let bytes = random.bytes::<32>()?;
        Ok(Self(format!("{}{}", prefix.of(kind), BASE64_URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// Parses a text that has the form of such a token.
    #[must_use]
    pub fn parse(prefix: TokenPrefix, kind: TokenKind, text: &str) -> Option<Self> {
        let random = text.strip_prefix(prefix.0)?.strip_prefix(kind.infix())?;
        let is_random = random.len() == RANDOM_CHARACTERS
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        is_random.then(|| Self(text.to_owned()))
    }

    /// The token in plain text, for its recipient only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The hash by which the store identifies it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.0.as_bytes())
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken(Sensitive)")
    }
}

/// The SHA-256 hash of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(hash)
    }

    /// A hash that was stored as these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // the first bytes are enough to distinguish hashes
        write!(f, "TokenHash({:02x?}…)", self.0.first_chunk::<4>().unwrap_or(&[0; 4]))
    }
}
