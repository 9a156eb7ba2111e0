//! The generated code, and the only place where it enters.
//!
//! The build writes three files from Torii's document: a typed client, one thin function per tool, and the manifest that
//! describes them. Nothing here is written by hand and nothing hand-written is generated.

#![expect(
    clippy::allow_attributes,
    reason = "which lints it sets off varies with the document"
)]
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    dead_code,
    unreachable_pub,
    reason = "generated code answers to the generator's tests, not to our lints"
)]

include!(concat!(env!("OUT_DIR"), "/client.rs"));
include!(concat!(env!("OUT_DIR"), "/tools.rs"));

/// What the generated tools are: see [`crate::catalog`].
pub const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest.json"));
