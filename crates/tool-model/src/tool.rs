//! One tool, as the manifest describes it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A tool: an operation of the API that an assistant can call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// The name that assistants call it by.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// What it is for, told to the assistant.
    pub description: String,
    /// The group it belongs to.
    pub toolset: String,
    /// What a call does.
    pub effect: Effect,
    /// Whether the same call sent twice does no more than sent once.
    pub repeatable: bool,
    /// Whether the user is asked before it acts.
    pub confirm: bool,
    /// Whether it is in the default list.
    pub default_listed: bool,
    /// The scopes that a caller needs, all of them.
    pub scopes: Vec<String>,
    /// The `operationId` of its operation.
    pub operation_id: String,
    /// The HTTP method of its requests.
    pub method: Method,
    /// The path of its requests, below the server's.
    pub path: String,
    /// How many calls a minute the API allows a credential.
    pub rate: Option<u32>,
    /// JSON Schema of its arguments.
    pub input_schema: Arc<Map<String, Value>>,
    /// JSON Schema of its result. It describes and forbids nothing.
    pub output_schema: Option<Arc<Map<String, Value>>>,
    /// The hints for clients.
    pub annotations: ToolAnnotations,
    /// The names it had before.
    pub aliases: Vec<String>,
    /// The name of the credential that its requests carry; `None` where the API asks for none.
    pub credential: Option<String>,
    /// The arguments that the server takes for itself and never sends.
    pub server_arguments: Vec<ServerArgument>,
    /// The arguments that are sent when the assistant gives none, hidden ones included.
    pub defaults: Map<String, Value>,
    /// What the API's response is.
    pub response: ResponseDescription,
    /// How many bytes the request that calls the tool may have, where that is more than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_request_bytes: Option<usize>,
    /// What people say when they want it, for the search alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub search_terms: Vec<String>,
    /// The resource type whose field keys its arguments hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_keys: Option<String>,
    /// The resource type whose field keys it lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists_keys: Option<String>,
}

/// The members of a tool that are for the server alone.
const INTERNAL: [&str; 9] = [
    "confirm",
    "credential",
    "serverArguments",
    "defaults",
    "response",
    "maxRequestBytes",
    "searchTerms",
    "takesKeys",
    "listsKeys",
];

impl Tool {
    /// What a server tells everybody about its tool.
    pub fn to_public_json(&self) -> Value {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = json.as_object_mut() {
            members.retain(|key, _| !INTERNAL.contains(&key.as_str()));
        }
        json
    }
}

/// What a call does. Effects are ordered from harmless to final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// It changes something.
    Write,
    /// It changes something for good.
    Destroy,
}

impl Effect {
    /// All effects, in their order.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Destroy];

    /// The word for it in manifests and overlays.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destroy => "destroy",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// An HTTP method that an operation of an OpenAPI document can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "RFC 9110, section 9, describes each")]
pub enum Method {
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
    Trace,
}

impl Method {
    /// All methods, in the order in which OpenAPI lists them.
    pub const ALL: [Self; 8] =
        [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Options, Self::Head, Self::Patch, Self::Trace];

    /// Its name in HTTP, in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Trace => "TRACE",
        }
    }

    /// Its key in a path item of OpenAPI, in lower case.
    pub fn key(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Get => "get",
            Self::Head => "head",
            Self::Options => "options",
            Self::Patch => "patch",
            Self::Post => "post",
            Self::Put => "put",
            Self::Trace => "trace",
        }
    }

    /// The method with this key in a path item.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.key() == key)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The hints of MCP about a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "MCP has these hints")]
pub struct ToolAnnotations {
    /// The tool's title.
    pub title: String,
    /// Whether a call changes nothing.
    pub read_only_hint: bool,
    /// Whether a call may change something for good.
    pub destructive_hint: bool,
    /// Whether the same call sent twice does no more than sent once.
    pub idempotent_hint: bool,
    /// Whether a call reaches anything beyond the API.
    pub open_world_hint: bool,
}

/// An argument that the server takes for itself and never sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerArgument {
    /// Where an earlier result is continued.
    Cursor,
    /// How many items are gathered over several pages.
    MaxItems,
    /// Which members of each item are passed on.
    Fields,
    /// Which part of the response is passed on.
    Part,
    /// Whether the request is shown instead of sent.
    DryRun,
    /// The call that the user agreed to.
    Confirmation,
}

impl ServerArgument {
    /// Its name in a call.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::MaxItems => "max_items",
            Self::Fields => "fields",
            Self::Part => "part",
            Self::DryRun => "dry_run",
            Self::Confirmation => "confirmation",
        }
    }
}

/// What the API's response to a call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseDescription {
    /// Where the result is.
    pub kind: ResponseKind,
    /// The member with the items, where the response is a page of a list.
    pub items: Option<String>,
    /// The member with the cursor of the next page.
    pub cursor: Option<String>,
    /// The members of each item that are passed on unless others are asked for; `None` where the API chooses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
}

/// Where the result of a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseKind {
    /// In the body, as JSON.
    Json,
    /// In a file that the response redirects to.
    Redirect,
}
