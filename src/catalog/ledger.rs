//! The ledger: every operation of Torii's document, and what became of it.
//!
//! The JSON form is a contract.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use super::Document;

/// One operation of the document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Its id in the document.
    pub operation_id: String,
    /// Its HTTP method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// What became of it.
    pub state: State,
    /// The tool it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Why it is not a tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it left the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is a tool.
    Exposed,
    /// It is deliberately not a tool.
    Excluded,
    /// Nobody has decided yet.
    Undecided,
    /// It has left the document.
    Gone,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::Excluded => "excluded",
            Self::Undecided => "undecided",
            Self::Gone => "gone",
        }
    }
}

/// How to write the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for a terminal.
    Text,
    /// For programs.
    Json,
    /// A table for a document.
    Markdown,
}

/// All operations, sorted by path and method.
#[derive(Debug, Serialize)]
pub struct Ledger<'a> {
    document: &'a Document,
    totals: Totals,
    operations: &'a [Operation],
}

#[derive(Debug, Serialize)]
struct Totals {
    operations: usize,
    exposed: usize,
    excluded: usize,
    undecided: usize,
    gone: usize,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(document: &'a Document, operations: &'a [Operation]) -> Self {
        let count = |state| {
            operations
                .iter()
                .filter(|operation| operation.state == state)
                .count()
        };
        let totals = Totals {
            operations: operations.len(),
            exposed: count(State::Exposed),
            excluded: count(State::Excluded),
            undecided: count(State::Undecided),
            gone: count(State::Gone),
        };
        Self {
            document,
            totals,
            operations,
        }
    }

    /// The ledger in this format, ending in a line break.
    ///
    /// # Errors
    /// When writing into the string fails, which it does not.
    pub fn render(&self, format: Format) -> Result<String, fmt::Error> {
        let mut text = String::new();
        match format {
            Format::Text => self.text(&mut text)?,
            Format::Json => {
                text = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
                text.push('\n');
            }
            Format::Markdown => self.markdown(&mut text)?,
        }
        Ok(text)
    }

    fn text(&self, out: &mut String) -> fmt::Result {
        let width = self
            .operations
            .iter()
            .map(|operation| operation.path.len())
            .max()
            .unwrap_or(0);
        for operation in self.operations {
            let Operation {
                method,
                path,
                state,
                ..
            } = operation;
            writeln!(
                out,
                "{method:<6} {path:<width$}  {:<9}  {}",
                state.word(),
                operation.note()
            )?;
        }
        writeln!(out, "\n{}", self.summary())
    }

    fn markdown(&self, out: &mut String) -> fmt::Result {
        writeln!(
            out,
            "{}\n\n| operation | state | tool or reason |\n| --- | --- | --- |",
            self.summary()
        )?;
        for operation in self.operations {
            let Operation {
                method,
                path,
                state,
                ..
            } = operation;
            let note = operation.note().replace('|', "\\|");
            writeln!(out, "| `{method} {path}` | {} | {note} |", state.word())?;
        }
        Ok(())
    }

    fn summary(&self) -> String {
        let Totals {
            operations,
            exposed,
            excluded,
            undecided,
            gone,
        } = self.totals;
        let Document { title, version, .. } = self.document;
        format!(
            "{title} {version}: {operations} operations, {exposed} exposed, {excluded} excluded, \
             {undecided} undecided, {gone} gone"
        )
    }
}

impl Operation {
    /// The tool, or why there is none.
    fn note(&self) -> String {
        let tool = self.tool.as_ref().map(|tool| format!("`{tool}`"));
        let since = self.since.as_ref().map(|since| format!("since {since}"));
        let parts: Vec<String> = [tool, self.reason.clone(), since]
            .into_iter()
            .flatten()
            .collect();
        parts.join(", ")
    }
}
