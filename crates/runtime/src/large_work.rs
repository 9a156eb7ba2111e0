//! Runs work on large texts outside the async worker threads, so that it does not delay other calls.

use tokio::task::spawn_blocking;

/// From this many bytes on, a text is large: work on a smaller one takes a few milliseconds.
const LARGE: usize = 256 << 10;

/// Runs work on a text of this many bytes. `None` if the work panicked or was cancelled.
pub(crate) async fn run<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if bytes < LARGE { Some(work()) } else { spawn_blocking(work).await.ok() }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn work_over_a_large_text_has_a_thread_of_its_own() {
        let here = thread::current().id();
        let there = |bytes| run(bytes, || thread::current().id());
        assert_eq!(there(LARGE - 1).await, Some(here));
        assert_ne!(there(LARGE).await.unwrap(), here);
        assert!(run(LARGE, || -> u8 { std::panic::resume_unwind(Box::new(())) }).await.is_none());
    }
}
