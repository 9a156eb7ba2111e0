//! SQLite, in one file.
//!
//! One connection writes and several read: reads continue while a write waits for the disk, and writes wait for each other in
//! the pool instead of failing in the database.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use mcp_http::scope::ScopeDefinitions;
use sqlx::{
    ConnectOptions, Connection, Pool, Sqlite, SqliteConnection,
    error::DatabaseError,
    migrate::MigrateError,
    pool::PoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::{Instant, sleep};

use super::{
    Error, Result,
    breaker::Breaker,
    dialect::{self, Class, Connections, Dialect},
    existing,
    row::{Argument, Row},
    sql::Sql,
};

/// How long a write waits for another process.
const BUSY: Duration = Duration::from_secs(5);
/// How long a write waits for other writes of this process.
const QUEUE: Duration = Duration::from_secs(10);
/// How long to wait before the next attempt to open a file that another process has locked.
const AGAIN: Duration = Duration::from_millis(50);
const N_READERS: u32 = 4;
const NOT_A_DATABASE: &str = "26";
const CANNOT_OPEN: &str = "14";
const IS_A_FOLDER: &str = "it is a folder; name a file in it";

impl Dialect for Sqlite {
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const LOCK_REPLICAS: Option<&'static str> = None;
    const CLOCK: &'static str = "SELECT CAST(strftime('%s', 'now') AS INTEGER)";

    // https://sqlite.org/rescode.html; the lowest byte is the primary result code
    fn class(code: &str) -> Class {
        const BUSY: i32 = 5;
        const LOCKED: i32 = 6;
        const OUT_OF_MEMORY: i32 = 7;
        const READ_ONLY: i32 = 8;
        const INPUT_OUTPUT: i32 = 10;
        const FULL: i32 = 13;
        const CANNOT_OPEN: i32 = 14;
        const PROTOCOL: i32 = 15;
        // write, fsync, directory fsync, truncate, and the three of shared memory
        const CANNOT_WRITE: [i32; 7] = [3, 4, 5, 6, 18, 19, 21];
        let Ok(code) = code.parse::<i32>() else { return Class::Unexpected };
        match (code & 0xff, code >> 8) {
            (READ_ONLY | FULL, _) => Class::Unwritable,
            (INPUT_OUTPUT, detail) if CANNOT_WRITE.contains(&detail) => Class::Unwritable,
            (BUSY | LOCKED | OUT_OF_MEMORY | INPUT_OUTPUT | CANNOT_OPEN | PROTOCOL, _) => Class::Unavailable,
            _ => Class::Unexpected,
        }
    }

    async fn fetch(connection: &mut SqliteConnection, sql: &'static str, arguments: &[Argument<'_>]) -> sqlx::Result<Vec<Row>> {
        dialect::fetch::<Self>(connection, sql, arguments).await
    }

    async fn execute(connection: &mut SqliteConnection, sql: &'static str, arguments: &[Argument<'_>]) -> sqlx::Result<u64> {
        dialect::execute::<Self>(connection, sql, arguments).await.map(|result| result.rows_affected())
    }
}

/// Opens the file. Creates it, and its folder, if it does not exist.
pub(super) async fn open(path: &Path, scopes: ScopeDefinitions) -> Result<Sql<Sqlite>> {
    let describe = |why: &str| Error::Open(format!("`{}`: {why}", path.display()));
    // SQLite could take a relative path for something other than a path
    let path = std::path::absolute(path).map_err(|error| describe(&error.to_string()))?;
    if path.is_dir() {
        return Err(describe(IS_A_FOLDER));
    }
    make(&path)?;
    let options = options(&path);
    migrate_once_free(&options).await.map_err(|error| describe(&refusal(&error)))?;
    Ok(connect(options, scopes))
}

/// Opens the file if it is a store with the tables of this program. Changes nothing.
pub(super) async fn open_existing(path: &Path, scopes: ScopeDefinitions) -> Result<Sql<Sqlite>> {
    let (path, shown, versions) = versions(path).await?;
    let versions = versions.ok_or_else(|| Error::Missing(format!("{shown} does not exist")))?;
    existing::check(&shown, &versions)?;
    Ok(connect(options(&path), scopes))
}

/// Opens the file if it is a store; `None` if a server could make one. Changes nothing.
pub(super) async fn inspect(path: &Path, scopes: ScopeDefinitions) -> Result<Option<Sql<Sqlite>>> {
    let (path, shown, versions) = versions(path).await?;
    let Some(versions) = versions else {
        let folder = path.ancestors().skip(1).find(|folder| folder.exists()).unwrap_or(&path);
        let made = tempfile::tempfile_in(folder).map(drop);
        return made.map(|()| None).map_err(|error| {
            let folder = folder.display();
            Error::Open(format!("{shown} cannot be made: `{folder}`: {error}; let this program's user write that folder"))
        });
    };
    // this checks the permission to write and changes nothing
    OpenOptions::new().write(true).open(&path).map_err(|error| Error::Open(format!("{shown} cannot be written: {error}")))?;
    Ok(existing::is_there(&shown, &versions)?.then(|| connect(options(&path), scopes)))
}

/// The absolute path, its name in messages, and the numbers of the migrations that have run; `None` without a file.
async fn versions(path: &Path) -> Result<(PathBuf, String, Option<Vec<i64>>)> {
    let shown = format!("`{}`", path.display());
    let path = std::path::absolute(path).map_err(|error| Error::Open(format!("{shown}: {error}")))?;
    match path.try_exists() {
        Ok(true) if path.is_dir() => return Err(Error::Open(format!("{shown}: {IS_A_FOLDER}"))),
        Ok(true) => {}
        Ok(false) => return Ok((path, shown, None)),
        Err(error) => return Err(Error::Open(format!("{shown}: {error}"))),
    }
    let versions = async {
        let plain = SqliteConnectOptions::new().filename(&path).busy_timeout(BUSY).disable_statement_logging();
        let mut connection = plain.connect().await?;
        let versions = sqlx::query_scalar(existing::VERSIONS).fetch_all(&mut connection).await?;
        connection.close().await?;
        Ok(versions)
    };
    let versions = match versions.await {
        Err(sqlx::Error::Database(error)) if error.message().starts_with("no such table") => Vec::new(),
        other => other.map_err(|error| Error::Open(format!("{shown}: {}", cause(&error))))?,
    };
    Ok((path, shown, Some(versions)))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // deleted content is overwritten
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
}

fn connect(options: SqliteConnectOptions, scopes: ScopeDefinitions) -> Sql<Sqlite> {
    let pool = |most, options| {
        PoolOptions::<Sqlite>::new()
            .max_connections(most)
            .acquire_timeout(QUEUE)
            // sqlx would log each wait
            .acquire_slow_threshold(2 * QUEUE)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options)
    };
    let reads: Pool<Sqlite> = pool(N_READERS, options.clone().pragma("query_only", "ON"));
    let of = |pool| Connections { pool, shares: None, breaker: Breaker::none() };
    Sql { reads: of(reads), writes: of(pool(1, options)), scopes }
}

/// Creates the file and its folder, accessible to the owner only.
fn make(path: &Path) -> Result<()> {
    let describe = |at: &Path, error: &io::Error| Error::Open(format!("`{}` cannot be made: {error}", at.display()));
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent().map(PathBuf::from).filter(|folder| !folder.exists()) {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&folder).map_err(|error| describe(&folder, &error))?;
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.write(true).create_new(true).open(path) {
        // another process created it first
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(describe(path, &error)),
        _ => Ok(()),
    }
}

/// Runs [`migrate`] again as long as another process has locked the file: the switch to the write-ahead log does not wait by
/// itself.
async fn migrate_once_free(options: &SqliteConnectOptions) -> std::result::Result<(), MigrateError> {
    let until = Instant::now() + BUSY;
    loop {
        match migrate(options).await {
            Err(MigrateError::Execute(sqlx::Error::Database(error)))
                if class(error.as_ref()) == Class::Unavailable && Instant::now() < until =>
            {
                sleep(AGAIN).await;
            }
            other => return other,
        }
    }
}

/// Runs the missing migrations. If several processes start at once, the first one does it.
async fn migrate(options: &SqliteConnectOptions) -> std::result::Result<(), MigrateError> {
    let mut connection = options.connect().await?;
    let migrator = dialect::migrator();
    let begun = match connection.begin_with(Sqlite::BEGIN).await {
        Ok(mut transaction) => {
            migrator.run_direct(None, &mut *transaction, false).await?;
            transaction.commit().await
        }
        Err(error) => Err(error),
    };
    match begun {
        // the file cannot be written, so no migration may be missing
        Err(sqlx::Error::Database(error)) if class(error.as_ref()) == Class::Unwritable => {
            migrator.run_direct(None, &mut connection, false).await?;
        }
        other => other?,
    }
    connection.close().await?;
    Ok(())
}

fn class(error: &dyn DatabaseError) -> Class {
    error.code().map_or(Class::Unexpected, |code| Sqlite::class(&code))
}

/// Why the file cannot be used.
fn refusal(error: &MigrateError) -> String {
    let (MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) = error else {
        return dialect::refusal(error);
    };
    self::cause(cause)
}

/// Why the file cannot be read or written, with a next step.
fn cause(cause: &sqlx::Error) -> String {
    let text = match cause {
        sqlx::Error::Database(error) if class(error.as_ref()) == Class::Unwritable => {
            "it cannot be written: free space on its disk, or let this program's user write it and its folder"
        }
        sqlx::Error::Database(error) if error.code().as_deref() == Some(NOT_A_DATABASE) => {
            "it is not an SQLite database; name another file"
        }
        sqlx::Error::Database(error) if error.code().as_deref() == Some(CANNOT_OPEN) => {
            "it cannot be opened; let this program's user read and write it and its folder"
        }
        _ => return dialect::text(cause),
    };
    text.to_owned()
}
