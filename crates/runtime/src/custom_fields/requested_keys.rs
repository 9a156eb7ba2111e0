//! The field keys in the arguments of a call.

use std::{
    borrow::Cow,
    collections::HashSet,
    fmt::{self, Display, Formatter},
};

use mcp_http::sanitize::one_line;
use serde_json::{Map, Value};

use crate::{
    catalog::Tool,
    custom_fields::FieldList,
    json_text::{self, Entries},
    tool_output::ToolOutput,
    truncation::ListNames,
};

/// How many keys are examined.
pub(crate) const MAX_KEYS: usize = 100;
/// How many items of a response are examined.
const MAX_RECORDS: usize = 1000;
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
    /// The keys in these arguments, which have been validated; empty for a tool that takes no keys.
    #[must_use]
    pub fn of(tool: &'static Tool, arguments: &Map<String, Value>) -> Self {
        if tool.takes_keys.is_none() {
            return Self::default();
        }
        let mut keys = Vec::new();
        rename(tool, &mut arguments.clone(), &mut |place, key| {
            keys.push((place, key.to_owned()));
            None
        });
        Self { keys, tool: Some(tool) }
    }

    /// Whether the description or the defaults of the tool name each key.
    pub(super) fn are_named(&self) -> bool {
        self.keys.iter().all(|(_, key)| self.tool.is_some_and(|tool| names(tool, key)))
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
        let near: Vec<_> = known.near(key).into_iter().map(|field| format!("`{}` ({})", field.at(place), field.name)).collect();
        let near = if near.is_empty() { String::new() } else { format!(", but similar to {}", near.join(", ")) };
        Some(format!("`{quoted}`{place} is not a field of {} here{near}", known.kind))
    }

    /// The work of [`Self::absent`], as the length of a text.
    pub(super) fn comparing(&self, output: &ToolOutput) -> usize {
        // a record has two brackets and a comma
        output.text.len() + self.keys.len() * MAX_RECORDS.min(output.text.len() / 3)
    }

    /// The keys in `fields` that none of the first items of the response has.
    pub(super) fn absent(&self, tool: &Tool, output: &ToolOutput) -> Vec<&str> {
        let requested = self.keys.iter().filter(|(place, key)| *place == KeyLocation::CustomFields && !key.contains('.'));
        let mut absent: Vec<&str> = requested.map(|(_, key)| key.as_str()).collect();
        let items = ListNames::items(tool, &output.text).into_iter().flatten();
        // a single record: `{"app": {…}}`
        let mut members = Entries::of(&output.text).filter(|_| ListNames::of(tool).is_none()).into_iter().flatten();
        let record = members.next().filter(|_| members.next().is_none()).map(|(_, value)| value);
        let records = items.chain(record);
        let mut records = records.take(MAX_RECORDS).filter_map(Entries::of).peekable();
        if records.peek().is_none() {
            return Vec::new();
        }
        for record in records {
            if absent.is_empty() {
                break;
            }
            let names: HashSet<Cow<'_, str>> = record.filter_map(|(name, _)| json_text::name(name)).collect();
            absent.retain(|key| !names.contains(*key));
        }
        absent
    }
}

/// Whether the description or the defaults of a tool name a field: it may have more fields than the metadata lists.
pub(super) fn names(tool: &Tool, key: &str) -> bool {
    let mut defaults = tool.defaults.get("fields").and_then(Value::as_array).into_iter().flatten();
    let properties = tool.input_schema.get("properties");
    let described = properties.and_then(|properties| properties.pointer("/fields/description")?.as_str()).unwrap_or_default();
    let mut words = described.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    defaults.any(|own| own == key) || words.any(|word| word == key)
}

/// Calls `other` with the first [`MAX_KEYS`] keys in the arguments of a tool that takes keys. A key for which it returns another
/// one is replaced.
pub(super) fn rename(
    tool: &Tool,
    arguments: &mut Map<String, Value>,
    other: &mut impl FnMut(KeyLocation, &str) -> Option<String>,
) {
    let mut examined = 0;
    let mut other = |place: KeyLocation, key: &str| {
        examined += 1;
        if examined > MAX_KEYS { None } else { other(place, key) }
    };
    for field in items(arguments, "fields") {
        replace(Some(field), |key| other(KeyLocation::CustomFields, key));
    }
    for (at, filter) in items(arguments, "filters").iter_mut().enumerate() {
        replace(filter.get_mut("key"), |key| other(KeyLocation::Filter(at), key));
    }
    for sort in items(arguments, "sort") {
        replace(Some(sort), |sort| {
            let (key, order) = sort.rsplit_once(':').unwrap_or((sort, ""));
            Some(format!("{}:{order}", other(KeyLocation::Sort, key)?).trim_end_matches(':').to_owned())
        });
    }
    let mut aggregation = arguments.get_mut("aggs");
    for _ in 0..DEPTH {
        let Some(aggs) = aggregation else { break };
        for key in ["/field", "/options/sort/field"] {
            replace(aggs.pointer_mut(key), |key| other(KeyLocation::Aggregation, key));
        }
        aggregation = aggs.get_mut("aggs");
    }
    if tool.input_schema.get("additionalProperties") == Some(&Value::Bool(true)) {
        let properties = tool.input_schema.get("properties");
        let is_named = |name: &str| properties.is_some_and(|properties| properties.get(name).is_some());
        let names: Vec<String> = arguments.keys().filter(|name| !is_named(name)).take(MAX_KEYS).cloned().collect();
        for name in names {
            if let Some(key) = other(KeyLocation::Name, &name).filter(|key| !arguments.contains_key(key))
                && let Some(value) = arguments.shift_remove(&name)
            {
                arguments.insert(key, value);
            }
        }
    }
}

/// The items of an argument that is a list.
fn items<'a>(arguments: &'a mut Map<String, Value>, name: &str) -> &'a mut [Value] {
    arguments.get_mut(name).and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

fn replace(text: Option<&mut Value>, other: impl FnOnce(&str) -> Option<String>) {
    if let Some(text) = text
        && let Some(other) = text.as_str().and_then(other)
    {
        *text = other.into();
    }
}
