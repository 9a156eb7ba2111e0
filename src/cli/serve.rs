//! `serve` and `stdio`.

use std::net::SocketAddr;

use rmcp::{ServiceExt, transport::stdio_pipes};
use tokio::{net::TcpListener, signal};
use tokio_util::sync::CancellationToken;

use super::{Error, connect};
use crate::{
    caller::{Caller, Credential},
    catalog::Catalog,
    http::{self, MCP_PATH},
    mcp::Server,
    upstream::Upstream,
};

/// Why a server without sign-in stays on its machine.
const NOBODY_SIGNS_IN: &str = "nobody signs in, so everyone who reaches this address would act with your torii key";

pub(super) async fn http(catalog: &'static Catalog, listen: SocketAddr) -> Result<(), Error> {
    let (upstream, caller) = connect_with_key(catalog)?;
    let listener = bind(listen, NOBODY_SIGNS_IN).await?;
    tracing::info!(url = format!("http://{}{MCP_PATH}", listener.local_addr()?), tools = catalog.tools().len(), "serving");
    let stop = CancellationToken::new();
    let router = http::router(Server::new(catalog, upstream), caller);
    stop_on_signal(stop.clone())?;
    Ok(http::serve(listener, router, stop).await?)
}

pub(super) async fn stdio(catalog: &'static Catalog) -> Result<(), Error> {
    let (upstream, caller) = connect_with_key(catalog)?;
    let server = Server::new(catalog, upstream).with_caller(caller);
    let running = server.serve(stdio_pipes()).await.map_err(Error::failed)?;
    running.waiting().await.map_err(Error::failed)?;
    Ok(())
}

/// As [`connect`], but says at once that every call would fail for want of a key.
fn connect_with_key(catalog: &Catalog) -> Result<(Upstream, Caller), Error> {
    let (upstream, caller) = connect(catalog)?;
    if caller.key(Credential::ToriiKey).is_none() {
        return Err(Error::usage("no key: set `TORII_API_KEY` to a key of your torii organization, or try `torii-mcp demo`"));
    }
    Ok((upstream, caller))
}

/// Listens, on a loopback address only: whoever can connect acts with the configured key.
///
/// `risk` says what would happen on another address.
pub(super) async fn bind(listen: SocketAddr, risk: &str) -> Result<TcpListener, Error> {
    if !listen.ip().is_loopback() {
        return Err(Error::usage(format!(
            "refusing to listen on `{listen}`: {risk}; listen on a loopback address, for example `127.0.0.1:{}`",
            listen.port()
        )));
    }
    TcpListener::bind(listen).await.map_err(|error| {
        Error::failed(format!("cannot listen on `{listen}`: {error}; choose another port with `--listen 127.0.0.1:PORT`"))
    })
}

/// Cancels `stop` on an interrupt or a request to terminate.
pub(super) fn stop_on_signal(stop: CancellationToken) -> Result<(), Error> {
    #[cfg(unix)]
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = signal::ctrl_c().await;
        tracing::info!("stopping");
        stop.cancel();
    });
    Ok(())
}
