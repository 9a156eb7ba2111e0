//! The caller of a tool, with their API keys.
//!
//! Every tool call has a [`Caller`]. It is created once from the environment for a user who runs the program locally, or for each
//! request from its token.
//!
//! Invariants: a key is sent to the API only, is redacted (`Sensitive`) wherever it is formatted, and is wiped from memory with the last
//! of its clones. The headers of a request are copies that exist until it was sent.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Arc, LazyLock},
};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::{protected_resource::ResourcePart, scope::Scopes, secret::Secret};

/// Seeded at random, so that a fingerprint reveals nothing about the key.
static FINGERPRINTS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// An API key.
#[derive(Clone)]
pub struct Key {
    plain: Arc<Secret>,
    fingerprint: u64,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(Sensitive)")
    }
}

impl Key {
    /// Parses a key as typed; `None` if it is blank or not valid in an HTTP header.
    #[must_use]
    pub fn new(plain: &str) -> Option<Self> {
        let plain = plain.trim();
        if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        Some(Self { plain: Arc::new(Secret::new(plain.to_owned())), fingerprint: FINGERPRINTS.hash_one(plain) })
    }

    /// The value of the `Authorization` header.
    pub fn bearer(&self) -> HeaderValue {
        sensitive(&Zeroizing::new([b"Bearer ", self.plain()].concat()))
    }

    /// The value of an `Authorization` header with HTTP Basic authentication (RFC 7617), for a key of the form `user:password`. A key
    /// without a colon is a user without a password.
    pub fn basic(&self) -> HeaderValue {
        let end: &[u8] = if self.plain().contains(&b':') { b"" } else { b":" };
        let credentials = Zeroizing::new(BASE64_STANDARD.encode(Zeroizing::new([self.plain(), end].concat())));
        sensitive(&Zeroizing::new([b"Basic ", credentials.as_bytes()].concat()))
    }

    /// The value of a header that contains the key as it is.
    pub fn api_key(&self) -> HeaderValue {
        sensitive(self.plain())
    }

    fn plain(&self) -> &[u8] {
        self.plain.expose().as_bytes()
    }

    /// Whether a text contains the key, as it is or in base64, or the password of a key for HTTP Basic authentication.
    pub fn is_in(&self, text: &[u8]) -> bool {
        /// A shorter password may be in any text.
        const PASSWORD_BYTES: usize = 6;
        let contains = |key: &[u8]| !key.is_empty() && text.windows(key.len()).any(|window| window == key);
        let encoded = |key: &[u8]| BASE64_STANDARD.encode(key).trim_end_matches('=').to_owned();
        let password = self.plain().splitn(2, |byte| *byte == b':').nth(1).unwrap_or_default();
        contains(self.plain())
            || contains(encoded(self.plain()).as_bytes())
            || (password.len() >= PASSWORD_BYTES && (contains(password) || contains(encoded(password).as_bytes())))
    }

    /// An HMAC-SHA256 of a message, keyed with this key. `purpose` separates codes for different uses, so that none is valid for
    /// another.
    pub fn code(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.plain());
        let mut context = hmac::Context::with_key(&key);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(message);
        let mut code = [0; 32];
        code.copy_from_slice(context.sign().as_ref());
        code
    }

    /// Identifies the key within this process without revealing anything about it.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

/// A header value that is never shown. A key consists of printable characters, so it is always valid.
fn sensitive(value: &[u8]) -> HeaderValue {
    let mut value = HeaderValue::from_bytes(value).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The API keys of a caller, each with the name of its credential: the security scheme in the API's document.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<(String, Key)>);

impl Keys {
    /// The key for a credential, if there is one.
    #[must_use]
    pub fn get(&self, credential: &str) -> Option<&Key> {
        self.0.iter().find(|(name, _)| name == credential).map(|(_, key)| key)
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Key)> for Keys {
    fn from_iter<I: IntoIterator<Item = (String, Key)>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

/// The caller of a tool.
#[derive(Clone, Debug)]
pub struct Caller {
    keys: Arc<Keys>,
    scopes: Scopes,
    part: Arc<ResourcePart>,
    connection: Option<Arc<str>>,
    user: Option<Arc<str>>,
}

impl Caller {
    /// The user who runs the program, with these keys; their scopes are not limited.
    #[must_use]
    pub fn new(keys: Keys) -> Self {
        Self { keys: Arc::new(keys), scopes: Scopes::ALL, part: Arc::default(), connection: None, user: None }
    }

    /// A user who signed in. Only the code that validates tokens calls this.
    pub fn signed_in(keys: Arc<Keys>, scopes: Scopes, connection: Arc<str>, user: Arc<str>) -> Self {
        Self { keys, scopes, part: Arc::default(), connection: Some(connection), user: Some(user) }
    }

    /// The same caller, with a token for this part of the resource only.
    #[must_use]
    pub fn with_part(self, part: ResourcePart) -> Self {
        Self { part: Arc::new(part), ..self }
    }

    /// The part of the resource that the caller's token is for.
    #[must_use]
    pub fn part(&self) -> &ResourcePart {
        &self.part
    }

    /// The ID of the user who signed in, which is the same for all their connections: quotas are per user.
    pub fn user(&self) -> Option<&Arc<str>> {
        self.user.as_ref()
    }

    /// The key for a credential, if the caller has it.
    #[must_use]
    pub fn key(&self, credential: &str) -> Option<&Key> {
        self.keys.get(credential)
    }

    /// The scopes of the caller.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// The ID of the caller's connection, as [`Self::connection`].
    #[must_use]
    pub fn shared_connection(&self) -> Option<Arc<str>> {
        self.connection.clone()
    }

    /// The ID of the caller's connection in logs; `None` if the caller did not sign in.
    #[must_use]
    pub fn connection(&self) -> Option<&str> {
        self.connection.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_wiped_with_its_last_clone() {
        let is_wiped = |_: &dyn zeroize::ZeroizeOnDrop| {};
        let key = Key::new("sk_live_1").unwrap();
        let Key { plain, .. } = &key;
        is_wiped(plain.wiped());
        assert_eq!(key.bearer(), "Bearer sk_live_1");
        assert_eq!(format!("{key:?} {:?}", key.bearer()), "Key(Sensitive) Sensitive");
    }

    #[test]
    fn a_key_without_a_password_is_a_user() {
        let sent = |key: &str| BASE64_STANDARD.decode(&Key::new(key).unwrap().basic().as_bytes()[6..]).unwrap();
        assert_eq!((sent("ada:secret"), sent("sk_live_1")), (b"ada:secret".to_vec(), b"sk_live_1:".to_vec()));
    }

    #[test]
    fn a_key_is_recognised_in_a_text_as_it_is_encoded_and_by_its_password() {
        let key = Key::new("ada:open-sesame").unwrap();
        for text in ["no ada:open-sesame", "Basic YWRhOm9wZW4tc2VzYW1l", "the password open-sesame is wrong", "b3Blbi1zZXNhbWU"] {
            assert!(key.is_in(text.as_bytes()), "{text}");
        }
        assert!(!key.is_in(b"ada is unknown") && !Key::new("ada:1").unwrap().is_in(b"error 1"));
    }
}
