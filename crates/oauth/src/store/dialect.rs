//! What the two databases have in common, and how they differ.
//!
//! Invariant: a connection on which an operation was interrupted, by an error or by a cancelled future, is closed and never
//! reused; the database rolls back the open transaction.

use std::{error::Error as _, future::Future, time::Duration};

use mcp_http::{
    log::with_causes,
    net::{
        customer::{self, Share},
        fair_semaphore::{FairPermit, FairSemaphore},
    },
};
use sqlx::{
    ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Pool, Row as _, Type, TypeInfo, ValueRef,
    error::DatabaseError,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    pool::PoolConnection,
};
use tokio::time::timeout;

use super::{
    Error, Result,
    breaker::Breaker,
    row::{Argument, Row, Value},
};

#[cfg(test)]
mod tests;

/// How long a request waits for its share of the connections.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The migrations, the oldest first. A released one is never changed; a new one has the next number.
const MIGRATIONS: [(i64, &str, &str); 4] = [
    (1, "grants", include_str!("migrations/0001_grants.sql")),
    (2, "api keys", include_str!("migrations/0002_api_keys.sql")),
    (3, "parts", include_str!("migrations/0003_parts.sql")),
    (4, "keyed calls", include_str!("migrations/0004_keyed_calls.sql")),
];

/// A database that the store supports.
pub(super) trait Dialect: Database {
    /// The statement that begins a write transaction.
    const BEGIN: &'static str;
    /// The statement that returns the time by the clock of the database, in seconds since 1970.
    const CLOCK: &'static str;
    /// Makes others that count the replicas wait for the end of the transaction, so that each sees those that were there before; `None`
    /// if transactions that write are serial anyway.
    const LOCK_REPLICAS: Option<&'static str>;

    /// Returns the class of a database error, by its code.
    fn class(code: &str) -> Class;

    /// Runs a statement and returns its rows.
    fn fetch(
        connection: &mut Self::Connection,
        sql: &'static str,
        arguments: &[Argument<'_>],
    ) -> impl Future<Output = sqlx::Result<Vec<Row>>> + Send;

    /// Runs a statement and returns the number of rows that it changed.
    fn execute(
        connection: &mut Self::Connection,
        sql: &'static str,
        arguments: &[Argument<'_>],
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;
}

/// The class of a database error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A retry may succeed.
    Unavailable,
    /// The database cannot write.
    Unwritable,
    /// The error is unexpected.
    Unexpected,
}

/// The text of an error, without values that the error may contain.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Cause(pub(super) String);

/// Converts an error of `sqlx`.
pub(super) fn failure<D: Dialect>(error: &sqlx::Error) -> Error {
    let class = match error {
        sqlx::Error::Database(error) => error.code().map_or(Class::Unexpected, |code| D::class(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Class::Unavailable,
        _ => Class::Unexpected,
    };
    let cause = Box::new(Cause(text(error)));
    match class {
        Class::Unavailable => Error::Unavailable(cause),
        Class::Unwritable => Error::Unwritable(cause),
        Class::Unexpected => Error::Unexpected(cause),
    }
}

/// The text of an error, without values of rows.
pub(super) fn text(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => database_text(error.as_ref()),
        // these contain no values of rows, and their reason is often in the cause of a cause
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => with_causes(error),
        other => other.source().map_or_else(|| other.to_string(), ToString::to_string),
    }
}

// PostgreSQL puts values of the row into the detail, which is therefore omitted
fn database_text(error: &dyn DatabaseError) -> String {
    let code = error.code().unwrap_or_default();
    let next = next_step(&code).map(|next| format!("; {next}")).unwrap_or_default();
    format!("error {code}: {}{next}", error.message())
}

/// What to do about an error whose own text does not say it. The codes of the two databases differ.
fn next_step(code: &str) -> Option<&'static str> {
    const CORRUPT: i32 = 11;
    match code {
        // the session has a prepared statement of another client, or lacks that of this one
        "42P05" | "26000" => {
            Some("a pooler in front of the database has to keep one session for each client: PgBouncer's `pool_mode = session`")
        }
        "08P01" => Some("for PgBouncer, set `ignore_startup_parameters = extra_float_digits`"),
        code if code.parse::<i32>().is_ok_and(|code| code & 0xff == CORRUPT) => Some(
            "the file is damaged: stop the server, keep a copy of the file, and restore a backup, or what `sqlite3 FILE .recover` saves",
        ),
        _ => None,
    }
}

/// The migrations, ready to run.
pub(super) fn migrator() -> Migrator {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sqlx::SqlStr::from_static(sql), false)
    };
    Migrator::with_migrations(MIGRATIONS.into_iter().map(migration).collect())
}

/// The number of the newest migration.
pub(super) const NEWEST: i64 = match MIGRATIONS.last() {
    Some((version, _, _)) => *version,
    None => 0,
};

/// Why a migration failed.
pub(super) fn refusal(error: &MigrateError) -> String {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => text(error),
        MigrateError::VersionMissing(version) => newer(*version),
        MigrateError::VersionMismatch(version) => {
            format!("migration {version} of it is not the one of this program; start the version that made it")
        }
        other => other.to_string(),
    }
}

/// The text about a store that a newer program has changed.
pub(super) fn newer(version: i64) -> String {
    format!("a newer version of this program wrote it (migration {version}); start that version, or restore a backup")
}

/// Connections to the database, and whether it answers.
pub(super) struct Connections<D: Dialect> {
    pub(super) pool: Pool<D>,
    /// Shares the connections among the customers on whose behalf they are used ([`customer`]), so that few of them do not make everybody
    /// wait; `None` if a connection is used for so short a time that nobody waits for long.
    pub(super) shares: Option<FairSemaphore<Option<Share>>>,
    pub(super) breaker: Breaker,
}

impl<D: Dialect> Clone for Connections<D> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), shares: self.shares.clone(), breaker: self.breaker.clone() }
    }
}

/// A connection from the pool, for one use.
pub(super) struct Lease<D: Dialect> {
    connection: PoolConnection<D>,
    _share: Option<FairPermit<Option<Share>>>,
    breaker: Breaker,
    is_idle: bool,
}

impl<D: Dialect> Lease<D> {
    pub(super) async fn of(connections: &Connections<D>) -> Result<Self> {
        let Connections { pool, shares, breaker } = connections;
        breaker.wait().await?;
        let acquired = async {
            let share = match shares {
                Some(shares) => {
                    let share = timeout(MAX_WAIT, shares.acquire(customer::current())).await;
                    Some(share.map_err(|_| failure::<D>(&sqlx::Error::PoolTimedOut))?)
                }
                None => None,
            };
            Ok((pool.acquire().await.map_err(|error| failure::<D>(&error))?, share))
        };
        let (connection, share) = breaker.watch(acquired).await?;
        Ok(Self { connection, _share: share, breaker: breaker.clone(), is_idle: true })
    }

    /// Begins a write transaction. Without [`Self::commit`] it is rolled back.
    pub(super) async fn begin(connections: &Connections<D>) -> Result<Self> {
        let mut lease = Self::of(connections).await?;
        lease.execute(D::BEGIN, &[]).await?;
        lease.is_idle = false;
        Ok(lease)
    }

    /// Commits the transaction.
    pub(super) async fn commit(mut self) -> Result<()> {
        self.execute("COMMIT", &[]).await?;
        self.is_idle = true;
        Ok(())
    }

    pub(super) async fn fetch(&mut self, sql: &'static str, arguments: &[Argument<'_>]) -> Result<Vec<Row>> {
        let was_idle = std::mem::replace(&mut self.is_idle, false);
        let fetched = async { D::fetch(&mut self.connection, sql, arguments).await.map_err(|error| failure::<D>(&error)) };
        let rows = self.breaker.watch(fetched).await?;
        self.is_idle = was_idle;
        Ok(rows)
    }

    /// Returns the first row.
    pub(super) async fn fetch_first(&mut self, sql: &'static str, arguments: &[Argument<'_>]) -> Result<Option<Row>> {
        Ok(self.fetch(sql, arguments).await?.into_iter().next())
    }

    pub(super) async fn execute(&mut self, sql: &'static str, arguments: &[Argument<'_>]) -> Result<u64> {
        let was_idle = std::mem::replace(&mut self.is_idle, false);
        let executed = async { D::execute(&mut self.connection, sql, arguments).await.map_err(|error| failure::<D>(&error)) };
        let count = self.breaker.watch(executed).await?;
        self.is_idle = was_idle;
        Ok(count)
    }
}

impl<D: Dialect> Drop for Lease<D> {
    fn drop(&mut self) {
        if !self.is_idle {
            self.connection.close_on_drop();
        }
    }
}

/// [`Dialect::fetch`] for any database that supports these types.
pub(super) async fn fetch<D>(
    connection: &mut D::Connection,
    sql: &'static str,
    arguments: &[Argument<'_>],
) -> sqlx::Result<Vec<Row>>
where
    D: Database<Arguments: IntoArguments<D>>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    usize: ColumnIndex<D::Row>,
    i64: Type<D> + for<'v> Encode<'v, D> + for<'v> Decode<'v, D>,
    String: Type<D> + for<'v> Encode<'v, D> + for<'v> Decode<'v, D>,
    Vec<u8>: Type<D> + for<'v> Encode<'v, D> + for<'v> Decode<'v, D>,
    Option<String>: for<'v> Encode<'v, D>,
    Option<Vec<u8>>: for<'v> Encode<'v, D>,
{
    let rows = bind::<D>(sql, arguments).fetch_all(connection).await?;
    rows.iter().map(|row| (0..row.len()).map(|index| value(row, index)).collect::<sqlx::Result<_>>().map(Row::new)).collect()
}

/// [`Dialect::execute`] for any database that supports these types.
pub(super) async fn execute<D>(
    connection: &mut D::Connection,
    sql: &'static str,
    arguments: &[Argument<'_>],
) -> sqlx::Result<D::QueryResult>
where
    D: Database<Arguments: IntoArguments<D>>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    i64: Type<D> + for<'v> Encode<'v, D>,
    String: Type<D>,
    Vec<u8>: Type<D>,
    Option<String>: for<'v> Encode<'v, D>,
    Option<Vec<u8>>: for<'v> Encode<'v, D>,
{
    if arguments.is_empty() {
        // sent as plain text, without being prepared
        return connection.execute(sql).await;
    }
    bind::<D>(sql, arguments).execute(connection).await
}

fn bind<'q, D>(sql: &'static str, arguments: &[Argument<'_>]) -> sqlx::query::Query<'q, D, D::Arguments>
where
    D: Database,
    i64: Type<D> + for<'v> Encode<'v, D>,
    String: Type<D>,
    Vec<u8>: Type<D>,
    Option<String>: for<'v> Encode<'v, D>,
    Option<Vec<u8>>: for<'v> Encode<'v, D>,
{
    arguments.iter().fold(sqlx::query(sql), |query, argument| match *argument {
        Argument::Int(number) => query.bind(number),
        // PostgreSQL rejects this character in text
        Argument::Text(text) => query.bind(text.map(|text| text.replace('\0', "\u{fffd}"))),
        Argument::Bytes(bytes) => query.bind(bytes.map(<[u8]>::to_vec)),
    })
}

fn value<D>(row: &D::Row, index: usize) -> sqlx::Result<Value>
where
    D: Database,
    usize: ColumnIndex<D::Row>,
    i64: Type<D> + for<'v> Decode<'v, D>,
    String: Type<D> + for<'v> Decode<'v, D>,
    Vec<u8>: Type<D> + for<'v> Decode<'v, D>,
{
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let value = match raw.type_info().name() {
        "INTEGER" | "INT8" => Decode::<D>::decode(raw).map(Value::Int),
        "TEXT" => Decode::<D>::decode(raw).map(Value::Text),
        "BLOB" | "BYTEA" => Decode::<D>::decode(raw).map(Value::Bytes),
        _ => Ok(Value::UnexpectedType),
    };
    // for example text that is not UTF-8
    Ok(value.unwrap_or(Value::UnexpectedType))
}
