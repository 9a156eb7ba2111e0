//! Configuration: from defaults, a file, the environment and flags to what the program runs with.
//!
//! The sources are merged into one tree that remembers where each value comes from ([`tree`]). Its form is checked against the
//! schema of [`raw::RawConfig`], then its meaning, each time all of it. What comes out is a [`Config`], which every command
//! that reaches Torii has, and for a server its [`Settings`].
//!
//! Invariants:
//! - All problems are reported at once, each with the name of its key and line, of its variable, or of its flag.
//! - A secret is in no problem, no warning, no `Debug`, and nothing that [`print`](print()) prints. It comes from the environment or
//!   from a file of its own, never from flags or from the file of keys.

use std::{collections::BTreeSet, fmt};

use mcp_http::{caller::Keys, net::is_loopback, sanitize::one_line, scope::ScopeDefinitions};
use openapi_mcp::{
    catalog::Catalog,
    mcp::ToolPolicy,
    tool_filter::{self, ToolFilter},
    upstream::Limits,
};
use reqwest::Url;

mod auth;
mod check;
pub mod duration;
pub mod keys;
mod print;
pub mod raw;
mod reader;
mod serving;
pub mod settings;
mod sources;
mod tree;

#[cfg(test)]
mod tests;

pub use print::print;
pub use sources::{FILE, FILE_VARIABLE, Sources};

use raw::{Pace, RawConfig, RawTools};
use reader::Reader;
use settings::Settings;
use tree::Tree;

/// What the program runs with.
#[derive(Debug)]
pub struct Config {
    /// Where Torii is, with the path that all operations share.
    pub upstream: Url,
    /// The keys of whoever runs the program.
    pub keys: Keys,
    /// Whether calls keep to the rate that is documented for their operation.
    pub is_rate_limited: bool,
    /// How many characters an answer may have.
    pub answer_characters: usize,
    /// How many bytes of memory large answers in flight may take together.
    pub answer_memory: usize,
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
        let (tree, raw, problems) = read(sources)?;
        let mut reader = Reader::new(&tree, problems, known.scopes.clone());
        let config = config(&mut reader, &raw, known);
        let warnings = std::mem::take(&mut reader.warnings);
        finish(reader, config).map(|config| Self { warnings, ..config })
    }

    /// What a server needs.
    ///
    /// # Errors
    /// Tells all problems at once.
    pub fn load_server(sources: &Sources, known: &Known<'_>) -> Result<(Self, Settings), Problems> {
        let (tree, raw, problems) = read(sources)?;
        understand(&tree, &raw, problems, sources, known)
    }
}

/// What to log, as the sources say; `None` when they cannot be read, which loading them will tell.
#[must_use]
pub fn log(sources: &Sources) -> Option<String> {
    let (tree, _) = sources.merge().ok()?;
    tree.root.get("log")?.as_str().map(str::to_owned)
}

/// What was typed, and what is wrong with it so far.
fn read(sources: &Sources) -> Result<(Tree, RawConfig, Vec<String>), Problems> {
    let (mut tree, mut problems) = sources.merge()?;
    let raw = check::check(&mut tree, &mut problems)?;
    Ok((tree, raw, problems))
}

fn understand(
    tree: &Tree,
    raw: &RawConfig,
    problems: Vec<String>,
    sources: &Sources,
    known: &Known<'_>,
) -> Result<(Config, Settings), Problems> {
    let mut reader = Reader::new(tree, problems, known.scopes.clone());
    let config = config(&mut reader, raw, known);
    let keys = config.as_ref().map(|config| config.keys.clone()).unwrap_or_default();
    let settings = serving::settings(&mut reader, raw, sources, &keys);
    let warnings = std::mem::take(&mut reader.warnings);
    finish(reader, config.zip(settings)).map(|(config, settings)| (Config { warnings, ..config }, settings))
}

fn finish<T>(reader: Reader<'_>, value: Option<T>) -> Result<T, Problems> {
    match value {
        Some(value) if reader.problems.is_empty() => Ok(value),
        _ => Err(Problems(reader.problems)),
    }
}

impl Config {
    /// The bounds of calls.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            is_rate_limited: self.is_rate_limited,
            answer_characters: self.answer_characters,
            answer_memory: self.answer_memory,
            ..Limits::default()
        }
    }
}

fn config(reader: &mut Reader<'_>, raw: &RawConfig, known: &Known<'_>) -> Option<Config> {
    let upstream = upstream(reader, raw, known.server);
    let keys = reader.keys("/torii", "api_key", "scim_key");
    let is_rate_limited = raw.pace != Some(Pace::None);
    let tools = raw.tools.clone().unwrap_or_default();
    let answer_characters = reader.needed("/tools/answer_characters", tools.answer_characters, "it has no default");
    let limits = raw.limits.clone().unwrap_or_default();
    let answer_memory = reader.mebibytes("/limits/answer_memory_mib", limits.answer_memory_mib);
    let tool_policy = tool_policy(reader, &tools, known);
    Some(Config {
        upstream: upstream?,
        keys,
        is_rate_limited,
        answer_characters: answer_characters?,
        answer_memory: answer_memory?,
        tool_policy,
        warnings: Vec::new(),
    })
}

fn tool_policy(reader: &mut Reader<'_>, tools: &RawTools, known: &Known<'_>) -> ToolPolicy {
    let names = tools.toolsets.iter().flatten().map(|name| name.trim());
    let toolsets = tool_filter::checked(names, &known.toolsets).unwrap_or_else(|unknown| {
        reader.problem("/tools/toolsets", unknown.to_string());
        BTreeSet::new()
    });
    ToolPolicy {
        listing: tools.listing.unwrap_or_default(),
        has_output_schemas: tools.output_schemas == Some(true),
        confirm: tools.confirm.unwrap_or_default(),
        tool_filter: ToolFilter {
            toolsets: tools.toolsets.is_some().then_some(toolsets),
            is_read_only: tools.read_only == Some(true),
        },
    }
}

fn upstream(reader: &mut Reader<'_>, raw: &RawConfig, server: &str) -> Option<Url> {
    const PLACE: &str = "/torii/api_url";
    // a document need not name a server
    let document = Url::parse(server);
    let Some(typed) = raw.torii.as_ref().and_then(|torii| torii.api_url.as_deref()) else {
        return document
            .map_err(|_| reader.problem(PLACE, "is missing, and Torii's document names no address; set `TORII_API_URL`"))
            .ok();
    };
    let problem = match Url::parse(typed.trim()) {
        Err(error) => format!("is not an address: {error}"),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => "must begin with `https://` or `http://`".to_owned(),
        Ok(url) if url.scheme() == "http" && !is_loopback(&url) => {
            "must begin with `https://`: over `http` the key would travel in the open".to_owned()
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            "must not hold a user name or password; put the key into `TORII_API_KEY`".to_owned()
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => "must end with its path, without `?` or `#`".to_owned(),
        Ok(mut url) => {
            if let Ok(document) = &document
                && url.path() == "/"
            {
                url.set_path(document.path());
            }
            return Some(url);
        }
    };
    reader.problem(PLACE, problem);
    None
}
