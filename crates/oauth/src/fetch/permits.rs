//! Permits for fetches from untrusted hosts. They bound the concurrent fetches for each client network and from each host, so
//! that none of them can use up the capacity.

use std::{net::IpAddr, sync::Arc};

use mcp_http::net::{
    client_ip::ClientIp,
    fair_semaphore::{FairPermit, FairSemaphore},
    keyed_semaphore::{KeyedFairSemaphore, KeyedSemaphore},
};
use tokio::sync::OwnedSemaphorePermit;

/// The maximum number of concurrent fetches from untrusted hosts. Those from hosts that do not respond last long, so it takes many
/// networks to use up all of them.
pub(super) const AT_ONCE: usize = 96;
/// How many of them may be for one client network.
pub(super) const FOR_ONE: usize = 4;
/// How many of them may be for the customers of one internet provider while nobody else fetches; with fewer free permits, it is fewer.
pub(super) const OF_PROVIDER: usize = 24;
const PARTS: usize = AT_ONCE / OF_PROVIDER;
/// How many may be from one host, and in how many parts networks share them: a network with many fetches from a host does not keep
/// others from it.
pub(super) const FROM_HOST: usize = 4;
const PARTS_OF_HOST: usize = 2;
/// How many requests of one network may fetch or wait to; further ones are rejected at once, since each holds a connection, and those of
/// all proxies are counted together. How many of all may, and in how many parts providers share these; further ones wait.
pub(super) const OF_NETWORK: usize = 8;
pub(super) const OF_ALL: usize = 2 * AT_ONCE;
const PARTS_OF_ALL: usize = 8;

/// The semaphores from which permits are acquired.
#[derive(Debug)]
pub(super) struct FetchPermits {
    networks: KeyedSemaphore<IpAddr>,
    /// Counts the requests of a network that fetch or wait.
    places: KeyedSemaphore<IpAddr>,
    all_places: FairSemaphore<IpAddr>,
    hosts: KeyedFairSemaphore<String, IpAddr>,
    /// Shares among the customers of each provider, and among providers.
    customers: KeyedFairSemaphore<IpAddr, IpAddr>,
    providers: FairSemaphore<IpAddr>,
}

/// A permit of one client network, held while a document is fetched or waited for.
#[derive(Debug)]
pub(crate) struct NetworkPermit(
    #[expect(dead_code, reason = "held, not read")] [OwnedSemaphorePermit; 2],
    #[expect(dead_code, reason = "held, not read")] FairPermit<IpAddr>,
);

/// A permit for one fetch, dropped when the fetch and its lookup have ended.
#[derive(Debug)]
pub(super) struct FetchPermit {
    _of_host: FairPermit<IpAddr>,
    _of_provider: FairPermit<IpAddr>,
    /// The semaphores of the host and the provider, which exist while they are used.
    _keyed: [Arc<FairSemaphore<IpAddr>>; 2],
    _shared: FairPermit<IpAddr>,
}

impl FetchPermits {
    pub(super) fn new() -> Self {
        Self {
            networks: KeyedSemaphore::new(FOR_ONE),
            places: KeyedSemaphore::new(OF_NETWORK),
            all_places: FairSemaphore::new(OF_ALL, PARTS_OF_ALL),
            hosts: KeyedFairSemaphore::fair(FROM_HOST, PARTS_OF_HOST),
            customers: KeyedFairSemaphore::fair(OF_PROVIDER, OF_PROVIDER / FOR_ONE),
            providers: FairSemaphore::new(AT_ONCE, PARTS),
        }
    }

    /// Waits for a permit of a client network. Returns `None` if too many of its requests wait already. The caller must not
    /// hold anything that others need, and limits how long it waits.
    pub(super) async fn network_permit(&self, client: ClientIp) -> Option<NetworkPermit> {
        let place = self.places.of(client.customer()).try_acquire_owned().ok()?;
        // no semaphore is ever closed
        let permit = self.networks.of(client.customer()).acquire_owned().await.ok()?;
        let of_all = self.all_places.acquire(client.provider()).await;
        Some(NetworkPermit([place, permit], of_all))
    }

    /// Waits for a permit for one fetch. A fetch from a slow host waits for that host's permit first, so it does not hold one
    /// of the others.
    pub(super) async fn next(&self, host: String, client: ClientIp) -> FetchPermit {
        let (host, customers) = (self.hosts.of(host), self.customers.of(client.provider()));
        let of_host = host.acquire(client.site()).await;
        let of_provider = customers.acquire(client.site()).await;
        let shared = self.providers.acquire(client.provider()).await;
        FetchPermit { _of_host: of_host, _of_provider: of_provider, _keyed: [host, customers], _shared: shared }
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, task::Context};

    use tokio::task::unconstrained;

    use crate::fetch::permits::*;

    #[tokio::test]
    async fn few_of_a_network_may_wait() {
        let turns = FetchPermits::new();
        let network = ClientIp(IpAddr::from([198, 51, 100, 1]));
        let mut held = Vec::new();
        for _ in 0..FOR_ONE {
            held.push(turns.network_permit(network).await.unwrap());
        }
        let mut waiting: Vec<_> = (FOR_ONE..OF_NETWORK).map(|_| Box::pin(turns.network_permit(network))).collect();
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(waiting.iter_mut().all(|network_permit| network_permit.as_mut().poll(&mut context).is_pending()));
        let mut refused = pin!(turns.network_permit(network));
        assert!(matches!(refused.as_mut().poll(&mut context), std::task::Poll::Ready(None)), "at once");
        assert!(turns.network_permit(ClientIp(IpAddr::from([198, 51, 100, 2]))).await.is_some(), "another network has its own");
    }

    #[tokio::test]
    async fn the_networks_of_one_provider_leave_places_to_others_and_those_who_hold_none_are_next() {
        let permits = FetchPermits::new();
        // a permit that is there at once; a task may not poll this often without a break
        let at_once = |client: ClientIp| {
            let mut context = Context::from_waker(std::task::Waker::noop());
            match pin!(unconstrained(permits.network_permit(client))).as_mut().poll(&mut context) {
                std::task::Poll::Ready(permit) => permit,
                std::task::Poll::Pending => None,
            }
        };
        let of_provider = |provider: u8| (0..24).map(move |number| ClientIp(IpAddr::from([198, provider, number, 1])));
        let mut held: Vec<_> = of_provider(1).filter_map(at_once).collect();
        assert!((1..OF_ALL / 8).contains(&held.len()), "one provider leaves places: {}", held.len());
        let other = ClientIp(IpAddr::from([203, 0, 113, 1]));
        assert!(at_once(other).is_some());
        let mut n_providers = 1;
        for provider in 2..=255 {
            let got: Vec<_> = of_provider(provider).filter_map(at_once).collect();
            n_providers += usize::from(!got.is_empty());
            held.extend(got);
        }
        assert!(n_providers > 30, "it takes many providers to hold all places: {n_providers}");
        let mut waiting = pin!(unconstrained(permits.network_permit(other)));
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending(), "it waits instead of being refused");
        held.pop();
        assert!(waiting.as_mut().poll(&mut context).is_ready());
    }
}
