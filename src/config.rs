//! Configuration: combines defaults, a file, the environment and flags into the settings of the program.
//!
//! The sources are merged into one tree that remembers where each value comes from (`sources`, `tree`). Values that do not match
//! the schema of the keys are reported and removed, and defaults are filled in (`raw`, `keys`, `check`). Then the meaning of the
//! values is checked (`values`, `serving`, `auth`). The result is a [`Config`], for every command that calls Torii, and for a
//! server also its [`Settings`].
//!
//! Invariants:
//! - All problems are reported at once, each with the name of its key and line, of its variable, or of its flag.
//! - No problem, warning or `Debug` output contains a secret, and neither does the output of [`print`](print()). A secret comes
//!   from the environment or from a file of its own, never from flags or from the configuration file.

use std::{collections::BTreeSet, fmt, mem, path::PathBuf};

use mcp_http::{caller::Keys, protected_resource::ResourcePart, sanitize::one_line, scope::ScopeDefinitions};
use openapi_mcp::{
    catalog::Catalog,
    mcp::ToolPolicy,
    query_limits::QueryLimits,
    tool_filter::{self, ToolFilter},
    upstream::{Limits, Shares},
};
use reqwest::Url;

mod auth;
mod check;
mod fixed;
mod keys;
mod network;
mod print;
mod raw;
mod reader;
mod serving;
pub mod settings;
mod sources;
mod tree;
mod values;

pub(crate) use values::listen_address;
#[cfg(feature = "client")]
pub(crate) use values::upstream as api_url;

#[cfg(test)]
mod tests;

pub use fixed::FixedValues;
pub use keys::schema;
pub use print::print;
pub use sources::{FILE, FILE_VARIABLE, Sources};

use raw::{RateLimit, RawConfig, RawQuery, RawTools};
use reader::ConfigReader;
use settings::Settings;

/// The configuration that all commands share.
#[derive(Debug)]
pub struct Config {
    /// The base URL of Torii's API, with the path that all operations share.
    pub upstream: Url,
    /// The API keys from the environment, for the user who runs the program.
    pub keys: Keys,
    /// Where `stdio` and `call` keep what they share; `None` if there is no home directory.
    pub data_dir: Option<PathBuf>,
    /// Whether calls keep to the documented rate of their operation.
    pub is_rate_limited: bool,
    /// How the users of a key share its rate.
    pub shares: Shares,
    /// How many characters a response to the assistant may have.
    pub response_characters: usize,
    /// The limits of the tool `query`.
    pub query: QueryLimits,
    /// The memory limit for large responses in flight, in bytes.
    pub response_memory: usize,
    /// Which tools are permitted, and which of them are listed.
    pub tool_policy: ToolPolicy,
    /// The values that take effect at a restart only.
    pub fixed: FixedValues,
    /// Settings that are valid, but may not be intended.
    pub warnings: Vec<String>,
}

/// The compiled-in facts that the configuration refers to.
#[derive(Clone, Debug)]
pub struct CompiledIn<'a> {
    /// The server URL in Torii's OpenAPI document.
    pub server: &'a str,
    /// The names of all toolsets.
    pub toolsets: BTreeSet<&'a str>,
    /// The definitions of all scopes.
    pub scopes: &'a ScopeDefinitions,
}

impl<'a> From<&'a Catalog> for CompiledIn<'a> {
    fn from(catalog: &'a Catalog) -> Self {
        Self { server: catalog.server(), toolsets: catalog.toolsets(), scopes: catalog.scopes() }
    }
}

/// All problems of the configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // a path that was typed may contain control characters
        let lines: Vec<String> = self.0.iter().map(|problem| one_line(problem, usize::MAX)).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// Loads the configuration of a command without a server.
    ///
    /// # Errors
    /// All problems at once.
    pub fn load(sources: &Sources, known: &CompiledIn<'_>) -> Result<Self, ConfigErrors> {
        let (mut reader, raw) = ConfigReader::read(sources, known)?;
        let config = config(&mut reader, &raw);
        network::check(&mut reader, config.as_ref().map(|config| &config.upstream), None);
        let config = reader.finish(config)?;
        Ok(Self { warnings: reader.warnings, ..config })
    }

    /// Loads the configuration of a server.
    ///
    /// # Errors
    /// All problems at once.
    pub fn load_server(sources: &Sources, known: &CompiledIn<'_>) -> Result<(Self, Settings), ConfigErrors> {
        let (mut reader, raw) = ConfigReader::read(sources, known)?;
        server(&mut reader, &raw)
    }

    /// The limits of calls.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            is_rate_limited: self.is_rate_limited,
            shares: self.shares,
            response_characters: self.response_characters,
            response_memory: self.response_memory,
            query: self.query,
            ..Limits::default()
        }
    }
}

/// The log filter, if one is configured; `None` if the sources cannot be read, which loading them reports.
#[must_use]
pub fn log(sources: &Sources) -> Option<String> {
    sources.merge().ok()?.tree.root.get("log")?.as_str().map(str::to_owned)
}

fn server(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Result<(Config, Settings), ConfigErrors> {
    let config = config(reader, raw);
    network::check(reader, config.as_ref().map(|config| &config.upstream), Some(raw));
    let keys = config.as_ref().map(|config| config.keys.clone()).unwrap_or_default();
    let settings = serving::settings(reader, raw, &keys);
    let (config, settings) = reader.finish(config.zip(settings))?;
    Ok((Config { warnings: mem::take(&mut reader.warnings), ..config }, settings))
}

fn config(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<Config> {
    let upstream = upstream(reader, raw);
    let torii = &raw.torii;
    let api_key = ("/torii/api_key", torii.api_key_file.as_ref());
    let keys = reader.api_keys(api_key, ("/torii/scim_key", torii.scim_key_file.as_ref()));
    let tool_policy = tool_policy(reader, &raw.tools);
    let query = query_limits(reader, &raw.query);
    Some(Config {
        upstream: upstream?,
        keys,
        data_dir: serving::data_dir(reader, raw),
        is_rate_limited: raw.torii.rate_limit == RateLimit::Documented,
        shares: Shares { of_user: raw.torii.user_share },
        response_characters: raw.tools.response_characters,
        query: query?,
        response_memory: raw.limits.response_memory_mib << 20,
        tool_policy,
        fixed: FixedValues::of(&reader.tree),
        warnings: Vec::new(),
    })
}

fn upstream(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<Url> {
    const PLACE: &str = "/torii/api_url";
    // an OpenAPI document need not specify a server
    let document = Url::parse(reader.known.server).ok();
    let url = match &raw.torii.api_url {
        Some(typed) => values::upstream(typed, document.as_ref()),
        None => document.ok_or("is missing, and Torii's OpenAPI document specifies no server; set `TORII_API_URL`".to_owned()),
    };
    reader.checked(PLACE, url)
}

fn query_limits(reader: &mut ConfigReader<'_>, query: &RawQuery) -> Option<QueryLimits> {
    let time = reader.checked("/query/time", values::duration(&query.time, ["1s", "10m"]));
    let cache = reader.checked("/query/cache", values::duration(&query.cache, ["0s", "1h"]));
    Some(QueryLimits {
        rows: query.rows,
        time: time?,
        required_values: query.required_values,
        memory: query.memory_mib << 20,
        cache: cache?,
        cache_bytes: query.cache_mib << 20,
    })
}

fn tool_policy(reader: &mut ConfigReader<'_>, tools: &RawTools) -> ToolPolicy {
    let known = &reader.known.toolsets;
    let checked = |names: &Vec<String>| tool_filter::checked(names.iter().map(|name| name.trim()), known);
    let toolsets = tools.toolsets.as_ref().map(checked).transpose();
    ToolPolicy {
        listing: tools.listing,
        has_output_schemas: tools.output_schemas,
        confirm: tools.confirm,
        tool_filter: ToolFilter(ResourcePart {
            toolsets: reader.checked("/tools/toolsets", toolsets).flatten(),
            is_read_only: tools.read_only,
        }),
    }
}
