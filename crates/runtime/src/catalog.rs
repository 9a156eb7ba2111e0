//! The tools that were compiled in, as the manifest describes them.
//!
//! Invariants:
//! - Tools are sorted by name.
//! - The catalog lives as long as the process, so a call borrows its tool and copies nothing of it.
//! - Serializing it gives the JSON of the command `tools --json`, which is a contract.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    ops::Deref,
    sync::{Arc, OnceLock},
};

use jsonschema::{Draft, PatternOptions, Validator};
use openapi_mcp_model::{CoverageEntry, CoverageState, CredentialDefinition, Document, Manifest, Product, ToolAnnotations};
pub use openapi_mcp_model::{Effect, Method, ResponseDescription, ResponseKind};
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

use crate::{json_limits::JsonLimits, nearest::nearest, tool_error::ToolError};
use mcp_http::caller::{Caller, Key};
use mcp_http::scope::{Access, ScopeDefinition, ScopeDefinitions, ScopeError, Scopes};

#[cfg(test)]
pub(crate) mod tests;

/// How often a pattern of the document may go back in a text before the text counts as wrong. Only patterns that look around go
/// back at all; all others take linear time.
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

/// A tool as the manifest describes it, and what this server makes of it.
#[derive(Debug)]
pub struct Tool {
    definition: openapi_mcp_model::Tool,
    /// The credential it is sent with, if any.
    pub credential: Option<CredentialDefinition>,
    /// Its scopes, as a set.
    pub needs: Scopes,
    validator: OnceLock<Result<Validator, String>>,
}

impl Deref for Tool {
    type Target = openapi_mcp_model::Tool;

    fn deref(&self) -> &Self::Target {
        &self.definition
    }
}

/// Why the compiled-in catalog cannot be used: the build is broken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest does not have the form expected here.
    #[error("the compiled-in manifest is broken, so build again: {0}")]
    Manifest(#[from] serde_json::Error),
    /// The scopes cannot be defined in this way.
    #[error("the scopes of the overlay cannot be used: {0}")]
    Scopes(#[from] ScopeError),
    /// The manifest has a tool with a credential that there is not.
    #[error("tool `{tool}` is sent with no key that there is, so build again")]
    NoCredential {
        /// The tool.
        tool: String,
    },
    /// The manifest asks for a scope that there is not.
    #[error("tool `{tool}` wants the scope `{word}`, which there is not, so build again")]
    NoScope {
        /// The tool.
        tool: String,
        /// The scope.
        word: String,
    },
}

impl Catalog {
    /// Reads a manifest that the generator wrote.
    ///
    /// # Errors
    /// When it does not have the form expected here.
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

    /// The server that the document names.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// What the server says about itself.
    #[must_use]
    pub fn product(&self) -> &Product {
        &self.product
    }

    /// The scopes, as the overlay defines them.
    #[must_use]
    pub fn scopes(&self) -> &ScopeDefinitions {
        &self.scopes
    }

    /// The credentials, as the overlay defines them.
    #[must_use]
    pub fn credentials(&self) -> &[CredentialDefinition] {
        &self.credentials
    }

    /// All tools, sorted by name.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool of this name, present or earlier.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Tool> {
        self.by_name.get(name).and_then(|&index| self.tools.get(index))
    }

    /// The error for an assistant that still calls a tool which was removed or renamed; `None` for every other name.
    #[must_use]
    pub fn removed(&self, name: &str) -> Option<ToolError> {
        let CoverageEntry { method, path, since, .. } =
            self.operations.iter().find(|entry| had(entry, name)).filter(|_| self.find(name).is_none())?;
        // an operation that has another id has another entry
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

    /// The tool whose name looks most like this one, if any does.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.tools.iter().map(|tool| tool.name.as_str()))
    }

    /// The groups of tools there are.
    #[must_use]
    pub fn toolsets(&self) -> BTreeSet<&str> {
        self.tools.iter().map(|tool| tool.toolset.as_str()).collect()
    }
}

/// A scope of the overlay as the authorization server needs it.
fn scope_definition(scope: openapi_mcp_model::ScopeDefinition) -> ScopeDefinition {
    let openapi_mcp_model::ScopeDefinition { name, title, description, implies, effect, credential } = scope;
    let access = match effect {
        Some(Effect::Write) => Access::Write,
        Some(Effect::Destroy) => Access::Destroy,
        Some(Effect::Read) | None => Access::Read,
    };
    ScopeDefinition { name, title, description, implies, access, credential }
}

/// Whether an operation had a tool of this name that reaches nothing now.
fn had(entry: &CoverageEntry, name: &str) -> bool {
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
        Ok(Self { definition, credential, needs, validator: OnceLock::new() })
    }

    /// Whether an argument of this name is for this server; one of the API's may be called the same elsewhere.
    #[must_use]
    pub fn is_server_argument(&self, name: &str) -> bool {
        self.server_arguments.iter().any(|argument| argument.as_str() == name)
    }

    /// The key that a caller's calls of it are sent with; none where it needs none.
    ///
    /// # Errors
    /// When the caller lacks it.
    pub fn key<'c>(&self, caller: &'c Caller) -> Result<Option<&'c Key>, ToolError> {
        let Some(credential) = &self.credential else { return Ok(None) };
        caller.key(&credential.name).map(Some).ok_or_else(|| ToolError::key_missing(&credential.variable))
    }

    /// How many values its arguments may hold, and how deep.
    pub(crate) fn json_limits(&self) -> JsonLimits {
        if self.max_request_bytes.is_some() { JsonLimits::LARGE_REQUEST } else { JsonLimits::REQUEST }
    }

    /// Whether the API's document says what the response holds, beyond that there is one.
    #[must_use]
    pub fn describes_response(&self) -> bool {
        self.output_schema.as_ref().is_some_and(|schema| schema.contains_key("properties"))
    }

    /// The compiled input schema.
    ///
    /// # Errors
    /// When the schema is not valid JSON Schema, which the build rules out.
    pub fn validator(&self) -> Result<&Validator, &str> {
        self.validator
            .get_or_init(|| {
                let schema = Value::Object((*self.input_schema).clone());
                let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS);
                let options = jsonschema::options().with_draft(Draft::Draft202012).with_pattern_options(patterns);
                options.build(&schema).map_err(|error| error.to_string())
            })
            .as_ref()
            .map_err(String::as_str)
    }

    /// The tool as MCP lists it, with or without what it answers.
    #[must_use]
    pub fn listing(&self, has_output_schema: bool) -> rmcp::model::Tool {
        let tool = rmcp::model::Tool::new(
            Cow::Owned(self.name.clone()),
            Cow::Owned(self.description.clone()),
            Arc::clone(&self.input_schema),
        )
        .with_title(&self.title)
        .with_annotations(hints(&self.annotations));
        match self.output_schema.as_ref().filter(|_| has_output_schema) {
            Some(schema) => tool.with_raw_output_schema(Arc::clone(schema)),
            None => tool,
        }
    }
}

/// The hints as the protocol's library has them.
fn hints(annotations: &ToolAnnotations) -> rmcp::model::ToolAnnotations {
    let ToolAnnotations { title, read_only_hint, destructive_hint, idempotent_hint, open_world_hint } = annotations;
    rmcp::model::ToolAnnotations::with_title(title)
        .read_only(*read_only_hint)
        .destructive(*destructive_hint)
        .idempotent(*idempotent_hint)
        .open_world(*open_world_hint)
}
