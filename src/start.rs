//! From settings to a server that is ready to answer.
//!
//! Invariant: what is wrong is found here, before the first request: a store that cannot be opened, a sealing key that is
//! not the store's.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use axum::Router;
use mcp_http::{
    bearer::{Authenticate, Open},
    caller::Caller,
    clock::{Clock, Timestamp},
    endpoints::MCP_PATH,
    net::rate_limit::Rates,
    protected_resource::ProtectedResource,
    scope::Scopes,
    token::{Random, RandomFailed, TokenHash},
};
use mcp_oauth_server::{
    browser::sign_in::CALLBACK,
    clients::{assertion::Assertions, lookup::Clients, metadata_document::Documents},
    endpoints::register::MOST_UNUSED,
    external::ExternalServer,
    fetch::{Fetch, Limits},
    identity::{External, external::Verifier, oidc::Provider},
    jose::Jwks,
    keyring::{self, EncryptedKey, Keyring, KeyringSource},
    pages::{self, SignsIn},
    paths::TOKEN,
    routes,
    server::{AuthServerDependencies, AuthorizationServer, grant_row},
    settings::{Embedded, SignIn},
    store::{self, Store},
};
use openapi_mcp::{
    catalog::Catalog,
    confirmation::{Confirmations, Spent, UsedOnce},
    http::{self, AppState},
    mcp::{Server, ToolPolicy},
    tool_filter::OfferedTools,
    upstream::Upstream,
};
use reqwest::Url;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::{
    config::settings::{Auth, Settings},
    landing::landing,
    torii::{BRAND, directory::Torii},
};

/// How often what is void is forgotten.
const CLEANING: Duration = Duration::from_mins(10);
/// The name under which the store keeps what tells its sealing key.
const SEAL_CHECK: &str = "seal check";

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The sealing keys.
    #[error("the sealing key cannot be used: {0}; see `seal` in `torii-mcp config print`")]
    Keyring(#[from] keyring::Error),
    /// The store's keys were sealed with another key.
    #[error("this store was sealed with another key; configure that one, too, after the new one, or start with a new store")]
    ForeignSeal,
    /// The file of the sealing key.
    #[error("the sealing key's file `{}` cannot be {what}: {source}", path.display())]
    SealFile {
        /// The file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
    /// The HTTP client.
    #[error("the http client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

/// What a server stands on, besides its settings.
pub struct AppDependencies {
    /// The tools.
    pub catalog: &'static Catalog,
    /// Which of them there are, and which are listed.
    pub tool_policy: ToolPolicy,
    /// The way to Torii.
    pub upstream: Upstream,
    /// Where Torii is.
    pub torii: Url,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Fetches what clients publish about themselves.
    pub strangers: Fetch,
}

/// Builds the server for a public address, and starts what it does beside answering, until `stop`.
///
/// # Errors
/// Whatever would keep it from answering.
pub async fn router(settings: &Settings, origin: &str, on: AppDependencies, stop: CancellationToken) -> Result<Router, Error> {
    Ok(http::router(site(settings, origin, on, stop).await?))
}

/// The same, before a router is made of it.
///
/// # Errors
/// Whatever would keep it from answering.
pub async fn site(settings: &Settings, origin: &str, on: AppDependencies, stop: CancellationToken) -> Result<AppState, Error> {
    let (catalog, upstream, tool_policy) = (on.catalog, on.upstream.clone(), on.tool_policy.clone());
    let (clock, random) = (on.clock.clone(), on.random);
    let offered = OfferedTools { catalog: on.catalog, tool_filter: on.tool_policy.tool_filter.clone() };
    let rates = Rates::default();
    let (authenticate, beside, signs_in, spent): (Arc<dyn Authenticate>, _, _, _) = match &settings.auth {
        Auth::None(keys) => (Arc::new(Open(Caller::new(keys.clone()))), pages::assets(), SignsIn::Nobody, Spent::default()),
        Auth::External(external) => {
            let server = external_server(external, origin, &on)?;
            let beside = server.resource().map(routes::protected_resource).unwrap_or_default();
            (Arc::new(server), beside.merge(pages::assets()), SignsIn::Elsewhere, Spent::default())
        }
        Auth::Embedded(embedded) => {
            let server = Arc::new(authorization_server(embedded, origin, on).await?);
            tokio::spawn(stop.clone().run_until_cancelled_owned(clean(Arc::clone(&server))));
            let spent = Spent::Shared(Arc::new(UsedInStore(Arc::clone(&server.store))));
            let beside = routes::authorization_server(Arc::clone(&server), &rates);
            (server, beside, SignsIn::Here, spent)
        }
    };
    let confirmations = Confirmations::new(tool_policy.confirm, clock, random, spent);
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
        stop,
    })
}

/// Confirmations that were used, in the store of the authorization server.
struct UsedInStore(Arc<dyn Store>);

#[async_trait]
impl UsedOnce for UsedInStore {
    async fn use_once(&self, hash: TokenHash, expires_at: Timestamp) -> Option<bool> {
        self.0.spend(hash, expires_at).await.map_err(|error| mcp_http::log::error(&error)).ok()
    }
}

async fn authorization_server(settings: &Embedded, origin: &str, on: AppDependencies) -> Result<AuthorizationServer, Error> {
    let store = store::open(&settings.store, on.catalog.scopes().clone()).await?;
    let seal = open_seal(&settings.seal, on.random)?;
    check_seal(&seal, &*store).await?;
    reseal(&seal, &*store).await?;
    let provider = match &settings.sign_in {
        SignIn::Keys(_) => None,
        SignIn::Oidc(oidc, _) => Some(Provider::new(oidc, &format!("{origin}{CALLBACK}"), on.clock.clone())?),
    };
    let resource = resource(&on, origin, origin, settings.scopes);
    let documents = settings.client_metadata.then(|| Documents::new(on.strangers.clone(), on.clock.clone()));
    let jwks = |fetch| Jwks::new(fetch, on.clock.clone());
    let operator = Fetch::for_operator(Limits::OPERATOR)?;
    let assertions = Assertions::new(jwks(on.strangers), jwks(operator), origin.to_owned(), format!("{origin}{TOKEN}"));
    let parts = AuthServerDependencies {
        resource,
        store,
        seal,
        clients: Clients::new(&settings.clients, documents, assertions),
        provider,
        directory: Arc::new(Torii::new(&on.torii)?),
        brand: BRAND,
        tools_behind: OfferedTools { catalog: on.catalog, tool_filter: on.tool_policy.tool_filter.clone() }.behind_scopes(),
        clock: on.clock,
        random: on.random,
    };
    Ok(AuthorizationServer::new(settings, parts))
}

fn external_server(settings: &External, origin: &str, on: &AppDependencies) -> Result<ExternalServer, Error> {
    let resource = resource(on, origin, &settings.issuer, settings.scopes);
    let verifier = Verifier::new(settings, resource.clone(), on.clock.clone())?;
    Ok(ExternalServer::new(settings, resource, verifier, Arc::new(Torii::new(&on.torii)?), on.clock.clone()))
}

/// The MCP endpoint as the resource that tokens are for.
fn resource(on: &AppDependencies, origin: &str, issuer: &str, scopes: Scopes) -> ProtectedResource {
    let definitions = on.catalog.scopes();
    let scopes = on.tool_policy.tool_filter.scopes(definitions) & scopes;
    ProtectedResource::new(BRAND.product, origin, issuer, definitions.clone(), scopes)
}

/// The sealing keys: as configured, or from a file, which is made if it is not there.
pub fn open_seal(from: &KeyringSource, random: Random) -> Result<Keyring, Error> {
    match from {
        KeyringSource::Keys(keys) => Ok(Keyring::parse(keys.expose(), BRAND.server)?),
        KeyringSource::File(path) => {
            let failed = |what| move |source| Error::SealFile { path: path.clone(), what, source };
            match create(path, &Keyring::new_key(random)?) {
                Ok(()) => {
                    tracing::info!(path = %path.display(), "made a sealing key; keep a copy of it, without it stored keys are lost");
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("made")(error)),
            }
            Ok(Keyring::parse(&fs::read_to_string(path).map_err(failed("read"))?, BRAND.server)?)
        }
    }
}

/// Makes a file that only its owner can read, unless there is one.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    // written beside it and linked, so that nobody ever reads half a key
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(draft, "{text}")?;
    draft.as_file().sync_all()?;
    draft.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

/// Whether the store's keys can be opened with these sealing keys.
async fn check_seal(seal: &Keyring, store: &dyn Store) -> Result<(), Error> {
    let ours = seal.seal(SEAL_CHECK, b"torii-mcp")?;
    let kept = EncryptedKey::from_bytes(store.settle(SEAL_CHECK, ours.as_bytes()).await?);
    seal.open(SEAL_CHECK, &kept).map_err(|_| Error::ForeignSeal)?;
    if !seal.is_current(&kept) {
        store.resettle(SEAL_CHECK, kept.as_bytes(), ours.as_bytes()).await?;
    }
    Ok(())
}

/// Seals with the first key what was sealed with another, so that the other can be taken away.
async fn reseal(seal: &Keyring, store: &dyn Store) -> Result<(), Error> {
    let (mut after, mut resealed) = (String::new(), 0);
    loop {
        let some = store.sealed(&after).await?;
        let Some((last, _)) = some.last() else { break };
        after.clone_from(last);
        for (id, old) in some.iter().filter(|(_, sealed)| !seal.is_current(sealed)) {
            let row = grant_row(id);
            match seal.open(&row, old) {
                Ok(plain) => {
                    store.reseal(id, old, &seal.seal(&row, &plain)?).await?;
                    resealed += 1;
                }
                Err(error) => {
                    tracing::warn!(connection = id, %error, "a stored key cannot be opened; its person has to connect again, unless its sealing key is given back");
                }
            }
        }
    }
    if resealed > 0 {
        tracing::info!(resealed, "stored keys are sealed with the first sealing key now");
    }
    Ok(())
}

/// Forgets what is void, from time to time.
async fn clean(server: Arc<AuthorizationServer>) {
    let mut turn = time::interval(CLEANING);
    loop {
        turn.tick().await;
        match server.store.clean(server.clock.timestamp(), MOST_UNUSED).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "forgot what is void"),
            Err(error) => mcp_http::log::error(&error),
        }
    }
}
