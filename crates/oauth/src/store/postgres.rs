//! PostgreSQL, for several replicas.

use std::{future::Future, io, time::Duration};

use mcp_http::{
    net::{customer::Share, fair_semaphore::FairSemaphore},
    scope::ScopeDefinitions,
};
use reqwest::Url;
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, Pool, Postgres, migrate::MigrateError, pool::PoolOptions,
    postgres::PgConnectOptions,
};
use tokio::time::timeout;

use super::{
    Error, Result,
    breaker::Breaker,
    dialect::{self, Class, Connections, Dialect},
    existing,
    row::{Argument, Row},
    sql::Sql,
};

const N_CONNECTIONS: usize = 10;
/// How long a request waits for a connection from the pool.
const QUEUE: Duration = Duration::from_secs(5);
/// How long a request waits for a response. The timeouts of the database itself are shorter, so this one expires only if the
/// database cannot be reached.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a connection that tries whether the database answers may take.
const PROBE: Duration = Duration::from_secs(2);
/// How long startup waits for another replica to finish the migrations.
const MIGRATION: Duration = Duration::from_mins(1);

/// These override the settings of the database server.
const SETTINGS: &str = "SET statement_timeout = '5s'; SET lock_timeout = '4s'; SET idle_in_transaction_session_timeout = '10s'; \
     SET default_transaction_isolation = 'read committed'; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// The parameters of a URL that sqlx knows.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

const MALFORMED: &str = "the database URL does not have the form `postgres://user:password@host:5432/database`; percent-encode reserved \
     characters in the user and the password, such as `@` as `%40`";
const MAY_NOT_CREATE: &str = "the user may not create tables in it; make the user the owner of the database";

impl Dialect for Postgres {
    const BEGIN: &'static str = "BEGIN";
    const LOCK_REPLICAS: Option<&'static str> = Some("LOCK TABLE replicas IN SHARE ROW EXCLUSIVE MODE");
    const CLOCK: &'static str = "SELECT FLOOR(EXTRACT(EPOCH FROM clock_timestamp()))::BIGINT";

    // https://www.postgresql.org/docs/current/errcodes-appendix.html; the first two characters are the class
    fn class(code: &str) -> Class {
        const READ_ONLY: &str = "25006";
        const DISK_FULL: &str = "53100";
        const INPUT_OUTPUT: &str = "58030";
        const TIMED_OUT_IN_TRANSACTION: &str = "25P03";
        const LOCK_NOT_AVAILABLE: &str = "55P03";
        match code {
            READ_ONLY | DISK_FULL | INPUT_OUTPUT => Class::Unwritable,
            TIMED_OUT_IN_TRANSACTION | LOCK_NOT_AVAILABLE => Class::Unavailable,
            // connection, password, database, transaction conflict, resources, operator intervention
            _ if ["08", "28", "3D", "40", "53", "57"].iter().any(|kind| code.starts_with(kind)) => Class::Unavailable,
            _ => Class::Unexpected,
        }
    }

    async fn fetch(connection: &mut PgConnection, sql: &'static str, arguments: &[Argument<'_>]) -> sqlx::Result<Vec<Row>> {
        answered(dialect::fetch::<Self>(connection, sql, arguments)).await
    }

    async fn execute(connection: &mut PgConnection, sql: &'static str, arguments: &[Argument<'_>]) -> sqlx::Result<u64> {
        answered(dialect::execute::<Self>(connection, sql, arguments)).await.map(|result| result.rows_affected())
    }
}

async fn answered<T>(response: impl Future<Output = sqlx::Result<T>> + Send) -> sqlx::Result<T> {
    timeout(ANSWER, response).await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
}

/// Opens the database at this URL.
pub(super) async fn open(url: &str, scopes: ScopeDefinitions) -> Result<Sql<Postgres>> {
    let options = options(url)?;
    let place = described(&options);
    let probed = options.clone();
    let pool = pool(options.clone());
    let migrated = async {
        let mut connection = pool.acquire().await?.detach();
        connection.execute("SET statement_timeout = 0; SET lock_timeout = 0").await?;
        dialect::migrator().run_direct(None, &mut connection, false).await?;
        connection.close().await?;
        Ok(())
    };
    match timeout(MIGRATION, migrated).await {
        Ok(Ok(())) => Ok(sql(pool, options, scopes)),
        Ok(Err(MigrateError::Execute(sqlx::Error::PoolTimedOut))) => {
            Err(Error::Open(format!("{place}: {}", silence(&probed).await)))
        }
        Ok(Err(error)) => Err(Error::Open(format!("{place}: {}", refusal(&error)))),
        Err(_) => {
            Err(Error::Open(format!("{place}: another process has been changing its tables for a minute; see what it does")))
        }
    }
}

/// Opens the database if it has the tables of this program. Changes nothing.
pub(super) async fn open_existing(url: &str, scopes: ScopeDefinitions) -> Result<Sql<Postgres>> {
    let (options, place, pool, versions) = versions(url).await?;
    existing::check(&place, &versions)?;
    Ok(sql(pool, options, scopes))
}

/// Opens the database if it has the tables of a server; `None` if a server could make them. Changes nothing.
pub(super) async fn inspect(url: &str, scopes: ScopeDefinitions) -> Result<Option<Sql<Postgres>>> {
    let (options, place, pool, versions) = versions(url).await?;
    if existing::is_there(&place, &versions)? {
        return Ok(Some(sql(pool, options, scopes)));
    }
    let may_create = "SELECT COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE)";
    match sqlx::query_scalar(may_create).fetch_one(&pool).await {
        Ok(true) => Ok(None),
        Ok(false) => Err(Error::Open(format!("{place}: {MAY_NOT_CREATE}"))),
        Err(error) => Err(Error::Open(format!("{place}: {}", cause(&error)))),
    }
}

fn sql(pool: Pool<Postgres>, options: PgConnectOptions, scopes: ScopeDefinitions) -> Sql<Postgres> {
    let breaker = Breaker::new(move || {
        let options = options.clone();
        Box::pin(async move { probe(&options).await })
    });
    // the server itself counts as known
    let shares = FairSemaphore::with_known(N_CONNECTIONS, 1, |share: &Option<Share>| share.is_none_or(|share| share.is_known()));
    let connections = Connections { pool, shares: Some(shares), breaker };
    Sql { reads: connections.clone(), writes: connections, scopes }
}

/// How to connect, the name of the database in messages, its connections, and the numbers of the migrations that have run.
async fn versions(url: &str) -> Result<(PgConnectOptions, String, Pool<Postgres>, Vec<i64>)> {
    let options = options(url)?;
    let place = described(&options);
    let pool = pool(options.clone());
    let versions = match sqlx::query_scalar(existing::VERSIONS).fetch_all(&pool).await {
        Err(sqlx::Error::PoolTimedOut) => return Err(Error::Open(format!("{place}: {}", silence(&options).await))),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => Vec::new(),
        other => other.map_err(|error| Error::Open(format!("{place}: {}", cause(&error))))?,
    };
    Ok((options, place, pool, versions))
}

/// Checks that a URL has only known parameters: sqlx logs the others with their values, which may be secrets.
fn check_parameters(url: &Url) -> Result<()> {
    // in a password that is not percent-encoded, `/`, `?` and `#` end the password, and the rest of it is not told
    let has_rest =
        url.fragment().is_some() || [Some(url.path()), url.query()].into_iter().flatten().any(|part| part.contains('@'));
    if has_rest {
        return Err(Error::Open(MALFORMED.to_owned()));
    }
    let is_known = |name: &str| PARAMETERS.contains(&name) || (name.starts_with("options[") && name.ends_with(']'));
    let Some((name, _)) = url.query_pairs().find(|(name, _)| !is_known(name)) else { return Ok(()) };
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !is_name {
        return Err(Error::Open(MALFORMED.to_owned()));
    }
    let known = PARAMETERS.map(|name| format!("`{name}`")).join(", ");
    Err(Error::Open(format!("the database URL has the unknown parameter `{name}`; correct or remove it: known are {known}")))
}

fn options(url: &str) -> Result<PgConnectOptions> {
    // the parsers' errors may quote the password
    let malformed = || Error::Open(MALFORMED.to_owned());
    let url = Url::parse(url).map_err(|_| malformed())?;
    check_parameters(&url)?;
    let options = PgConnectOptions::from_url(&url).map_err(|_| malformed())?;
    Ok(options.application_name(env!("CARGO_PKG_NAME")).disable_statement_logging())
}

fn pool(options: PgConnectOptions) -> Pool<Postgres> {
    PoolOptions::<Postgres>::new()
        .max_connections(u32::try_from(N_CONNECTIONS).unwrap_or(u32::MAX))
        .acquire_timeout(QUEUE)
        // sqlx would log each wait
        .acquire_slow_threshold(2 * QUEUE)
        .after_connect(|connection, _| Box::pin(async move { connection.execute(SETTINGS).await.map(drop) }))
        .connect_lazy_with(options)
}

/// Names the database at this URL, without the password.
pub(super) fn place(url: &str) -> String {
    options(url).map_or_else(|_| "the PostgreSQL database".to_owned(), |options| described(&options))
}

fn described(options: &PgConnectOptions) -> String {
    format!("the PostgreSQL database `{}` at `{}`", name(options), host(options))
}

fn name(options: &PgConnectOptions) -> &str {
    options.get_database().unwrap_or_else(|| options.get_username())
}

fn host(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// Why the database cannot be used.
fn refusal(error: &MigrateError) -> String {
    let (MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) = error else {
        return dialect::refusal(error);
    };
    self::cause(cause)
}

/// Why no connection is made, which the pool does not say.
async fn silence(options: &PgConnectOptions) -> String {
    const NEXT: &str = "it does not answer; see whether it runs and can be reached from here";
    match probe(options).await {
        Ok(()) => NEXT.to_owned(),
        Err(why) => format!("{NEXT}: {why}"),
    }
}

/// Connects and asks something, without the pool.
async fn probe(options: &PgConnectOptions) -> std::result::Result<(), String> {
    let asked = async {
        let mut connection = options.connect().await?;
        connection.execute("SELECT 1").await?;
        connection.close().await
    };
    match timeout(PROBE, asked).await {
        Ok(Ok(())) => Ok(()),
        // the database responds, so connections that are already open may still work
        Ok(Err(sqlx::Error::Database(error))) if !error.code().is_some_and(|code| code.starts_with("57")) => Ok(()),
        Ok(Err(error)) => Err(cause(&error)),
        Err(_) => Err(format!("no answer in {} s", PROBE.as_secs())),
    }
}

/// Why the database does not do what was asked, with a next step.
fn cause(cause: &sqlx::Error) -> String {
    let text = match cause {
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("28P01" | "28000") => {
                "it refuses the user or the password; correct them in its URL, or let the user in with its `pg_hba.conf`"
            }
            Some("3D000") => "it does not exist; make it with `CREATE DATABASE`",
            Some("42501") => MAY_NOT_CREATE,
            Some(code) if Postgres::class(code) == Class::Unwritable => "it is read-only or its disk is full",
            _ => return dialect::text(cause),
        },
        sqlx::Error::Tls(_) => {
            let next = "correct `sslmode` and `sslrootcert` in its URL, or TLS at the database";
            return format!("{}; {next}", dialect::text(cause));
        }
        _ => return dialect::text(cause),
    };
    text.to_owned()
}
