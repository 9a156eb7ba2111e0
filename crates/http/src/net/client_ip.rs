//! Determines the IP address of a client: that of the connection, or the one that a trusted proxy forwards.
//!
//! Invariant: forwarded headers and request IDs are accepted only from a configured proxy, and forwarded addresses only up to the
//! first one that is not a proxy.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

#[cfg(test)]
mod tests;

/// The remote socket address of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Peer {
    /// Whether it is one of these proxies.
    pub fn is_one_of(self, proxies: &[IpNet]) -> bool {
        is_proxy(self.0.ip().to_canonical(), proxies)
    }
}

fn is_proxy(ip: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|net| net.contains(&ip))
}

/// The IP address of the client, for limits and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// The IP address that a request comes from; `0.0.0.0` if the peer is not known.
    pub fn of(peer: Option<Peer>, headers: &HeaderMap, proxies: &[IpNet]) -> Self {
        let Some(Peer(peer)) = peer else { return Self(IpAddr::from([0, 0, 0, 0])) };
        let mut client = peer.ip().to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        // a hop that is not UTF-8 does not invalidate the other hops of its line
        let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        let mut hops = hops.map(|hop| address(str::from_utf8(hop).ok()?.trim()));
        while is_proxy(client, proxies) {
            match hops.next() {
                Some(Some(hop)) => client = hop.to_canonical(),
                // a value that is not an IP address says nothing about the hops before it
                Some(None) | None => break,
            }
        }
        Self(client)
    }

    /// The network of one customer, which limits count by: an IPv4 address, or the IPv6 /56 that providers assign.
    #[must_use]
    pub fn customer(self) -> IpAddr {
        self.within(56)
    }

    /// The network that counts as one where all share: an IPv4 address, or an IPv6 /48, the largest that providers assign to one site.
    /// A limit that refuses counts [customers](Self::customer), so that nobody is refused for a neighbour.
    #[must_use]
    pub fn site(self) -> IpAddr {
        self.within(48)
    }

    /// The network of one provider, whose customers may be one attacker: an IPv4 /16, or an IPv6 /32, the smallest that registries
    /// assign to providers.
    #[must_use]
    pub fn provider(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(ip) => std::net::Ipv4Addr::from_bits(ip.to_bits() & !(u32::MAX >> 16)).into(),
            IpAddr::V6(_) => self.within(32),
        }
    }

    fn within(self, bits: u32) -> IpAddr {
        match self.0 {
            IpAddr::V4(ip) => ip.into(),
            IpAddr::V6(ip) => std::net::Ipv6Addr::from_bits(ip.to_bits() & !(u128::MAX >> bits)).into(),
        }
    }
}

/// Parses an IP address as proxies write it, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let plain = || text.trim_matches(['[', ']']).parse().ok();
    text.parse::<SocketAddr>().map(|address| address.ip()).ok().or_else(plain)
}
