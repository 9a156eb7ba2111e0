//! The store on the machine of a user who runs `stdio` and `call`.
//!
//! Some clients start a process for each call. So which confirmations were used, and the calls with an `idempotency_key`, are kept
//! in a file that these processes share.
//!
//! Invariant: what is kept for one Torii key is never found with another one, and results cannot be read without that key.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::{
    caller::Key,
    clock::{Clock, Timestamp},
    keyed_calls::{CallState, EarlierCall, KeyedCall, KeyedCalls, StoreUnavailable},
    log,
    scope::ScopeDefinitions,
    token::TokenHash,
};
use mcp_oauth_server::{
    keyed_calls::StoredCalls,
    keyring::Keyring,
    store::{self, StoreAt},
};
use openapi_mcp::{
    confirmation::{UsedConfirmations, UsedOnce},
    repeated_calls::RepeatedCalls,
};

use crate::torii::BRAND;

/// The file in `data_dir`.
const FILE: &str = "calls.sqlite";

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be opened.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Its encryption key cannot be made.
    #[error(transparent)]
    Keyring(#[from] mcp_oauth_server::keyring::Error),
}

/// An open store, for the calls with one key.
#[derive(Clone)]
pub struct LocalStore {
    calls: StoredCalls,
    key: Key,
    clock: Clock,
}

impl LocalStore {
    /// Opens the file in `folder`, or creates it, and deletes what has expired.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub async fn open(folder: &Path, scopes: ScopeDefinitions, key: Key, clock: Clock) -> Result<Self, Error> {
        let keyring = Keyring::of_key(&key.code("torii-mcp results 1", b""), BRAND.server)?;
        let store = store::open(&StoreAt::Sqlite(folder.join(FILE)), scopes).await?;
        if let Err(error) = store.clean(clock.timestamp(), 0).await {
            log::error(&error);
        }
        Ok(Self { calls: StoredCalls::new(store, Arc::new(keyring)), key, clock })
    }

    /// The record of used confirmations.
    #[must_use]
    pub fn used_confirmations(&self) -> UsedConfirmations {
        UsedConfirmations::Shared(Arc::new(self.clone()))
    }

    /// The record of repeated calls.
    #[must_use]
    pub fn repeated_calls(&self) -> RepeatedCalls {
        RepeatedCalls::in_memory(self.clock.clone()).with_keyed(Arc::new(self.clone()))
    }

    /// The hash under which a hash is kept for this key.
    fn of_key(&self, hash: TokenHash) -> TokenHash {
        TokenHash::of(&self.key.code("torii-mcp calls 1", hash.as_bytes()))
    }

    fn call_of_key(&self, call: &KeyedCall) -> KeyedCall {
        // each key has its share of the calls that are kept
        let user = BASE64_URL_SAFE_NO_PAD.encode(self.of_key(TokenHash::of(b"user")).as_bytes());
        KeyedCall { user, key: self.of_key(call.key), ..call.clone() }
    }
}

#[async_trait]
impl UsedOnce for LocalStore {
    async fn use_once(&self, _: &str, hash: TokenHash, expires_at: Timestamp) -> Option<bool> {
        self.calls.use_once(self.of_key(hash), expires_at, &self.clock).await
    }
}

#[async_trait]
impl KeyedCalls for LocalStore {
    async fn find(&self, key: TokenHash, now: Timestamp) -> Result<Option<EarlierCall>, StoreUnavailable> {
        self.calls.find(self.of_key(key), now).await
    }

    async fn claim(&self, call: &KeyedCall) -> Result<bool, StoreUnavailable> {
        self.calls.claim(&self.call_of_key(call)).await
    }

    async fn settle(&self, call: &KeyedCall, state: Option<CallState>) -> Result<(), StoreUnavailable> {
        self.calls.settle(&self.call_of_key(call), state).await
    }
}
