//! The metadata of the MCP endpoint as a protected resource (RFC 9728).
//!
//! Invariants: the resource identifier is built from the public URL once and copied byte for byte, and responses use the URL by
//! which the client knows the resource.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use axum::http::{HeaderValue, Uri};
use serde_json::{Value, json};

use crate::{
    endpoints::{MCP_PATH, READ_ONLY_PATH},
    net::parse_url,
    scope::{Scope, ScopeDefinitions, Scopes},
};

#[cfg(test)]
mod tests;

/// The path of the metadata of the protected resource (RFC 9728, section 3.1). Clients first append the path of the endpoint to
/// it, and then try it alone.
pub const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";
/// The protected resource: the MCP endpoint, as clients know it.
///
/// It has several URLs, each of which clients treat as a resource: `/mcp`, `/mcp/read-only`, and both with a query that selects
/// toolsets ([`ResourcePart`]). Tokens are accepted at all of them, and allow the part for which they were requested.
#[derive(Clone, Debug)]
pub struct ProtectedResource {
    /// Its resource identifier (RFC 8707): the URL of the MCP endpoint.
    pub id: String,
    origin: String,
    /// Its name, for users.
    name: String,
    /// The largest scopes that tokens can have.
    pub scopes: Scopes,
    /// The definitions of the scopes.
    pub definitions: ScopeDefinitions,
    /// The issuer of its tokens.
    pub issuer: String,
    /// The names of the toolsets that a URL can select.
    toolsets: BTreeSet<String>,
}

/// What a URL of the resource selects of its tools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourcePart {
    /// The selected toolsets; `None` for all.
    pub toolsets: Option<BTreeSet<String>>,
    /// Whether only tools that read are selected.
    pub is_read_only: bool,
}

/// How many tools of a part each scope makes available in addition to those of the scopes before it.
pub type ToolCounts = Arc<dyn Fn(&ResourcePart) -> HashMap<Scope, usize> + Send + Sync>;

impl ResourcePart {
    /// The query parameter that selects toolsets.
    pub const TOOLSETS: &str = "toolsets";
    /// The query parameter that asks for structured content, and selects nothing.
    pub const STRUCTURED: &str = "structured";

    /// What both select.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let toolsets = match (&self.toolsets, &other.toolsets) {
            (Some(ours), Some(theirs)) => Some(ours & theirs),
            (ours, theirs) => ours.clone().or_else(|| theirs.clone()),
        };
        Self { toolsets, is_read_only: self.is_read_only || other.is_read_only }
    }

    /// Whether nothing is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.toolsets.as_ref().is_some_and(BTreeSet::is_empty)
    }
}

impl ProtectedResource {
    /// The resource called `name` of a server whose public URL is `origin`, with tokens from `issuer` that allow `scopes` at
    /// most.
    #[must_use]
    pub fn new(name: &str, origin: &str, issuer: &str, definitions: ScopeDefinitions, scopes: Scopes) -> Self {
        let id = format!("{origin}{MCP_PATH}");
        let (name, origin, issuer) = (name.to_owned(), origin.to_owned(), issuer.to_owned());
        let toolsets = BTreeSet::new();
        Self { id, origin, name, scopes: scopes & definitions.all(), definitions, issuer, toolsets }
    }

    /// The same resource, of which URLs can select these toolsets.
    #[must_use]
    pub fn with_toolsets<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.toolsets = names.into_iter().map(str::to_owned).collect();
        self
    }

    /// What a URL selects; `None` if it is not a URL of the resource, or selects a toolset that does not exist. Its scheme and host may
    /// be in capitals (RFC 3986, section 6.2.2.1).
    #[must_use]
    pub fn part(&self, address: &str) -> Option<ResourcePart> {
        let url = parse_url(address).filter(|url| url.username().is_empty() && url.password().is_none())?;
        if url.origin().ascii_serialization() != self.origin || url.fragment().is_some() {
            return None;
        }
        // the path as it is written: a URL with dot segments is another one, and so is one that only a parser makes this one, with
        // backslashes or characters that it skips
        let plain = address.split('?').next()?;
        if plain.contains(|character: char| character == '\\' || !character.is_ascii_graphic()) {
            return None;
        }
        let written = plain.split_once("://")?.1;
        let is_read_only = match written.find('/').map(|start| &written[start..]).filter(|path| *path == url.path())? {
            MCP_PATH => false,
            READ_ONLY_PATH => true,
            _ => return None,
        };
        // a misspelled selection must not select everything
        let is_misspelled = |name: &str| name != ResourcePart::TOOLSETS && name.to_ascii_lowercase().starts_with("toolset");
        if url.query_pairs().any(|(name, _)| is_misspelled(&name)) {
            return None;
        }
        let selections: Vec<_> = url.query_pairs().filter(|(name, _)| name == ResourcePart::TOOLSETS).collect();
        let names = selections.iter().flat_map(|(_, names)| names.split(',')).map(str::trim);
        let known: Option<BTreeSet<_>> = names.map(|name| self.toolsets.get(name).cloned()).collect();
        Some(ResourcePart { toolsets: known.map(|names| Some(names).filter(|_| !selections.is_empty()))?, is_read_only })
    }

    /// The URL of a part, always the same for the same part.
    #[must_use]
    pub fn url(&self, part: &ResourcePart) -> String {
        let path = if part.is_read_only { READ_ONLY_PATH } else { MCP_PATH };
        let names = part.toolsets.as_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>().join(","));
        let query = names.map(|names| format!("?{}={names}", ResourcePart::TOOLSETS)).unwrap_or_default();
        format!("{}{path}{query}", self.origin)
    }

    /// The largest scopes of tokens for a part.
    #[must_use]
    pub fn ceiling(&self, part: &ResourcePart) -> Scopes {
        if part.is_read_only { self.scopes & self.definitions.reading() } else { self.scopes }
    }

    /// Its metadata (RFC 9728, section 2), for clients that know it by the URL with this suffix.
    #[must_use]
    pub fn metadata(&self, suffix: &str) -> Value {
        let resource = format!("{}{suffix}", self.origin);
        json!({
            "resource": resource,
            "authorization_servers": [self.issuer],
            "scopes_supported": self.definitions.names(self.part(&resource).map(|part| self.ceiling(&part)).unwrap_or_default()),
            "bearer_methods_supported": ["header"],
            "resource_name": self.name,
        })
    }

    /// The `WWW-Authenticate` header of a rejected request (RFC 6750, section 3; RFC 9728, section 5.1), for the URL with this
    /// suffix.
    #[must_use]
    pub fn challenge(&self, suffix: &str, reason: Challenge) -> HeaderValue {
        let (error, scopes) = match reason {
            Challenge::NoToken => ("", self.definitions.least()),
            Challenge::InvalidToken => (r#"error="invalid_token", "#, self.definitions.least()),
            Challenge::InsufficientScope(scopes) => (r#"error="insufficient_scope", "#, scopes),
        };
        let scopes = self.definitions.text(scopes & self.scopes);
        let text = format!(r#"Bearer {error}resource_metadata="{}{RESOURCE_METADATA}{suffix}", scope="{scopes}""#, self.origin);
        // a URL contains neither quotes nor control characters
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// The suffix of the URL by which a client knows the resource, from a request URL with the same ending: its path, and its query
/// if that contains only known parameters. Anything else could contain a token, or break out of a header.
#[must_use]
pub fn resource_suffix(address: &Uri) -> String {
    let path = if address.path().ends_with(READ_ONLY_PATH) { READ_ONLY_PATH } else { MCP_PATH };
    let is_plain = |names: &str| names.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-,%".contains(&byte));
    let is_known = |pair: &str| match pair.split_once('=').unwrap_or((pair, "")) {
        (ResourcePart::TOOLSETS, names) => is_plain(names),
        (name, value) => name == ResourcePart::STRUCTURED && value.is_empty(),
    };
    let query = address.query().filter(|query| query.split('&').all(is_known));
    query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

/// Why a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// It has no token.
    NoToken,
    /// Its token is not valid.
    InvalidToken,
    /// The scopes of its token are insufficient. Contains the required scopes.
    InsufficientScope(Scopes),
}
