//! Makes the commits of `SQLite` durable, many with one flush of the disk.
//!
//! With `synchronous = NORMAL`, a commit is written to the write-ahead log and not flushed. Flushing the log afterwards makes it as
//! durable as with `FULL`, where each commit waits for a flush of its own while all others wait for it.
//!
//! Invariants:
//! - A write is reported as done only after a flush that began after its commit.
//! - At most one flush is in progress. Whoever waits for it shares the next one.
//! - When a flush fails, nothing that it should have made durable is reported as done, even if a later flush succeeds: the system
//!   may have dropped what it could not write.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{sync::Mutex, task::spawn_blocking};

/// The flushes of one log.
pub(super) struct GroupFlush {
    flush: Arc<dyn Fn() -> io::Result<()> + Send + Sync>,
    /// How many commits have asked for a flush.
    asked: AtomicU64,
    flushed: Mutex<Flushed>,
}

/// The commits that flushes have covered, counted in the order in which they asked.
#[derive(Debug, Default)]
struct Flushed {
    until: u64,
    /// Of these, those up to this one may be lost.
    failed_until: u64,
}

/// A commit may not be on the disk.
#[derive(Debug, thiserror::Error)]
#[error("the write-ahead log could not be flushed to the disk: {0}")]
pub(super) struct FlushFailed(String);

impl GroupFlush {
    /// Flushes the write-ahead log of this database.
    pub(super) fn of_database(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        let log = Log {
            path: name.into(),
            #[cfg(unix)]
            named: AtomicU64::new(0),
        };
        Self::new(move || log.flush())
    }

    fn new(flush: impl Fn() -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self { flush: Arc::new(flush), asked: AtomicU64::new(0), flushed: Mutex::default() }
    }

    /// Waits until everything that is committed is on the disk.
    ///
    /// # Errors
    /// When it may not be there.
    pub(super) async fn wait(&self) -> Result<(), FlushFailed> {
        let own = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut flushed = self.flushed.lock().await;
        if own <= flushed.failed_until {
            return Err(FlushFailed("the flush that several commits shared failed".to_owned()));
        }
        if own <= flushed.until {
            return Ok(());
        }
        let until = self.asked.load(Ordering::SeqCst);
        let flush = Arc::clone(&self.flush);
        let outcome = spawn_blocking(move || flush()).await.unwrap_or_else(|error| Err(io::Error::other(error)));
        flushed.until = until;
        outcome.map_err(|error| {
            flushed.failed_until = until;
            FlushFailed(error.to_string())
        })
    }
}

/// The write-ahead log of a database.
struct Log {
    path: PathBuf,
    /// The number of the file whose name is on the disk, too. The log is deleted and made again while the database is in use.
    #[cfg(unix)]
    named: AtomicU64,
}

impl Log {
    fn flush(&self) -> io::Result<()> {
        let file = match OpenOptions::new().write(true).open(&self.path) {
            Ok(file) => file,
            // everything is in the database, which was flushed before the log was deleted
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        file.sync_data()?;
        #[cfg(unix)]
        if let Some(folder) = self.path.parent() {
            let number = std::os::unix::fs::MetadataExt::ino(&file.metadata()?);
            if self.named.load(Ordering::Relaxed) != number {
                std::fs::File::open(folder)?.sync_all()?;
                self.named.store(number, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use tokio::task::JoinSet;

    use super::*;

    /// Flushes that wait for the test before they begin and before they end, and how many there were.
    fn held(fails: fn(u64) -> bool) -> (Arc<GroupFlush>, Arc<Barrier>, Arc<AtomicU64>) {
        let (barrier, count) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU64::new(0)));
        let (held, counted) = (Arc::clone(&barrier), Arc::clone(&count));
        let flush = GroupFlush::new(move || {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            held.wait();
            held.wait();
            if fails(number) { Err(io::Error::other("no disk")) } else { Ok(()) }
        });
        (Arc::new(flush), barrier, count)
    }

    async fn step(barrier: &Arc<Barrier>) {
        let barrier = Arc::clone(barrier);
        spawn_blocking(move || barrier.wait()).await.unwrap();
    }

    /// Starts this many commits that wait for a flush, and returns once they have asked for it.
    async fn start(flush: &Arc<GroupFlush>, commits: u64) -> JoinSet<Result<(), FlushFailed>> {
        let (mut waiting, until) = (JoinSet::new(), flush.asked.load(Ordering::SeqCst) + commits);
        for _ in 0..commits {
            let flush = Arc::clone(flush);
            waiting.spawn(async move { flush.wait().await });
        }
        while flush.asked.load(Ordering::SeqCst) < until {
            tokio::task::yield_now().await;
        }
        waiting
    }

    #[tokio::test]
    async fn those_who_wait_for_a_flush_share_the_next_one() {
        let (flush, barrier, count) = held(|_| false);
        let first = start(&flush, 1).await;
        step(&barrier).await;
        let rest = start(&flush, 100).await;
        step(&barrier).await;
        assert!(first.join_all().await.iter().all(Result::is_ok));
        step(&barrier).await;
        step(&barrier).await;
        assert!(rest.join_all().await.iter().all(Result::is_ok));
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_flush_that_fails_is_reported_to_all_who_share_it_and_to_nobody_later() {
        let (flush, barrier, count) = held(|number| number == 1);
        let first = start(&flush, 1).await;
        step(&barrier).await;
        let rest = start(&flush, 10).await;
        for _ in 0..3 {
            step(&barrier).await;
        }
        assert!(first.join_all().await.iter().all(Result::is_ok));
        assert!(rest.join_all().await.iter().all(Result::is_err));
        let later = start(&flush, 1).await;
        step(&barrier).await;
        step(&barrier).await;
        assert!(later.join_all().await.iter().all(Result::is_ok));
        assert_eq!(count.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn a_log_that_is_gone_needs_no_flush_and_one_that_cannot_be_opened_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let log = |name: &str| Log {
            path: folder.path().join(name),
            #[cfg(unix)]
            named: AtomicU64::new(0),
        };
        assert!(log("missing").flush().is_ok());
        std::fs::write(folder.path().join("present"), "").unwrap();
        assert!(log("present").flush().is_ok());
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        assert!(log("folder").flush().is_err());
    }
}
