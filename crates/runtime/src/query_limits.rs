//! The limits of `query` that an operator can set.

use std::time::Duration;

/// The limits of `query`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryLimits {
    /// How many rows of a table one statement may load.
    pub rows: usize,
    /// How long tables are loaded for one statement. Clients wait for about a minute.
    pub time: Duration,
    /// For how many values of its required columns a table may be loaded, each of which is a call.
    pub required_values: usize,
    /// The memory for what large statements have loaded together, in bytes; one may have half of it.
    pub memory: usize,
    /// How long a loaded table is kept for the next statement.
    pub cache: Duration,
    /// The memory for all kept tables, in bytes.
    pub cache_bytes: usize,
}

impl QueryLimits {
    /// What they are unless an operator sets them.
    pub const DEFAULT: Self = Self {
        rows: 50_000,
        time: Duration::from_secs(45),
        required_values: 50,
        memory: 128 << 20,
        cache: Duration::from_mins(1),
        cache_bytes: 64 << 20,
    };
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
