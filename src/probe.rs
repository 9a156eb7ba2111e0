//! Compares a real tenant's API with the document that the tools were generated from.
//!
//! Each operation that reads is called once, with the smallest page, and a few more calls answer what no document tells. The
//! report has types, counts and names that the document has; it has no value of the tenant's data.
//!
//! Invariants:
//! - Only tools that read are called, with the caller's own key and within the documented rates.
//! - No value of a response reaches the report, and of the headers only numbers and dates. Names of members are told if the document
//!   or another public source has them, and others only if asked for.

mod names;
mod plan;
mod questions;
mod rates;
mod refusal;
mod report;
mod shape;

use std::{collections::BTreeMap, sync::LazyLock};

use mcp_http::caller::Caller;
use openapi_mcp::{
    arguments::Arguments,
    catalog::{Catalog, Tool},
    tool_error::ToolError,
    upstream::{RawResponse, Upstream},
};
use serde_json::{Map, Value};

pub use plan::{Step, plan};
use rates::rates;
use refusal::is_refused_argument;
pub use report::Report;
use shape::Shapes;

#[cfg(test)]
mod tests;

/// The lock, which has the type of each member of each response.
const LOCK: &str = include_str!("../openapi/tools.lock.json");

/// What is compared: the tools, and how they are called.
pub struct Probe<'a> {
    catalog: &'static Catalog,
    upstream: &'a Upstream,
    caller: &'a Caller,
}

/// What one call found.
pub struct Finding {
    /// The tool.
    pub tool: &'static Tool,
    /// What happened.
    pub outcome: Outcome,
    /// The status with which the call was refused without an argument that the document calls optional, and that argument. The
    /// outcome is that of a second call with it.
    refused_without: Option<(&'static str, u16)>,
}

/// What happened to one call.
pub enum Outcome {
    /// It needs an argument that no earlier response had.
    NotCalled(&'static str),
    /// No response came; the text has no value of the tenant.
    NoResponse(ToolError),
    /// There is a response.
    Response(Response),
}

/// What a response looked like.
pub struct Response {
    status: u16,
    /// The headers about rates and waiting, with their values.
    rates: Vec<(String, String)>,
    shapes: Shapes,
    /// How many items the list has, if it is one.
    items: Option<usize>,
    /// The name of the list, if it is not the documented one.
    other_list: Option<String>,
    /// The body, which questions look into; it never reaches the report.
    body: Value,
}

impl<'a> Probe<'a> {
    /// A probe for the caller's tenant.
    #[must_use]
    pub fn new(catalog: &'static Catalog, upstream: &'a Upstream, caller: &'a Caller) -> Self {
        Self { catalog, upstream, caller }
    }

    /// Calls everything that reads, and reports each call to `progress` before it is made. What was found when `stop` resolves is the
    /// report.
    pub async fn run(&self, stop: impl Future<Output = ()>, mut progress: impl FnMut(&str)) -> Report {
        let mut report = Report::new(self.catalog);
        let work = async {
            let mut known = BTreeMap::new();
            for step in plan(self.catalog) {
                progress(&step.tool.name);
                let finding = self.step(&step, &known).await;
                if let Outcome::Response(response) = &finding.outcome {
                    plan::remember(step.tool, &response.body, &mut known);
                }
                report.findings.push(finding);
            }
            for question in questions::ALL {
                progress(question.asks);
                let answer = questions::answer(question, self, &report.findings).await;
                report.answers.push((question.asks, answer));
            }
        };
        let is_complete = tokio::select! {
            () = work => true,
            () = stop => false,
        };
        report.is_complete = is_complete;
        report
    }

    async fn step(&self, step: &Step, known: &BTreeMap<&'static str, Value>) -> Finding {
        let tool = step.tool;
        let mut arguments = step.arguments.clone();
        for name in &step.needs {
            match known.get(plan::source(tool, name)) {
                Some(value) => drop(arguments.insert((*name).to_owned(), value.clone())),
                None => return Finding { tool, outcome: Outcome::NotCalled(name), refused_without: None },
            }
        }
        let first = self.called(tool, arguments.clone()).await;
        match (&first, plan::if_refused(tool)) {
            (Outcome::Response(refused), Some((name, value))) if is_refused_argument(refused) => {
                let refused_without = Some((name, refused.status));
                arguments.insert(name.to_owned(), value.into());
                Finding { tool, outcome: self.called(tool, arguments).await, refused_without }
            }
            _ => Finding { tool, outcome: first, refused_without: None },
        }
    }

    async fn called(&self, tool: &'static Tool, arguments: Map<String, Value>) -> Outcome {
        match self.call(tool, arguments, |arguments| arguments.with_defaults(tool)).await {
            Ok(response) => Outcome::Response(response),
            Err(error) => Outcome::NoResponse(error),
        }
    }

    /// Calls a tool; `change` may add defaults and arguments that are not validated.
    async fn call(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        change: impl FnOnce(Arguments) -> Arguments,
    ) -> Result<Response, ToolError> {
        let arguments = change(Arguments::check(tool, arguments)?);
        let RawResponse { status, headers, body } = self.upstream.raw(tool, self.caller, arguments).await?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let listed = tool.response.items.as_deref();
        let list = listed.and_then(|name| body.get(name)?.as_array());
        let lists = || body.as_object().into_iter().flatten().filter(|(_, member)| member.is_array());
        let other = lists().next().filter(|_| list.is_none() && listed.is_some() && status.is_success() && lists().count() == 1);
        let mut shapes = Shapes::of(&body);
        if let (Some((name, _)), Some(documented)) = (other, listed) {
            shapes.rename(name, documented);
        }
        Ok(Response {
            status: status.as_u16(),
            rates: rates(&headers),
            shapes,
            items: list.or_else(|| other.and_then(|(_, list)| list.as_array())).map(Vec::len),
            other_list: other.map(|(name, _)| name.clone()),
            body,
        })
    }
}

impl Response {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The items of its list.
    fn list(&self, tool: &Tool) -> &[Value] {
        let name = self.other_list.as_deref().or(tool.response.items.as_deref()).unwrap_or_default();
        self.body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The documented types of the members of each tool's response, by tool and place.
fn all_documented() -> &'static BTreeMap<String, BTreeMap<String, String>> {
    #[derive(serde::Deserialize)]
    struct Lock {
        tools: Vec<Locked>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Locked {
        name: String,
        response_fields: BTreeMap<String, String>,
    }
    static TYPES: LazyLock<BTreeMap<String, BTreeMap<String, String>>> = LazyLock::new(|| {
        let lock: Option<Lock> = serde_json::from_str(LOCK).ok();
        lock.into_iter().flat_map(|lock| lock.tools).map(|tool| (tool.name, tool.response_fields)).collect()
    });
    &TYPES
}

/// The documented types of the members of a tool's response, by place.
fn documented(tool: &str) -> Option<&'static BTreeMap<String, String>> {
    all_documented().get(tool)
}
