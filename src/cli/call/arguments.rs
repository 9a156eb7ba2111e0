//! The arguments of a tool call, as a shell gives them.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// How large a file or standard input may be, in bytes: more than any tool takes.
const MAX_BYTES: u64 = 64 << 20;

/// What was given at the shell.
pub(super) struct Given<'a> {
    /// A JSON object, `-` for standard input, or `@` and the path of a file.
    pub(super) json: Option<&'a str>,
    /// The path of a file to upload.
    pub(super) file: Option<&'a Path>,
    /// `KEY=VALUE`.
    pub(super) pairs: &'a [String],
}

/// The arguments for a tool with this input schema. Pairs and the file take precedence over the JSON; pairs with the same key
/// make a list.
///
/// # Errors
/// What is wrong, for the user of the shell.
pub(super) fn arguments(input_schema: &Map<String, Value>, given: &Given<'_>) -> Result<Map<String, Value>, String> {
    let mut arguments = given.json.map(object).transpose()?.unwrap_or_default();
    let properties = input_schema.get("properties").and_then(Value::as_object);
    if let Some(path) = given.file {
        let name = properties.into_iter().flatten().find(|(_, schema)| is_file(schema)).map(|(name, _)| name);
        let name = name.ok_or("this tool takes no file; leave `--file` out")?;
        arguments.insert(name.clone(), file(path)?);
    }
    let mut from_pairs: Map<String, Value> = Map::new();
    for pair in given.pairs {
        let (name, text) = pair.split_once('=').ok_or_else(|| format!("`{pair}` is not of the form `KEY=VALUE`"))?;
        let value = typed(properties.and_then(|properties| properties.get(name)), text);
        match (from_pairs.get_mut(name), value) {
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
            (Some(_), _) => return Err(format!("`{name}` is given twice, and takes one value")),
            (None, value) => {
                from_pairs.insert(name.to_owned(), value);
            }
        }
    }
    arguments.extend(from_pairs);
    Ok(arguments)
}

/// The object of `--json`.
fn object(given: &str) -> Result<Map<String, Value>, String> {
    let (place, text) = match (given, given.strip_prefix('@')) {
        ("-", _) => ("standard input".to_owned(), text(io::stdin(), "standard input")?),
        (_, Some(path)) => (format!("`{path}`"), text(open(Path::new(path))?, &format!("`{path}`"))?),
        _ => ("`--json`".to_owned(), given.to_owned()),
    };
    serde_json::from_str(&text).map_err(|error| format!("{place} does not contain a JSON object: {error}"))
}

fn text(from: impl Read, place: &str) -> Result<String, String> {
    String::from_utf8(bytes(from, place)?).map_err(|_| format!("{place} is not text in UTF-8; write the JSON in UTF-8"))
}

fn open(path: &Path) -> Result<File, String> {
    File::open(path).map_err(|error| format!("`{}` cannot be read: {error}; check the path", path.display()))
}

fn bytes(from: impl Read, place: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let length = from.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| format!("{place} cannot be read: {error}"))?;
    if u64::try_from(length).is_ok_and(|length| length > MAX_BYTES) {
        return Err(format!("{place} is larger than {} MiB, which no tool takes", MAX_BYTES >> 20));
    }
    Ok(bytes)
}

/// Whether a schema describes a file, as the generator does: its name, and its content as text or as base64.
fn is_file(schema: &Value) -> bool {
    schema.pointer("/properties/base64").is_some() && schema.pointer("/properties/name").is_some()
}

/// A file as an argument.
fn file(path: &Path) -> Result<Value, String> {
    let name = path.file_name().ok_or_else(|| format!("`{}` is not a file", path.display()))?.to_string_lossy().into_owned();
    let content = bytes(open(path)?, &format!("`{}`", path.display()))?;
    Ok(json!({ "name": name, "base64": STANDARD.encode(content) }))
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
            if wanted(items) == "object" {
                return Value::Array(vec![typed(items, text)]);
            }
            text.split(',').filter(|item| !item.is_empty()).map(|item| typed(items, item.trim())).collect()
        }
        _ => string(),
    }
}

/// The first type in a schema, except `null`.
pub(in crate::cli) fn wanted(schema: Option<&Value>) -> &str {
    match schema.and_then(|schema| schema.get("type")) {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("string"),
        _ => "string",
    }
}
