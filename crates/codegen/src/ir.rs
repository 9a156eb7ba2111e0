//! What the generator knows about an API after lowering the document: plain data without tokens and positions.
//!
//! It contains everything that the emitters need, and all of it is comparable, so a test or a diff needs nothing else.

use std::collections::{BTreeMap, BTreeSet};

use openapi_mcp_model::{CoverageEntry, CoverageState, CredentialDefinition, Document, Method, Product, ScopeDefinition, Tool};
use serde::Serialize;
use serde_json::Value;

use crate::annotation::RecordAnnotation;
use crate::names;
use crate::statements::Statements;

/// The whole API. Operations are sorted by path and method.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Api {
    pub document: Document,
    /// URL of the first server, without a slash at the end
    pub server: String,
    pub product: Product,
    pub scopes: Vec<ScopeDefinition>,
    pub credentials: Vec<CredentialDefinition>,
    pub operations: Vec<Operation>,
    /// what the document says at each place that the overlay corrects; see [`crate::statements`]
    pub corrections: Statements,
    /// what the document says apart from its operations; see [`crate::statements`]
    pub about: Statements,
    /// a digest of the overlay's corrections
    pub overlay: String,
    /// what the document, before the overlay is applied, demands of a caller where an operation demands nothing of its own
    pub security: BTreeSet<String>,
}

impl Api {
    /// Sorts the operations by path and method.
    pub(crate) fn sort(&mut self) {
        self.operations.sort_by(|one, other| (&one.path, one.method, &one.id).cmp(&(&other.path, other.method, &other.id)));
    }

    /// The tools, sorted by name.
    pub fn tools(&self) -> Vec<&ToolPlan> {
        let mut tools: Vec<&ToolPlan> = self.operations.iter().filter_map(|operation| operation.decision.tool()).collect();
        tools.sort_by(|one, other| one.tool.name.cmp(&other.tool.name));
        tools
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// `operationId` in the document, or method and path if there is none
    pub id: String,
    pub method: Method,
    pub path: String,
    /// how certain the author of the document is about the operation (`x-provenance`)
    pub provenance: Option<String>,
    /// the day since when the decision holds, in the form `2026-11-22`, if the lock records it
    pub since: Option<String>,
    pub decision: Decision,
    /// whether the document marks it as deprecated
    pub deprecated: bool,
    /// its summary and description in the document itself, without the overlay
    pub described: Option<String>,
    /// earlier names of its tool that no longer select any tool
    pub aliases: Vec<String>,
}

impl Operation {
    /// An operation that is no longer in the document.
    pub(crate) fn removed(id: &str, method: Method, path: &str, tool: Option<String>) -> Self {
        Self {
            id: id.to_owned(),
            method,
            path: path.to_owned(),
            provenance: None,
            since: None,
            decision: Decision::Removed(tool),
            deprecated: false,
            described: None,
            aliases: Vec::new(),
        }
    }

    /// The other marks of `x-provenance` that are on its arguments and its response, sorted.
    fn provenance_of_parts(&self) -> Vec<String> {
        let facets = self.decision.tool().into_iter().flat_map(|plan| plan.facets.values());
        let recorded = facets.filter_map(|facets| facets.get("x-provenance")).flat_map(|values| values.split(" | "));
        // a facet says how many branches of a schema have the same mark
        let marks: BTreeSet<&str> = recorded.map(|mark| mark.split_once(" (").map_or(mark, |(mark, _)| mark)).collect();
        marks.into_iter().filter(|mark| Some(*mark) != self.provenance.as_deref()).map(str::to_owned).collect()
    }

    /// Its entry in the coverage.
    pub fn coverage_entry(&self) -> CoverageEntry {
        let (tool, reason) = match &self.decision {
            Decision::Exposed(plan) => (Some(plan.tool.name.clone()), None),
            Decision::Excluded(reason) => (None, Some(reason.clone())),
            Decision::Removed(tool) => (tool.clone(), None),
            Decision::Undecided => (None, None),
        };
        let tables = self.decision.tool().into_iter().flat_map(|plan| &plan.tool.tables);
        CoverageEntry {
            operation_id: self.id.clone(),
            method: self.method,
            path: self.path.clone(),
            state: self.decision.state(),
            tool,
            tables: tables.map(|table| table.name.clone()).collect(),
            reason,
            deprecated: self.deprecated,
            aliases: self.aliases.clone(),
            provenance: self.provenance.clone(),
            provenance_of_parts: self.provenance_of_parts(),
            since: self.since.clone(),
        }
    }
}

/// The decision about an operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Exposed(Box<ToolPlan>),
    /// no tool, for this reason
    Excluded(String),
    Undecided,
    /// annotated, but no longer in the document; with the name of its former tool
    Removed(Option<String>),
}

impl Decision {
    pub fn state(&self) -> CoverageState {
        match self {
            Self::Exposed(_) => CoverageState::Exposed,
            Self::Excluded(_) => CoverageState::Excluded,
            Self::Undecided => CoverageState::Undecided,
            Self::Removed(_) => CoverageState::Removed,
        }
    }

    pub fn tool(&self) -> Option<&ToolPlan> {
        match self {
            Self::Exposed(plan) => Some(plan),
            _ => None,
        }
    }
}

/// A tool, and how its calls become requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolPlan {
    /// the tool as the manifest describes it
    pub tool: Tool,
    pub arguments: Vec<Argument>,
    /// the record that its calls are about, as the annotation describes it
    #[serde(skip)]
    pub record: RecordAnnotation,
    pub body: Option<Body>,
    /// the types of each field of the response, by the field's pointer: for the review of a change, not for assistants
    pub response_fields: BTreeMap<String, String>,
    /// what the document declares and the tool does not show, by place and name: for the review of a change, too
    pub facets: BTreeMap<String, BTreeMap<String, String>>,
    /// the path of the operation's own server below that of the API, with which the tool's path begins
    pub server: String,
    /// digests of all that the document says of the operation apart from its words, by place
    pub structure: BTreeMap<String, String>,
    /// what the document, before the overlay is applied, demands of a caller: each of the alternatives, with its scopes
    pub security: BTreeSet<String>,
}

impl ToolPlan {
    /// The name that the client has for an argument outside the body. The name of a path parameter is not sent, so it makes room for
    /// another parameter with that name.
    pub fn client_name(&self, argument: &Argument) -> String {
        let is_other = |other: &&Argument| matches!(other.location, ArgumentLocation::Query | ArgumentLocation::Header);
        let ident = names::rust_snake(&argument.wire);
        let is_path = argument.location == ArgumentLocation::Path;
        if is_path && self.arguments.iter().filter(is_other).any(|other| names::rust_snake(&other.wire) == ident) {
            format!("path_{}", argument.wire)
        } else {
            argument.wire.clone()
        }
    }
}

/// One argument of a tool and its place in the request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    /// its name for assistants
    pub name: String,
    /// its name in the API
    pub wire: String,
    pub location: ArgumentLocation,
    pub required: bool,
    /// whether it is left out of the input schema; then always its default is sent
    pub hidden: bool,
    pub encoding: Encoding,
    /// JSON Schema of the value
    pub schema: Value,
    /// what the document states where the annotation replaces it, by keyword
    pub replaced: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ArgumentLocation {
    Path,
    Query,
    Header,
    Body,
}

/// How a value is written into the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// unchanged
    Plain(Scalar),
    /// the parameter once for each item (`explode: true`)
    Repeated(Scalar),
    /// the items separated by this character
    Joined(char),
    /// the names and values of an object's members, separated by commas; this character separates a name from its value
    Pairs(char),
    /// each member of an object as a separate parameter
    Members,
    /// each member of an object as a parameter called `name[member]`
    Deep,
    /// a JSON text
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scalar {
    String,
    Integer,
    Boolean,
    /// sent with the same digits that the assistant sent
    Number,
}

/// How the request's body is built from arguments.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// a JSON object of the body's arguments; if it is open, it also takes all unknown arguments
    Object { open: bool },
    /// one argument is the whole body
    Whole { argument: String },
    /// multipart/form-data (RFC 7578), and the properties that are files, or lists of them
    Form { files: Vec<String> },
    /// application/x-www-form-urlencoded
    Urlencoded,
    /// one argument is the whole body, as text of this type
    Text { argument: String, media: String },
    /// one argument is the whole body, as bytes of this type
    Bytes { argument: String, media: String },
}

impl Body {
    /// Whether the server writes the bytes of the body itself, and the client only sends them.
    pub fn is_bytes(&self) -> bool {
        matches!(self, Self::Form { .. } | Self::Urlencoded | Self::Text { .. } | Self::Bytes { .. })
    }
}
