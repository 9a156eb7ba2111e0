//! `call`: one tool call from the shell.

use std::{
    future,
    io::{self, IsTerminal, Write},
};

use clap::Args;
use openapi_mcp::{
    arguments::Arguments,
    catalog::Catalog,
    custom_fields::CustomFields,
    pagination::{self, Bounds},
    server_arguments::ServerArguments,
    tool_error::ToolError,
    truncation::Truncated,
};
use serde_json::{Map, Value};
use tokio::time::Instant;

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
    let mut arguments = arguments(&tool.input_schema, call.json.as_deref(), &call.pairs).map_err(Error::Usage)?;
    let server_arguments = ServerArguments::take(tool, &mut arguments).map_err(Error::usage)?;
    let Connected { upstream, caller, .. } = connect(catalog)?;
    // whoever reads this has no context to fill
    let bounds = Bounds { characters: usize::MAX, until: Instant::now() + pagination::LONGEST };
    let arguments = Arguments::check(tool, arguments).map_err(Error::usage)?;
    let fields = CustomFields::new(catalog, upstream.clone(), crate::torii::description().read_field);
    let fetch = async |arguments| {
        if server_arguments.dry_run {
            upstream.preview(tool, &caller, arguments).await
        } else {
            fields.call(tool, &caller, arguments).await
        }
    };
    let truncated = pagination::collect_pages(tool, &server_arguments, arguments, bounds, fetch, |_| future::ready(())).await;
    let Truncated { answer, note } = truncated.map_err(|failure| match failure {
        ToolError::Arguments(_) | ToolError::KeyMissing(_) | ToolError::NoPart(_) => Error::usage(failure),
        failure => Error::failed(failure),
    })?;
    if let Some(note) = note {
        writeln!(io::stderr(), "note: {note}")?;
    }
    let text = if io::stdout().is_terminal() {
        serde_json::to_string_pretty(&answer.structured()).map_err(Error::failed)?
    } else {
        answer.text
    };
    print(&(text + "\n"))
}

fn unknown(catalog: &Catalog, name: &str) -> Error {
    if let Some(gone) = catalog.gone(name) {
        return Error::usage(gone);
    }
    Error::usage(match catalog.nearest(name) {
        Some(near) => format!("unknown tool `{name}`, did you mean `{near}`?"),
        None => format!("unknown tool `{name}`; `torii-mcp tools` lists them"),
    })
}

/// The arguments of a tool with this input schema, from the JSON and the pairs; a pair wins.
fn arguments(input_schema: &Map<String, Value>, json: Option<&str>, pairs: &[String]) -> Result<Map<String, Value>, String> {
    let mut arguments: Map<String, Value> = match json {
        Some(json) => serde_json::from_str(json).map_err(|error| format!("`--json` does not hold a JSON object: {error}"))?,
        None => Map::new(),
    };
    for pair in pairs {
        let (name, text) = pair.split_once('=').ok_or_else(|| format!("`{pair}` is not of the form `key=value`"))?;
        let schema = input_schema.get("properties").and_then(|properties| properties.get(name));
        arguments.insert(name.to_owned(), typed(schema, text));
    }
    Ok(arguments)
}

/// A word as the schema wants it. What does not fit stays a string, for the check of the arguments
/// to explain.
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

/// The first type that a schema names, apart from `null`.
fn wanted(schema: Option<&Value>) -> &str {
    match schema.and_then(|schema| schema.get("type")) {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("string"),
        _ => "string",
    }
}
