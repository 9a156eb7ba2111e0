//! The record that a call is about, read before anybody is asked, and what the call changes of it in a sentence.
//!
//! Invariants:
//! - A call reads its record once. The confirmation, the dry run and the note of the result show the same sentence.
//! - A record that does not exist is an error; one that cannot be read for another reason only leaves the sentence out.
//! - The texts in the sentence come from the API and the assistant: each is one line of limited length, quoted as code, without
//!   the characters that end a quotation or begin markup.

use std::{collections::HashSet, time::Duration};

use mcp_http::{caller::Caller, sanitize::unmarked};
use openapi_mcp_model::Record;
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::{
    arguments::Arguments,
    catalog::{Method, Tool},
    tool_error::{ErrorKind, ToolError},
    tool_filter::CallableTools,
    tool_output::ToolOutput,
    upstream::{Outcome, Upstream},
};

#[cfg(test)]
mod tests;

/// How long a record is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The memory limit for the values of a response with a record, in bytes.
const RECORD_BYTES: usize = 16 << 20;
/// How much of a value, a name and a key is shown, in characters.
const VALUE_CHARACTERS: usize = 80;
const NAME_CHARACTERS: usize = 60;
/// How many changes of one call are shown.
const CHANGES: usize = 12;
/// The name of the argument with the members to read.
const FIELDS: &str = "fields";

/// What a call changes, in a sentence; `None` if it is about no record, or its record could not be read.
pub type Change = Option<String>;

/// Reads the record that a call is about, and says what changes.
///
/// # Errors
/// When there is no such record.
pub(crate) async fn read(
    callable: CallableTools<'_>,
    upstream: &Upstream,
    tool: &Tool,
    arguments: &Map<String, Value>,
) -> Result<Change, ToolError> {
    let Some(record) = &tool.record else { return Ok(None) };
    let Some(reader) = callable.find(&record.tool) else { return Ok(None) };
    let Some(looked_up) = looked_up(record, arguments) else { return Ok(None) };
    let changed = changed(tool, record, arguments);
    let chosen = fields(reader, record, &changed);
    let caller = callable.caller;
    // and whether it was asked for what is changed
    let looking_up = async {
        let mut more = looked_up.clone();
        more.extend(chosen.clone().map(|fields| (FIELDS.to_owned(), fields)));
        match call(upstream, reader, caller, more).await {
            // not everything that can be written can be asked for
            Err(error) if error.kind == ErrorKind::BadArgument && chosen.is_some() => {
                call(upstream, reader, caller, looked_up).await.map(|output| (output, false))
            }
            outcome => outcome.map(|output| (output, chosen.is_some())),
        }
    };
    let (output, is_asked) = match timeout(PATIENCE, looking_up).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) if error.kind == ErrorKind::NotFound => return Err(error),
        Ok(Err(_)) | Err(_) => return Ok(None),
    };
    match found(&output, reader, record, arguments) {
        Found::Record(members) => Ok(Some(sentence(tool, (record, &members), &changed, is_asked))),
        Found::Nothing(name) => Err(ToolError::no_record(&record.kind, name, &plain(arguments.get(name)), &reader.name)),
        Found::Unknown => Ok(None),
    }
}

async fn call(upstream: &Upstream, reader: &'static Tool, caller: &Caller, arguments: Map<String, Value>) -> Outcome {
    // a call that waits for the rate limit would make its change wait, too
    upstream.call_at_once(reader, caller, Arguments::check(reader, arguments)?).await
}

/// The arguments of the call that reads the record; `None` if the call does not give them all.
fn looked_up(record: &Record, arguments: &Map<String, Value>) -> Option<Map<String, Value>> {
    let given = record.arguments.iter().map(|(name, own)| Some((name.clone(), arguments.get(own)?.clone())));
    let given: Option<Map<String, Value>> = given.collect();
    if record.find.as_ref().is_some_and(|(_, own)| !arguments.contains_key(own)) {
        return None;
    }
    Some(record.with.clone().into_iter().chain(given?).collect())
}

/// The arguments of a call that do not say which record it is about.
fn changed<'a>(tool: &Tool, record: &Record, arguments: &'a Map<String, Value>) -> Vec<(&'a str, &'a Value)> {
    let names_it = |name: &str| {
        let is_found_by = record.find.as_ref().is_some_and(|(_, own)| own == name);
        is_found_by || record.arguments.values().any(|own| own == name) || tool.path.contains(&format!("{{{name}}}"))
    };
    arguments.iter().map(|(name, value)| (name.as_str(), value)).filter(|(name, _)| !names_it(name)).collect()
}

/// What to ask the reading tool for, if the API lets its caller choose: what it returns by default, and what is changed.
fn fields(reader: &Tool, record: &Record, changed: &[(&str, &Value)]) -> Option<Value> {
    let usual = reader.defaults.get(FIELDS).filter(|_| reader.response.fields.is_none())?.as_array()?;
    let mut known: HashSet<&str> = usual.iter().filter_map(Value::as_str).collect();
    let names = record.label.iter().map(String::as_str).chain(changed.iter().map(|(name, _)| *name));
    let more = names.filter(|name| known.insert(name)).map(Value::from).collect::<Vec<_>>();
    Some([usual.as_slice(), &more].concat().into())
}

enum Found<'a> {
    Record(Map<String, Value>),
    /// There is no such record; contains the argument that names it.
    Nothing(&'a str),
    Unknown,
}

fn found<'a>(output: &ToolOutput, reader: &Tool, record: &'a Record, arguments: &Map<String, Value>) -> Found<'a> {
    let Some(mut response) = output.parsed(RECORD_BYTES) else { return Found::Unknown };
    let Some((member, own)) = &record.find else {
        return match record.member.as_ref().map(|member| response.get_mut(member).map(Value::take)) {
            None => Found::Record(response),
            Some(Some(Value::Object(members))) => Found::Record(members),
            Some(_) => Found::Unknown,
        };
    };
    let is_last = |cursor: &String| response.get(cursor).is_none_or(|cursor| cursor.is_null() || cursor == "");
    let is_whole = reader.response.cursor.as_ref().is_none_or(is_last);
    let items = reader.response.items.as_ref().and_then(|items| response.get_mut(items)).map(Value::take);
    let Some(Value::Array(items)) = items else { return Found::Unknown };
    let wanted = plain(arguments.get(own)).to_lowercase();
    let is_it = |item: &Value| item.get(member).is_some_and(|value| plain(Some(value)).to_lowercase() == wanted);
    match items.into_iter().find(is_it) {
        Some(Value::Object(members)) => Found::Record(members),
        None if is_whole => Found::Nothing(own),
        _ => Found::Unknown,
    }
}

/// Which record it is, and what changes of it, as in *contract Slack 2025: notes: none → renewed*, with the values as code.
fn sentence(
    tool: &Tool,
    (record, members): (&Record, &Map<String, Value>),
    changed: &[(&str, &Value)],
    is_asked: bool,
) -> String {
    let edits = matches!(tool.method, Method::Put | Method::Patch);
    let change = |(name, new): &(&str, &Value)| {
        let old = members.get(*name).or((is_asked && edits).then_some(&Value::Null)).filter(|_| edits);
        let name = unmarked(name, NAME_CHARACTERS);
        match old {
            Some(old) if old == *new => format!("{name}: {}, as it is", quoted(new)),
            Some(old) => format!("{name}: {} → {}", quoted(old), quoted(new)),
            None => format!("{name}: {}", quoted(new)),
        }
    };
    let mut told: Vec<String> = changed.iter().take(CHANGES).map(change).collect();
    if changed.len() > CHANGES {
        told.push(format!("and {} more", changed.len() - CHANGES));
    }
    let label: Vec<String> = record.label.iter().map(|name| plain(members.get(name))).filter(|text| !text.is_empty()).collect();
    let name = if label.is_empty() { String::new() } else { format!(" {}", quoted(&label.join(" ").into())) };
    let colon = if told.is_empty() { "" } else { ": " };
    format!("{}{name}{colon}{}", record.kind, told.join("; "))
}

/// A value as the text of an argument.
fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
    }
}

/// A value as code in a sentence.
fn quoted(value: &Value) -> String {
    let is_empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    match unmarked(&plain(Some(value)), VALUE_CHARACTERS) {
        text if text.is_empty() || is_empty => "none".to_owned(),
        text => format!("`{text}`"),
    }
}
