//! Keeps calls with an idempotency key, and what is used once, in a store.
//!
//! Invariant: results are encrypted, each for its own row, as keys are.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::{
    clock::{Clock, Timestamp},
    keyed_calls::{CallState, EarlierCall, KeyedCall, KeyedCalls, StoreUnavailable},
    log,
    token::TokenHash,
};

use crate::{keyring::Keyring, server::AuthorizationServer, store::Store};

/// The calls in a store.
#[derive(Clone, Debug)]
pub struct StoredCalls {
    store: Arc<dyn Store>,
    keyring: Arc<Keyring>,
}

impl StoredCalls {
    /// Keeps calls in `store`, and encrypts their results with `keyring`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, keyring: Arc<Keyring>) -> Self {
        Self { store, keyring }
    }

    /// Marks a value as used, until it expires. Returns whether this is its first use; `None` if that cannot be determined at the
    /// moment.
    pub async fn use_once(&self, hash: TokenHash, expires_at: Timestamp, clock: &Clock) -> Option<bool> {
        // an expired value may have been used, and the record of that deleted, while this one waited
        if expires_at <= clock.timestamp() {
            return Some(false);
        }
        self.store.consume_once(hash, expires_at).await.map_err(|error| log::error(&error)).ok()
    }
}

#[async_trait]
impl KeyedCalls for StoredCalls {
    async fn find(&self, key: TokenHash, now: Timestamp) -> Result<Option<EarlierCall>, StoreUnavailable> {
        let found = self.store.keyed_call(key, now).await.map_err(|error| unavailable(&error))?;
        // a result whose encryption key is gone is as good as none
        let decrypt = |result| self.keyring.decrypt(&row(key), &result).ok().map(|plain| plain.to_vec());
        Ok(found.map(|EarlierCall { arguments, started_at, state }| EarlierCall {
            arguments,
            started_at,
            state: state.and_then(decrypt),
        }))
    }

    async fn claim(&self, call: &KeyedCall) -> Result<bool, StoreUnavailable> {
        self.store.claim_call(call).await.map_err(|error| unavailable(&error))
    }

    async fn settle(&self, call: &KeyedCall, state: Option<CallState>) -> Result<(), StoreUnavailable> {
        let encrypt = |result: Vec<u8>| self.keyring.encrypt(&row(call.key), &result).ok();
        let state = state.map(|state| state.and_then(encrypt));
        self.store.settle_call(call, state).await.map_err(|error| unavailable(&error))
    }
}

/// The same for the users of a server, who take turns at writing.
#[async_trait]
impl KeyedCalls for AuthorizationServer {
    async fn find(&self, key: TokenHash, now: Timestamp) -> Result<Option<EarlierCall>, StoreUnavailable> {
        self.stored_calls().find(key, now).await
    }

    async fn claim(&self, call: &KeyedCall) -> Result<bool, StoreUnavailable> {
        let _permit = self.write_permit(&call.user).await.map_err(|_| StoreUnavailable)?;
        self.stored_calls().claim(call).await
    }

    async fn settle(&self, call: &KeyedCall, state: Option<CallState>) -> Result<(), StoreUnavailable> {
        let _permit = self.write_permit(&call.user).await.map_err(|_| StoreUnavailable)?;
        self.stored_calls().settle(call, state).await
    }
}

impl AuthorizationServer {
    /// Marks a value that a user presents as used, until it expires. Returns whether this is its first use; `None` if that cannot
    /// be determined at the moment.
    pub async fn use_once(&self, user_id: &str, hash: TokenHash, expires_at: Timestamp) -> Option<bool> {
        let _permit = self.write_permit(user_id).await.ok()?;
        self.stored_calls().use_once(hash, expires_at, &self.clock).await
    }

    fn stored_calls(&self) -> StoredCalls {
        StoredCalls::new(Arc::clone(&self.store), Arc::clone(&self.keyring))
    }
}

fn unavailable(error: &crate::store::Error) -> StoreUnavailable {
    log::error(error);
    StoreUnavailable
}

/// The row name for which a result is encrypted.
fn row(key: TokenHash) -> String {
    format!("keyed_calls {}", BASE64_URL_SAFE_NO_PAD.encode(key.as_bytes()))
}
