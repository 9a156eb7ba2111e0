//! What one tool call has found out about its filters, and how many control calls it may still make.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use mcp_http::sanitize::one_line;
use tokio::time::{Instant, timeout};

use crate::custom_fields::MAX_CHARACTERS;

/// How many control calls one tool call may make, and how long they may take together.
pub(super) const MAX_CONTROLS: usize = 4;
pub(super) const MAX_CONTROL_TIME: Duration = Duration::from_secs(5);
/// How many filters a note names.
const TOLD: usize = 5;

/// The key and the operator of a filter.
pub(super) type Name = (String, String);

/// The checks of the filters of one tool call, over all of its pages and attempts.
#[derive(Debug)]
pub(crate) struct FilterChecks(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The filters of which a page showed that they are applied or met.
    clear: BTreeSet<Name>,
    /// The filters of which a page showed nothing.
    unclear: BTreeSet<Name>,
    controls_left: usize,
    time_left: Duration,
}

impl Default for FilterChecks {
    fn default() -> Self {
        Self(Mutex::new(State {
            clear: BTreeSet::new(),
            unclear: BTreeSet::new(),
            controls_left: MAX_CONTROLS,
            time_left: MAX_CONTROL_TIME,
        }))
    }
}

impl FilterChecks {
    /// Adds what a response that is returned showed.
    pub(super) fn add(&self, clear: Vec<Name>, unclear: Vec<Name>) {
        let mut state = self.state();
        state.clear.extend(clear);
        state.unclear.extend(unclear);
    }

    /// Makes a control call; `None` if the tool call may make no more, or the time for them is over.
    pub(super) async fn control<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        let time_left = {
            let mut state = self.state();
            if state.time_left.is_zero() {
                return None;
            }
            state.controls_left = state.controls_left.checked_sub(1)?;
            state.time_left
        };
        let begun_at = Instant::now();
        let found = timeout(time_left, call).await.ok();
        let mut state = self.state();
        state.time_left = state.time_left.saturating_sub(begun_at.elapsed());
        found
    }

    /// The note about the filters that could not be checked.
    pub(crate) fn note(&self) -> Option<String> {
        let state = self.state();
        let keys: BTreeSet<&str> = state.unclear.difference(&state.clear).map(|(key, _)| key.as_str()).collect();
        let told: Vec<String> = keys.iter().take(TOLD).map(|key| format!("`{}`", one_line(key, MAX_CHARACTERS))).collect();
        (!told.is_empty()).then(|| {
            format!(
                "It is not known whether the API applied the filter by {}, since the response does not show it. Items, totals and \
                 aggregations may include what does not meet it: compare the items before you rely on them.",
                told.join(", ")
            )
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
