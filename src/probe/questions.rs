//! Questions that no document answers, each answered by a call or two.

use std::collections::BTreeSet;

use openapi_mcp::catalog::Tool;
use serde_json::{Map, Value, json};

use super::{Finding, Outcome, Probe, Response, report::error_shape, shape::Shapes};
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
        Kind::People(tool) => types(probe, tool, &["primaryOwner", "addedBy"], id_of(findings, "list_users")).await,
        Kind::UnknownField => unknown(probe, "fields", json!(["id", UNKNOWN])).await,
        Kind::UnknownFilter => unknown(probe, "filters", json!([{ "key": UNKNOWN, "op": "equals", "value": "x" }])).await,
        Kind::ErrorBody => error_body(probe).await,
        Kind::WrongBody => wrong_body(probe).await,
    };
    answered.unwrap_or_else(|| "unknown: it cannot be told from what this organization has".to_owned())
}

fn find(probe: &Probe<'_>, name: &str) -> Option<&'static Tool> {
    probe.catalog.find(name)
}

fn response<'a>(findings: &'a [Finding], tool: &str) -> Option<&'a Response> {
    findings.iter().find(|finding| finding.tool.name == tool).and_then(|finding| match &finding.outcome {
        Outcome::Response(response) => Some(response),
        _ => None,
    })
}

fn id_of(findings: &[Finding], tool: &str) -> Option<Value> {
    let finding = findings.iter().find(|finding| finding.tool.name == tool)?;
    response(findings, tool)?.list(finding.tool).first()?.get("id").cloned()
}

async fn call(probe: &Probe<'_>, tool: &'static Tool, arguments: Value) -> Option<Response> {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    probe.call(tool, arguments, |arguments| arguments.with_defaults(tool)).await.ok()
}

/// Filters for the one app whose id is known, and looks at what comes.
async fn filtered(probe: &Probe<'_>, findings: &[Finding], wrapped: bool) -> Option<String> {
    let (tool, id) = (find(probe, "list_apps")?, id_of(findings, "list_apps")?);
    let all = call(probe, tool, json!({ "size": 2, "fields": ["id"] })).await?;
    if all.list(tool).len() < 2 {
        return None;
    }
    let filters = json!([{ "key": "id", "op": "equals", "value": id }]);
    let arguments = Map::from_iter([("size".to_owned(), json!(2)), ("fields".to_owned(), json!(["id"]))]);
    let filters = if wrapped { filters::wrapped(&filters) } else { filters };
    let found =
        probe.call(tool, arguments, |arguments| arguments.with_unchecked("filters", filters).with_defaults(tool)).await.ok()?;
    Some(if !found.is_success() {
        format!("refused with status {}", found.status)
    } else if found.list(tool).iter().all(|app| app.get("id") == Some(&id)) && !found.list(tool).is_empty() {
        "obeyed".to_owned()
    } else {
        "ignored".to_owned()
    })
}

async fn audit_entity(probe: &Probe<'_>, findings: &[Finding]) -> Option<String> {
    let without = response(findings, "list_audit_logs")?;
    if without.is_success() {
        return Some("no".to_owned());
    }
    let with = call(probe, find(probe, "list_audit_logs")?, json!({ "size": 1, "entity": "apps" })).await?;
    with.is_success().then(|| format!("yes: without it, the status is {}", without.status))
}

async fn first_version(probe: &Probe<'_>, tool: &str) -> Option<String> {
    let tool = find(probe, tool)?;
    let arguments = if tool.name == "list_apps" { json!({ "size": 1 }) } else { json!({}) };
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    let first = probe.call(tool, arguments, |arguments| arguments.with_unchecked("X-API-Version", json!("1.0"))).await.ok()?;
    let pages = if first.body.get("total").is_some() { "with" } else { "without" };
    Some(if first.is_success() { format!("yes, {pages} `total`") } else { format!("no: status {}", first.status) })
}

/// Compares the records of a field with choices, whose values and labels differ, with both.
async fn choices(probe: &Probe<'_>, findings: &[Finding]) -> Option<String> {
    for (lister, records) in [("list_app_fields", "list_apps"), ("list_contract_fields", "list_contracts")] {
        let (fields, records) = (response(findings, lister)?.list(find(probe, lister)?), find(probe, records)?);
        for field in fields.iter().filter(|field| field.get("type").is_some_and(|kind| kind == "dropdown")) {
            if let Some(answer) = choices_of(probe, field, records).await {
                return Some(answer);
            }
        }
    }
    None
}

async fn choices_of(probe: &Probe<'_>, field: &Value, records: &'static Tool) -> Option<String> {
    let texts = |name: &str| -> BTreeSet<&str> {
        let options = field.get("options").and_then(Value::as_array).into_iter().flatten();
        options.filter_map(|option| option.get(name)?.as_str()).collect()
    };
    let (values, labels) = (texts("value"), texts("label"));
    if !values.is_disjoint(&labels) {
        return None;
    }
    let key = field.get("systemKey")?.as_str()?;
    let found = call(probe, records, json!({ "size": 100, "fields": ["id", key] })).await?;
    let held: Vec<&str> = found.list(records).iter().filter_map(|record| record.get(key)?.as_str()).collect();
    let count = |known: &BTreeSet<&str>| held.iter().filter(|text| known.contains(*text)).count();
    let (value, label) = (count(&values), count(&labels));
    let all = held.len();
    (all > 0).then(|| format!("of {all} records, {value} hold a value, {label} a label, {} neither", all - value - label))
}

/// The types of some members of the items.
async fn types(probe: &Probe<'_>, tool: &str, members: &[&str], user: Option<Value>) -> Option<String> {
    let tool = find(probe, tool)?;
    let arguments = match user {
        Some(user) => json!({ "fields": members, "idUser": user }),
        None if tool.name == "list_apps" => json!({ "fields": members, "size": 100 }),
        None => return None,
    };
    let found = call(probe, tool, arguments).await?;
    let shapes: Vec<String> = members
        .iter()
        .map(|member| {
            let all: Value = found.list(tool).iter().filter_map(|item| item.get(member)).cloned().collect();
            format!("`{member}`: {}", Shapes::of(&all).items())
        })
        .collect();
    found.is_success().then(|| shapes.join("; "))
}

async fn unknown(probe: &Probe<'_>, argument: &str, value: Value) -> Option<String> {
    let arguments = json!({ "size": 1, argument: value });
    let found = call(probe, find(probe, "list_apps")?, arguments).await?;
    Some(if found.is_success() { "no, it is ignored".to_owned() } else { format!("yes, with status {}", found.status) })
}

async fn error_body(probe: &Probe<'_>) -> Option<String> {
    let refused = call(probe, find(probe, "list_apps")?, json!({ "size": 1, "fields": ["id", UNKNOWN] })).await?;
    (!refused.is_success()).then(|| error_shape(&refused))
}

/// Looks up no names at all: of the operations that only read, this one has a body.
async fn wrong_body(probe: &Probe<'_>) -> Option<String> {
    let tool = find(probe, "match_apps")?;
    let arguments = Map::from_iter([("apps".to_owned(), json!([{ "name": "x" }]))]);
    let found = probe.call(tool, arguments, |arguments| arguments.with_unchecked("apps", json!([]))).await.ok()?;
    Some(if found.is_success() { "with none: it is accepted".to_owned() } else { format!("status {}", found.status) })
}
