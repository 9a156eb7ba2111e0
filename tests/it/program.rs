//! The program: its commands, its documents, and the structure of its code.

// what the commands print, and how they end
mod command_line;
mod completions;
// what `config check` tries
mod config_check;
// the store that the operator's commands read
mod connections;
// the libraries name no product
mod library_words;
// which modules need which others: never one that needs them
mod module_graph;
// certificate authorities and proxies of the environment
mod network;
// the parts of README.md that the program decides
mod readme;
