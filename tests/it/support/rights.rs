//! Scopes and keys by name, as the server's own catalog defines them.

use mcp_http::{
    caller::{Key, Keys},
    scope::{ScopeDefinitions, Scopes},
};
use torii_mcp::torii::API_KEY;

/// What Torii's scopes are.
pub(crate) fn definitions() -> ScopeDefinitions {
    torii_mcp::generated::catalog().expect("the generated parts fit together").scopes().clone()
}

/// The set of some scopes, their names between blanks.
pub(crate) fn scopes(names: &str) -> Scopes {
    definitions().parse(names)
}

/// The keys of a caller who has only a key of Torii's API.
pub(crate) fn api_keys(key: &str) -> Keys {
    Key::new(key).map(|key| (API_KEY.to_owned(), key)).into_iter().collect()
}
