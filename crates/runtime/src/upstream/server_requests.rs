//! Requests that the server sends for itself, such as looking users up, share the documented rates with those of tools.

use std::time::Duration;

use mcp_http::{caller::Key, replicas::Replicas};
use tokio::time::{Instant, sleep_until};

use super::{
    Upstream, exchange,
    rate_limit::{RateKey, Sender},
};
use crate::catalog::Tool;

impl Upstream {
    /// The number of replicas that share the documented rates; whoever counts them sets it.
    #[must_use]
    pub fn replicas(&self) -> Replicas {
        self.0.replicas.clone()
    }

    /// Waits until the server itself may send a request of a tool's operation with this key. Users leave a part of the rate for it.
    ///
    /// # Errors
    /// The number of seconds after which one may be sent, if that is more than `patience` away.
    pub async fn turn_of_server(&self, tool: &'static Tool, key: &Key, patience: Duration) -> Result<(), u64> {
        let Some(rate) = tool.rate.filter(|_| self.0.limits.is_rate_limited) else { return Ok(()) };
        let now = Instant::now();
        let turn = self.0.rate_limits.reserve((RateKey::of(tool, key), &Sender::Server), rate, now, now + patience);
        sleep_until(turn.map_err(|at| exchange::seconds_until(at, now))?).await;
        Ok(())
    }

    /// Records that the API has rate-limited a request of the server itself.
    pub fn was_rate_limited(&self, tool: &'static Tool, key: &Key, wait: Duration) {
        self.0.rate_limits.exhausted(RateKey::of(tool, key), Instant::now(), wait);
    }

    /// Records that the API has answered a request of the server itself with something else.
    pub fn was_answered(&self, tool: &'static Tool, key: &Key) {
        self.0.rate_limits.answered(RateKey::of(tool, key), Instant::now());
    }
}
