//! The tools as assistants use them.

// what assistants and users send that they should not
mod bad_input;
// what comes back when Torii, or something in its place, does not behave
mod bad_upstream;
// what asks before it acts, and what is only shown
mod confirmation;
// what an organization calls its fields, what one can read and what to ask
mod custom_fields;
// everyday questions, and the right answers
mod everyday;
// what is null or empty, and what empties a field
mod empty_arguments;
// every tool, called as an assistant would
mod every_tool;
// what assistants pay in tokens
mod fitness;
// the schemas in the list, for the converters of clients
mod listed_schemas;
// pages that the server follows itself
mod pagination;
// what nobody here can know about Torii
mod sample_modes;
// everyday questions in every mode and size of the sample
mod questions;
// whether users' questions find the tools they want
mod search;
// what the texts say about Torii
mod texts;
// what a new user asks first
mod three_questions;
// the short list, and how the other tools are found and run
mod tool_list;
// responses that are too large
mod truncation;
// values of forms that Torii may have
mod variants;
