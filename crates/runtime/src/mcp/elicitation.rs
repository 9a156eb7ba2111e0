//! Asks the user behind a client to confirm a change.
//!
//! The way is chosen for each request by the capabilities that its client declared. In the protocol version of 2026, the result
//! requires input. In earlier ones, the server sends an elicitation request if it has a channel to the client. Otherwise a first
//! call only prepares the change.

use std::{collections::BTreeMap, time::Duration};

use mcp_http::{caller::Caller, sanitize::one_line};
use rmcp::{
    RoleServer,
    model::{
        CallToolResponse, ClientCapabilities, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
        ElicitationSchema, InputRequest, InputRequiredResult, InputResponses,
    },
    service::{ElicitationMode, RequestContext},
};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout};

use crate::{
    catalog::{Effect, Tool},
    confirmation::{ConfirmationState, ConfirmationVia, LIFETIME, PendingCall},
    mcp::{Server, answering_clients::PATIENCE, progress, result},
    pipeline::CallClient,
    tool_error::ToolError,
    tool_output::ToolOutput,
    truncation::Truncated,
};

#[cfg(test)]
mod tests;

/// How often a client is told that its call waits for an answer.
const INTERVAL: Duration = Duration::from_secs(10);
/// The key of the question in a result that requires input.
const QUESTION: &str = "confirm";
/// How long a question may be, and how much of one value it shows, in characters.
const QUESTION_CHARACTERS: usize = 2_000;
const TEXT_CHARACTERS: usize = 200;

/// What the client sends with a repeated call: the request state and its user's answer.
#[derive(Clone, Default)]
pub(super) struct ElicitationReply {
    pub(super) state: Option<String>,
    pub(super) responses: Option<InputResponses>,
}

/// The MCP client behind a call.
pub(super) struct McpClient<'a> {
    pub(super) server: &'a Server,
    pub(super) reply: ElicitationReply,
    pub(super) context: &'a RequestContext<RoleServer>,
}

impl CallClient for McpClient<'_> {
    type Question = Box<CallToolResponse>;

    async fn confirm(
        &self,
        call: PendingCall<'_>,
        confirmation: Option<&str>,
    ) -> Result<ConfirmationState<Self::Question>, ToolError> {
        let Self { server, context, .. } = self;
        let tool = call.tool;
        if !server.confirmations.are_for(tool, call.arguments) {
            return Ok(ConfirmationState::Confirmed);
        }
        if let Some(confirmation) = confirmation {
            server.confirmations.redeem(ConfirmationVia::Argument, confirmation, call).await?;
            return Ok(ConfirmationState::Confirmed);
        }
        let ElicitationReply { state, responses } = self.reply.clone();
        if let (Some(state), Some(answer)) = (state, responses.and_then(answer)) {
            server.clients.answered(&self.name());
            // an answered question is used up, whatever the answer
            server.confirmations.redeem(ConfirmationVia::Elicitation, &state, call).await?;
            return agreed(&answer).map(|()| ConfirmationState::Confirmed);
        }
        // what does not exist, and a request that cannot be sent, fails before the user is asked
        let change = call.change()?;
        let mut shown = server.pipeline.upstream().preview(tool, call.caller, call.arguments.clone()).await?.structured();
        let asks = question(tool, change, &shown).map(|message| ElicitRequestParams::FormElicitationParams {
            meta: None,
            message,
            requested_schema: ElicitationSchema::new(BTreeMap::new()),
        });
        let asks = asks.filter(|_| server.clients.may_be_asked(&self.name()));
        if let Some(asks) = asks {
            if takes_forms(context.meta.client_capabilities().as_ref()) {
                let question = InputRequest::Elicitation(ElicitRequest::new(asks));
                let state = server.confirmations.prepare(ConfirmationVia::Elicitation, call)?;
                server.clients.asked(&self.name());
                let required = InputRequiredResult::new(Some(BTreeMap::from([(QUESTION.to_owned(), question)])), Some(state));
                return Ok(ConfirmationState::InputRequired(Box::new(required.into())));
            }
            // only a client with its own connection can receive a request during a call
            let can_ask = server.caller.is_some() && context.peer.supported_elicitation_modes().contains(&ElicitationMode::Form);
            if can_ask && let Some(ElicitResult { action, .. }) = self.asked(asks).await {
                return agreed(&action).map(|()| ConfirmationState::Confirmed);
            }
        }
        shown.extend(change.map(|change| ("change".to_owned(), change.into())));
        let prepared = prepared(tool, shown, server.confirmations.prepare(ConfirmationVia::Argument, call)?);
        Ok(ConfirmationState::InputRequired(Box::new(result(Ok(prepared), server.is_structured(context)).into())))
    }

    async fn progress(&self, items: u64, total: Option<u64>) {
        progress::notify(self.context, items, total, format!("{items} items")).await;
    }
}

impl McpClient<'_> {
    /// What the client is remembered by: its connection, and without sign-in its name.
    fn name(&self) -> String {
        let connection = self.server.caller(self.context).ok().and_then(Caller::connection);
        let name = || self.context.meta.client_info().map(|client| one_line(&client.name, TEXT_CHARACTERS));
        connection.map(str::to_owned).or_else(name).unwrap_or_default()
    }

    /// The user's answer to a question in between; `None` if there is none in time.
    async fn asked(&self, question: ElicitRequestParams) -> Option<ElicitResult> {
        let Self { server, context, .. } = self;
        server.clients.asked(&self.name());
        let answer = context.peer.create_elicitation_with_timeout(question, Some(PATIENCE));
        tokio::pin!(answer);
        let started_at = Instant::now();
        let answer = loop {
            if let Ok(answer) = timeout(INTERVAL, &mut answer).await {
                break answer.ok()?;
            }
            let message = "waiting for the user to confirm".to_owned();
            progress::notify(context, started_at.elapsed().as_secs(), None, message).await;
        };
        server.clients.answered(&self.name());
        Some(answer)
    }
}

/// Whether a client of protocol version 2026 supports forms.
fn takes_forms(capabilities: Option<&ClientCapabilities>) -> bool {
    let elicitation = capabilities.and_then(|capabilities| capabilities.elicitation.as_ref());
    elicitation.is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
}

/// The user's answer, if the response contains one.
fn answer(mut responses: InputResponses) -> Option<ElicitationAction> {
    serde_json::from_value(responses.remove(QUESTION)?.get_mut("action")?.take()).ok()
}

fn agreed(answer: &ElicitationAction) -> Result<(), ToolError> {
    match answer {
        ElicitationAction::Accept => Ok(()),
        _ => Err(ToolError::confirmation("the user did not agree, so nothing was changed", "ask them what they want instead")),
    }
}

/// The question for the user, which names what changes and every member of the request. If that would be too long to read, it names
/// the members only; `None` if these are too long, too.
fn question(tool: &Tool, change: Option<&str>, shown: &Map<String, Value>) -> Option<String> {
    let of = |name: &str| shown.get("request").and_then(|request| request.get(name));
    let text = |name| one_line(of(name).and_then(Value::as_str).unwrap_or_default(), QUESTION_CHARACTERS);
    let body = of("body").map(|body| format!(" {}", brief(body))).unwrap_or_default();
    let lasting = if tool.effect == Effect::Destroy { " This cannot be undone." } else { "" };
    let request = format!("It sends {} {}{body}.{lasting}", text("method"), text("url"));
    let with_change = change.map(|change| format!("{}? {change}. {request}", tool.title));
    let candidates = with_change.into_iter().chain([format!("{}? {request}", tool.title)]);
    candidates.into_iter().find(|question| question.chars().count() <= QUESTION_CHARACTERS)
}

/// The same value with long strings cut, and without characters that hide or reorder text.
fn brief(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let cut = if text.chars().count() > TEXT_CHARACTERS { "…" } else { "" };
            (one_line(text, TEXT_CHARACTERS) + cut).into()
        }
        Value::Array(items) => items.iter().map(brief).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (one_line(name, TEXT_CHARACTERS), brief(member))).collect())
        }
        plain => plain.clone(),
    }
}

/// The result of a call that only prepared the change.
fn prepared(tool: &Tool, mut shown: Map<String, Value>, confirmation: String) -> Truncated {
    let minutes = LIFETIME.as_secs() / 60;
    shown.insert("confirmation".to_owned(), confirmation.into());
    let next = format!(
        "Nothing has been changed yet. Show the user what `{}` would do, and when they agree, call it again within {minutes} minutes \
         with the same arguments and this `confirmation` among them.",
        tool.name
    );
    shown.insert("next".to_owned(), json!(next));
    Truncated { output: ToolOutput::of(&shown.into()), note: None }
}
