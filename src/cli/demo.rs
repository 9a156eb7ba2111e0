//! `demo` and `sample`.

use std::net::{Ipv4Addr, SocketAddr};

use clap::Args;
use reqwest::Url;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    Error, print,
    serve::{bind, stop_on_signal},
};
use crate::{
    caller::{Caller, Key, Keys},
    catalog::Catalog,
    clock::Clock,
    http::{self, MCP_PATH},
    mcp::Server,
    sample::{self, FULL_ACCESS_KEY, PREFIX, READ_ONLY_KEY, SCIM_KEY},
    upstream::{Limits, Upstream},
};

/// The arguments of `sample`.
#[derive(Debug, Args)]
pub(super) struct Sample {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", env = "TORII_MCP_SAMPLE_LISTEN", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
}

pub(super) async fn demo(catalog: &'static Catalog, listen: SocketAddr) -> Result<(), Error> {
    let listener = bind(listen, "the sample is for this machine only").await?;
    let torii = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let base = Url::parse(&format!("http://{}{PREFIX}", torii.local_addr()?)).map_err(Error::failed)?;
    let upstream = Upstream::new(&base, Limits::default(), Clock::system(), fastrand::f64).map_err(Error::failed)?;
    let caller = Caller::new(Keys { torii: Key::new(FULL_ACCESS_KEY), scim: Key::new(SCIM_KEY) });
    let stop = CancellationToken::new();
    let router = http::router(Server::new(catalog, upstream), caller);
    stop_on_signal(stop.clone())?;
    print(&greeting(&format!("http://{}{MCP_PATH}", listener.local_addr()?)))?;
    tokio::try_join!(http::serve(listener, router, stop.clone()), http::serve(torii, sample_router(), stop))?;
    Ok(())
}

pub(super) async fn sample(Sample { listen }: Sample) -> Result<(), Error> {
    let listener = bind(listen, "the sample is for this machine only").await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    print(&format!(
        "A sample of Torii's API, with invented data, at http://{address}{PREFIX}\n\n  \
         everything: {FULL_ACCESS_KEY}\n  reading:    {READ_ONLY_KEY}\n  SCIM:       {SCIM_KEY}\n\n\
         Use it in another terminal:\n  \
         TORII_API_URL=http://{address} TORII_API_KEY={FULL_ACCESS_KEY} torii-mcp call list_apps size=3\n"
    ))?;
    Ok(http::serve(listener, sample_router(), stop).await?)
}

fn sample_router() -> axum::Router {
    sample::router(sample::Options { clock: Clock::system(), rate_limits: true })
}

fn greeting(url: &str) -> String {
    format!(
        "MCP server with a sample Torii behind it (invented data): {url}\n\n\
         Connect an assistant, for example Claude Code:\n  \
         claude mcp add --transport http torii {url}\n\n\
         Then ask it:\n  \
         Which apps have more than 100 users?\n  \
         Which contracts renew in the next 60 days?\n  \
         Which workflows ran in the last 7 days?\n\n\
         Stop with Ctrl-C.\n"
    )
}
