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

/// Checks that this program can work with the tables that these migrations have made.
pub(super) fn check(place: &str, versions: &[i64]) -> Result<()> {
    match versions.last() {
        None => Err(Error::Missing(format!("{place} has no tables of a server"))),
        Some(&version) if version > dialect::NEWEST => Err(Error::Open(format!("{place}: {}", dialect::newer(version)))),
        Some(&version) if version < dialect::NEWEST => {
            let why = "an older version of this program wrote it; start the server in this version, which changes its tables";
            Err(Error::Open(format!("{place}: {why}")))
        }
        Some(_) => Ok(()),
    }
}
