//! Questions that no document answers, each answered by a call or two.

use std::collections::BTreeSet;

use openapi_mcp::{catalog::Tool, tool_error::ToolError};
use serde_json::{Map, Value, json};

use super::{Finding, Outcome, Probe, Response, refusal::Refusal, report::error_shape, shape::Shapes};
use crate::torii::filters;

/// A question.
#[derive(Clone, Copy)]
pub(super) struct Question {
    /// What it asks.
    pub(super) asks: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    FlatFilters,
    WrappedFilters,
    AuditEntity,
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
pub(super) const ALL: [Question; 13] = [
    Question { asks: "are filters of the documented form obeyed?", kind: Kind::FlatFilters },
    Question { asks: "are filters of the form of Torii's own client obeyed?", kind: Kind::WrappedFilters },
    Question { asks: "does the audit log need an `entity`?", kind: Kind::AuditEntity },
    Question { asks: "does `list_apps` still have version 1.0?", kind: Kind::FirstVersion("list_apps") },
    Question { asks: "does `list_contracts` still have version 1.0?", kind: Kind::FirstVersion("list_contracts") },
    Question { asks: "do fields with choices hold values or labels?", kind: Kind::Choices },
    Question { asks: "of which type are the times of apps?", kind: Kind::Times },
    Question { asks: "of which type is the owner of an app?", kind: Kind::People("list_apps") },
    Question { asks: "of which type is the owner of an app of a user?", kind: Kind::People("list_user_apps") },
    Question { asks: "is an unknown key in `fields` refused?", kind: Kind::UnknownField },
    Question { asks: "is an unknown key in `filters` refused?", kind: Kind::UnknownFilter },
    Question { asks: "what does a refusal of an argument have?", kind: Kind::ErrorBody },
    Question { asks: "with which status is a wrong body refused?", kind: Kind::WrongBody },
];

/// A key that no organization has.
const UNKNOWN: &str = "c_probe_of_an_unknown_field";

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
        Kind::FlatFilters => filtered(probe, findings, false).await,
        Kind::WrappedFilters => filtered(probe, findings, true).await,
        Kind::AuditEntity => audit_entity(probe, findings).await,
        Kind::FirstVersion(tool) => first_version(probe, tool).await,
        Kind::Choices => choices(probe, findings).await,
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

/// Filters for the one app whose id is known, and looks at what comes.
async fn filtered(probe: &Probe<'_>, findings: &[Finding], wrapped: bool) -> Answer {
    let (tool, id) = (find(probe, "list_apps")?, id_of(findings, "list_apps")?);
    let all = call(probe, tool, json!({ "size": 2, "fields": ["id"] })).await?;
    if succeeded(&all)?.list(tool).len() < 2 {
        return Err(Unanswered::Untold);
    }
    let filters = json!([{ "key": "id", "op": "equals", "value": id }]);
    let arguments = Map::from_iter([("size".to_owned(), json!(2)), ("fields".to_owned(), json!(["id"]))]);
    let filters = if wrapped { filters::wrapped(&filters) } else { filters };
    let found = probe.call(tool, arguments, |arguments| arguments.with_unchecked("filters", filters).with_defaults(tool)).await;
    let found = found.map_err(|error| Unanswered::from(&error))?;
    Ok(if !is_accepted(&found)? {
        format!("refused with status {}", found.status)
    } else if found.list(tool).is_empty() {
        "accepted, and nothing is found".to_owned()
    } else if found.list(tool).iter().all(|app| app.get("id") == Some(&id)) {
        "obeyed".to_owned()
    } else {
        "ignored".to_owned()
    })
}

async fn audit_entity(probe: &Probe<'_>, findings: &[Finding]) -> Answer {
    let (tool, without) = response(findings, "list_audit_logs")?;
    if is_accepted(without)? {
        return Ok("no".to_owned());
    }
    let with = call(probe, tool, json!({ "size": 1, "entity": "apps" })).await?;
    succeeded(&with)?;
    Ok(format!("yes: without it, the status is {}", without.status))
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

/// Compares the records of a field with choices, whose values and labels differ, with both.
async fn choices(probe: &Probe<'_>, findings: &[Finding]) -> Answer {
    let mut why = Unanswered::Untold;
    for (lister, records) in [("list_app_fields", "list_apps"), ("list_contract_fields", "list_contracts")] {
        match choices_of_records(probe, findings, lister, records).await {
            Err(Unanswered::Untold) => {}
            Err(failed) => why = failed,
            answered => return answered,
        }
    }
    Err(why)
}

async fn choices_of_records(probe: &Probe<'_>, findings: &[Finding], lister: &str, records: &str) -> Answer {
    let (lister, fields) = response(findings, lister)?;
    let (fields, records) = (succeeded(fields)?.list(lister), find(probe, records)?);
    for field in fields.iter().filter(|field| field.get("type").is_some_and(|kind| kind == "dropdown")) {
        match choices_of(probe, field, records).await {
            Err(Unanswered::Untold) => {}
            answered => return answered,
        }
    }
    Err(Unanswered::Untold)
}

async fn choices_of(probe: &Probe<'_>, field: &Value, records: &'static Tool) -> Answer {
    let texts = |name: &str| -> BTreeSet<&str> {
        let options = field.get("options").and_then(Value::as_array).into_iter().flatten();
        options.filter_map(|option| option.get(name)?.as_str()).collect()
    };
    let (values, labels) = (texts("value"), texts("label"));
    if !values.is_disjoint(&labels) {
        return Err(Unanswered::Untold);
    }
    let key = field.get("systemKey").and_then(Value::as_str).ok_or(Unanswered::Untold)?;
    let found = call(probe, records, json!({ "size": 100, "fields": ["id", key] })).await?;
    let held: Vec<&str> = succeeded(&found)?.list(records).iter().filter_map(|record| record.get(key)?.as_str()).collect();
    let count = |known: &BTreeSet<&str>| held.iter().filter(|text| known.contains(*text)).count();
    let (value, label, all) = (count(&values), count(&labels), held.len());
    if all == 0 {
        return Err(Unanswered::Untold);
    }
    Ok(format!("of {all} records, {value} hold a value, {label} a label, {} neither", all - value - label))
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
