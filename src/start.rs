//! Builds a server from its settings.
//!
//! Invariant: problems are found here, before the first request, such as a store that cannot be opened, or an encryption key that
//! does not belong to the store.

use std::sync::{Arc, Mutex, PoisonError};

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
    directory::Directory,
    external::ExternalServer,
    fetch::Fetch,
    identity::{External, external::Verifier},
    pages::{self, SignsIn},
    routes,
    server::AuthorizationServer,
    settings::Embedded,
    start::{StartDependencies, StartError},
};
use openapi_mcp::{
    catalog::Catalog,
    confirmation::{Confirmations, UsedConfirmations, UsedOnce},
    http::{self, AppState},
    mcp::{Server, ToolPolicy},
    repeated_calls::RepeatedCalls,
    tool_filter::OfferedTools,
    upstream::Upstream,
};
use reqwest::Url;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::settings::{Auth, Settings},
    landing::{landing, not_found},
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
    /// A reloaded configuration has another way to sign in.
    #[error("`auth.mode` changes only at a restart")]
    OtherMode,
}

/// The dependencies of a server, besides its settings.
#[derive(Clone)]
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
    /// What must end in order when the server stops.
    pub tasks: TaskTracker,
}

impl AppDependencies {
    /// The tools that are offered.
    pub fn offered(&self) -> OfferedTools {
        OfferedTools { catalog: self.catalog, tool_filter: self.tool_policy.tool_filter.clone() }
    }
}

/// Builds the server for a public origin, and starts its background tasks, which run until `stop` is cancelled.
///
/// # Errors
/// When the server cannot start.
pub async fn router(settings: &Settings, origin: &str, on: AppDependencies, stop: CancellationToken) -> Result<Router, Error> {
    Ok(http::router(site(settings, origin, on, stop).await?.0))
}

/// What a server keeps when its configuration is reloaded: the store, the rates, and what was used once.
pub struct Kept {
    /// The authorization server that has opened the store.
    authorization: Option<Arc<AuthorizationServer>>,
    directory: Arc<dyn Directory>,
    /// With the keys of the other authorization server.
    verifier: Mutex<Option<Verifier>>,
    rates: Rates,
    used: UsedConfirmations,
    repeated: RepeatedCalls,
    draining: CancellationToken,
}

impl Kept {
    /// Keeps this authorization server, with what it has fetched, in the place of the one before.
    fn keep(&mut self, server: Arc<AuthorizationServer>) {
        self.used = UsedConfirmations::Shared(Arc::new(UsedInStore(Arc::clone(&server))));
        self.repeated = self.repeated.clone().with_keyed(Arc::clone(&server) as _);
        self.authorization = Some(server);
    }
}

/// The same, as the state from which the router is built, with what another configuration keeps of it.
///
/// # Errors
/// When the server cannot start.
pub async fn site(
    settings: &Settings,
    origin: &str,
    on: AppDependencies,
    stop: CancellationToken,
) -> Result<(AppState, Kept), Error> {
    let mut kept = Kept {
        authorization: None,
        directory: Arc::new(directory(settings, &on)?),
        verifier: Mutex::default(),
        rates: Rates::default().with_failed_sign_ins(settings.failed_sign_ins),
        used: UsedConfirmations::default(),
        repeated: RepeatedCalls::in_memory(on.clock.clone()),
        draining: stop.child_token(),
    };
    if let Auth::Embedded(embedded) = &settings.auth {
        let dependencies = authorization_dependencies(embedded, origin, &on, &kept);
        let server = mcp_oauth_server::start::start(embedded, dependencies, stop).await?;
        kept.keep(server);
    }
    let state = state(settings, origin, on, &kept, kept.authorization.clone())?;
    Ok((state, kept))
}

/// The state with other settings, for the same origin. The way users sign in has to be the same.
///
/// # Errors
/// When an HTTP client cannot be set up.
pub fn reload(settings: &Settings, origin: &str, on: AppDependencies, kept: &mut Kept) -> Result<AppState, Error> {
    let authorization = match (&settings.auth, &kept.authorization) {
        (Auth::Embedded(embedded), Some(running)) => {
            let dependencies = authorization_dependencies(embedded, origin, &on, kept);
            Some(mcp_oauth_server::start::reload(embedded, dependencies, running)?)
        }
        _ => None,
    };
    let (used, repeated, before) = (kept.used.clone(), kept.repeated.clone(), kept.authorization.clone());
    if let Some(server) = authorization {
        kept.keep(server);
    }
    let state = state(settings, origin, on, kept, kept.authorization.clone()).inspect_err(|_| {
        // what runs goes on with what it has
        (kept.used, kept.repeated, kept.authorization) = (used, repeated, before);
    })?;
    kept.rates.attempts.set_limit(settings.failed_sign_ins);
    Ok(state)
}

fn state(
    settings: &Settings,
    origin: &str,
    on: AppDependencies,
    kept: &Kept,
    authorization: Option<Arc<AuthorizationServer>>,
) -> Result<AppState, Error> {
    if authorization.is_none() {
        // where there is a store, replicas count each other in it
        on.upstream.replicas().set(settings.replicas);
    }
    let offered = on.offered();
    let (authenticate, beside, signs_in): (Arc<dyn Authenticate>, _, _) = match (&settings.auth, authorization) {
        (Auth::Embedded(_), Some(server)) => {
            let beside = routes::authorization_server(Arc::clone(&server), &kept.rates);
            (server, beside, SignsIn::Here)
        }
        (Auth::External(external), _) => {
            let server = external_server(external, origin, &on, kept)?;
            let beside = server.resource().map(routes::protected_resource).unwrap_or_default();
            (Arc::new(server), beside.merge(pages::assets()), SignsIn::Elsewhere)
        }
        (Auth::None(keys), _) => (Arc::new(Open(Caller::new(keys.clone()))), pages::assets(), SignsIn::Nobody),
        (Auth::Embedded(_), None) => return Err(Error::OtherMode),
    };
    let confirmations = Confirmations::new(on.tool_policy.confirm, on.clock, on.random, kept.used.clone());
    Ok(AppState {
        server: Server::new(on.catalog, on.upstream, on.tool_policy, confirmations, crate::torii::description())
            .with_repeated_calls(kept.repeated.clone()),
        landing: landing(format!("{origin}{MCP_PATH}"), &offered, signs_in),
        offered,
        authenticate,
        beside: beside.fallback(not_found),
        origin: origin.to_owned(),
        allowed_origins: settings.allowed_origins.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        wrong_tokens: kept.rates.wrong_tokens.clone(),
        request_memory: settings.request_memory,
        connection_rate: settings.requests_per_minute.map(KeyedRate::per_minute),
        draining: kept.draining.clone(),
    })
}

fn authorization_dependencies(embedded: &Embedded, origin: &str, on: &AppDependencies, kept: &Kept) -> StartDependencies {
    StartDependencies {
        resource: resource(on, origin, origin, embedded.scopes),
        directory: Arc::clone(&kept.directory),
        brand: BRAND,
        tools_by_scope: on.offered().counts(),
        untrusted: on.untrusted.clone(),
        replicas: on.upstream.replicas(),
        tasks: on.tasks.clone(),
        clock: on.clock.clone(),
        random: on.random,
    }
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

fn external_server(settings: &External, origin: &str, on: &AppDependencies, kept: &Kept) -> Result<ExternalServer, Error> {
    let resource = resource(on, origin, &settings.issuer, settings.scopes);
    let mut kept_verifier = kept.verifier.lock().unwrap_or_else(PoisonError::into_inner);
    let known = kept_verifier.as_ref().and_then(|verifier| verifier.with_settings(settings, resource.clone()));
    let verifier = known.map_or_else(|| Verifier::new(settings, resource.clone(), on.clock.clone()), Ok)?;
    *kept_verifier = Some(verifier.clone());
    Ok(ExternalServer::new(settings, resource, verifier, Arc::clone(&kept.directory), on.clock.clone()))
}

/// The MCP endpoint as the protected resource of the tokens.
fn resource(on: &AppDependencies, origin: &str, issuer: &str, scopes: Scopes) -> ProtectedResource {
    let definitions = on.catalog.scopes();
    let scopes = on.tool_policy.tool_filter.scopes(definitions) & scopes;
    ProtectedResource::new(BRAND.product, origin, issuer, definitions.clone(), scopes).with_toolsets(on.catalog.toolsets())
}
