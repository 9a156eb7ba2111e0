//! The coverage of an API: the state of each operation of its document.

use serde::{Deserialize, Serialize};

use crate::{Document, Method};

/// The coverage of an API: its operations, and how many are in each state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The document that contains the operations.
    pub document: Document,
    /// The number of operations in each state.
    pub totals: CoverageTotals,
    /// The operations, sorted by path and method.
    pub operations: Vec<CoverageEntry>,
}

/// How many operations are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageTotals {
    /// Operations in the document.
    pub operations: usize,
    /// Operations with a tool.
    pub exposed: usize,
    /// Operations that have no tool, for a given reason.
    pub excluded: usize,
    /// Operations without a decision.
    pub undecided: usize,
    /// Operations that had a tool and were removed from the document.
    pub removed: usize,
}

impl CoverageTotals {
    /// Counts the entries by state.
    pub fn of(entries: &[CoverageEntry]) -> Self {
        let count = |state| entries.iter().filter(|entry| entry.state == state).count();
        let removed = count(CoverageState::Removed);
        Self {
            operations: entries.len() - removed,
            exposed: count(CoverageState::Exposed),
            excluded: count(CoverageState::Excluded),
            undecided: count(CoverageState::Undecided),
            removed,
        }
    }
}

/// An operation and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CoverageEntry {
    /// The document's `operationId`, or the method and path if it has none.
    pub operation_id: String,
    /// The HTTP method.
    pub method: Method,
    /// The path, relative to the server's URL.
    pub path: String,
    /// Its state.
    pub state: CoverageState,
    /// The name of its tool, or of its former tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The tables whose rows its tool lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
    /// Why it has no tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the document marks it as deprecated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// The names of former tools that are not aliases of any tool now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// How certain the author of the document is about the operation (`x-provenance`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<String>,
    /// What its arguments and its response are marked with in other words: they are more or less certain than the operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provenance_of_parts: Vec<String>,
    /// The day on which its state last changed, as in `2026-11-22`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// The state of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageState {
    /// It has a tool.
    Exposed,
    /// It has no tool, for a given reason.
    Excluded,
    /// There is no decision about it.
    Undecided,
    /// It had a tool and was removed from the document.
    Removed,
}

impl CoverageState {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::Excluded => "excluded",
            Self::Undecided => "undecided",
            Self::Removed => "removed",
        }
    }
}
