//! The commands of `cargo codegen`, and the script that runs them on a schedule.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

// adopting on a schedule: `.ci/adopt`
mod automation;
// what still has to be decided or reviewed
mod check;
// operations that moved
mod follow;
// downloading the document
mod fetch;
// a new project
mod init;
// what there is, and what changed
mod looking;
// a publisher of documents, on this machine
mod publisher;
// a folder with a small document in it
mod scratch;
// adopting a document
mod sync;
