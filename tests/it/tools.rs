//! The tools as assistants use them.

// invalid requests of assistants and users
mod bad_input;
// responses that are not as documented, or not from Torii
mod bad_upstream;
// what results leave out, and what they say besides
mod concise;
// confirmations and dry runs
mod confirmation;
// custom fields, resources and prompts
mod custom_fields;
// everyday questions, and the right answers
mod everyday;
// what is null or empty, and what empties a field
mod empty_arguments;
// every tool, called as an assistant would
mod every_tool;
// the tokens that tools and results cost
mod fitness;
// the schemas in the list, for the converters of clients
mod listed_schemas;
// the next steps of errors, followed
mod next_steps;
// pages that the server follows itself
mod pagination;
// `torii-mcp probe`
mod probe;
// what is inferred, and where that is said
mod provenance;
// the calls of the prompts in every mode of the sample
mod prompts;
// tools in the modes of the sample
mod sample_modes;
// `query`: SQL over lists
mod query;
mod query_loading;
// everyday questions in every mode and size of the sample
mod questions;
// whether users' questions find the tools they want
mod search;
// texts of tools and prompts
mod texts;
// the three questions of README.md
mod three_questions;
// the short list, and how the other tools are found and run
mod tool_list;
// creates that are sent again
mod repeated_calls;
// what a call changes, read before anybody is asked
mod changes;
// responses that are too large
mod truncation;
// names in `fields` that nothing has
mod unknown_fields;
// values of forms that Torii may have
mod variants;
