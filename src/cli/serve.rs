//! `serve` and `stdio`.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use mcp_http::{
    caller::Caller,
    clock::Clock,
    endpoints::MCP_PATH,
    net::{outbound::Proxies, ssrf},
    token::Random,
};
use mcp_oauth_server::fetch::{self, Fetch};
use openapi_mcp::{
    catalog::Catalog,
    confirmation::{Confirmations, UsedConfirmations},
    http::{self, Bounds, CurrentRouter, HealthBounds, HealthListener},
    mcp::{Server, ToolPolicy},
    upstream::{Api, Limits, Upstream},
};
use reqwest::Url;
use rmcp::{ServiceExt, transport::stdio_pipes};
use tokio::{
    net::{TcpListener, TcpSocket},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Connected, Error, LogFilter,
    config::Given,
    connect, open_files,
    reload::Reload,
    service_manager::{self, State},
    signals::{Signal, Signals},
};
use crate::{
    config::{
        Config,
        settings::{Auth, Settings},
    },
    generated::TOOL_FNS,
    local_store::LocalStore,
    start::{self, AppDependencies},
    torii::API_KEY,
};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4096;
/// How long what is left may take after the last request, such as telling the store that this replica has stopped.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) async fn http(catalog: &'static Catalog, given: Given, log: LogFilter) -> Result<(), Error> {
    let mut signals = Signals::new()?;
    let (config, settings) = Config::load_server(&given.sources(), &catalog.into()).map_err(Error::usage)?;
    super::config::warn(&config.warnings);
    if let Auth::None(keys) = &settings.auth {
        require_key(&Caller::new(keys.clone()))?;
    }
    let connections = open_files::raise_limit(settings.connections);
    let listener = bind(settings.listen)?;
    let health_listener = settings.health_listen.map(bind_for_health).transpose()?;
    let origin = match &settings.public_url {
        Some(origin) => origin.clone(),
        None => format!("http://{}", listener.local_addr()?),
    };
    let stop = CancellationToken::new();
    let dependencies = foundation(catalog, config.tool_policy.clone(), &config.upstream, config.limits())?;
    let starting = start::site(&settings, &origin, dependencies.clone(), stop.clone());
    let (site, kept) = tokio::select! {
        started = starting => started.map_err(Error::because)?,
        _ = signals.end() => return Ok(()),
    };
    let start = |listener| HealthListener::start(listener, site.readiness(), HealthBounds::default());
    let health = health_listener.map(start).transpose()?;
    tracing::info!(
        url = format!("{origin}{MCP_PATH}"),
        listen = %listener.local_addr()?,
        sign_in = signs_in(&settings),
        tools = site.offered.tools().count(),
        "serving"
    );
    if let Some(health) = &health {
        tracing::info!(url = format!("http://{}/health/live", health.address()), "serving health");
    }
    let bounds = Bounds {
        connections,
        connections_per_customer: settings.connections_per_customer.min(Bounds::share(connections).max(1)),
        trusted_proxies: settings.trusted_proxies.clone(),
        grace: settings.shutdown_grace,
        ..Bounds::default()
    };
    let (draining, tasks) = (site.draining.clone(), dependencies.tasks.clone());
    let current = CurrentRouter::new(http::router(site));
    let router = current.router();
    let reload = Reload {
        catalog,
        given,
        log,
        origin,
        dependencies,
        kept,
        trusted_proxies: settings.trusted_proxies,
        request_memory: settings.request_memory,
        fixed: config.fixed,
        current,
    };
    tokio::spawn(follow(signals, reload, settings.drain, draining, stop.clone()));
    service_manager::notify(State::Ready);
    let served = http::serve(listener, router, bounds, stop).await;
    tasks.close();
    if time::timeout(LEAVE_TIMEOUT, tasks.wait()).await.is_err() {
        tracing::warn!("this replica is counted for another half a minute: the store does not answer");
    }
    Ok(served?)
}

/// Does what the signals say, until one of them ends the server.
async fn follow(mut signals: Signals, mut reload: Reload, drain: Duration, draining: CancellationToken, stop: CancellationToken) {
    loop {
        match signals.next().await {
            #[cfg(unix)]
            Signal::HangUp => {
                service_manager::notify(State::Reloading);
                reload.run().await;
                service_manager::notify(State::Ready);
            }
            Signal::Terminate if !drain.is_zero() => {
                service_manager::notify(State::Stopping);
                tracing::info!(?drain, "draining: not ready any more, and stopping soon");
                draining.cancel();
                // whoever asks again does not want to wait
                let _ = time::timeout(drain, signals.end()).await;
                break;
            }
            Signal::Terminate | Signal::Interrupt => {
                service_manager::notify(State::Stopping);
                break;
            }
        }
    }
    tracing::info!("stopping");
    stop.cancel();
}

fn signs_in(settings: &Settings) -> &'static str {
    match settings.auth {
        Auth::None(_) => "none",
        Auth::Embedded(_) => "embedded",
        Auth::External(_) => "external",
    }
}

/// The dependencies of a server, with the system's clock and randomness.
pub(super) fn foundation(
    catalog: &'static Catalog,
    tool_policy: ToolPolicy,
    torii: &Url,
    limits: Limits,
) -> Result<AppDependencies, Error> {
    let clock = Clock::system();
    Ok(AppDependencies {
        catalog,
        tool_policy,
        upstream: Upstream::new(
            &Api { base: torii, functions: TOOL_FNS, user_agent: crate::torii::USER_AGENT },
            limits,
            clock.clone(),
            fastrand::f64,
        )
        .map_err(Error::failed)?,
        torii: torii.clone(),
        clock,
        random: Random::system(),
        untrusted: Fetch::for_untrusted_hosts(Arc::new(ssrf::SystemResolver), Vec::new(), fetch::Limits::UNTRUSTED)
            .map_err(Error::failed)?
            .through(Proxies::from_env()),
        tasks: TaskTracker::new(),
    })
}

pub(super) async fn stdio(catalog: &'static Catalog) -> Result<(), Error> {
    let connected = connect(catalog)?;
    require_key(&connected.caller)?;
    let local_store = connected.local_store().await;
    let Connected { upstream, caller, tool_policy, .. } = connected;
    let used = local_store.as_ref().map_or_else(UsedConfirmations::default, LocalStore::used_confirmations);
    let confirmations = Confirmations::new(tool_policy.confirm, Clock::system(), Random::system(), used);
    let mut server = Server::new(catalog, upstream, tool_policy, confirmations, crate::torii::description()).with_caller(caller);
    if let Some(local_store) = local_store {
        server = server.with_repeated_calls(local_store.repeated_calls());
    }
    let running = Box::pin(server.serve(stdio_pipes())).await.map_err(Error::failed)?;
    running.waiting().await.map_err(Error::failed)?;
    Ok(())
}

/// Fails at once if there is no API key, since every call would fail.
pub(super) fn require_key(caller: &Caller) -> Result<(), Error> {
    if caller.key(API_KEY).is_none() {
        let sample = super::without_account();
        return Err(Error::Usage(format!("no key: set `TORII_API_KEY` to a key of your torii organization{sample}")));
    }
    Ok(())
}

/// Binds the listener of the server.
pub(super) fn bind(listen: SocketAddr) -> Result<TcpListener, Error> {
    listening(listen).map_err(|error| {
        let other = SocketAddr::new(listen.ip(), 0).to_string().replace(":0", ":PORT");
        Error::failed(format!("cannot listen on `{listen}`: {error}; choose another port with `--listen {other}`"))
    })
}

/// A listener with a long backlog: with the usual 128, many clients that connect at once would have to retry after a second.
fn listening(listen: SocketAddr) -> io::Result<TcpListener> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)
}

/// Binds the listener for health checks.
fn bind_for_health(listen: SocketAddr) -> Result<std::net::TcpListener, Error> {
    std::net::TcpListener::bind(listen).map_err(|error| {
        Error::failed(format!("cannot listen on `{listen}` for health: {error}; choose another port in `health.listen`"))
    })
}

/// Cancels `stop` on SIGINT, SIGTERM or SIGHUP, for what only tries something out.
#[cfg(feature = "sample")]
pub(super) fn stop_on_signal(stop: CancellationToken) -> Result<(), Error> {
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("stopping");
        stop.cancel();
    });
    Ok(())
}
