//! Work over a large text, beside the runtime, so that other calls go on meanwhile.

use tokio::task::spawn_blocking;

/// From how many bytes on a text is large: work over less takes a few milliseconds.
const LARGE: usize = 256 << 10;

/// Does some work over a text of so many bytes. None where it could not be done to its end.
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
