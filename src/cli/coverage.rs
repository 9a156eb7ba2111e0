//! `coverage`.

use clap::ValueEnum;

use crate::generated;

/// The format of the coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Aligned columns for a terminal
    Text,
    /// For programs
    Json,
    /// A table for a document
    Markdown,
}

/// The compiled-in coverage in this format.
pub(super) fn render(format: Format) -> &'static str {
    match format {
        Format::Text => generated::COVERAGE_TEXT,
        Format::Json => generated::COVERAGE_JSON,
        Format::Markdown => generated::COVERAGE_MARKDOWN,
    }
}
