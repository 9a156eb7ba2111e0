//! A database for a test, and the tests that are made for each kind of database.

use std::sync::Arc;

use mcp_http::secret::Secret;
use mcp_oauth_server::store::{self, Store, StoreAt};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::support::{postgres, rights::definitions};

/// A database of a test.
pub(crate) struct Place {
    pub(crate) at: StoreAt,
    /// Removed with the database when the test ends.
    _folder: Option<TempDir>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        Self { at: StoreAt::Sqlite(folder.path().join("store.db")), _folder: Some(folder) }
    }

    pub(crate) fn postgres() -> Option<Self> {
        postgres::shared().map(Self::in_server)
    }

    pub(crate) fn in_server(server: &postgres::Server) -> Self {
        Self { at: StoreAt::Postgres(Secret::new(server.database())), _folder: None }
    }

    /// As another replica would.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        store::open(&self.at, definitions()).await.expect("the store opens")
    }

    /// Does to the database what the program never does.
    pub(crate) async fn tamper(&self, sql: &str) {
        let sql = AssertSqlSafe(sql);
        match &self.at {
            StoreAt::Sqlite(path) => {
                let mut connection =
                    SqliteConnectOptions::new().filename(path).foreign_keys(false).connect().await.expect("the file opens");
                connection.execute(sql).await.expect("the statement is right");
            }
            StoreAt::Postgres(url) => {
                let mut connection = PgConnection::connect(url.expose()).await.expect("the database answers");
                connection.execute(sql).await.expect("the statement is right");
            }
        }
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM {table}")).await
    }

    /// The number that a query returns.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql);
        let number = match &self.at {
            StoreAt::Sqlite(path) => {
                let mut connection = SqliteConnectOptions::new().filename(path).connect().await.expect("the file opens");
                sqlx::query_scalar(sql).fetch_one(&mut connection).await
            }
            StoreAt::Postgres(url) => {
                let mut connection = PgConnection::connect(url.expose()).await.expect("the database answers");
                sqlx::query_scalar(sql).fetch_one(&mut connection).await
            }
        };
        number.expect("it answers")
    }
}

/// Makes each function a test for each database.
macro_rules! contract {
    ($($name:ident)*) => {
        mod with_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(super::Place::sqlite()).await;
                }
            )*
        }

        mod with_postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    let Some(place) = super::Place::postgres() else { return };
                    super::$name(place).await;
                }
            )*
        }
    };
}
pub(crate) use contract;
