//! Keeps work on long texts from delaying everything else.
//!
//! Invariants:
//! - Work on a large text runs in a thread of its own.
//! - Work on a long text runs in an async worker thread, but only as much of it at once as there are threads, and what is ready
//!   to be read or written has its turn before the next such work begins. So a short request waits for a few milliseconds,
//!   however many calls with long responses are in flight.

use std::{num::NonZero, sync::LazyLock, thread::available_parallelism};

use tokio::{
    sync::Semaphore,
    task::{spawn_blocking, yield_now},
};

/// From this many bytes on, a text is long: work on a shorter one takes a fraction of a millisecond.
const LONG: usize = 16 << 10;
/// From this many bytes on, a text is large: work on a shorter one takes a few milliseconds.
const LARGE: usize = 256 << 10;

/// The turns of work on long texts, which the whole process shares as it shares the processors.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, NonZero::get)));

/// Runs work on a text of this many bytes. `None` if the work panicked or was cancelled.
pub(crate) async fn run<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if bytes < LARGE { Some(in_turn(bytes, work).await) } else { spawn_blocking(work).await.ok() }
}

/// Runs work on a text of this many bytes in this thread, when it is its turn.
pub(crate) async fn in_turn<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes < LONG {
        return work();
    }
    // nobody closes the semaphore
    let turn = TURNS.acquire().await;
    let result = work();
    // The runtime looks for input and output before it continues with this task, and the next turn begins only then.
    yield_now().await;
    drop(turn);
    result
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        task::JoinSet,
    };

    use super::*;

    #[tokio::test]
    async fn work_over_a_large_text_has_a_thread_of_its_own() {
        let here = thread::current().id();
        let there = |bytes| run(bytes, || thread::current().id());
        assert_eq!(there(LONG - 1).await, Some(here));
        assert_eq!(there(LARGE - 1).await, Some(here));
        assert_ne!(there(LARGE).await.unwrap(), here);
        assert!(run(LARGE, || -> u8 { std::panic::resume_unwind(Box::new(())) }).await.is_none());
    }

    /// How much of fifty works was done when a message arrived that had been sent before all of it.
    async fn done_before_input(bytes: usize) -> usize {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut receiver, _) = listener.accept().await.unwrap();
        let done = Arc::new(AtomicUsize::new(0));
        let mut works = JoinSet::new();
        let reader = tokio::spawn({
            let done = Arc::clone(&done);
            async move {
                receiver.read_u8().await.unwrap();
                done.load(Ordering::Relaxed)
            }
        });
        // the reader waits for input now
        yield_now().await;
        sender.write_u8(1).await.unwrap();
        for _ in 0..50 {
            let done = Arc::clone(&done);
            works.spawn(async move { in_turn(bytes, || done.fetch_add(1, Ordering::Relaxed)).await });
        }
        works.join_all().await;
        reader.await.unwrap()
    }

    #[tokio::test]
    async fn input_does_not_wait_for_all_long_work() {
        let turns = available_parallelism().map_or(1, NonZero::get);
        assert!(done_before_input(LONG).await <= turns, "it is read after the first turns");
        assert_eq!(done_before_input(LONG - 1).await, 50, "short work does not take turns");
    }
}
