//! Logs failures, and summarizes frequent events.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Logs a failure of the server itself, with its cause.
pub fn error(error: &dyn std::error::Error) {
    let cause = error.source().map(tracing::field::display);
    tracing::error!(%error, cause, "failed");
}

/// An event that may happen so often that one line for each would flood the log.
#[derive(Debug, Default)]
pub struct Recurring {
    logged_at: Option<Instant>,
    count: u64,
}

impl Recurring {
    /// The minimum time between two lines about the same event.
    const BETWEEN: Duration = Duration::from_mins(1);

    /// Counts the event. If the next line is due, returns the number of events since the last one.
    pub fn note(&mut self, now: Instant) -> Option<u64> {
        self.count += 1;
        if self.logged_at.is_some_and(|at| now.duration_since(at) < Self::BETWEEN) {
            return None;
        }
        self.logged_at = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}

/// The same, shared by several threads. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SharedRecurring(Arc<Mutex<Recurring>>);

impl SharedRecurring {
    /// Calls [`Recurring::note`] with the current time.
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
