//! Fails at once while the database does not answer.
//!
//! A pool waits for seconds for a connection that cannot be made, and a statement for its response from a database that is gone.
//! After a failure, or when something takes long, one connection outside of the pool tries whether the database answers. If it
//! does not, everything that waits for it fails, and so does everything new, until such a connection succeeds.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{Error, Result, dialect::Cause};

#[cfg(test)]
mod tests;

/// After how long something that waits for the database makes this try whether the database answers.
const SLOW: Duration = Duration::from_millis(500);
/// How long a request waits for a database that does not answer, in case it is only restarting.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long to wait between two attempts.
const BETWEEN: Duration = Duration::from_millis(200);

/// The result of an attempt: why the database does not answer, if it does not.
pub(super) type Attempt = Pin<Box<dyn Future<Output = std::result::Result<(), String>> + Send>>;

/// Whether a database answers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Breaker(Option<Arc<Inner>>);

struct Inner {
    /// Why the database does not answer, if it does not.
    silence: watch::Sender<Option<Arc<str>>>,
    is_trying: AtomicBool,
    attempt: Box<dyn Fn() -> Attempt + Send + Sync>,
}

impl Breaker {
    /// One that tries with `attempt` whether the database answers.
    pub(super) fn new(attempt: impl Fn() -> Attempt + Send + Sync + 'static) -> Self {
        let silence = watch::Sender::new(None);
        Self(Some(Arc::new(Inner { silence, is_trying: AtomicBool::new(false), attempt: Box::new(attempt) })))
    }

    /// For a database that is part of this process.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// Fails if the database does not answer, and will not soon.
    pub(super) async fn wait(&self) -> Result<()> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let Some(why) = inner.silence.borrow().clone() else { return Ok(()) };
        let mut silence = inner.silence.subscribe();
        match timeout(PATIENCE, silence.wait_for(Option::is_none)).await {
            Ok(_) => Ok(()),
            Err(_) => Err(unavailable(&why)),
        }
    }

    /// Does something with the database, and fails as soon as it is known that the database does not answer.
    pub(super) async fn watch<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let Some(inner) = &self.0 else { return work.await };
        let mut silence = inner.silence.subscribe();
        let silent = async {
            let why = silence.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
            unavailable(&why.unwrap_or_default())
        };
        let slow = async {
            sleep(SLOW).await;
            inner.try_database();
            std::future::pending().await
        };
        let result = tokio::select! {
            result = work => result,
            error = silent => return Err(error),
            never = slow => never,
        };
        if matches!(result, Err(Error::Unavailable(_))) {
            inner.try_database();
        }
        result
    }
}

impl Inner {
    /// Tries whether the database answers, unless this is being tried already, and again until it does.
    fn try_database(self: &Arc<Self>) {
        if !self.is_trying.swap(true, Ordering::AcqRel) {
            tokio::spawn(try_until_it_answers(Arc::downgrade(self)));
        }
    }
}

/// Ends when the database answers, or nobody needs it any more.
async fn try_until_it_answers(inner: Weak<Inner>) {
    loop {
        let Some(attempt) = inner.upgrade().map(|inner| (inner.attempt)()) else { return };
        let outcome = attempt.await;
        let Some(inner) = inner.upgrade() else { return };
        let was_silent = inner.silence.borrow().is_some();
        match outcome {
            Ok(()) => {
                if was_silent {
                    tracing::info!("the store answers again");
                    inner.silence.send_replace(None);
                }
                inner.is_trying.store(false, Ordering::Release);
                return;
            }
            Err(why) => {
                if !was_silent {
                    tracing::error!(cause = why, "the store does not answer; until it does, requests that need it get 503");
                }
                inner.silence.send_replace(Some(why.into()));
            }
        }
        drop(inner);
        sleep(BETWEEN).await;
    }
}

fn unavailable(why: &str) -> Error {
    Error::Unavailable(Box::new(Cause(why.to_owned())))
}
