//! The changelog: what each adoption changed in the tools, for those who use them. The newest adoption comes first.

use openapi_mcp_model::Document;

use crate::diff::{Diff, literal};

const HEAD: &str = "# Changes of the tools\n\nWritten by `cargo codegen sync`; the newest first.\n";

/// Adds the changes to the changelog, under a heading with the day and the document. Without changes the text stays as it is.
pub(super) fn with(changelog: &str, diff: &Diff, document: &Document, today: &str) -> String {
    if diff.is_empty() {
        return changelog.to_owned();
    }
    let digest = document.sha256.get(..8).unwrap_or_default();
    let heading = format!("## {today}: document {} ({digest})\n", literal(&document.version));
    let text = diff.markdown();
    let changelog = if changelog.trim().is_empty() { HEAD } else { changelog };
    let (head, sections) = match changelog.find("\n## ") {
        Some(at) => changelog.split_at(at + 1),
        None => (changelog, ""),
    };
    let gap = if head.ends_with("\n\n") { "" } else { "\n" };
    match sections.strip_prefix(&heading) {
        // the same document on the same day: the new changes come first
        Some(rest) => format!("{head}{gap}{heading}\n{text}{rest}"),
        None => format!("{head}{gap}{heading}\n{text}{}{sections}", if sections.is_empty() { "" } else { "\n" }),
    }
}
