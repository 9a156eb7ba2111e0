//! The limit on open files: each connection uses one.

use openapi_mcp::http::{Bounds, HealthBounds};

/// The open files besides connections: the store, logs, and those of the runtime.
const OTHERS: usize = 128;
/// A server with fewer connections is of no use, even if files to open run out.
const FEWEST: usize = 16;

/// The open files besides those of connections and their requests.
const RESERVED: usize = Bounds::OVERFLOW + HealthBounds::CONNECTIONS + OTHERS;

/// How many open files a server with this many connections needs. Each request can need another one, for its connection to Torii.
fn needed(connections: usize) -> u64 {
    u64::try_from(connections.saturating_mul(2).saturating_add(RESERVED)).unwrap_or(u64::MAX)
}

/// How many connections this many open files allow.
fn fitting(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(RESERVED) / 2
}

/// Raises the limit as far as possible. If it is too low for this many connections, warns, and returns how many to serve instead.
pub(super) fn raise_limit(connections: usize) -> usize {
    let needed = needed(connections);
    let Some(limit) = raised(needed).filter(|limit| *limit < needed) else { return connections };
    let connections = fitting(limit).max(FEWEST);
    tracing::warn!(
        limit,
        needed,
        connections,
        "too few files may be open for `limits.connections`, so fewer connections are served: set `LimitNOFILE={needed}` in the systemd unit or \
         run `ulimit -n {needed}` before, or lower `limits.connections`"
    );
    connections
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_needs_no_more_than_there_is() {
        for limit in [448, 470, 1_024, 2_448] {
            let connections = fitting(limit);
            assert!(needed(connections) <= limit && needed(connections + 1) > limit, "{limit}: {connections}");
        }
        assert_eq!(fitting(100), 0);
    }
}
