//! A typed client of Torii's API for other programs: a function for each tool, with typed arguments and responses.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use torii_mcp::client::{Client, ListAppsOptions};
//!
//! let torii = Client::connect("https://api.toriihq.com", "the API key", None)?;
//! let page = torii.list_apps(ListAppsOptions { size: Some(10), ..Default::default() }).await?;
//! for app in page.apps.unwrap_or_default() {
//!     println!("{}", app.name.unwrap_or_default());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `docs/guide/typed-client.md` says what always holds.

use mcp_http::{
    caller::{Caller, Key},
    clock::Clock,
};
use openapi_mcp::upstream::{Api, Limits, Upstream};
use reqwest::Url;

pub use self::code::*;
pub use openapi_mcp::{
    tool_error::ToolError,
    typed::{Connection, File, Json, Number},
};

use crate::{
    config::api_url,
    generated,
    torii::{API_KEY, SCIM_KEY, USER_AGENT},
};

/// The generated code.
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    nonstandard_style,
    unused_imports,
    reason = "generated code answers to the generator's tests, and which lints it sets off varies with the document"
)]
mod code {
    include!(concat!(env!("OUT_DIR"), "/typed.rs"));
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL cannot be used.
    #[error("the URL of the API {0}")]
    Url(String),
    /// A key has characters that no key has.
    #[error("the key for `{0}` is empty or has characters other than visible ASCII")]
    Key(&'static str),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The build is broken.
    #[error(transparent)]
    Build(#[from] generated::LoadError),
}

impl Client {
    /// A client of the API at this URL. A URL without a path gets the path of Torii's API. SCIM calls need a key of their own.
    ///
    /// # Errors
    /// When the URL or a key is not valid.
    pub fn connect(url: &str, api_key: &str, scim_key: Option<&str>) -> Result<Self, ConnectError> {
        let catalog = generated::catalog()?;
        let base = api_url(url, Url::parse(catalog.server()).ok().as_ref()).map_err(ConnectError::Url)?;
        let given = [(API_KEY, Some(api_key)), (SCIM_KEY, scim_key)].into_iter().filter_map(|(name, key)| Some((name, key?)));
        let keys = given.map(|(name, key)| Ok((name.to_owned(), Key::new(key).ok_or(ConnectError::Key(name))?)));
        let keys = keys.collect::<Result<_, ConnectError>>()?;
        let api = Api { base: &base, functions: generated::TOOL_FNS, user_agent: USER_AGENT };
        let upstream = Upstream::new(&api, Limits::default(), Clock::system(), fastrand::f64)?;
        Ok(Connection::new(catalog, upstream, Caller::new(keys)).into())
    }
}
