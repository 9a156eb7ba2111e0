//! Calls the servers as fast as they respond.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::servers::{Role, Running};

/// The load for a server.
pub struct Load {
    pub connections: usize,
    pub until: Until,
    pub ask: &'static Ask,
}

/// A call to make.
pub struct Ask {
    pub tool: &'static str,
    /// as JSON
    pub arguments: &'static str,
    /// the path of the corresponding request to a plain proxy
    pub path: &'static str,
    /// the least number of bytes of the response
    pub at_least: usize,
}

/// One app, 6 KB.
pub const APP: Ask = Ask { tool: "get_app", arguments: r#"{"idApp": 7}"#, path: "/apps/7", at_least: 6_000 };
/// A page of 60 KB.
pub const PAGE: Ask =
    Ask { tool: "list_app_users", arguments: r#"{"idApp": 7, "fields": []}"#, path: "/apps/7/users", at_least: 110_000 };
/// The same page, for which the server selects the fields of each item: all of them.
pub const PICKED: Ask = Ask {
    tool: "list_app_users",
    arguments: r#"{"idApp": 7, "fields": ["id", "firstName", "lastName", "email", "status", "annualCost", "lastVisit", "tags"]}"#,
    path: "/apps/7/users",
    at_least: 110_000,
};

#[derive(Clone, Copy)]
pub enum Until {
    Elapsed(Duration),
    Calls(usize),
}

/// The measurements.
pub struct Measured {
    pub per_second: f64,
    /// processor time of the server's process for one call
    pub cpu_micros: f64,
}

impl Load {
    pub async fn run(&self, server: &Running) -> Measured {
        let (cpu_before, started_at) = (server.cpu(), Instant::now());
        let calls = Arc::new(AtomicUsize::new(0));
        let (until, ask) = (self.until, self.ask);
        let tasks: Vec<_> = (0..self.connections)
            .map(|_| {
                // a separate client, so that each task keeps one connection
                let (client, calls, target) = (client(), Arc::clone(&calls), Target::of(server, ask));
                tokio::spawn(async move {
                    let goes_on = || match until {
                        Until::Elapsed(limit) => started_at.elapsed() < limit,
                        Until::Calls(limit) => calls.load(Ordering::Relaxed) < limit,
                    };
                    while goes_on() {
                        target.call(&client).await;
                        calls.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("a task of the load");
        }
        let n_calls = calls.load(Ordering::Relaxed) as f64;
        Measured {
            per_second: n_calls / started_at.elapsed().as_secs_f64(),
            cpu_micros: (server.cpu() - cpu_before).as_micros() as f64 / n_calls,
        }
    }
}

/// The sorted times of calls that are made one after the other on one connection.
pub async fn one_by_one(server: &Running, n_calls: usize) -> Vec<Duration> {
    let (client, target) = (client(), Target::of(server, &APP));
    let mut times = Vec::with_capacity(n_calls);
    for _ in 0..n_calls {
        let started_at = Instant::now();
        target.call(&client).await;
        times.push(started_at.elapsed());
    }
    times.sort_unstable();
    times
}

/// The number of `tools/list` requests per second on one connection.
pub async fn lists(server: &Running, n_calls: usize) -> f64 {
    let client = client();
    let started_at = Instant::now();
    for _ in 0..n_calls {
        let response = rpc(&client, &server.address, "tools/list", None, json!({})).send().await.expect("a response");
        assert!(response.status().is_success());
        response.bytes().await.expect("a whole response");
    }
    n_calls as f64 / started_at.elapsed().as_secs_f64()
}

fn client() -> Client {
    Client::builder().tcp_nodelay(true).pool_max_idle_per_host(1).no_proxy().build().expect("a client")
}

struct Target {
    address: String,
    is_mcp: bool,
    ask: &'static Ask,
    arguments: Value,
}

impl Target {
    fn of(server: &Running, ask: &'static Ask) -> Self {
        let arguments = serde_json::from_str(ask.arguments).expect("arguments are JSON");
        Self { address: server.address.clone(), is_mcp: server.role != Role::Proxy, ask, arguments }
    }

    async fn call(&self, client: &Client) {
        let request = if self.is_mcp {
            let params = json!({"name": self.ask.tool, "arguments": self.arguments});
            rpc(client, &self.address, "tools/call", Some(self.ask.tool), params)
        } else {
            client.get(format!("{}{}", self.address, self.ask.path))
        };
        let response = request.send().await.expect("a response");
        assert!(response.status().is_success(), "status {}", response.status());
        let body = response.bytes().await.expect("a whole response");
        assert!(body.len() > self.ask.at_least, "only {} bytes", body.len());
    }
}

/// A request of protocol revision 2026-07-28.
pub fn rpc(client: &Client, address: &str, method: &str, name: Option<&str>, mut params: Value) -> RequestBuilder {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"}
    });
    let request = client
        .post(format!("{address}/mcp"))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method)
        .json(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}));
    match name {
        Some(name) => request.header("mcp-name", name),
        None => request,
    }
}
