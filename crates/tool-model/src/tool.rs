//! One tool, as the manifest describes it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::consequence::{Confirm, Record};
use crate::{Mark, MemberShape, Table};

/// A tool: an operation of the API that assistants can call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// The name by which assistants call it.
    pub name: String,
    /// The name that users see.
    pub title: String,
    /// Its description for the assistant.
    pub description: String,
    /// The toolset that it belongs to.
    pub toolset: String,
    /// What a call does to the data.
    pub effect: Effect,
    /// Whether sending the same call twice has the same effect as sending it once.
    pub repeatable: bool,
    /// Which calls the user must confirm.
    pub confirm: Confirm,
    /// Whether it is in the tool list by default.
    pub default_listed: bool,
    /// Whether its result says today's date.
    #[serde(default, skip_serializing_if = "is_false")]
    pub says_today: bool,
    /// The scopes that a caller needs; all of them are required.
    pub scopes: Vec<String>,
    /// The `operationId` of its operation.
    pub operation_id: String,
    /// The HTTP method of its requests.
    pub method: Method,
    /// The path of its requests, relative to the server's URL.
    pub path: String,
    /// The API's rate limit for the operation, in calls per minute and credential.
    pub rate: Option<u32>,
    /// The JSON Schema of its arguments.
    pub input_schema: Arc<Map<String, Value>>,
    /// The whole JSON Schema of its arguments, if [`Self::input_schema`] is a shortened one: clients drop tools with large schemas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_input_schema: Option<Arc<Map<String, Value>>>,
    /// The JSON Schema of its result. It only describes the result and forbids nothing.
    pub output_schema: Option<Arc<Map<String, Value>>>,
    /// Its annotations for clients.
    pub annotations: ToolAnnotations,
    /// Its former names.
    pub aliases: Vec<String>,
    /// The name of the credential for its requests; `None` if the API requires none.
    pub credential: Option<String>,
    /// The arguments that the server handles and never sends to the API.
    pub server_arguments: Vec<ServerArgument>,
    /// The arguments that are sent if the assistant gives none, including those that the schema hides.
    pub defaults: Map<String, Value>,
    /// What those defaults leave out of a list, by argument.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub narrowing_defaults: BTreeMap<String, NarrowingDefault>,
    /// What a call changes of a record; `None` if it edits none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<Edits>,
    /// The record that a call is about, and how it is read; `None` if no tool reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// What an error says besides if the API has no such record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_found: Option<String>,
    /// The API's response.
    pub response: ResponseDescription,
    /// The media type of the body of its requests, if it is JSON of another type than `application/json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The size limit of a request that calls the tool, in bytes, if it is larger than the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_request_bytes: Option<usize>,
    /// Words that people use for its task; only the search uses them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub search_terms: Vec<String>,
    /// The resource type whose field keys are valid in its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_keys: Option<String>,
    /// The resource type whose field keys it lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists_keys: Option<String>,
    /// The tables whose rows it lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
}

/// What a default leaves out of a list, told to an assistant that did not choose it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NarrowingDefault {
    /// What is left out, and how to get it: a sentence that is added to a result.
    pub note: String,
    /// The arguments, and the keys of filters, by which one looks for something in particular. A call with one of them is told
    /// in any case, other calls if they find nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub searches: Vec<String>,
}

/// What a call changes of a record: the arguments that are its body, all of them optional or some of them able to be emptied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Edits {
    /// The arguments that say what is changed.
    pub arguments: Vec<String>,
    /// Whether a call without any of them changes nothing, so that it need not be sent.
    pub needs_some: bool,
    /// The values that empty those arguments which can be emptied.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub empty: Map<String, Value>,
    /// Whether arguments that the schema does not name can be emptied: the organization's own keys.
    #[serde(default, skip_serializing_if = "is_false")]
    pub empties_own_keys: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The members of a tool that only the server uses.
const INTERNAL: [&str; 17] = [
    "notFound",
    "saysToday",
    "fullInputSchema",
    "contentType",
    "confirm",
    "credential",
    "serverArguments",
    "defaults",
    "narrowingDefaults",
    "edits",
    "record",
    "response",
    "maxRequestBytes",
    "searchTerms",
    "takesKeys",
    "listsKeys",
    "tables",
];

impl Tool {
    /// The schema that arguments are checked against.
    #[must_use]
    pub fn checked_schema(&self) -> &Arc<Map<String, Value>> {
        self.full_input_schema.as_ref().unwrap_or(&self.input_schema)
    }

    /// The tool as JSON, without the members that only the server uses.
    pub fn to_public_json(&self) -> Value {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = json.as_object_mut() {
            members.retain(|key, _| !INTERNAL.contains(&key.as_str()));
        }
        json
    }
}

/// What a call does to the data. Effects are ordered from harmless to irreversible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// It changes something.
    Write,
    /// It changes something irreversibly.
    Destroy,
}

impl Effect {
    /// All effects, in their order.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Destroy];

    /// Its name in manifests and overlays.
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

    /// The method with this key in a path item, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.key() == key)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The tool annotations of MCP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "MCP has these hints")]
pub struct ToolAnnotations {
    /// The tool's title.
    pub title: String,
    /// Whether a call changes nothing.
    pub read_only_hint: bool,
    /// Whether a call may change something irreversibly.
    pub destructive_hint: bool,
    /// Whether sending the same call twice has the same effect as sending it once.
    pub idempotent_hint: bool,
    /// Whether a call reaches anything beyond the API.
    pub open_world_hint: bool,
}

/// An argument that the server handles and never sends to the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerArgument {
    /// Where to continue an earlier result.
    Cursor,
    /// How many items to fetch, over several pages.
    MaxItems,
    /// Which members of each item to return.
    Fields,
    /// Which part of the response to return.
    Part,
    /// Which fields to empty.
    Clear,
    /// Whether to show the request instead of sending it.
    DryRun,
    /// The confirmation of the call.
    Confirmation,
    /// The key with which a call is made once, however often it is sent.
    IdempotencyKey,
}

impl ServerArgument {
    /// Its name among the arguments.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::MaxItems => "max_items",
            Self::Fields => "fields",
            Self::Part => "part",
            Self::Clear => "clear",
            Self::DryRun => "dry_run",
            Self::Confirmation => "confirmation",
            Self::IdempotencyKey => "idempotency_key",
        }
    }
}

/// The API's response to a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponseDescription {
    /// Where the result is.
    pub kind: ResponseKind,
    /// The media types that its requests accept (RFC 9110, section 12.5.1), if they are not just `application/json`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "mediaTypes")]
    pub media_types: Vec<String>,
    /// The member that contains the items, if the response is a page of a list.
    pub items: Option<String>,
    /// The member that contains the cursor of the next page.
    pub cursor: Option<String>,
    /// The members of each item that are returned by default; `None` if the API selects them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    /// The display names of fields that are requested by default as well, for those that the organization has: their keys differ
    /// from one organization to the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "fieldsByName")]
    pub fields_by_name: Vec<String>,
    /// What is shown of members of each item, or of a single record; other members are shown whole.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, MemberShape>,
    /// Whether members are left out that are null, or an empty text, list or object.
    #[serde(default, skip_serializing_if = "is_false", rename = "omitsEmpty")]
    pub omits_empty: bool,
    /// What is said of each item: whether another list has it, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// Where the result of a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseKind {
    /// In the body, as JSON.
    Json,
    /// In the body, as text or bytes of another media type.
    Content,
    /// In a file that the response redirects to.
    Redirect,
}
