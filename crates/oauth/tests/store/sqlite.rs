//! What only a file can do.

use std::{
    env, fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use mcp_oauth_server::store::{self, Error, Rotation, Store, StoreAt};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{NOW, Place, connect, counts, hash, rotate};
use crate::support::rights::definitions;

async fn open(path: &Path) -> store::Result<Arc<dyn Store>> {
    store::open(&StoreAt::Sqlite(path.to_owned()), definitions()).await
}

async fn refused(path: &Path) -> String {
    open(path).await.expect_err("the store does not open").to_string()
}

/// Beside the store, as another process.
async fn beside(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.expect("the file opens")
}

fn path(place: &Place) -> PathBuf {
    let StoreAt::Sqlite(path) = &place.at else { panic!("it is a file") };
    path.clone()
}

#[tokio::test]
async fn the_file_and_its_folder_are_their_owner_s_only() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let path = folder.path().join("data/of/store.db");
    let store = open(&path).await.expect("the store opens");
    connect(&*store, "a", "ann", "client").await;
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("data")), 0o700);
    assert_eq!(mode(&folder.path().join("data/of")), 0o700);
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    assert_ne!(fs::metadata(path.with_file_name("store.db-wal")).expect("it is there").size(), 0, "it is a log ahead of writing");
}

#[tokio::test]
async fn a_place_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let file = folder.path().join("file");
    fs::write(&file, "this is not a database, but it is long enough to look like one ".repeat(20)).expect("it is written");
    let below = file.join("store.db");
    assert_eq!(
        refused(&below).await,
        format!("the store cannot be opened: `{}` cannot be made: Not a directory (os error 20)", below.display())
    );
    let error = refused(&file).await;
    assert!(error.ends_with("it is not an SQLite database; name another file"), "{error}");
    let error = refused(folder.path()).await;
    assert!(error.ends_with("it is a folder; name a file in it"), "{error}");
    let error = refused(folder.path()).await;
    assert!(error.contains(&folder.path().display().to_string()), "{error}");
}

#[tokio::test]
async fn a_path_is_never_anything_else() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    for name in ["file:x?mode=memory", ":memory:", "a b%20#?.db", "é"] {
        let path = folder.path().join(name);
        open(&path).await.expect("the store opens");
        assert!(path.exists(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_checked_while_a_write_waits() {
    let place = Place::sqlite();
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    let mut other = beside(&path(&place)).await;
    other.execute("BEGIN IMMEDIATE").await.expect("nobody else writes");
    let waiting: Vec<_> = (0..10)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.consume_once(hash(&number.to_string()), NOW).await })
        })
        .collect();
    for _ in 0..20 {
        assert!(counts(&*store, "a", NOW).await);
    }
    assert!(waiting.iter().all(|task| !task.is_finished()), "they wait");
    other.execute("COMMIT").await.expect("the other process goes on");
    for task in waiting {
        assert!(task.await.expect("it ends").expect("the store answers"));
    }
}

/// A copy of a store with a connection `a` in it, in one file.
async fn copy() -> (Place, PathBuf) {
    let place = Place::sqlite();
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    let copy = path(&place).with_file_name("copy.db");
    let sql = AssertSqlSafe(format!("VACUUM INTO '{}'", copy.display()));
    beside(&path(&place)).await.execute(sql).await.expect("it is copied");
    (place, copy)
}

/// Sets the versions of the file's format, for writing and for reading: 2 is a log ahead of writing, and what is written in
/// one that is not known yet can only be read. <https://sqlite.org/fileformat2.html#file_format_version_numbers>
fn set_versions(path: &Path, versions: [u8; 2]) {
    let mut bytes = fs::read(path).expect("the file is there");
    bytes[18..20].copy_from_slice(&versions);
    fs::write(path, bytes).expect("the file is written");
}

async fn reads_and_does_not_write(store: &dyn Store) {
    for _ in 0..3 {
        assert!(counts(store, "a", NOW).await);
        store.check().await.expect("the store answers");
        let failed = store.consume_once(hash("spent"), NOW).await;
        assert!(matches!(failed, Err(Error::Unwritable(_))), "{failed:?}");
        let failed = store.rotate(super::refresh("a"), &super::issue("b", NOW), NOW).await;
        assert!(matches!(failed, Err(Error::Unwritable(_))), "{failed:?}");
    }
    assert!(counts(store, "a", NOW).await && !counts(store, "b", NOW).await);
}

#[tokio::test]
async fn a_file_that_is_read_only_is_read() {
    let (_place, copy) = copy().await;
    set_versions(&copy, [3, 2]);
    reads_and_does_not_write(&*open(&copy).await.expect("the store opens")).await;
}

/// Files may not grow beyond this in the process that the test below starts.
const IS_FULL: &str = "STORE_TEST_DISK_IS_FULL";

fn limit_files(size: &str) {
    let process = std::process::id().to_string();
    let status = Command::new("prlimit").args(["--pid", &process, &format!("--fsize={size}:")]).status();
    assert!(status.expect("`prlimit` is there").success());
}

/// A limit holds for a process, so this test runs in one of its own, without the signal that comes with the limit.
#[tokio::test]
async fn a_full_disk_ends_writing_until_there_is_space_again() {
    const NAME: &str = "sqlite::a_full_disk_ends_writing_until_there_is_space_again";
    if env::var_os(IS_FULL).is_none() {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(env::current_exe().expect("it is known"));
        let output = command.args(["--exact", NAME, "--nocapture"]).env(IS_FULL, "yes").output().expect("it starts");
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let place = Place::sqlite();
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    let log = fs::metadata(path(&place).with_file_name("store.db-wal")).expect("it is there").size();
    limit_files(&(log + 50_000).to_string());
    let consume = async |number: u32| store.consume_once(hash(&number.to_string()), NOW).await;
    let (mut kept, mut failed) = (Vec::new(), Vec::new());
    // a write that needs much space fails before one that needs little
    for number in 0.. {
        assert!(number < 1000, "the limit holds");
        if consume(number).await.is_ok() {
            kept.push(number);
        } else {
            failed.push(number);
        }
        if failed.len() == 10 {
            break;
        }
    }
    reads_and_does_not_write(&*store).await;
    limit_files("unlimited");
    assert_eq!(rotate(&*store, "a", "b", NOW).await, Rotation::Rotated);
    for number in kept {
        assert!(!consume(number).await.expect("the store answers"), "what was answered is kept");
    }
    for number in failed {
        assert!(consume(number).await.expect("the store answers"), "what failed is not");
    }
}

#[tokio::test]
async fn an_old_file_that_cannot_be_written_is_not_opened() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let path = folder.path().join("store.db");
    let mut connection = SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.expect("it is made");
    connection.execute("CREATE TABLE other (id TEXT)").await.expect("the statement is right");
    sqlx::Connection::close(connection).await.expect("it closes");
    set_versions(&path, [3, 2]);
    let error = refused(&path).await;
    assert!(error.contains("it cannot be written: free space on its disk"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_were_given_up_leave_nothing_behind() {
    let place = Place::sqlite();
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    for number in 0..50_u32 {
        let name = number.to_string();
        let tokens = super::issue(&name, NOW);
        let rotation = store.rotate(super::refresh("a"), &tokens, NOW);
        tokio::pin!(rotation);
        // polled a few times, and then dropped wherever it is
        for _ in 0..number {
            if is_ready(rotation.as_mut()).await {
                break;
            }
        }
    }
    assert_eq!(rotate(&*store, "a", "b", NOW).await, Rotation::Rotated);
}

/// Polls once, after the others had their turn: whether it is ready.
async fn is_ready<F: Future + Unpin>(mut future: F) -> bool {
    tokio::task::yield_now().await;
    std::future::poll_fn(|context| std::task::Poll::Ready(std::pin::Pin::new(&mut future).poll(context).is_ready())).await
}

#[tokio::test]
async fn cleaning_goes_in_small_steps() {
    let place = Place::sqlite();
    let store = place.open().await;
    let mut other = beside(&path(&place)).await;
    let fill = AssertSqlSafe(format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) \
         INSERT INTO spent SELECT randomblob(32), {} + i FROM n",
        NOW.0
    ));
    other.execute(fill).await.expect("the statement is right");
    // the last of them does not go, and takes back what its statement has done
    let stuck = AssertSqlSafe(format!(
        "CREATE TRIGGER stuck BEFORE DELETE ON spent WHEN old.expires_at = {} BEGIN SELECT RAISE(ABORT, 'stuck'); END",
        NOW.0 + 1200
    ));
    other.execute(stuck).await.expect("the statement is right");
    let failed = store.clean(super::at(1200), 10).await;
    assert!(matches!(failed, Err(Error::Unexpected(_))), "{failed:?}");
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM spent").fetch_one(&mut other).await.expect("it answers");
    assert_eq!(left, 200, "what earlier steps did is done");
    other.execute("DROP TRIGGER stuck").await.expect("the statement is right");
    assert_eq!(store.clean(super::at(1200), 10).await.expect("the store answers"), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_reported_with_what_to_do() {
    let place = Place::sqlite();
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    drop(store);
    place.tamper("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let StoreAt::Sqlite(path) = &place.at else { return };
    let mut bytes = fs::read(path).expect("the file is there");
    // every page but the first, which says what the file is
    bytes[4096..].fill(0xa5);
    fs::write(path, bytes).expect("the file is written");
    let said = match store::open(&place.at, definitions()).await {
        Ok(store) => mcp_http::log::with_causes(&store.access(hash("a access"), NOW).await.expect_err("it is damaged")),
        Err(error) => mcp_http::log::with_causes(&error),
    };
    assert!(said.contains("restore a backup, or what `sqlite3 FILE .recover` saves"), "{said}");
}
