//! Counts the values of a JSON text and their nesting depth, before anything parses it.
//!
//! A parsed value takes a multiple of its text: `[]` has two bytes as text, and takes about a hundred in memory. So a text is
//! limited by its number of values as well as by its length.
//!
//! Invariants:
//! - Counting takes linear time and constant memory, whatever the text contains, and accepts a text in pieces.
//! - The count is never lower than the number of values. For a text that is not JSON, it has no meaning; parsing rejects such a
//!   text.

use std::io;

use serde::Serialize;

#[cfg(test)]
mod tests;

/// Counts the values of one JSON text.
#[derive(Clone, Debug, Default)]
pub struct JsonCounter {
    values: usize,
    members: usize,
    containers: usize,
    depth: usize,
    deepest: usize,
    state: State,
}

/// The position of the next byte in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Outside,
    InString,
    /// After a backslash.
    Escaped,
}

/// The limits of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// The maximum number of values, members and items included.
    pub(crate) values: usize,
    /// The maximum nesting depth of arrays and objects.
    pub(crate) depth: usize,
}

impl JsonLimits {
    /// The limits of a tool's arguments, and of the request that contains them.
    pub const REQUEST: Self = Self { values: 10_000, depth: 64 };
    /// The same for a tool that accepts large requests.
    pub const LARGE_REQUEST: Self = Self { values: 50_000, ..Self::REQUEST };
}

/// The limit that a JSON text exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeyondLimits {
    #[error("holds more than {0} values")]
    Values(usize),
    #[error("is nested deeper than {0} levels")]
    Depth(usize),
}

impl JsonCounter {
    /// Counts a whole text.
    pub fn of(text: &[u8]) -> Self {
        let mut counter = Self::default();
        counter.add(text);
        counter
    }

    /// Counts the JSON text of a value, without storing it.
    pub(crate) fn of_value(value: &impl Serialize) -> Self {
        let mut counter = Self::default();
        // writing to the counter cannot fail
        let _ = serde_json::to_writer(&mut counter, value);
        counter
    }

    /// Counts the next piece of the text.
    pub(crate) fn add(&mut self, mut piece: &[u8]) {
        loop {
            if self.state == State::InString {
                // most of a text is in strings
                let length = piece.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(piece.len());
                piece = piece.get(length..).unwrap_or_default();
            }
            let Some((byte, rest)) = piece.split_first() else { return };
            piece = rest;
            self.state = match (self.state, byte) {
                (State::InString, b'\\') => State::Escaped,
                (State::InString, b'"') => State::Outside,
                (State::InString | State::Escaped, _) | (State::Outside, b'"') => State::InString,
                (State::Outside, b'[' | b'{') => {
                    self.values += 1;
                    self.containers += 1;
                    self.depth += 1;
                    self.deepest = self.deepest.max(self.depth);
                    State::Outside
                }
                (State::Outside, b']' | b'}') => {
                    self.depth = self.depth.saturating_sub(1);
                    State::Outside
                }
                (State::Outside, b',') => {
                    self.values += 1;
                    State::Outside
                }
                (State::Outside, b':') => {
                    self.members += 1;
                    State::Outside
                }
                (State::Outside, _) => State::Outside,
            };
        }
    }

    /// An upper bound of the number of values so far: one, and one more for each comma, bracket and brace that may begin another.
    pub(crate) fn values(&self) -> usize {
        self.values + 1
    }

    /// How many of them are objects or arrays.
    pub(crate) fn containers(&self) -> usize {
        self.containers
    }

    /// An upper bound of the number of members of objects.
    pub(crate) fn members(&self) -> usize {
        self.members
    }

    /// Compares the counts with limits.
    ///
    /// # Errors
    /// The first limit that the text exceeds.
    pub fn check(&self, limits: JsonLimits) -> Result<(), BeyondLimits> {
        if self.deepest > limits.depth {
            return Err(BeyondLimits::Depth(limits.depth));
        }
        if self.values() > limits.values {
            return Err(BeyondLimits::Values(limits.values));
        }
        Ok(())
    }
}

impl io::Write for JsonCounter {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.add(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
