//! The MCP server: lists the tools and calls them, over any transport.
//!
//! Invariants:
//! - A failed call is a result with `isError`, for the assistant to read; only a call that cannot be routed is a protocol error.
//! - The tool list comes from memory, is sorted, and depends only on the catalog, the settings, the URL and the caller's scopes.
//! - Cancelling a call, or closing its connection, cancels the request to the API.

use std::{borrow::Cow, sync::Arc};

use axum::http::request::Parts;
use mcp_http::{
    caller::Caller,
    request_context::InsufficientScope,
    sanitize::one_line,
    scope::{ScopeDefinitions, Scopes},
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult, ContentBlock,
        CustomRequest, CustomResult, ErrorCode, GetPromptRequestParams, GetPromptResponse, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams, ProtocolVersion,
        ReadResourceRequestParams, ReadResourceResponse, ServerConfig,
    },
    service::RequestContext,
};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use self::{answering_clients::AnsweringClients, call_log::CallLog};
use crate::{
    catalog::{Catalog, Effect, Tool},
    confirmation::Confirmations,
    custom_fields::{FieldList, FieldsError},
    nearest::nearest,
    pipeline::{self, CallOutcome, Denied, Pipeline, ToolCall},
    repeated_calls::RepeatedCalls,
    server_arguments,
    tables::Tables,
    today,
    tool_error::ToolError,
    tool_filter::{self, ToolFilter},
    truncation::Truncated,
    upstream::Upstream,
};

mod answering_clients;
mod call_log;
mod completions;
mod description;
mod elicitation;
mod progress;
pub mod prompts;
mod query;
mod resources;
mod tool_list;

pub use description::ServerDescription;
use elicitation::{ElicitationReply, McpClient};
pub use prompts::Prompt;
use resources::ResourceError;
pub use resources::ResourceUris;
pub(crate) use tool_list::runs_others;
pub use tool_list::{Listing, ToolPolicy};
use tool_list::{MetaTool, ToolList};

/// The supported protocol versions, oldest first. The first is for stdio only: its HTTP transport was another one.
const VERSIONS: [ProtocolVersion; 5] = [
    ProtocolVersion::V_2024_11_05,
    ProtocolVersion::V_2025_03_26,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2026_07_28,
];
/// The methods that every protocol version has here, besides `tools/call`.
const METHODS: [&str; 7] = [
    "tools/list",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "completion/complete",
];
/// How long clients may cache a list, in milliseconds. It is short, since a list grows when the user allows more scopes.
const LIST_TTL_MS: u64 = 60 * 1000;

/// How much of an unknown name an error repeats, in characters.
const QUOTED: usize = 60;

/// The MCP server. Cheap to clone.
#[derive(Clone)]
pub struct Server {
    catalog: &'static Catalog,
    pipeline: Pipeline,
    tables: Tables,
    tool_list: Arc<ToolList>,
    confirmations: Confirmations,
    caller: Option<Caller>,
    config: Arc<ServerConfig>,
    description: ServerDescription,
    uris: Arc<ResourceUris>,
    call_log: Arc<CallLog>,
    clients: AnsweringClients,
}

impl Server {
    /// A server whose requests each carry their [`Caller`] in their extensions.
    #[must_use]
    pub fn new(
        catalog: &'static Catalog,
        upstream: Upstream,
        tool_policy: ToolPolicy,
        confirmations: Confirmations,
        description: ServerDescription,
    ) -> Self {
        let pipeline = Pipeline::new(catalog, upstream, description.read_field, description.other_filters);
        Self {
            catalog,
            tables: Tables::new(catalog, pipeline.clone()),
            pipeline,
            tool_list: Arc::new(ToolList::new(catalog, tool_policy)),
            confirmations,
            caller: None,
            config: Arc::new(description::config(catalog.product(), &description)),
            uris: Arc::new(ResourceUris::new(catalog.product())),
            call_log: Arc::default(),
            clients: AnsweringClients::default(),
            description,
        }
    }

    /// The same server for one caller, for transports that do not authenticate requests.
    #[must_use]
    pub fn with_caller(self, caller: Caller) -> Self {
        Self { caller: Some(caller), ..self }
    }

    /// The same server with another memory of repeated calls.
    #[must_use]
    pub fn with_repeated_calls(self, repeated: RepeatedCalls) -> Self {
        Self { pipeline: self.pipeline.with_repeated_calls(repeated), ..self }
    }

    /// The caller: the one in the request's extensions, or the single caller of this server.
    fn caller<'a>(&'a self, context: &'a RequestContext<RoleServer>) -> Result<&'a Caller, ErrorData> {
        let caller = extension::<Caller>(context).or(self.caller.as_ref());
        caller.ok_or_else(|| ErrorData::internal_error("nobody is signed in; connect this server again", None))
    }

    /// The tools that the URL of this request permits.
    fn tool_filter(&self, context: &RequestContext<RoleServer>) -> ToolFilter {
        self.tool_list.tool_filter(extension(context))
    }

    /// Whether a result has structured content besides its text: where output schemas are announced, or its URL asks for it.
    fn is_structured(&self, context: &RequestContext<RoleServer>) -> bool {
        let asks = |parts: &Parts| tool_filter::asks_for_structured(&parts.uri);
        self.tool_list.has_output_schemas() || context.extensions.get::<Parts>().is_some_and(asks)
    }

    /// The caller and the tool filter for prompts, resources and completions.
    fn reader<'a>(&'a self, context: &'a RequestContext<RoleServer>) -> Result<ResourceReader<'a>, ErrorData> {
        Ok(ResourceReader { server: self, caller: self.caller(context)?, tool_filter: self.tool_filter(context) })
    }

    /// Runs a tool that the caller is authorized to call.
    async fn run(
        &self,
        tool: &'static Tool,
        (caller, tool_filter): (&Caller, &ToolFilter),
        arguments: Map<String, Value>,
        reply: ElicitationReply,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let started_at = Instant::now();
        let max_characters = self.pipeline.upstream().limits().response_characters;
        let is_preview = server_arguments::asks_for_preview(tool, &arguments);
        let call = ToolCall { tool, caller, tool_filter, arguments, max_characters };
        let client = McpClient { server: self, reply, context };
        let outcome = tokio::select! {
            biased;
            () = context.ct.cancelled() => None,
            outcome = self.pipeline.run(call, &client) => Some(outcome),
        };
        self.call_log.note((caller, tool), (is_preview, outcome.as_ref()), started_at);
        if tool.effect != Effect::Read && !is_preview {
            // whatever came of it: what was loaded before may no longer be so
            self.tables.changed(caller);
        }
        match outcome {
            Some(Ok(CallOutcome::Result(truncated))) => Ok(result(Ok(truncated), self.is_structured(context)).into()),
            Some(Ok(CallOutcome::Question(question))) => Ok(*question),
            Some(Err(error)) => Ok(result(Err(error), false).into()),
            None => Err(cancelled()),
        }
    }

    fn find(&self, name: &str, tool_filter: &ToolFilter) -> Result<&'static Tool, ErrorData> {
        self.catalog.find(name).ok_or_else(|| {
            let offered = self.catalog.tools().iter().filter(|tool| tool_filter.permits(tool));
            let names = offered.flat_map(|tool| [&tool.name].into_iter().chain(&tool.aliases)).map(String::as_str);
            let hint = match nearest(name, names.chain(MetaTool::all().map(MetaTool::name))) {
                Some(near) => format!("did you mean `{}`?", self.catalog.find(near).map_or(near, |tool| &tool.name)),
                None => "list the tools to see which there are".to_owned(),
            };
            ErrorData::invalid_params(format!("unknown tool `{}`; {hint}", one_line(name, QUOTED)), None)
        })
    }
}

impl ServerHandler for Server {
    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        let [_, of_http @ ..] = &VERSIONS;
        // only over stdio the caller is known from the beginning
        if self.caller.is_some() { Cow::Borrowed(&VERSIONS) } else { Cow::Borrowed(of_http) }
    }

    fn get_info(&self) -> ServerConfig {
        let mut config = (*self.config).clone();
        if let Some(instructions) = &mut config.instructions {
            instructions.push(' ');
            instructions.push_str(&today::sentence(self.pipeline.upstream().clock()));
        }
        config
    }

    fn get_tool(&self, name: &str) -> Option<rmcp::model::Tool> {
        self.tool_list.listing(name)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.tool_list.list(&self.tool_filter(&context), self.caller(&context)?.scopes());
        Ok(ListToolsResult::with_all_items(tools).with_ttl_ms(LIST_TTL_MS).with_cache_scope(CacheScope::Private))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = self.caller(&context)?;
        let arguments = request.arguments.unwrap_or_default();
        let tool_filter = self.tool_filter(&context);
        let chosen = match MetaTool::of(&request.name) {
            Some(MetaTool::Find) => {
                let budget = self.pipeline.upstream().limits().response_characters;
                let found = self.tool_list.find(arguments, &tool_filter, caller, budget);
                return Ok(result(found, self.is_structured(&context)).into());
            }
            Some(MetaTool::Query) => return self.query(arguments, caller, &tool_filter, &context).await,
            Some(own) => self.tool_list.resolve(own, arguments),
            None => match self.catalog.removed(&request.name) {
                Some(removed) => Err(removed),
                None => Ok((self.find(&request.name, &tool_filter)?, arguments)),
            },
        };
        let (tool, arguments) = match chosen {
            Ok((tool, arguments)) => (tool, arguments),
            Err(failure) => return Ok(result(Err(failure), false).into()),
        };
        match pipeline::authorize(tool, caller, &tool_filter) {
            Ok(()) => {}
            Err(Denied::NotOffered(why)) => {
                let name = &tool.name;
                let message = format!("`{name}` is not offered here: {why}");
                let error = ToolError::no_tool(message, self.tool_list.next_step(tool, extension(&context)));
                return Ok(result(Err(error), false).into());
            }
            Err(Denied::Scopes(needs)) => {
                return Err(insufficient(&tool.name, (needs, self.catalog.scopes()), caller, &context));
            }
        }
        let reply = ElicitationReply { state: request.request_state, responses: request.input_responses };
        self.run(tool, (caller, &tool_filter), arguments, reply, &context).await
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(prompts::list(self.catalog, &self.reader(&context)?))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let wrong = |text: String| ErrorData::invalid_params(text, None);
        let prompt = prompts::find(&self.description.prompts, &request.name).map_err(wrong)?;
        let reader = self.reader(&context)?;
        if let Some(why) = prompts::why_not(prompt, &reader) {
            let text = format!("the prompt `{}` is not offered here: {why}; list the prompts to see which are", prompt.name);
            return Err(wrong(text));
        }
        if let Some(tool) = prompt.tools(self.catalog).find(|tool| !reader.may(tool)) {
            return Err(insufficient(prompt.name, (tool.needs, self.catalog.scopes()), reader.caller, &context));
        }
        let arguments = request.arguments.unwrap_or_default();
        prompts::get(prompt, &arguments, self.pipeline.upstream().clock(), &self.uris).map(Into::into).map_err(wrong)
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(resources::list(&self.reader(&context)?))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(resources::templates(&self.reader(&context)?))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let reader = self.reader(&context)?;
        let read = tokio::select! {
            read = resources::read(&reader, &request.uri) => read,
            () = context.ct.cancelled() => return Err(ErrorData::internal_error("reading was cancelled; read it again if it is still wanted", None)),
        };
        read.map(Into::into).map_err(|missing| {
            let data = Some(json!({ "uri": request.uri }));
            match missing {
                ResourceError::FieldsError(FieldsError::Scopes(tool)) => {
                    insufficient(&request.uri, (tool.needs, self.catalog.scopes()), reader.caller, &context)
                }
                ResourceError::FieldsError(FieldsError::Failed(failure)) => ErrorData::internal_error(failure.to_string(), data),
                ResourceError::Unknown(text) => ErrorData::invalid_params(text, data),
            }
        })
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let completion = completions::complete(&self.reader(&context)?, &request).await;
        completion.map(CompleteResult::new).map_err(|text| ErrorData::invalid_params(text, None))
    }

    /// rmcp passes requests here that it cannot parse: unknown methods, and known ones with invalid parameters.
    async fn on_custom_request(&self, request: CustomRequest, _: RequestContext<RoleServer>) -> Result<CustomResult, ErrorData> {
        let CustomRequest { method, .. } = request;
        Err(if method == "tools/call" {
            ErrorData::invalid_params(
                "`tools/call` takes the `name` of a tool, a string, and its `arguments`, an object; send both in `params`",
                None,
            )
        } else if METHODS.contains(&method.as_str()) {
            ErrorData::invalid_params(format!("the parameters of `{method}` do not fit; see the protocol's schema"), None)
        } else {
            ErrorData::new(
                ErrorCode::METHOD_NOT_FOUND,
                format!("`{method}` is not a method of this server; its capabilities say what it can do"),
                None,
            )
        })
    }
}

/// An extension of HTTP requests whose client takes nothing but the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonOnly;

/// A reader of prompts, resources and completions. These show nothing about tools that are not offered or that the caller's
/// scopes do not cover.
struct ResourceReader<'a> {
    server: &'a Server,
    caller: &'a Caller,
    tool_filter: ToolFilter,
}

impl ResourceReader<'_> {
    /// Whether the caller may use a tool.
    fn may(&self, tool: &Tool) -> bool {
        self.tool_filter.permits(tool) && self.caller.scopes().covers(tool.needs)
    }

    /// The kinds of records whose fields the caller can read, with the tools that list them.
    fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static Tool)> {
        self.server.pipeline.fields().kinds().filter(|(_, tool)| self.tool_filter.permits(tool))
    }

    /// The fields of a kind of record; `None` if no permitted tool lists them.
    async fn fields(&self, kind: &str) -> Option<Result<Arc<FieldList>, FieldsError>> {
        self.kinds().find(|(offered, _)| *offered == kind)?;
        self.server.pipeline.fields().read(kind, self.caller).await
    }
}

/// The error for a call that the client cancelled.
fn cancelled() -> ErrorData {
    ErrorData::internal_error("the call was cancelled; call again if the response is still wanted", None)
}

/// The error for insufficient scopes. Over HTTP, a challenge replaces it (RFC 6750, section 3.1), if a user can allow the scopes.
fn insufficient(
    what: &str,
    (needs, definitions): (Scopes, &ScopeDefinitions),
    caller: &Caller,
    context: &RequestContext<RoleServer>,
) -> ErrorData {
    let slot: Option<&InsufficientScope> = extension(context);
    let next = if slot.is_none_or(|slot| slot.note(caller.scopes() | needs)) {
        "; sign in again and allow them"
    } else {
        ", and this server does not offer all of them; ask whoever runs it"
    };
    ErrorData::invalid_request(format!("`{what}` needs the scopes `{}`{next}", definitions.text(needs)), None)
}

/// The MCP result of a call. Structured content has the note as a member, since some clients show only that to a model.
fn result(outcome: Result<Truncated, ToolError>, is_structured: bool) -> CallToolResult {
    match outcome {
        Ok(Truncated { output, note }) => {
            let structured = is_structured.then(|| {
                let mut members = output.structured();
                let name = if members.contains_key("notice") { "_notice" } else { "notice" };
                members.extend(note.as_ref().map(|note| (name.to_owned(), note.as_str().into())));
                Value::Object(members)
            });
            let texts = [Some(output.text), note].into_iter().flatten().map(ContentBlock::text);
            let mut result = CallToolResult::success(texts.collect());
            result.structured_content = structured;
            result
        }
        Err(failure) => CallToolResult::error(vec![ContentBlock::text(failure.to_string())]),
    }
}

/// An extension that the HTTP layers added to the request.
fn extension<T: Send + Sync + 'static>(context: &RequestContext<RoleServer>) -> Option<&T> {
    context.extensions.get::<Parts>()?.extensions.get()
}
