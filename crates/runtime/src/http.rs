//! The HTTP server: one router, and the middleware around every request.
//!
//! Invariants:
//! - Every error has a JSON body or is an HTML page, and every response has a request ID. At the MCP endpoint, errors are JSON-RPC errors,
//!   except for those of OAuth (RFC 6750).
//! - No request takes longer than [`MAX_REQUEST_TIME`], and none is larger than the largest that a tool accepts; see [`request_body`].
//! - `Host` and `Origin` are checked at the MCP endpoint, so that no web page can reach a server on its visitor's machine.
//! - If the public URL begins with `https://`, every response has `Strict-Transport-Security` (RFC 6797).
//! - There are no redirects at the MCP endpoint or below `/.well-known`.

use std::{
    collections::BTreeSet,
    future::{poll_fn, ready},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    Extension, Router,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE},
    },
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use ipnet::IpNet;
use mcp_http::{
    bearer::{Authenticate, require_caller},
    caller::Caller,
    endpoints::{CLIENT_HEADERS, MCP_PATH, READ_ONLY_PATH},
    json::{Json, rpc_error},
    net::{
        LOOPBACK,
        client_ip::{ClientIp, Peer},
        parse_url,
        rate_limit::{KeyedRate, WrongTokens},
    },
    request_context::RequestId,
};
use rmcp::{
    model::ErrorCode,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager},
};
use serde_json::json;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument;

use crate::{
    mcp::Server,
    tool_filter::{OfferedTools, ToolFilter},
};

mod accept;
mod body_reader;
mod connection_limits;
mod current_router;
mod health;
mod health_listener;
mod in_flight;
mod overflow;
mod request_body;
mod serve;
mod write_timeouts;

use body_reader::BodyStalled;
pub use current_router::CurrentRouter;
pub use health::Readiness;
pub use health_listener::{HealthBounds, HealthListener};
use request_body::RequestBodies;
pub use serve::{Bounds, serve};

#[cfg(test)]
mod tests;

/// How many bytes of memory large requests in flight may take together, unless the operator says otherwise.
pub const REQUEST_MEMORY: usize = 192 << 20;
/// The longest path with its query, in bytes: pages repeat parts of it.
const URI_BYTES: usize = 8 << 10;
/// The time limit of a request; a tool call has a shorter one.
const MAX_REQUEST_TIME: Duration = Duration::from_mins(1);
/// How much of an error text is converted to JSON, in bytes.
const ERROR_BYTES: usize = 16 << 10;
/// The beginning of rmcp's response, which has the wrong status, to a body that is not a JSON-RPC message.
const UNREADABLE: &str = "fail to deserialize request body ";
/// Two years. Subdomains are not included, since they are not this server's to decide about.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The parts of the router.
pub struct AppState {
    /// The MCP server.
    pub server: Server,
    /// The offered tools, for pages that count them.
    pub offered: OfferedTools,
    /// Authenticates the callers of the MCP endpoint.
    pub authenticate: Arc<dyn Authenticate>,
    /// The landing page for browsers.
    pub landing: Arc<dyn Fn() -> Response + Send + Sync>,
    /// The routes besides the MCP endpoint, such as those of an authorization server.
    pub beside: Router,
    /// The public origin of this server.
    pub origin: String,
    /// Other origins whose web pages may call the MCP endpoint.
    pub allowed_origins: Vec<String>,
    /// The proxies whose forwarded headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The number of invalid tokens from each network.
    pub wrong_tokens: WrongTokens,
    /// The memory limit for large requests in flight, in bytes.
    pub request_memory: usize,
    /// How many requests one connection may send to the MCP endpoint; `None` for no limit.
    pub connection_rate: Option<KeyedRate<Arc<str>>>,
    /// Cancelled when a load balancer has to send requests elsewhere: the server is not ready any more. A child of the token that
    /// stops the server.
    pub draining: CancellationToken,
}

impl AppState {
    /// A server at `origin` that authenticates callers with `authenticate`, without other routes.
    #[must_use]
    pub fn new(
        server: Server,
        offered: OfferedTools,
        authenticate: Arc<dyn Authenticate>,
        origin: &str,
        stop: &CancellationToken,
    ) -> Self {
        let text = format!("This is an MCP server. Add {origin}{MCP_PATH} to your assistant.\n");
        Self {
            server,
            offered,
            authenticate,
            landing: Arc::new(move || text.clone().into_response()),
            beside: Router::new(),
            origin: origin.to_owned(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            wrong_tokens: WrongTokens::default(),
            request_memory: REQUEST_MEMORY,
            connection_rate: None,
            draining: stop.child_token(),
        }
    }

    /// The readiness of this server.
    pub fn readiness(&self) -> Readiness {
        Readiness::new(Arc::clone(&self.authenticate), self.draining.clone())
    }
}

/// Builds the router.
pub fn router(site: AppState) -> Router {
    let frame_of = Frame {
        proxies: site.trusted_proxies.clone().into(),
        is_https: site.origin.starts_with("https://"),
        largest: request_body::largest(site.offered.catalog),
        has_mcp: true,
    };
    let landing = Arc::clone(&site.landing);
    Router::new()
        .merge(mcp(&site))
        .route("/", get(move || ready(landing())))
        .merge(health::routes(site.readiness()))
        .merge(site.beside)
        .layer(from_fn_with_state(frame_of, frame))
}

/// The MCP endpoint.
fn mcp(site: &AppState) -> Router {
    let is_local = is_loopback(&site.origin);
    let mut origins = vec![site.origin.clone()];
    origins.extend(site.allowed_origins.iter().cloned());
    let mut hosts: Vec<String> = site.origin.split("://").nth(1).map(str::to_owned).into_iter().collect();
    if is_local {
        origins.extend(LOOPBACK.iter().flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}:*"))));
        hosts.extend(LOOPBACK.map(|host| host.trim_matches(['[', ']']).to_owned()));
    }
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(request_body::largest(site.offered.catalog))
        .with_allowed_hosts(hosts)
        .with_allowed_origins(origins.iter().map(|origin| with_port(origin)))
        .enforce_origin_validation();
    let server = Arc::new(site.server.clone());
    let service = StreamableHttpService::new(move || Ok(Arc::clone(&server)), Arc::new(NeverSessionManager::default()), config);
    // one function instead of layers: each layer clones what is below it, and rmcp's service would clone its configuration
    let endpoint = Arc::new(Endpoint {
        bodies: RequestBodies::new(site.offered.catalog, site.request_memory),
        rate: site.connection_rate.clone(),
        toolsets: site.offered.catalog.toolsets(),
        service,
    });
    let handle = async move |request: Request| endpoint.handle(request).await;
    let is_allowed = move |origin: &HeaderValue, _: &axum::http::request::Parts| {
        origin.to_str().is_ok_and(|origin| origins.iter().any(|allowed| matches(allowed, origin)))
    };
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_allowed))
        .allow_methods([Method::POST])
        .allow_headers(CLIENT_HEADERS)
        .expose_headers([WWW_AUTHENTICATE, REQUEST_ID]);
    Router::new()
        .route(MCP_PATH, any(handle.clone()))
        .route(READ_ONLY_PATH, any(handle))
        .layer(from_fn_with_state((Arc::clone(&site.authenticate), site.wrong_tokens.clone()), require_caller))
        .layer(from_fn_with_state(Arc::clone(&site.landing), landing_for_browsers))
        .layer(cors)
        .layer(from_fn(trace_layer))
}

/// Adds the request ID to what others log about the request, such as rmcp.
async fn trace_layer(Extension(RequestId(id)): Extension<RequestId>, request: Request, next: Next) -> Response {
    next.run(request).instrument(tracing::error_span!("mcp", request = %id)).await
}

/// What a request of an authenticated caller passes on its way to rmcp.
struct Endpoint {
    service: StreamableHttpService<Arc<Server>, NeverSessionManager>,
    bodies: RequestBodies,
    rate: Option<KeyedRate<Arc<str>>>,
    toolsets: BTreeSet<&'static str>,
}

impl Endpoint {
    async fn handle(&self, mut request: Request) -> Response {
        let tool_filter = match self.admit(&request) {
            Ok(tool_filter) => tool_filter,
            Err(rejection) => return *rejection,
        };
        if let Err(rejection) = accept::negotiate(&mut request) {
            return *rejection;
        }
        request.extensions_mut().insert(tool_filter);
        request_body::read(&self.bodies, request, async |request| self.service.handle(request).await.map(Body::new)).await
    }

    /// Rejects the request of a connection that sends too many, or whose `Origin` or URL is wrong. Reads the tool filter from the URL,
    /// and from the part of the resource that the caller's token is for.
    fn admit(&self, request: &Request) -> Result<ToolFilter, Box<Response>> {
        let caller = request.extensions().get::<Caller>();
        if let Some((rate, connection)) = self.rate.as_ref().zip(caller.and_then(Caller::shared_connection))
            && let Err(seconds) = rate.admit(connection)
        {
            if let Some(count) = rate.exceeded.note() {
                tracing::warn!(count, "connections send too many requests");
            }
            let text = format!("this connection sends too many requests; send the next one in {seconds} s");
            return rejected((StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())], text));
        }
        // rmcp compares beginnings, and `http://localhost:80.evil.example` begins with an allowed origin
        let is_url = |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| parse_url(origin).is_some());
        if !request.headers().get(ORIGIN).is_none_or(is_url) {
            let text = "the `Origin` header is not the origin of a web page; send the request without it, or from a page of an \
                        allowed origin";
            return rejected((StatusCode::FORBIDDEN, text));
        }
        match ToolFilter::from_uri(request.uri(), &self.toolsets) {
            Ok(of_url) => Ok(caller.map_or_else(|| of_url.clone(), |caller| of_url.and(&ToolFilter(caller.part().clone())))),
            Err(unknown) => rejected((StatusCode::BAD_REQUEST, format!("the URL cannot be used: {unknown}"))),
        }
    }
}

fn rejected<T>(response: impl IntoResponse) -> Result<T, Box<Response>> {
    Err(Box::new(response.into_response()))
}

/// Whether an allowed origin, whose port may be `*`, matches this one.
fn matches(allowed: &str, origin: &str) -> bool {
    match allowed.strip_suffix(":*") {
        Some(host) => origin.strip_prefix(host).is_some_and(is_port),
        None => allowed == origin,
    }
}

/// Whether a text is nothing, or a colon and a port.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok() && !port.starts_with('+'))
}

/// An origin with its port, since rmcp would let one without match any port.
fn with_port(origin: &str) -> String {
    let whole = |url: reqwest::Url| Some(format!("{}://{}:{}", url.scheme(), url.host_str()?, url.port_or_known_default()?));
    reqwest::Url::parse(origin).ok().and_then(whole).unwrap_or_else(|| origin.to_owned())
}

fn is_loopback(origin: &str) -> bool {
    reqwest::Url::parse(origin).is_ok_and(|url| mcp_http::net::is_loopback(&url))
}

/// Responds with the landing page if the MCP endpoint is opened in a browser.
async fn landing_for_browsers(
    State(landing): State<Arc<dyn Fn() -> Response + Send + Sync>>,
    request: Request,
    next: Next,
) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if request.method() == Method::GET && accepts.contains("text/html") {
        return landing();
    }
    next.run(request).await
}

/// The state of [`frame`].
#[derive(Clone)]
struct Frame {
    proxies: Arc<[IpNet]>,
    is_https: bool,
    /// The size limit of requests, in bytes.
    largest: usize,
    /// Whether the router has the MCP endpoint.
    has_mcp: bool,
}

/// The middleware around every request: its ID, its time limit, and JSON for its errors.
async fn frame(State(Frame { proxies, is_https, largest, has_mcp }): State<Frame>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get().copied();
    let client = ClientIp::of(peer, request.headers(), &proxies);
    request.extensions_mut().insert(client);
    let given = request.headers().get(REQUEST_ID).filter(|_| peer.is_some_and(|peer: Peer| peer.is_one_of(&proxies)));
    let id = request_id(given);
    let value = HeaderValue::from_str(&id.0);
    request.extensions_mut().insert(id);
    let stalled = request.extensions().get::<BodyStalled>().cloned().unwrap_or_default();
    let is_mcp = has_mcp && [MCP_PATH, READ_ONLY_PATH].contains(&request.uri().path());
    let response = time::timeout(MAX_REQUEST_TIME, bounded(request, next, largest)).await.unwrap_or_else(|_| {
        (StatusCode::REQUEST_TIMEOUT, "the request took too long; send it again, or a smaller one").into_response()
    });
    let response = stalled.response().unwrap_or(response);
    let mut response = with_json_error(response, is_mcp).await;
    if let Ok(value) = value {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if is_https {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    response
}

/// Rejects a request whose URI or `Content-Length` is too large, and one with several `Host` headers (RFC 9112, section 3.2), of which
/// a proxy may have read another one.
async fn bounded(request: Request, next: Next, largest: usize) -> Response {
    if request.headers().get_all(HOST).iter().count() > 1 {
        return (StatusCode::BAD_REQUEST, "a request has one `Host` header; send it with one").into_response();
    }
    if request.uri().path_and_query().is_some_and(|path| path.as_str().len() > URI_BYTES) {
        let text = format!("a path and its query have at most {} KiB; send a shorter one", URI_BYTES >> 10);
        return (StatusCode::URI_TOO_LONG, text).into_response();
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_none_or(|length: usize| length <= largest) {
        return next.run(request).await;
    }
    request_body::too_large(largest)
}

/// The request ID that a trusted proxy set, if it is valid, or else a new one.
fn request_id(given: Option<&HeaderValue>) -> RequestId {
    let given = given.and_then(|value| value.to_str().ok());
    let is_sane =
        |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    RequestId(given.filter(is_sane).map_or_else(|| format!("{:016x}", fastrand::u64(..)).into(), Arc::from))
}

/// Gives an error response a JSON body, unless it has one or is an HTML page: a JSON-RPC error at the MCP endpoint.
async fn with_json_error(response: Response, is_mcp: bool) -> Response {
    let status = response.status();
    let has_own =
        |value: &HeaderValue| [&b"application/json"[..], b"text/html"].iter().any(|start| value.as_bytes().starts_with(start));
    if response.headers().get(CONTENT_TYPE).is_some_and(has_own) || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = beginning(body).await;
    let text = String::from_utf8_lossy(&text);
    if let Some(reason) = text.strip_prefix(UNREADABLE) {
        return unreadable(reason).into_response();
    }
    let reason = status.canonical_reason().unwrap_or("error");
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let message = if text.is_empty() { reason } else { &text };
    let error =
        if is_mcp { rpc_error(status, message) } else { json!({ "error": { "status": status.as_u16(), "message": message } }) };
    Response::from_parts(parts, error.to_string().into())
}

/// The first [`ERROR_BYTES`] of a body: of a long error, such as one that repeats what was sent, the beginning says what is wrong.
async fn beginning(mut body: Body) -> Vec<u8> {
    let mut text = Vec::new();
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Some(data) = frame.data_ref() else { continue };
        let left = ERROR_BYTES - text.len();
        text.extend_from_slice(data.get(..left).unwrap_or(data));
        if data.len() >= left {
            break;
        }
    }
    text
}

/// The response to a body that is not valid JSON or not JSON-RPC.
fn unreadable(reason: &str) -> impl IntoResponse + use<> {
    let code = if reason.starts_with("unrecognized") { ErrorCode::INVALID_REQUEST } else { ErrorCode::PARSE_ERROR };
    let message = format!("the body is not a JSON-RPC message: {reason}");
    let error = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code.0, "message": message } });
    (StatusCode::BAD_REQUEST, Json(error))
}
