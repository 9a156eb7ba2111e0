//! The catalog of the compiled-in tools, as the manifest describes them.
//!
//! Invariants:
//! - Tools are sorted by name.
//! - The catalog lives as long as the process, so a call borrows its tool without copying.
//! - Its serialization is the JSON of the command `tools --json`, whose format is stable.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Deref,
    sync::{Arc, OnceLock},
};

use jsonschema::{Draft, PatternOptions, Validator};
pub use openapi_mcp_model::CredentialDefinition;
pub use openapi_mcp_model::{Confirm, Effect, Method, Record, ResponseDescription, ResponseKind};
use openapi_mcp_model::{CoverageEntry, CoverageState, Document, Manifest, Product, ToolAnnotations};
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::{Map, Value};

use crate::{json_limits::JsonLimits, nearest::nearest, tool_error::ToolError};
use mcp_http::caller::{Caller, Key};
use mcp_http::scope::{ScopeAccess, ScopeDefinition, ScopeDefinitions, ScopeError, Scopes};

mod listed_schema;

pub(crate) use listed_schema::listed_schema;

#[cfg(test)]
pub(crate) mod tests;

/// How often matching a pattern of the document may backtrack before the text is rejected. Only patterns with look-around or
/// backreferences backtrack; all others take linear time.
const BACKTRACKS: usize = 10_000;

/// Everything that was generated from the API's document.
#[derive(Debug)]
pub struct Catalog {
    document: Document,
    tools: Vec<Tool>,
    product: Product,
    scopes: ScopeDefinitions,
    credentials: Vec<CredentialDefinition>,
    server: String,
    by_name: HashMap<String, usize>,
    operations: Vec<CoverageEntry>,
}

impl Serialize for Catalog {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut catalog = serializer.serialize_struct("Catalog", 2)?;
        catalog.serialize_field("document", &self.document)?;
        catalog.serialize_field("tools", &self.tools.iter().map(|tool| tool.to_public_json()).collect::<Vec<_>>())?;
        catalog.end()
    }
}

/// A tool as the manifest describes it, with what this server derives from that.
#[derive(Debug)]
pub struct Tool {
    definition: openapi_mcp_model::Tool,
    /// The credential that its requests are sent with, if any.
    pub credential: Option<CredentialDefinition>,
    /// The scopes that it requires, as a set.
    pub needs: Scopes,
    /// Its input schema as the tool list shows it.
    listed_schema: Arc<Map<String, Value>>,
    validator: OnceLock<Result<Validator, String>>,
}

impl Deref for Tool {
    type Target = openapi_mcp_model::Tool;

    fn deref(&self) -> &Self::Target {
        &self.definition
    }
}

/// Why the compiled-in catalog is invalid: the build is broken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest does not have the expected format.
    #[error("the compiled-in manifest is broken, so build again: {0}")]
    Manifest(#[from] serde_json::Error),
    /// The definitions of the scopes are invalid.
    #[error("the scopes of the overlay cannot be used: {0}")]
    Scopes(#[from] ScopeError),
    /// A tool has a credential that the manifest does not define.
    #[error("tool `{tool}` has an undefined credential; build again")]
    NoCredential {
        /// The tool.
        tool: String,
    },
    /// A tool requires a scope that the manifest does not define.
    #[error("tool `{tool}` requires the undefined scope `{word}`; build again")]
    NoScope {
        /// The tool.
        tool: String,
        /// The scope.
        word: String,
    },
}

impl Catalog {
    /// Parses a manifest that the generator wrote.
    ///
    /// # Errors
    /// When it does not have the expected format, or refers to undefined credentials or scopes.
    pub fn parse(manifest: &str) -> Result<Self, Error> {
        let Manifest { document, server, product, scopes, credentials, tools, operations } = serde_json::from_str(manifest)?;
        let scopes = ScopeDefinitions::new(scopes.into_iter().map(scope_definition).collect())?;
        let tool = |definition: openapi_mcp_model::Tool| Tool::new(definition, &scopes, &credentials);
        let mut tools = tools.into_iter().map(tool).collect::<Result<Vec<_>, _>>()?;
        tools.sort_by(|a, b| a.name.cmp(&b.name));
        let names = |(index, tool): (usize, &Tool)| {
            let names = tool.aliases.iter().chain([&tool.name]);
            names.map(|name| (name.clone(), index)).collect::<Vec<_>>()
        };
        let by_name = tools.iter().enumerate().flat_map(names).collect();
        Ok(Self { document, tools, product, scopes, credentials, server, by_name, operations })
    }

    /// The URL of the API's server, from the document.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The document that the tools were generated from.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The server's names and texts.
    #[must_use]
    pub fn product(&self) -> &Product {
        &self.product
    }

    /// The scopes that the overlay defines.
    #[must_use]
    pub fn scopes(&self) -> &ScopeDefinitions {
        &self.scopes
    }

    /// The credentials that the overlay defines.
    #[must_use]
    pub fn credentials(&self) -> &[CredentialDefinition] {
        &self.credentials
    }

    /// All tools, sorted by name.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool with this name or this former name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Tool> {
        self.by_name.get(name).and_then(|&index| self.tools.get(index))
    }

    /// The error for an assistant that still calls a tool which was removed or renamed; `None` for every other name.
    #[must_use]
    pub fn removed(&self, name: &str) -> Option<ToolError> {
        let CoverageEntry { method, path, since, .. } =
            self.operations.iter().find(|entry| had_tool(entry, name)).filter(|_| self.find(name).is_none())?;
        // an operation whose `operationId` changed has a new entry
        let here = self
            .operations
            .iter()
            .find(|entry| entry.state != CoverageState::Removed && (&entry.method, &entry.path) == (method, path));
        let since = since.as_ref().map(|day| format!(" since {day}")).unwrap_or_default();
        let nearest = || self.nearest(name).map(|near| format!(", `{near}` comes closest")).unwrap_or_default();
        let what = match here {
            Some(CoverageEntry { tool: Some(tool), .. }) => format!("is called `{tool}` now and may take other arguments"),
            Some(_) => format!("is gone{since}: there is no tool for `{method} {path}` any more{}", nearest()),
            None => format!("is gone{since}: the API no longer has `{method} {path}`{}", nearest()),
        };
        Some(ToolError::no_tool(format!("`{name}` {what}"), "list the tools again to see which there are"))
    }

    /// The most similar tool name, if any is similar.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.tools.iter().map(|tool| tool.name.as_str()))
    }

    /// The names of all toolsets.
    #[must_use]
    pub fn toolsets(&self) -> BTreeSet<&str> {
        self.tools.iter().map(|tool| tool.toolset.as_str()).collect()
    }
}

/// A scope of the overlay in the form that the authorization server uses.
fn scope_definition(scope: openapi_mcp_model::ScopeDefinition) -> ScopeDefinition {
    let openapi_mcp_model::ScopeDefinition { name, title, description, implies, effect, credential } = scope;
    let access = match effect {
        Some(Effect::Write) => ScopeAccess::Write,
        Some(Effect::Destroy) => ScopeAccess::Destroy,
        Some(Effect::Read) | None => ScopeAccess::Read,
    };
    ScopeDefinition { name, title, description, implies, access, credential }
}

/// Whether an operation had a tool with this name, which is no longer an alias of any tool.
fn had_tool(entry: &CoverageEntry, name: &str) -> bool {
    let own = entry.tool.as_ref().filter(|_| entry.state == CoverageState::Removed);
    own.into_iter().chain(&entry.aliases).any(|tool| tool == name)
}

impl Tool {
    fn new(
        definition: openapi_mcp_model::Tool,
        scopes: &ScopeDefinitions,
        credentials: &[CredentialDefinition],
    ) -> Result<Self, Error> {
        let no_scope = |name: &String| Error::NoScope { tool: definition.name.clone(), word: name.clone() };
        let needs =
            definition.scopes.iter().map(|name| scopes.get(name).ok_or_else(|| no_scope(name))).collect::<Result<Scopes, _>>()?;
        let no_credential = || Error::NoCredential { tool: definition.name.clone() };
        let find = |name: &String| credentials.iter().find(|credential| credential.name == *name).cloned();
        let credential = definition.credential.as_ref().map(|name| find(name).ok_or_else(no_credential)).transpose()?;
        let listed_schema = Arc::new(listed_schema(&definition.input_schema));
        Ok(Self { definition, credential, needs, listed_schema, validator: OnceLock::new() })
    }

    /// The input schema as the tool list shows it, in a form that other makers' converters take.
    #[must_use]
    pub fn listed_schema(&self) -> &Arc<Map<String, Value>> {
        &self.listed_schema
    }

    /// Whether an argument with this name is a server argument. Other tools may have an API argument of the same name.
    #[must_use]
    pub fn is_server_argument(&self, name: &str) -> bool {
        self.server_arguments.iter().any(|argument| argument.as_str() == name)
    }

    /// The caller's API key for this tool; `None` if the tool needs none.
    ///
    /// # Errors
    /// When the caller does not have the key.
    pub fn key<'c>(&self, caller: &'c Caller) -> Result<Option<&'c Key>, ToolError> {
        let Some(credential) = &self.credential else { return Ok(None) };
        caller.key(&credential.name).map(Some).ok_or_else(|| ToolError::key_missing(&credential.variable))
    }

    /// The limits on the values and the depth of its arguments.
    pub(crate) fn json_limits(&self) -> JsonLimits {
        if self.max_request_bytes.is_some() { JsonLimits::LARGE_REQUEST } else { JsonLimits::REQUEST }
    }

    /// Whether the API's document describes the members of the response.
    #[must_use]
    pub fn describes_response(&self) -> bool {
        self.output_schema.as_ref().is_some_and(|schema| schema.contains_key("properties"))
    }

    /// The compiled input schema.
    ///
    /// # Errors
    /// When the schema is not a valid JSON Schema, which the build rules out.
    pub fn validator(&self) -> Result<&Validator, &str> {
        self.validator
            .get_or_init(|| {
                let schema = Value::Object((**self.checked_schema()).clone());
                let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS);
                let options = jsonschema::options().with_draft(Draft::Draft202012).with_pattern_options(patterns);
                options.build(&schema).map_err(|error| error.to_string())
            })
            .as_ref()
            .map_err(String::as_str)
    }

    /// The list entry of the tool in MCP, with or without its output schema.
    #[must_use]
    pub fn listing(&'static self, has_output_schema: bool) -> rmcp::model::Tool {
        let tool = rmcp::model::Tool::new(&*self.name, &*self.description, Arc::clone(&self.listed_schema))
            .with_title(&self.title)
            .with_annotations(hints(&self.annotations));
        match self.output_schema.as_ref().filter(|_| has_output_schema) {
            Some(schema) => tool.with_raw_output_schema(Arc::clone(schema)),
            None => tool,
        }
    }
}

/// The tool's annotations in the type of rmcp.
fn hints(annotations: &ToolAnnotations) -> rmcp::model::ToolAnnotations {
    let ToolAnnotations { title, read_only_hint, destructive_hint, idempotent_hint, open_world_hint } = annotations;
    rmcp::model::ToolAnnotations::with_title(title)
        .read_only(*read_only_hint)
        .destructive(*destructive_hint)
        .idempotent(*idempotent_hint)
        .open_world(*open_world_hint)
}
