//! What a result shows of the members of its items: the name of an owner instead of a whole user, nothing that is empty.
//!
//! The overlay says what is shown by default. `fields` asks for other members by their paths, as in `owner.email`; the API is then asked
//! for `owner`.
//!
//! Invariants:
//! - A value is either left out or as the API sent it; only amounts of a compact member lose their currency, which is said once.
//! - A member of which nothing would be left is shown whole, since the API may have renamed what is inside.

use std::collections::{BTreeMap, HashSet};

use openapi_mcp_model::MemberShape;
use serde_json::{Map, Value};

use crate::{
    arguments::Arguments,
    catalog::Tool,
    json_text::{self, Entries, Items},
    large_work,
    tool_error::ToolError,
    tool_output::ToolOutput,
    truncation::ListNames,
    upstream::Outcome,
};

#[cfg(test)]
mod tests;

const FIELDS: &str = "fields";
/// The members of an amount of money.
const VALUE: &str = "value";
const CURRENCY: &str = "currency";
/// The deepest path that is read.
const DEPTH: usize = 8;

/// What one call shows of its items.
#[derive(Clone, Debug)]
pub(crate) struct ItemShape {
    members: BTreeMap<&'static str, Shown>,
    omits_empty: bool,
}

/// What is shown of a member.
#[derive(Clone, Debug)]
struct Shown {
    part: Part,
    is_compact: bool,
}

/// The part of a value that is shown.
#[derive(Clone, Debug)]
enum Part {
    Nothing,
    Whole,
    Members(BTreeMap<String, Part>),
}

impl ItemShape {
    /// Takes the paths out of `fields`, so that the members that they begin with are requested; `None` if everything is shown.
    pub(crate) fn take(tool: &'static Tool, arguments: &mut Arguments) -> Option<Self> {
        let response = &tool.response;
        if response.members.is_empty() && !response.omits_empty {
            return None;
        }
        let given = arguments.values().get(FIELDS).and_then(Value::as_array).cloned();
        // an empty list asks for everything
        let asks_for_all = given.as_ref().is_some_and(Vec::is_empty);
        let usual = tool.defaults.get(FIELDS).and_then(Value::as_array);
        let fields = given.as_ref().or(usual).map(Vec::as_slice).unwrap_or_default();
        let members = response.members.iter().map(|(name, shape)| {
            let part = Part::of(name, shape, fields, asks_for_all);
            (name.as_str(), Shown { part, is_compact: shape.compact })
        });
        let shape = Self { members: members.collect(), omits_empty: response.omits_empty };
        if let Some(given) = given {
            request(tool, given, arguments.values_mut());
        }
        Some(shape)
    }

    /// The response with what is shown of each item of its lists, or of a single record.
    ///
    /// # Errors
    /// When there is no thread for the work.
    pub(crate) async fn of(&self, output: ToolOutput, tool: &'static Tool) -> Outcome {
        let (shape, length) = (self.clone(), output.text.len());
        large_work::run(length, move || Ok(shape.shown(output, tool))).await.unwrap_or(Err(ToolError::not_json()))
    }

    fn shown(&self, output: ToolOutput, tool: &Tool) -> ToolOutput {
        let Some(members) = json_text::members(&output.text) else { return output };
        let list = ListNames::of(tool).map(|names| names.found(&members).items);
        let shaped = members.iter().map(|(name, value)| {
            let is_meant = list.is_none_or(|list| list == name);
            (name, if is_meant { self.value(value) } else { (*value).to_owned() })
        });
        let text = json_text::object(shaped);
        output.with_text(text)
    }

    /// A list of items, or a record.
    fn value(&self, raw: &str) -> String {
        match Items::of(raw) {
            Some(items) => json_text::list(items.map(|item| self.item(item))),
            None => self.item(raw),
        }
    }

    fn item(&self, raw: &str) -> String {
        let Some(entries) = Entries::of(raw) else { return raw.to_owned() };
        let mut text = String::from("{");
        for (name, value) in entries {
            if self.omits_empty && is_empty(value) {
                continue;
            }
            let shown = json_text::name(name).and_then(|name| self.members.get(name.as_ref()));
            if let Some(value) = shown.map_or_else(|| Some(value.to_owned()), |shown| shown.of(value)) {
                push(&mut text, name, &value);
            }
        }
        text + "}"
    }
}

/// Requests the members of the API that the paths begin with, and those that come with an argument of their own.
fn request(tool: &Tool, given: Vec<Value>, arguments: &mut Map<String, Value>) {
    let (mut asked, mut known): (Vec<Value>, HashSet<String>) = (Vec::new(), HashSet::new());
    let is_empty = given.is_empty();
    for field in given {
        let path = field.as_str().unwrap_or_default();
        let name = path.split_once('.').map_or(path, |(name, _)| name);
        let field = match tool.response.members.get(name) {
            Some(shape) if !shape.with.is_empty() => {
                for (argument, value) in &shape.with {
                    arguments.insert(argument.clone(), value.clone());
                }
                continue;
            }
            Some(_) => name.into(),
            None => field,
        };
        if known.insert(field.to_string()) {
            asked.push(field);
        }
    }
    // nothing is left if only members with arguments were named: the usual ones come with them
    if asked.is_empty() && !is_empty {
        arguments.shift_remove(FIELDS);
    } else {
        arguments.insert(FIELDS.to_owned(), asked.into());
    }
}

impl Part {
    /// What `fields` asks for of a member, or else what is shown by default.
    fn of(name: &str, shape: &MemberShape, fields: &[Value], asks_for_all: bool) -> Self {
        let paths = fields.iter().filter_map(Value::as_str).filter_map(|path| path.strip_prefix(name));
        let is_named = asks_for_all || paths.clone().any(str::is_empty);
        let mut wanted: Vec<&str> = paths.filter_map(|rest| rest.strip_prefix('.')).collect();
        if wanted.is_empty() {
            if shape.on_request && !is_named {
                return Self::Nothing;
            }
            wanted = shape.show.iter().map(String::as_str).collect();
        }
        if wanted.is_empty() || wanted.contains(&"*") {
            return Self::Whole;
        }
        let mut part = Self::Members(BTreeMap::new());
        for path in wanted {
            part.add(path);
        }
        part
    }

    fn add(&mut self, path: &str) {
        let mut at = self;
        let mut names = path.splitn(DEPTH, '.').peekable();
        while let Some(name) = names.next() {
            let Self::Members(members) = at else { return };
            let last = names.peek().is_none();
            let next = members.entry(name.to_owned()).or_insert_with(|| Self::Members(BTreeMap::new()));
            if last {
                *next = Self::Whole;
            }
            at = next;
        }
    }

    /// The part of a value; `None` if nothing of it is shown.
    fn of_value(&self, raw: &str, depth: usize) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Whole => Some(raw.to_owned()),
            // lists in lists take no step of a path, and have no end
            Self::Members(_) if depth > DEPTH => Some(raw.to_owned()),
            Self::Members(wanted) => {
                if let Some(items) = Items::of(raw) {
                    return Some(json_text::list(items.filter_map(|item| self.of_value(item, depth + 1))));
                }
                let Some(entries) = Entries::of(raw) else { return Some(raw.to_owned()) };
                let mut text = String::from("{");
                for (name, value) in entries {
                    let part = json_text::name(name).and_then(|name| wanted.get(name.as_ref()));
                    if let Some(value) = part.and_then(|part| part.of_value(value, depth + 1)) {
                        push(&mut text, name, &value);
                    }
                }
                Some(if text.len() > 1 { text + "}" } else { raw.to_owned() })
            }
        }
    }
}

impl Shown {
    fn of(&self, raw: &str) -> Option<String> {
        let text = self.part.of_value(raw, 0)?;
        if !self.is_compact {
            return Some(text);
        }
        let Ok(mut value) = serde_json::from_str::<Value>(&text) else { return Some(text) };
        compact(&mut value);
        (!says_nothing(&value)).then(|| value.to_string())
    }
}

/// Says the currency of an object's amounts once, and leaves out objects that say nothing but zero.
fn compact(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(compact);
            items.retain(|item| !says_nothing(item));
        }
        Value::Object(members) => {
            let currency = members.values().find_map(|member| amount(member)).map(|(_, currency)| currency.clone());
            if let Some(currency) = currency.filter(|_| !members.contains_key(CURRENCY)) {
                for member in members.values_mut() {
                    if let Some(value) = amount(member).filter(|(_, own)| **own == currency).map(|(value, _)| value.clone()) {
                        *member = value;
                    }
                }
                members.insert(CURRENCY.to_owned(), currency);
            }
            members.values_mut().for_each(compact);
            members.retain(|_, member| !member.is_null() && (amount(member).is_some() || !says_nothing(member)));
        }
        _ => {}
    }
}

/// The value and the currency of an amount of money.
fn amount(value: &Value) -> Option<(&Value, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 2)?;
    Some((members.get(VALUE)?, members.get(CURRENCY).filter(|currency| currency.is_string())?))
}

/// Whether an object or a list has no number but zero, and no truth.
fn says_nothing(value: &Value) -> bool {
    fn is_nothing(value: &Value) -> bool {
        match value {
            Value::Null | Value::String(_) | Value::Bool(false) => true,
            Value::Bool(true) => false,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::Array(items) => items.iter().all(is_nothing),
            Value::Object(members) => members.values().all(is_nothing),
        }
    }
    fn has_number(value: &Value) -> bool {
        match value {
            Value::Number(_) => true,
            Value::Array(items) => items.is_empty() || items.iter().any(has_number),
            Value::Object(members) => members.is_empty() || members.values().any(has_number),
            _ => false,
        }
    }
    (value.is_object() || value.is_array()) && is_nothing(value) && has_number(value)
}

/// Whether a text of JSON is null, or an empty string, list or object.
fn is_empty(raw: &str) -> bool {
    let inside = |open, close| raw.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).map(str::trim_ascii);
    raw == "null" || raw == "\"\"" || inside('[', ']') == Some("") || inside('{', '}') == Some("")
}

/// Appends a member to the text of an object.
fn push(text: &mut String, name: &str, value: &str) {
    if text.len() > 1 {
        text.push(',');
    }
    text.push_str(name);
    text.push(':');
    text.push_str(value);
}
