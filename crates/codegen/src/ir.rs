//! What the generator knows about an API once the document has been understood: plain data, no tokens, no positions.
//!
//! Everything an emitter may ask for is here, and everything here is comparable, so a test or a diff needs nothing else.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// The methods an operation can have, as the document writes them.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The whole of it, operations in the order of path and method.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Api {
    pub document: Document,
    /// URL of the first server, without a slash at the end
    pub server: String,
    pub operations: Vec<Operation>,
}

impl Api {
    /// Puts the operations in order.
    pub(crate) fn sort(&mut self) {
        self.operations.sort_by(|one, other| (&one.path, &one.method, &one.id).cmp(&(&other.path, &other.method, &other.id)));
    }

    /// The tools, sorted by name.
    pub fn tools(&self) -> Vec<(&Operation, &Tool)> {
        let mut tools: Vec<_> = self
            .operations
            .iter()
            .filter_map(|operation| match &operation.decision {
                Decision::Exposed(tool) => Some((operation, tool.as_ref())),
                _ => None,
            })
            .collect();
        tools.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        tools
    }
}

/// Which document this came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    pub title: String,
    pub version: String,
    /// SHA-256 of the file, in hex
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// the document's `operationId`, or method and path where it has none
    pub id: String,
    /// upper case
    pub method: String,
    pub path: String,
    /// how sure the document's author was (`x-provenance`)
    pub provenance: Option<String>,
    /// the day since when the decision holds, as `2026-11-22`, where the lock knows it
    pub since: Option<String>,
    pub decision: Decision,
    /// the document marks it as deprecated
    pub deprecated: bool,
    /// digest of the document's own texts, before the overlay, so that ours are looked at again when they change
    pub upstream: Option<String>,
    /// names of tools it had that reach nothing now
    pub aliases: Vec<String>,
}

/// What was decided about an operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Exposed(Box<Tool>),
    /// no tool, for the reason given
    Excluded(String),
    Undecided,
    /// annotated, but no longer in the document; the name its tool had
    Gone(Option<String>),
}

/// A tool and how a call of it becomes a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    pub name: String,
    pub title: String,
    pub description: String,
    pub toolset: String,
    pub effect: Effect,
    /// whether a person is asked before it acts
    pub confirm: bool,
    pub default_listed: bool,
    /// calls per minute
    pub rate: Option<u32>,
    /// how large the request of an assistant may be, where that is more than usual
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_request_bytes: Option<u32>,
    /// earlier names of the tool
    pub aliases: Vec<String>,
    /// words of people who want this tool, for the search only
    pub search_terms: Vec<String>,
    /// the kind of records whose field keys its arguments hold, as in `apps`
    pub takes_keys: Option<String>,
    /// the kind of records whose field keys it lists
    pub lists_keys: Option<String>,
    /// name of the security scheme whose key the call needs
    pub credential: String,
    pub arguments: Vec<Argument>,
    /// arguments that are for this server and never sent
    pub controls: Vec<String>,
    pub body: Option<Body>,
    pub answer: Answer,
    pub input_schema: Value,
    pub output_schema: Value,
    /// what the server sends for an argument the assistant leaves out
    pub defaults: Map<String, Value>,
}

/// What a call does. The only source of the hints, the scope and the confirmation rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    pub kind: EffectKind,
    /// whether a second identical call changes nothing more, so that it may be repeated after a fault
    pub repeatable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EffectKind {
    Read,
    Write,
    Destroy,
}

/// One argument of a tool and where it goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    /// what the assistant calls it
    pub name: String,
    /// what the API calls it
    pub wire: String,
    pub location: Location,
    pub required: bool,
    /// not in the input schema; only its default is ever sent
    pub hidden: bool,
    pub encoding: Encoding,
    /// JSON Schema of the value
    pub schema: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    Path,
    Query,
    Header,
    Body,
}

/// How a value is written into the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// as it is
    Plain(Scalar),
    /// the parameter once for each item (`explode: true`)
    Repeated(Scalar),
    /// the items with this sign between them
    Joined(char),
    /// an object's members and their values, all with commas between them, or pairs of them with this sign inside
    Pairs(char),
    /// each member of an object as a parameter of its own
    Members,
    /// the same, called `name[member]`
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
    /// sent with the digits the assistant gave
    Number,
}

/// How the request's body is made of arguments.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// a JSON object of the body's arguments; an open one also takes every argument nothing else claims
    Object { open: bool },
    /// one argument is the whole body
    Whole { argument: String },
    /// multipart/form-data (RFC 7578)
    Form,
    /// application/x-www-form-urlencoded
    Urlencoded,
    /// one argument is the whole body, as text of this type
    Text { argument: String, media: String },
}

impl Body {
    /// Whether the server writes the bytes itself; the client only sends them.
    pub fn is_bytes(&self) -> bool {
        matches!(self, Self::Form | Self::Urlencoded | Self::Text { .. })
    }
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    pub kind: AnswerKind,
    /// the member that holds the items of a list
    pub items: Option<String>,
    /// the member that holds the cursor of the next page
    pub cursor: Option<String>,
    /// which members of each item the server passes on unless asked for others, where the API has no such choice
    pub fields: Option<Value>,
    /// what each field may be, by its pointer; not for assistants, but for the review of a change
    pub contents: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerKind {
    Json,
    /// a redirect to the bytes of a file
    Redirect,
}

impl Effect {
    /// The scopes a caller needs; later ones of `torii:read`, `torii:write`, `torii:destroy` imply the earlier.
    pub fn scope(self) -> &'static str {
        match self.kind {
            EffectKind::Read => "torii:read",
            EffectKind::Write => "torii:write",
            EffectKind::Destroy => "torii:destroy",
        }
    }
}
