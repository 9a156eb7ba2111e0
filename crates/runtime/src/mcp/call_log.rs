//! One line in the log for each call.
//!
//! Invariant: a call that was sent to the API always has its line, whatever else happens. Of calls that had no effect, of which a client
//! can make thousands in a second, a limited number is logged, and how many were not.

use mcp_http::{
    caller::Caller,
    log::{Line, LineLimit},
};
use tokio::time::Instant;

use crate::{
    catalog::Tool,
    pipeline::CallOutcome,
    tool_error::{ErrorKind, ToolError},
};

/// How many calls without an effect are logged in a second, of all users.
const WITHOUT_EFFECT: u32 = 50;

/// The log of calls.
#[derive(Debug)]
pub(super) struct CallLog {
    without_effect: LineLimit,
}

impl Default for CallLog {
    fn default() -> Self {
        Self { without_effect: LineLimit::new(WITHOUT_EFFECT) }
    }
}

impl CallLog {
    /// Logs a call with its outcome, `None` if it was cancelled. A preview sends nothing. Over HTTP, the request's ID is in the span.
    pub(super) fn note<Question>(
        &self,
        (caller, tool): (&Caller, &Tool),
        (is_preview, outcome): (bool, Option<&Result<CallOutcome<Question>, ToolError>>),
        started_at: Instant,
    ) {
        let (status, has_effect) = match outcome {
            Some(Ok(CallOutcome::Result(_))) => ("ok", !is_preview),
            Some(Ok(CallOutcome::Question(_))) => ("to_confirm", false),
            Some(Err(failure)) => (failure.kind.name(), !is_unsent(failure.kind)),
            None => ("cancelled", true),
        };
        let line = if has_effect { Line::Logged } else { self.without_effect.note(Instant::now().into_std()) };
        match line {
            Line::Logged => {
                let ms = started_at.elapsed().as_millis();
                tracing::info!(connection = caller.connection(), tool = tool.name, status, ms, "call");
            }
            Line::Dropped(Some(count)) => {
                tracing::warn!(
                    count,
                    connection = caller.connection(),
                    "calls that were rejected or only previewed are not logged"
                );
            }
            Line::Dropped(None) => {}
        }
    }
}

/// Whether a call with this error was never sent, or the API only said that there are too many.
fn is_unsent(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NoTool
            | ErrorKind::Confirmation
            | ErrorKind::Arguments
            | ErrorKind::InvalidRequest
            | ErrorKind::KeyMissing
            | ErrorKind::RateLimited { .. }
            | ErrorKind::TooManyCalls
    )
}
