//! Cursors that begin within a page.
//!
//! The API's cursors stand between pages. Where only part of a page was shown, the cursor of ours names the API's cursor of that same
//! page, its size, and how many of its items have been shown: nothing is kept on the server, and any replica can go on. In a
//! part of a response it names the part in its place.

use serde_json::{Map, Value};

use crate::tool_output::MAX_BYTES;

/// How a cursor of ours begins.
const PREFIX: &str = "mcp:";
/// No response holds more items or characters than this.
const MOST: usize = MAX_BYTES;

/// Where a call begins in its list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// How many items of the page were shown before.
    pub skip: usize,
    /// The API's cursor of the page; none for the first.
    cursor: Option<String>,
    /// The page's size, where the assistant gave one.
    size: Option<u64>,
}

/// A cursor that is none of ours where only ours can be, or was changed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`cursor` must be copied from an earlier response as it was, or left out")]
pub struct BadCursor;

impl Start {
    /// Takes a cursor of ours out of the arguments and puts the API's in its place.
    ///
    /// # Errors
    /// When it looks like one of ours and is none.
    pub fn read(arguments: &mut Map<String, Value>) -> Result<Self, BadCursor> {
        let given = arguments.get("cursor").and_then(Value::as_str);
        let Some(own) = given.and_then(|cursor| cursor.strip_prefix(PREFIX)) else {
            let cursor = given.map(str::to_owned);
            return Ok(Self { skip: 0, cursor, size: arguments.get("size").and_then(whole_number) });
        };
        let start = Self::parse(own).ok_or(BadCursor)?;
        let mut put = |name: &str, value: Option<Value>| match value {
            Some(value) => drop(arguments.insert(name.to_owned(), value)),
            None => drop(arguments.shift_remove(name)),
        };
        put("cursor", start.cursor.clone().map(Value::from));
        put("size", start.size.map(Value::from));
        Ok(start)
    }

    /// Takes a cursor of ours out of the arguments of a tool that has no cursors of the API.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn within(arguments: &mut Map<String, Value>) -> Result<Self, BadCursor> {
        match arguments.shift_remove("cursor") {
            None | Some(Value::Null) => Ok(Self::default()),
            Some(Value::String(text)) if text.is_empty() => Ok(Self::default()),
            Some(Value::String(text)) => text.strip_prefix(PREFIX).and_then(Self::parse).ok_or(BadCursor),
            Some(_) => Err(BadCursor),
        }
    }

    /// Where the API's own cursor leads, with pages of this size; without one, the beginning of the list.
    pub(crate) fn of(cursor: Option<String>, size: Option<u64>) -> Self {
        Self { skip: 0, cursor, size }
    }

    /// The same place in a part: the cursor behind it names the part.
    pub(super) fn inside(&self, part: &str) -> Self {
        Self { skip: self.skip, cursor: Some(part.to_owned()), size: None }
    }

    /// The API's cursor of the page, or the part.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// `SKIP:SIZE:CURSOR`, where size and cursor may be empty.
    fn parse(own: &str) -> Option<Self> {
        let (skip, rest) = own.split_once(':')?;
        let (size, cursor) = rest.split_once(':')?;
        let skip = skip.parse().ok().filter(|skip| (1..=MOST).contains(skip))?;
        let size = if size.is_empty() { None } else { Some(size.parse().ok()?) };
        Some(Self { skip, cursor: (!cursor.is_empty()).then(|| cursor.to_owned()), size })
    }

    /// The cursor behind the first `shown` items of the same page.
    pub(super) fn behind(&self, shown: usize) -> String {
        let size = self.size.map(|size| size.to_string()).unwrap_or_default();
        format!("{PREFIX}{shown}:{size}:{}", self.cursor.as_deref().unwrap_or_default())
    }

    /// How long such a cursor is, about.
    pub(super) fn length(&self) -> usize {
        self.cursor.as_deref().map_or(0, str::len)
    }
}

/// Numbers may come as text, as everywhere in arguments.
pub(crate) fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}
