//! Limits the requests to the MCP endpoint that one user may have in flight: each waits for other limits, and occupies its
//! connection.

use std::{net::IpAddr, sync::Arc};

use mcp_http::net::keyed_semaphore::KeyedSemaphore;
use tokio::sync::OwnedSemaphorePermit;

/// The requests in flight. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(super) struct RequestsInFlight {
    users: Arc<KeyedSemaphore<Arc<str>>>,
    networks: Arc<KeyedSemaphore<IpAddr>>,
}

/// The user or network whose requests are counted together.
#[derive(Clone, Debug)]
pub(super) enum InFlightOf {
    User(Arc<str>),
    /// Used if users do not sign in.
    Network(IpAddr),
}

impl RequestsInFlight {
    /// The limit of one user.
    pub(super) const OF_USER: usize = 32;
    /// The limit of one network if users do not sign in.
    pub(super) const OF_NETWORK: usize = 100;

    pub(super) fn new() -> Self {
        Self { users: Arc::new(KeyedSemaphore::new(Self::OF_USER)), networks: Arc::new(KeyedSemaphore::new(Self::OF_NETWORK)) }
    }

    /// Counts a request until the permit is dropped; `None` if the limit is reached.
    pub(super) fn begin(&self, of: InFlightOf) -> Option<OwnedSemaphorePermit> {
        let semaphore = match of {
            InFlightOf::User(user) => self.users.of(user),
            InFlightOf::Network(network) => self.networks.of(network),
        };
        semaphore.try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_number_of_requests_in_flight_and_others_have_their_own() {
        let requests = RequestsInFlight::new();
        let begin = |name: &str| requests.begin(InFlightOf::User(name.into()));
        let held: Vec<_> = (0..RequestsInFlight::OF_USER).map(|_| begin("ada").unwrap()).collect();
        assert!(begin("ada").is_none());
        assert!(begin("bob").is_some(), "others have their own");
        drop(held);
        assert!(begin("ada").is_some());
    }
}
