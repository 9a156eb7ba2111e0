//! The tools that were compiled in, as the manifest describes them.
//!
//! Invariants:
//! - Tools are sorted by name.
//! - The catalog lives as long as the process, so a call borrows its tool and copies nothing of it.
//! - Serializing it gives the JSON of `torii-mcp tools --json`, which is a contract.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};

use jsonschema::{Draft, PatternOptions, Validator};
use rmcp::model::{JsonObject, ToolAnnotations};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{json_limits::JsonLimits, nearest::nearest};
use mcp_http::scope::{ScopeDefinitions, ScopeError, Scopes};

#[cfg(test)]
pub(crate) mod tests;

/// How often a pattern of the document may go back in a text before the text counts as wrong. Only patterns that look around go
/// back at all; all others take linear time.
const BACKTRACKS: usize = 10_000;

/// Everything that was generated from Torii's document.
#[derive(Debug, Serialize)]
pub struct Catalog {
    document: Document,
    tools: Vec<Tool>,
    #[serde(skip)]
    scopes: ScopeDefinitions,
    #[serde(skip)]
    server: String,
    #[serde(skip)]
    by_name: HashMap<String, usize>,
    #[serde(skip)]
    ledger: Vec<Line>,
}

/// An operation, and the names of tools it had, which reach nothing now. Assistants keep lists of tools for long.
#[derive(Debug, Deserialize)]
struct Line {
    state: String,
    tool: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    method: String,
    path: String,
    since: Option<String>,
}

/// The document the tools were generated from.
#[derive(Debug, Serialize, Deserialize)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Its digest, in hexadecimal.
    pub sha256: String,
}

/// One tool.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// What assistants call it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is for, told to the assistant.
    pub description: String,
    /// The group it belongs to.
    pub toolset: String,
    /// `read`, `write` or `destroy`.
    pub effect: String,
    /// Whether sending the same call twice does no more than sending it once.
    pub repeatable: bool,
    /// Whether a person is asked before it acts.
    #[serde(skip_serializing)]
    pub confirm: bool,
    /// Whether it is in the default list.
    pub default_listed: bool,
    /// The scopes a caller needs, all of them.
    pub scopes: Vec<String>,
    /// The operation of Torii's document behind it.
    pub operation_id: String,
    /// Its HTTP method.
    pub method: String,
    /// Its path, below the server's.
    pub path: String,
    /// How often Torii lets a key call it in a minute.
    pub rate: Option<u32>,
    /// How many bytes the request that calls it may have, where that is more than usual.
    #[serde(default, skip_serializing)]
    pub max_request_bytes: Option<usize>,
    /// What it takes.
    pub input_schema: Arc<JsonObject>,
    /// What it answers, where the document says so.
    pub output_schema: Option<Arc<JsonObject>>,
    /// The hints for clients.
    pub annotations: ToolAnnotations,
    /// The names it had before.
    pub aliases: Vec<String>,
    /// What people say when they want it, for the search alone.
    #[serde(default, skip_serializing)]
    pub search_terms: Vec<String>,
    /// The kind of records whose field keys its arguments hold.
    #[serde(default, skip_serializing)]
    pub takes_keys: Option<String>,
    /// The kind of records whose field keys it lists.
    #[serde(default, skip_serializing)]
    pub lists_keys: Option<String>,
    /// The key it is sent with.
    #[serde(skip_serializing)]
    #[serde(deserialize_with = "credential")]
    pub credential: Credential,
    /// Arguments that are sent when the assistant gives none, hidden ones included.
    #[serde(skip_serializing)]
    pub defaults: Map<String, Value>,
    /// How Torii answers.
    #[serde(skip_serializing)]
    pub answer: Shape,
    /// The arguments that are for this server and never sent; see [`crate::server_arguments`].
    #[serde(skip_serializing)]
    pub controls: Vec<String>,
    /// The same scopes, as a set.
    #[serde(skip)]
    pub needs: Scopes,
    #[serde(skip)]
    validator: OnceLock<Result<Validator, String>>,
}

/// A key of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The name of its security scheme.
    pub name: String,
    /// The environment variable that holds it.
    pub variable: String,
}

/// How Torii answers a call.
#[derive(Debug, Deserialize)]
pub struct Shape {
    /// Where the answer is.
    pub kind: Kind,
    /// The field with the items, if it is a page of a list.
    pub items: Option<String>,
    /// The field with the next page's cursor.
    pub cursor: Option<String>,
    /// The fields of each item that are passed on unless others are asked for; none where Torii chooses.
    #[serde(default)]
    pub fields: Option<Vec<String>>,
}

/// Where an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// In the body.
    Json,
    /// In a file that the answer redirects to.
    Redirect,
}

/// Why the compiled-in catalog cannot be used: the build is broken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest does not have the form expected here.
    #[error("the compiled-in manifest is broken, so build again: {0}")]
    Manifest(#[from] serde_json::Error),
    /// The scopes cannot be defined in this way.
    #[error(transparent)]
    Scopes(#[from] ScopeError),
    /// The manifest asks for a scope that there is not.
    #[error("tool `{tool}` wants the scope `{word}`, which there is not, so build again")]
    NoScope {
        /// The tool.
        tool: String,
        /// The scope.
        word: String,
    },
}

#[derive(Deserialize)]
struct Manifest {
    document: Document,
    server: String,
    tools: Vec<Tool>,
    #[serde(default)]
    operations: Vec<Value>,
}

impl Catalog {
    /// Reads a manifest that the generator wrote.
    ///
    /// # Errors
    /// When it does not have the form expected here.
    pub fn parse(manifest: &str) -> Result<Self, Error> {
        let Manifest { document, server, mut tools, operations } = serde_json::from_str(manifest)?;
        let scopes = ScopeDefinitions::new(crate::torii::scopes())?;
        for tool in &mut tools {
            tool.needs = tool
                .scopes
                .iter()
                .map(|word| scopes.get(word).ok_or(word))
                .collect::<Result<_, _>>()
                .map_err(|word| Error::NoScope { tool: tool.name.clone(), word: word.clone() })?;
        }
        tools.sort_by(|a, b| a.name.cmp(&b.name));
        let names = |(index, tool): (usize, &Tool)| {
            let names = tool.aliases.iter().chain([&tool.name]);
            names.map(|name| (name.clone(), index)).collect::<Vec<_>>()
        };
        let by_name = tools.iter().enumerate().flat_map(names).collect();
        let ledger = operations.into_iter().filter_map(|line| serde_json::from_value(line).ok()).collect();
        Ok(Self { document, tools, scopes, server, by_name, ledger })
    }

    /// What the scopes are that tools need.
    #[must_use]
    pub fn scopes(&self) -> &ScopeDefinitions {
        &self.scopes
    }

    /// The server that the document names.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
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

    /// What became of a tool that there is no more, for the assistant that still calls it.
    #[must_use]
    pub fn gone(&self, name: &str) -> Option<String> {
        let Line { method, path, since, .. } =
            self.ledger.iter().find(|line| line.had(name)).filter(|_| self.find(name).is_none())?;
        // an operation that has another id has another line
        let here = self.ledger.iter().find(|line| !line.is_gone() && (&line.method, &line.path) == (method, path));
        let since = since.as_ref().map(|day| format!(" since {day}")).unwrap_or_default();
        let nearest = || self.nearest(name).map(|near| format!(", `{near}` comes closest")).unwrap_or_default();
        let what = match here {
            Some(Line { tool: Some(tool), .. }) => format!("is called `{tool}` now and may take other arguments"),
            Some(_) => format!("is gone{since}: there is no tool for `{method} {path}` any more{}", nearest()),
            None => format!("is gone{since}: torii's API no longer has `{method} {path}`{}", nearest()),
        };
        Some(format!("`{name}` {what}; list the tools again to see which there are"))
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

fn credential<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Credential, D::Error> {
    let name = String::deserialize(deserializer)?.trim_end_matches("Key").to_owned();
    let variable = if name == "scim" { "TORII_SCIM_KEY" } else { "TORII_API_KEY" }.to_owned();
    Ok(Credential { name, variable })
}

impl Line {
    fn is_gone(&self) -> bool {
        self.state == "gone"
    }

    fn had(&self, name: &str) -> bool {
        let own = self.tool.as_ref().filter(|_| self.is_gone());
        own.into_iter().chain(&self.aliases).any(|tool| tool == name)
    }
}

impl Tool {
    /// Whether an argument of this name is for this server; one of the API's may be called the same elsewhere.
    #[must_use]
    pub fn is_server_argument(&self, name: &str) -> bool {
        self.controls.iter().any(|control| control == name)
    }

    /// How many values its arguments may hold, and how deep.
    pub(crate) fn json_limits(&self) -> JsonLimits {
        if self.max_request_bytes.is_some() { JsonLimits::LARGE_REQUEST } else { JsonLimits::REQUEST }
    }

    /// Whether Torii's document says what the answer holds, beyond that there is one.
    #[must_use]
    pub fn describes_its_answer(&self) -> bool {
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
        .with_annotations(self.annotations.clone());
        match self.output_schema.as_ref().filter(|_| has_output_schema) {
            Some(schema) => tool.with_raw_output_schema(Arc::clone(schema)),
            None => tool,
        }
    }
}
