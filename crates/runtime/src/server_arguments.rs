//! The arguments of a call that are for this server and not for the API.
//!
//! Invariants:
//! - Server arguments are removed before the others are validated against the schema, so they are never sent.
//! - An argument of the API is never mistaken for a server argument: the generator specifies which are.

use mcp_http::sanitize::one_line;
use openapi_mcp_model::ServerArgument;
use serde_json::{Map, Value};

use crate::{
    catalog::{Effect, Tool},
    tool_error::ToolError,
    truncation::{InvalidCursor, Start, whole_number},
};

#[cfg(test)]
mod tests;

/// The highest number of items that one call may fetch; the schema specifies the same limit.
const MAX_ITEMS: u64 = 10_000;

/// The name of the argument that makes a call that creates something unique.
pub(crate) const IDEMPOTENCY_KEY: &str = ServerArgument::IdempotencyKey.as_str();
/// The size limit of an idempotency key, in bytes.
const KEY_BYTES: usize = 255;

/// How much of a wrong value is quoted, in characters.
const QUOTED: usize = 60;

/// The server arguments of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerArguments {
    /// The position at which the call begins in its list or part.
    pub start: Start,
    /// How many items to fetch, over as many pages as necessary.
    pub max_items: Option<u64>,
    /// JSON pointer (RFC 6901) of the requested part.
    pub part: Option<String>,
    /// The fields to empty.
    pub clear: Vec<String>,
    /// Whether the request is only shown.
    pub dry_run: bool,
    /// The confirmation of the call.
    pub confirmation: Option<String>,
    /// The key with which a call that creates something is made once.
    pub idempotency_key: Option<String>,
}

impl ServerArguments {
    /// Removes the server arguments from the arguments and parses them.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`](crate::tool_error::ErrorKind::Arguments) with all that is wrong with them.
    pub fn take(tool: &Tool, arguments: &mut Map<String, Value>) -> Result<Self, ToolError> {
        let mut wrong = Vec::new();
        let mut take = |name: &str| is_control(tool, name).then(|| arguments.shift_remove(name)).flatten().unwrap_or_default();
        let max_items = told(max_items(&take("max_items")), &mut wrong);
        let mut part = told(crate::server_arguments::part(take("part")), &mut wrong);
        let clear = told(clear(take("clear")), &mut wrong);
        let dry_run = told(dry_run(&take("dry_run")), &mut wrong);
        let confirmation = told(text("confirmation", take("confirmation")), &mut wrong);
        let idempotency_key = told(idempotency_key(take(IDEMPOTENCY_KEY)), &mut wrong);
        let is_ours = is_control(tool, "cursor");
        let start = if is_ours { Start::within(arguments) } else { Start::read(arguments) };
        let start = told(start.map_err(|bad| bad.to_string()), &mut wrong);
        // with `max_items`, this server chooses the page size, so a size given as a string is converted here
        if max_items.is_some()
            && let Some(size) = arguments.get("size").and_then(whole_number)
        {
            arguments.insert("size".to_owned(), size.into());
        }
        if is_ours {
            part = told(in_part(tool, &start, part), &mut wrong);
        }
        if wrong.is_empty() {
            Ok(Self { start, max_items, part, clear, dry_run, confirmation, idempotency_key })
        } else {
            Err(ToolError::arguments(wrong.join("; ")))
        }
    }
}

/// The value, or the default after adding the problem to `wrong`.
fn told<T: Default>(said: Result<T, String>, wrong: &mut Vec<String>) -> T {
    said.unwrap_or_else(|problem| {
        wrong.push(problem);
        T::default()
    })
}

/// The part that a cursor continues: the cursor contains its path.
fn in_part(tool: &Tool, start: &Start, part: Option<String>) -> Result<Option<String>, String> {
    match (start.cursor(), part) {
        (None, Some(part)) if start.skip > 0 => Err(format!("`cursor` continues the whole response, not `{part}`")),
        (None, part) => Ok(part),
        (Some(there), Some(part)) if part != there => Err(format!("`cursor` goes on in `{there}`, not in `{part}`")),
        (Some(there), _) if is_control(tool, "part") => Ok(Some(there.to_owned())),
        (Some(_), _) => Err(InvalidCursor.to_string()),
    }
}

/// Whether this is a server argument of the tool. A `confirmation` may be required for any change, even if the schema does not
/// list it.
fn is_control(tool: &Tool, name: &str) -> bool {
    let is_api_s = || tool.input_schema.get("properties").is_some_and(|properties| properties.get(name).is_some());
    tool.is_server_argument(name) || (name == "confirmation" && tool.effect != Effect::Read && !is_api_s())
}

/// A whole number, which may be given as a string or as `5.0`, as in all arguments.
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

/// A JSON pointer whose leading slash may be missing. An empty one means the whole response.
fn part(value: Value) -> Result<Option<String>, String> {
    let pointer = text("part", value)?.filter(|pointer| !pointer.is_empty() && pointer != "/");
    Ok(pointer.map(|pointer| if pointer.starts_with('/') { pointer } else { format!("/{pointer}") }))
}

/// The names of the fields to empty.
fn clear(value: Value) -> Result<Vec<String>, String> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let wrong = format!("`clear` must be a list of names of fields, not `{}`", quoted(&value));
    serde_json::from_value(value).map_err(|_| wrong)
}

/// A key that is short enough.
fn idempotency_key(value: Value) -> Result<Option<String>, String> {
    match text(IDEMPOTENCY_KEY, value)? {
        Some(key) if key.len() > KEY_BYTES => {
            Err(format!("`{IDEMPOTENCY_KEY}` must have at most {KEY_BYTES} bytes, not {}", key.len()))
        }
        key => Ok(key),
    }
}

/// Whether a call only shows its request, so that nothing is sent.
pub(crate) fn asks_for_preview(tool: &Tool, arguments: &Map<String, Value>) -> bool {
    is_control(tool, "dry_run") && arguments.get("dry_run").is_some_and(|value| dry_run(value) == Ok(true))
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

/// A wrong value, shortened.
fn quoted(value: &Value) -> String {
    one_line(&value.to_string(), QUOTED)
}

fn text(name: &str, value: Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        other => Err(format!("`{name}` must be a string, not `{}`", quoted(&other))),
    }
}
