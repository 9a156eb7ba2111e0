//! What the generated typed client for other programs is made of. A server does not use it.
//!
//! A generated function collects its arguments in a [`Call`], which runs as a tool call does: with the same validation, rate limit,
//! time limits, retries and keys. A response is read member by member from its text.
//!
//! Invariants:
//! - Reading never fails, and loses nothing: what has another kind than documented, and what is not documented at all, is kept as
//!   [`Json`] under its own name, of a list or a map only the parts that do not fit. This includes null.
//! - Numbers keep their digits; nothing passes through a floating-point number.
//! - An unknown value of an enum is kept.

use std::{collections::BTreeMap, fmt, str::FromStr};

use mcp_http::caller::Caller;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{arguments::Arguments, catalog::Catalog, json_text, tool_error::ToolError, upstream::Upstream};

#[cfg(test)]
mod tests;

/// An API and a caller: all that the calls of a client need. Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    catalog: &'static Catalog,
    upstream: Upstream,
    caller: Caller,
}

/// A call that collects its arguments.
pub struct Call<'a> {
    connection: &'a Connection,
    tool: &'static str,
    arguments: Map<String, Value>,
}

impl Connection {
    /// A connection for the tools of a catalog.
    pub fn new(catalog: &'static Catalog, upstream: Upstream, caller: Caller) -> Self {
        Self { catalog, upstream, caller }
    }

    /// A call of a tool.
    pub fn call(&self, tool: &'static str) -> Call<'_> {
        Call { connection: self, tool, arguments: Map::new() }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Call<'_> {
    /// The call with this argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.arguments.insert(name.to_owned(), value.into());
        self
    }

    /// The call with this argument, if it is given.
    #[must_use]
    pub fn with_option(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The call with all of these arguments.
    #[must_use]
    pub fn with_all(mut self, arguments: Map<String, Value>) -> Self {
        self.arguments.extend(arguments);
        self
    }

    /// Sends the call and reads its response.
    ///
    /// # Errors
    /// When an argument is not valid, or the call fails.
    pub async fn send<T: Typed>(self) -> Result<T, ToolError> {
        let Self { connection: Connection { catalog, upstream, caller }, tool, arguments } = self;
        let tool = catalog.find(tool).ok_or_else(|| ToolError::invalid_request(format!("there is no tool `{tool}`")))?;
        // a program means what it gives, null and empty texts included
        let output = upstream.call(tool, caller, Arguments::validate(tool, arguments)?).await?;
        // a response is always the text of an object, which every type can be read from
        let response = T::read(&output.text).value.or_else(|| T::read(&json_text::with_whole_surrogates(&output.text)).value);
        response.ok_or_else(ToolError::not_json)
    }
}

/// A type of a response, or of a part of one.
pub trait Typed: Sized {
    /// Reads as much of a JSON text as fits.
    fn read(json: &str) -> Fit<Self>;
}

/// How much of a JSON text fits a type.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit<T> {
    /// What fits, if anything.
    pub value: Option<T>,
    /// What does not.
    pub rest: Option<Json>,
}

impl<T> Fit<T> {
    fn or_rest(value: Option<T>, json: &str) -> Self {
        let rest = value.is_none().then(|| Json(json.to_owned()));
        Self { value, rest }
    }
}

/// Any JSON, as the API wrote it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json(String);

impl Json {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of this type, for example a type of the program or [`Value`]; large numbers may be rounded in these.
    ///
    /// # Errors
    /// When the type does not fit.
    pub fn to<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }
}

/// A number with the digits that the API wrote.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(String);

impl Number {
    /// Its digits, for example `10.50` or `1e3`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number, if a type can be read from its digits, for example an integer or a decimal.
    pub fn to<T: FromStr>(&self) -> Option<T> {
        self.0.parse().ok()
    }
}

/// A file that a tool returns: its text, or if it is not a text its bytes in base64.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Its name.
    pub name: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
    /// How many bytes it has.
    pub size: Option<Number>,
    /// Its text.
    pub text: Option<String>,
    /// Its bytes in base64, if it is not a text.
    pub base64: Option<String>,
    /// The response, if it is JSON and not a file.
    pub other: BTreeMap<String, Json>,
}

/// The members of an object that are still to be read.
pub struct Members<'a> {
    left: json_text::Members<'a>,
    rest: BTreeMap<String, Json>,
}

impl Members<'_> {
    /// Reads a member, as much of it as fits; the rest of it stays.
    pub fn take<T: Typed>(&mut self, name: &str) -> Option<T> {
        let Fit { value, rest } = T::read(self.left.swap_remove(name)?);
        self.rest.extend(rest.map(|rest| (name.to_owned(), rest)));
        value
    }

    /// Everything that was not read.
    pub fn rest(&mut self) -> BTreeMap<String, Json> {
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend(self.left.drain(..).map(|(name, json)| (name, Json(json.to_owned()))));
        rest
    }
}

/// Reads an object.
pub fn object<T>(json: &str, read: impl FnOnce(&mut Members<'_>) -> T) -> Fit<T> {
    let members = json_text::members(json).map(|left| Members { left, rest: BTreeMap::new() });
    Fit::or_rest(members.map(|mut members| read(&mut members)), json)
}

/// Reads a text that is one of several values.
pub fn choice<T>(json: &str, read: impl FnOnce(&str) -> T) -> Fit<T> {
    let Fit { value, rest } = String::read(json);
    Fit { value: value.map(|text| read(&text)), rest }
}

impl Typed for Json {
    fn read(json: &str) -> Fit<Self> {
        Fit { value: Some(Self(json.to_owned())), rest: None }
    }
}

impl Typed for String {
    fn read(json: &str) -> Fit<Self> {
        Fit::or_rest(serde_json::from_str(json).ok(), json)
    }
}

impl Typed for bool {
    fn read(json: &str) -> Fit<Self> {
        Fit::or_rest(json.parse().ok(), json)
    }
}

impl Typed for Number {
    fn read(json: &str) -> Fit<Self> {
        let is_number = json.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        Fit::or_rest(is_number.then(|| Self(json.to_owned())), json)
    }
}

impl Typed for File {
    fn read(json: &str) -> Fit<Self> {
        object(json, |members| Self {
            name: members.take("name"),
            content_type: members.take("contentType"),
            size: members.take("size"),
            text: members.take("text"),
            base64: members.take("base64"),
            other: members.rest(),
        })
    }
}

impl<T: Typed> Typed for Box<T> {
    fn read(json: &str) -> Fit<Self> {
        let Fit { value, rest } = T::read(json);
        Fit { value: value.map(Self::new), rest }
    }
}

impl<T: Typed> Typed for Vec<T> {
    fn read(json: &str) -> Fit<Self> {
        let Some(items) = json_text::items(json) else { return Fit::or_rest(None, json) };
        let (mut fitting, mut others) = (Self::with_capacity(items.len()), Vec::new());
        for Fit { value, rest } in items.into_iter().map(T::read) {
            fitting.extend(value);
            others.extend(rest);
        }
        let rest = (!others.is_empty()).then(|| Json(json_text::list(others.iter().map(Json::as_str))));
        Fit { value: Some(fitting), rest }
    }
}

impl<T: Typed> Typed for BTreeMap<String, T> {
    fn read(json: &str) -> Fit<Self> {
        let Some(members) = json_text::members(json) else { return Fit::or_rest(None, json) };
        let (mut fitting, mut others) = (Self::new(), Vec::new());
        for (name, json) in members {
            let Fit { value, rest } = T::read(json);
            others.extend(rest.map(|rest| (name.clone(), rest)));
            fitting.extend(value.map(|value| (name, value)));
        }
        let text = || json_text::object(others.iter().map(|(name, json)| (name, json.as_str())));
        Fit { value: Some(fitting), rest: (!others.is_empty()).then(|| Json(text())) }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

/// A number as an argument.
impl From<Number> for Value {
    fn from(number: Number) -> Self {
        serde_json::from_str(&number.0).unwrap_or(Self::String(number.0))
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
