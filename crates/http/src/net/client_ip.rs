//! Who is at the other end: the address of the connection, or what a trusted proxy says.
//!
//! Invariant: a forwarded header, or a request's id, counts only when the connection comes from a configured proxy, and then
//! only up to the first address that is none.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

#[cfg(test)]
mod tests;

/// The address at the other end of a connection.
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

/// The address of the client, for limits and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// Where a request comes from. Without a known peer it is nobody's address.
    pub fn of(peer: Option<Peer>, headers: &HeaderMap, proxies: &[IpNet]) -> Self {
        let Some(Peer(peer)) = peer else { return Self(IpAddr::from([0, 0, 0, 0])) };
        let mut client = peer.ip().to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        // bytes that are no text belong to one hop of a line, and hide no other
        let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        let mut hops = hops.map(|hop| address(str::from_utf8(hop).ok()?.trim()));
        while is_proxy(client, proxies) {
            match hops.next() {
                Some(Some(hop)) => client = hop.to_canonical(),
                // who puts in what is no address says nothing about what lies before it
                Some(None) | None => break,
            }
        }
        Self(client)
    }

    /// The network that limits count by: one address, or one network of IPv6, a /64.
    #[must_use]
    pub fn network(self) -> IpAddr {
        self.within(64)
    }

    /// What one customer has: one address, or the /56 of IPv6 that providers give out.
    #[must_use]
    pub fn customer(self) -> IpAddr {
        self.within(56)
    }

    fn within(self, bits: u32) -> IpAddr {
        match self.0 {
            IpAddr::V4(ip) => ip.into(),
            IpAddr::V6(ip) => std::net::Ipv6Addr::from_bits(ip.to_bits() & !(u128::MAX >> bits)).into(),
        }
    }
}

/// An address as proxies write it, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let plain = || text.trim_matches(['[', ']']).parse().ok();
    text.parse::<SocketAddr>().map(|address| address.ip()).ok().or_else(plain)
}
