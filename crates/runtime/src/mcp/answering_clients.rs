//! Which clients answer the questions that they say they show to their users.
//!
//! Some declare elicitation and never answer. One that was asked, and has answered nothing while its user could have, is not asked again.

use std::time::Duration;

use moka::sync::Cache;
use tokio::time::Instant;

/// How long a user has for an answer during a call: clients stop waiting for a call after a minute. Then the call is only prepared.
pub(super) const PATIENCE: Duration = Duration::from_secs(45);
/// How many clients are remembered. One that is forgotten is asked again.
const MAX_CLIENTS: u64 = 10_000;

/// The clients that were asked, by connection.
#[derive(Clone, Debug)]
pub(super) struct AnsweringClients(Cache<String, State>);

#[derive(Clone, Copy, Debug)]
enum State {
    /// It was asked first then, and has not answered yet.
    Asked(Instant),
    /// It has answered a question.
    Answers,
}

impl Default for AnsweringClients {
    fn default() -> Self {
        Self(Cache::new(MAX_CLIENTS))
    }
}

impl AnsweringClients {
    /// Whether a client may be asked: it was never asked, its user may still be reading the first question, or it has answered one.
    pub(super) fn may_be_asked(&self, client: &str) -> bool {
        match self.0.get(client) {
            Some(State::Asked(at)) => at.elapsed() < PATIENCE,
            Some(State::Answers) | None => true,
        }
    }

    /// Remembers that a client was asked.
    pub(super) fn asked(&self, client: &str) {
        self.0.entry_by_ref(client).or_insert_with(|| State::Asked(Instant::now()));
    }

    /// Remembers that a client has answered.
    pub(super) fn answered(&self, client: &str) {
        self.0.insert(client.to_owned(), State::Answers);
    }
}
