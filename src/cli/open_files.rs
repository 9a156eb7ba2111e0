//! The limit on open files: each connection uses one.

use openapi_mcp::http::{Bounds, HealthBounds};

/// The open files besides connections: the store, logs, and those of the runtime.
const OTHERS: usize = 128;

/// How many open files a server with this many connections needs. Each request can need another one, for its connection to Torii.
fn needed(connections: usize) -> u64 {
    let needed = connections.saturating_mul(2).saturating_add(Bounds::OVERFLOW + HealthBounds::CONNECTIONS + OTHERS);
    u64::try_from(needed).unwrap_or(u64::MAX)
}

/// Raises the limit as far as possible, and warns if it is too low for this many connections.
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

/// Raises the limit and returns it; `None` if it is unlimited.
#[cfg(unix)]
fn raised(needed: u64) -> Option<u64> {
    use rustix::process::{Resource::Nofile, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Nofile);
    let raise = |to| setrlimit(Nofile, Rlimit { current: to, maximum });
    // some systems reject values that their hard limit allows
    if current != maximum && raise(maximum).is_err() && current.is_some_and(|current| current < needed) {
        // the result is read below
        let _ = raise(Some(needed));
    }
    getrlimit(Nofile).current
}

#[cfg(not(unix))]
fn raised(_needed: u64) -> Option<u64> {
    None
}
