//! The MCP server: lists the tools and calls them, over any transport.
//!
//! Invariants:
//! - A failed call is a result with `isError`, for the assistant to read; only a call that cannot
//!   be routed is a protocol error.
//! - The list comes from memory, is sorted, and depends on nothing but the catalog.
//! - Cancelling a call, or dropping its connection, stops the request to Torii.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use axum::http::request::Parts;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest, CustomResult,
        ErrorCode, GetPromptRequestParams, GetPromptResponse, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ProgressNotificationParam, ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, ServerConfig,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    caller::Caller,
    catalog::{Catalog, Tool},
    controls::Controls,
    oauth::scope::Scopes,
    shape::Fitting,
    upstream::{Failure, Upstream},
    walk::{self, Bounds},
};

mod identity;
mod resources;

pub use identity::INSTRUCTIONS;

/// The revisions of the protocol that are spoken, oldest first.
const VERSIONS: [ProtocolVersion; 4] =
    [ProtocolVersion::V_2025_03_26, ProtocolVersion::V_2025_06_18, ProtocolVersion::V_2025_11_25, ProtocolVersion::V_2026_07_28];
/// The methods that are answered in every revision, besides `tools/call`.
const METHODS: [&str; 6] =
    ["tools/list", "prompts/list", "prompts/get", "resources/list", "resources/read", "resources/templates/list"];
/// How long clients may keep the list of tools, in milliseconds: not long, since allowing more makes it longer.
const LIST_TTL_MS: u64 = 60 * 1000;

/// What a request is called in logs. The transport puts it into the request's extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// Where a call says that its caller may not make it, and which scopes would do. The transport puts it into the request's
/// extensions and answers with a challenge.
#[derive(Clone, Debug, Default)]
pub struct Insufficient(Arc<OnceLock<Scopes>>);

impl Insufficient {
    /// The scopes that would do, if the caller has too few.
    #[must_use]
    pub fn wanted(&self) -> Option<Scopes> {
        self.0.get().copied()
    }
}

/// The server. Cheap to clone.
#[derive(Clone)]
pub struct Server {
    catalog: &'static Catalog,
    upstream: Upstream,
    caller: Option<Caller>,
    config: Arc<ServerConfig>,
}

impl Server {
    /// A server whose requests each bring their own [`Caller`] in their extensions.
    #[must_use]
    pub fn new(catalog: &'static Catalog, upstream: Upstream) -> Self {
        Self { catalog, upstream, caller: None, config: Arc::new(identity::config()) }
    }

    /// The same server for one caller, for transports without requests of their own.
    #[must_use]
    pub fn with_caller(self, caller: Caller) -> Self {
        Self { caller: Some(caller), ..self }
    }

    /// Who calls: whoever the request says, or the one caller of this server.
    fn caller<'a>(&'a self, context: &'a RequestContext<RoleServer>) -> Result<&'a Caller, ErrorData> {
        let caller = extension::<Caller>(context).or(self.caller.as_ref());
        caller.ok_or_else(|| ErrorData::internal_error("nobody is signed in; connect this server again", None))
    }

    fn find(&self, name: &str) -> Result<&'static Tool, ErrorData> {
        self.catalog.find(name).ok_or_else(|| {
            let hint = match self.catalog.nearest(name) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "list the tools to see which there are".to_owned(),
            };
            ErrorData::invalid_params(format!("unknown tool `{name}`; {hint}"), None)
        })
    }
}

impl ServerHandler for Server {
    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(&VERSIONS)
    }

    fn get_info(&self) -> ServerConfig {
        (*self.config).clone()
    }

    fn get_tool(&self, name: &str) -> Option<rmcp::model::Tool> {
        self.catalog.listing(Scopes::ALL).find(|tool| tool.name == name).cloned()
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.catalog.listing(self.caller(&context)?.scopes()).cloned().collect();
        Ok(ListToolsResult::with_all_items(tools).with_ttl_ms(LIST_TTL_MS).with_cache_scope(CacheScope::Private))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if let Some(gone) = self.catalog.gone(&request.name) {
            return Ok(CallToolResult::error(vec![ContentBlock::text(gone)]).into());
        }
        let tool = self.find(&request.name)?;
        let caller = self.caller(&context)?;
        if !caller.scopes().covers(tool.needs) {
            return Err(insufficient(tool, caller, &context));
        }
        let mut arguments = request.arguments.unwrap_or_default();
        let controls = match Controls::take(tool, &mut arguments) {
            Ok(controls) => controls,
            Err(bad) => return Ok(CallToolResult::error(vec![ContentBlock::text(bad.to_string())]).into()),
        };
        let started_at = Instant::now();
        let bounds = Bounds { characters: self.upstream.limits().answer_characters, until: started_at + walk::LONGEST };
        let fetch = |arguments| self.upstream.call(tool, caller, arguments);
        let tell = |items| progress(&context, items, controls.max_items);
        let outcome = tokio::select! {
            outcome = walk::call(tool, &controls, arguments, bounds, fetch, tell) => Some(outcome),
            () = context.ct.cancelled() => None,
        };
        log(&context, caller, tool, outcome.as_ref(), started_at);
        match outcome {
            Some(outcome) => Ok(result(outcome).into()),
            None => Err(ErrorData::internal_error("the call was cancelled", None)),
        }
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        Err(ErrorData::invalid_params(format!("unknown prompt `{}`; this server has none", request.name), None))
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(resources::list())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        resources::read(&request.uri).map(Into::into).ok_or_else(|| {
            let data = json!({ "uri": request.uri });
            ErrorData::invalid_params(format!("unknown resource; there is `{}`", resources::known()), Some(data))
        })
    }

    /// Here rmcp brings what it cannot read: other methods, and known ones with the wrong parameters.
    async fn on_custom_request(&self, request: CustomRequest, _: RequestContext<RoleServer>) -> Result<CustomResult, ErrorData> {
        let CustomRequest { method, .. } = request;
        Err(if method == "tools/call" {
            ErrorData::invalid_params("`tools/call` takes the `name` of a tool, a string, and its `arguments`, an object", None)
        } else if METHODS.contains(&method.as_str()) {
            ErrorData::invalid_params(format!("the parameters of `{method}` do not fit; see the protocol's schema"), None)
        } else {
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("`{method}` is not a method of this server"), None)
        })
    }
}

/// What one is told who may not call a tool: over HTTP a challenge (RFC 6750, section 3.1) takes its place.
fn insufficient(tool: &Tool, caller: &Caller, context: &RequestContext<RoleServer>) -> ErrorData {
    let wanted = caller.scopes() | tool.needs;
    if let Some(Insufficient(slot)) = extension(context) {
        // nobody else has set it: each request has its own
        let _ = slot.set(wanted);
    }
    ErrorData::invalid_request(format!("`{}` needs the scopes `{}`; sign in again and allow them", tool.name, tool.needs), None)
}

/// Tells whoever asked for it how many items there are.
async fn progress(context: &RequestContext<RoleServer>, items: u64, of: Option<u64>) {
    let Some(token) = context.meta.get_progress_token() else { return };
    // the protocol wants numbers with a point; none here is too large for one
    let number = |items: u64| u32::try_from(items).map_or(f64::MAX, f64::from);
    let mut told = ProgressNotificationParam::new(token, number(items)).with_message(format!("{items} items"));
    told.total = of.map(number);
    // who has gone does not hear it
    let _ = context.peer.notify_progress(told).await;
}

/// An outcome as MCP says it.
fn result(outcome: Result<Fitting, Failure>) -> CallToolResult {
    match outcome {
        Ok(Fitting { answer, note }) => {
            let texts = [Some(answer.text), note].into_iter().flatten().map(ContentBlock::text);
            let mut result = CallToolResult::success(texts.collect());
            result.structured_content = Some(Value::Object(answer.structured));
            result
        }
        Err(failure) => CallToolResult::error(vec![ContentBlock::text(failure.to_string())]),
    }
}

fn log(
    context: &RequestContext<RoleServer>,
    caller: &Caller,
    tool: &Tool,
    outcome: Option<&Result<Fitting, Failure>>,
    started_at: Instant,
) {
    let request = extension::<RequestId>(context).map_or("-", |id| &id.0);
    let status = match outcome {
        Some(Ok(_)) => "ok",
        Some(Err(failure)) => failure.word(),
        None => "cancelled",
    };
    let ms = started_at.elapsed().as_millis();
    tracing::info!(request, connection = caller.connection(), tool = tool.name, status, ms, "call");
}

/// What the HTTP layers left for us on the request.
fn extension<T: Send + Sync + 'static>(context: &RequestContext<RoleServer>) -> Option<&T> {
    context.extensions.get::<Parts>()?.extensions.get()
}
