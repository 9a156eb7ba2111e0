//! Filters in another form, for an API that takes another one than its document says.
//!
//! Invariants:
//! - A filter is never silently ignored: a response with items that contradict one becomes an error, unless the other form helps.
//! - A call tries each form once. Which form the API takes is remembered for each key, since what one organization's data seems to say
//!   must not change the requests of another.
//! - A form counts as taken only after a response had items that meet a filter.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use moka::sync::Cache;
use serde_json::Value;

use crate::{
    arguments::Arguments,
    catalog::Tool,
    json_text, large_work,
    nearest::bare,
    tool_error::{ErrorKind, ToolError},
    tool_output::ToolOutput,
    truncation::ListNames,
    upstream::Outcome,
};

#[cfg(test)]
mod tests;

/// The argument.
const FILTERS: &str = "filters";
/// How many items are compared with the filters.
const COMPARED: usize = 200;
/// For how many keys it is remembered which form they take.
const MAX_KEYS: u64 = 10_000;
/// In milliseconds.
const DAY: i64 = 86_400_000;

/// Writes a list of filters, each `{key, op, value}`, in another form.
pub type OtherFilters = fn(&Value) -> Value;

/// The form of filters that the API takes. Cheap to clone; clones share what is known.
#[derive(Clone)]
pub(crate) struct FilterForm {
    other: Option<OtherFilters>,
    known: Cache<u64, Form>,
}

/// What is known of the form.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// A filtered response had the right items.
    Documented,
    Other,
}

/// What a response says about the filters of its call.
enum Evidence {
    /// Items have the value that a filter demands.
    Obeyed,
    /// An item contradicts the filter with this key.
    Ignored(String),
    /// Nothing is certain, and whether there are items.
    Unclear { has_items: bool },
}

impl FilterForm {
    /// Nothing is known; `other` is the other form, if there is one.
    pub(crate) fn new(other: Option<OtherFilters>) -> Self {
        Self { other, known: Cache::new(MAX_KEYS) }
    }

    /// Calls a tool with its filters in the form that the API takes. `key` is the fingerprint of the API key.
    ///
    /// # Errors
    /// When the call fails, or the API ignores the filters.
    pub(crate) async fn call<F: Future<Output = Outcome>>(
        &self,
        (tool, key): (&'static Tool, u64),
        arguments: Arguments,
        call: impl Fn(Arguments) -> F,
    ) -> Outcome {
        let Some(filters) = arguments.values().get(FILTERS).filter(|filters| !is_empty(filters)).cloned() else {
            return call(arguments).await;
        };
        let with = async |form| {
            let mut arguments = arguments.clone();
            if let (Form::Other, Some(other)) = (form, self.other) {
                arguments.values_mut().insert(FILTERS.to_owned(), other(&filters));
            }
            let (output, filters) = (call(arguments).await?, filters.clone());
            let length = output.text.len();
            let compared = move || (evidence(tool, &filters, &output), output);
            large_work::run(length, compared).await.ok_or(ToolError::not_json())
        };
        let known = self.known.get(&key);
        let first = known.unwrap_or(Form::Documented);
        let problem = match with(first).await {
            Ok((Evidence::Obeyed, output)) => {
                self.learn(key, first);
                return Ok(output);
            }
            Ok((Evidence::Unclear { .. }, output)) => return Ok(output),
            Ok((Evidence::Ignored(key), _)) => ToolError::filter_ignored(&key),
            // the key or the value may be wrong instead, so nothing is tried again once a form has worked
            Err(error) if error.kind == ErrorKind::BadArgument && known.is_none() => error,
            Err(error) => return Err(error),
        };
        if self.other.is_none() {
            return Err(problem);
        }
        let second = if first == Form::Other { Form::Documented } else { Form::Other };
        match with(second).await {
            Ok((Evidence::Obeyed, output)) => {
                self.learn(key, second);
                Ok(output)
            }
            // it was accepted where the other one was not
            Ok((Evidence::Unclear { has_items: true }, output)) if problem.kind == ErrorKind::BadArgument => Ok(output),
            // no items may mean that none meets the filter, or that the form is not understood
            Ok(_) | Err(_) => Err(problem),
        }
    }

    fn learn(&self, key: u64, form: Form) {
        let before = self.known.get(&key);
        if before == Some(form) {
            return;
        }
        self.known.insert(key, form);
        if form == Form::Other {
            tracing::info!(
                "the API takes filters in another form than its document says; with this key they are sent in that form"
            );
        }
    }
}

fn is_empty(filters: &Value) -> bool {
    filters.as_array().is_none_or(Vec::is_empty)
}

/// Compares the items of a response with the filters whose meaning is certain.
fn evidence(tool: &Tool, filters: &Value, output: &ToolOutput) -> Evidence {
    let items = ListNames::items(tool, &output.text).into_iter().flatten();
    let items: Vec<_> = items.take(COMPARED).filter_map(json_text::members).collect();
    let mut is_obeyed = false;
    for filter in filters.as_array().into_iter().flatten() {
        let text = |name: &str| filter.get(name).and_then(Value::as_str);
        let (Some(key), Some(op)) = (text("key"), text("op")) else { continue };
        let operand = filter.get("value").unwrap_or(&Value::Null);
        let values: Vec<Value> = items.iter().filter_map(|item| serde_json::from_str(item.get(key)?).ok()).collect();
        match is_met(op, operand, &values) {
            Some(false) => return Evidence::Ignored(key.to_owned()),
            Some(true) => is_obeyed = true,
            None => {}
        }
    }
    if is_obeyed { Evidence::Obeyed } else { Evidence::Unclear { has_items: !items.is_empty() } }
}

/// Whether the values of all items meet a filter; `None` if that is uncertain. One value that certainly does not is enough.
fn is_met(op: &str, operand: &Value, values: &[Value]) -> Option<bool> {
    let there: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    match op {
        "isSet" | "exists" => return (!values.is_empty()).then_some(there.len() == values.len()),
        "isNotSet" | "notExists" if there.is_empty() => return (!values.is_empty()).then_some(true),
        // an empty text or a zero may count as not set
        "isNotSet" | "notExists" => return there.iter().any(|value| is_certainly_set(value)).then_some(false),
        _ => {}
    }
    let there: Vec<&Value> = there.into_iter().filter(|value| !value.is_array() && !value.is_object()).collect();
    if there.is_empty() {
        return None;
    }
    let compared = |test: fn(f64, f64) -> bool| {
        let operand = number(operand)?;
        all(there.iter().map(|value| value.as_f64().map(|number| test(number, operand))))
    };
    // an organization may count its days in any time zone
    let on_days = |earliest: Option<i64>, latest: Option<i64>| {
        let operand = moment(operand)?;
        let limit = |days: Option<i64>| days.map(|days| operand.saturating_add(days * DAY));
        let (earliest, latest) = (limit(earliest), limit(latest));
        let is_within = |at: i64| earliest.is_none_or(|first| at >= first) && latest.is_none_or(|last| at <= last);
        all(there.iter().map(|value| moment(value).map(is_within)))
    };
    match (op, operand) {
        ("equals", Value::String(text)) => match texts(there.iter().copied()) {
            Some(there) => one_of(&[text], &there),
            None => compared(|value, operand| (value - operand).abs() < f64::EPSILON),
        },
        ("anyOf", Value::Array(choices)) => one_of(&texts(choices)?, &texts(there.iter().copied())?),
        ("equals", Value::Bool(is)) => all(there.iter().map(|value| value.as_bool().map(|one| one == *is))),
        ("equals", _) => compared(|value, operand| (value - operand).abs() < f64::EPSILON),
        ("gt", _) => compared(|value, operand| value > operand),
        ("gte", _) => compared(|value, operand| value >= operand),
        ("lt", _) => compared(|value, operand| value < operand),
        ("lte", _) => compared(|value, operand| value <= operand),
        ("dayAfter" | "dayOnOrAfter", _) => on_days(Some(-1), None),
        ("dayBefore" | "dayOnOrBefore", _) => on_days(None, Some(2)),
        _ => None,
    }
}

/// Whether all are met: one that is not decides; otherwise one that is uncertain does.
fn all(met: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let met: Vec<_> = met.collect();
    if met.contains(&Some(false)) { Some(false) } else { met.into_iter().collect::<Option<Vec<_>>>().map(|_| true) }
}

fn is_certainly_set(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::Object(members) => !members.is_empty(),
        _ => false,
    }
}

/// The values, if all are texts.
fn texts<'a>(values: impl IntoIterator<Item = &'a Value>) -> Option<Vec<&'a str>> {
    values.into_iter().map(Value::as_str).collect()
}

/// Whether each value is one of the choices; `None` if it is uncertain. A choice may have another value than its label.
fn one_of(choices: &[&str], values: &[&str]) -> Option<bool> {
    let is_day = |text: &str| text.parse::<Date>().is_ok();
    let wanted: BTreeSet<String> = choices.iter().map(|choice| bare(choice)).collect();
    let days: Vec<&str> = choices.iter().copied().filter(|choice| is_day(choice)).collect();
    if wanted.iter().any(String::is_empty) || choices.iter().any(|choice| !choice.is_ascii()) {
        return None;
    }
    let is_one = |value: &str| wanted.contains(&bare(value)) || days.iter().any(|day| value.starts_with(day));
    if values.iter().all(|value| is_one(value)) {
        return Some(true);
    }
    // several choices may be one text, as in `DevOps,Finance`, and an API may compare without accents
    let is_certain = |value: &&&str| value.is_ascii() && !value.contains(',');
    let different: BTreeSet<String> = values.iter().filter(is_certain).map(|value| bare(value)).collect();
    (different.len() > wanted.len()).then_some(false)
}

/// A moment in milliseconds since 1970: a day, a time, or such a number.
fn moment(value: &Value) -> Option<i64> {
    let Some(text) = value.as_str() else { return value.as_i64() };
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse::<Timestamp>().ok().or_else(day).map(Timestamp::as_millisecond)
}

fn number(operand: &Value) -> Option<f64> {
    operand.as_f64().or_else(|| operand.as_str()?.parse().ok())
}
