//! The endpoints, pages and metadata as routes.
//!
//! Invariant: nothing redirects below `/.well-known`, and pages of any origin may read metadata.

use std::{future::ready, sync::Arc};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Request, State},
    http::{
        Method, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use mcp_http::{
    endpoints::{CLIENT_HEADERS, MCP_PATH, READ_ONLY_PATH},
    log::SharedRecurring,
    net::rate_limit::{Rate, Rates},
    protected_resource::{ProtectedResource, RESOURCE_METADATA, resource_suffix},
    request_context::RequestId,
};
use serde_json::Value;
use tower_http::cors::{Any, CorsLayer};
use tracing::Instrument;

use crate::{
    browser::{connections, page_error, sign_in},
    endpoints::{authorize, logout, metadata, register, revoke, sign_in as after_sign_in, token},
    pages,
    paths::{AUTHORIZE, BACK_CHANNEL_LOGOUT, JWKS, OPENID_METADATA, REGISTER, REVOKE, SERVER_METADATA, TOKEN},
    request_limits::{ConcurrencyLimits, limit_concurrency, limit_rate},
    server::{AuthorizationServer, SignIn},
};

/// The protected resource metadata (RFC 9728), whichever authorization server issues the tokens.
pub fn protected_resource(resource: &ProtectedResource) -> Router {
    let mut router = Router::new();
    for path in ["", MCP_PATH, READ_ONLY_PATH] {
        router = router.route(&format!("{RESOURCE_METADATA}{path}"), get(resource_metadata).with_state(resource.clone()));
    }
    router.layer(any_origin())
}

/// The routes of the authorization server: endpoints for clients, pages for users, and metadata, including that of its
/// protected resource.
pub fn authorization_server(server: Arc<AuthorizationServer>, rates: &Rates) -> Router {
    let metadata = [false, true].map(|client_metadata| {
        let scopes = server.definitions().names(server.ceiling());
        metadata::server(server.issuer(), scopes, server.offers, client_metadata)
    });
    let openid = metadata.each_ref().map(metadata::openid);
    let mut documents = Router::new().route(JWKS, get(Document::response).with_state(Document::new(&metadata::jwks())));
    for (path, variants) in [(SERVER_METADATA, metadata), (OPENID_METADATA, openid)] {
        let variants = variants.each_ref().map(Document::new);
        documents = documents.route(path, get(server_metadata).with_state((Arc::clone(&server), variants)));
    }
    // registrations, sign-ins and requests of clients have limits of their own, so that none of them waits for the others
    let concurrency = || from_fn_with_state(ConcurrencyLimits::new(rates.wrong_tokens.known.clone()), limit_concurrency);
    let limited = |rate: &Rate| from_fn_with_state(rate.clone(), limit_rate);
    let mut clients = Router::new()
        .route(TOKEN, post(token::post))
        .route(REVOKE, post(revoke::post))
        .layer(concurrency())
        .layer(limited(&rates.token))
        .layer(Extension(rates.wrong_tokens.clone()));
    if matches!(server.sign_in, SignIn::Oidc(..)) {
        let logout = Router::new().route(BACK_CHANNEL_LOGOUT, post(logout::post));
        clients = clients.merge(logout.layer(concurrency()).layer(limited(&rates.logout)));
    }
    if server.offers.registration {
        clients = clients.merge(
            Router::new()
                .route(REGISTER, post(register::post))
                .layer(concurrency())
                .layer(limited(&rates.register))
                .layer(Extension(rates.clone())),
        );
    }
    let users = Router::new()
        .route(AUTHORIZE, get(authorize::get).post(authorize::post))
        .route(sign_in::PATH, get(sign_in::get).post(after_sign_in::with_keys))
        .route(sign_in::CALLBACK, get(after_sign_in::with_provider))
        .route(sign_in::SIGN_OUT, post(sign_in::sign_out))
        .route(connections::PATH, get(connections::get))
        .route(connections::END, post(connections::end))
        .layer(concurrency())
        .layer(limited(&rates.users))
        .layer(from_fn_with_state(SharedRecurring::default(), page_error::in_time))
        .layer(from_fn_with_state(server.brand.product, page_error::show))
        .layer(Extension(Arc::clone(&rates.attempts)));
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::POST]).allow_headers(CLIENT_HEADERS);
    let resource = protected_resource(&server.resource);
    let endpoints = clients.layer(cors).merge(users).layer(from_fn(trace_layer)).with_state(server);
    documents.layer(any_origin()).merge(resource).merge(endpoints).merge(pages::assets())
}

fn any_origin() -> CorsLayer {
    CorsLayer::new().allow_origin(Any).allow_headers(Any)
}

/// The metadata of the resource whose path follows the well-known path.
async fn resource_metadata(State(resource): State<ProtectedResource>, url: Uri) -> Response {
    Document::new(&resource.metadata(&resource_suffix(&url))).into_response()
}

/// The server's metadata: without client metadata documents, or with them.
async fn server_metadata(State((server, [without, with])): State<(Arc<AuthorizationServer>, [Document; 2])>) -> Document {
    if server.advertising.is_advertised() { with } else { without }
}

/// A JSON document that does not change while the server runs.
#[derive(Clone)]
struct Document(Bytes);

impl Document {
    fn new(json: &Value) -> Self {
        Self(json.to_string().into())
    }

    fn response(State(document): State<Self>) -> impl Future<Output = Self> {
        ready(document)
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")], self.0).into_response()
    }
}

/// Adds the request ID, which the response or page shows, to everything that is logged about the request.
async fn trace_layer(Extension(RequestId(id)): Extension<RequestId>, request: Request, next: Next) -> Response {
    next.run(request).instrument(tracing::info_span!("oauth", request = %id)).await
}
