//! How many requests to the MCP endpoint one user may have in flight: each waits for its turn somewhere, and keeps its connection.
//!
//! Invariant: nothing here grows with the number of users that have been seen. One is forgotten with the last of its requests.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The requests in flight. Cheap to clone; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestsInFlight(Arc<Mutex<HashMap<InFlightOf, usize>>>);

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum InFlightOf {
    User(Arc<str>),
    /// Where nobody signs in.
    Network(IpAddr),
}

/// A request that is counted until this value is dropped.
#[derive(Debug)]
pub(super) struct InFlight {
    requests: RequestsInFlight,
    of: InFlightOf,
}

impl RequestsInFlight {
    /// How many one user may have.
    pub(super) const OF_USER: usize = 64;
    /// How many one network may have where nobody signs in.
    pub(super) const OF_NETWORK: usize = 200;

    /// Counts a request; none where there are as many as there may be.
    pub(super) fn begin(&self, of: InFlightOf) -> Option<InFlight> {
        let most = match &of {
            InFlightOf::User(_) => Self::OF_USER,
            InFlightOf::Network(_) => Self::OF_NETWORK,
        };
        let mut counts = self.lock();
        let count = counts.entry(of.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(InFlight { requests: self.clone(), of })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<InFlightOf, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut counts = self.requests.lock();
        if let Some(count) = counts.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_number_of_requests_in_flight_and_is_forgotten_with_the_last() {
        let requests = RequestsInFlight::default();
        let begin = |name: &str| requests.begin(InFlightOf::User(name.into()));
        let held: Vec<_> = (0..RequestsInFlight::OF_USER).map(|_| begin("ada").unwrap()).collect();
        assert!(begin("ada").is_none());
        assert!(begin("bob").is_some(), "others have their own");
        drop(held);
        assert!(begin("ada").is_some());
        assert!(requests.lock().is_empty());
    }
}
