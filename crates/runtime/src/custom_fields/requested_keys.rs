//! The field keys in the arguments of a call.

use std::fmt::{self, Display, Formatter};

use mcp_http::sanitize::one_line;
use serde_json::{Map, Value};

use crate::{
    catalog::Tool,
    custom_fields::{Field, FieldList},
    json_limits::{JsonCounter, JsonLimits},
    json_text,
    tool_output::ToolOutput,
};

/// How many keys are examined.
const MAX_KEYS: usize = 100;
/// How many unknown keys an error names.
const TOLD: usize = 5;
/// How much of a wrong key is quoted, in characters.
const QUOTED: usize = 60;
/// The nesting depth to which aggregations are examined.
const DEPTH: usize = 8;

/// The keys that a call requests, and where they are used.
#[derive(Debug, Default)]
pub struct RequestedKeys {
    keys: Vec<(KeyLocation, String)>,
    tool: Option<&'static Tool>,
}

/// Where a key is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyLocation {
    CustomFields,
    Filter(usize),
    Sort,
    Aggregation,
    /// The name of an argument: tools that allow additional properties take the organization's fields as arguments.
    Name,
}

impl Display for KeyLocation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::CustomFields => f.write_str(" in `fields`"),
            Self::Filter(at) => write!(f, " in `filters[{at}].key`"),
            Self::Sort => f.write_str(" in `sort`"),
            Self::Aggregation => f.write_str(" in `aggs`"),
            Self::Name => Ok(()),
        }
    }
}

impl RequestedKeys {
    /// The keys in these arguments; empty for a tool that takes no keys.
    #[must_use]
    pub fn of(tool: &'static Tool, arguments: &Map<String, Value>) -> Self {
        if tool.takes_keys.is_none() {
            return Self::default();
        }
        let mut keys = Vec::new();
        for (at, value) in entries(arguments.get("fields")) {
            keys.extend(value.as_str().map(|key| (KeyLocation::CustomFields, key.to_owned())).filter(|_| at < MAX_KEYS));
        }
        for (at, value) in entries(arguments.get("filters")) {
            keys.extend(text(&value, "key").map(|key| (KeyLocation::Filter(at), key)));
        }
        for (_, value) in entries(arguments.get("sort")) {
            let key = value.as_str().map(|sort| sort.split_once(':').map_or(sort, |(key, _)| key));
            keys.extend(key.map(|key| (KeyLocation::Sort, key.to_owned())));
        }
        let mut aggregation = arguments.get("aggs").map(decoded);
        for _ in 0..DEPTH {
            let Some(aggs) = aggregation else { break };
            keys.extend(text(&aggs, "field").map(|key| (KeyLocation::Aggregation, key)));
            aggregation = aggs.get("aggs").cloned();
        }
        if tool.input_schema.get("additionalProperties") == Some(&Value::Bool(true)) {
            let properties = tool.input_schema.get("properties");
            let is_named = |name: &str| properties.is_some_and(|properties| properties.get(name).is_some());
            keys.extend(arguments.keys().filter(|name| !is_named(name)).map(|name| (KeyLocation::Name, name.clone())));
        }
        keys.truncate(MAX_KEYS);
        Self { keys, tool: Some(tool) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// A description of the unknown keys; `None` if all are known.
    pub(super) fn unknown(&self, known: &FieldList) -> Option<String> {
        self.described(known, |_, _| true)
    }

    /// The same for the keys that `is_meant` selects.
    pub(super) fn described(&self, known: &FieldList, is_meant: impl Fn(&KeyLocation, &str) -> bool) -> Option<String> {
        let meant = self.keys.iter().filter(|(place, key)| is_meant(place, key));
        let told: Vec<_> = meant.filter_map(|(place, key)| self.problem(*place, key, known)).take(TOLD).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn problem(&self, place: KeyLocation, key: &str, known: &FieldList) -> Option<String> {
        let quoted = one_line(key, QUOTED);
        let is_filter = matches!(place, KeyLocation::Filter(_));
        let shown = |field: &Field| if is_filter { field.in_filters() } else { &field.key }.to_owned();
        if is_filter && known.fields.iter().any(|field| field.in_filters() == key) {
            return None;
        }
        if let Some(field) = known.fields.iter().find(|field| field.key == key) {
            // the key exists, but filters use another one
            return is_filter.then(|| format!("`{quoted}`{place} is called `{}` in filters", field.in_filters()));
        }
        if self.tool.is_some_and(|tool| names(tool, key)) {
            return None;
        }
        let near: Vec<_> = known.near(key).into_iter().map(|field| format!("`{}` ({})", shown(field), field.name)).collect();
        let near = if near.is_empty() { String::new() } else { format!(", but similar to {}", near.join(", ")) };
        Some(format!("`{quoted}`{place} is not a field of {} here{near}", known.kind))
    }

    /// The keys in `fields` that no item of the response has.
    pub(super) fn absent(&self, tool: &Tool, output: &ToolOutput) -> Vec<&str> {
        let members = json_text::members(&output.text).unwrap_or_default();
        let items = match tool.response.items.as_deref() {
            Some(items) => members.get(items).and_then(|list| json_text::items(list)).unwrap_or_default(),
            // a single record: `{"app": {…}}`
            None if members.len() == 1 => members.values().copied().collect(),
            None => Vec::new(),
        };
        let mut records = items.into_iter().filter_map(json_text::members).peekable();
        if records.peek().is_none() {
            return Vec::new();
        }
        let requested = self.keys.iter().filter(|(place, key)| *place == KeyLocation::CustomFields && !key.contains('.'));
        let mut absent: Vec<&str> = requested.map(|(_, key)| key.as_str()).collect();
        for record in records {
            absent.retain(|key| !record.contains_key(*key));
            if absent.is_empty() {
                break;
            }
        }
        absent
    }
}

/// Whether the description or the defaults of a tool name a field: it may have more fields than the metadata lists.
fn names(tool: &Tool, key: &str) -> bool {
    let mut defaults = tool.defaults.get("fields").and_then(Value::as_array).into_iter().flatten();
    let properties = tool.input_schema.get("properties");
    let described = properties.and_then(|properties| properties.pointer("/fields/description")?.as_str()).unwrap_or_default();
    let mut words = described.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    defaults.any(|own| own == key) || words.any(|word| word == key)
}

/// The items of a list, which may be given as JSON in a string.
fn entries(list: Option<&Value>) -> impl Iterator<Item = (usize, Value)> {
    let list = match list.map(decoded) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    list.into_iter().enumerate()
}

/// A value, or the value that a string contains as JSON, unless that exceeds the limits for arguments.
fn decoded(value: &Value) -> Value {
    let is_small = |text: &&str| JsonCounter::of(text.as_bytes()).check(JsonLimits::REQUEST).is_ok();
    let decoded = value.as_str().filter(is_small).and_then(|text| serde_json::from_str(text).ok());
    decoded.unwrap_or_else(|| value.clone())
}

fn text(of: &Value, key: &str) -> Option<String> {
    of.get(key)?.as_str().map(str::to_owned)
}
