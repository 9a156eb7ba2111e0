//! Limits the requests to the MCP endpoint that one user may have in flight: each waits for other limits, and occupies its
//! connection. Limits the large responses that are in memory until their clients have read them, too.

use std::{net::IpAddr, sync::Arc, time::Duration};

use mcp_http::net::{
    fair_semaphore::{FairPermit, FairSemaphore},
    keyed_semaphore::KeyedSemaphore,
};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// How many bytes a response may have without being counted.
const SMALL_RESPONSE: u64 = 32 << 10;
/// How many larger responses of all users may wait to be written, and which part of the free places one user may have.
const RESPONSES: (usize, usize) = (256, 8);
/// How long a response waits for such a place.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The requests in flight. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(super) struct RequestsInFlight {
    users: Arc<KeyedSemaphore<Arc<str>>>,
    networks: Arc<KeyedSemaphore<IpAddr>>,
    responses: FairSemaphore<InFlightOf>,
}

/// The user or network whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
        let (places, parts) = RESPONSES;
        Self {
            users: Arc::new(KeyedSemaphore::new(Self::OF_USER)),
            networks: Arc::new(KeyedSemaphore::new(Self::OF_NETWORK)),
            responses: FairSemaphore::new(places, parts),
        }
    }

    /// Counts a request until the permit is dropped; `None` if the limit is reached.
    pub(super) fn begin(&self, of: &InFlightOf) -> Option<OwnedSemaphorePermit> {
        let semaphore = match of {
            InFlightOf::User(user) => self.users.of(Arc::clone(user)),
            InFlightOf::Network(network) => self.networks.of(*network),
        };
        semaphore.try_acquire_owned().ok()
    }

    /// Waits for the place of a response of this many bytes, which it keeps until it was written. A small one needs none.
    ///
    /// # Errors
    /// [`TooManyUnread`] when no place becomes free in time.
    pub(super) async fn begin_response(
        &self,
        of: InFlightOf,
        bytes: u64,
    ) -> Result<Option<FairPermit<InFlightOf>>, TooManyUnread> {
        if bytes <= SMALL_RESPONSE {
            return Ok(None);
        }
        timeout(MAX_WAIT, self.responses.acquire(of)).await.map(Some).map_err(|_| TooManyUnread)
    }
}

/// Clients leave too many large responses unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many responses wait to be read by their clients")]
pub(super) struct TooManyUnread;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_number_of_requests_in_flight_and_others_have_their_own() {
        let requests = RequestsInFlight::new();
        let begin = |name: &str| requests.begin(&InFlightOf::User(name.into()));
        let held: Vec<_> = (0..RequestsInFlight::OF_USER).map(|_| begin("ada").unwrap()).collect();
        assert!(begin("ada").is_none());
        assert!(begin("bob").is_some(), "others have their own");
        drop(held);
        assert!(begin("ada").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn large_responses_that_nobody_reads_leave_room_for_those_of_others() {
        let requests = RequestsInFlight::new();
        let begin = async |name: &str, bytes| requests.begin_response(InFlightOf::User(name.into()), bytes).await;
        let mut held = Vec::new();
        while let Ok(permit) = begin("ada", SMALL_RESPONSE + 1).await {
            held.push(permit);
        }
        assert!(held.len() < RequestsInFlight::OF_USER, "{}", held.len());
        assert!(begin("ada", SMALL_RESPONSE).await.is_ok_and(|permit| permit.is_none()));
        assert!(begin("bob", SMALL_RESPONSE + 1).await.is_ok());
        held.pop();
        assert!(begin("ada", SMALL_RESPONSE + 1).await.is_ok());
    }
}
