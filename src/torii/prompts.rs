//! The prompts for everyday questions about a company's apps.

use openapi_mcp::mcp::Prompt;

#[cfg(test)]
mod tests;

/// The files, in the order in which they are listed.
const FILES: [(&str, &str); 8] = [
    ("renewals", include_str!("../../templates/prompts/renewals.md")),
    ("popular_apps", include_str!("../../templates/prompts/popular_apps.md")),
    ("unused_licenses", include_str!("../../templates/prompts/unused_licenses.md")),
    ("offboarding_check", include_str!("../../templates/prompts/offboarding_check.md")),
    ("workflow_failures", include_str!("../../templates/prompts/workflow_failures.md")),
    ("spend_by_category", include_str!("../../templates/prompts/spend_by_category.md")),
    ("spend_review", include_str!("../../templates/prompts/spend_review.md")),
    ("leavers_access", include_str!("../../templates/prompts/leavers_access.md")),
];

/// The prompts, in the order in which they are listed. Tests read every file, so none is left out.
pub(super) fn prompts() -> Vec<Prompt> {
    FILES.iter().filter_map(|(name, file)| Prompt::parse(name, file).ok()).collect()
}
