//! The program dies, or is asked to end.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    READ, REDIRECT,
    traffic::{World, connects, refreshes},
};
use crate::support::{
    app::App,
    mock_api::Torii,
    process::{PATIENCE, Program},
    spawned::{Deployment, ORIGIN, Running},
    test_server::client,
};

const N_DEATHS: usize = 50;
const N_REFRESHING: usize = 4;

/// Where randomness begins; set `FAULTS_SEED` to see the same again.
fn seed() -> u64 {
    std::env::var("FAULTS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..))
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_sudden_deaths_lose_no_connection_and_double_none() {
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let deployment = Arc::new(Deployment::new().await);
    let mut running = deployment.start().await;
    let (app, browser) = (running.app(REDIRECT).await, running.signed_in().await);
    let world = World::new(ORIGIN, &running.at);
    let mut refreshing = Vec::new();
    for _ in 0..N_REFRESHING {
        let tokens = app.connect(&browser, READ).await;
        refreshing.push(tokio::spawn(refreshes(Arc::clone(&world), app.id.clone(), tokens.refresh, seed)));
    }
    let connecting = tokio::spawn(connects(Arc::clone(&world), app.id.clone(), browser, seed));
    for _ in 0..N_DEATHS {
        world.answers(random.usize(1..25)).await;
        // and somewhere within what comes next
        for _ in 0..random.usize(0..2000) {
            tokio::task::yield_now().await;
        }
        running.program.kill();
        running = deployment.start().await;
        world.moved(&running.at);
    }
    world.end();
    let mut left = Vec::new();
    for client in refreshing {
        left.push(client.await.expect("it is still connected"));
    }
    left.extend(connecting.await.expect("it is still signed in").into_iter().map(|connected| connected.refresh));
    assert!(left.len() > N_REFRESHING, "some codes were redeemed (seed {seed})");
    for refresh in &left {
        let next = world.refresh(&app.id, refresh).await;
        assert!(next.is_ok(), "a connection is lost (seed {seed}): {next:?}");
    }
    let listed = connections(&deployment);
    assert_eq!(listed.len(), left.len(), "as many as there are clients that have tokens (seed {seed})");
}

/// The ids of the connections that the operator sees.
fn connections(deployment: &Deployment) -> BTreeSet<String> {
    let listed = deployment.run(&["connections", "list", "--json"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    let listed: Value = serde_json::from_str(&listed.stdout).expect("it is JSON");
    let all = listed.as_array().or_else(|| listed["connections"].as_array()).expect("it is a list");
    all.iter().map(|one| one["id"].as_str().expect("it has an id").to_owned()).collect()
}

/// A gate that calls of Torii stand before.
#[derive(Default)]
struct Gate {
    state: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.state.lock().expect("nobody panics with it");
        state.0 += 1;
        self.changed.notify_all();
        let (_state, waited) =
            self.changed.wait_timeout_while(state, PATIENCE, |(_, is_open)| !*is_open).expect("nobody panics with it");
        assert!(!waited.timed_out());
    }

    fn wait_for_somebody(&self) {
        let state = self.state.lock().expect("nobody panics with it");
        let (_state, waited) = self.changed.wait_timeout_while(state, PATIENCE, |(n, _)| *n == 0).expect("nobody panics");
        assert!(!waited.timed_out());
    }

    fn open(&self) {
        self.state.lock().expect("nobody panics with it").1 = true;
        self.changed.notify_all();
    }
}

/// A program without sign-in whose calls stand before a gate.
fn gated(grace: &str) -> (Arc<Gate>, Torii, Program, String) {
    let gate = Arc::new(Gate::default());
    let doorman = Arc::clone(&gate);
    let torii = Torii::answering(move |_, _| {
        doorman.pass();
        ([("content-type", "application/json")], r#"{"app":{"id":1001}}"#)
    });
    let folder = tempfile::tempdir().expect("a folder is made");
    let mut command = crate::support::process::command(
        &["serve"],
        &[
            ("TORII_API_URL", &torii.url),
            ("TORII_API_KEY", "key"),
            ("TORII_MCP_AUTH_MODE", "none"),
            ("TORII_MCP_LISTEN", "127.0.0.1:0"),
            ("TORII_MCP_LIMITS_SHUTDOWN_GRACE", grace),
        ],
    );
    command.current_dir(folder.path());
    let program = Program::spawn(command);
    let at = program.stderr.address();
    (gate, torii, program, at)
}

fn call(at: &str) -> tokio::task::JoinHandle<reqwest::Result<(StatusCode, String)>> {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                       "params": { "name": "get_app", "arguments": { "idApp": 1001 } } });
    let request = client().post(format!("{at}/mcp")).json(&body).header("accept", "application/json, text/event-stream");
    let request = request.header("mcp-protocol-version", "2025-11-25");
    tokio::spawn(async move {
        let response = request.send().await?;
        Ok((response.status(), response.text().await?))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_well_when_the_program_is_asked_to_end_and_no_new_one_begins() {
    let (gate, _torii, mut program, at) = gated("30s");
    let address = at.trim_start_matches("http://").to_owned();
    let running = call(&at);
    gate.wait_for_somebody();
    // one that has begun to ask
    let mut asking = TcpStream::connect(&address).expect("it listens");
    asking.write_all(b"GET /health/ready HTTP/1.1\r\nhost: 127.0.0.1\r\n").expect("it reads");
    let live = client().get(format!("{at}/health/live")).send().await.expect("it answers");
    assert_eq!(live.status(), StatusCode::OK, "what was sent before this has arrived");
    program.terminate();
    program.stderr.wait_for(|text, _| text.contains("stopping").then_some(()));
    asking.write_all(b"\r\n").expect("it reads");
    let mut response = String::new();
    asking.read_to_string(&mut response).expect("it answers, and hangs up");
    assert!(response.starts_with("HTTP/1.1 503") && response.contains("stopping"), "{response}");
    let begun = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(begun.elapsed() < PATIENCE, "it takes connections still");
        std::thread::yield_now();
    }
    gate.open();
    let (status, text) = running.await.expect("it ends").expect("it is answered");
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("1001"), "{text}");
    assert_eq!(program.wait(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_does_not_end_does_not_keep_the_program_beyond_its_grace() {
    let (gate, _torii, mut program, at) = gated("1s");
    let running = call(&at);
    gate.wait_for_somebody();
    let begun = Instant::now();
    program.terminate();
    assert_eq!(program.wait(), 0);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(running.await.expect("it ends").is_err(), "it was cut off");
    gate.open();
    let (_, stderr) = program.end();
    assert!(stderr.contains("stopped before all requests had ended"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_outlives_the_program() {
    let deployment = Arc::new(Deployment::new().await);
    let mut running: Running = deployment.start().await;
    let app: App = running.app(REDIRECT).await;
    let tokens = app.connect(&running.signed_in().await, READ).await;
    running.program.terminate();
    assert_eq!(running.program.wait(), 0);
    let running = deployment.start().await;
    assert_eq!(app.at(&running.at).list(&tokens.access).await.status(), StatusCode::OK);
}
