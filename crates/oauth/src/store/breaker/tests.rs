use std::sync::Mutex;

use tokio::{sync::oneshot, time::Instant};

use super::*;

/// A database that answers or not, as a test says.
#[derive(Clone, Default)]
struct Database(Arc<Mutex<Option<String>>>);

impl Database {
    fn breaker(&self) -> Breaker {
        let state = Arc::clone(&self.0);
        Breaker::new(move || {
            let state = state.lock().unwrap().clone();
            Box::pin(async move { state.map_or(Ok(()), Err) })
        })
    }

    fn answers(&self) {
        *self.0.lock().unwrap() = None;
    }

    fn refuses(&self, why: &str) {
        *self.0.lock().unwrap() = Some(why.to_owned());
    }
}

fn cause<T: std::fmt::Debug>(result: Result<T>) -> String {
    mcp_http::log::with_causes(&result.unwrap_err())
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_database_that_is_gone_fails_soon_and_what_is_new_sooner() {
    let database = Database::default();
    let breaker = database.breaker();
    database.refuses("connection refused");
    let began = Instant::now();
    let never = breaker.watch(std::future::pending::<Result<()>>());
    assert_eq!(cause(never.await), "the store does not answer: connection refused");
    assert_eq!(began.elapsed(), SLOW);
    for _ in 0..3 {
        let began = Instant::now();
        assert_eq!(cause(breaker.wait().await), "the store does not answer: connection refused");
        assert_eq!(began.elapsed(), PATIENCE);
    }
    database.answers();
    breaker.wait().await.unwrap();
    assert_eq!(breaker.watch(async { Ok(1) }).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_has_the_database_tried_at_once() {
    let database = Database::default();
    let breaker = database.breaker();
    database.refuses("it is shutting down");
    let failed = breaker.watch(async { Err::<(), _>(unavailable("reset")) }).await;
    assert_eq!(cause(failed), "the store does not answer: reset");
    let began = Instant::now();
    assert_eq!(
        cause(breaker.watch(std::future::pending::<Result<()>>()).await),
        "the store does not answer: it is shutting down"
    );
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_slow_statement_of_a_database_that_answers_goes_on() {
    let breaker = Database::default().breaker();
    let slow = async {
        sleep(10 * SLOW).await;
        Ok(1)
    };
    assert_eq!(breaker.watch(slow).await.unwrap(), 1);
    breaker.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn attempts_end_with_the_store() {
    let (gone, ended) = oneshot::channel::<()>();
    let breaker = Breaker::new({
        let gone = Arc::new(gone);
        move || {
            let gone = Arc::clone(&gone);
            Box::pin(async move {
                drop(gone);
                Err("refused".to_owned())
            })
        }
    });
    breaker.watch(std::future::pending::<Result<()>>()).await.unwrap_err();
    drop(breaker);
    assert!(ended.await.is_err(), "nobody tries any more");
}
