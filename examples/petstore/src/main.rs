//! An MCP server for Petstore: its tools are generated, and users sign in with a key of the API.

mod keys;

use std::{
    env,
    error::Error,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use keys::Api;
use mcp_http::{
    clock::Clock,
    endpoints::MCP_PATH,
    net::{outbound::Proxies, rate_limit::Rates, ssrf::SystemResolver},
    protected_resource::ProtectedResource,
    token::{Random, TokenPrefix},
};
use mcp_oauth_server::{
    brand::Brand,
    fetch::{self, Fetch},
    keyring::KeyringSource,
    routes,
    settings::{Embedded, SignIn},
    start::{StartDependencies, start},
    store::StoreAt,
};
use openapi_mcp::{
    confirmation::{ConfirmationPolicy, Confirmations, UsedConfirmations},
    http::{self, AppState, Bounds},
    mcp::{Server, ServerDescription, ToolPolicy},
    tool_filter::OfferedTools,
    upstream::{Limits, Upstream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

mod generated {
    openapi_mcp::generated!();
}

const BRAND: Brand = Brand { product: "Petstore", server: "petstore-mcp", tokens: TokenPrefix("petstore") };

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let setting = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let url = setting("PETSTORE_URL", "https://petstore.example/v1");
    let api = url.parse().map_err(|error| format!("`PETSTORE_URL` must be the URL of the API, not `{url}`: {error}"))?;
    let folder = PathBuf::from(setting("PETSTORE_DATA", "data"));
    let listener = tokio::net::TcpListener::bind(setting("PETSTORE_LISTEN", "127.0.0.1:8090")).await?;
    let origin = setting("PETSTORE_ORIGIN", &format!("http://{}", listener.local_addr()?));
    let (clock, random, rates, stop) = (Clock::system(), Random::system(), Rates::default(), CancellationToken::new());

    // the tools
    let catalog = generated::catalog()?;
    let offered = OfferedTools::all(catalog);
    let functions = openapi_mcp::upstream::Api { base: &api, functions: generated::TOOL_FNS, user_agent: BRAND.server };
    let upstream = Upstream::new(&functions, Limits::default(), clock.clone(), || 0.5)?;
    let confirmations = Confirmations::new(ConfirmationPolicy::default(), clock.clone(), random, UsedConfirmations::default());
    let description = ServerDescription::new(env!("CARGO_PKG_VERSION"), generated::COVERAGE_JSON);
    let replicas = upstream.replicas();
    let server = Server::new(catalog, upstream, ToolPolicy::default(), confirmations, description);

    // the sign-in
    let store = StoreAt::Sqlite(folder.join("store.sqlite"));
    let sign_in = SignIn::Keys(keys::fields(catalog));
    let settings = Embedded::new(sign_in, store, KeyringSource::File(folder.join("keyring")));
    let dependencies = StartDependencies {
        resource: ProtectedResource::new(BRAND.product, &origin, &origin, catalog.scopes().clone(), catalog.scopes().all())
            .with_toolsets(catalog.toolsets()),
        directory: Arc::new(Api::new(api, catalog)),
        brand: BRAND,
        tools_by_scope: offered.counts(),
        untrusted: Fetch::for_untrusted_hosts(Arc::new(SystemResolver), Vec::new(), fetch::Limits::UNTRUSTED)?
            .through(Proxies::from_env()),
        replicas,
        tasks: TaskTracker::new(),
        clock,
        random,
    };
    let authorization = start(&settings, dependencies, stop.clone()).await?;
    let beside = routes::authorization_server(Arc::clone(&authorization), &rates);

    let state =
        AppState { beside, wrong_tokens: rates.wrong_tokens, ..AppState::new(server, offered, authorization, &origin, &stop) };
    writeln!(io::stdout(), "add this URL to your assistant: {origin}{MCP_PATH}")?;
    let serve = http::serve(listener, http::router(state), Bounds::default(), stop.clone());
    let (outcome, ()) = tokio::join!(serve, async {
        let _ = tokio::signal::ctrl_c().await;
        stop.cancel();
    });
    Ok(outcome?)
}
