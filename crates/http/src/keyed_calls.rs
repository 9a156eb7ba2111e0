//! Calls that are made once although they are sent again: each carries a key, and what became of it is kept for those that follow.
//!
//! The MCP server decides what a repeated call gets; a store keeps what is known of the first one.

use std::time::Duration;

use async_trait::async_trait;

use crate::{clock::Timestamp, token::TokenHash};

/// How long a call is kept.
pub const LIFETIME: Duration = Duration::from_hours(24);
/// How many calls of one user are kept. A further one ends the oldest.
pub const CALLS_OF_USER: i64 = 500;
/// The size limit of a kept result, in bytes. Of a call with a longer one it is kept that it succeeded.
pub const RESULT_BYTES: usize = 16 << 10;

/// A call with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedCall {
    /// The ID of the user; empty if nobody signed in.
    pub user: String,
    /// The hash of the key, the user and the tool.
    pub key: TokenHash,
    /// The hash of the arguments.
    pub arguments: TokenHash,
    /// When it was claimed.
    pub started_at: Timestamp,
}

impl KeyedCall {
    /// When it is no longer kept.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.started_at.after(LIFETIME)
    }
}

/// What is known of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState<R = Vec<u8>> {
    /// It was claimed, and nobody said what became of it.
    Running,
    /// It succeeded. Contains its result, unless that was too long.
    Done(Option<R>),
    /// It failed in a way that leaves open whether it had an effect.
    Unknown,
}

impl<R> CallState<R> {
    /// The same state with another form of the result, or without one.
    pub fn and_then<S>(self, convert: impl FnOnce(R) -> Option<S>) -> CallState<S> {
        match self {
            Self::Running => CallState::Running,
            Self::Done(result) => CallState::Done(result.and_then(convert)),
            Self::Unknown => CallState::Unknown,
        }
    }
}

/// An earlier call with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierCall<R = Vec<u8>> {
    /// The hash of its arguments.
    pub arguments: TokenHash,
    /// When it was claimed.
    pub started_at: Timestamp,
    /// What became of it.
    pub state: CallState<R>,
}

/// The store cannot be asked at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store does not answer")]
pub struct StoreUnavailable;

/// The kept calls, which all replicas of a server share.
#[async_trait]
pub trait KeyedCalls: Send + Sync {
    /// Returns what is known of the call with this key, if there is one that has not expired.
    ///
    /// # Errors
    /// [`StoreUnavailable`], as of the other methods.
    async fn find(&self, key: TokenHash, now: Timestamp) -> Result<Option<EarlierCall>, StoreUnavailable>;

    /// Claims the key of a call. Returns whether the call may be sent; otherwise there is another one with its key. Of all that claim a
    /// key at once, one may be sent.
    async fn claim(&self, call: &KeyedCall) -> Result<bool, StoreUnavailable>;

    /// Keeps what became of a claimed call; `None` releases its key.
    async fn settle(&self, call: &KeyedCall, state: Option<CallState>) -> Result<(), StoreUnavailable>;
}
