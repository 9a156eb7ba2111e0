//! Every integration test, in one binary so that everything is linked once.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

// attacks on the connector
mod attacks;
mod auth;
// clients that nobody here wrote
mod clients;
// what happens when something breaks
mod faults;
mod generator;
mod program;
// the contract of a store, for each database
mod store;
mod support;
mod tools;
