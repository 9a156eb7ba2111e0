//! The servers that are compared, each as a separate process.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, http::header::CONTENT_TYPE, routing::get, serve::ListenerExt};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult, PaginatedRequestParams,
        ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager},
};
use serde_json::{Value, json};

use crate::load;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Torii,
    Product,
    /// The product with a response budget that a page of 60 KB exceeds a little.
    Shaping,
    HandWritten,
    Proxy,
}

impl Role {
    const ALL: [(Self, &str); 5] = [
        (Self::Torii, "torii"),
        (Self::Product, "product"),
        (Self::Shaping, "shaping"),
        (Self::HandWritten, "hand-written"),
        (Self::Proxy, "proxy"),
    ];

    pub fn from_arguments(arguments: &[String]) -> Option<Self> {
        let at = arguments.iter().position(|argument| argument == "--role")?;
        Self::ALL.into_iter().find(|(_, name)| arguments.get(at + 1).is_some_and(|wanted| wanted == name)).map(|(role, _)| role)
    }

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}

/// A server process, which is stopped when this value is dropped.
pub struct Running {
    pub role: Role,
    /// without a slash at the end
    pub address: String,
    /// from the start of the process to the end of its first response
    pub first_answer: Duration,
    process: Child,
}

impl Running {
    pub async fn start(role: Role, torii: Option<&Self>) -> Self {
        let listen = free_address();
        let mut command = if matches!(role, Role::Product | Role::Shaping) {
            let mut command = Command::new(env!("CARGO_BIN_EXE_torii-mcp"));
            command
                .args(["serve", "--listen", &listen.to_string()])
                .env("TORII_API_KEY", "bench")
                .env("TORII_MCP_AUTH_MODE", "none")
                .env("TORII_RATE_LIMIT", "off");
            command
        } else {
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args(["--role", role.name()]).env("LISTEN", listen.to_string());
            command
        };
        if role == Role::Shaping {
            command.env("TORII_MCP_TOOLS_RESPONSE_CHARACTERS", "59000");
        }
        if let Some(torii) = torii {
            command.env("TORII_API_URL", &torii.address);
        }
        let started_at = Instant::now();
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process");
        let address = format!("http://{listen}");
        let is_mcp = !matches!(role, Role::Torii | Role::Proxy);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let deadline = started_at + Duration::from_secs(10);
        while Instant::now() < deadline {
            let request = if is_mcp {
                load::rpc(&client, &address, "tools/list", None, json!({}))
            } else {
                client.get(format!("{address}/apps/7"))
            };
            let answered = match request.send().await {
                Ok(response) => response.bytes().await.is_ok(),
                Err(_) => false,
            };
            if answered {
                return Self { role, address, first_answer: started_at.elapsed(), process };
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("the {} server did not answer within 10 s", role.name());
    }

    /// Processor time of the process (proc(5), fields 14 and 15 of `stat`, in ticks of 10 ms).
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks: u64 = [11, 12].into_iter().filter_map(|field| fields.get(field)?.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory (proc(5), `VmRSS` of `status`).
    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// Runs one of this program's servers until the process is ended.
pub fn run(role: Role) {
    let listen: SocketAddr = std::env::var("LISTEN").expect("LISTEN").parse().expect("an address");
    let torii = std::env::var("TORII_API_URL").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        let router = match role {
            Role::HandWritten => hand_written(torii),
            Role::Proxy => proxy(torii),
            Role::Torii | Role::Product | Role::Shaping => stand_in(),
        };
        let listener = tokio::net::TcpListener::bind(listen).await.expect("the port");
        let listener = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        axum::serve(listener, router).await.expect("to serve");
    });
}

/// A stand-in for Torii, for two calls only: it returns 6 KB of JSON, or a page of 60 KB, immediately.
fn stand_in() -> Router {
    let app: Arc<str> = json!({"app": {"id": 7, "name": "Sample", "users": users(44)}}).to_string().into();
    let page: Arc<str> = json!({"users": users(440), "count": 440, "total": 880, "nextCursor": "WzQ0MF0"}).to_string().into();
    let response = |body: Arc<str>| move || async move { ([(CONTENT_TYPE, "application/json")], body.to_string()) };
    Router::new().route("/v1.0/apps/7/users", get(response(page))).fallback(response(app))
}

fn users(count: usize) -> Vec<Value> {
    (0..count)
        .map(|index| json!({"id": 1000 + index, "firstName": "Ada", "lastName": "Lovelace", "email": format!("ada.{index}@example.com"), "status": "active", "annualCost": 129_900, "lastVisit": null, "tags": ["one", "two"]}))
        .collect()
}

fn http_client() -> reqwest::Client {
    reqwest::Client::builder().tcp_nodelay(true).gzip(true).no_proxy().build().expect("a client")
}

/// Passes the response on without reading it.
fn proxy(torii: String) -> Router {
    let response = |State((client, torii)): State<(reqwest::Client, Arc<str>)>| async move {
        let response = client.get(format!("{torii}/v1.0/apps/7")).bearer_auth("bench").send().await.expect("a response");
        ([(CONTENT_TYPE, "application/json")], response.bytes().await.expect("a whole response"))
    };
    Router::new().route("/apps/7", get(response)).with_state((http_client(), torii.into()))
}

/// A server as one would write it by hand for one tool.
#[derive(Clone)]
struct HandWritten {
    client: reqwest::Client,
    torii: Arc<str>,
    tool: Tool,
}

fn hand_written(torii: String) -> Router {
    let schema = json!({"type": "object", "properties": {"idApp": {"type": "integer"}}, "required": ["idApp"], "additionalProperties": false});
    let tool = Tool::new("get_app", "One app by its id.", Arc::new(schema.as_object().cloned().unwrap_or_default()));
    let server = HandWritten { client: http_client(), torii: torii.into(), tool };
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
    let service = StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), config);
    Router::new().nest_service("/mcp", service)
}

impl ServerHandler for HandWritten {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        (self.tool.name == name).then(|| self.tool.clone())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![self.tool.clone()]))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let id = request.arguments.as_ref().and_then(|arguments| arguments.get("idApp")).and_then(Value::as_i64);
        let id = id.ok_or_else(|| ErrorData::invalid_params("idApp is missing", None))?;
        let broke = |error: reqwest::Error| ErrorData::internal_error(error.to_string(), None);
        let response =
            self.client.get(format!("{}/v1.0/apps/{id}", self.torii)).bearer_auth("bench").send().await.map_err(broke)?;
        let text = response.text().await.map_err(broke)?;
        let structured: Value =
            serde_json::from_str(&text).map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
        result.structured_content = Some(structured);
        Ok(result.into())
    }
}
