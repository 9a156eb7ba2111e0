//! The stages of a tool call. MCP and the command line both call [`Pipeline::run`], and nothing else runs a tool for them.

use std::future::Future;

use mcp_http::{
    caller::{Caller, Key},
    scope::Scopes,
};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::{
    aggregation,
    arguments::{self, Arguments},
    catalog::{Catalog, Tool},
    changed_record,
    confirmation::{ConfirmationState, PendingCall},
    custom_fields::{CustomFields, ReadField, RequestedKeys},
    filter_form::{FilterChecks, FilterForm, FilteredCall, OtherFilters, Sending},
    item_shape::ItemShape,
    marks,
    narrowing::Narrowed,
    next_step::Given,
    pagination::{self, Bounds},
    repeated_calls::{Attempt, Begun, RepeatedCalls},
    server_arguments::ServerArguments,
    today,
    tool_error::ToolError,
    tool_filter::{CallableTools, ToolFilter},
    tool_output::ToolOutput,
    truncation::Truncated,
    upstream::{Outcome, Upstream},
};

/// The pipeline of tool calls. Cheap to clone; clones share connections, rate limits and cached custom fields.
#[derive(Clone)]
pub struct Pipeline {
    catalog: &'static Catalog,
    upstream: Upstream,
    fields: CustomFields,
    filters: FilterForm,
    repeated: RepeatedCalls,
}

/// A call that its caller is authorized to make; see [`authorize`].
pub struct ToolCall<'a> {
    /// The tool.
    pub tool: &'static Tool,
    /// The caller.
    pub caller: &'a Caller,
    /// Which tools are offered to the caller.
    pub tool_filter: &'a ToolFilter,
    /// The arguments as given, server arguments included.
    pub arguments: Map<String, Value>,
    /// How many characters of JSON the result may have.
    pub max_characters: usize,
}

/// The client that made a call: it confirms the call if necessary, and receives progress notifications.
pub trait CallClient: Sync {
    /// The response in place of a result if the call must be confirmed first.
    type Question: Send;

    /// Whether a call may be sent. `confirmation` is the server argument of that name.
    fn confirm(
        &self,
        call: PendingCall<'_>,
        confirmation: Option<&str>,
    ) -> impl Future<Output = Result<ConfirmationState<Self::Question>, ToolError>> + Send;

    /// Reports how many items have been fetched, and of how many if that is known.
    fn progress(&self, items: u64, total: Option<u64>) -> impl Future<Output = ()> + Send;
}

/// The outcome of a call that did not fail.
pub enum CallOutcome<Question> {
    /// The result of the call.
    Result(Truncated),
    /// The call was not sent: the user must answer this first.
    Question(Question),
}

/// Why a caller is not authorized to make a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The tool is not offered; contains the reason.
    NotOffered(String),
    /// The call requires these scopes.
    Scopes(Scopes),
}

/// Checks that a caller may call a tool: the tool is offered to them, and their scopes cover it.
///
/// # Errors
/// The reason why the caller may not.
pub fn authorize(tool: &Tool, caller: &Caller, offered: &ToolFilter) -> Result<(), Denied> {
    if let Some(why) = offered.why_not(tool) {
        return Err(Denied::NotOffered(why));
    }
    if caller.scopes().covers(tool.needs) { Ok(()) } else { Err(Denied::Scopes(tool.needs)) }
}

impl Pipeline {
    /// A pipeline for the tools of a catalog.
    #[must_use]
    pub fn new(
        catalog: &'static Catalog,
        upstream: Upstream,
        read_field: ReadField,
        other_filters: Option<OtherFilters>,
    ) -> Self {
        let fields = CustomFields::new(catalog, upstream.clone(), read_field);
        let repeated = RepeatedCalls::in_memory(upstream.clock().clone());
        Self { catalog, fields, filters: FilterForm::new(other_filters), repeated, upstream }
    }

    /// The same pipeline with another memory of repeated calls.
    #[must_use]
    pub fn with_repeated_calls(self, repeated: RepeatedCalls) -> Self {
        Self { repeated, ..self }
    }

    /// The client of the API.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// The custom fields of the organizations.
    #[must_use]
    pub fn fields(&self) -> &CustomFields {
        &self.fields
    }

    /// Fetches one page of a list that the caller is authorized to read, as it is.
    ///
    /// # Errors
    /// When the API cannot be reached, or refuses.
    pub async fn fetch(&self, tool: &'static Tool, caller: &Caller, arguments: Arguments) -> Outcome {
        self.fields.call(tool, caller, arguments).await
    }

    /// Runs a call through all of its stages.
    ///
    /// # Errors
    /// When any stage fails; the message is written for the assistant.
    pub async fn run<C: CallClient>(
        &self,
        ToolCall { tool, caller, tool_filter, mut arguments, max_characters }: ToolCall<'_>,
        client: &C,
    ) -> Result<CallOutcome<C::Question>, ToolError> {
        let started_at = Instant::now();
        let callable = CallableTools { catalog: self.catalog, caller, tool_filter };

        // bring the arguments into the form of the schema, and leave out those that are null or empty
        let mut skipped = arguments::normalize(tool.checked_schema(), tool.json_limits(), &mut arguments)?;
        arguments::leave_out_empty(tool, &mut arguments, &mut skipped);

        // take out the server arguments
        let server_arguments = ServerArguments::take(tool, &mut arguments)?;

        // validate the others once, for all stages and attempts
        let mut arguments = Arguments::validate(tool, arguments)?;

        // refuse totals of nothing
        aggregation::check(tool, arguments.values())?;

        // empty fields, and refuse an edit that changes nothing
        arguments.clear(tool, &server_arguments.clear)?;
        arguments.require_change(tool, &skipped)?;

        // with an idempotency key, a call that was made before is not made again
        let key = server_arguments.idempotency_key.as_deref();
        let creation = if server_arguments.dry_run { None } else { self.repeated.creation(tool, callable, &arguments, key) };
        if let Some(creation) = &creation
            && let Some(result) = creation.repeated().await?
        {
            return Ok(CallOutcome::Result(result));
        }

        // take the paths of members of members out of `fields`
        let shape = ItemShape::take(tool, &mut arguments);

        // replace names of custom fields by their keys
        let names = self.fields.resolve_names(tool, caller, &mut arguments).await?;

        // read the record that the call is about
        let change = changed_record::read(callable, &self.upstream, tool, arguments.values()).await;
        let change = change.map_err(|error| Given::of(arguments.values()).with_next_step(error, tool, callable));

        // a dry run only shows the request, and what it would change
        if server_arguments.dry_run {
            let output = with_change(self.upstream.preview(tool, caller, arguments).await?, change?);
            let mut shown = Truncated { output, note: names };
            shown.add(skipped.note(tool));
            return Ok(CallOutcome::Result(shown));
        }

        // confirm the call
        let pending = PendingCall { tool, caller, arguments: &arguments, change: &change };
        match client.confirm(pending, server_arguments.confirmation.as_deref()).await? {
            ConfirmationState::Confirmed => {}
            ConfirmationState::InputRequired(question) => return Ok(CallOutcome::Question(question)),
        }
        let change = change?;

        // claim the idempotency key last of what may fail before anything is sent
        let key = tool.key(caller)?.map_or(0, Key::fingerprint);
        let attempt = match &creation {
            Some(creation) => match creation.begin().await? {
                Begun::Sending(attempt) => attempt,
                Begun::Repeated(result) => return Ok(CallOutcome::Result(result)),
            },
            None => Attempt::plain(),
        };

        // fetch one or more pages, select the requested fields, truncate the result
        let requested = RequestedKeys::of(tool, arguments.values());
        let narrowed = Narrowed::of(tool, arguments.values());
        let bounds = Bounds { characters: max_characters, until: started_at + pagination::MAX_TIME };
        let checks = FilterChecks::default();
        let calls = &FilteredCalls { pipeline: self, tool, caller, key, checks: &checks };
        let shape = &shape;
        let fetch = async |arguments| {
            let output = calls.call(arguments).await?;
            match shape {
                Some(shape) => shape.of(output, tool).await,
                None => Ok(output),
            }
        };
        let tell = |items| client.progress(items, server_arguments.max_items);
        let given = Given::of(arguments.values());
        let mut result = match pagination::collect_pages(tool, &server_arguments, arguments, bounds, fetch, tell).await {
            Ok(result) => result,
            Err(error) => return Err(attempt.failed(given.with_next_step(error, tool, callable)).await),
        };

        // say of each item whether another list has it
        if server_arguments.part.is_none() {
            self.mark(tool, callable, &mut result).await;
        }

        // add notes about custom fields that were used by name, about filters that could not be checked, about arguments and defaults
        // that leave something out, and about fields that are missing
        result.add(change.map(|change| format!("The change: {change}.")));
        result.add(tool.says_today.then(|| today::sentence(self.upstream.clock())));
        result.add(names);
        result.add(checks.note());
        result.add(skipped.note(tool));
        if server_arguments.part.is_none() {
            result.add(narrowed.note(tool, &result.output));
            let note = self.fields.note(&requested, tool, caller, &result.output).await?;
            result.add(note);
        }
        attempt.succeeded(&mut result).await;
        Ok(CallOutcome::Result(result))
    }
}

impl Pipeline {
    /// Says of each item of a result whether the other list that the tool names has it, too.
    async fn mark(&self, tool: &'static Tool, callable: CallableTools<'_>, result: &mut Truncated) {
        let Some(mark) = &tool.response.mark else { return };
        let (Some(ids), Some(other)) = (marks::ids(tool, &result.output), callable.find(&mark.tool)) else { return };
        let Some(arguments) = marks::arguments(other, &ids) else { return };
        let Ok(key) = other.key(callable.caller) else { return };
        let key = key.map_or(0, Key::fingerprint);
        let checks = &FilterChecks::default();
        let calls = FilteredCalls { pipeline: self, tool: other, caller: callable.caller, key, checks };
        let answer = Box::pin(calls.call(arguments)).await.ok();
        marks::add(result, mark, tool, &ids, answer.map(|output| (other, output)));
    }
}

/// The description of a request, with what it changes.
fn with_change(preview: ToolOutput, change: Option<String>) -> ToolOutput {
    let Some(change) = change else { return preview };
    let mut shown = preview.structured();
    shown.insert("change".to_owned(), change.into());
    ToolOutput::of(&shown.into())
}

/// The calls of a tool, with what their filters need.
struct FilteredCalls<'a> {
    pipeline: &'a Pipeline,
    tool: &'static Tool,
    caller: &'a Caller,
    /// The fingerprint of the API key.
    key: u64,
    checks: &'a FilterChecks,
}

impl FilteredCalls<'_> {
    async fn call(&self, arguments: Arguments) -> Outcome {
        if !arguments.values().contains_key("filters") {
            return self.pipeline.fields.call(self.tool, self.caller, arguments).await;
        }
        let (fields, requested) = (&self.pipeline.fields, RequestedKeys::of(self.tool, arguments.values()));
        let outcome = match self.filtered(arguments.clone()).await {
            // a field may have another key in filters, which is looked up only then
            Err(error) if error.may_be_of_a_filter() => match fields.with_filter_keys(self.tool, self.caller, &arguments).await {
                Some(arguments) => self.filtered(arguments).await,
                None => Err(error),
            },
            outcome => outcome,
        };
        match outcome {
            Err(error) => Err(fields.explained(error, &requested, self.tool, self.caller).await),
            outcome => outcome,
        }
    }

    async fn filtered(&self, arguments: Arguments) -> Outcome {
        let Self { pipeline: Pipeline { fields, filters, upstream, .. }, tool, caller, key, checks } = *self;
        let filtered = fields.filtered(tool, caller, arguments.values()).await;
        let call = FilteredCall { tool, key, fields: &filtered, checks };
        // boxed, since calls of all tools would hold the large future
        let send = async |arguments, sending| match sending {
            Sending::InTurn => upstream.call(tool, caller, arguments).await,
            Sending::AtOnce => upstream.call_at_once(tool, caller, arguments).await,
        };
        Box::pin(filters.call(call, arguments, send)).await
    }
}
