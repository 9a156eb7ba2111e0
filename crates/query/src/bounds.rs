//! What a statement may use at most.

use std::time::Duration;

/// Bounds of one statement. How many run at once is up to the caller.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Bytes of the statement.
    pub sql_bytes: usize,
    /// Time that SQLite may compute, without the time for loading.
    pub computing: Duration,
    /// Bytes of one text.
    pub value_bytes: usize,
    /// Bytes that SQLite may take to read and run the statement, besides the tables.
    pub memory_bytes: usize,
    /// Bytes of the tables in memory.
    pub table_bytes: usize,
    /// Bytes that sorting, grouping and intermediate tables may take beyond SQLite's caches of 2 MB each.
    pub temporary_bytes: usize,
    /// Rows of the result that are counted for `total`.
    pub counted_rows: u64,
    /// Rows of the result that are kept.
    pub kept_rows: usize,
    /// Bytes of the result that are kept.
    pub kept_bytes: usize,
    /// Values of required columns that may be loaded for one table.
    pub bound_values: usize,
    /// Loads under way at once.
    pub concurrent_loads: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            sql_bytes: 20_000,
            computing: Duration::from_secs(5),
            value_bytes: 1_000_000,
            memory_bytes: 32 << 20,
            table_bytes: 128 << 20,
            temporary_bytes: 64 << 20,
            counted_rows: 1_000_000,
            kept_rows: 10_000,
            kept_bytes: 4 << 20,
            bound_values: 50,
            concurrent_loads: 8,
        }
    }
}
