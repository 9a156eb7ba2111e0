//! The contract of a store, for SQLite and for PostgreSQL.

use std::sync::Arc;

use mcp_http::{clock::Timestamp, secret::Secret, token::TokenHash};
use mcp_oauth_server::{
    keyring::EncryptedKey,
    pkce::CodeChallenge,
    store::{self, ApiKeySource, Code, Grant, Issue, Redemption, Rotation, Store, StoreAt, User},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::support::{
    postgres,
    rights::{definitions, scopes},
};

mod connections;
mod old_stores;
mod postgresql;
mod single_use;
mod sqlite;
mod use_cases;

/// When the tests take place.
const NOW: Timestamp = Timestamp(1_800_000_000);

/// That many seconds later, or before.
fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

/// A database of a test.
struct Place {
    at: StoreAt,
    folder: Option<TempDir>,
}

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        Self { at: StoreAt::Sqlite(folder.path().join("torii.db")), folder: Some(folder) }
    }

    fn postgres() -> Option<Self> {
        postgres::shared().map(Self::in_server)
    }

    fn in_server(server: &postgres::Server) -> Self {
        Self { at: StoreAt::Postgres(Secret::new(server.database())), folder: None }
    }

    /// As another replica would.
    async fn open(&self) -> Arc<dyn Store> {
        store::open(&self.at, definitions()).await.expect("the store opens")
    }

    /// Does to the database what the program never does.
    async fn tamper(&self, sql: &str) {
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
    async fn count(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let count = match &self.at {
            StoreAt::Sqlite(path) => {
                let mut connection = SqliteConnectOptions::new().filename(path).connect().await.expect("the file opens");
                sqlx::query_scalar(sql).fetch_one(&mut connection).await
            }
            StoreAt::Postgres(url) => {
                let mut connection = PgConnection::connect(url.expose()).await.expect("the database answers");
                sqlx::query_scalar(sql).fetch_one(&mut connection).await
            }
        };
        count.expect("it answers")
    }
}

fn hash(name: &str) -> TokenHash {
    TokenHash::of(name.as_bytes())
}

fn user(name: &str) -> User {
    User {
        id: format!("https://id.example {name}"),
        name: name.to_owned(),
        email: Some(format!("{name}@example.com")),
        groups: vec!["it".to_owned(), "g\u{0}\"é".to_owned()],
        outside: Some(vec![7]),
        organization: "Example".to_owned(),
    }
}

/// A grant of this id, of a user to a client.
fn grant(id: &str, who: &str, client_id: &str) -> Grant {
    Grant {
        id: id.to_owned(),
        user: user(who),
        key_source: ApiKeySource::User(EncryptedKey::from_bytes(vec![0, 1, 255])),
        client_id: client_id.to_owned(),
        client_name: "An assistant".to_owned(),
        redirect_host: "claude.ai".to_owned(),
        scopes: scopes("torii:write"),
        resource: "https://mcp.example/mcp".to_owned(),
        created_at: NOW,
    }
}

/// The code of a grant; its hash is that of the grant's id. It counts for a minute.
fn code(grant: &Grant) -> Code {
    Code {
        hash: hash(&grant.id),
        grant_id: grant.id.clone(),
        client_id: grant.client_id.clone(),
        redirect_uri: "https://claude.ai/api/mcp/auth_callback".to_owned(),
        challenge: CodeChallenge::from_bytes([7; 32]),
        expires_at: grant.created_at.after(std::time::Duration::from_mins(1)),
    }
}

/// Tokens whose hashes are those of `NAME access` and `NAME refresh`; they count for an hour and for a day.
fn issue(name: &str, now: Timestamp) -> Issue {
    Issue {
        access: hash(&format!("{name} access")),
        access_expires_at: now.after(std::time::Duration::from_hours(1)),
        scopes: scopes("torii:read"),
        refresh: hash(&format!("{name} refresh")),
        refresh_expires_at: now.after(std::time::Duration::from_hours(24)),
    }
}

fn refresh(name: &str) -> TokenHash {
    hash(&format!("{name} refresh"))
}

fn access(name: &str) -> TokenHash {
    hash(&format!("{name} access"))
}

/// Whether the access token of this name counts.
async fn counts(store: &dyn Store, name: &str, now: Timestamp) -> bool {
    store.access(access(name), now).await.expect("the store answers").is_some()
}

async fn approve(store: &dyn Store, grant: &Grant) {
    assert!(store.approve(grant, &code(grant), None).await.expect("the store answers"), "the grant is kept");
}

/// A grant with its first tokens, which have its name.
async fn connect(store: &dyn Store, id: &str, who: &str, client_id: &str) -> Grant {
    let grant = grant(id, who, client_id);
    approve(store, &grant).await;
    let redemption = store.redeem(hash(id), &issue(id, NOW), NOW).await.expect("the store answers");
    assert_eq!(redemption, Redemption::Redeemed);
    grant
}

async fn rotate(store: &dyn Store, old: &str, new: &str, now: Timestamp) -> Rotation {
    store.rotate(refresh(old), &issue(new, now), now).await.expect("the store answers")
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
use contract;

/// The value of a store's result.
async fn ok<T, E: std::fmt::Debug>(result: impl Future<Output = Result<T, E>>) -> T {
    result.await.expect("the store answers")
}
