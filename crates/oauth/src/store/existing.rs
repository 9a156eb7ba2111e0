//! Opens the store of a server for commands that must not make or change one.

use std::sync::Arc;

use mcp_http::scope::ScopeDefinitions;

use super::{Error, Result, Store, StoreAt, dialect, postgres, sqlite};

/// Reads the numbers of the migrations that have run.
pub(super) const VERSIONS: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";

/// Opens a store that a server has made, and leaves its tables as they are. `scopes` defines the scopes that rows contain by name.
///
/// # Errors
/// [`Error::Missing`] if no server has made a store there, otherwise [`Error::Open`]. Their texts contain the next step.
pub async fn open_existing(at: &StoreAt, scopes: ScopeDefinitions) -> Result<Arc<dyn Store>> {
    match at {
        StoreAt::Sqlite(path) => Ok(Arc::new(sqlite::open_existing(path, scopes).await?)),
        StoreAt::Postgres(url) => Ok(Arc::new(postgres::open_existing(url.expose(), scopes).await?)),
    }
}

/// Opens a store that a server has made, whose tables may be older than those of this program; `None` if a server could make one
/// there. Changes nothing.
///
/// # Errors
/// [`Error::Open`] if a server could not use this place. The text contains the next step.
pub async fn inspect(at: &StoreAt, scopes: ScopeDefinitions) -> Result<Option<Arc<dyn Store>>> {
    match at {
        StoreAt::Sqlite(path) => {
            let store = sqlite::inspect(path, scopes).await?;
            Ok(store.map(|store| Arc::new(store) as Arc<dyn Store>))
        }
        StoreAt::Postgres(url) => {
            let store = postgres::inspect(url.expose(), scopes).await?;
            Ok(store.map(|store| Arc::new(store) as Arc<dyn Store>))
        }
    }
}

/// Checks that no newer program has changed the tables. Returns whether there are tables.
pub(super) fn is_there(place: &str, versions: &[i64]) -> Result<bool> {
    match versions.last() {
        Some(&version) if version > dialect::NEWEST => Err(Error::Open(format!("{place}: {}", dialect::newer(version)))),
        last => Ok(last.is_some()),
    }
}

/// Checks that this program can work with the tables that these migrations have made.
pub(super) fn check(place: &str, versions: &[i64]) -> Result<()> {
    if !is_there(place, versions)? {
        return Err(Error::Missing(format!("{place} has no tables of a server")));
    }
    match versions.last() {
        Some(&version) if version < dialect::NEWEST => {
            let why = "an older version of this program wrote it; start the server in this version, which changes its tables";
            Err(Error::Open(format!("{place}: {why}")))
        }
        _ => Ok(()),
    }
}
