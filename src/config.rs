//! Configuration: from defaults, a file, the environment and flags to what the program runs with.
//!
//! The sources are put over each other in one tree that remembers where each value comes from (`sources`, `tree`). What does not
//! fit the schema of the keys is told and taken out, and defaults are filled in (`raw`, `keys`, `check`). Then everything is
//! checked for what it means (`values`, `serving`, `auth`). What comes out is a [`Config`], which every command that reaches
//! Torii has, and for a server its [`Settings`].
//!
//! Invariants:
//! - All problems are reported at once, each with the name of its key and line, of its variable, or of its flag.
//! - A secret is in no problem, no warning, no `Debug`, and nothing that [`print`](print()) prints. It comes from the environment or
//!   from a file of its own, never from flags or from the file of keys.

use std::{collections::BTreeSet, fmt, mem};

use mcp_http::{caller::Keys, sanitize::one_line, scope::ScopeDefinitions};
use openapi_mcp::{
    catalog::Catalog,
    mcp::ToolPolicy,
    tool_filter::{self, ToolFilter},
    upstream::Limits,
};
use reqwest::Url;

mod auth;
mod check;
mod keys;
mod print;
mod raw;
mod reader;
mod serving;
pub mod settings;
mod sources;
mod tree;
mod values;

#[cfg(test)]
mod tests;

pub use keys::schema;
pub use print::print;
pub use sources::{FILE, FILE_VARIABLE, Sources};

use raw::{RateLimit, RawConfig, RawTools};
use reader::Reader;
use settings::Settings;

/// What the program runs with.
#[derive(Debug)]
pub struct Config {
    /// Where Torii is, with the path that all operations share.
    pub upstream: Url,
    /// The keys of whoever runs the program.
    pub keys: Keys,
    /// Whether calls keep to the rate that is documented for their operation.
    pub is_rate_limited: bool,
    /// How many characters a response may have.
    pub response_characters: usize,
    /// How many bytes of memory large responses in flight may take together.
    pub response_memory: usize,
    /// Which tools there are, and which of them are listed.
    pub tool_policy: ToolPolicy,
    /// What works, but may not be meant.
    pub warnings: Vec<String>,
}

/// What was compiled in and the configuration refers to.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// The address that Torii's document names.
    pub server: &'a str,
    /// The toolsets there are.
    pub toolsets: BTreeSet<&'a str>,
    /// The scopes there are.
    pub scopes: &'a ScopeDefinitions,
}

impl<'a> From<&'a Catalog> for Known<'a> {
    fn from(catalog: &'a Catalog) -> Self {
        Self { server: catalog.server(), toolsets: catalog.toolsets(), scopes: catalog.scopes() }
    }
}

/// Everything that is wrong with the configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // a path that was typed may hold anything
        let lines: Vec<String> = self.0.iter().map(|problem| one_line(problem, usize::MAX)).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Problems {}

impl Config {
    /// What a command without a server needs.
    ///
    /// # Errors
    /// Tells all problems at once.
    pub fn load(sources: &Sources, known: &Known<'_>) -> Result<Self, Problems> {
        let (mut reader, raw) = Reader::read(sources, known)?;
        let config = config(&mut reader, &raw);
        let config = reader.finish(config)?;
        Ok(Self { warnings: reader.warnings, ..config })
    }

    /// What a server needs.
    ///
    /// # Errors
    /// Tells all problems at once.
    pub fn load_server(sources: &Sources, known: &Known<'_>) -> Result<(Self, Settings), Problems> {
        let (mut reader, raw) = Reader::read(sources, known)?;
        server(&mut reader, &raw)
    }

    /// The bounds of calls.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            is_rate_limited: self.is_rate_limited,
            response_characters: self.response_characters,
            response_memory: self.response_memory,
            ..Limits::default()
        }
    }
}

/// What to log, if the sources say so; `None` when they cannot be read, which loading them will tell.
#[must_use]
pub fn log(sources: &Sources) -> Option<String> {
    let (tree, _) = sources.merge().ok()?;
    tree.root.get("log")?.as_str().map(str::to_owned)
}

fn server(reader: &mut Reader<'_>, raw: &RawConfig) -> Result<(Config, Settings), Problems> {
    let config = config(reader, raw);
    let keys = config.as_ref().map(|config| config.keys.clone()).unwrap_or_default();
    let settings = serving::settings(reader, raw, &keys);
    let (config, settings) = reader.finish(config.zip(settings))?;
    Ok((Config { warnings: mem::take(&mut reader.warnings), ..config }, settings))
}

fn config(reader: &mut Reader<'_>, raw: &RawConfig) -> Option<Config> {
    let upstream = upstream(reader, raw);
    let torii = &raw.torii;
    let api_key = ("/torii/api_key", torii.api_key_file.as_ref());
    let keys = reader.keys(api_key, ("/torii/scim_key", torii.scim_key_file.as_ref()));
    let tool_policy = tool_policy(reader, &raw.tools);
    Some(Config {
        upstream: upstream?,
        keys,
        is_rate_limited: raw.torii.rate_limit == RateLimit::Documented,
        response_characters: raw.tools.response_characters,
        response_memory: raw.limits.response_memory_mib << 20,
        tool_policy,
        warnings: Vec::new(),
    })
}

fn upstream(reader: &mut Reader<'_>, raw: &RawConfig) -> Option<Url> {
    const PLACE: &str = "/torii/api_url";
    // a document need not name a server
    let document = Url::parse(reader.known.server).ok();
    let url = match &raw.torii.api_url {
        Some(typed) => values::upstream(typed, document.as_ref()),
        None => document.ok_or("is missing, and Torii's document names no address; set `TORII_API_URL`".to_owned()),
    };
    reader.checked(PLACE, url)
}

fn tool_policy(reader: &mut Reader<'_>, tools: &RawTools) -> ToolPolicy {
    let known = &reader.known.toolsets;
    let checked = |names: &Vec<String>| tool_filter::checked(names.iter().map(|name| name.trim()), known);
    let toolsets = tools.toolsets.as_ref().map(checked).transpose();
    ToolPolicy {
        listing: tools.listing,
        has_output_schemas: tools.output_schemas,
        confirm: tools.confirm,
        tool_filter: ToolFilter {
            toolsets: reader.checked("/tools/toolsets", toolsets).flatten(),
            is_read_only: tools.read_only,
        },
    }
}
