//! What is needed in addition to fetch from untrusted hosts: only public addresses are reached, by one's own look-up or through the
//! operator's proxy.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use mcp_http::{
    log::SharedRecurring,
    net::{
        outbound::{Proxies, cause},
        ssrf::{self, Resolver},
    },
};
use reqwest::{Client, Proxy, Url};
use rustls::ClientConfig;
use tokio::time::timeout;

use super::{
    Error, Limits, client, host,
    permits::{FetchPermit, FetchPermits},
};

/// What is needed in addition to fetch from untrusted hosts.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    /// Decides which IP addresses may be reached.
    pub(super) names: Arc<dyn Resolver>,
    pub(super) proxies: Proxies,
    pub(super) permits: Arc<FetchPermits>,
    pub(super) tls: ClientConfig,
    pub(super) unreachable: SharedRecurring,
    /// Whether errors hide why a host cannot be reached.
    pub(super) is_discreet: bool,
}

/// How an untrusted host is reached.
pub(super) enum Route {
    /// At these addresses; none for an address in place of a name.
    Direct(Vec<SocketAddr>),
    Through(Box<Proxy>),
}

impl Guard {
    /// How a URL's host is reached, with its addresses checked. An IP address in place of a name was checked before.
    pub(super) async fn route(&self, url: &Url, permit: Arc<FetchPermit>, patience: Duration) -> Result<Route, Error> {
        let proxy = self.proxies.of(url);
        let Some(name) = url.domain() else {
            return Ok(proxy.map_or_else(|| Route::Direct(Vec::new()), |proxy| Route::Through(Box::new(proxy))));
        };
        let lookup = self.lookup(name, permit);
        let refused = |cause: String| Error::Unreachable { host: host(url), cause };
        let Some(proxy) = proxy else {
            let found = lookup.await.and_then(|found| ssrf::public_of(&*self.names, name, found));
            return found.map(Route::Direct).map_err(|error| refused(cause(&error)));
        };
        if ssrf::is_local_name(name) {
            return Err(refused("only local networks have such names".to_owned()));
        }
        // behind a proxy, public names often have no address: then the lookup fails, or takes as long as it may
        let found = timeout(patience, lookup).await.ok().and_then(Result::ok).unwrap_or_default();
        if found.iter().all(|ip| self.names.may_reach(*ip)) {
            return Ok(Route::Through(Box::new(proxy)));
        }
        Err(refused(format!("`{name}` is not only public addresses")))
    }

    /// Looks the IP addresses of a name up. The lookup keeps the permit for as long as it takes, since its thread cannot be stopped.
    async fn lookup(&self, name: &str, permit: Arc<FetchPermit>) -> io::Result<Vec<IpAddr>> {
        let (names, name) = (Arc::clone(&self.names), name.to_owned());
        let lookup = tokio::spawn(async move {
            let _permit = permit;
            names.addresses(&name).await
        });
        lookup.await.map_err(io::Error::other).flatten()
    }

    /// Hides the cause for untrusted hosts: whether a name resolves to a private IP address, to none, or to a closed port would
    /// reveal the internal network. It is in the log.
    pub(super) fn discreet(&self, error: Error) -> Error {
        if self.is_discreet
            && let Error::Unreachable { host, cause } = error
        {
            self.log(&host, &cause);
            return Error::Unreachable { host, cause: "there is no connection from here".to_owned() };
        }
        if let Error::Timeout(host) = &error {
            self.log(host, "it did not answer in time");
        }
        error
    }

    /// Logs why a document could not be fetched, once a minute, since anybody can cause it.
    pub(super) fn log(&self, host: &str, cause: &str) {
        if let Some(count) = self.unreachable.note().filter(|_| self.is_discreet) {
            tracing::info!(
                count,
                host,
                cause,
                "the metadata or keys of clients cannot be fetched, the last ones for this reason; let this server reach the host, \
                 name a proxy in `HTTPS_PROXY`, or keep the metadata in a file (`metadata_file` of `[[clients]]`)"
            );
        }
    }

    /// A client that connects to a host by this route, once.
    pub(super) fn client(&self, limits: Limits, host: &str, route: Route) -> Result<Client, reqwest::Error> {
        let client = client(limits).https_only(true).no_proxy().pool_max_idle_per_host(0);
        let client = match route {
            Route::Direct(addresses) => {
                client.dns_resolver(ssrf::resolver(Arc::clone(&self.names))).resolve_to_addrs(host, &addresses)
            }
            // the proxy's own name is the operator's
            Route::Through(proxy) => client.proxy(*proxy),
        };
        client.tls_backend_preconfigured(self.tls.clone()).build()
    }
}

/// Checks the scheme, and an IP address in place of a host name: the HTTP client uses its resolver for names only.
pub(super) fn check(url: &Url, names: &dyn Resolver) -> Result<(), Error> {
    let literal = url.host_str().unwrap_or_default().trim_matches(['[', ']']).parse::<IpAddr>();
    if url.scheme() != "https" || literal.is_ok_and(|ip| !names.may_reach(ip)) {
        return Err(Error::NotPublic(host(url)));
    }
    Ok(())
}
