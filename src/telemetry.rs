//! Logs, on standard error.
//!
//! Invariants: what is logged about a call is its request id, tool, outcome and duration; never
//! arguments, keys or answers.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::{
    filter::{Targets, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// What is logged unless something else is asked for.
pub const DEFAULT: &str = "warn,torii_mcp=info";

/// The same, read.
#[must_use]
pub fn default() -> Targets {
    DEFAULT.parse().unwrap_or_default()
}

/// Starts logging what `filter` lets through, for example `info` or `warn,torii_mcp=debug`.
pub fn start(filter: Targets) {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal()).with_target(false);
    // Below warnings, rmcp logs whole messages, arguments and answers included.
    let discreet = filter_fn(|event| !event.target().starts_with("rmcp") || *event.level() <= Level::WARN);
    // An error only says that logging has started already.
    let _ = tracing_subscriber::registry().with(filter).with(discreet).with(lines).try_init();
}
