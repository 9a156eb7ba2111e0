//! How many values a JSON text holds and how deep they are nested, counted before anything parses it.
//!
//! A parsed value takes a multiple of its text: `[]` is two bytes as text, and about a hundred in memory. So a text is limited by
//! its values as well as by its bytes.
//!
//! Invariants:
//! - Counting takes linear time and constant memory, whatever the text holds, and works on a text that arrives in pieces.
//! - The count is never lower than the number of values. For a text that is not JSON it means nothing, and parsing refuses that.

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

/// Where in the text the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Outside,
    InString,
    /// Behind a backslash.
    Escaped,
}

/// What a JSON text may hold at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// How many values, members and items included.
    pub(crate) values: usize,
    /// How many levels of arrays and objects.
    pub(crate) depth: usize,
}

impl JsonLimits {
    /// What the arguments of a tool may hold, and the request they come in.
    pub const REQUEST: Self = Self { values: 10_000, depth: 64 };
    /// The same for a tool that is made for large requests.
    pub(crate) const LARGE_REQUEST: Self = Self { values: 50_000, ..Self::REQUEST };
}

/// Which limit a JSON text is beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeyondLimits {
    #[error("holds more than {0} values")]
    Values(usize),
    #[error("is nested deeper than {0} levels")]
    Depth(usize),
}

impl JsonCounter {
    /// Counts the whole of a text.
    pub fn of(text: &[u8]) -> Self {
        let mut counter = Self::default();
        counter.add(text);
        counter
    }

    /// Counts the text that a value would be written as, without keeping it.
    pub(crate) fn of_value(value: &impl Serialize) -> Self {
        let mut counter = Self::default();
        // counting cannot fail
        let _ = serde_json::to_writer(&mut counter, value);
        counter
    }

    /// Counts the next piece of the text.
    pub(crate) fn add(&mut self, piece: &[u8]) {
        for byte in piece {
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

    /// How many values there are so far, at most: one, and one more for each comma, bracket and brace that may begin another.
    pub(crate) fn values(&self) -> usize {
        self.values + 1
    }

    /// How many of them are objects or arrays.
    pub(crate) fn containers(&self) -> usize {
        self.containers
    }

    /// How many of them are members of objects, at most.
    pub(crate) fn members(&self) -> usize {
        self.members
    }

    /// Compares what was counted with what is allowed.
    ///
    /// # Errors
    /// The first limit that the text is beyond.
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
