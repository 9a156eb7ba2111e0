//! The generated code, and the only place where it enters.
//!
//! The build writes from Torii's document: a typed client, one thin function per tool, the manifest that
//! describes them, and the ledger of operations. Nothing here is written by hand and nothing hand-written
//! is generated.

#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    unreachable_pub,
    unused,
    reason = "generated code answers to the generator's tests, and which lints it sets off varies with the document"
)]

include!(concat!(env!("OUT_DIR"), "/client.rs"));
include!(concat!(env!("OUT_DIR"), "/tools.rs"));

/// What the generated tools are: see [`crate::catalog`].
pub const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest.json"));

/// What became of each operation, for a terminal: see `docs/generator.md`.
pub const COVERAGE_TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.txt"));
/// The same as a Markdown table.
pub const COVERAGE_MARKDOWN: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.md"));
/// The same for programs; its form is a contract.
pub const COVERAGE_JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.json"));
