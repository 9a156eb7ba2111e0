//! Protection against server-side request forgery: only public IP addresses may be contacted.
//!
//! URLs from others are fetched only from public IP addresses: files that the API redirects to, and the metadata and keys of
//! clients. They must not point into the network of this server. Host names are checked when they are resolved, and the
//! connection uses the checked IP addresses, so that DNS rebinding has no effect. A proxy resolves names itself; names are then checked as
//! far as they can be resolved here.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

#[cfg(test)]
mod tests;

/// Resolves host names.
#[async_trait]
pub trait Resolver: Send + Sync + fmt::Debug {
    /// The IP addresses of a host name.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;

    /// Whether connections to an IP address are allowed: only to public ones, except in tests.
    fn may_reach(&self, ip: IpAddr) -> bool {
        is_public(ip)
    }
}

/// The resolver of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// A resolver that returns only the IP addresses that may be contacted.
pub fn resolver(names: Arc<dyn Resolver>) -> Arc<impl Resolve> {
    Arc::new(PublicOnlyResolver(names))
}

struct PublicOnlyResolver(Arc<dyn Resolver>);

impl Resolve for PublicOnlyResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let names = Arc::clone(&self.0);
        Box::pin(async move {
            let found = public_addresses(&*names, name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The IP addresses of a host name that may be contacted, with port 0, which stands for that of the URL.
///
/// # Errors
/// If the lookup fails, or none may be contacted.
pub async fn public_addresses(names: &dyn Resolver, host: &str) -> io::Result<Vec<SocketAddr>> {
    public_of(names, host, names.addresses(host).await?)
}

/// Of the IP addresses that were found for a host name, those that may be contacted, with port 0, which stands for that of the URL.
///
/// # Errors
/// If none may be contacted.
pub fn public_of(names: &dyn Resolver, host: &str, mut found: Vec<IpAddr>) -> io::Result<Vec<SocketAddr>> {
    found.retain(|ip| names.may_reach(*ip));
    if found.is_empty() {
        return Err(io::Error::other(format!("`{host}` is not a public address")));
    }
    Ok(found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect())
}

/// Checks that all IP addresses of a host name may be contacted, for a request that somebody else sends to one of them.
///
/// # Errors
/// If the lookup fails, or one may not be contacted.
pub async fn only_public_addresses(names: &dyn Resolver, host: &str) -> io::Result<()> {
    let found = names.addresses(host).await?;
    if !found.is_empty() && found.iter().all(|ip| names.may_reach(*ip)) {
        return Ok(());
    }
    Err(io::Error::other(format!("`{host}` is not only public addresses")))
}

/// The names that only local networks have (RFC 6761, RFC 6762 with its appendix G, RFC 8375, and ICANN's `internal`).
const LOCAL_NAMES: [&str; 10] =
    ["localhost", "local", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan", "invalid"];

/// Whether a host name can only be of a local network: it has a single label, or ends with one that no public name ends with. For names
/// that cannot be resolved here, because a proxy does.
#[must_use]
pub fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_below = |suffix: &&str| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    !name.contains('.') || LOCAL_NAMES.iter().any(is_below)
}

/// Whether an IP address is public: none of a block that IANA's registries of special-purpose addresses (RFC 6890) call not globally
/// reachable. In doubt, as within `192.0.0.0/24` and `2001::/23`, it is not.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    // this network, reserved; shared by a provider's customers; protocol assignments; 6to4 relays (RFC 7526); benchmarks
    let is_special =
        matches!(ip.octets(), [0 | 240.., ..] | [100, 64..128, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..20, ..]);
    !(is_special || ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_multicast() || ip.is_documentation())
}

/// Only global unicast addresses (`2000::/3`), and none that embeds an IPv4 address, which a translator might route into the
/// internal network. The exception is NAT64's well-known prefix (RFC 6052), whose embedded address can be checked, since networks
/// without IPv4 reach all IPv4 hosts through it.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(ip) = ip.to_ipv4_mapped() {
        return is_public_v4(ip);
    }
    let [.., a, b, c, d] = ip.octets();
    match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => is_public_v4(Ipv4Addr::new(a, b, c, d)),
        // protocol assignments, including Teredo and ORCHID (2001::/23); two documentation prefixes; 6to4
        [0x2001, 0..0x200 | 0x0db8, ..] | [0x3fff, 0..0x1000, ..] | [0x2002, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}
