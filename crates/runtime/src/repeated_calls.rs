//! Calls that create something, and are sent again.
//!
//! Assistants and clients repeat calls whose result they did not get. With an `idempotency_key`, the first call is made and the others get
//! its result. Without one, a call is always made, and its result says that the same one was made a moment ago.
//!
//! Invariants:
//! - Of the calls of one user with the same key, tool and arguments, one is sent, on all replicas together. Its key is released only if
//!   it certainly had no effect.
//! - What became of a call that was not finished is never guessed: those that follow are told that it may have been made.
//! - Keys and arguments are kept as hashes, for a limited time and number.

use std::{sync::Arc, time::Duration};

use mcp_http::{
    clock::{Clock, Timestamp},
    keyed_calls::{CallState, EarlierCall, KeyedCall, KeyedCalls, RESULT_BYTES, StoreUnavailable},
    token::TokenHash,
};
use moka::sync::Cache;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    arguments::Arguments,
    catalog::{Effect, ResponseKind, Tool},
    confirmation::sorted,
    server_arguments::IDEMPOTENCY_KEY,
    tool_error::{ErrorKind, ToolError},
    tool_filter::CallableTools,
    tool_output::ToolOutput,
    truncation::Truncated,
};

mod in_memory;

use in_memory::InMemory;

#[cfg(test)]
mod tests;

/// How long an identical call without a key is remembered.
const RECENT: Duration = Duration::from_mins(1);
/// How many of them are remembered, of all users.
const MAX_RECENT: u64 = 10_000;
/// How long a call that repeats a running one waits for it, and how often it looks. Most calls end within this time.
const PATIENCE: Duration = Duration::from_secs(30);
const INTERVAL: Duration = Duration::from_millis(500);
/// A call that was claimed so long ago was interrupted: its process ended. Much longer than a call can take.
const LONGEST_CALL: Duration = Duration::from_mins(2);

/// Finds repeated calls. Cheap to clone; clones share what they know.
#[derive(Clone)]
pub struct RepeatedCalls {
    keyed: Arc<dyn KeyedCalls>,
    recent: Cache<TokenHash, Timestamp>,
    clock: Clock,
}

/// A call that creates something.
pub(crate) struct Creation<'a> {
    calls: &'a RepeatedCalls,
    tool: &'static Tool,
    /// The hash of the user, the tool and the arguments.
    identity: TokenHash,
    keyed: Option<KeyedCall>,
    /// The tool that shows whether it was made.
    lister: Option<&'static str>,
}

/// Whether a call is to be sent.
pub(crate) enum Begun<'a> {
    /// It is, and its end is to be told.
    Sending(Attempt<'a>),
    /// It is not, as this is its result.
    Repeated(Truncated),
}

/// A call that is being sent. If it is dropped before its end is told, it may have been made.
pub(crate) struct Attempt<'a> {
    creation: Option<&'a Creation<'a>>,
    started_at: Timestamp,
    /// When the same call was sent before.
    before: Option<Timestamp>,
    /// The call with its key, until its end is told.
    keyed: Option<KeyedCall>,
}

impl RepeatedCalls {
    /// Keeps the calls with a key in a store that all replicas share.
    #[must_use]
    fn new(keyed: Arc<dyn KeyedCalls>, clock: Clock) -> Self {
        let recent = Cache::builder().max_capacity(MAX_RECENT).time_to_live(RECENT).build();
        Self { keyed, recent, clock }
    }

    /// The same, with the calls with a key in another place.
    #[must_use]
    pub fn with_keyed(self, keyed: Arc<dyn KeyedCalls>) -> Self {
        Self { keyed, ..self }
    }

    /// Keeps them in this process.
    #[must_use]
    pub fn in_memory(clock: Clock) -> Self {
        Self::new(Arc::new(InMemory::default()), clock)
    }

    /// A call, if it creates something.
    pub(crate) fn creation<'a>(
        &'a self,
        tool: &'static Tool,
        callable: CallableTools<'_>,
        arguments: &Arguments,
        key: Option<&str>,
    ) -> Option<Creation<'a>> {
        if tool.effect != Effect::Write || tool.repeatable {
            return None;
        }
        // JSON separates the parts unambiguously
        let hash = |parts: Value| TokenHash::of(parts.to_string().as_bytes());
        let caller = callable.caller;
        let user = caller.user().map_or_else(|| caller.connection().unwrap_or_default(), AsRef::as_ref);
        let arguments = sorted(&Value::Object(arguments.values().clone()));
        let keyed = key.map(|key| KeyedCall {
            user: user.to_owned(),
            key: hash(json!(["key", user, tool.name, key])),
            // the key keeps the hash from showing what the arguments are
            arguments: hash(json!(["arguments", key, arguments])),
            started_at: self.clock.timestamp(),
        });
        let identity = hash(json!(["call", user, tool.name, arguments]));
        Some(Creation { calls: self, tool, identity, keyed, lister: lister(tool, callable) })
    }
}

impl<'a> Creation<'a> {
    /// The result of an earlier call with the same key; `None` if there is no such call.
    ///
    /// # Errors
    /// When the earlier call had other arguments, or it is not known what became of it.
    pub(crate) async fn repeated(&self) -> Result<Option<Truncated>, ToolError> {
        let Some(KeyedCall { key, arguments, .. }) = &self.keyed else { return Ok(None) };
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.calls.clock.timestamp();
            let Some(EarlierCall { arguments: earlier, started_at, state }) =
                self.calls.keyed.find(*key, now).await.map_err(unavailable)?
            else {
                return Ok(None);
            };
            let ago = seconds(started_at, now);
            if earlier != *arguments {
                return Err(ToolError::idempotency_key(
                    format!("this `{IDEMPOTENCY_KEY}` was used {ago} s ago for `{}` with other arguments", self.tool.name),
                    "nothing was sent, call again with a new key",
                ));
            }
            let is_running = state == CallState::Running && started_at.after(LONGEST_CALL) > now;
            match state {
                CallState::Done(Some(result)) => return self.kept(&result, ago).map(Some),
                CallState::Done(None) => {
                    let message =
                        format!("the first call with this `{IDEMPOTENCY_KEY}` succeeded {ago} s ago, and its result is not kept");
                    return Err(ToolError::idempotency_key(message, format!("nothing was sent again, {}", self.look())));
                }
                CallState::Running if is_running && Instant::now() < until => sleep(INTERVAL).await,
                CallState::Running if is_running => {
                    return Err(ToolError::idempotency_key(
                        format!("the first call with this `{IDEMPOTENCY_KEY}` is still running"),
                        "call again in a minute, with the same key and arguments",
                    ));
                }
                CallState::Running | CallState::Unknown => {
                    let message = format!(
                        "the first call with this `{IDEMPOTENCY_KEY}`, {ago} s ago, may or may not have been executed, and \
                         nothing was sent again"
                    );
                    return Err(ToolError::idempotency_key(
                        message,
                        format!("{}, and if it was not, call with a new key", self.look()),
                    ));
                }
            }
        }
    }

    /// Claims the key of the call, if it has one, and remembers the call.
    ///
    /// # Errors
    /// As [`Self::repeated`].
    pub(crate) async fn begin(&'a self) -> Result<Begun<'a>, ToolError> {
        // the time since the call came was the user's, to confirm it
        let claim = || self.keyed.clone().map(|call| KeyedCall { started_at: self.calls.clock.timestamp(), ..call });
        let mut keyed = claim();
        while let Some(call) = &keyed
            && !self.calls.keyed.claim(call).await.map_err(unavailable)?
        {
            if let Some(repeated) = self.repeated().await? {
                return Ok(Begun::Repeated(repeated));
            }
            keyed = claim();
        }
        let started_at = self.calls.clock.timestamp();
        let before = self.calls.recent.get(&self.identity);
        self.calls.recent.insert(self.identity, started_at);
        Ok(Begun::Sending(Attempt { creation: Some(self), started_at, before, keyed }))
    }

    /// A result that was kept.
    fn kept(&self, result: &[u8], ago: i64) -> Result<Truncated, ToolError> {
        let broken = || {
            let message = format!("the result of the first call with this `{IDEMPOTENCY_KEY}` cannot be read any more");
            ToolError::idempotency_key(message, format!("nothing was sent again, {}", self.look()))
        };
        let (text, note): (String, Option<String>) = serde_json::from_slice(result).map_err(|_| broken())?;
        let mut truncated = Truncated { output: ToolOutput::new(text), note };
        truncated.add(Some(format!(
            "This is the result of the first call with this `{IDEMPOTENCY_KEY}`, {ago} s ago; nothing was sent again."
        )));
        Ok(truncated)
    }

    /// How to find out whether the call was made.
    fn look(&self) -> String {
        match self.lister {
            Some(lister) => format!("look with `{lister}`"),
            None => "read the current state".to_owned(),
        }
    }
}

impl Attempt<'_> {
    /// A call that creates nothing.
    pub(crate) fn plain() -> Self {
        Self { creation: None, started_at: Timestamp(0), before: None, keyed: None }
    }

    /// Keeps the result of the call, and adds a note if the same call was made a moment ago.
    pub(crate) async fn succeeded(mut self, result: &mut Truncated) {
        let Some(creation) = self.creation else { return };
        let tool = &creation.tool.name;
        if self.keyed.is_some() {
            let bytes = json!([result.output.text, result.note]).to_string().into_bytes();
            let state = CallState::Done(Some(bytes).filter(|bytes| bytes.len() <= RESULT_BYTES));
            if self.settle(Some(state)).await.is_err() {
                result.add(Some(format!(
                    "The result could not be kept, so do not repeat the call: its `{IDEMPOTENCY_KEY}` will not find it."
                )));
            }
        } else if let Some(before) = self.before.filter(|before| before.after(RECENT) > self.started_at) {
            let ago = seconds(before, self.started_at);
            result.add(Some(format!(
                "The same `{tool}` with the same arguments was made {ago} s before this one. If that was a repetition, there are two now: {}.",
                creation.look()
            )));
        }
    }

    /// Releases the key of the call, unless the error leaves open whether the call had an effect.
    pub(crate) async fn failed(mut self, error: ToolError) -> ToolError {
        let Some(creation) = self.creation else { return error };
        let may_be_made = error.kind.leaves_open() || matches!(error.kind, ErrorKind::UnexpectedRedirect);
        // unless the same call was sent once more in the meantime
        if !may_be_made && creation.calls.recent.get(&creation.identity) == Some(self.started_at) {
            match self.before {
                Some(before) => creation.calls.recent.insert(creation.identity, before),
                None => creation.calls.recent.invalidate(&creation.identity),
            }
        }
        // if it cannot be told, later calls are told that this one may have been made
        let _ = self.settle(may_be_made.then_some(CallState::Unknown)).await;
        error
    }

    async fn settle(&mut self, state: Option<CallState>) -> Result<(), StoreUnavailable> {
        let (Some(creation), Some(keyed)) = (self.creation, &self.keyed) else { return Ok(()) };
        let settled = creation.calls.keyed.settle(keyed, state).await;
        self.keyed = None;
        settled
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        // with a call that is not settled, it was cancelled
        let (Some(creation), Some(call)) = (self.creation, self.keyed.take()) else { return };
        let store = Arc::clone(&creation.calls.keyed);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { store.settle(&call, Some(CallState::Unknown)).await });
        }
    }
}

fn unavailable(StoreUnavailable: StoreUnavailable) -> ToolError {
    ToolError::idempotency_key(
        format!("it cannot be checked now whether this `{IDEMPOTENCY_KEY}` was used, and nothing was sent"),
        "call again soon, with the same key",
    )
}

/// The whole seconds from one time to another.
fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.0.saturating_sub(from.0).max(0)
}

/// The tool that lists what a tool creates: it reads a list at the same path, or at the nearest one above.
fn lister(tool: &Tool, callable: CallableTools<'_>) -> Option<&'static str> {
    let lists = |other: &&Tool| {
        other.effect == Effect::Read && other.response.kind == ResponseKind::Json && other.response.items.is_some()
    };
    let mut path = tool.path.split('#').next().unwrap_or_default().trim_end_matches('/');
    while !path.is_empty() {
        if let Some(found) =
            callable.catalog.tools().iter().filter(lists).filter(|other| callable.may(other)).find(|other| other.path == path)
        {
            return Some(&found.name);
        }
        path = path.rsplit_once('/')?.0;
    }
    None
}
