//! The attacked server, and requests to it.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::time;

use crate::process_usage;

/// The longest wait for the health endpoint.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server process, which is stopped when this value is dropped.
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    /// Another address of the health endpoint, if the program supports one.
    health: Option<SocketAddr>,
    client: Client,
    process: Child,
}

impl Server {
    pub(crate) async fn start(program: &str, torii: &str, variables: &[(&str, &str)], stderr: Stdio) -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let (listen, other) = (free(), free());
        let schema = Command::new(program).args(["config", "schema"]).output().expect("the program runs");
        let health = String::from_utf8_lossy(&schema.stdout).contains("\"health\"").then_some(other);
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", &listen.to_string()])
            .env("TORII_API_URL", torii)
            .env("TORII_API_KEY", "bench")
            .env("TORII_MCP_AUTH_MODE", "none")
            .env("TORII_RATE_LIMIT", "off")
            .envs(variables.iter().copied());
        if let Some(health) = health {
            command.env("TORII_MCP_HEALTH_LISTEN", health.to_string());
        }
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn().expect("the program starts");
        let client = Client::builder().no_proxy().pool_max_idle_per_host(1).build().expect("a client");
        let server = Self { listen, health, client, process };
        let deadline = Instant::now() + PATIENCE;
        while server.client.get(format!("http://{listen}/health/live")).send().await.is_err() {
            assert!(Instant::now() < deadline, "the server does not start");
            time::sleep(Duration::from_millis(10)).await;
        }
        server
    }

    /// A tool call.
    pub(crate) fn call(&self, tool: &str, arguments: &Value) -> RequestBuilder {
        self.call_text(tool, &arguments.to_string())
    }

    /// A tool call with arguments as JSON text.
    pub(crate) fn call_text(&self, tool: &str, arguments: &str) -> RequestBuilder {
        self.post(format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
        ))
    }

    /// An MCP request with one argument.
    pub(crate) fn request(&self, method: &str, name: &str, argument: &Value) -> RequestBuilder {
        let params = if name.is_empty() { json!({ "uri": argument }) } else { json!({ "name": name, "arguments": argument }) };
        self.post(json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string())
    }

    fn post(&self, body: String) -> RequestBuilder {
        let request = self.client.post(format!("http://{}/mcp", self.listen)).body(body);
        request
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", "2025-11-25")
    }

    /// A tool call as the bytes of an HTTP request.
    pub(crate) fn raw(&self, tool: &str, arguments: &str) -> String {
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#);
        format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n\
             Mcp-Protocol-Version: 2025-11-25\r\nContent-Length: {}\r\n\r\n{body}",
            self.listen,
            body.len()
        )
    }

    /// Requests the health endlessly, each time on a new connection, and stores the longest response time.
    pub(crate) async fn ask_for_health(&self, slowest: &mut Duration) {
        let client = Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
        let url = format!("http://{}/health/live", self.health.unwrap_or(self.listen));
        loop {
            let started_at = Instant::now();
            let asked = client.get(&url).timeout(PATIENCE).send();
            tokio::pin!(asked);
            loop {
                tokio::select! {
                    _ = &mut asked => break,
                    () = time::sleep(Duration::from_millis(5)) => *slowest = (*slowest).max(started_at.elapsed()),
                }
            }
            *slowest = (*slowest).max(started_at.elapsed());
            time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Memory of the process in MiB, from a line of `status`.
    pub(crate) fn memory(&self, line: &str) -> f64 {
        process_usage::memory_mib(&self.process, line)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
