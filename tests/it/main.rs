//! Every integration test, in one binary so that everything is linked once.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

// an assistant's side of MCP: both eras over HTTP, and stdio
mod assistant;
// attacks on the connector
mod attacks;
// what assistants and users send that they should not
mod bad_input;
// what comes back when Torii, or something in its place, does not behave
mod bad_upstream;
// clients that act for themselves
mod automation;
// the browser for the user's side
mod browser;
// what a build from Torii's own document gives, and what the server is linked from
mod build;
// clients that nobody here wrote
mod clients;
// what the commands print, and how they end
mod command_line;
// the server with sign-in, in this process
mod test_server;
// the built program with sign-in, as an operator runs it
mod spawned;
// every tool, called as an assistant would
mod every_tool;
// access tokens of an authorization server that is not ours
mod external_server;
// what happens when something breaks
mod faults;
// what assistants pay in tokens
mod fitness;
// what the generator makes of each folder of `tests/corpus`
mod golden;
// one of those, compiled and called
mod golden_call;
// the short list, and how the other tools are found and run
mod tool_list;
// input nobody meant to write: it never panics and never hangs
mod hostile;
// which modules need which others: never one that needs them
mod module_graph;
// what changes of the API document do to the tools
mod mutations;
// a real PostgreSQL, started for the tests
mod postgres;
// the pages as users see them, in a browser
mod pages;
// a user in a browser, with the built program
mod browser_login;
// what asks before it acts, and what is only shown
mod confirmation;
// the built program, as its users run it
mod process;
// a real identity provider
mod provider;
// what makers of assistants publish, and what they sign
mod client_documents;
// the parts of README.md that the program decides
mod readme;
mod rights;
// assistants that users use, as they register and ask
mod real_clients;
// what an organization calls its fields, what one can read and what to ask
mod custom_fields;
// the form of error texts
mod error_style;
// responses that are too large
mod truncation;
// from one edition of Torii's document to the next
mod regenerating;
// whether users' questions find the tools they want
mod search;
// from nothing to a connected assistant
mod sign_in;
// users of an identity provider
mod single_sign_on;
// a host that means no good, and what it should not reach
mod untrusted_host;
// the contract of a store, for each database
mod store;
// what a new user asks first
mod three_questions;
// a Torii that does what a test says, and remembers what it was asked
mod library_words;
mod mock_api;
// pages that the server follows itself
mod pagination;
