//! Where requests come from, and which hosts may be contacted.

use std::net::IpAddr;

use reqwest::Url;

pub mod body;
pub mod client_ip;
pub mod fair_semaphore;
pub mod keyed_semaphore;
pub mod rate_limit;
pub mod ssrf;

/// The hosts in URLs that denote the local machine.
pub const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// Whether the host of a URL is this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    ip.map_or(host == "localhost", |ip| ip.is_loopback())
}
