//! Helpers for unit tests.

use async_trait::async_trait;
use mcp_http::{
    caller::{Key, Keys},
    scope::{ScopeAccess, ScopeDefinition, ScopeDefinitions, Scopes},
};

use crate::directory::{Directory, DirectoryError, Membership, Organization};

/// Four scopes of an API: `api:read`, `api:write`, `api:destroy`, and `api:staff`, which needs the key `staff`.
pub(crate) fn definitions() -> ScopeDefinitions {
    let define = |name: &str, title: &str, implies: &[&str], access| ScopeDefinition {
        name: name.to_owned(),
        title: title.to_owned(),
        description: format!("{title}."),
        implies: implies.iter().map(|name| (*name).to_owned()).collect(),
        access,
        credential: None,
    };
    let staff = define("api:staff", "Work with Staff", &[], ScopeAccess::Read);
    ScopeDefinitions::new(vec![
        define("api:read", "See your data", &[], ScopeAccess::Read),
        define("api:write", "Add and change data", &["api:read"], ScopeAccess::Write),
        define("api:destroy", "Delete data", &["api:write"], ScopeAccess::Destroy),
        ScopeDefinition { credential: Some("staff".to_owned()), ..staff },
    ])
    .unwrap()
}

/// The set of the scopes with these names, separated by spaces.
pub(crate) fn scopes(names: &str) -> Scopes {
    definitions().parse(names)
}

/// A directory that no test is expected to use.
#[derive(Debug)]
pub(crate) struct NoDirectory;

#[async_trait]
impl Directory for NoDirectory {
    async fn organization(&self, _: &Keys) -> Result<Organization, DirectoryError> {
        Err(DirectoryError::Unavailable("nobody asks".to_owned()))
    }

    async fn accepts(&self, _: &str, _: &Key) -> Result<(), DirectoryError> {
        Err(DirectoryError::Unavailable("nobody asks".to_owned()))
    }

    async fn membership(&self, _: &Keys, _: &str) -> Result<Membership, DirectoryError> {
        Err(DirectoryError::Unavailable("nobody asks".to_owned()))
    }
}
