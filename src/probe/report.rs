//! The report of a probe, as Markdown.

use std::fmt::Write;

use openapi_mcp::catalog::{Catalog, ResponseKind, Tool};
use serde_json::Value;

use super::{
    Finding, Outcome, Response, documented,
    names::is_public,
    refusal::{MISSING_SCOPE, Refusal},
    shape::Difference,
};

/// How many names or places one line tells.
const TOLD: usize = 40;

/// What a probe found.
pub struct Report {
    catalog: &'static Catalog,
    pub(super) findings: Vec<Finding>,
    pub(super) answers: Vec<(&'static str, String)>,
    pub(super) is_complete: bool,
}

impl Report {
    pub(super) fn new(catalog: &'static Catalog) -> Self {
        Self { catalog, findings: Vec::new(), answers: Vec::new(), is_complete: false }
    }

    /// The report; `with_names` adds the names of members and lists that no public source has.
    #[must_use]
    pub fn markdown(&self, with_names: bool) -> String {
        let document = self.catalog.document();
        let mut text = format!(
            "# What a tenant's API has\n\ntorii-mcp {}, document `{}` ({}). No value of the tenant's data is in here{}.\n",
            env!("CARGO_PKG_VERSION"),
            document.version,
            document.sha256.get(..8).unwrap_or_default(),
            if with_names { "; names of its fields are" } else { "" },
        );
        if !self.is_complete {
            text += "\n**It was stopped before the end.**\n";
        }
        text += "\n## Calls\n\n| Tool | Status | Items | Rates and waiting |\n| --- | --- | --- | --- |\n";
        for Finding { tool, outcome, refused_without } in &self.findings {
            let without =
                refused_without.map(|(argument, status)| format!("; without `{argument}` {status}")).unwrap_or_default();
            let (status, items, rates) = match outcome {
                Outcome::NotCalled(argument) => (format!("not called: no `{argument}` is known"), String::new(), String::new()),
                Outcome::NoResponse(error) => (error.kind.name().replace('_', " "), String::new(), String::new()),
                Outcome::Response(response) => {
                    let rates: Vec<String> = response.rates.iter().map(|(name, value)| format!("`{name}: {value}`")).collect();
                    let items = response.items.map(|items| items.to_string()).unwrap_or_default();
                    (response.status.to_string(), items, rates.join(", "))
                }
            };
            let _ = writeln!(text, "| `{}` | {status}{without} | {items} | {rates} |", tool.name);
        }
        text += "\n## Differences from the document\n\n";
        let differences: Vec<String> = self.findings.iter().flat_map(|finding| differences(finding, with_names)).collect();
        text += &if differences.is_empty() { "None.\n".to_owned() } else { differences.concat() };
        text += "\n## Questions\n\n| Question | Answer |\n| --- | --- |\n";
        for (asks, answer) in &self.answers {
            let _ = writeln!(text, "| {asks} | {answer} |");
        }
        text
    }
}

fn differences(Finding { tool, outcome, refused_without }: &Finding, with_names: bool) -> Vec<String> {
    let Outcome::Response(response) = outcome else { return Vec::new() };
    if let Some(refusal) = Refusal::of(response).filter(|_| !response.is_success() || tool.response.kind == ResponseKind::Json) {
        return vec![format!("- `{}` is not compared: {refusal}, {}\n", tool.name, error_shape(response))];
    }
    if !response.is_success() {
        return vec![format!("- `{}` fails: {}\n", tool.name, error_shape(response))];
    }
    let mut lines = Vec::new();
    if let Some((argument, status)) = refused_without {
        lines.push(format!(
            "- `{}` is refused without `{argument}`, which is documented as optional: status {status}\n",
            tool.name
        ));
    }
    if let Some(name) = &response.other_list {
        let name = if with_names || is_public(name) { format!("`{name}`") } else { "another name".to_owned() };
        let documented = tool.response.items.as_deref().unwrap_or_default();
        lines.push(format!("- `{}` has its list under {name} instead of `{documented}`\n", tool.name));
    }
    let Some(types) = documented(&tool.name) else { return lines };
    let is_optional = |place: &str| !is_expected(tool, place);
    for difference in response.shapes.differences(types, is_optional) {
        lines.push(match difference {
            Difference::OtherType { place, documented, types } => {
                format!("- `{}`: `{place}` is {types}, and documented as {documented}\n", tool.name)
            }
            Difference::Missing { place } => format!("- `{}`: `{place}` is missing\n", tool.name),
            Difference::Undocumented { place, names, types } => {
                let place = if place.is_empty() { "the response".to_owned() } else { format!("`{place}`") };
                let told = names.iter().filter(|name| with_names || is_public(name)).take(TOLD);
                let mut named: Vec<String> = told.map(|name| format!("`{name}`")).collect();
                if !named.is_empty() && named.len() < names.len() {
                    named.push(format!("{} more", names.len() - named.len()));
                }
                let named = if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) };
                let members = if names.len() == 1 { "member" } else { "members" };
                format!("- `{}`: {place} has {} undocumented {members} ({types}){named}\n", tool.name, names.len())
            }
        });
    }
    lines
}

/// Whether a response should have a documented member. Where `fields` is sent, only what it requests is there; totals need `aggs`.
fn is_expected(tool: &Tool, place: &str) -> bool {
    let has_fields = tool.input_schema.get("properties").is_some_and(|properties| properties.get("fields").is_some());
    if place == "/aggregations" || !has_fields || tool.response.fields.is_some() {
        return place != "/aggregations";
    }
    let mut steps = place.split('/').skip(1);
    let outer = steps.next();
    if let Some(items) = &tool.response.items {
        if outer != Some(items) {
            return true;
        }
        // the step into the list
        steps.next();
    }
    let member = steps.next();
    let requested = || tool.defaults.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    member.is_none_or(|member| requested().any(|requested| requested == member))
}

/// What the body of an error has, without its texts: the usual members, and words that the API is known for.
pub(super) fn error_shape(response: &Response) -> String {
    let members: Vec<&str> = ["statusCode", "error", "message", "validation", "attributes", "code", "errors"]
        .into_iter()
        .filter(|name| response.body.get(name).is_some())
        .collect();
    let scope = if response.body.to_string().contains(MISSING_SCOPE) { ", `missing_required_scope`" } else { "" };
    let body = if members.is_empty() { "no JSON error".to_owned() } else { format!("`{}`", members.join("`, `")) };
    format!("status {}, {body}{scope}", response.status)
}
