//! What the server runs with, once everything that was typed has been understood.

use std::{net::SocketAddr, time::Duration};

use ipnet::IpNet;
use mcp_http::caller::Keys;
use mcp_oauth_server::{identity::External, settings::Embedded};

/// What `serve` runs with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The origin that users and clients see, without a slash at its end; `None`: the address that is listened on, which is then a loopback address.
    pub public_url: Option<String>,
    /// Browsers' pages that may call the MCP endpoint, besides those of this machine and our own: origins.
    pub allowed_origins: Vec<String>,
    /// The proxies whose forwarded headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// How many connections may be open at once.
    pub connections: usize,
    /// How many of them may come from one network.
    pub connections_per_network: usize,
    /// The address of a listener for health alone.
    pub health_listen: Option<SocketAddr>,
    /// How many bytes of memory large requests in flight may take together.
    pub request_memory: usize,
    /// How long requests may take to end once the server stops.
    pub shutdown_grace: Duration,
    /// Who may call.
    pub auth: Auth,
}

/// Who may call.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Everyone who reaches the server, with the keys from the environment.
    None(Keys),
    /// Who has a token of the authorization server in here.
    Embedded(Embedded),
    /// Who has a token of another authorization server.
    External(External),
}
