//! Filters the tools that may be used.
//!
//! The operator's settings are the upper limit. The URL that a client connects to may restrict the tools further:
//! `/mcp?toolsets=apps,contracts` to some toolsets, `/mcp/read-only` to tools that only read.
//!
//! Invariants: a tool has to be permitted by both the settings and the URL, so a URL never permits more than the settings; a tool
//! that is not permitted is neither listed, nor found, nor run.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use axum::http::Uri;
use mcp_http::{
    caller::Caller,
    endpoints::{MCP_PATH, READ_ONLY_PATH},
    protected_resource::{ResourcePart, ToolCounts},
    scope::{Scope, ScopeDefinitions, Scopes},
};

use crate::{
    catalog::{Catalog, Effect, Tool},
    nearest::nearest,
};

#[cfg(test)]
mod tests;

const TOOLSETS: &str = ResourcePart::TOOLSETS;

/// Whether a URL asks for results with structured content: `/mcp?structured`.
pub(crate) fn asks_for_structured(url: &Uri) -> bool {
    url.query().is_some_and(|query| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == ResourcePart::STRUCTURED))
}

/// Permits the tools of a part of the resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolFilter(pub ResourcePart);

/// The tools that the operator offers.
#[derive(Clone, Debug)]
pub struct OfferedTools {
    /// All tools.
    pub catalog: &'static Catalog,
    /// The filter that the offered tools pass.
    pub tool_filter: ToolFilter,
}

impl OfferedTools {
    /// All tools of a catalog.
    #[must_use]
    pub fn all(catalog: &'static Catalog) -> Self {
        Self { catalog, tool_filter: ToolFilter::default() }
    }

    /// The offered tools.
    pub fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        self.catalog.tools().iter().filter(|tool| self.tool_filter.permits(tool))
    }

    /// [`Self::behind_scopes`] as a function.
    #[must_use]
    pub fn counts(&self) -> ToolCounts {
        let offered = self.clone();
        Arc::new(move |part| offered.behind_scopes(part))
    }

    /// For each scope, how many tools of a part it makes available in addition to the scopes before it.
    #[must_use]
    pub fn behind_scopes(&self, part: &ResourcePart) -> HashMap<Scope, usize> {
        let mut counts = HashMap::new();
        let filter = ToolFilter(part.clone()).and(&self.tool_filter);
        for tool in self.catalog.tools().iter().filter(|tool| filter.permits(tool)) {
            if let Some((_, last)) = self.catalog.scopes().iter(tool.needs).last() {
                *counts.entry(last).or_default() += 1;
            }
        }
        counts
    }
}

/// The tools that the caller of a request may call, which are those that an answer may name as a next step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallableTools<'a> {
    pub(crate) catalog: &'static Catalog,
    pub(crate) caller: &'a Caller,
    pub(crate) tool_filter: &'a ToolFilter,
}

impl CallableTools<'_> {
    /// The tool with this name, if the caller may call it.
    pub(crate) fn find(&self, name: &str) -> Option<&'static Tool> {
        self.catalog.find(name).filter(|tool| self.may(tool))
    }

    /// Whether the caller may call a tool: it is offered, and their scopes cover it.
    pub(crate) fn may(&self, tool: &Tool) -> bool {
        self.tool_filter.permits(tool) && self.caller.scopes().covers(tool.needs)
    }
}

/// The name of a toolset that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a toolset; {hint}")]
pub struct UnknownToolset {
    name: String,
    hint: String,
}

impl ToolFilter {
    /// The filter that the URL of a request specifies. `known` are the existing toolsets.
    ///
    /// # Errors
    /// When it names an unknown toolset, or misspells the parameter.
    pub fn from_uri(address: &Uri, known: &BTreeSet<&str>) -> Result<Self, UnknownToolset> {
        let is_read_only = address.path() == READ_ONLY_PATH;
        let mut toolsets: Option<BTreeSet<String>> = None;
        for (name, names) in form_urlencoded::parse(address.query().unwrap_or_default().as_bytes()) {
            if name != TOOLSETS {
                // unknown parameters are ignored, but a misspelled filter must not permit all tools
                if nearest(&name, [TOOLSETS]).is_some() {
                    return Err(UnknownToolset {
                        name: name.chars().take(60).collect(),
                        hint: format!("did you mean `{TOOLSETS}=…`?"),
                    });
                }
                continue;
            }
            let names: Vec<&str> = names.split(',').map(str::trim).collect();
            toolsets.get_or_insert_default().append(&mut checked(names, known)?);
        }
        Ok(Self(ResourcePart { toolsets, is_read_only }))
    }

    /// Whether a tool is permitted.
    #[must_use]
    pub fn permits(&self, tool: &Tool) -> bool {
        self.why_not(tool).is_none()
    }

    /// Why a tool is not permitted, as a clause; `None` if it is.
    #[must_use]
    pub fn why_not(&self, tool: &Tool) -> Option<String> {
        if self.0.is_read_only && tool.effect != Effect::Read {
            return Some("only tools that read are".to_owned());
        }
        let toolsets = self.0.toolsets.as_ref().filter(|toolsets| !toolsets.contains(&tool.toolset))?;
        let names: Vec<String> = toolsets.iter().map(|name| format!("`{name}`")).collect();
        Some(match names.as_slice() {
            [] => "no toolset is".to_owned(),
            [one] => format!("only the toolset {one} is"),
            several => format!("only the toolsets {} are", several.join(", ")),
        })
    }

    /// The parts of a URL with this filter that exclude a tool, each as it is written there.
    #[must_use]
    pub fn excluded_by(&self, tool: &Tool) -> Vec<String> {
        let path = READ_ONLY_PATH.strip_prefix(MCP_PATH).unwrap_or(READ_ONLY_PATH);
        let by_path = (self.0.is_read_only && tool.effect != Effect::Read).then(|| path.to_owned());
        let by_query = self.0.toolsets.as_ref().filter(|toolsets| !toolsets.contains(&tool.toolset)).map(|toolsets| {
            // those of the URL and of the token may have none in common
            let names: Vec<_> = toolsets.iter().map(String::as_str).collect();
            format!("?{TOOLSETS}={}", if names.is_empty() { "…".to_owned() } else { names.join(",") })
        });
        by_path.into_iter().chain(by_query).collect()
    }

    /// The largest scopes that the permitted tools can need.
    #[must_use]
    pub fn scopes(&self, definitions: &ScopeDefinitions) -> Scopes {
        if self.0.is_read_only { definitions.reading() } else { definitions.all() }
    }

    /// The filter that permits what both permit.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.and(&other.0))
    }
}

/// Checks that these toolsets exist.
///
/// # Errors
/// The first that does not exist.
pub fn checked<'a>(names: impl IntoIterator<Item = &'a str>, known: &BTreeSet<&str>) -> Result<BTreeSet<String>, UnknownToolset> {
    let check = |name: &str| {
        let unknown = || UnknownToolset { name: name.chars().take(60).collect(), hint: hint(name, known) };
        known.contains(name).then(|| name.to_owned()).ok_or_else(unknown)
    };
    names.into_iter().map(check).collect()
}

fn hint(name: &str, known: &BTreeSet<&str>) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}
