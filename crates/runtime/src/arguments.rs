//! What an assistant passes to a tool: checked first, then handed out piece by piece to the
//! generated code.
//!
//! Invariants:
//! - [`Arguments::check`] is the only way in, so what the generated code sees fits the tool's
//!   schema.
//! - Defaults go in after the check: they are ours and may be hidden from the schema.
//! - No path segment can change the path: see [`Arguments::segment`].

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    catalog::{ResponseDescription, Tool},
    tool_error::ToolError,
};

mod check;
mod form;

pub(crate) use check::check;
pub use form::Form;

#[cfg(test)]
mod tests;

/// The longest segment of a path, in bytes.
const SEGMENT_BYTES: usize = 1024;
/// How often a segment is decoded in the search for steps through the path. Nobody encodes more often by accident.
const DECODINGS: usize = 3;

/// The checked arguments of one call. Taking one out removes it.
#[derive(Clone, Debug)]
pub struct Arguments {
    values: Map<String, Value>,
}

#[expect(clippy::missing_errors_doc, reason = "each fails, in the assistant's words, when an argument does not fit")]
impl Arguments {
    /// Checks `given` against the tool's schema.
    pub fn check(tool: &Tool, given: Map<String, Value>) -> Result<Self, ToolError> {
        let validator = tool.validator().map_err(|error| ToolError::invalid_request(error.to_owned()))?;
        let values = check::check(&tool.input_schema, validator, tool.json_limits(), given)?;
        Ok(Self { values })
    }

    /// The same with the defaults of the tool where nothing was given.
    #[must_use]
    pub fn with_defaults(mut self, tool: &Tool) -> Self {
        for (name, value) in &tool.defaults {
            if !self.values.contains_key(name) {
                self.values.insert(name.clone(), value.clone());
            }
        }
        self
    }

    /// What was given.
    #[must_use]
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// Asks for another page of a list: the one behind a cursor, and of this size, where they are given.
    pub(crate) fn set_page(&mut self, cursor: Option<&str>, size: Option<u64>) {
        self.values.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor.into())));
        self.values.extend(size.map(|size| ("size".to_owned(), size.into())));
    }

    /// An argument as it is.
    pub fn value<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, ToolError> {
        self.values.shift_remove(name).map(|value| decode(name, value)).transpose()
    }

    /// Takes out the fields of each item that are wanted, where it is the server that chooses them; `None` for all.
    pub(crate) fn take_fields(&mut self, response: &ResponseDescription) -> Result<Option<Vec<String>>, ToolError> {
        let Some(usual) = &response.fields else { return Ok(None) };
        let fields = self.value("fields")?.unwrap_or_else(|| usual.clone());
        Ok(Some(fields).filter(|fields| !fields.is_empty()))
    }

    /// A list that is sent as one parameter.
    pub fn joined(&mut self, name: &str, separator: char) -> Result<Option<String>, ToolError> {
        let Some(value) = self.values.shift_remove(name) else {
            return Ok(None);
        };
        let Value::Array(items) = value else {
            return Ok(Some(plain(value)));
        };
        let items: Vec<String> = items.into_iter().map(plain).collect();
        Ok(Some(items.join(separator.encode_utf8(&mut [0; 4]))))
    }

    /// An object that is sent as one parameter: its members and their values with commas between them, or pairs with `sign` inside.
    pub fn pairs(&mut self, name: &str, sign: char) -> Result<Option<String>, ToolError> {
        let members = self.members(name)?;
        let pair = |(member, value)| format!("{member}{sign}{}", plain(value));
        Ok(members.map(|members| members.into_iter().map(pair).collect::<Vec<_>>().join(",")))
    }

    /// An object each of whose members is a parameter of its own.
    pub fn members(&mut self, name: &str) -> Result<Option<Map<String, Value>>, ToolError> {
        let members: Option<Map<String, Value>> = self.value(name)?;
        // null is sent by sending nothing
        let sent = |members: Map<String, Value>| members.into_iter().filter(|(_, value)| !value.is_null());
        Ok(members.map(|members| sent(members).map(|(member, value)| (member, plain(value).into())).collect()))
    }

    /// The same, with the parameter's name before each member's.
    pub fn deep(&mut self, name: &str, wire: &str) -> Result<Option<Map<String, Value>>, ToolError> {
        let members = self.members(name)?;
        let below = |(member, value)| (format!("{wire}[{member}]"), value);
        Ok(members.map(|members| members.into_iter().map(below).collect()))
    }

    /// A value that is sent as JSON inside a parameter.
    pub fn json(&mut self, name: &str) -> Result<Option<String>, ToolError> {
        Ok(self.values.shift_remove(name).map(|value| value.to_string()))
    }

    /// A segment of the path. It must not be empty, and must not mean another path when it is decoded on its way: the client
    /// escapes `/` and `%`, but leaves `.` and `\`, which URLs treat as steps and separators.
    pub fn segment<T: DeserializeOwned + Display>(&mut self, name: &str) -> Result<T, ToolError> {
        let value: T = self.value(name)?.ok_or_else(|| missing(name))?;
        match check_segment(&value.to_string()) {
            Ok(()) => Ok(value),
            Err(problem) => Err(ToolError::arguments(format!("`{name}` {problem}"))),
        }
    }

    /// A body made of the named arguments; a pair is an argument and the property it becomes.
    pub fn object<T: DeserializeOwned>(&mut self, pairs: &[(&str, &str)]) -> Result<T, ToolError> {
        let mut body = Map::new();
        for (argument, property) in pairs {
            if let Some(value) = self.values.shift_remove(*argument) {
                body.insert((*property).to_owned(), value);
            }
        }
        decode("body", Value::Object(body))
    }

    /// A body made of every argument that is left; a pair is an argument and the property it
    /// becomes.
    pub fn rest<T: DeserializeOwned>(&mut self, renamed: &[(&str, &str)]) -> Result<T, ToolError> {
        let property = |argument: String| {
            let pair = renamed.iter().find(|(from, _)| *from == argument);
            pair.map_or(argument.clone(), |(_, to)| (*to).to_owned())
        };
        let left = std::mem::take(&mut self.values);
        let body = left.into_iter().map(|(argument, value)| (property(argument), value)).collect();
        decode("body", Value::Object(body))
    }

    /// A body that is one argument.
    pub fn whole<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, ToolError> {
        self.value(name)?.ok_or_else(|| missing(name))
    }

    /// A multipart body made of the named arguments; a pair is an argument and the part it becomes.
    pub fn form(&mut self, pairs: &[(&str, &str)]) -> Result<Form, ToolError> {
        Form::encode(self.parts(pairs))
    }

    /// A body like that of a web form, made of the named arguments; a pair is an argument and the field it becomes.
    pub fn urlencoded(&mut self, pairs: &[(&str, &str)]) -> Result<Form, ToolError> {
        Ok(Form::urlencoded(self.parts(pairs)))
    }

    /// A body of text that is one argument.
    pub fn text(&mut self, name: &str, media: &str) -> Result<Form, ToolError> {
        let text: Value = self.whole(name)?;
        Ok(Form { content_type: format!("{media}; charset=utf-8"), body: plain(text).into_bytes() })
    }

    fn parts(&mut self, pairs: &[(&str, &str)]) -> Vec<(String, Value)> {
        let part = |(argument, part): &(&str, &str)| Some(((*part).to_owned(), self.values.shift_remove(*argument)?));
        pairs.iter().filter_map(part).collect()
    }
}

fn decode<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, ToolError> {
    serde_json::from_value(value).map_err(|error| ToolError::arguments(format!("`{name}` does not fit: {error}")))
}

fn missing(name: &str) -> ToolError {
    ToolError::arguments(format!("`{name}` is missing"))
}

/// A value as it stands in a list: strings without quotes.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Whether a text is one segment of a path, and stays one however a server on the way decodes it.
fn check_segment(text: &str) -> Result<(), String> {
    if text.len() > SEGMENT_BYTES {
        return Err(format!("must have at most {SEGMENT_BYTES} bytes, not {}", text.len()));
    }
    let mut text = text.to_owned();
    for _ in 0..=DECODINGS {
        let is_step = |piece: &str| piece == "." || piece == "..";
        if text.is_empty() || text.contains(|c: char| c == '\\' || c.is_control()) || text.split('/').any(is_step) {
            let problem = "must not be empty, contain `\\` or control characters, or step through the path with `.` or `..`";
            return Err(problem.to_owned());
        }
        let decoded = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            return Ok(());
        }
        text = decoded;
    }
    Err(format!("is percent-encoded more than {DECODINGS} times; write it as it is, this server encodes it"))
}
