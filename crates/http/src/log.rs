//! How failures are logged, and what happens often.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Logs a failure of the server itself, with what caused it.
pub fn error(error: &dyn std::error::Error) {
    let cause = error.source().map(tracing::field::display);
    tracing::error!(%error, cause, "failed");
}

/// Something that may happen so often that a line for each time would flood the log.
#[derive(Debug, Default)]
pub struct Recurring {
    logged_at: Option<Instant>,
    count: u64,
}

impl Recurring {
    /// The least time between two lines about the same.
    const BETWEEN: Duration = Duration::from_mins(1);

    /// Notes that it happened. How often it has since the last line, when it is time for another one.
    pub fn note(&mut self, now: Instant) -> Option<u64> {
        self.count += 1;
        if self.logged_at.is_some_and(|at| now.duration_since(at) < Self::BETWEEN) {
            return None;
        }
        self.logged_at = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}

/// The same, shared by all that note it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SharedRecurring(Arc<Mutex<Recurring>>);

impl SharedRecurring {
    /// As [`Recurring::note`], now.
    pub fn note(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).note(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_often_is_logged_once_a_minute_with_its_count() {
        let start = Instant::now();
        let mut recurring = Recurring::default();
        let noted = [0, 1, 59, 60, 61, 121].map(|second| recurring.note(start + Duration::from_secs(second)));
        assert_eq!(noted, [Some(1), None, None, Some(3), None, Some(2)]);
    }
}
