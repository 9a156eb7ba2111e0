//! `call`: one tool call from the shell.

use std::{
    convert::Infallible,
    io::{self, IsTerminal, Write},
};

use clap::Args;
use openapi_mcp::{
    catalog::Catalog,
    confirmation::{ConfirmationState, PendingCall},
    mcp::ServerDescription,
    pipeline::{CallClient, CallOutcome, Pipeline, ToolCall},
    tool_error::{ErrorKind, ToolError},
    truncation::Truncated,
};
use serde_json::{Map, Value};

use super::{Connected, Error, connect, print};

#[cfg(test)]
mod tests;

/// The arguments of `call`.
#[derive(Debug, Args)]
pub(super) struct Call {
    /// The tool's name, as in `torii-mcp tools`
    tool: String,
    /// The arguments as a JSON object
    #[arg(long, value_name = "ARGUMENTS")]
    json: Option<String>,
    /// Arguments one by one; lists as `a,b`, lists and objects also as JSON
    #[arg(value_name = "KEY=VALUE")]
    pairs: Vec<String>,
}

pub(super) async fn call(catalog: &'static Catalog, call: Call) -> Result<(), Error> {
    let tool = catalog.find(&call.tool).ok_or_else(|| unknown(catalog, &call.tool))?;
    let arguments = arguments(&tool.input_schema, call.json.as_deref(), &call.pairs).map_err(Error::Usage)?;
    let Connected { upstream, caller, .. } = connect(catalog)?;
    let ServerDescription { read_field, other_filters, .. } = crate::torii::description();
    let pipeline = Pipeline::new(catalog, upstream, read_field, other_filters);
    // the shell has no context window that a result could fill
    let call = ToolCall { tool, caller: &caller, arguments, max_characters: usize::MAX };
    let outcome = pipeline.run(call, &Shell).await.map_err(|error| match error.kind {
        ErrorKind::Arguments | ErrorKind::KeyMissing | ErrorKind::NoPart => Error::usage(error),
        _ => Error::failed(error),
    })?;
    let Truncated { output, note } = match outcome {
        CallOutcome::Result(truncated) => truncated,
        CallOutcome::Question(never) => match never {},
    };
    if let Some(note) = note {
        writeln!(io::stderr(), "note: {note}")?;
    }
    let text = if io::stdout().is_terminal() {
        serde_json::to_string_pretty(&output.structured()).map_err(Error::failed)?
    } else {
        output.text
    };
    print(&(text + "\n"))
}

/// The user at a shell. By typing the call they confirm it, and they need no progress notifications.
struct Shell;

impl CallClient for Shell {
    type Question = Infallible;

    async fn confirm(&self, _: PendingCall<'_>, _: Option<&str>) -> Result<ConfirmationState<Infallible>, ToolError> {
        Ok(ConfirmationState::Confirmed)
    }

    async fn progress(&self, _: u64, _: Option<u64>) {}
}

fn unknown(catalog: &Catalog, name: &str) -> Error {
    if let Some(removed) = catalog.removed(name) {
        return Error::usage(format!("{}; `torii-mcp tools` lists the tools", removed.message));
    }
    Error::usage(match catalog.nearest(name) {
        Some(near) => format!("unknown tool `{name}`, did you mean `{near}`?"),
        None => format!("unknown tool `{name}`; `torii-mcp tools` lists them"),
    })
}

/// The arguments for a tool with this input schema, from the JSON and the pairs; pairs take precedence.
fn arguments(input_schema: &Map<String, Value>, json: Option<&str>, pairs: &[String]) -> Result<Map<String, Value>, String> {
    let mut arguments: Map<String, Value> = match json {
        Some(json) => serde_json::from_str(json).map_err(|error| format!("`--json` does not contain a JSON object: {error}"))?,
        None => Map::new(),
    };
    for pair in pairs {
        let (name, text) = pair.split_once('=').ok_or_else(|| format!("`{pair}` is not of the form `key=value`"))?;
        let schema = input_schema.get("properties").and_then(|properties| properties.get(name));
        arguments.insert(name.to_owned(), typed(schema, text));
    }
    Ok(arguments)
}

/// A word converted to the type in the schema. A word that does not fit stays a string, and the validation of the arguments
/// reports it.
fn typed(schema: Option<&Value>, text: &str) -> Value {
    let string = || Value::String(text.to_owned());
    let parsed = |is_wanted: fn(&Value) -> bool| serde_json::from_str(text).ok().filter(is_wanted).unwrap_or_else(string);
    match wanted(schema) {
        "integer" | "number" => parsed(Value::is_number),
        "boolean" => parsed(Value::is_boolean),
        "object" => parsed(Value::is_object),
        "array" if text.trim_start().starts_with('[') => parsed(Value::is_array),
        "array" => {
            let items = schema.and_then(|schema| schema.get("items"));
            text.split(',').filter(|item| !item.is_empty()).map(|item| typed(items, item.trim())).collect()
        }
        _ => string(),
    }
}

/// The first type in a schema, except `null`.
fn wanted(schema: Option<&Value>) -> &str {
    match schema.and_then(|schema| schema.get("type")) {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("string"),
        _ => "string",
    }
}
