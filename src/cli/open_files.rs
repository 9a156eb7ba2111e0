//! The limit on open files: each connection is one.

use openapi_mcp::http::{Bounds, HealthBounds};

/// Files besides connections: the store, logs, and what the runtime needs.
const OTHERS: usize = 128;

/// How many files a server with so many connections may have open. A request can need one more, to Torii.
fn needed(connections: usize) -> u64 {
    let needed = connections.saturating_mul(2).saturating_add(Bounds::OVERFLOW + HealthBounds::CONNECTIONS + OTHERS);
    u64::try_from(needed).unwrap_or(u64::MAX)
}

/// Raises the limit as far as this process may, and warns if that is too little for so many connections.
pub(super) fn raise_limit(connections: usize) {
    let needed = needed(connections);
    if let Some(limit) = raised(needed).filter(|limit| *limit < needed) {
        tracing::warn!(
            limit,
            needed,
            "too few files may be open for `limits.connections`: set `LimitNOFILE={needed}` in the systemd unit or run `ulimit -n {needed}` \
             before, or lower `limits.connections`"
        );
    }
}

/// The limit after it was raised; none if there is none.
#[cfg(unix)]
fn raised(needed: u64) -> Option<u64> {
    use rustix::process::{Resource::Nofile, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Nofile);
    let raise = |to| setrlimit(Nofile, Rlimit { current: to, maximum });
    // some systems refuse what their hard limit allows
    if current != maximum && raise(maximum).is_err() && current.is_some_and(|current| current < needed) {
        // whether that worked is read below
        let _ = raise(Some(needed));
    }
    getrlimit(Nofile).current
}

#[cfg(not(unix))]
fn raised(_needed: u64) -> Option<u64> {
    None
}
