//! The contract between a generator of MCP tools and the server that serves them.
//!
//! The generator builds a [`Manifest`] from an OpenAPI document and an overlay, and serializes it. The server deserializes it
//! when it starts. Both use the types of this crate, so that every name in the manifest is defined in one place.

mod consequence;
mod coverage;
mod shape;
mod table;
mod tool;

pub use consequence::{Confirm, Record};
pub use coverage::{Coverage, CoverageEntry, CoverageState, CoverageTotals};
pub use shape::{Mark, MemberShape};
pub use table::{Column, ColumnKind, Conditions, Fallback, Offset, Table};
pub use tool::{
    Edits, Effect, Method, NarrowingDefault, ResponseDescription, ResponseKind, ServerArgument, Tool, ToolAnnotations,
};

use serde::{Deserialize, Serialize};

/// Everything that a server knows about an API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The OpenAPI document that all of this was generated from.
    pub document: Document,
    /// The URL of the API's server, without a trailing slash; empty if the document specifies none.
    pub server: String,
    /// The names and texts of the server and of the product behind the API.
    pub product: Product,
    /// The OAuth scopes, in the order in which users see them; each comes after those that it implies.
    pub scopes: Vec<ScopeDefinition>,
    /// The credentials for calls of the API.
    pub credentials: Vec<CredentialDefinition>,
    /// The tools, sorted by name.
    pub tools: Vec<Tool>,
    /// The state of each operation of the document, sorted by path and method.
    pub operations: Vec<CoverageEntry>,
}

/// The document that the tools were generated from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// The names and texts that the server shows to clients and users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// The name of the product behind the API, as used in sentences.
    pub name: String,
    /// The name by which programs identify the server: `serverInfo.name` in MCP.
    pub server_name: String,
    /// The title of the server, for users.
    pub title: String,
    /// One sentence about the server.
    pub description: String,
    /// The instructions that every assistant gets when it connects.
    pub instructions: String,
}

/// An OAuth scope. A tool needs the scope whose `effect` is the tool's, and the scope whose `credential` is the tool's if there
/// is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScopeDefinition {
    /// Its name in OAuth requests.
    pub name: String,
    /// What it allows, in a few words with which a sentence can begin.
    pub title: String,
    /// What it allows, in one or two sentences.
    pub description: String,
    /// The scopes that it includes.
    pub implies: Vec<String>,
    /// Tools with this effect need the scope.
    pub effect: Option<Effect>,
    /// Tools that are called with this credential need the scope.
    pub credential: Option<String>,
}

/// A credential for calls of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialDefinition {
    /// The name of the security scheme in the document.
    pub name: String,
    /// How a request carries it.
    pub scheme: SecurityScheme,
    /// The environment variable that contains it.
    pub variable: String,
    /// Its name for users.
    pub title: String,
    /// Where users get it.
    pub description: String,
}

/// How a request carries a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SecurityScheme {
    /// As a bearer token in the `Authorization` header (RFC 6750).
    HttpBearer,
    /// As `user:password` in the `Authorization` header (RFC 7617).
    HttpBasic,
    /// As it is, in the header of this name.
    ApiKey(String),
}
