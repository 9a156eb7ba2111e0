//! Asks a user to confirm a change before it is made.
//!
//! If the client supports elicitation, it asks its user. Otherwise a first call only prepares the change: it shows the request
//! and returns a confirmation, with which the same call is repeated.
//!
//! Invariants:
//! - A confirmation is valid for one tool with the same arguments, for the connection that it was issued to, for [`LIFETIME`],
//!   and once.
//! - It is signed with the caller's own API key, which every replica has and no assistant. So nothing is stored about it except
//!   that it was used.

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
    changed_record::Change,
    tool_error::ToolError,
};

#[cfg(test)]
mod tests;

/// How long a confirmation is valid.
pub const LIFETIME: Duration = Duration::from_mins(5);
/// How many used confirmations are remembered without a store. Those older than [`LIFETIME`] have expired anyway.
const MAX_USED: u64 = 100_000;
/// The prefix of confirmations.
const PREFIX: &str = "confirm_";

/// Issues and redeems confirmations.
#[derive(Clone)]
pub struct Confirmations {
    when: ConfirmationPolicy,
    clock: Clock,
    random: Random,
    used: UsedConfirmations,
    own_key: Arc<OnceLock<Key>>,
}

/// A record of single-use values, shared by all replicas of a server.
#[async_trait]
pub trait UsedOnce: Send + Sync {
    /// Marks a value that a user presents, and that expires at `expires_at`, as used. Returns whether this is its first use; `None`
    /// if the store is not available.
    async fn use_once(&self, user: &str, hash: TokenHash, expires_at: Timestamp) -> Option<bool>;
}

/// Where used confirmations are recorded.
#[derive(Clone)]
pub enum UsedConfirmations {
    /// In this process.
    Here(Cache<TokenHash, ()>),
    /// In a store that all replicas share.
    Shared(Arc<dyn UsedOnce>),
}

impl Default for UsedConfirmations {
    fn default() -> Self {
        Self::Here(Cache::builder().max_capacity(MAX_USED).time_to_live(LIFETIME).build())
    }
}

impl UsedConfirmations {
    /// Marks a confirmation as used. Returns whether this is its first use.
    async fn use_once(&self, user: &str, hash: TokenHash, expires_at: Timestamp) -> Result<bool, ToolError> {
        match self {
            Self::Here(cache) => Ok(cache.entry(hash).or_insert(()).is_fresh()),
            Self::Shared(store) => store.use_once(user, hash, expires_at).await.ok_or_else(|| {
                ToolError::confirmation("it cannot be checked now whether this confirmation was used", "try again soon")
            }),
        }
    }
}

/// Which calls a user has to confirm.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
// a doc comment on a variant would turn the schema's `enum` into a `oneOf`
pub enum ConfirmationPolicy {
    Always,
    #[default]
    Destroy,
    Never,
}

/// How a confirmation is returned. One that was issued for one way is not valid for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationVia {
    /// The assistant passes it as an argument.
    Argument,
    /// The client returns it with its user's response.
    Elicitation,
}

impl ConfirmationVia {
    /// The context string of the signature, which separates the two ways.
    fn purpose(self) -> &'static str {
        match self {
            Self::Argument => "openapi-mcp confirmation 1",
            Self::Elicitation => "openapi-mcp question 1",
        }
    }
}

/// Whether a call is confirmed.
pub enum ConfirmationState<Question> {
    /// It is confirmed, or needs no confirmation.
    Confirmed,
    /// The user must answer this first.
    InputRequired(Question),
}

/// A call that may need a confirmation.
#[derive(Clone, Copy)]
pub struct PendingCall<'a> {
    /// The tool.
    pub tool: &'static Tool,
    /// The caller.
    pub caller: &'a Caller,
    /// The validated arguments.
    pub arguments: &'a Arguments,
    /// What the call changes, or that its record does not exist.
    pub change: &'a Result<Change, ToolError>,
}

impl Confirmations {
    /// Confirmations under the operator's policy.
    #[must_use]
    pub fn new(when: ConfirmationPolicy, clock: Clock, random: Random, used: UsedConfirmations) -> Self {
        Self { when, clock, random, used, own_key: Arc::default() }
    }

    /// The key that signs the confirmations of a call: the API key of the call, or a key of this process if the call needs none.
    fn signing_key(&self, call: PendingCall<'_>) -> Result<Key, ToolError> {
        if let Some(key) = call.tool.key(call.caller)? {
            return Ok(key.clone());
        }
        let new = self.random.id().map_err(|error| ToolError::invalid_request(error.to_string()))?;
        let key = Key::new(&new).ok_or_else(|| ToolError::invalid_request("no key can be made".to_owned()))?;
        Ok(self.own_key.get_or_init(|| key).clone())
    }

    /// Whether a call of a tool must be confirmed.
    #[must_use]
    pub fn are_for(&self, tool: &Tool, arguments: &Arguments) -> bool {
        match self.when {
            ConfirmationPolicy::Always => tool.effect != Effect::Read,
            ConfirmationPolicy::Destroy => tool.confirm.is_for(arguments.values()),
            ConfirmationPolicy::Never => false,
        }
    }

    /// Issues a confirmation for a call.
    ///
    /// # Errors
    /// When no random bytes or no signing key are available.
    pub fn prepare(&self, way: ConfirmationVia, call: PendingCall<'_>) -> Result<String, ToolError> {
        let nonce = self.random.id().map_err(|error| ToolError::invalid_request(error.to_string()))?;
        let expires_at = self.clock.timestamp().after(LIFETIME);
        let stamp = format!("{}.{nonce}", expires_at.0);
        let code = BASE64_URL_SAFE_NO_PAD.encode(call.code(&self.signing_key(call)?, way, &stamp));
        Ok(format!("{PREFIX}{stamp}.{code}"))
    }

    /// Redeems a confirmation.
    ///
    /// # Errors
    /// When it is not valid; the message contains the next step.
    pub async fn redeem(&self, way: ConfirmationVia, confirmation: &str, call: PendingCall<'_>) -> Result<(), ToolError> {
        const PREPARE_AGAIN: &str = "call without `confirmation` to prepare it again";
        let other = || ToolError::confirmation("this confirmation is not for this call", PREPARE_AGAIN);
        let (stamp, code) = confirmation.trim().strip_prefix(PREFIX).and_then(|rest| rest.rsplit_once('.')).ok_or_else(other)?;
        let given = BASE64_URL_SAFE_NO_PAD.decode(code).map_err(|_| other())?;
        verify_slices_are_equal(&call.code(&self.signing_key(call)?, way, stamp), &given).map_err(|_| other())?;
        let expires_at = stamp.split('.').next().and_then(|seconds| seconds.parse().ok()).map(Timestamp).ok_or_else(other)?;
        if expires_at <= self.clock.timestamp() {
            return Err(ToolError::confirmation("this confirmation is too old", PREPARE_AGAIN));
        }
        let user = call.caller.user().map_or("", |user| user);
        if self.used.use_once(user, TokenHash::of(stamp.as_bytes()), expires_at).await? {
            return Ok(());
        }
        Err(ToolError::confirmation(
            "this confirmation was answered before: the change was declined then, or may be made already",
            "read the current state first",
        ))
    }
}

impl PendingCall<'_> {
    /// What the call changes, for the question.
    ///
    /// # Errors
    /// When there is no such record, so that there is nothing to ask.
    pub fn change(&self) -> Result<Option<&str>, ToolError> {
        self.change.as_ref().map(Option::as_deref).map_err(Clone::clone)
    }

    fn code(self, key: &Key, way: ConfirmationVia, stamp: &str) -> [u8; 32] {
        let Self { tool, caller, arguments, .. } = self;
        // JSON separates the parts unambiguously
        let message =
            serde_json::json!([stamp, caller.connection(), tool.name, sorted(&Value::Object(arguments.values().clone()))]);
        key.code(way.purpose(), message.to_string().as_bytes())
    }
}

/// The same value with the members of all objects sorted by name.
pub(crate) fn sorted(value: &Value) -> Value {
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
