//! Questions that no document answers, each answered by a call or two.

mod choices;
mod filtering;

use openapi_mcp::{catalog::Tool, tool_error::ToolError};
use serde_json::{Map, Value, json};

use super::{Finding, Outcome, Probe, Response, plan::if_refused, refusal::Refusal, report::error_shape, shape::Shapes};
use filtering::Form;

/// A question.
#[derive(Clone, Copy)]
pub(super) struct Question {
    /// What it asks.
    pub(super) asks: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Filters(Form),
    AuditEntity,
    LargestPage(&'static str),
    FirstVersion(&'static str),
    Choices,
    Times,
    People(&'static str),
    UnknownField,
    UnknownFilter,
    ErrorBody,
    WrongBody,
}

/// All questions, in the order of the report.
pub(super) const ALL: [Question; 15] = [
    Question { asks: "are filters of the documented form obeyed?", kind: Kind::Filters(Form::Flat) },
    Question { asks: "are filters of the form of Torii's own client obeyed?", kind: Kind::Filters(Form::Wrapped) },
    Question { asks: "does the audit log need an `entity`?", kind: Kind::AuditEntity },
    Question { asks: "does `list_apps` still have version 1.0?", kind: Kind::FirstVersion("list_apps") },
    Question { asks: "does `list_contracts` still have version 1.0?", kind: Kind::FirstVersion("list_contracts") },
    Question { asks: "do responses and filters have values or labels of choices?", kind: Kind::Choices },
    Question { asks: "of which type are the times of apps?", kind: Kind::Times },
    Question { asks: "of which type is the owner of an app?", kind: Kind::People("list_apps") },
    Question { asks: "of which type is the owner of an app of a user?", kind: Kind::People("list_user_apps") },
    Question { asks: "is an unknown key in `fields` refused?", kind: Kind::UnknownField },
    Question { asks: "is an unknown key in `filters` refused?", kind: Kind::UnknownFilter },
    Question { asks: "what does a refusal of an argument have?", kind: Kind::ErrorBody },
    Question { asks: "with which status is a wrong body refused?", kind: Kind::WrongBody },
    Question { asks: "does the largest page of the audit log come?", kind: Kind::LargestPage("list_audit_logs") },
    Question { asks: "does the largest page of transactions come?", kind: Kind::LargestPage("list_transactions") },
];

/// A key that no organization has.
const UNKNOWN: &str = "c_probe_of_an_unknown_field";
/// The size of the largest page.
const LARGEST: u32 = 1000;

/// Why a question has no answer.
enum Unanswered {
    /// What the organization has does not tell.
    Untold,
    /// A call got no answer to its question; the text says why, without any value of the tenant.
    Failed(String),
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.to_string())
    }
}

impl From<&ToolError> for Unanswered {
    fn from(error: &ToolError) -> Self {
        Self::Failed(format!("no response came ({})", error.kind.name().replace('_', " ")))
    }
}

type Answer = Result<String, Unanswered>;

/// The answer to a question, without any value of the tenant.
pub(super) async fn answer(question: Question, probe: &Probe<'_>, findings: &[Finding]) -> String {
    let answered = match question.kind {
        Kind::Filters(form) => filtering::is_obeyed(probe, form).await,
        Kind::AuditEntity => audit_entity(findings),
        Kind::LargestPage(tool) => largest_page(probe, findings, tool).await,
        Kind::FirstVersion(tool) => first_version(probe, tool).await,
        Kind::Choices => choices::held(probe, findings).await,
        Kind::Times => types(probe, "list_apps", &["lastVisitTime", "creationTime"], None).await,
        Kind::People("list_apps") => types(probe, "list_apps", &["primaryOwner", "addedBy"], None).await,
        Kind::People(tool) => match id_of(findings, "list_users") {
            Ok(user) => types(probe, tool, &["primaryOwner", "addedBy"], Some(user)).await,
            Err(why) => Err(why),
        },
        Kind::UnknownField => unknown(probe, "fields", json!(["id", UNKNOWN])).await,
        Kind::UnknownFilter => unknown(probe, "filters", json!([{ "key": UNKNOWN, "op": "equals", "value": "x" }])).await,
        Kind::ErrorBody => error_body(probe).await,
        Kind::WrongBody => wrong_body(probe).await,
    };
    match answered {
        Ok(answer) => answer,
        Err(Unanswered::Untold) => "unknown: it cannot be told from what this organization has".to_owned(),
        Err(Unanswered::Failed(why)) => format!("not answered: {why}"),
    }
}

fn find(probe: &Probe<'_>, name: &str) -> Result<&'static Tool, Unanswered> {
    probe.catalog.find(name).ok_or(Unanswered::Untold)
}

/// The response that a tool had, whatever its status.
fn response<'a>(findings: &'a [Finding], tool: &str) -> Result<(&'static Tool, &'a Response), Unanswered> {
    let finding = findings.iter().find(|finding| finding.tool.name == tool).ok_or(Unanswered::Untold)?;
    match &finding.outcome {
        Outcome::Response(response) => Ok((finding.tool, response)),
        Outcome::NoResponse(error) => Err(error.into()),
        Outcome::NotCalled(_) => Err(Unanswered::Untold),
    }
}

fn id_of(findings: &[Finding], tool: &str) -> Result<Value, Unanswered> {
    let (tool, response) = response(findings, tool)?;
    let first = succeeded(response)?.list(tool).first();
    first.and_then(|item| item.get("id")).cloned().ok_or(Unanswered::Untold)
}

/// A response that succeeded; any other one answers nothing.
fn succeeded(response: &Response) -> Result<&Response, Unanswered> {
    match Refusal::of(response) {
        Some(refusal) => Err(refusal.into()),
        None if response.is_success() => Ok(response),
        None => Err(Refusal::other(response).into()),
    }
}

/// Whether a response succeeded or refuses the argument that the question is about. Any other failure says nothing about it.
fn is_accepted(response: &Response) -> Result<bool, Unanswered> {
    match (Refusal::of(response), response.status) {
        (Some(refusal), _) => Err(refusal.into()),
        (None, 400 | 422) => Ok(false),
        (None, _) => succeeded(response).map(|_| true),
    }
}

async fn call(probe: &Probe<'_>, tool: &'static Tool, arguments: Value) -> Result<Response, Unanswered> {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    probe.call(tool, arguments, |arguments| arguments.with_defaults(tool)).await.map_err(|error| (&error).into())
}

fn audit_entity(findings: &[Finding]) -> Answer {
    let (_, found) = response(findings, "list_audit_logs")?;
    succeeded(found)?;
    let finding = findings.iter().find(|finding| finding.tool.name == "list_audit_logs");
    Ok(match finding.and_then(|finding| finding.refused_without) {
        Some((_, status)) => format!("yes: without it, the status is {status}"),
        None => "no".to_owned(),
    })
}

/// Requests the largest page of a list whose smallest one came: gateways give up on what takes long.
async fn largest_page(probe: &Probe<'_>, findings: &[Finding], tool: &str) -> Answer {
    let (tool, smallest) = response(findings, tool)?;
    succeeded(smallest)?;
    let mut arguments = Map::from_iter([("size".to_owned(), LARGEST.into())]);
    arguments.extend(if_refused(tool).map(|(name, value)| (name.to_owned(), value.into())));
    let found = call(probe, tool, arguments.into()).await?;
    if found.status >= 500 {
        return Ok(format!("no: {}", error_shape(&found)));
    }
    succeeded(&found)?;
    Ok("yes".to_owned())
}

async fn first_version(probe: &Probe<'_>, tool: &str) -> Answer {
    let tool = find(probe, tool)?;
    let arguments = if tool.name == "list_apps" { json!({ "size": 1 }) } else { json!({}) };
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    let first = probe.call(tool, arguments, |arguments| arguments.with_unchecked("X-API-Version", json!("1.0"))).await;
    let first = first.map_err(|error| Unanswered::from(&error))?;
    // a version that was removed may also be one that is not found, gone or not acceptable
    if Refusal::of(&first).is_none() && matches!(first.status, 400 | 404 | 406 | 410 | 422) {
        return Ok(format!("no: status {}", first.status));
    }
    let pages = if succeeded(&first)?.body.get("total").is_some() { "with" } else { "without" };
    Ok(format!("yes, {pages} `total`"))
}

/// The types of some members of the items.
async fn types(probe: &Probe<'_>, tool: &str, members: &[&str], user: Option<Value>) -> Answer {
    let tool = find(probe, tool)?;
    let arguments = match user {
        Some(user) => json!({ "fields": members, "idUser": user }),
        None => json!({ "fields": members, "size": 100 }),
    };
    let found = call(probe, tool, arguments).await?;
    let items = succeeded(&found)?.list(tool);
    if items.is_empty() {
        return Err(Unanswered::Untold);
    }
    let shapes: Vec<String> = members
        .iter()
        .map(|member| {
            let all: Value = items.iter().filter_map(|item| item.get(member)).cloned().collect();
            format!("`{member}`: {}", Shapes::of(&all).items())
        })
        .collect();
    Ok(shapes.join("; "))
}

async fn unknown(probe: &Probe<'_>, argument: &str, value: Value) -> Answer {
    let arguments = json!({ "size": 1, argument: value });
    let found = call(probe, find(probe, "list_apps")?, arguments).await?;
    Ok(if is_accepted(&found)? { "no, it is ignored".to_owned() } else { format!("yes, with status {}", found.status) })
}

async fn error_body(probe: &Probe<'_>) -> Answer {
    let refused = call(probe, find(probe, "list_apps")?, json!({ "size": 1, "fields": ["id", UNKNOWN] })).await?;
    if is_accepted(&refused)? { Err(Unanswered::Untold) } else { Ok(error_shape(&refused)) }
}

/// Sends an empty list of names to `match_apps`, the only operation with a body among those that read.
async fn wrong_body(probe: &Probe<'_>) -> Answer {
    let tool = find(probe, "match_apps")?;
    let arguments = Map::from_iter([("apps".to_owned(), json!([{ "name": "x" }]))]);
    let found = probe.call(tool, arguments, |arguments| arguments.with_unchecked("apps", json!([]))).await;
    let found = found.map_err(|error| Unanswered::from(&error))?;
    Ok(if is_accepted(&found)? { "with none: it is accepted".to_owned() } else { format!("status {}", found.status) })
}
