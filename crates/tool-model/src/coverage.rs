//! The coverage of an API: what became of each operation of its document.

use serde::{Deserialize, Serialize};

use crate::{Document, Method};

/// Every operation and how many there are in each state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The document that has the operations.
    pub document: Document,
    /// How many operations there are.
    pub totals: CoverageTotals,
    /// The operations, sorted by path and method.
    pub operations: Vec<CoverageEntry>,
}

/// How many operations are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageTotals {
    /// Operations of the document.
    pub operations: usize,
    /// Operations with a tool.
    pub exposed: usize,
    /// Operations without a tool, for a reason.
    pub excluded: usize,
    /// Operations that nobody has decided about.
    pub undecided: usize,
    /// Operations that had a tool and left the document.
    pub removed: usize,
}

impl CoverageTotals {
    /// Counts entries.
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

/// An operation and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CoverageEntry {
    /// The document's `operationId`, or method and path where it has none.
    pub operation_id: String,
    /// The HTTP method.
    pub method: Method,
    /// The path, below the server's.
    pub path: String,
    /// What became of it.
    pub state: CoverageState,
    /// The name of its tool, or of the tool it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Why it has no tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the document marks it as deprecated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Names of tools it had that reach nothing now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// How certain the author of the document is about it (`x-provenance`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<String>,
    /// The day since when its state is what it is, as in `2026-11-22`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageState {
    /// It has a tool.
    Exposed,
    /// It has no tool, for a reason.
    Excluded,
    /// Nobody has decided about it.
    Undecided,
    /// It had a tool and left the document.
    Removed,
}

impl CoverageState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::Excluded => "excluded",
            Self::Undecided => "undecided",
            Self::Removed => "removed",
        }
    }
}
