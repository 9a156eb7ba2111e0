//! A tool call, stage by stage. MCP and the command line both call [`Pipeline::run`], and nothing else sends a request.

use std::future::Future;

use mcp_http::{caller::Caller, scope::Scopes};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::{
    arguments::Arguments,
    catalog::{Catalog, Tool},
    confirmation::{ConfirmationState, PendingCall},
    custom_fields::{CustomFields, ReadField, RequestedKeys},
    pagination::{self, Bounds},
    server_arguments::ServerArguments,
    tool_error::ToolError,
    tool_filter::ToolFilter,
    truncation::Truncated,
    upstream::Upstream,
};

/// The way of a call. Cheap to clone; clones share connections, rate limits and what is known of custom fields.
#[derive(Clone)]
pub struct Pipeline {
    upstream: Upstream,
    fields: CustomFields,
}

/// A call that its caller may make; see [`authorize`].
pub struct ToolCall<'a> {
    /// Which tool.
    pub tool: &'static Tool,
    /// By whom.
    pub caller: &'a Caller,
    /// As they were given, those that are for this server among them.
    pub arguments: Map<String, Value>,
    /// How many characters of JSON the result may have.
    pub max_characters: usize,
}

/// Whoever made a call: confirms it where that is asked for, and hears how it goes on.
pub trait CallClient: Sync {
    /// What is answered instead of a result where the call has to be confirmed first.
    type Question: Send;

    /// Whether a call may be sent. `confirmation` is the argument of this name.
    fn confirm(
        &self,
        call: PendingCall<'_>,
        confirmation: Option<&str>,
    ) -> impl Future<Output = Result<ConfirmationState<Self::Question>, ToolError>> + Send;

    /// How many items there are so far, of how many.
    fn progress(&self, items: u64, total: Option<u64>) -> impl Future<Output = ()> + Send;
}

/// What comes of a call that did not fail.
pub enum CallOutcome<Question> {
    /// Its result.
    Result(Truncated),
    /// It was not sent: this has to be answered first.
    Question(Question),
}

/// Why a caller may not make a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The tool does not belong to those that are offered; the reason.
    NotOffered(String),
    /// The call needs these scopes.
    Scopes(Scopes),
}

/// Whether a caller may call a tool: it is offered to them, and their scopes cover it.
///
/// # Errors
/// Why not.
pub fn authorize(tool: &Tool, caller: &Caller, offered: &ToolFilter) -> Result<(), Denied> {
    if let Some(why) = offered.why_not(tool) {
        return Err(Denied::NotOffered(why));
    }
    if caller.scopes().covers(tool.needs) { Ok(()) } else { Err(Denied::Scopes(tool.needs)) }
}

impl Pipeline {
    /// Calls of the tools of a catalog.
    #[must_use]
    pub fn new(catalog: &'static Catalog, upstream: Upstream, read_field: ReadField) -> Self {
        Self { fields: CustomFields::new(catalog, upstream.clone(), read_field), upstream }
    }

    /// The way to the API.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// What organizations call their fields.
    #[must_use]
    pub fn fields(&self) -> &CustomFields {
        &self.fields
    }

    /// Runs a call through all of its stages.
    ///
    /// # Errors
    /// Whatever went wrong, in words for the assistant.
    pub async fn run<C: CallClient>(
        &self,
        ToolCall { tool, caller, mut arguments, max_characters }: ToolCall<'_>,
        client: &C,
    ) -> Result<CallOutcome<C::Question>, ToolError> {
        let started_at = Instant::now();

        // what is for this server
        let server_arguments = ServerArguments::take(tool, &mut arguments)?;

        // the others, once for all stages and attempts
        let arguments = Arguments::check(tool, arguments)?;

        // only to show what would be sent
        if server_arguments.dry_run {
            let output = self.upstream.preview(tool, caller, arguments).await?;
            return Ok(CallOutcome::Result(Truncated { output, note: None }));
        }

        // the user agrees
        let pending = PendingCall { tool, caller, arguments: &arguments };
        match client.confirm(pending, server_arguments.confirmation.as_deref()).await? {
            ConfirmationState::Confirmed => {}
            ConfirmationState::InputRequired(question) => return Ok(CallOutcome::Question(question)),
        }

        // fetch one page or several, keep the fields that were asked for, cut the rest off
        let requested = RequestedKeys::of(tool, arguments.values());
        let bounds = Bounds { characters: max_characters, until: started_at + pagination::LONGEST };
        let fetch = |arguments| self.fields.call(tool, caller, arguments);
        let tell = |items| client.progress(items, server_arguments.max_items);
        let mut result = pagination::collect_pages(tool, &server_arguments, arguments, bounds, fetch, tell).await?;

        // what the assistant should know besides
        if server_arguments.part.is_none() {
            let note = self.fields.note(&requested, tool, caller, &result.output).await;
            result.add(note);
        }
        Ok(CallOutcome::Result(result))
    }
}
