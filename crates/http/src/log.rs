//! Logs failures, and summarizes frequent events.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Logs a failure of the server itself, with its causes.
pub fn error(error: &dyn std::error::Error) {
    let cause = error.source().map(with_causes).map(tracing::field::display);
    tracing::error!(%error, cause, "failed");
}

/// The text of an error and of all its causes, for an operator.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut last = error;
    while let Some(cause) = last.source() {
        let said = cause.to_string();
        // some errors repeat their cause
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        last = cause;
    }
    text
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

/// Limits how many lines about events of one kind are logged in a second, for events that clients can cause without limit.
#[derive(Debug)]
pub struct LineLimit {
    per_second: u32,
    state: Mutex<LineLimitState>,
}

#[derive(Debug, Default)]
struct LineLimitState {
    second_began_at: Option<Instant>,
    logged: u32,
    dropped: Recurring,
}

/// Whether an event is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It is logged.
    Logged,
    /// It is not logged. From time to time this contains how many events were not, and that number is logged in their place.
    Dropped(Option<u64>),
}

impl LineLimit {
    /// A limit on the lines in each second.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self { per_second, state: Mutex::default() }
    }

    /// Counts an event at this time.
    pub fn note(&self, now: Instant) -> Line {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.second_began_at.is_none_or(|at| now.duration_since(at) >= Duration::from_secs(1)) {
            (state.second_began_at, state.logged) = (Some(now), 0);
        }
        if state.logged < self.per_second {
            state.logged += 1;
            Line::Logged
        } else {
            Line::Dropped(state.dropped.note(now))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Failed(&'static str, #[source] Option<Box<Failed>>);

    #[test]
    fn an_error_is_told_with_all_its_causes() {
        let error = Failed("the store fails", Some(Box::new(Failed("io: refused", Some(Box::new(Failed("refused", None)))))));
        assert_eq!(with_causes(&error), "the store fails: io: refused");
        let error = Failed("the store fails", Some(Box::new(Failed("it is closed", Some(Box::new(Failed("reset", None)))))));
        assert_eq!(with_causes(&error), "the store fails: it is closed: reset");
    }

    #[test]
    fn what_happens_often_is_logged_once_a_minute_with_its_count() {
        let start = Instant::now();
        let mut recurring = Recurring::default();
        let noted = [0, 1, 59, 60, 61, 121].map(|second| recurring.note(start + Duration::from_secs(second)));
        assert_eq!(noted, [Some(1), None, None, Some(3), None, Some(2)]);
    }

    #[test]
    fn few_lines_are_logged_in_a_second_and_the_others_are_counted() {
        let start = Instant::now();
        let limit = LineLimit::new(2);
        let at = |milliseconds| limit.note(start + Duration::from_millis(milliseconds));
        let noted = [0, 1, 2, 3, 1_000, 1_001, 1_002, 62_000].map(at);
        let (logged, dropped) = (Line::Logged, Line::Dropped(None));
        assert_eq!(noted, [logged, logged, Line::Dropped(Some(1)), dropped, logged, logged, dropped, logged]);
        at(62_001);
        assert_eq!(at(62_002), Line::Dropped(Some(3)));
    }
}
