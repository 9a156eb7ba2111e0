//! What an assistant tells this server rather than the API.
//!
//! Invariants:
//! - Server arguments leave the arguments before these are checked against the schema, so nothing of them is ever sent.
//! - An argument of the API's own is never taken for a control: the generator says which are.

use mcp_http::sanitize::one_line;
use serde_json::{Map, Value};

use crate::{
    catalog::{Effect, Tool},
    tool_error::ToolError,
    truncation::{BadCursor, Start, whole_number},
};

#[cfg(test)]
mod tests;

/// Most items that one call gathers; the schema says the same.
const MAX_ITEMS: u64 = 10_000;

/// How much of a wrong value is quoted, in characters.
const QUOTED: usize = 60;

/// The server arguments of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerArguments {
    /// Where the call begins in its list, or in its part.
    pub start: Start,
    /// How many items are gathered, over as many pages as they take.
    pub max_items: Option<u64>,
    /// JSON pointer (RFC 6901) of the part that is wanted.
    pub part: Option<String>,
    /// Whether the request is only shown.
    pub dry_run: bool,
    /// What a user agreed to.
    pub confirmation: Option<String>,
}

impl ServerArguments {
    /// Takes the server arguments out of the arguments.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`](crate::tool_error::ErrorKind::Arguments) with all that is wrong with them.
    pub fn take(tool: &Tool, arguments: &mut Map<String, Value>) -> Result<Self, ToolError> {
        let mut wrong = Vec::new();
        let mut take = |name: &str| is_control(tool, name).then(|| arguments.shift_remove(name)).flatten().unwrap_or_default();
        let max_items = told(max_items(&take("max_items")), &mut wrong);
        let mut part = told(crate::server_arguments::part(take("part")), &mut wrong);
        let dry_run = told(dry_run(&take("dry_run")), &mut wrong);
        let confirmation = told(text("confirmation", take("confirmation")), &mut wrong);
        let is_ours = is_control(tool, "cursor");
        let start = if is_ours { Start::within(arguments) } else { Start::read(arguments) };
        let start = told(start.map_err(|bad| bad.to_string()), &mut wrong);
        // the pages that are followed are this server's to ask for, so it reads their size as it reads its own arguments
        if max_items.is_some()
            && let Some(size) = arguments.get("size").and_then(whole_number)
        {
            arguments.insert("size".to_owned(), size.into());
        }
        if is_ours {
            part = told(in_part(tool, &start, part), &mut wrong);
        }
        if wrong.is_empty() {
            Ok(Self { start, max_items, part, dry_run, confirmation })
        } else {
            Err(ToolError::arguments(wrong.join("; ")))
        }
    }
}

/// What was said, or nothing and what is wrong with it.
fn told<T: Default>(said: Result<T, String>, wrong: &mut Vec<String>) -> T {
    said.unwrap_or_else(|problem| {
        wrong.push(problem);
        T::default()
    })
}

/// The part in which a cursor of ours goes on: it says so itself.
fn in_part(tool: &Tool, start: &Start, part: Option<String>) -> Result<Option<String>, String> {
    match (start.cursor(), part) {
        (None, Some(part)) if start.skip > 0 => Err(format!("`cursor` goes on in the whole response, not in `{part}`")),
        (None, part) => Ok(part),
        (Some(there), Some(part)) if part != there => Err(format!("`cursor` goes on in `{there}`, not in `{part}`")),
        (Some(there), _) if is_control(tool, "part") => Ok(Some(there.to_owned())),
        (Some(_), _) => Err(BadCursor.to_string()),
    }
}

/// Whether an argument is for this server. A confirmation may be asked for wherever something changes, listed or not.
fn is_control(tool: &Tool, name: &str) -> bool {
    let is_api_s = || tool.input_schema.get("properties").is_some_and(|properties| properties.get(name).is_some());
    tool.is_server_argument(name) || (name == "confirmation" && tool.effect != Effect::Read && !is_api_s())
}

/// A whole number, which may come as text or with a point, as everywhere in arguments.
fn max_items(value: &Value) -> Result<Option<u64>, String> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    let whole = number.filter(|number| number.fract() == 0.0).and_then(|number| format!("{number:.0}").parse().ok());
    let items = whole.filter(|items| (1..=MAX_ITEMS).contains(items));
    items.map(Some).ok_or_else(|| format!("`max_items` must be a whole number from 1 to {MAX_ITEMS}, not `{}`", quoted(value)))
}

/// A pointer; the slash it begins with may be missing. The one without steps means all of it.
fn part(value: Value) -> Result<Option<String>, String> {
    let pointer = text("part", value)?.filter(|pointer| !pointer.is_empty() && pointer != "/");
    Ok(pointer.map(|pointer| if pointer.starts_with('/') { pointer } else { format!("/{pointer}") }))
}

fn dry_run(value: &Value) -> Result<bool, String> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(is_dry) => Ok(*is_dry),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err(format!("`dry_run` must be `true` or `false`, not `{}`", quoted(value))),
    }
}

/// A wrong value, short enough to be read.
fn quoted(value: &Value) -> String {
    one_line(&value.to_string(), QUOTED)
}

fn text(name: &str, value: Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        other => Err(format!("`{name}` must be a string, not `{}`", quoted(&other))),
    }
}
