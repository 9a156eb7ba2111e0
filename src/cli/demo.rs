//! `demo` and `sample`.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use clap::Args;
use mcp_http::{endpoints::MCP_PATH, scope::Scopes, secret::Secret, token::Random};
use mcp_oauth_server::{
    brand::KeyField,
    keyring::{Keyring, KeyringSource},
    settings::{ClientMetadata, Embedded, SignIn},
    store::StoreAt,
};
use openapi_mcp::{
    catalog::Catalog,
    http::{self, Bounds},
    mcp::ToolPolicy,
    upstream::Limits,
};
use reqwest::Url;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use torii_sample::{self as sample, APPS_ONLY_KEY, FULL_ACCESS_KEY, PREFIX, READ_ONLY_KEY, SCIM_KEY};

use super::{
    Error, listen_address, open_files, print,
    serve::{bind, foundation, stop_on_signal},
};
use crate::{
    config::settings::{Auth, Settings},
    start,
    torii::key_fields,
};

/// The arguments of `sample`.
#[derive(Debug, Args)]
pub(super) struct Sample {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", env = "TORII_MCP_SAMPLE_LISTEN", default_value = "127.0.0.1:8081", value_parser = listen_address)]
    listen: SocketAddr,
    /// How much the organization has
    #[arg(long, value_enum, default_value_t)]
    size: sample::Size,
    /// Which of two organizations is served
    #[arg(long, value_enum, default_value_t)]
    organization: sample::Organization,
    #[command(flatten)]
    behavior: sample::Behavior,
}

pub(super) async fn demo(catalog: &'static Catalog, listen: SocketAddr) -> Result<(), Error> {
    let listener = bind_locally(listen)?;
    let torii = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let base = Url::parse(&format!("http://{}{PREFIX}", torii.local_addr()?)).map_err(Error::failed)?;
    let origin = format!("http://{}", listener.local_addr()?);
    let folder = TempDir::new()?;
    // the key is lost when the process ends, and so is everything that it encrypts
    let keyring = Keyring::new_key(Random::system()).map_err(Error::failed)?;
    let settings = settings(listener.local_addr()?, folder.path(), Secret::new(keyring));
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    let foundation = foundation(catalog, ToolPolicy::default(), &base, Limits::default())?;
    let router = start::router(&settings, &origin, foundation, stop.clone()).await.map_err(Error::because)?;
    let connections = open_files::raise_limit(Bounds::CONNECTIONS);
    print(&greeting(&format!("{origin}{MCP_PATH}")))?;
    // all connections come from this machine, so the limit per network is the total limit
    let bounds = Bounds { connections, connections_per_customer: connections, ..Bounds::default() };
    let sample = http::serve(torii, sample::router(sample::Options::default()), bounds.clone(), stop.clone());
    tokio::try_join!(http::serve(listener, router, bounds, stop), sample)?;
    Ok(())
}

/// Settings that allow everything and store data in a temporary directory.
fn settings(listen: SocketAddr, folder: &Path, keyring: Secret) -> Settings {
    let Bounds { connections, connections_per_customer, grace, .. } = Bounds::default();
    let embedded = Embedded {
        sign_in: SignIn::Keys(sample_key_fields()),
        scopes: Scopes::ALL,
        clients: Vec::new(),
        registration: true,
        // clients whose metadata is on the internet cannot be looked up everywhere, and register themselves instead
        client_metadata: ClientMetadata::Refused,
        keys: BTreeMap::new(),
        store: StoreAt::Sqlite(folder.join("torii-mcp.db")),
        keyring: KeyringSource::Keys(keyring),
        access_token_ttl: Duration::from_hours(1),
        refresh_token_ttl: Duration::from_hours(24),
        session_ttl: Duration::from_hours(1),
        connection_max_age: None,
    };
    Settings {
        request_memory: http::REQUEST_MEMORY,
        requests_per_minute: None,
        failed_sign_ins: mcp_http::net::rate_limit::FAILURES_OF_NETWORK,
        replicas: 1,
        role_ttl: Duration::from_mins(10),
        listen,
        public_url: None,
        allowed_origins: Vec::new(),
        trusted_proxies: Vec::new(),
        connections,
        connections_per_customer,
        health_listen: None,
        drain: Duration::ZERO,
        shutdown_grace: grace,
        auth: Auth::Embedded(embedded),
    }
}

/// The fields of the sign-in page, with the keys of the sample, which are no secret.
fn sample_key_fields() -> Vec<KeyField> {
    let mut fields = key_fields();
    let helps = [
        format!("This is a sample with invented data. Its keys: {FULL_ACCESS_KEY} may do everything, {READ_ONLY_KEY} may read."),
        format!("The key of the sample: {SCIM_KEY}"),
    ];
    for (field, help) in fields.iter_mut().zip(helps) {
        field.help = help;
    }
    fields
}

pub(super) async fn sample(Sample { listen, size, organization, behavior }: Sample) -> Result<(), Error> {
    let router = sample::router(sample::Options { size, organization, behavior, ..sample::Options::default() });
    let listener = bind_locally(listen)?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    print(&format!(
        "A sample of Torii's API, with invented data, at http://{address}{PREFIX}\n\n  \
         everything: {FULL_ACCESS_KEY}\n  reading:    {READ_ONLY_KEY}\n  only apps:  {APPS_ONLY_KEY}\n  SCIM:       {SCIM_KEY}\n\n\
         Use it in another terminal:\n  \
         TORII_API_URL=http://{address} TORII_API_KEY={FULL_ACCESS_KEY} torii-mcp call list_apps size=3\n"
    ))?;
    Ok(http::serve(listener, router, Bounds::default(), stop).await?)
}

fn greeting(url: &str) -> String {
    format!(
        "MCP server with a sample Torii behind it (invented data): {url}\n\n\
         Connect an assistant with this URL, for example Claude Code:\n  \
         claude mcp add --transport http torii {url}\n  \
         claude mcp login torii\n\n\
         The second opens a page to sign in; paste one of these keys there:\n  \
         everything: {FULL_ACCESS_KEY}\n  reading:    {READ_ONLY_KEY}\n  SCIM:       {SCIM_KEY} (as the second key, for Torii members)\n\n\
         Then ask it:\n  \
         Which apps have more than 100 users?\n  \
         Which contracts renew in the next 60 days?\n  \
         Which workflows ran in the last 7 days?\n\n\
         Stop with Ctrl-C.\n"
    )
}

/// Listens on a loopback address.
fn bind_locally(listen: SocketAddr) -> Result<TcpListener, Error> {
    if !listen.ip().is_loopback() {
        return Err(Error::usage(format!(
            "refusing to listen on `{listen}`: the sample is for this machine only; listen on a loopback address, for example `127.0.0.1:{}`",
            listen.port()
        )));
    }
    bind(listen)
}
