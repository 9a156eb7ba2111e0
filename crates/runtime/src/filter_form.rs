//! Filters that an API may take in another form than its document says, or ignore.
//!
//! Invariants:
//! - A filter is never silently ignored. If an item does not meet one, and the other form does not help, the call fails. If the
//!   items of a response cannot tell, a control call may, and if that cannot tell either, the result has a note. A total and
//!   aggregations are checked like items.
//! - A control call tells about the presence of a field only. A filter by another operator has a note unless items show it, too.
//! - Control calls delay a tool call for a short time only, and hold nothing that others wait for.
//! - The fields of filters are requested, so that items show what they are compared with, and are removed again if the caller
//!   did not request them.
//! - A call tries each form once. Which form the API takes, and which filters it applies, is remembered for each key, since what one
//!   organization's data seems to say must not change the requests of another, and only for [`TTL`].
//! - A form counts as taken only after a response had items that meet a filter, or a control call showed it.

use std::collections::BTreeSet;

use moka::sync::Cache;
use serde_json::Value;

use crate::{
    arguments::Arguments,
    catalog::Tool,
    custom_fields::{FilteredField, TTL},
    large_work,
    tool_error::{ErrorKind, ToolError},
    tool_output::ToolOutput,
    truncation,
    upstream::Outcome,
};

mod checks;
mod control;
mod evidence;
mod values;

pub(crate) use checks::FilterChecks;
use checks::Name;
use control::{Applied, ENTRY_BYTES, Found};
use evidence::{Evidence, Verdict, evidence, is_about_presence};

#[cfg(test)]
mod tests;

/// The arguments that are read or changed here.
const FILTERS: &str = "filters";
const FIELDS: &str = "fields";
/// The member that is never removed: lists return it in any case.
const ID: &str = "id";
/// For how many keys it is remembered which form they take.
const MAX_KEYS: u64 = 10_000;
/// The memory limit for the fields that `fields` does not take, in bytes.
const UNLISTED_BYTES: u64 = 4 << 20;

/// Writes a list of filters, each `{key, op, value}`, in another form.
pub type OtherFilters = fn(&Value) -> Value;

/// What is known of how the API takes filters. Cheap to clone; clones share it.
#[derive(Clone)]
pub(crate) struct FilterForm {
    other: Option<OtherFilters>,
    known: Cache<u64, Form>,
    controlled: Found,
    /// The fields that `fields` does not take.
    unlisted: Cache<(u64, &'static str, String), ()>,
}

/// A call with filters.
#[derive(Clone, Copy)]
pub(crate) struct FilteredCall<'a> {
    pub(crate) tool: &'static Tool,
    /// The fingerprint of the API key.
    pub(crate) key: u64,
    /// The fields of the filters.
    pub(crate) fields: &'a [FilteredField],
    /// The checks of the tool call that this call belongs to.
    pub(crate) checks: &'a FilterChecks,
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sending {
    /// It waits for its turn.
    InTurn,
    /// It is sent at once or not at all, as control calls are.
    AtOnce,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Documented,
    Other,
}

/// A response, and what is known about its filters.
struct Checked {
    output: ToolOutput,
    /// The error about a filter that the API ignored.
    ignored: Option<ToolError>,
    /// The filters that are applied or met, and those of which nothing is known.
    clear: Vec<Name>,
    unclear: Vec<Name>,
    is_any_obeyed: bool,
    has_items: bool,
}

impl FilterForm {
    /// Nothing is known; `other` is the other form, if there is one.
    pub(crate) fn new(other: Option<OtherFilters>) -> Self {
        let known = Cache::builder().max_capacity(MAX_KEYS).time_to_live(TTL).build();
        let weight = |(_, _, name): &(u64, &str, String), (): &()| u32::try_from(ENTRY_BYTES + name.len()).unwrap_or(u32::MAX);
        let unlisted = Cache::builder().weigher(weight).max_capacity(UNLISTED_BYTES).time_to_live(TTL).build();
        Self { other, known, controlled: control::found(), unlisted }
    }

    /// Calls a tool with its filters in the form that the API takes.
    ///
    /// # Errors
    /// When the call fails, or the API ignores the filters.
    pub(crate) async fn call<F: Future<Output = Outcome>>(
        &self,
        call: FilteredCall<'_>,
        arguments: Arguments,
        send: impl Fn(Arguments, Sending) -> F,
    ) -> Outcome {
        if arguments.values().get(FILTERS).and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return send(arguments, Sending::InTurn).await;
        }
        let known = self.known.get(&call.key);
        let first = known.unwrap_or(Form::Documented);
        let problem = match self.checked(call, &arguments, first, &send).await {
            Ok(Checked { ignored: Some(error), .. }) => error,
            Ok(checked) => return Ok(self.accept(call, first, checked)),
            // the key or the value may be wrong instead, so nothing is tried again once a form has worked
            Err(error) if error.kind == ErrorKind::BadArgument && known.is_none() => error,
            Err(error) => return Err(error),
        };
        if self.other.is_none() {
            return Err(problem);
        }
        let second = if first == Form::Other { Form::Documented } else { Form::Other };
        match self.checked(call, &arguments, second, &send).await {
            Ok(Checked { ignored: Some(_), .. }) | Err(_) => Err(problem),
            Ok(checked) if checked.is_any_obeyed => Ok(self.accept(call, second, checked)),
            // it was accepted where the other one was not
            Ok(checked) if checked.has_items && problem.kind == ErrorKind::BadArgument => Ok(self.accept(call, second, checked)),
            // no items may mean that none meets the filter, or that the form is not understood
            Ok(checked) if !checked.has_items && self.is_understood(call, second, &arguments, &send).await => {
                Ok(self.accept(call, second, Checked { is_any_obeyed: true, ..checked }))
            }
            Ok(_) => Err(problem),
        }
    }

    /// Remembers what a response showed, and says what it did not show.
    fn accept(&self, call: FilteredCall<'_>, form: Form, checked: Checked) -> ToolOutput {
        if checked.is_any_obeyed && self.known.get(&call.key) != Some(form) {
            self.known.insert(call.key, form);
            if form == Form::Other {
                tracing::info!(
                    "the API takes filters in another form than its document says; with this key they are sent in that form"
                );
            }
        }
        call.checks.add(checked.clear, checked.unclear);
        checked.output
    }

    /// Sends a call in one form and checks the response.
    async fn checked<F: Future<Output = Outcome>>(
        &self,
        call: FilteredCall<'_>,
        arguments: &Arguments,
        form: Form,
        send: impl Fn(Arguments, Sending) -> F,
    ) -> Result<Checked, ToolError> {
        let filters = arguments.values().get(FILTERS).cloned().unwrap_or_default();
        let formed = arguments.clone().with_unchecked(FILTERS, self.formed(&filters, form));
        let mut added = self.fields_to_add(call, arguments);
        let mut outcome = send(requesting(formed.clone(), call.tool, &added), Sending::InTurn).await;
        if !added.is_empty() && matches!(&outcome, Err(error) if error.kind == ErrorKind::BadArgument) {
            // the API may filter by fields that it does not return
            outcome = send(formed.clone(), Sending::InTurn).await;
            let refused = std::mem::take(&mut added);
            if outcome.is_ok() {
                for name in refused {
                    self.unlisted.insert((call.key, &call.tool.name, name), ());
                }
            }
        }
        let output = outcome?;
        let (tool, fields, compared) = (call.tool, call.fields.to_vec(), filters.clone());
        let work = evidence::work(output.text.len(), &filters);
        let read = move || {
            let evidence = evidence(tool, &compared, &fields, &output);
            (evidence, truncation::without(output, tool, &added))
        };
        let (evidence, output) = large_work::run(work, read).await.ok_or(ToolError::not_json())?;
        let (clear, unclear) = (Vec::new(), Vec::new());
        let mut checked = Checked { output, ignored: None, clear, unclear, is_any_obeyed: false, has_items: evidence.has_items };
        self.judge(call, (&filters, form), &formed, &evidence, send, &mut checked).await;
        Ok(checked)
    }

    /// Decides about each filter of a response, with control calls where its items do not tell.
    async fn judge<F: Future<Output = Outcome>>(
        &self,
        call: FilteredCall<'_>,
        (filters, form): (&Value, Form),
        formed: &Arguments,
        evidence: &Evidence,
        send: impl Fn(Arguments, Sending) -> F,
        checked: &mut Checked,
    ) {
        let text = |filter: &Value, name: &str| filter.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let named = |filter: &Value| (text(filter, "key"), text(filter, "op"));
        let filters = filters.as_array().into_iter().flatten().zip(&evidence.verdicts);
        if let Some((filter, _)) = filters.clone().find(|(_, verdict)| **verdict == Verdict::Contradicted) {
            checked.ignored = Some(ToolError::filter_ignored(&text(filter, "key")));
            return;
        }
        let aggregates = evidence.has_aggregations || formed.values().contains_key("aggs");
        if !evidence.has_items && evidence.total.is_none_or(|total| total == 0) && !aggregates {
            return;
        }
        for (filter, verdict) in filters {
            let name = named(filter);
            let is_shown = matches!(verdict, Verdict::MetByAll | Verdict::MetBySome);
            checked.is_any_obeyed |= is_shown;
            // all items are shown and meet the filter, so it does not matter whether the API applied it
            if *verdict == Verdict::MetByAll && evidence.is_whole && !aggregates {
                checked.clear.push(name);
                continue;
            }
            // others may need its memory while a control call waits
            checked.output.release_large_memory();
            match self.control(call, filter, form, (formed, evidence.total), &send).await {
                Applied::No => {
                    checked.ignored = Some(ToolError::filter_without_effect(&name.0));
                    return;
                }
                Applied::Yes => {
                    checked.is_any_obeyed = true;
                    checked.clear.push(name);
                }
                Applied::Presence => {
                    checked.is_any_obeyed = true;
                    if is_about_presence(&name.1) { &mut checked.clear } else { &mut checked.unclear }.push(name);
                }
                Applied::Unknown => checked.unclear.push(name),
            }
        }
    }

    fn formed(&self, filters: &Value, form: Form) -> Value {
        match (form, self.other) {
            (Form::Other, Some(other)) => other(filters),
            _ => filters.clone(),
        }
    }

    /// The fields of the filters that a call does not request.
    fn fields_to_add(&self, call: FilteredCall<'_>, arguments: &Arguments) -> Vec<String> {
        let Some(requested) = requested(call.tool, arguments) else { return Vec::new() };
        let is_unlisted = |name: &str| self.unlisted.contains_key(&(call.key, call.tool.name.as_str(), name.to_owned()));
        let fields = call.fields.iter().filter(|field| field.is_known && field.name != ID && !is_unlisted(&field.name));
        let names: BTreeSet<&str> = fields.map(|field| field.name.as_str()).collect();
        // a part such as `owner.email` may come inside of its field, so that this must stay
        let heads = requested.iter().filter_map(Value::as_str).map(|name| name.split_once('.').map_or(name, |(head, _)| head));
        let heads: BTreeSet<&str> = heads.collect();
        names
            .into_iter()
            .filter(|name| !heads.contains(name) && !requested.iter().any(|one| one == name))
            .map(str::to_owned)
            .collect()
    }
}

/// The fields that a call requests; `None` if the API decides.
fn requested<'a>(tool: &'a Tool, arguments: &'a Arguments) -> Option<&'a Vec<Value>> {
    let requested = arguments.values().get(FIELDS).or_else(|| tool.defaults.get(FIELDS));
    requested.and_then(Value::as_array).filter(|fields| !fields.is_empty())
}

/// The arguments with more fields.
fn requesting(arguments: Arguments, tool: &Tool, added: &[String]) -> Arguments {
    let Some(fields) = requested(tool, &arguments).filter(|_| !added.is_empty()) else { return arguments };
    let fields = fields.iter().cloned().chain(added.iter().map(|name| name.as_str().into())).collect();
    arguments.with_unchecked(FIELDS, Value::Array(fields))
}
