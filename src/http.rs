//! The HTTP side: one router, and what surrounds every request.
//!
//! Invariants:
//! - Every error has a JSON body or is a page, and every answer a request id.
//! - No request takes longer than [`LONGEST`], and none is larger than a tool takes; see [`request_body`].
//! - `Host` and `Origin` are checked at the MCP endpoint, so that no web page can reach a server on its visitor's machine.
//! - Where the public address begins with `https://`, every answer says that browsers must not come in another way.
//! - Nothing redirects at the MCP endpoint or below `/.well-known`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{
            ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE,
        },
    },
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use ipnet::IpNet;
use rmcp::{
    model::ErrorCode,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager},
};
use serde_json::{Value, json};
use tokio::time;
use tokio_util::sync::CancellationToken;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};
use tracing::Instrument;

use crate::{
    browser::{connections, consent, failure, sign_in},
    catalog::Catalog,
    mcp::Server,
    oauth::{
        bearer::{Guard, guard},
        metadata::{self, AUTHORIZE, JWKS, OPENID_METADATA, REGISTER, REVOKE, SERVER_METADATA, TOKEN},
        register, revoke,
        server::AuthorizationServer,
        token_endpoint,
    },
    pages::{self, FormAction, SignsIn, Toolset},
    tool_filter::{OfferedTools, ToolFilter},
};
use mcp_http::{
    endpoints::{MCP_PATH, READ_ONLY_PATH},
    net::{
        LOOPBACK,
        client_ip::{ClientIp, Peer},
        rate_limit::{Attempts, Rate, Rates},
    },
    protected_resource::{ProtectedResource, RESOURCE_METADATA, resource_suffix},
    request_context::RequestId,
};

mod active_response;
mod body_reader;
mod connection_limits;
mod health;
mod health_listener;
mod in_flight;
mod limit;
mod overflow;
mod request_body;
mod serve;
mod write_timeouts;

use body_reader::BodyStalled;
pub use health::Readiness;
pub use health_listener::{HealthBounds, HealthListener};
use limit::limit;
use request_body::RequestBodies;
pub use serve::{Bounds, serve};

#[cfg(test)]
mod tests;

/// How many bytes of memory large requests in flight may take together, unless the operator says otherwise.
pub const REQUEST_MEMORY: usize = 128 << 20;
/// The longest path with its query, in bytes: pages repeat parts of it.
const URI_BYTES: usize = 8 << 10;
/// How long a request may take; a tool call has less.
const LONGEST: Duration = Duration::from_mins(1);
/// The largest error text that is turned into JSON.
const ERROR_BYTES: usize = 16 << 10;
/// How rmcp begins what it says, with the wrong status, of a body that is no message of the protocol.
const UNREADABLE: &str = "fail to deserialize request body ";
/// Two years; other names below ours are not for this server to decide about.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a browser may send to the MCP endpoint and to the endpoints of OAuth, besides what it always may.
const CLIENT_HEADERS: [HeaderName; 6] = [
    AUTHORIZATION,
    CONTENT_TYPE,
    HeaderName::from_static("mcp-protocol-version"),
    HeaderName::from_static("mcp-method"),
    HeaderName::from_static("mcp-name"),
    HeaderName::from_static("last-event-id"),
];

/// What the router is made of.
pub struct AppState {
    /// Answers MCP.
    pub server: Server,
    /// The tools that are offered, for pages that count them.
    pub offered: OfferedTools,
    /// Who may reach it.
    pub guard: Guard,
    /// The origin that people and clients know.
    pub origin: String,
    /// Other origins whose pages may call the MCP endpoint.
    pub allowed_origins: Vec<String>,
    /// The proxies whose forwarded headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// How often one network may call what costs something before anybody is known.
    pub rates: Rates,
    /// How many bytes of memory large requests in flight may take together.
    pub request_memory: usize,
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
}

impl AppState {
    /// Whether its requests can be answered.
    pub fn readiness(&self) -> Readiness {
        Readiness::new(&self.guard, self.stop.clone())
    }
}

/// The router.
pub fn router(site: AppState) -> Router {
    let landing = Landing { url: format!("{}{MCP_PATH}", site.origin), offered: site.offered.clone(), guard: site.guard.clone() };
    let frame_of = Frame {
        proxies: site.trusted_proxies.clone().into(),
        is_https: site.origin.starts_with("https://"),
        largest: request_body::largest(site.offered.catalog),
    };
    let authorization = match &site.guard {
        Guard::Embedded(server) => authorization(Arc::clone(server), &site.rates),
        Guard::Open(_) | Guard::External(_) => Router::new(),
    };
    Router::new()
        .merge(mcp(&site))
        .merge(metadata(&site.guard))
        .merge(authorization)
        .route("/", get(show_landing).with_state(landing))
        .merge(pages::assets())
        .merge(health::routes(Readiness::new(&site.guard, site.stop)))
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
    let landing = Landing { url: format!("{}{MCP_PATH}", site.origin), offered: site.offered.clone(), guard: site.guard.clone() };
    let is_allowed = move |origin: &HeaderValue, _: &axum::http::request::Parts| {
        origin.to_str().is_ok_and(|origin| origins.iter().any(|allowed| matches(allowed, origin)))
    };
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_allowed))
        .allow_methods([Method::POST])
        .allow_headers(CLIENT_HEADERS)
        .expose_headers([WWW_AUTHENTICATE, REQUEST_ID]);
    Router::new()
        .route_service(MCP_PATH, service.clone())
        .route_service(READ_ONLY_PATH, service)
        .layer(from_fn_with_state(RequestBodies::new(site.offered.catalog, site.request_memory), request_body::read))
        .layer(from_fn_with_state(site.offered.catalog, narrow))
        .layer(from_fn_with_state((site.guard.clone(), site.rates.wrong_tokens.clone()), guard))
        .layer(from_fn_with_state(landing, landing_for_browsers))
        .layer(cors)
}

/// Reads from the address which of the tools the assistant wants.
async fn narrow(State(catalog): State<&'static Catalog>, mut request: Request, next: Next) -> Response {
    match ToolFilter::of_address(request.uri(), &catalog.toolsets()) {
        Ok(tool_filter) => {
            request.extensions_mut().insert(tool_filter);
            next.run(request).await
        }
        Err(unknown) => (StatusCode::BAD_REQUEST, format!("the address cannot be used: {unknown}")).into_response(),
    }
}

/// Whether an allowed origin, whose port may be `*`, is this one.
fn matches(allowed: &str, origin: &str) -> bool {
    match allowed.strip_suffix(":*") {
        Some(host) => origin.strip_prefix(host).is_some_and(|port| port.is_empty() || port.starts_with(':')),
        None => allowed == origin,
    }
}

/// An origin with its port, since one without would match any port.
fn with_port(origin: &str) -> String {
    let whole = |url: reqwest::Url| Some(format!("{}://{}:{}", url.scheme(), url.host_str()?, url.port_or_known_default()?));
    reqwest::Url::parse(origin).ok().and_then(whole).unwrap_or_else(|| origin.to_owned())
}

fn is_loopback(origin: &str) -> bool {
    reqwest::Url::parse(origin).is_ok_and(|url| mcp_http::net::is_loopback(&url))
}

/// What everyone may read, from any page: where tokens come from.
fn metadata(guard: &Guard) -> Router {
    let Some(resource) = guard.resource() else { return Router::new() };
    let mut router = Router::new();
    for path in ["", MCP_PATH, READ_ONLY_PATH] {
        router = router.route(&format!("{RESOURCE_METADATA}{path}"), get(resource_metadata).with_state(resource.clone()));
    }
    if let Guard::Embedded(server) = guard {
        let metadata = metadata::server(server.issuer(), server.definitions().names(server.ceiling()), server.offers);
        let openid = metadata::openid(&metadata);
        for (path, document) in [(SERVER_METADATA, metadata), (OPENID_METADATA, openid), (JWKS, metadata::jwks())] {
            router = router.route(path, get(Document::answer).with_state(Document::new(&document)));
        }
    }
    router.layer(CorsLayer::new().allow_origin(Any).allow_headers(Any))
}

/// What the protected resource says of itself to those who know it by the address that follows the well-known path.
async fn resource_metadata(State(resource): State<ProtectedResource>, address: Uri) -> Response {
    Document::new(&resource.metadata(&resource_suffix(&address))).into_response()
}

/// A JSON document that never changes.
#[derive(Clone)]
struct Document(Bytes);

impl Document {
    fn new(json: &Value) -> Self {
        Self(json.to_string().into())
    }

    fn answer(State(document): State<Self>) -> impl Future<Output = Self> {
        std::future::ready(document)
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")], self.0).into_response()
    }
}

/// The authorization server: endpoints for clients, pages for people.
fn authorization(server: Arc<AuthorizationServer>, rates: &Rates) -> Router {
    let limited = |rate: &Rate| from_fn_with_state(rate.clone(), limit);
    let mut clients =
        Router::new().route(TOKEN, post(token_endpoint::post)).route(REVOKE, post(revoke::post)).layer(limited(&rates.token));
    if server.offers.registration {
        clients = clients.merge(
            Router::new().route(REGISTER, post(register::post)).layer(limited(&rates.register)).layer(Extension(rates.clone())),
        );
    }
    let people = Router::new()
        .route(AUTHORIZE, get(consent::get).post(consent::post))
        .route(sign_in::PATH, get(sign_in::get).post(sign_in::post))
        .route(sign_in::CALLBACK, get(sign_in::callback))
        .route(sign_in::SIGN_OUT, post(sign_in::sign_out))
        .route(connections::PATH, get(connections::get))
        .route(connections::END, post(connections::end))
        .layer(limited(&rates.people))
        .layer(from_fn(failure::in_time))
        .layer(from_fn_with_state(server.brand.product, failure::show))
        .layer(Extension(Arc::new(Attempts::default())));
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::POST]).allow_headers(CLIENT_HEADERS);
    clients.layer(cors).merge(people).layer(from_fn(named)).with_state(server)
}

/// So that what is logged about a request can be found by its id, which its answer or page shows.
async fn named(Extension(RequestId(id)): Extension<RequestId>, request: Request, next: Next) -> Response {
    next.run(request).instrument(tracing::info_span!("oauth", request = %id)).await
}

/// What the landing page shows.
#[derive(Clone)]
struct Landing {
    url: String,
    offered: OfferedTools,
    guard: Guard,
}

async fn show_landing(State(landing): State<Landing>) -> Response {
    let Landing { url, offered, guard } = landing;
    let mut toolsets = BTreeMap::<&str, usize>::new();
    for tool in offered.tools() {
        *toolsets.entry(&tool.toolset).or_default() += 1;
    }
    let toolsets = toolsets.into_iter().map(|(name, tools)| Toolset { name: name.to_owned(), tools }).collect();
    let signs_in = match guard {
        Guard::Open(_) => SignsIn::Nobody,
        Guard::Embedded(_) => SignsIn::Here,
        Guard::External(_) => SignsIn::Elsewhere,
    };
    let page = pages::Landing {
        product: crate::torii::BRAND.product,
        url,
        tools: offered.tools().count(),
        operations: crate::generated::operation_counts(),
        toolsets,
        signs_in,
    };
    pages::respond(StatusCode::OK, &page, FormAction::Here)
}

/// Somebody who opens the address of the MCP endpoint in a browser is told what it is.
async fn landing_for_browsers(State(landing): State<Landing>, request: Request, next: Next) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if request.method() == Method::GET && accepts.contains("text/html") {
        return show_landing(State(landing)).await;
    }
    next.run(request).await
}

/// What [`frame`] has to know of the server.
#[derive(Clone)]
struct Frame {
    proxies: Arc<[IpNet]>,
    is_https: bool,
    /// How many bytes the largest request may have.
    largest: usize,
}

/// What surrounds every request: its id, its time limit, and JSON for its errors.
async fn frame(State(Frame { proxies, is_https, largest }): State<Frame>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get().copied();
    let client = ClientIp::of(peer, request.headers(), &proxies);
    request.extensions_mut().insert(client);
    let given = request.headers().get(REQUEST_ID).filter(|_| peer.is_some_and(|peer: Peer| peer.is_one_of(&proxies)));
    let id = request_id(given);
    let value = HeaderValue::from_str(&id.0);
    request.extensions_mut().insert(id);
    let stalled = request.extensions().get::<BodyStalled>().cloned().unwrap_or_default();
    let response = time::timeout(LONGEST, bounded(request, next, largest)).await.unwrap_or_else(|_| {
        (StatusCode::REQUEST_TIMEOUT, "the request took too long; send it again, or a smaller one").into_response()
    });
    let response = stalled.answer().unwrap_or(response);
    let mut response = with_json_error(response).await;
    if let Ok(value) = value {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if is_https {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    response
}

/// Refuses a request that says it is too large.
async fn bounded(request: Request, next: Next, largest: usize) -> Response {
    if request.uri().path_and_query().is_some_and(|path| path.as_str().len() > URI_BYTES) {
        let text = format!("a path and its query have at most {} KiB; send a shorter one", URI_BYTES >> 10);
        return (StatusCode::URI_TOO_LONG, text).into_response();
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_none_or(|length: usize| length <= largest) {
        return next.run(request).await;
    }
    (StatusCode::PAYLOAD_TOO_LARGE, format!("a request may have at most {} MiB", largest >> 20)).into_response()
}

/// The id that a proxy of ours gave the request, if it is a sane one, or a new one.
fn request_id(given: Option<&HeaderValue>) -> RequestId {
    let given = given.and_then(|value| value.to_str().ok());
    let is_sane =
        |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    RequestId(given.filter(is_sane).map_or_else(|| format!("{:016x}", fastrand::u64(..)).into(), Arc::from))
}

/// Gives an error a JSON body, unless it has one or is a page.
async fn with_json_error(response: Response) -> Response {
    let status = response.status();
    let has_own =
        |value: &HeaderValue| [&b"application/json"[..], b"text/html"].iter().any(|start| value.as_bytes().starts_with(start));
    if response.headers().get(CONTENT_TYPE).is_some_and(has_own) || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = to_bytes(body, ERROR_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    if let Some(reason) = text.strip_prefix(UNREADABLE) {
        return unreadable(reason).into_response();
    }
    let reason = status.canonical_reason().unwrap_or("error");
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let message = if text.is_empty() { reason } else { &text };
    let error = json!({ "error": { "status": status.as_u16(), "message": message } });
    Response::from_parts(parts, error.to_string().into())
}

/// The answer to a body that is not JSON, or not JSON-RPC.
fn unreadable(reason: &str) -> impl IntoResponse + use<> {
    let code = if reason.starts_with("unrecognized") { ErrorCode::INVALID_REQUEST } else { ErrorCode::PARSE_ERROR };
    let message = format!("the body is not a JSON-RPC message: {reason}");
    let error = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code.0, "message": message } });
    (StatusCode::BAD_REQUEST, Json(error))
}
