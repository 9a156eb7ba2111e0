//! Keeps calls with an idempotency key in the store, for the MCP server.
//!
//! Invariant: results are encrypted, each for its own row, as keys are.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::{
    clock::Timestamp,
    keyed_calls::{CallState, EarlierCall, KeyedCall, KeyedCalls, StoreUnavailable},
    log,
    token::TokenHash,
};

use crate::server::AuthorizationServer;

#[async_trait]
impl KeyedCalls for AuthorizationServer {
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
        let _permit = self.write_permit(&call.user).await.map_err(|_| StoreUnavailable)?;
        self.store.claim_call(call).await.map_err(|error| unavailable(&error))
    }

    async fn settle(&self, call: &KeyedCall, state: Option<CallState>) -> Result<(), StoreUnavailable> {
        let encrypt = |result: Vec<u8>| self.keyring.encrypt(&row(call.key), &result).ok();
        let state = state.map(|state| state.and_then(encrypt));
        let _permit = self.write_permit(&call.user).await.map_err(|_| StoreUnavailable)?;
        self.store.settle_call(call, state).await.map_err(|error| unavailable(&error))
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
