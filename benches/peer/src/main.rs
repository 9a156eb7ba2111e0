//! The servers that `cargo bench --bench tool_calls` compares this project with: `peer ROLE LISTEN TORII`.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::Query,
    http::{Uri, header::CONTENT_TYPE},
    routing::{MethodRouter, get},
    serve::ListenerExt,
};
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

/// The fields that `list_apps` requests by default.
const FIELDS: &str = "id,name,state,category,activeUsersCount";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, role, listen, torii] = arguments.as_slice() else { panic!("usage: peer ROLE LISTEN TORII") };
    let router = match role.as_str() {
        "torii" => stand_in(),
        "proxy" => proxy(torii.as_str().into()),
        "structured" => hand_written(torii.as_str().into(), true),
        "text" => hand_written(torii.as_str().into(), false),
        _ => panic!("the roles are torii, proxy, structured and text"),
    };
    let listen: SocketAddr = listen.parse().expect("an address and a port");
    let listener = tokio::net::TcpListener::bind(listen).await.expect("a free port");
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, router).await.expect("to serve");
}

/// The page of a list: its number of items is in the cursor, so that a call chooses it.
#[derive(serde::Deserialize)]
struct Page {
    #[serde(default)]
    cursor: String,
}

/// A stand-in for Torii that responds at once. An app has 110 bytes, and a user of an app 300.
fn stand_in() -> Router {
    let app = |id| {
        json!({ "id": id, "name": format!("Application {id}"), "state": "discovered", "category": "Project Management",
            "activeUsersCount": id % 97 })
    };
    let user = |id| {
        json!({ "idUser": id, "fullName": "Ada Example", "email": format!("ada.{id}@example.com"), "role": "member",
            "lastVisitTime": "2026-08-01T09:30:00Z", "licenses": [], "annualCost": 1200, "idApp": 7, "isUser": true,
            "score": 0.5, "source": "the invoice of the month", "status": "active", "sources": ["google", "okta"] })
    };
    let organization = json!({ "org": { "id": 1, "companyName": "Bench" } });
    Router::new()
        .route("/v1.0/apps", list("apps", app))
        .route("/v1.0/apps/7/users", list("users", user))
        .route("/v1.0/orgs/my", get(move || async move { ([(CONTENT_TYPE, "application/json")], organization.to_string()) }))
}

/// A list whose pages are made once.
fn list(name: &'static str, item: fn(usize) -> Value) -> MethodRouter {
    let pages: Arc<Mutex<HashMap<String, Bytes>>> = Arc::default();
    get(async move |Query(Page { cursor }): Query<Page>| {
        let mut pages = pages.lock().expect("a lock");
        let page = pages.entry(cursor).or_insert_with_key(|cursor| {
            let count = cursor.parse().unwrap_or(55);
            let items: Vec<Value> = (1..=count).map(item).collect();
            json!({ name: items, "count": count, "total": 2 * count, "nextCursor": "WzQ0MF0" }).to_string().into()
        });
        ([(CONTENT_TYPE, "application/json")], page.clone())
    })
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().gzip(true).tcp_nodelay(true).build().expect("a client")
}

/// Passes responses on, without the protocol.
fn proxy(torii: Arc<str>) -> Router {
    let client = client();
    Router::new().fallback(async move |uri: Uri| {
        let response = client.get(format!("{torii}{uri}")).bearer_auth("bench").send().await.expect("a response");
        ([(CONTENT_TYPE, "application/json")], response.bytes().await.expect("a whole response"))
    })
}

/// A server as one would write it by hand for one tool.
#[derive(Clone)]
struct HandWritten {
    client: reqwest::Client,
    torii: Arc<str>,
    tool: Tool,
    is_structured: bool,
}

fn hand_written(torii: Arc<str>, is_structured: bool) -> Router {
    let schema = json!({ "type": "object", "properties": { "cursor": { "type": "string" } }, "additionalProperties": false });
    let tool = Tool::new("list_apps", "The apps of the organization.", schema.as_object().cloned().unwrap_or_default());
    let server = HandWritten { client: client(), torii, tool, is_structured };
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
        let broke = |error: &dyn std::error::Error| ErrorData::internal_error(error.to_string(), None);
        let cursor = request.arguments.as_ref().and_then(|arguments| arguments.get("cursor")?.as_str()).unwrap_or_default();
        let request = self.client.get(format!("{}/apps", self.torii)).query(&[("fields", FIELDS), ("cursor", cursor)]);
        let response = request.bearer_auth("bench").send().await.map_err(|error| broke(&error))?;
        let text = response.text().await.map_err(|error| broke(&error))?;
        let structured = self.is_structured.then(|| serde_json::from_str(&text)).transpose().map_err(|error| broke(&error))?;
        let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
        result.structured_content = structured;
        Ok(result.into())
    }
}
