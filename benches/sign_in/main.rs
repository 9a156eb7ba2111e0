//! Measures what sign-in costs, as ratios from one run: `cargo bench --bench sign_in`.
//!
//! There are a stand-in for Torii that returns 6 KB immediately, and three servers as separate processes: without sign-in, with
//! tokens in SQLite, and with tokens in PostgreSQL. Rounds of calls alternate between them, and medians are compared. Then one
//! user connects repeatedly, step by step, and finally 200 users connect at the same time. `--quick` runs a shorter version.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    unreachable_pub,
    clippy::assigning_clones,
    dead_code,
    reason = "a bench that cannot go on stops, and prints what it measured"
)]

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use mcp_http::json::Json;
use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
#[path = "../support/process_usage.rs"]
mod process_usage;
mod user;

use user::{User, call};

const CONNECTIONS: usize = 16;
const AT_ONCE: usize = 200;

/// A server process, which is stopped when this value is dropped.
struct Server {
    origin: String,
    process: Child,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    async fn start(torii: &str, variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let mut command = Command::new(env!("CARGO_BIN_EXE_torii-mcp"));
        command.args(["serve", "--listen", &listen.to_string()]).current_dir(folder.path());
        command.env("TORII_API_URL", torii).env("TORII_RATE_LIMIT", "off").env("TORII_MCP_DATA_DIR", folder.path());
        command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("a process");
        let origin = format!("http://{listen}");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let deadline = Instant::now() + Duration::from_secs(10);
        while http.get(format!("{origin}/health/ready")).send().await.is_err() {
            assert!(Instant::now() < deadline, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self { origin, process, _folder: folder }
    }

    /// Processor time of the process in microseconds.
    fn cpu(&self) -> f64 {
        process_usage::cpu(&self.process).as_secs_f64() * 1e6
    }
}

#[tokio::main]
async fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let torii = stand_in().await;
    let postgres = postgres::Server::start().expect("PostgreSQL is installed");
    let database = postgres.database();
    let open = Server::start(&torii, &[("TORII_API_KEY", "bench"), ("TORII_MCP_AUTH_MODE", "none")]).await;
    let sqlite = Server::start(&torii, &[]).await;
    let postgresql = Server::start(&torii, &[("TORII_MCP_STORE_URL", &database)]).await;

    let (seconds, rounds) = if quick { (1, 3) } else { (3, 7) };
    throughput(&[("no sign-in", &open), ("SQLite", &sqlite), ("PostgreSQL", &postgresql)], Duration::from_secs(seconds), rounds)
        .await;
    for (name, server) in [("SQLite", &sqlite), ("PostgreSQL", &postgresql)] {
        steps(name, server, if quick { 10 } else { 50 }).await;
    }
    for (name, server) in [("SQLite", &sqlite), ("PostgreSQL", &postgresql)] {
        at_once(name, server).await;
    }
}

/// Starts a stand-in for Torii, and returns its address.
async fn stand_in() -> String {
    let notes = "n".repeat(6_000);
    let app: Arc<Value> = json!({ "app": { "id": 7, "name": "An app", "notes": notes } }).into();
    let organization = json!({ "org": { "id": 1, "companyName": "Bench" } });
    let router = Router::new()
        .route("/v1.0/apps/{id}", get(move || std::future::ready(Json(Arc::clone(&app)))))
        .route("/v1.0/orgs/my", get(move || std::future::ready(Json(organization.clone()))));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/v1.0")
}

async fn connected(server: &Server, name: &str) -> User {
    let mut user = User::new(&server.origin);
    user.register(name).await;
    user.sign_in_page().await;
    user.sign_in("bench-key").await;
    user.consent().await;
    user.redeem().await;
    user
}

async fn throughput(servers: &[(&str, &Server); 3], time: Duration, rounds: usize) {
    let mut tokens = Vec::new();
    for (index, (name, server)) in servers.iter().enumerate() {
        tokens.push(if index == 0 { None } else { Some(connected(server, name).await.access) });
    }
    let mut results: [Vec<(f64, f64)>; 3] = Default::default();
    for _ in 0..rounds {
        for (index, (_, server)) in servers.iter().enumerate() {
            let before = server.cpu();
            let per_second = calls_per_second(server, tokens[index].as_deref(), time).await;
            results[index].push((per_second, (server.cpu() - before) / (per_second * time.as_secs_f64())));
        }
    }
    println!("tool calls at {CONNECTIONS} connections, 6 KB response, median of {rounds} rounds of {} s", time.as_secs());
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let medians = results.map(|values| {
        let (calls, cpu) = values.into_iter().unzip();
        (median(calls), median(cpu))
    });
    for ((name, _), (calls, cpu)) in servers.iter().zip(medians) {
        let (of_calls, of_cpu) = (calls / medians[0].0, cpu / medians[0].1);
        println!("  {name:<12} {calls:>8.0} calls/s  {cpu:>5.0} µs CPU a call: {of_calls:.2} and {of_cpu:.2} of no sign-in");
    }
}

async fn calls_per_second(server: &Server, token: Option<&str>, time: Duration) -> f64 {
    let calls = Arc::new(AtomicUsize::new(0));
    let started_at = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (calls, origin, token) = (Arc::clone(&calls), server.origin.clone(), token.map(str::to_owned));
            tokio::spawn(async move {
                let http = User::new(&origin).http;
                while started_at.elapsed() < time {
                    call(&http, &origin, token.as_deref()).await;
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a task of the load");
    }
    calls.load(Ordering::Relaxed) as f64 / started_at.elapsed().as_secs_f64()
}

/// Measures each step from the metadata to the end of the connection, one request after the other.
async fn steps(name: &str, server: &Server, rounds: usize) {
    let mut times: Vec<(&str, Vec<Duration>)> = Vec::new();
    for round in 0..rounds {
        let mut user = User::new(&server.origin);
        let mut index = 0;
        macro_rules! step {
            ($name:literal, $work:expr) => {
                let started_at = Instant::now();
                $work.await;
                if round == 0 {
                    times.push(($name, Vec::new()));
                }
                times[index].1.push(started_at.elapsed());
                index += 1;
            };
        }
        step!("metadata", user.metadata());
        step!("register", user.register(&format!("step {round}")));
        step!("sign-in page", user.sign_in_page());
        step!("sign-in, consent page", user.sign_in("bench-key"));
        step!("consent", user.consent());
        step!("token", user.redeem());
        step!("first call", user.call());
        step!("refresh", user.refresh());
        step!("connections", user.connections("bench-key"));
        step!("revoke", user.revoke());
        let _ = index;
    }
    println!("\neach step of a connection, {name}, {rounds} times: median and slowest in ms");
    for (step, mut times) in times {
        times.sort_unstable();
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        println!("  {step:<14} {:>7.2} {:>7.2}", ms(times[times.len() / 2]), ms(times[times.len() - 1]));
    }
}

/// Measures new connections, which separate users, browsers and clients make at the same time.
async fn at_once(name: &str, server: &Server) {
    let started_at = Instant::now();
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let origin = server.origin.clone();
            tokio::spawn(async move {
                let mut user = User::new(&origin);
                user.register(&format!("at once {number}")).await;
                user.sign_in_page().await;
                user.sign_in(&format!("bench-key-{number}")).await;
                user.consent().await;
                user.redeem().await;
                user.call().await;
            })
        })
        .collect();
    let mut failed = 0;
    for task in tasks {
        failed += usize::from(task.await.is_err());
    }
    println!("\n{AT_ONCE} new connections at once, {name}: {failed} failed, {} ms in all", started_at.elapsed().as_millis());
    assert_eq!(failed, 0, "connections failed");
}
