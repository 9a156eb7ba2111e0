//! The use cases of calls with an idempotency key.

use mcp_http::{
    clock::Timestamp,
    keyed_calls::{CALLS_OF_USER, CallState, EarlierCall, KeyedCall},
    token::TokenHash,
};

use super::{
    Sql,
    statements::{CLAIM_CALL, KEYED_CALL, MAKE_ROOM_FOR_CALL, RELEASE_CALL, SETTLE_CALL},
};
use crate::{
    keyring::EncryptedKey,
    store::{
        Result,
        dialect::{Dialect, Lease},
        row,
    },
};

impl<D: Dialect> Sql<D> {
    pub(super) async fn find_call(&self, key: TokenHash, now: Timestamp) -> Result<Option<EarlierCall<EncryptedKey>>> {
        self.fetch_first(KEYED_CALL, &[(&key).into(), now.into()]).await?.map(row::keyed_call).transpose()
    }

    pub(super) async fn claim(&self, call: &KeyedCall) -> Result<bool> {
        let KeyedCall { user, key, arguments, started_at } = call;
        let mut write = Lease::begin(&self.writes).await?;
        let claim = [key.into(), user.into(), arguments.into(), (*started_at).into(), call.expires_at().into()];
        let is_claimed = write.execute(CLAIM_CALL, &claim).await? > 0;
        if is_claimed {
            write.execute(MAKE_ROOM_FOR_CALL, &[user.into(), CALLS_OF_USER.into()]).await?;
        }
        write.commit().await?;
        Ok(is_claimed)
    }

    pub(super) async fn settle(&self, call: &KeyedCall, state: Option<CallState<EncryptedKey>>) -> Result<()> {
        let (key, started_at) = ((&call.key).into(), call.started_at.into());
        match &state {
            Some(state) => {
                let (name, sealed) = row::call_state(state);
                self.execute(SETTLE_CALL, &[key, started_at, name.into(), sealed.into()]).await?;
            }
            None => {
                self.execute(RELEASE_CALL, &[key, started_at]).await?;
            }
        }
        Ok(())
    }
}
