//! Every integration test, in one binary so that everything is linked once.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on should say so and stop")]

// what a build from Torii's own document gives, and what the server is linked from
mod build;
// clients that nobody here wrote
mod clients;
// what the generator makes of each folder of `tests/corpus`
mod golden;
// one of those, compiled and called
mod golden_call;
// input nobody meant to write: it never panics and never hangs
mod hostile;

// where generated code looks for what it stands on
pub use golden_call::upstream;
pub use torii_mcp::arguments;
