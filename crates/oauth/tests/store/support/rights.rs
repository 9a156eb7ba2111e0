//! The scopes of an API.

use mcp_http::scope::{ScopeAccess, ScopeDefinition, ScopeDefinitions, Scopes};

/// Three scopes of an API: `api:read`, `api:write` and `api:destroy`.
pub(crate) fn definitions() -> ScopeDefinitions {
    let define = |name: &str, implies: &[&str], access| ScopeDefinition {
        name: name.to_owned(),
        title: name.to_owned(),
        description: format!("{name}."),
        implies: implies.iter().map(|name| (*name).to_owned()).collect(),
        access,
        credential: None,
    };
    let definitions = vec![
        define("api:read", &[], ScopeAccess::Read),
        define("api:write", &["api:read"], ScopeAccess::Write),
        define("api:destroy", &["api:write"], ScopeAccess::Destroy),
    ];
    ScopeDefinitions::new(definitions).expect("the definitions fit together")
}

/// The set of the scopes with these names, separated by spaces.
pub(crate) fn scopes(names: &str) -> Scopes {
    definitions().parse(names)
}
