//! The arguments of a tool call: validated first, then taken one by one by the generated code.
//!
//! Invariants:
//! - Arguments can only be created by [`Arguments::check`], so those that the generated code gets match the tool's schema, except
//!   for those that the program itself sets.
//! - Defaults are added after the validation: they come from the overlay and may be hidden from the schema.
//! - No path segment can change the path: see [`Arguments::segment`].

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::{
    catalog::{ResponseDescription, Tool},
    tool_error::ToolError,
};

mod check;
mod edits;
mod form;
mod normalize;

pub(crate) use check::check;
pub(crate) use edits::leave_out_empty;
pub use form::Form;
pub(crate) use normalize::{Skipped, normalize};

#[cfg(test)]
mod tests;

/// The longest segment of a path, in bytes.
const SEGMENT_BYTES: usize = 1024;
/// How often a segment is percent-decoded to look for dot segments. Nobody encodes more often by accident.
const DECODINGS: usize = 3;

/// An argument of a body and the property that it becomes; a single name is both.
pub trait Part {
    /// The argument and the property.
    fn names(&self) -> (&str, &str);
}

impl Part for &str {
    fn names(&self) -> (&str, &str) {
        (self, self)
    }
}

impl Part for (&str, &str) {
    fn names(&self) -> (&str, &str) {
        *self
    }
}

/// An argument that the API requires.
///
/// # Errors
/// When it is not given.
pub fn required<T>(name: &str, value: Option<T>) -> Result<T, ToolError> {
    value.ok_or_else(|| missing(name))
}

/// The validated arguments of one call. Taking one out removes it.
#[derive(Clone, Debug)]
pub struct Arguments {
    values: Map<String, Value>,
}

#[expect(clippy::missing_errors_doc, reason = "each fails, in the assistant's words, when an argument does not fit")]
impl Arguments {
    /// Brings `given` into the form that the tool's schema takes, and validates it.
    pub fn check(tool: &Tool, mut given: Map<String, Value>) -> Result<Self, ToolError> {
        normalize(tool.checked_schema(), tool.json_limits(), &mut given)?;
        Self::validate(tool, given)
    }

    /// Validates arguments that have been normalized.
    pub(crate) fn validate(tool: &Tool, given: Map<String, Value>) -> Result<Self, ToolError> {
        let validator = tool.validator().map_err(|error| ToolError::invalid_request(error.to_owned()))?;
        let values = check::check(tool.checked_schema(), validator, given)?;
        Ok(Self { values })
    }

    /// Adds the tool's defaults for arguments that were not given.
    #[must_use]
    pub fn with_defaults(mut self, tool: &Tool) -> Self {
        for (name, value) in &tool.defaults {
            if !self.values.contains_key(name) {
                self.values.insert(name.clone(), value.clone());
            }
        }
        self
    }

    /// Sets an argument to a value that is not validated: one that the schema hides, such as the version of a call, or another form
    /// of one.
    #[must_use]
    pub fn with_unchecked(mut self, name: &str, value: Value) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// The arguments that are left.
    #[must_use]
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// The same, to replace keys by others.
    pub(crate) fn values_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.values
    }

    /// Sets the cursor and the size of the requested page, where they are given.
    pub(crate) fn set_page(&mut self, cursor: Option<&str>, size: Option<u64>) {
        self.values.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor.into())));
        self.values.extend(size.map(|size| ("size".to_owned(), size.into())));
    }

    /// Takes an argument out and deserializes it.
    pub fn value<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, ToolError> {
        self.values.shift_remove(name).map(|value| decode(name, value)).transpose()
    }

    /// Takes out a text.
    pub fn string(&mut self, name: &str) -> Result<Option<String>, ToolError> {
        self.value(name)
    }

    /// Takes out a number as its digits.
    pub fn number(&mut self, name: &str) -> Result<Option<String>, ToolError> {
        let number: Option<Number> = self.value(name)?;
        Ok(number.map(|number| number.to_string()))
    }

    /// Takes out the fields of each item to return, if the server selects them; `None` if the API selects them, or for all.
    pub(crate) fn take_fields(&mut self, response: &ResponseDescription) -> Result<Option<Vec<String>>, ToolError> {
        let Some(usual) = &response.fields else { return Ok(None) };
        let fields = self.value("fields")?.unwrap_or_else(|| usual.clone());
        Ok(Some(fields).filter(|fields| !fields.is_empty()))
    }

    /// Takes out a list that is sent as one parameter, its items joined by `separator`.
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

    /// Takes out an object that is sent as one parameter: names and values separated by commas, with `sign` between a name and
    /// its value.
    pub fn pairs(&mut self, name: &str, sign: char) -> Result<Option<String>, ToolError> {
        let members = self.members(name)?;
        let pair = |(member, value)| format!("{member}{sign}{}", plain(value));
        Ok(members.map(|members| members.into_iter().map(pair).collect::<Vec<_>>().join(",")))
    }

    /// Takes out an object of which each member is sent as a parameter of its own.
    pub fn members(&mut self, name: &str) -> Result<Option<Map<String, Value>>, ToolError> {
        let members: Option<Map<String, Value>> = self.value(name)?;
        // null members are not sent
        let sent = |members: Map<String, Value>| members.into_iter().filter(|(_, value)| !value.is_null());
        Ok(members.map(|members| sent(members).map(|(member, value)| (member, plain(value).into())).collect()))
    }

    /// The same, with each member's name in brackets after the parameter's name (`deepObject`).
    pub fn deep(&mut self, name: &str, wire: &str) -> Result<Option<Map<String, Value>>, ToolError> {
        let members = self.members(name)?;
        let below = |(member, value)| (format!("{wire}[{member}]"), value);
        Ok(members.map(|members| members.into_iter().map(below).collect()))
    }

    /// Takes out a value that is sent as JSON in a parameter.
    pub fn json(&mut self, name: &str) -> Result<Option<String>, ToolError> {
        Ok(self.values.shift_remove(name).map(|value| value.to_string()))
    }

    /// Takes out a segment of the path. It must not be empty, and percent-decoding it on the way must not yield another path: the
    /// client escapes `/` and `%`, but not `.` and `\`, which URLs treat as dot segments and separators.
    pub fn segment<T: DeserializeOwned + Display>(&mut self, name: &str) -> Result<T, ToolError> {
        segment(name, self.value(name)?)
    }

    /// Takes out a segment that is a list, its items joined by `separator`.
    pub fn joined_segment(&mut self, name: &str, separator: char) -> Result<String, ToolError> {
        segment(name, self.joined(name, separator)?)
    }

    /// Takes out a segment that is an object: names and values separated by commas, with `sign` between a name and its value.
    pub fn pairs_segment(&mut self, name: &str, sign: char) -> Result<String, ToolError> {
        segment(name, self.pairs(name, sign)?)
    }

    /// A body made of the named arguments.
    pub fn object<T: DeserializeOwned>(&mut self, parts: &[impl Part]) -> Result<T, ToolError> {
        let body = self.parts(parts).into_iter().collect();
        decode("body", Value::Object(body))
    }

    /// A body made of all remaining arguments; each pair is an argument and the property that it becomes.
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
        required(name, self.value(name)?)
    }

    /// A multipart body made of the named arguments. `files` are the properties that are files, or lists of them.
    pub fn form(&mut self, parts: &[impl Part], files: &[&str]) -> Result<Form, ToolError> {
        Form::encode(self.parts(parts), files)
    }

    /// An `application/x-www-form-urlencoded` body made of the named arguments.
    pub fn urlencoded(&mut self, parts: &[impl Part]) -> Result<Form, ToolError> {
        Ok(Form::urlencoded(self.parts(parts)))
    }

    /// A text body that is one argument.
    pub fn text(&mut self, name: &str, media: &str) -> Result<Form, ToolError> {
        let text: Value = self.whole(name)?;
        Ok(Form { content_type: format!("{media}; charset=utf-8"), body: plain(text).into_bytes() })
    }

    /// A body of bytes of this media type that is one argument.
    pub fn content(&mut self, name: &str, media: &str) -> Result<Form, ToolError> {
        Form::content(name, self.whole(name)?, media)
    }

    fn parts(&mut self, parts: &[impl Part]) -> Vec<(String, Value)> {
        let names = parts.iter().map(Part::names);
        names.filter_map(|(argument, property)| Some((property.to_owned(), self.values.shift_remove(argument)?))).collect()
    }
}

fn decode<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, ToolError> {
    serde_json::from_value(value).map_err(|error| ToolError::arguments(format!("`{name}` does not fit: {error}")))
}

fn missing(name: &str) -> ToolError {
    ToolError::arguments(format!("`{name}` is missing"))
}

/// A value that can be a segment of the path.
fn segment<T: Display>(name: &str, value: Option<T>) -> Result<T, ToolError> {
    let value = required(name, value)?;
    match check_segment(&value.to_string()) {
        Ok(()) => Ok(value),
        Err(problem) => Err(ToolError::arguments(format!("`{name}` {problem}"))),
    }
}

/// A value as text: a string without quotes, anything else as JSON.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Checks that a text is a single path segment, and stays one however often a server on the way decodes it.
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
