//! The generated code, and the only place where it enters.
//!
//! The build writes from Torii's document: a typed client, one thin function per tool, the manifest that describes them, and the
//! coverage of operations. Nothing there is written by hand. What the generated code calls, it reaches through `super`, so it is here.

use std::sync::LazyLock;

use openapi_mcp::{
    arguments::Arguments,
    catalog::{self, Catalog},
    tool_error::ToolError,
    upstream::{Call, Received, ToolFn, ToolFns},
};
use openapi_mcp_model::Coverage;
use progenitor_client::{ByteStream, ClientHooks, ClientInfo, Error, OperationInfo, ResponseValue};
use reqwest::{Request, Response};

/// What the generator wrote.
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    unreachable_pub,
    unused,
    reason = "generated code answers to the generator's tests, and which lints it sets off varies with the document"
)]
mod code {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
    include!(concat!(env!("OUT_DIR"), "/tools.rs"));
}

use code::Client;

/// What the generated tools are: see [`openapi_mcp::catalog`].
pub const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest.json"));

/// What became of each operation, for a terminal: see `docs/explanation/generator.md`.
pub const COVERAGE_TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.txt"));
/// The same as a Markdown table.
pub const COVERAGE_MARKDOWN: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.md"));
/// The same for programs; its form is a contract.
pub const COVERAGE_JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.json"));

/// The functions of all tools.
pub const TOOL_FNS: ToolFns = code::TOOL_FNS;

/// Why the compiled-in tools cannot be used: the build is broken.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The manifest does not have the form expected here.
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    /// The manifest names a tool that was not generated.
    #[error("tool `{0}` has no generated function, so build again")]
    NoFunction(String),
}

/// The tools that were compiled in, for the life of the process.
///
/// # Errors
/// When the generated parts do not fit together.
pub fn catalog() -> Result<&'static Catalog, LoadError> {
    joined(Catalog::parse(MANIFEST)?).map(|catalog| &*Box::leak(Box::new(catalog)))
}

/// The catalog, if each of its tools has a function.
fn joined(catalog: Catalog) -> Result<Catalog, LoadError> {
    let has_function = |name: &str| TOOL_FNS.binary_search_by(|(function, _)| (*function).cmp(name)).is_ok();
    match catalog.tools().iter().find(|tool| !has_function(&tool.name)) {
        Some(tool) => Err(LoadError::NoFunction(tool.name.clone())),
        None => Ok(catalog),
    }
}

/// How many of the document's operations have a tool, and how many there are.
#[must_use]
pub fn operation_counts() -> (usize, usize) {
    static COUNTS: LazyLock<(usize, usize)> = LazyLock::new(|| {
        let coverage = serde_json::from_str(COVERAGE_JSON).map(|coverage: Coverage| coverage.totals);
        let totals = coverage.unwrap_or_default();
        (totals.exposed, totals.operations)
    });
    *COUNTS
}

/// The typed client for one call.
fn client(call: Call) -> Client {
    Client::new_with_client(call.clone().base_url(), call.http_client(), call)
}

/// What the request of a client's call was answered.
fn received(client: &Client, sent: Result<ResponseValue<ByteStream>, Error<ByteStream>>) -> Result<Received, ToolError> {
    client.inner().received(sent)
}

impl ClientHooks<Call> for Client {
    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        self.inner().send(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_without_its_functions_does_not_load() {
        let manifest = MANIFEST.replacen(&catalog().unwrap().tools()[0].name, "renamed", 1);
        let error = joined(Catalog::parse(&manifest).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "tool `renamed` has no generated function, so build again");
    }
}
