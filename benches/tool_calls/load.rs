//! Calls the servers as fast as they respond, with `oha`.

use std::{path::PathBuf, process::Command, time::Duration};

use serde_json::{Value, json};

use crate::servers::{Role, Running};

/// A call to make.
#[derive(Clone, Copy)]
pub struct Ask {
    pub tool: &'static str,
    /// Its arguments, as JSON, without the cursor.
    arguments: &'static str,
    /// The path of the corresponding request to a plain proxy.
    path: &'static str,
    /// How many items Torii returns.
    items: usize,
}

/// A list with its default fields: about 110 bytes for each item.
pub const fn apps(items: usize) -> Ask {
    Ask { tool: "list_apps", arguments: "{}", path: "/apps", items }
}

/// A page of 60 KB whose items keep all of their fields.
pub const USERS: Ask =
    Ask { tool: "list_app_users", arguments: r#"{"idApp": 7, "fields": []}"#, path: "/apps/7/users", items: 210 };
/// The same page, of which the server selects the default fields.
pub const PICKED: Ask = Ask { arguments: r#"{"idApp": 7}"#, ..USERS };

/// When the load ends.
#[derive(Clone, Copy)]
pub enum Until {
    Elapsed(Duration),
    Calls(usize),
}

/// The measurements.
#[derive(Clone, Copy)]
pub struct Measured {
    pub per_second: f64,
    /// Processor time of the server's process for one call.
    pub cpu_micros: f64,
    /// The length of a response.
    pub bytes: usize,
}

impl Ask {
    /// Makes one call, and returns the length of its response.
    pub async fn check(&self, server: &Running) -> usize {
        let (url, headers, body) = self.request(server);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = if body.is_empty() { client.get(url) } else { client.post(url).body(body) };
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let response = request.send().await.expect("a response").error_for_status().expect("a successful response");
        let text = response.text().await.expect("a whole response");
        let name = server.role.name();
        assert!(server.role == Role::Proxy || is_result(&text), "{name} responded to {}: {text:.400}", self.tool);
        text.len()
    }

    /// Makes calls on several connections. Every response has to be as long as one that was checked.
    pub async fn run(&self, server: &Running, connections: usize, until: Until) -> Measured {
        let bytes = self.check(server).await;
        let (url, headers, body) = self.request(server);
        let mut oha = Command::new(program());
        oha.args(["--no-tui", "--output-format", "json", "-c", &connections.to_string()]);
        match until {
            Until::Elapsed(time) => oha.args(["-w", "-z", &format!("{}ms", time.as_millis())]),
            Until::Calls(calls) => oha.args(["-n", &calls.to_string()]),
        };
        oha.args(headers.iter().flat_map(|(name, value)| ["-H".to_owned(), format!("{name}: {value}")]));
        if !body.is_empty() {
            oha.args(["-m", "POST", "-d", &body]);
        }
        let before = server.cpu();
        let output = tokio::task::spawn_blocking(move || oha.arg(url).output()).await.expect("a thread").expect("oha runs");
        let cpu = server.cpu().saturating_sub(before);
        let report: Value = serde_json::from_slice(&output.stdout).expect("oha reports JSON");
        let statuses = report["statusCodeDistribution"].as_object().expect("statuses");
        assert!(statuses.keys().all(|status| status == "200"), "{} responded with {statuses:?}", server.role.name());
        let calls = statuses["200"].as_f64().expect("a number");
        let received = report["summary"]["totalData"].as_f64().expect("a number") / calls;
        assert!((received - bytes as f64).abs() < 1.0, "{} sent {received} bytes, not {bytes}", server.role.name());
        let per_second = report["summary"]["requestsPerSec"].as_f64().expect("a number");
        Measured { per_second, cpu_micros: cpu.as_micros() as f64 / calls, bytes }
    }

    /// The URL, the headers and the body of the request; a proxy gets no body.
    fn request(&self, server: &Running) -> (String, Vec<(&'static str, String)>, String) {
        if server.role == Role::Proxy {
            return (format!("{}{}?cursor={}", server.address, self.path, self.items), Vec::new(), String::new());
        }
        let mut arguments: Value = serde_json::from_str(self.arguments).expect("arguments are JSON");
        arguments["cursor"] = self.items.to_string().into();
        rpc(server, "tools/call", Some(self.tool), json!({ "name": self.tool, "arguments": arguments }))
    }
}

/// A request of protocol revision 2026-07-28.
pub fn rpc(
    server: &Running,
    method: &str,
    name: Option<&str>,
    mut params: Value,
) -> (String, Vec<(&'static str, String)>, String) {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"}
    });
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("accept", "application/json, text/event-stream".to_owned()),
        ("mcp-protocol-version", "2026-07-28".to_owned()),
        ("mcp-method", method.to_owned()),
    ];
    headers.extend(name.map(|name| ("mcp-name", name.to_owned())));
    (
        format!("{}/mcp", server.address),
        headers,
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string(),
    )
}

/// Whether a response is the result of a tool, and no error.
fn is_result(text: &str) -> bool {
    let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or(text);
    serde_json::from_str::<Value>(data).is_ok_and(|message| {
        message["result"]["content"][0]["text"].is_string() && message["result"]["isError"].as_bool() != Some(true)
    })
}

/// The load generator, which CONTRIBUTING.md says how to install.
fn program() -> PathBuf {
    let own = crate::servers::target().join("oha/bin/oha");
    if own.exists() { own } else { "oha".into() }
}
