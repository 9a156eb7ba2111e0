//! Several replicas share the documented rates of Torii.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    middleware::{self, Next},
};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use torii_sample::{self as sample, FULL_ACCESS_KEY};

use super::{READ, REDIRECT};
use crate::support::{
    assistant::{Era, Server},
    mock_api::Here,
    postgres,
    spawned::Deployment,
};

/// An operation, its tool, and how many calls per minute its documentation allows.
const PATH: &str = "/roles";
const TOOL: &str = "list_roles";
const RATE: usize = 100;

const MINUTE: Duration = Duration::from_mins(1);
/// From when the first replica has noticed the second until that has had its whole part for a while.
const MEASURED: Duration = Duration::from_secs(66);
/// How often a user calls who calls as often as possible.
const EACH: Duration = Duration::from_millis(200);

/// The most requests that any minute contains.
fn most_in_a_minute(asked_at: &[Instant]) -> usize {
    let in_minute_from = |(first, at): (usize, &Instant)| asked_at.partition_point(|other| *other < *at + MINUTE) - first;
    asked_at.iter().enumerate().map(in_minute_from).max().unwrap_or(0)
}

/// A minute must pass really here: both programs have clocks of their own.
#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_together_send_what_is_documented() {
    let Some(server) = postgres::shared() else { return };
    let asked_at = Arc::new(Mutex::new(Vec::new()));
    let noted_at = Arc::clone(&asked_at);
    let note = move |request: Request, next: Next| {
        if request.uri().path().ends_with(PATH) {
            noted_at.lock().expect("nobody failed").push(Instant::now());
        }
        next.run(request)
    };
    let torii = sample::router(sample::Options { rate_limits: false, ..sample::Options::default() });
    let mut deployment = Deployment::before(torii.layer(middleware::from_fn(note))).await;
    deployment.set("TORII_MCP_STORE_URL", &server.database());
    deployment.set("TORII_RATE_LIMIT", "documented");
    let deployment = Arc::new(deployment);
    let first = deployment.start().await;
    let second = deployment.start().await;
    let app = first.app(REDIRECT).await;
    let tokens = app.connect(&first.signed_in().await, READ).await;
    let notices = |text: &str, _| text.contains("replicas share the rates of the API count=2").then_some(());
    tokio::task::block_in_place(|| first.program.stderr.wait_for(notices));

    let until = Instant::now() + MEASURED;
    let calls = [&first.at, &second.at].map(|at| {
        let (app, access) = (app.at(at), tokens.access.clone());
        tokio::spawn(async move {
            let mut turn = tokio::time::interval(EACH);
            while Instant::now() < until {
                // most are refused, with the time after which to call again
                app.call(&access, TOOL, json!({})).await.bytes().await.expect("it answers");
                turn.tick().await;
            }
        })
    });
    for calling in calls {
        calling.await.expect("each call is answered");
    }
    let asked_at = asked_at.lock().expect("nobody failed");
    let most = most_in_a_minute(&asked_at);
    eprintln!("two replicas sent {} requests in {MEASURED:?}, at most {most} of {RATE} in a minute", asked_at.len());
    assert!((RATE * 9 / 10..=RATE * 21 / 20).contains(&most), "{most}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_stopped_is_not_counted_any_more() {
    let Some(server) = postgres::shared() else { return };
    let url = server.database();
    let mut deployment = Deployment::new().await;
    deployment.set("TORII_MCP_STORE_URL", &url);
    deployment.set("TORII_MCP_LIMITS_DRAIN", "0s");
    let mut database = PgConnection::connect(&url).await.expect("the database answers");
    let mut running = Arc::new(deployment).start().await;
    let count = "SELECT COUNT(*) FROM replicas";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut database).await.expect("it answers"), 1);
    running.program.terminate();
    assert_eq!(running.program.wait(), 0);
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut database).await.expect("it answers"), 0);
}

#[tokio::test]
async fn a_replica_without_a_store_takes_the_part_that_is_configured() {
    let torii = Here::serving(sample::router(sample::Options::default()));
    let replicas = RATE.to_string();
    let keys =
        [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", FULL_ACCESS_KEY), ("TORII_MCP_LIMITS_REPLICAS", &replicas)];
    let server = Server::with(&keys);
    server.call(Era::Modern, TOOL, json!({})).await.ok();
    let refused = server.call(Era::Modern, TOOL, json!({})).await.failure();
    assert!(refused.contains("rate limit") && refused.contains("wait 60 s"), "{refused}");
}
