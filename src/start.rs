//! Builds a server from its settings.
//!
//! Invariant: problems are found here, before the first request, such as a store that cannot be opened, or an encryption key that
//! does not belong to the store.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use mcp_http::{
    bearer::{Authenticate, Open},
    caller::Caller,
    clock::{Clock, Timestamp},
    endpoints::MCP_PATH,
    net::rate_limit::{KeyedRate, Rates},
    protected_resource::ProtectedResource,
    scope::Scopes,
    token::{Random, TokenHash},
};
use mcp_oauth_server::{
    external::ExternalServer,
    fetch::Fetch,
    identity::{External, external::Verifier},
    pages::{self, SignsIn},
    routes,
    server::AuthorizationServer,
    start::{StartDependencies, StartError},
};
use openapi_mcp::{
    catalog::Catalog,
    confirmation::{Confirmations, UsedConfirmations, UsedOnce},
    http::{self, AppState},
    mcp::{Server, ToolPolicy},
    tool_filter::OfferedTools,
    upstream::Upstream,
};
use reqwest::Url;
use tokio_util::sync::CancellationToken;

use crate::{
    config::settings::{Auth, Settings},
    landing::landing,
    torii::{BRAND, directory::Torii},
};

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The authorization server cannot start.
    #[error(transparent)]
    Authorization(#[from] StartError),
    /// The HTTP client cannot be set up.
    #[error("the http client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

/// The dependencies of a server, besides its settings.
pub struct AppDependencies {
    /// The tools.
    pub catalog: &'static Catalog,
    /// Which of the tools are permitted, and which are listed.
    pub tool_policy: ToolPolicy,
    /// The client of Torii's API.
    pub upstream: Upstream,
    /// The base URL of Torii's API.
    pub torii: Url,
    /// The clock.
    pub clock: Clock,
    /// The source of randomness.
    pub random: Random,
    /// Fetches the metadata that clients publish.
    pub untrusted: Fetch,
}

/// Builds the server for a public origin, and starts its background tasks, which run until `stop` is cancelled.
///
/// # Errors
/// When the server cannot start.
pub async fn router(settings: &Settings, origin: &str, on: AppDependencies, stop: CancellationToken) -> Result<Router, Error> {
    Ok(http::router(site(settings, origin, on, stop).await?))
}

/// The same, as the state from which the router is built.
///
/// # Errors
/// When the server cannot start.
pub async fn site(settings: &Settings, origin: &str, on: AppDependencies, stop: CancellationToken) -> Result<AppState, Error> {
    let (catalog, upstream, tool_policy) = (on.catalog, on.upstream.clone(), on.tool_policy.clone());
    let (clock, random) = (on.clock.clone(), on.random);
    let offered = OfferedTools { catalog: on.catalog, tool_filter: on.tool_policy.tool_filter.clone() };
    let rates = Rates::default();
    let (authenticate, beside, signs_in, used): (Arc<dyn Authenticate>, _, _, _) = match &settings.auth {
        Auth::None(keys) => {
            (Arc::new(Open(Caller::new(keys.clone()))), pages::assets(), SignsIn::Nobody, UsedConfirmations::default())
        }
        Auth::External(external) => {
            let server = external_server(settings, external, origin, &on)?;
            let beside = server.resource().map(routes::protected_resource).unwrap_or_default();
            (Arc::new(server), beside.merge(pages::assets()), SignsIn::Elsewhere, UsedConfirmations::default())
        }
        Auth::Embedded(embedded) => {
            let dependencies = StartDependencies {
                resource: resource(&on, origin, origin, embedded.scopes),
                directory: Arc::new(directory(settings, &on)?),
                brand: BRAND,
                tools_by_scope: offered.counts(),
                untrusted: on.untrusted,
                replicas: upstream.replicas(),
                clock: on.clock,
                random: on.random,
            };
            let server = mcp_oauth_server::start::start(embedded, dependencies, stop.clone()).await?;
            let used = UsedConfirmations::Shared(Arc::new(UsedInStore(Arc::clone(&server))));
            let beside = routes::authorization_server(Arc::clone(&server), &rates);
            (server, beside, SignsIn::Here, used)
        }
    };
    let confirmations = Confirmations::new(tool_policy.confirm, clock, random, used);
    Ok(AppState {
        server: Server::new(catalog, upstream, tool_policy, confirmations, crate::torii::description()),
        landing: landing(format!("{origin}{MCP_PATH}"), &offered, signs_in),
        offered,
        authenticate,
        beside,
        origin: origin.to_owned(),
        allowed_origins: settings.allowed_origins.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        wrong_tokens: rates.wrong_tokens,
        request_memory: settings.request_memory,
        connection_rate: settings.requests_per_minute.map(KeyedRate::per_minute),
        stop,
    })
}

/// Records used confirmations in the store of the authorization server.
struct UsedInStore(Arc<AuthorizationServer>);

#[async_trait]
impl UsedOnce for UsedInStore {
    async fn use_once(&self, user: &str, hash: TokenHash, expires_at: Timestamp) -> Option<bool> {
        self.0.use_once(user, hash, expires_at).await
    }
}

/// Looks users up in Torii, within the rates that tools share.
fn directory(settings: &Settings, on: &AppDependencies) -> Result<Torii, Error> {
    let torii = Torii::new(&on.torii, settings.role_ttl, on.clock.clone())?;
    Ok(torii.sharing_rates(on.upstream.clone(), on.catalog))
}

fn external_server(all: &Settings, settings: &External, origin: &str, on: &AppDependencies) -> Result<ExternalServer, Error> {
    let resource = resource(on, origin, &settings.issuer, settings.scopes);
    let verifier = Verifier::new(settings, resource.clone(), on.clock.clone())?;
    Ok(ExternalServer::new(settings, resource, verifier, Arc::new(directory(all, on)?), on.clock.clone()))
}

/// The MCP endpoint as the protected resource of the tokens.
fn resource(on: &AppDependencies, origin: &str, issuer: &str, scopes: Scopes) -> ProtectedResource {
    let definitions = on.catalog.scopes();
    let scopes = on.tool_policy.tool_filter.scopes(definitions) & scopes;
    ProtectedResource::new(BRAND.product, origin, issuer, definitions.clone(), scopes).with_toolsets(on.catalog.toolsets())
}
