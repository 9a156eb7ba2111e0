//! Every integration test, in one binary so that everything is linked once.

#![expect(clippy::expect_used, reason = "a test that cannot go on should say so and stop")]

// clients that nobody here wrote
mod clients;
