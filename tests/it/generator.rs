//! The generator: what it makes of documents, and how a team regenerates.

// what a build from Torii's own document gives, and what the server is linked from
mod build;
// what two of the next tests share: generated code and the API that it calls
mod compiled;
// what the generator makes of each folder of `tests/corpus`
mod golden;
// one of those, compiled and called
mod golden_call;
// another one's typed client, compiled and called
mod golden_typed;
// input nobody meant to write: it never panics and never hangs
mod hostile;
// what changes of the API document do to the tools
mod mutations;
// from one edition of Torii's document to the next
mod regenerating;
