//! What the items of a response say about the filters of its call.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::values::{Values, moment, texts};
use crate::{catalog::Tool, custom_fields::FilteredField, json_text, tool_output::ToolOutput, truncation::ListNames};

/// How many items are compared with the filters.
const COMPARED: usize = 200;
/// How many filters are compared with items. Each may read all values of its field.
pub(super) const COMPARED_FILTERS: usize = 20;
/// The longest text of a value that is compared, in bytes.
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

/// How many bytes [`evidence`] reads of a response of this length: all of it, and again what each filter is compared with. The texts
/// of the filters are read once.
pub(super) fn work(length: usize, filters: &Value) -> usize {
    let compared = compared(filters);
    length.saturating_mul(1 + compared.len()).saturating_add(compared.iter().map(size).sum())
}

/// The approximate length of a value as JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| 1 + size(item)).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

/// The filters that are compared with items.
fn compared(filters: &Value) -> &[Value] {
    let filters = filters.as_array().map(Vec::as_slice).unwrap_or_default();
    filters.get(..COMPARED_FILTERS).unwrap_or(filters)
}

/// Compares the items of a response with the first [`COMPARED_FILTERS`] filters; `fields` has the field of each.
pub(super) fn evidence(tool: &Tool, filters: &Value, fields: &[FilteredField], output: &ToolOutput) -> Evidence {
    let mut rest = ListNames::items(tool, &output.text).into_iter().flatten();
    let items: Vec<_> = rest.by_ref().take(COMPARED).filter_map(json_text::members).collect();
    let fields: HashMap<&str, &FilteredField> = fields.iter().map(|field| (field.filter_key.as_str(), field)).collect();
    let key_of = |filter: &Value| filter.get("key").and_then(Value::as_str).map(str::to_owned);
    let keys: Vec<String> = compared(filters).iter().filter_map(key_of).collect();
    let members = MembersOfItems::read(
        &items,
        keys.iter().flat_map(|key| {
            let field = fields.get(key.as_str()).map(|field| field.name.as_str());
            field.into_iter().chain([key.as_str()])
        }),
    );
    let mut values = HashMap::new();
    let mut verdicts: Vec<_> = compared(filters)
        .iter()
        .map(|filter| {
            let text = |name: &str| filter.get(name).and_then(Value::as_str);
            let (Some(key), Some(op)) = (text("key"), text("op")) else { return Verdict::Unclear };
            let operand = filter.get("value").unwrap_or(&Value::Null);
            let is_id = operand.is_u64() || operand.as_str().is_some_and(|text| text.parse::<u64>().is_ok());
            let values = values.entry((key, is_id)).or_insert_with(|| {
                let values = members.values(key, fields.get(key).copied());
                Values::new(values.into_iter().map(|value| simple(value, is_id)))
            });
            match is_met(op, operand, values) {
                Some(false) => Verdict::Contradicted,
                Some(true) if values.plain.len() == items.len() => Verdict::MetByAll,
                Some(true) if is_about_presence(op) && values.n_shown == items.len() => Verdict::MetByAll,
                Some(true) => Verdict::MetBySome,
                None => Verdict::Unclear,
            }
        })
        .collect();
    verdicts.resize(filters.as_array().map_or(0, Vec::len), Verdict::Unclear);
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

/// The members of all items that filters need, each parsed once.
struct MembersOfItems<'a>(HashMap<&'a str, Vec<Option<Value>>>);

impl<'a> MembersOfItems<'a> {
    fn read(items: &[json_text::Members<'_>], names: impl Iterator<Item = &'a str>) -> Self {
        let member = |item: &json_text::Members<'_>, name: &str| {
            serde_json::from_str(item.get(name).filter(|text| text.len() <= VALUE_BYTES)?).ok()
        };
        let names: BTreeSet<&str> = names.collect();
        Self(names.into_iter().map(|name| (name, items.iter().map(|item| member(item, name)).collect())).collect())
    }

    /// The values of the items that show what a filter by this key compares.
    fn values(&self, key: &str, field: Option<&FilteredField>) -> Vec<&Value> {
        let of = |name: &str| self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        let of_field = field.map(|field| (field, of(&field.name)));
        let values = of(key).iter().enumerate().map(|(at, own)| {
            let value = of_field.and_then(|(field, members)| field.value(members.get(at)?.as_ref()?));
            value.or(own.as_ref())
        });
        values.flatten().collect()
    }
}

/// A value as a filter compares it: a record that is compared with an id counts as its id.
fn simple(value: &Value, is_id: bool) -> &Value {
    value.get("id").filter(|_| is_id).unwrap_or(value)
}

/// Whether the values of all items meet a filter; `None` if that is uncertain. One value that certainly does not is enough.
pub(super) fn is_met(op: &str, operand: &Value, values: &Values<'_>) -> Option<bool> {
    match op {
        "isSet" | "exists" => return (values.n_shown > 0).then_some(values.set.len() == values.n_shown),
        "isNotSet" | "notExists" if values.set.is_empty() => return (values.n_shown > 0).then_some(true),
        // an empty text or a zero may count as not set
        "isNotSet" | "notExists" => return values.set.iter().any(|value| is_certainly_set(value)).then_some(false),
        _ => {}
    }
    let there = &values.plain;
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
        all(values.moments().iter().map(|moment| moment.map(is_within)))
    };
    match (op, operand) {
        ("equals", Value::String(text)) => match values.texts() {
            Some(there) => there.are_one_of(&[text]),
            None => compared(|value, operand| (value - operand).abs() < f64::EPSILON),
        },
        ("anyOf", Value::Array(choices)) => values.texts()?.are_one_of(&texts(choices)?),
        ("equals", Value::Bool(is)) => all(there.iter().map(|value| value.as_bool().map(|one| one == *is))),
        ("equals", _) => compared(|value, operand| (value - operand).abs() < f64::EPSILON),
        // an excluded text is certain, another one may be the value of an excluded label
        ("notEquals", Value::String(text)) if there.iter().any(|value| value.as_str() == Some(text)) => Some(false),
        ("notEquals", Value::Bool(not)) => all(there.iter().map(|value| value.as_bool().map(|one| one != *not))),
        ("notEquals", _) => compared(|value, operand| (value - operand).abs() >= f64::EPSILON),
        ("noneOf", Value::Array(choices)) => {
            let choices: HashSet<&Value> = choices.iter().collect();
            there.iter().any(|value| choices.contains(value)).then_some(false)
        }
        ("contains", Value::String(text)) => values.texts()?.contain(text),
        ("notContains", Value::String(text)) => values.texts()?.lack(text),
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

fn number(operand: &Value) -> Option<f64> {
    operand.as_f64().or_else(|| operand.as_str()?.parse().ok())
}
