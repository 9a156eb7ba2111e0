//! How failures are logged.

/// Logs a failure of the server itself, with what caused it.
pub fn error(error: &dyn std::error::Error) {
    let cause = error.source().map(tracing::field::display);
    tracing::error!(%error, cause, "failed");
}
