//! Tries what a start needs, and makes or changes nothing.

use std::{fs, io};

use mcp_http::scope::ScopeDefinitions;

use super::{KEY_CHECK, StartError};
use crate::{
    keyring::{EncryptedKey, Keyring, KeyringSource},
    settings::Embedded,
    store,
};

/// A part of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorePart {
    /// The store.
    Store,
    /// The encryption keys.
    EncryptionKeys,
}

/// Checks that a server with these settings could use its store: that the store responds to these credentials, or could be made,
/// and that the encryption keys decrypt what it contains. `server` is the server's name.
///
/// # Errors
/// The part that does not work, and why.
pub async fn check_store(settings: &Embedded, scopes: ScopeDefinitions, server: &str) -> Result<(), (StorePart, StartError)> {
    let of_store = |error: store::Error| (StorePart::Store, error.into());
    let store = store::inspect(&settings.store, scopes).await.map_err(of_store)?;
    let kept = match &store {
        Some(store) => store.get(KEY_CHECK).await.map_err(of_store)?,
        None => None,
    };
    check_keys(&settings.keyring, kept, server).map_err(|error| (StorePart::EncryptionKeys, error))
}

/// Checks that the keys decrypt a value, if there is one.
fn check_keys(from: &KeyringSource, kept: Option<Vec<u8>>, server: &str) -> Result<(), StartError> {
    let keyring = match from {
        KeyringSource::Keys(keys) => Keyring::parse(keys.expose(), server)?,
        KeyringSource::File(path) => match (fs::read_to_string(path), &kept) {
            (Ok(text), _) => Keyring::parse(&text, server)?,
            // the server creates the file when it starts
            (Err(error), None) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            (Err(error), Some(_)) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StartError::MissingEncryptionKey(path.clone()));
            }
            (Err(source), _) => return Err(StartError::EncryptionKeyFile { path: path.clone(), what: "read", source }),
        },
    };
    let Some(kept) = kept else { return Ok(()) };
    keyring.decrypt(KEY_CHECK, &EncryptedKey::from_bytes(kept)).map(drop).map_err(|_| StartError::WrongEncryptionKey)
}
