//! What the items of a response say about the filters of its call.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

use crate::{
    catalog::Tool,
    custom_fields::{FilteredField, MAX_KEYS},
    json_text,
    nearest::bare,
    tool_output::ToolOutput,
    truncation::ListNames,
};

/// How many items are compared with the filters.
const COMPARED: usize = 200;
/// The longest text of a value that is compared, in bytes, so that many filters do not read it again and again.
const VALUE_BYTES: usize = 16 << 10;
/// In milliseconds.
const DAY: i64 = 86_400_000;

/// What a response says about the filters of its call.
pub(super) struct Evidence {
    /// For each filter, whether the items meet it.
    pub(super) verdicts: Vec<Verdict>,
    pub(super) has_items: bool,
    pub(super) has_aggregations: bool,
    /// Whether there are no other items than those that were compared.
    pub(super) is_whole: bool,
    /// How many items there are on all pages, if the response says so.
    pub(super) total: Option<u64>,
}

/// What the items say about one filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every item meets it.
    MetByAll,
    /// The items that show its field meet it.
    MetBySome,
    /// An item does not meet it.
    Contradicted,
    /// Nothing is certain.
    Unclear,
}

/// How many comparisons [`evidence`] makes at most.
pub(super) fn comparisons(filters: &Value) -> usize {
    COMPARED * filters.as_array().map_or(0, Vec::len).min(MAX_KEYS)
}

/// Compares the items of a response with the first [`MAX_KEYS`] filters; `fields` has the field of each.
pub(super) fn evidence(tool: &Tool, filters: &Value, fields: &[FilteredField], output: &ToolOutput) -> Evidence {
    let mut rest = ListNames::items(tool, &output.text).into_iter().flatten();
    let items: Vec<_> = rest.by_ref().take(COMPARED).filter_map(json_text::members).collect();
    let filters = filters.as_array().map(Vec::as_slice).unwrap_or_default();
    let fields: HashMap<&str, &FilteredField> = fields.iter().map(|field| (field.filter_key.as_str(), field)).collect();
    let verdicts = filters.iter().enumerate().map(|(at, filter)| {
        if at >= MAX_KEYS {
            return Verdict::Unclear;
        }
        let text = |name: &str| filter.get(name).and_then(Value::as_str);
        let (Some(key), Some(op)) = (text("key"), text("op")) else { return Verdict::Unclear };
        let operand = filter.get("value").unwrap_or(&Value::Null);
        let member = |item: &json_text::Members<'_>, name: &str| {
            serde_json::from_str(item.get(name).filter(|text| text.len() <= VALUE_BYTES)?).ok()
        };
        let value = |item: &json_text::Members<'_>| {
            let of_field = fields.get(key).and_then(|field| field.value(member(item, &field.name)?));
            of_field.or_else(|| member(item, key))
        };
        let values: Vec<Value> = items.iter().filter_map(value).map(|value| simple(value, operand)).collect();
        let shown = values.iter().filter(|value| !value.is_null() && !value.is_array() && !value.is_object()).count();
        match is_met(op, operand, &values) {
            Some(false) => Verdict::Contradicted,
            Some(true) if shown == items.len() || is_about_presence(op) && values.len() == items.len() => Verdict::MetByAll,
            Some(true) => Verdict::MetBySome,
            None => Verdict::Unclear,
        }
    });
    let verdicts = verdicts.collect();
    let total =
        json_text::from_member(&output.text, "total").and_then(|rest| json_text::first(rest)?.trim_matches('"').parse().ok());
    let is_whole = rest.next().is_none() && total.is_none_or(|total: u64| total <= items.len() as u64);
    let aggregations = json_text::from_member(&output.text, "aggregations").and_then(json_text::first);
    let has_aggregations = aggregations.is_some_and(|all| !matches!(all, "null" | "[]" | "{}"));
    Evidence { verdicts, has_items: !items.is_empty(), has_aggregations, is_whole, total }
}

/// Whether an operator asks whether a field has a value.
pub(super) fn is_about_presence(op: &str) -> bool {
    matches!(op, "isSet" | "exists" | "isNotSet" | "notExists")
}

/// A value as a filter compares it: a record that is compared with an id counts as its id.
fn simple(mut value: Value, operand: &Value) -> Value {
    let is_id = operand.is_u64() || operand.as_str().is_some_and(|text| text.parse::<u64>().is_ok());
    match value.get_mut("id") {
        Some(id) if is_id => id.take(),
        _ => value,
    }
}

/// Whether the values of all items meet a filter; `None` if that is uncertain. One value that certainly does not is enough.
pub(super) fn is_met(op: &str, operand: &Value, values: &[Value]) -> Option<bool> {
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
        // an excluded text is certain, another one may be the value of an excluded label
        ("notEquals", Value::String(text)) if there.iter().any(|value| value.as_str() == Some(text)) => Some(false),
        ("notEquals", Value::Bool(not)) => all(there.iter().map(|value| value.as_bool().map(|one| one != *not))),
        ("notEquals", _) => compared(|value, operand| (value - operand).abs() >= f64::EPSILON),
        ("noneOf", Value::Array(choices)) => {
            let is_excluded = |value: &&&Value| choices.contains(value);
            there.iter().find(is_excluded).map(|_| false)
        }
        ("contains", Value::String(text)) => contain(text, &texts(there.iter().copied())?),
        ("notContains", Value::String(text)) => lack(text, &texts(there.iter().copied())?),
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

/// Whether each value contains a text; `None` if it is uncertain, since a choice may have another value than its label, and an API
/// may compare without accents or signs.
fn contain(part: &str, values: &[&str]) -> Option<bool> {
    let wanted = Some(bare(part)).filter(|wanted| !wanted.is_empty() && part.is_ascii())?;
    let without: BTreeSet<String> = values.iter().map(|value| bare(value)).filter(|value| !value.contains(&wanted)).collect();
    if without.is_empty() {
        return Some(true);
    }
    (without.iter().filter(|value| value.is_ascii()).count() > 1).then_some(false)
}

/// Whether no value contains a text; `None` if it is uncertain.
fn lack(part: &str, values: &[&str]) -> Option<bool> {
    let wanted = Some(bare(part)).filter(|wanted| !wanted.is_empty() && part.is_ascii())?;
    let is_exact = |value: &&str| value.to_ascii_lowercase().contains(&part.to_ascii_lowercase());
    let is_without = |value: &&str| value.is_ascii() && !bare(value).contains(&wanted);
    if values.iter().any(is_exact) {
        return Some(false);
    }
    values.iter().all(is_without).then_some(true)
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
