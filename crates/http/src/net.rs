//! Where requests come from and where they may go.

use std::net::IpAddr;

use reqwest::Url;

pub mod body;
pub mod client_ip;
pub mod keyed_semaphore;
pub mod rate_limit;
pub mod ssrf;

/// How hosts of addresses say that they are on the client's own machine.
pub const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    ip.map_or(host == "localhost", |ip| ip.is_loopback())
}
