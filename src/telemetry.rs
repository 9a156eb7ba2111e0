//! Logging to standard error.
//!
//! Invariants:
//! - The log entry of a call contains its request ID, tool, outcome and duration; never arguments, keys or responses.
//! - Logging never blocks on standard error: lines go through a queue ([`log_queue`]).

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::IsTerminal,
    panic,
    sync::OnceLock,
    thread,
    time::Duration,
};

use tracing::Level;
use tracing_subscriber::{
    Registry,
    filter::{Targets, filter_fn},
    fmt::{self, writer::BoxMakeWriter},
    layer::SubscriberExt,
    reload,
    util::SubscriberInitExt,
};

mod log_queue;

use log_queue::LogQueue;

/// The default log filter.
pub const DEFAULT: &str = "info,rmcp=off,sqlx=warn";
/// How long the process waits at its end for lines that are not written yet.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Changes the log filter while the program runs.
static FILTER: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// The default log filter, parsed.
#[must_use]
pub fn default() -> Targets {
    DEFAULT.parse().unwrap_or_default()
}

/// Enables logging as long as it exists. When it is dropped, the queued lines are written, unless standard error is not read.
#[must_use]
pub struct Logs(Option<LogQueue>);

impl Logs {
    /// Writes a line to standard error, after the queued ones.
    pub fn write_line(&self, line: &str) {
        let line = format!("{line}\n");
        match &self.0 {
            Some(queue) => queue.push_always(line.into_bytes()),
            // If standard error is closed, the error cannot be reported anywhere.
            None => drop(std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes())),
        }
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        if let Some(queue) = &self.0 {
            queue.flush(LAST_LINES);
        }
    }
}

/// Starts logging with this filter, for example `info` or `warn,openapi_mcp=debug`.
pub fn start(filter: Targets) -> Logs {
    // If the thread cannot be started, logging blocks on standard error, which is better than no logging.
    let queue = LogQueue::start(std::io::stderr()).ok();
    let writer = match &queue {
        Some(queue) => BoxMakeWriter::new(queue.clone()),
        None => BoxMakeWriter::new(std::io::stderr),
    };
    if let Some(queue) = queue.clone() {
        panic::set_hook(Box::new(move |panic| queue.push(describe(panic).as_bytes())));
    }
    let lines = fmt::layer().with_writer(writer).with_ansi(std::io::stderr().is_terminal()).with_target(false);
    // Below warnings, rmcp logs whole messages, arguments and responses included.
    let discreet = filter_fn(|event| !event.target().starts_with("rmcp") || *event.level() <= Level::WARN);
    // The only possible error is that logging has already been started.
    let (filter, handle) = reload::Layer::new(filter);
    if tracing_subscriber::registry().with(filter).with(discreet).with(lines).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
    Logs(queue)
}

/// Changes the log filter. Returns whether logging has been started.
pub fn set_filter(filter: Targets) -> bool {
    FILTER.get().is_some_and(|handle| handle.reload(filter).is_ok())
}

/// Formats a panic as the standard library does. The standard library's own hook would block on standard error.
fn describe(panic: &panic::PanicHookInfo<'_>) -> String {
    let thread = thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    let backtrace = Backtrace::capture();
    match backtrace.status() {
        BacktraceStatus::Captured => format!("thread '{name}' {panic}\n{backtrace}\n"),
        _ => format!("thread '{name}' {panic}\n"),
    }
}
