//! Asking a user before something is changed for good.
//!
//! Where the client can ask its user, it is asked to. Where it cannot, a first call only prepares: it shows what would be sent and
//! gives a confirmation, with which the same call is made again.
//!
//! Invariants:
//! - A confirmation counts for one tool with the same arguments, for the connection it was given to, for [`LIFETIME`], and once.
//! - It is signed with the caller's own key of the API, which every replica has and no assistant: nothing is kept for it but that it
//!   was used.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::{
    caller::{Caller, Key},
    clock::{Clock, Timestamp},
    token::{Random, TokenHash},
};
use moka::sync::Cache;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    arguments::Arguments,
    catalog::{Effect, Tool},
    tool_error::ToolError,
};

#[cfg(test)]
mod tests;

/// How long a confirmation counts.
pub const LIFETIME: Duration = Duration::from_mins(5);
/// How many used confirmations are remembered where there is no store; older ones than [`LIFETIME`] do not count anyway.
const MOST: u64 = 100_000;
/// What a confirmation begins with.
const PREFIX: &str = "confirm_";

/// Which calls are confirmed, and what becomes of confirmations.
#[derive(Clone)]
pub struct Confirmations {
    when: ConfirmationPolicy,
    clock: Clock,
    random: Random,
    spent: Spent,
    own_key: Arc<OnceLock<Key>>,
}

/// What may be used once, over all replicas of a server.
#[async_trait]
pub trait UsedOnce: Send + Sync {
    /// Uses something up that expires at a time: whether this is the first time. Nothing when it cannot be found out.
    async fn use_once(&self, hash: TokenHash, expires_at: Timestamp) -> Option<bool>;
}

/// Where it is remembered which confirmations were used.
#[derive(Clone)]
pub enum Spent {
    /// In this process.
    Here(Cache<TokenHash, ()>),
    /// For all replicas.
    Shared(Arc<dyn UsedOnce>),
}

impl Default for Spent {
    fn default() -> Self {
        Self::Here(Cache::builder().max_capacity(MOST).time_to_live(LIFETIME).build())
    }
}

impl Spent {
    /// Whether this is the first time.
    async fn spend(&self, hash: TokenHash, expires_at: Timestamp) -> Result<bool, ToolError> {
        match self {
            Self::Here(cache) => Ok(cache.entry(hash).or_insert(()).is_fresh()),
            Self::Shared(used) => used.use_once(hash, expires_at).await.ok_or_else(|| {
                ToolError::confirmation("it cannot be found out now whether this confirmation was used", "try again soon")
            }),
        }
    }
}

/// Which calls a user has to agree to.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
// a description on a variant would turn the schema's list of words into a choice of schemas
pub enum ConfirmationPolicy {
    Always,
    #[default]
    Destroy,
    Never,
}

/// How a confirmation comes back. One that was given for one way does not count for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationVia {
    /// From the assistant, as an argument.
    Argument,
    /// From the client, with its user's response.
    Elicitation,
}

impl ConfirmationVia {
    /// What the codes are for.
    fn purpose(self) -> &'static str {
        match self {
            Self::Argument => "openapi-mcp confirmation 1",
            Self::Elicitation => "openapi-mcp question 1",
        }
    }
}

/// Whether a call is confirmed.
pub enum ConfirmationState<Question> {
    /// It is, or need not be.
    Confirmed,
    /// This has to be answered first.
    InputRequired(Question),
}

/// A call that waits to be confirmed.
#[derive(Clone, Copy)]
pub struct PendingCall<'a> {
    /// With which tool.
    pub tool: &'static Tool,
    /// By whom.
    pub caller: &'a Caller,
    /// With which arguments.
    pub arguments: &'a Arguments,
}

impl Confirmations {
    /// Confirmations as the operator wants them.
    #[must_use]
    pub fn new(when: ConfirmationPolicy, clock: Clock, random: Random, spent: Spent) -> Self {
        Self { when, clock, random, spent, own_key: Arc::default() }
    }

    /// The key that confirmations of a call are signed with: the one that the call is sent with, or one of this process where the
    /// call needs none.
    fn signing_key(&self, call: PendingCall<'_>) -> Result<Key, ToolError> {
        if let Some(key) = call.tool.key(call.caller)? {
            return Ok(key.clone());
        }
        let new = self.random.id().map_err(|error| ToolError::invalid_request(error.to_string()))?;
        let key = Key::new(&new).ok_or_else(|| ToolError::invalid_request("no key can be made".to_owned()))?;
        Ok(self.own_key.get_or_init(|| key).clone())
    }

    /// Whether a tool is to be confirmed.
    #[must_use]
    pub fn are_for(&self, tool: &Tool) -> bool {
        match self.when {
            ConfirmationPolicy::Always => tool.effect != Effect::Read,
            ConfirmationPolicy::Destroy => tool.confirm,
            ConfirmationPolicy::Never => false,
        }
    }

    /// A confirmation for a call.
    ///
    /// # Errors
    /// When there are no random bytes, or no key to sign with.
    pub fn prepare(&self, way: ConfirmationVia, call: PendingCall<'_>) -> Result<String, ToolError> {
        let nonce = self.random.id().map_err(|error| ToolError::invalid_request(error.to_string()))?;
        let expires_at = self.clock.timestamp().after(LIFETIME);
        let stamp = format!("{}.{nonce}", expires_at.0);
        let code = BASE64_URL_SAFE_NO_PAD.encode(call.code(&self.signing_key(call)?, way, &stamp));
        Ok(format!("{PREFIX}{stamp}.{code}"))
    }

    /// Uses a confirmation up.
    ///
    /// # Errors
    /// When it does not count, with what to do.
    pub async fn redeem(&self, way: ConfirmationVia, confirmation: &str, call: PendingCall<'_>) -> Result<(), ToolError> {
        const PREPARE_AGAIN: &str = "call without `confirmation` to prepare it anew";
        let other = || ToolError::confirmation("this confirmation is not for this call", PREPARE_AGAIN);
        let (stamp, code) = confirmation.trim().strip_prefix(PREFIX).and_then(|rest| rest.rsplit_once('.')).ok_or_else(other)?;
        let given = BASE64_URL_SAFE_NO_PAD.decode(code).map_err(|_| other())?;
        verify_slices_are_equal(&call.code(&self.signing_key(call)?, way, stamp), &given).map_err(|_| other())?;
        let expires_at = stamp.split('.').next().and_then(|seconds| seconds.parse().ok()).map(Timestamp).ok_or_else(other)?;
        if expires_at <= self.clock.timestamp() {
            return Err(ToolError::confirmation("this confirmation is too old", PREPARE_AGAIN));
        }
        if self.spent.spend(TokenHash::of(stamp.as_bytes()), expires_at).await? {
            return Ok(());
        }
        Err(ToolError::confirmation(
            "this confirmation was used before, so the change may be made already",
            "read the current state first",
        ))
    }
}

impl PendingCall<'_> {
    fn code(self, key: &Key, way: ConfirmationVia, stamp: &str) -> [u8; 32] {
        let Self { tool, caller, arguments } = self;
        // JSON keeps the parts apart, whatever they hold
        let message =
            serde_json::json!([stamp, caller.connection(), tool.name, sorted(&Value::Object(arguments.values().clone()))]);
        key.code(way.purpose(), message.to_string().as_bytes())
    }
}

/// The same value with the members of its objects in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(name, member)| (name.clone(), sorted(member))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        plain => plain.clone(),
    }
}
