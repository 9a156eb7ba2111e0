//! Filters that an API may take in another form than its document says, or ignore.
//!
//! Invariants:
//! - A filter is never silently ignored. If an item does not meet one, and the other form does not help, the call fails. If the
//!   items of a response cannot tell, a control call does, and if that cannot tell either, the result has a note.
//! - The fields of filters are requested, so that items show what they are compared with, and are removed again if the caller
//!   did not request them.
//! - A call tries each form once. Which form the API takes, and which filters it applies, is remembered for each key, since what one
//!   organization's data seems to say must not change the requests of another.
//! - A form counts as taken only after a response had items that meet a filter, or a control call showed it.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use mcp_http::sanitize::one_line;
use moka::sync::Cache;
use serde_json::{Value, json};

use crate::{
    arguments::Arguments,
    catalog::Tool,
    custom_fields::{FilteredField, MAX_CHARACTERS},
    large_work,
    tool_error::{ErrorKind, ToolError},
    tool_output::ToolOutput,
    truncation,
    upstream::Outcome,
};

mod evidence;

use evidence::{Evidence, Verdict, evidence};

#[cfg(test)]
mod tests;

/// The arguments that are read or changed here.
const FILTERS: &str = "filters";
const FIELDS: &str = "fields";
/// The member that is never removed: lists return it in any case.
const ID: &str = "id";
/// For how many keys it is remembered which form they take.
const MAX_KEYS: u64 = 10_000;
/// How many filters it is remembered of whether the API applies them.
const MAX_FILTERS: u64 = 50_000;
/// The longest key of a filter that is remembered, in bytes.
const MAX_KEY_BYTES: usize = 4 * MAX_CHARACTERS;
/// How many control calls one call may cause.
const MAX_CONTROLS: usize = 4;
/// How many filters a note names.
const TOLD: usize = 5;

/// Writes a list of filters, each `{key, op, value}`, in another form.
pub type OtherFilters = fn(&Value) -> Value;

/// What is known of how the API takes filters. Cheap to clone; clones share it.
#[derive(Clone)]
pub(crate) struct FilterForm {
    other: Option<OtherFilters>,
    known: Cache<u64, Form>,
    controlled: Cache<Filtered, Applied>,
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
    /// Where to say which filters could not be checked.
    pub(crate) unchecked: &'a UncheckedFilters,
}

/// The keys of the filters that could not be checked.
#[derive(Debug, Default)]
pub(crate) struct UncheckedFilters(Mutex<BTreeSet<String>>);

/// What a control call is about: the API key, the tool, the form and the key of the filter.
type Filtered = (u64, &'static str, Form, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Documented,
    Other,
}

/// What a control call found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Applied {
    Yes,
    No,
    Unknown,
}

/// A response, and what is known about its filters.
struct Checked {
    output: ToolOutput,
    /// The key of a filter that the API ignored.
    ignored: Option<String>,
    /// The keys of the filters of which nothing is known.
    unclear: Vec<String>,
    is_any_obeyed: bool,
    has_items: bool,
}

impl UncheckedFilters {
    fn add(&self, keys: Vec<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(keys);
    }

    /// The note about them.
    pub(crate) fn note(&self) -> Option<String> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told: Vec<String> = keys.iter().take(TOLD).map(|key| format!("`{}`", one_line(key, MAX_CHARACTERS))).collect();
        (!told.is_empty()).then(|| {
            format!(
                "It is not known whether the API applied the filter by {}, since the response does not show it. Items, totals and \
                 aggregations may include what does not meet it: compare the items before you rely on them.",
                told.join(", ")
            )
        })
    }
}

impl FilterForm {
    /// Nothing is known; `other` is the other form, if there is one.
    pub(crate) fn new(other: Option<OtherFilters>) -> Self {
        Self { other, known: Cache::new(MAX_KEYS), controlled: Cache::new(MAX_FILTERS), unlisted: Cache::new(MAX_FILTERS) }
    }

    /// Calls a tool with its filters in the form that the API takes.
    ///
    /// # Errors
    /// When the call fails, or the API ignores the filters.
    pub(crate) async fn call<F: Future<Output = Outcome>>(
        &self,
        call: FilteredCall<'_>,
        arguments: Arguments,
        send: impl Fn(Arguments) -> F,
    ) -> Outcome {
        if arguments.values().get(FILTERS).and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return send(arguments).await;
        }
        let known = self.known.get(&call.key);
        let first = known.unwrap_or(Form::Documented);
        let problem = match self.checked(call, &arguments, first, &send).await {
            Ok(Checked { ignored: Some(key), .. }) => ToolError::filter_ignored(&key),
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
        call.unchecked.add(checked.unclear);
        checked.output
    }

    /// Sends a call in one form and checks the response.
    async fn checked<F: Future<Output = Outcome>>(
        &self,
        call: FilteredCall<'_>,
        arguments: &Arguments,
        form: Form,
        send: impl Fn(Arguments) -> F,
    ) -> Result<Checked, ToolError> {
        let filters = arguments.values().get(FILTERS).cloned().unwrap_or_default();
        let formed = arguments.clone().with_unchecked(FILTERS, self.formed(&filters, form));
        let mut added = self.fields_to_add(call, arguments);
        let mut outcome = send(requesting(formed.clone(), call.tool, &added)).await;
        if !added.is_empty() && matches!(&outcome, Err(error) if error.kind == ErrorKind::BadArgument) {
            // the API may filter by fields that it does not return
            outcome = send(formed.clone()).await;
            let refused = std::mem::take(&mut added);
            if outcome.is_ok() {
                for name in refused {
                    self.unlisted.insert((call.key, &call.tool.name, name), ());
                }
            }
        }
        let output = outcome?;
        let (tool, fields, compared, length) = (call.tool, call.fields.to_vec(), filters.clone(), output.text.len());
        let read = move || {
            let evidence = evidence(tool, &compared, &fields, &output);
            (evidence, truncation::without(output, tool, &added))
        };
        let (evidence, output) = large_work::run(length, read).await.ok_or(ToolError::not_json())?;
        let mut checked =
            Checked { output, ignored: None, unclear: Vec::new(), is_any_obeyed: false, has_items: evidence.has_items };
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
        send: impl Fn(Arguments) -> F,
        checked: &mut Checked,
    ) {
        let filters = filters.as_array().into_iter().flatten().zip(&evidence.verdicts);
        let key = |filter: &Value| filter.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some((filter, _)) = filters.clone().find(|(_, verdict)| **verdict == Verdict::Contradicted) {
            checked.ignored = Some(key(filter));
            return;
        }
        let aggregates = formed.values().contains_key("aggs");
        let mut controls = 0;
        for (filter, verdict) in filters {
            checked.is_any_obeyed |= matches!(verdict, Verdict::MetByAll | Verdict::MetBySome);
            // all items are shown and meet the filter, so it does not matter whether the API applied it
            let is_enough = *verdict == Verdict::MetByAll && evidence.is_whole && !aggregates;
            if is_enough || !evidence.has_items {
                continue;
            }
            let about = (call.key, call.tool.name.as_str(), form, key(filter));
            let applied = match self.controlled.get(&about) {
                Some(applied) => applied,
                // these operators join filters, so that a control call by their key would tell nothing
                None if matches!(filter.get("op").and_then(Value::as_str), Some("or" | "and")) => Applied::Unknown,
                None if controls == MAX_CONTROLS => Applied::Unknown,
                None => {
                    controls += 1;
                    self.control(call.tool, about, formed, evidence.total, &send).await
                }
            };
            match applied {
                Applied::Yes => checked.is_any_obeyed = true,
                Applied::No => checked.ignored = Some(key(filter)),
                Applied::Unknown => checked.unclear.push(key(filter)),
            }
        }
    }

    /// Asks for items that have a field and do not have it. An API that applies filters by this field has none.
    async fn control<F: Future<Output = Outcome>>(
        &self,
        tool: &'static Tool,
        about: Filtered,
        formed: &Arguments,
        total: Option<u64>,
        send: impl Fn(Arguments) -> F,
    ) -> Applied {
        let (_, _, form, key) = &about;
        let impossible = json!([{ "key": key, "op": "isSet" }, { "key": key, "op": "isNotSet" }]);
        let mut arguments = formed.clone().with_unchecked(FILTERS, self.formed(&impossible, *form));
        for name in ["aggs", "sort", "cursor"] {
            arguments.values_mut().shift_remove(name);
        }
        if tool.input_schema.get("properties").is_some_and(|properties| properties.get("size").is_some()) {
            arguments = arguments.with_unchecked("size", 1.into());
        }
        let applied = match send(arguments).await {
            Ok(output) => {
                let found = evidence(tool, &Value::Null, &[], &output);
                match (found.has_items, found.total, total) {
                    (false, None | Some(0), _) => Applied::Yes,
                    // the same number as before: neither these filters nor those were applied
                    (true, found, total) if found == total => Applied::No,
                    _ => Applied::Unknown,
                }
            }
            Err(error) if error.kind == ErrorKind::BadArgument => Applied::Unknown,
            // it may be known the next time
            Err(_) => return Applied::Unknown,
        };
        // an API that ignores a filter is asked again, since every such call fails
        if applied != Applied::No && about.3.len() <= MAX_KEY_BYTES {
            self.controlled.insert(about, applied);
        }
        applied
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
        names.into_iter().filter(|name| !requested.iter().any(|one| one == name)).map(str::to_owned).collect()
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
