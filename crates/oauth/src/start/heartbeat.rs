//! Replicas that share a store count each other: each records regularly that it runs.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use mcp_http::{log, replicas::Replicas};
use tokio::time::{self, Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::store::Store;

#[cfg(test)]
mod tests;

/// How often a replica records that it runs and counts the others.
const INTERVAL: Duration = Duration::from_secs(10);
/// After what time without a heartbeat a replica is not counted any more.
const LIFETIME: Duration = Duration::from_secs(30);
/// How many heartbeats are in a minute, for which the calls of a replica that has stopped still count.
const N_IN_MINUTE: usize = 6;

/// Records that this replica runs, and counts all that do.
pub(super) struct Heartbeat {
    store: Arc<dyn Store>,
    id: String,
    replicas: Replicas,
    /// The numbers of replicas that the heartbeats of the last minute found, the latest last. Heartbeats that failed are left out.
    counts: VecDeque<u32>,
}

impl Heartbeat {
    pub(super) fn new(store: Arc<dyn Store>, id: String, replicas: Replicas) -> Self {
        Self { store, id, replicas, counts: VecDeque::with_capacity(N_IN_MINUTE) }
    }

    /// Counts the replicas, and goes on doing so regularly until `stop` is cancelled. `tasks` ends after this replica is not counted any
    /// more.
    pub(super) async fn start(mut self, stop: CancellationToken, tasks: &TaskTracker) {
        self.beat().await;
        tasks.spawn(self.run(stop));
    }

    async fn run(mut self, stop: CancellationToken) {
        let mut turn = time::interval_at(Instant::now() + INTERVAL, INTERVAL);
        turn.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(turn.tick()).await.is_some() {
            self.beat().await;
        }
        if let Err(error) = self.store.leave(&self.id).await {
            log::error(&error);
        }
    }

    /// Counts the replicas once. A higher number takes effect at once, a lower one after a minute: until then the last calls of a replica
    /// that stopped still count against the rates, and a replica that is restarted is back. If the store does not answer, the number stays.
    async fn beat(&mut self) {
        let is_first = self.counts.is_empty();
        let count = match self.store.heartbeat(&self.id, LIFETIME).await {
            Ok(count) => count,
            Err(error) => {
                if is_first {
                    // until it is known how many there are, it is one of two
                    self.replicas.join(2, Instant::now() + INTERVAL);
                }
                return log::error(&error);
            }
        };
        if self.counts.len() > N_IN_MINUTE {
            self.counts.pop_front();
        }
        self.counts.push_back(count);
        let highest = self.counts.iter().copied().max().unwrap_or(count);
        // each of the others notices a new replica at its next heartbeat
        let has_changed =
            if is_first { self.replicas.join(count, Instant::now() + INTERVAL) } else { self.replicas.set(highest) };
        if has_changed {
            tracing::info!(count = self.replicas.count(), "replicas share the rates of the API");
        }
    }
}
