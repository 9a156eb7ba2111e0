//! Encryption of the API's keys at rest, each for the one row that contains it.
//!
//! AES-256-GCM-SIV (RFC 8452) with random nonces. The name of the row is authenticated, so an encrypted key that was copied to
//! another row cannot be decrypted there. There can be several encryption keys: the first encrypts, all decrypt.
//!
//! Invariants: nothing here prints a key; a value that cannot be decrypted is an error, never an empty key.

use std::{fmt, path::PathBuf};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, Nonce, RandomizedNonceKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use mcp_http::{
    secret::Secret,
    token::{Random, RandomFailed, TokenHash},
};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// The number of bytes of an encrypted value that identify its encryption key.
const NAME: usize = 4;
const NONCE: usize = 12;

/// Where the encryption keys come from.
#[derive(Clone, Debug)]
pub enum KeyringSource {
    /// The encryption keys themselves, as [`Keyring::parse`] reads them.
    Keys(Secret),
    /// A file with the encryption keys. It is created at the first start.
    File(PathBuf),
}

/// An encrypted value: the name of its encryption key, the nonce, then the ciphertext with its tag.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptedKey(Vec<u8>);

impl EncryptedKey {
    /// Wraps bytes from the store.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes for the store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for EncryptedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptedKey({} bytes)", self.0.len())
    }
}

/// Why a value cannot be encrypted or decrypted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The value was encrypted with a key that is not configured.
    #[error("it was encrypted with a key that is not configured")]
    UnknownKey,
    /// The value was changed, or belongs to another row.
    #[error("it was changed, or it belongs to another row")]
    Broken,
    /// The system provides no random bytes, or the text is too long.
    #[error("it cannot be encrypted")]
    EncryptionFailed,
    /// An encryption key is not 32 bytes in base64.
    #[error("an encryption key is 32 random bytes in base64, for example from `openssl rand -base64 32`")]
    Malformed,
    /// There is no encryption key.
    #[error("there is no encryption key")]
    NoKey,
}

/// One encryption key.
struct EncryptionKey {
    name: [u8; NAME],
    key: RandomizedNonceKey,
}

impl EncryptionKey {
    fn parse(text: &str, server: &str) -> Result<Self, Error> {
        Self::new(&Zeroizing::new(BASE64_STANDARD.decode(text).map_err(|_| Error::Malformed)?), server)
    }

    fn new(bytes: &[u8], server: &str) -> Result<Self, Error> {
        let key = RandomizedNonceKey::new(&AES_256_GCM_SIV, bytes).map_err(|_| Error::Malformed)?;
        // the hash of a random key of 256 bits reveals nothing about it
        let hash = TokenHash::of(&Zeroizing::new([server.as_bytes(), b" seal key ", bytes].concat()));
        let name = hash.as_bytes().first_chunk::<NAME>().ok_or(Error::Malformed)?;
        Ok(Self { name: *name, key })
    }
}

/// The encryption keys.
pub struct Keyring {
    first: EncryptionKey,
    others: Vec<EncryptionKey>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", 1 + self.others.len())
    }
}

impl Keyring {
    /// Parses encryption keys in base64, separated by whitespace or commas. The first encrypts, all decrypt. The name of the
    /// `server` is part of the hash by which an encrypted value identifies its key, so it must never change.
    ///
    /// # Errors
    /// [`Error::NoKey`] if there is none, [`Error::Malformed`] if one has the wrong form.
    pub fn parse(text: &str, server: &str) -> Result<Self, Error> {
        let mut keys = text
            .split([',', ' ', '\t', '\r', '\n'])
            .filter(|word| !word.is_empty())
            .map(|text| EncryptionKey::parse(text, server));
        Ok(Self { first: keys.next().ok_or(Error::NoKey)??, others: keys.collect::<Result<_, _>>()? })
    }

    /// The keyring with one encryption key.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the cipher does not take it.
    pub fn of_key(key: &[u8; 32], server: &str) -> Result<Self, Error> {
        Ok(Self { first: EncryptionKey::new(key, server)?, others: Vec::new() })
    }

    /// Generates an encryption key, in base64.
    ///
    /// # Errors
    /// If the system provides no random bytes.
    pub fn new_key(random: Random) -> Result<String, RandomFailed> {
        random.bytes::<32>().map(|bytes| BASE64_STANDARD.encode(bytes))
    }

    /// Encrypts a text for one row; `row` names its table and key.
    ///
    /// # Errors
    /// [`Error::EncryptionFailed`].
    pub fn encrypt(&self, row: &str, plain: &[u8]) -> Result<EncryptedKey, Error> {
        let mut text = plain.to_vec();
        let EncryptionKey { name, key } = &self.first;
        let nonce = key.seal_in_place_append_tag(Aad::from(row), &mut text).map_err(|_| Error::EncryptionFailed)?;
        Ok(EncryptedKey([name.as_slice(), nonce.as_ref().as_slice(), &text].concat()))
    }

    /// Decrypts what was encrypted for this row. The result is wiped from memory when it is dropped.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], [`Error::Broken`].
    pub fn decrypt(&self, row: &str, encrypted: &EncryptedKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (name, rest) = encrypted.0.split_first_chunk::<NAME>().ok_or(Error::Broken)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(Error::Broken)?;
        let mut keys = [&self.first].into_iter().chain(&self.others).filter(|key| key.name == *name).peekable();
        keys.peek().ok_or(Error::UnknownKey)?;
        keys.find_map(|EncryptionKey { key, .. }| {
            let mut text = Zeroizing::new(text.to_vec());
            let plain = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(row), &mut text).ok()?;
            Some(Zeroizing::new(plain.to_vec()))
        })
        .ok_or(Error::Broken)
    }

    /// Returns whether the value was encrypted with the first key, so that decrypting it does not need the others.
    #[must_use]
    pub fn is_current(&self, encrypted: &EncryptedKey) -> bool {
        encrypted.0.starts_with(&self.first.name)
    }
}
