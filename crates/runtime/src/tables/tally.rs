//! Counts what one statement has loaded, and bounds it: the rows of a table over all of its parts, the bytes of the statement, and the
//! bytes of all statements together.
//!
//! Invariants:
//! - Rows are counted before they are kept, whether they were fetched or found in the cache.
//! - A statement needs a permit before it keeps more than [`UNCOUNTED`]. One user has half of the permits at most.
//! - The permit is released when the [`Tally`] is dropped, so it is dropped after the last copy of the rows.

use std::{collections::HashMap, sync::Arc};

use mcp_http::net::fair_semaphore::{FairPermit, FairSemaphore};
use openapi_mcp_query::Rows;
use tokio::sync::{Mutex, Semaphore};

use crate::{query_limits::QueryLimits, truncation::grouped};

/// Up to this many bytes a statement needs no permit.
const UNCOUNTED: usize = 4 << 20;
/// How many statements may keep more.
const LARGE: usize = 2;
/// How many pages may be in flight at once, of all statements.
const PAGES: usize = 16;
/// How many large pages may be made into rows at once.
const PARSED: usize = 2;

/// Who shares permits with others: a user, or all who did not sign in.
pub(super) type User = Option<Arc<str>>;

/// What all statements share. Cheap to clone; clones share it.
#[derive(Clone)]
pub(super) struct Memory {
    large: FairSemaphore<User>,
    pages: FairSemaphore<User>,
    parsing: Arc<Semaphore>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            large: FairSemaphore::new(LARGE, 2),
            pages: FairSemaphore::new(PAGES, 2),
            parsing: Arc::new(Semaphore::new(PARSED)),
        }
    }
}

/// What one statement has loaded.
pub(super) struct Tally {
    memory: Memory,
    user: User,
    /// How many rows a table may have.
    rows: usize,
    /// How many bytes the statement may have.
    bytes: usize,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    rows: HashMap<String, usize>,
    bytes: usize,
    large: Option<FairPermit<User>>,
}

/// A bound that more rows would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    Rows(usize),
    Bytes(usize),
}

impl Full {
    /// Why a table is not whole, and what loads less of it. `required` are the columns whose values choose its parts.
    pub(super) fn why(self, required: &[String]) -> String {
        let fewer = if required.is_empty() {
            String::new()
        } else {
            format!(", so list fewer values of `{}` or narrow what they are joined with", required.join("` and `"))
        };
        match self {
            Self::Rows(most) => format!("the limit of {} rows was reached{fewer}", grouped(most as u64)),
            Self::Bytes(most) => {
                let size = size(most);
                format!("the rows of this statement took {size}, the most for one; select fewer columns, and not `json`{fewer}")
            }
        }
    }
}

/// A number of bytes for people.
fn size(bytes: usize) -> String {
    if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) }
}

impl Tally {
    pub(super) fn new(memory: Memory, user: User, limits: &QueryLimits) -> Self {
        Self { memory, user, rows: limits.rows, bytes: limits.memory / LARGE, counted: Mutex::default() }
    }

    /// How many bytes the statement may have.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Counts rows of a table that are to be kept, and waits for a permit if they need one.
    pub(super) async fn add(&self, table: &str, rows: &Rows) -> Result<(), Full> {
        let mut counted = self.counted.lock().await;
        let n_rows = counted.rows.get(table).copied().unwrap_or_default() + rows.len();
        if n_rows > self.rows {
            return Err(Full::Rows(self.rows));
        }
        let bytes = counted.bytes.saturating_add(rows.bytes());
        if bytes > self.bytes {
            return Err(Full::Bytes(self.bytes));
        }
        if bytes > UNCOUNTED && counted.large.is_none() {
            counted.large = Some(self.memory.large.acquire(self.user.clone()).await);
        }
        counted.rows.insert(table.to_owned(), n_rows);
        counted.bytes = bytes;
        Ok(())
    }

    /// Waits for the turn to fetch a page.
    pub(super) async fn page(&self) -> FairPermit<User> {
        self.memory.pages.acquire(self.user.clone()).await
    }

    /// The turns of making large pages into rows.
    pub(super) fn parsing(&self) -> Arc<Semaphore> {
        Arc::clone(&self.memory.parsing)
    }
}

#[cfg(test)]
mod tests;
