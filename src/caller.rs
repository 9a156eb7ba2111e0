//! Who calls, and with which of Torii's keys.
//!
//! A [`Caller`] travels with every tool call: made once from the environment for those who run the program themselves, or
//! for each request from its token.
//!
//! Invariants: a key is readable by [`crate::upstream`] only, and prints as `Sensitive` wherever it
//! is formatted.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Arc, LazyLock},
};

use aws_lc_rs::hmac;
use reqwest::header::HeaderValue;

use crate::scope::Scopes;

/// Which of Torii's keys a tool needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The key of Torii's API.
    ToriiKey,
    /// The key of Torii's SCIM calls.
    ScimKey,
}

impl Credential {
    /// The credential of a security scheme of the document.
    #[must_use]
    pub(crate) fn of(scheme: &str) -> Option<Self> {
        match scheme {
            "torii" => Some(Self::ToriiKey),
            "scim" => Some(Self::ScimKey),
            _ => None,
        }
    }

    /// The environment variable that holds it.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::ToriiKey => "TORII_API_KEY",
            Self::ScimKey => "TORII_SCIM_KEY",
        }
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable())
    }
}

/// Keyed at random, so that a fingerprint says nothing about the key.
static FINGERPRINTS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// One of Torii's keys, kept in the form in which it is sent.
#[derive(Clone)]
pub struct Key {
    bearer: HeaderValue,
    fingerprint: u64,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(Sensitive)")
    }
}

impl Key {
    /// Takes a key as typed; `None` when it is blank or cannot stand in an HTTP header.
    #[must_use]
    pub fn new(plain: &str) -> Option<Self> {
        let plain = plain.trim();
        if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {plain}")).ok()?;
        bearer.set_sensitive(true);
        Some(Self { bearer, fingerprint: FINGERPRINTS.hash_one(plain) })
    }

    /// The value of the `Authorization` header.
    pub(crate) fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }

    /// Whether a text repeats the key.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        let plain = self.bearer.as_bytes().strip_prefix(b"Bearer ").unwrap_or_default();
        !plain.is_empty() && text.windows(plain.len()).any(|window| window == plain)
    }

    /// A code for a message (HMAC-SHA256) that nobody can make who has not got the key. `purpose` keeps codes for one thing from
    /// counting for another.
    pub(crate) fn code(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.bearer.as_bytes());
        let mut context = hmac::Context::with_key(&key);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(message);
        let mut code = [0; 32];
        code.copy_from_slice(context.sign().as_ref());
        code
    }

    /// Tells keys apart within this process; says nothing about the key.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

/// The keys a caller has.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// For Torii's API.
    pub torii: Option<Key>,
    /// For Torii's SCIM calls.
    pub scim: Option<Key>,
}

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    keys: Arc<Keys>,
    scopes: Scopes,
    connection: Option<Arc<str>>,
    user: Option<Arc<str>>,
}

impl Caller {
    /// The one who runs the program, with these keys; allowed everything that the keys allow.
    #[must_use]
    pub fn new(keys: Keys) -> Self {
        Self { keys: Arc::new(keys), scopes: Scopes::ALL, connection: None, user: None }
    }

    /// One who signed in. Only what checks tokens makes one.
    pub(crate) fn signed_in(keys: Arc<Keys>, scopes: Scopes, connection: Arc<str>, user: Arc<str>) -> Self {
        Self { keys, scopes, connection: Some(connection), user: Some(user) }
    }

    /// Who signed in, whichever connection it is: shares count by user.
    pub(crate) fn user(&self) -> Option<&Arc<str>> {
        self.user.as_ref()
    }

    /// The key for this kind of call, if the caller has it.
    #[must_use]
    pub fn key(&self, credential: Credential) -> Option<&Key> {
        match credential {
            Credential::ToriiKey => self.keys.torii.as_ref(),
            Credential::ScimKey => self.keys.scim.as_ref(),
        }
    }

    /// What the caller may do.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// What the caller's connection is called in logs, for one who signed in.
    #[must_use]
    pub fn connection(&self) -> Option<&str> {
        self.connection.as_deref()
    }
}
