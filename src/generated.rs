//! Includes the generated code; no other module does.
//!
//! The build generates from Torii's OpenAPI document: a typed client, one thin function per tool, the manifest that describes the
//! tools, and the coverage of the operations. None of it is written by hand.

use std::sync::LazyLock;

use openapi_mcp_model::Coverage;

openapi_mcp::generated!();

/// The coverage of the API's operations, formatted for a terminal: see `docs/explanation/generator.md`.
pub const COVERAGE_TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.txt"));
/// The same as a Markdown table.
pub const COVERAGE_MARKDOWN: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.md"));

pub use openapi_mcp::generated::LoadError;

/// How many of the document's operations have a tool, and how many operations it has.
#[must_use]
pub fn operation_counts() -> (usize, usize) {
    static COUNTS: LazyLock<(usize, usize)> = LazyLock::new(|| {
        let coverage = serde_json::from_str(COVERAGE_JSON).map(|coverage: Coverage| coverage.totals);
        let totals = coverage.unwrap_or_default();
        (totals.exposed, totals.operations)
    });
    *COUNTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_without_its_functions_does_not_load() {
        let manifest = MANIFEST.replacen(&catalog().unwrap().tools()[0].name, "renamed", 1);
        let error = openapi_mcp::generated::load(&manifest, TOOL_FNS).unwrap_err();
        assert_eq!(error.to_string(), "tool `renamed` has no generated function, so build again");
    }
}
