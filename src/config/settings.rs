//! The settings of the server, after all checks.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use ipnet::IpNet;
use mcp_http::caller::Keys;
use mcp_oauth_server::{identity::External, settings::Embedded};

/// The settings of `serve`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The public origin, without a trailing slash; `None` means the address that the server listens on, which is then a loopback
    /// address.
    pub public_url: Option<String>,
    /// Other origins whose web pages may call the MCP endpoint, besides those of this machine and the public origin.
    pub allowed_origins: Vec<String>,
    /// The proxies whose forwarded headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// How many connections may be open at once.
    pub connections: usize,
    /// How many of them may come from one network.
    pub connections_per_customer: usize,
    /// The address of the health listener.
    pub health_listen: Option<SocketAddr>,
    /// The memory limit for large requests in flight, in bytes.
    pub request_memory: usize,
    /// How long the server still accepts requests after it was told to stop, while it is not ready any more.
    pub drain: Duration,
    /// How long requests may take to end after the server is told to stop.
    pub shutdown_grace: Duration,
    /// How many requests per minute one connection may send; `None` for no limit.
    pub requests_per_minute: Option<NonZeroU32>,
    /// How many sign-ins with wrong keys one network may have in a quarter of an hour.
    pub failed_sign_ins: u32,
    /// How many replicas share the API's rates, where no store counts them.
    pub replicas: u32,
    /// How long the roles and organizations of users are remembered.
    pub role_ttl: Duration,
    /// Who may call.
    pub auth: Auth,
}

/// Who may call.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Everyone who can reach the server, with the API keys from the environment.
    None(Keys),
    /// Users with a token of the built-in authorization server.
    Embedded(Embedded),
    /// Users with a token of another authorization server.
    External(External),
}
