//! What can be read besides calling tools.

use rmcp::model::{CacheScope, ListResourcesResult, ReadResourceResult, Resource, ResourceContents};

use crate::generated;

/// What became of each operation of Torii's API.
const COVERAGE: &str = "torii://coverage";
/// How long clients may keep what only a new build changes, in milliseconds.
const TTL_MS: u64 = 60 * 60 * 1000;

pub(super) fn list() -> ListResourcesResult {
    let coverage = Resource::new(COVERAGE, "coverage")
        .with_title("Coverage of Torii's API")
        .with_description(
            "Every operation of Torii's API: the tool that calls it, the reason why there is none, or that it is gone; with totals.",
        )
        .with_mime_type("application/json")
        .with_size(generated::COVERAGE_JSON.len() as u64);
    ListResourcesResult::with_all_items(vec![coverage]).with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private)
}

/// The resource of this URI; `None` where there is none.
pub(super) fn read(uri: &str) -> Option<ReadResourceResult> {
    let text = match uri {
        COVERAGE => generated::COVERAGE_JSON,
        _ => return None,
    };
    let contents = ResourceContents::text(text, uri).with_mime_type("application/json");
    Some(ReadResourceResult::new(vec![contents]).with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private))
}

/// The URIs there are, for those who ask for another.
pub(super) fn known() -> &'static str {
    COVERAGE
}
