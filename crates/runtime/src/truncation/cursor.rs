//! Cursors that point inside a page.
//!
//! The API's cursors point between pages. If only part of a page was shown, this server's cursor contains the API's cursor of
//! that page, its size, and how many of its items have been shown. So the server stores nothing, and any replica can continue.
//! For a part of a response, the cursor contains the part's path instead of an API cursor.

use serde_json::{Map, Value};

use crate::tool_output::MAX_BYTES;

/// The prefix of this server's cursors.
const PREFIX: &str = "mcp:";
/// The highest valid `skip`: no response contains more items or characters.
const MAX_SKIP: usize = MAX_BYTES;

/// The position at which a call begins in its list or part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// How many items of the page (or items, members or characters of the part) were shown before.
    pub skip: usize,
    /// The API's cursor of the page, `None` for the first; or the path of the part.
    cursor: Option<String>,
    /// The page size, if the assistant specified one.
    size: Option<u64>,
}

/// A cursor that is not one of this server's where only those are valid, or that was altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`cursor` must be copied from an earlier response as it was, or left out")]
pub struct InvalidCursor;

impl Start {
    /// Reads the `cursor` argument. One of this server's cursors is replaced by the API's cursor and page size in it.
    ///
    /// # Errors
    /// When it has the prefix of this server's cursors and is not valid.
    pub fn read(arguments: &mut Map<String, Value>) -> Result<Self, InvalidCursor> {
        let given = arguments.get("cursor").and_then(Value::as_str);
        let Some(own) = given.and_then(|cursor| cursor.strip_prefix(PREFIX)) else {
            let cursor = given.map(str::to_owned);
            return Ok(Self { skip: 0, cursor, size: arguments.get("size").and_then(whole_number) });
        };
        let start = Self::parse(own).ok_or(InvalidCursor)?;
        let mut put = |name: &str, value: Option<Value>| match value {
            Some(value) => drop(arguments.insert(name.to_owned(), value)),
            None => drop(arguments.shift_remove(name)),
        };
        put("cursor", start.cursor.clone().map(Value::from));
        put("size", start.size.map(Value::from));
        Ok(start)
    }

    /// Removes and reads the `cursor` argument of a tool whose API operation has no cursors.
    ///
    /// # Errors
    /// When it is not one of this server's cursors.
    pub fn within(arguments: &mut Map<String, Value>) -> Result<Self, InvalidCursor> {
        match arguments.shift_remove("cursor") {
            None | Some(Value::Null) => Ok(Self::default()),
            Some(Value::String(text)) if text.is_empty() => Ok(Self::default()),
            Some(Value::String(text)) => text.strip_prefix(PREFIX).and_then(Self::parse).ok_or(InvalidCursor),
            Some(_) => Err(InvalidCursor),
        }
    }

    /// The position that the API's own cursor points to, with pages of this size; without a cursor, the beginning of the list.
    pub(crate) fn of(cursor: Option<String>, size: Option<u64>) -> Self {
        Self { skip: 0, cursor, size }
    }

    /// The same position in a part: cursors made from it contain the part's path.
    pub(super) fn inside(&self, part: &str) -> Self {
        Self { skip: self.skip, cursor: Some(part.to_owned()), size: None }
    }

    /// The API's cursor of the page, or the path of the part.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Parses `SKIP:SIZE:CURSOR`, where size and cursor may be empty.
    fn parse(own: &str) -> Option<Self> {
        let (skip, rest) = own.split_once(':')?;
        let (size, cursor) = rest.split_once(':')?;
        let skip = skip.parse().ok().filter(|skip| (1..=MAX_SKIP).contains(skip))?;
        let size = if size.is_empty() { None } else { Some(size.parse().ok()?) };
        Some(Self { skip, cursor: (!cursor.is_empty()).then(|| cursor.to_owned()), size })
    }

    /// The cursor after the first `shown` items of the same page.
    pub(super) fn behind(&self, shown: usize) -> String {
        let size = self.size.map(|size| size.to_string()).unwrap_or_default();
        format!("{PREFIX}{shown}:{size}:{}", self.cursor.as_deref().unwrap_or_default())
    }

    /// The length of the variable part of such a cursor, in bytes.
    pub(super) fn length(&self) -> usize {
        self.cursor.as_deref().map_or(0, str::len)
    }
}

/// A whole number, which may be given as a string, as in all arguments.
pub(crate) fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}
