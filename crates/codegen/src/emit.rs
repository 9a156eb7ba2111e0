//! Emits what the server is built from: a manifest of the tools, and one thin function per tool that calls the client.

mod manifest;
mod tools;
mod typed;

pub use manifest::{digest, manifest, surface};
pub use tools::tools;
pub use typed::typed;
