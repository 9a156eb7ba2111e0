//! Measures what malicious or faulty clients cost the server: `cargo bench --bench hostile_clients`.
//!
//! Each attack starts the server as a separate process with a stand-in for Torii, and prints the longest response time of
//! `/health/live` during the attack, the peak memory of the process, and its memory 10 s later. Then single arguments of 0.5 MiB
//! and of 1 MiB are sent: if the work is linear, twice the bytes take twice the time.
//!
//! `-- --program PATH` measures another build of the server, for a comparison before and after a change.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    unreachable_pub,
    dead_code,
    reason = "a bench that cannot go on stops, and prints what it measured; it uses a part of the shared code"
)]

mod process;
#[path = "../support/process_usage.rs"]
mod process_usage;

use std::{
    env,
    process::Stdio,
    time::{Duration, Instant},
};

use axum::{Router, http::header::CONTENT_TYPE};
use process::Server;
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};

/// The longest wait for a call.
const PATIENCE: Duration = Duration::from_mins(1);
const MIB: usize = 1 << 20;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let at = arguments.iter().position(|argument| argument == "--program");
    let given = at.and_then(|at| arguments.get(at + 1)).map(String::as_str);
    let program = given.unwrap_or(env!("CARGO_BIN_EXE_torii-mcp"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(program));
}

async fn measure(program: &str) {
    let torii = torii().await;
    println!("{:<58} {:>11} {:>9} {:>9}", "attack", "health, ms", "peak, MiB", "then, MiB");
    let start = async |variables: &[(&str, &str)]| Server::start(program, &torii, variables, Stdio::null()).await;

    let server = start(&[]).await;
    let segment = json!({"uuidPlugin": format!("%{}", "25".repeat(100_000)), "idUpload": 1, "dry_run": true});
    let calls = (0..2).map(|_| server.call("publish_plugin_version", &segment)).collect();
    report("two path values of 200 kB, percent-encoded over and over", &server, at_once(calls)).await;

    let server = start(&[]).await;
    let lists = format!("{{\"fields\":[{}[]]}}", "[],".repeat(1_600_000));
    let calls = (0..6).map(|_| server.call_text("list_apps", &lists)).collect();
    report("six requests of 4.6 MB with 1.6 million empty lists", &server, at_once(calls)).await;

    let server = start(&[]).await;
    let calls = (0..20).map(|_| server.call("get_app", &json!({"idApp": 13}))).collect();
    report("twenty responses of 13 MiB at once", &server, at_once(calls)).await;

    let server = start(&[("TORII_MCP_LIMITS_CONNECTIONS", "20")]).await;
    let silent = async {
        let mut held = Vec::new();
        for _ in 0..20 {
            let mut stream = TcpStream::connect(server.listen).await.expect("a connection");
            let request = server.raw("list_app_users", r#"{"idApp":13,"fields":[]}"#);
            for _ in 0..200 {
                // the client reads no responses, so at some point the server stops reading its requests
                match time::timeout(Duration::from_millis(20), stream.write_all(request.as_bytes())).await {
                    Ok(Ok(())) => {}
                    _ => break,
                }
            }
            held.push(stream);
        }
        time::sleep(Duration::from_secs(10)).await;
    };
    report("twenty connections that never read, of twenty", &server, silent).await;

    for (what, sent) in
        [("1,000 idle connections, of 1,000", ""), ("1,000 half requests, of 1,000", "POST /mcp HTTP/1.1\r\nHost: ")]
    {
        let server = start(&[]).await;
        let idle = async {
            let mut held = Vec::new();
            for _ in 0..1000 {
                let mut stream = TcpStream::connect(server.listen).await.expect("a connection");
                let _ = stream.write_all(sent.as_bytes()).await;
                held.push(stream);
            }
            time::sleep(Duration::from_secs(10)).await;
        };
        report(what, &server, idle).await;
    }
    unread_log(program, &torii).await;
    linear(program, &torii).await;
}

/// Runs an attack, requests the health meanwhile, and prints the measurements.
async fn report(what: &str, server: &Server, attack: impl Future<Output = ()>) {
    let mut slowest = Duration::ZERO;
    tokio::select! {
        () = attack => {}
        () = server.ask_for_health(&mut slowest) => {}
    }
    let peak = server.memory("VmHWM:");
    time::sleep(Duration::from_secs(10)).await;
    println!("{what:<58} {:>11} {peak:>9.0} {:>9.0}", slowest.as_millis(), server.memory("VmRSS:"));
}

async fn at_once(calls: Vec<reqwest::RequestBuilder>) {
    let mut all: JoinSet<()> = calls
        .into_iter()
        .map(|call| async move {
            if let Ok(response) = call.timeout(PATIENCE).send().await {
                let _ = response.bytes().await;
            }
        })
        .collect();
    while all.join_next().await.is_some() {}
}

/// Calls a server whose standard error is a pipe that nobody reads.
async fn unread_log(program: &str, torii: &str) {
    let server = Server::start(program, torii, &[], Stdio::piped()).await;
    let mut answered = 0;
    while answered < 3000 {
        let call = server.call("get_app", &json!({"idApp": 7})).timeout(Duration::from_secs(5)).send().await;
        if call.is_err() {
            break;
        }
        answered += 1;
    }
    println!("\ncalls answered of 3,000 while nobody reads standard error: {answered}");
}

/// A method, its target, a description of the argument, and a function that makes the argument with a number of bytes.
type Case = (&'static str, &'static str, &'static str, fn(usize) -> Value);

/// Sends arguments of 0.5 MiB and of 1 MiB wherever a text of any length is accepted.
async fn linear(program: &str, torii: &str) {
    let server = Server::start(program, torii, &[], Stdio::null()).await;
    println!("\n{:<58} {:>9} {:>9} {:>6}", "one argument", "0.5 MiB", "1 MiB", "ratio");
    let cases: [Case; 14] = [
        (
            "tools/call",
            "list_apps",
            "a filter's value",
            |n| json!({"filters": [{"key": "name", "op": "contains", "value": "a".repeat(n)}]}),
        ),
        ("tools/call", "list_apps", "a list of fields", |n| json!({"fields": vec!["id"; (n / 5).min(9_000)]})),
        ("tools/call", "list_apps", "a list in a string", |n| json!({"fields": format!("[{}]", " ".repeat(n))})),
        ("tools/call", "list_apps", "a cursor", |n| json!({"cursor": "A".repeat(n)})),
        ("tools/call", "list_apps", "a cursor of this server's", |n| json!({"cursor": format!("mcp:1::{}", "A".repeat(n))})),
        ("tools/call", "list_apps", "unknown arguments", |n| {
            Value::Object((0..(n / 16).min(9_000)).map(|i| (format!("argument_{i}"), Value::Null)).collect())
        }),
        ("tools/call", "get_app", "a pointer", |n| json!({"idApp": 7, "part": "/a".repeat(n / 2)})),
        ("tools/call", "delete_app_field", "a confirmation", |n| json!({"idField": 7, "confirmation": "A".repeat(n)})),
        (
            "tools/call",
            "publish_plugin_version",
            "a path value",
            |n| json!({"uuidPlugin": "%25".repeat(n / 3), "idUpload": 1, "dry_run": true}),
        ),
        (
            "tools/call",
            "create_app_field",
            "a body's text",
            |n| json!({"name": "a b".repeat(n / 3), "type": "text", "dry_run": true}),
        ),
        ("tools/call", "find_tools", "a question", |n| json!({"query": "a b".repeat(n / 3)})),
        ("tools/call", "run_read_tool", "a tool's name", |n| json!({"tool": "a_".repeat(n / 2)})),
        ("prompts/get", "renewals", "a prompt's argument", |n| json!({"days": "9".repeat(n)})),
        ("resources/read", "", "a resource's address", |n| json!("a/".repeat(n / 2))),
    ];
    for (method, name, what, argument) in cases {
        let mut times = Vec::new();
        for length in [MIB / 2 - 1024, MIB - 2048] {
            let mut best = f64::INFINITY;
            for _ in 0..5 {
                let request = server.request(method, name, &argument(length));
                let started_at = Instant::now();
                let response = request.timeout(PATIENCE).send().await.expect("a response");
                let _ = response.bytes().await;
                best = best.min(started_at.elapsed().as_secs_f64() * 1000.0);
            }
            times.push(best);
        }
        if let [half, whole] = times.as_slice() {
            println!("{:<58} {half:>6.1} ms {whole:>6.1} ms {:>6.1}", format!("{what} ({method} {name})"), whole / half);
        }
    }
}

/// A stand-in for Torii, for these calls only: an app of 13 MiB, a page of 60 KB, and 6 KB for anything else.
async fn torii() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let body = |count: usize| -> axum::body::Bytes {
        let user = |index: usize| {
            json!({"id": 1000 + index, "firstName": "Ada", "lastName": "Lovelace", "email": format!("ada.{index}@example.com"),
                   "status": "active", "annualCost": 129_900, "lastVisit": null, "tags": ["one", "two"]})
        };
        json!({"app": {"id": 7, "users": (0..count).map(user).collect::<Vec<_>>()}, "users": (0..count.min(440)).map(user).collect::<Vec<_>>()})
            .to_string()
            .into()
    };
    let (large, page, small) = (body(13 * MIB / 165), body(440), body(20));
    let response = |body: axum::body::Bytes| move || async move { ([(CONTENT_TYPE, "application/json")], body) };
    let router = Router::new()
        .route("/v1.0/apps/13", axum::routing::get(response(large)))
        .route("/v1.0/apps/13/users", axum::routing::get(response(page)))
        .fallback(response(small));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}
