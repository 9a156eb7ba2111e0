//! Measures how much a tool call costs, as ratios from one run: `cargo bench --bench tool_calls`.
//!
//! Separate processes: a stand-in for Torii that responds at once, the product, hand-written rmcp servers that make the same GET
//! request (one returns text and structured content, one text only), and a proxy that only passes responses on. Rounds alternate
//! between them, so that other work of the machine affects all of them equally; medians are compared. `--quick` runs a shorter
//! version, `--scale` also measures sizes and connections. `FastMCP` is measured, too, if `target/fastmcp` has it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a bench that cannot go on stops, and prints what it measured"
)]

mod load;
#[path = "../support/process_usage.rs"]
mod process_usage;
mod servers;

use std::time::Duration;

use load::{Ask, Measured, PICKED, USERS, Until, apps};
use servers::{Role, Running};

const CONNECTIONS: usize = 16;
/// The numbers of items of a page of 6, 60 and 600 KB.
const SIZES: [usize; 3] = [55, 550, 5_500];

#[tokio::main]
async fn main() {
    let has = |option: &str| std::env::args().any(|argument| argument == option);
    let rounds = if has("--quick") {
        Rounds { n: 3, time: Duration::from_secs(1) }
    } else {
        Rounds { n: 5, time: Duration::from_secs(3) }
    };
    servers::build_peers();
    let torii = Running::start(Role::Torii, None).await;
    let product = Running::start(Role::Product, Some(&torii)).await;
    let structured = Running::start(Role::Structured, Some(&torii)).await;
    let text = Running::start(Role::Text, Some(&torii)).await;
    let proxy = Running::start(Role::Proxy, Some(&torii)).await;

    println!("processor time of a call at {CONNECTIONS} connections, median of {} rounds of {:?}", rounds.n, rounds.time);
    for items in SIZES {
        let page = apps(items);
        let servers = [&product, &structured, &text, &proxy];
        let measured = rounds.medians(&servers.map(|server| (server, page))).await;
        println!("\n{} KB from Torii", measured[3].bytes / 1000);
        for (server, it) in servers.iter().zip(&measured) {
            let ratio = measured[0].cpu_micros / it.cpu_micros;
            println!(
                "  {:<12} {:>7.0} µs {:>7.0} calls/s {:>8} bytes; torii-mcp needs {ratio:.2} of it",
                server.role.name(),
                it.cpu_micros,
                it.per_second,
                it.bytes
            );
        }
    }
    let measured = rounds.medians(&[(&product, PICKED), (&product, USERS)]).await;
    let ratio = measured[0].cpu_micros / measured[1].cpu_micros;
    println!("\nfields of items picked by the server, 60 KB: {ratio:.2} of passing it on ({:.0} µs)", measured[1].cpu_micros);
    memory(&torii).await;
    if servers::target().join("fastmcp/bin/python").exists() {
        let fastmcp = Running::start(Role::FastMcp, Some(&torii)).await;
        let measured = rounds.medians(&[(&product, apps(SIZES[0])), (&fastmcp, apps(SIZES[0]))]).await;
        let (calls, cpu) = (measured[0].per_second / measured[1].per_second, measured[1].cpu_micros / measured[0].cpu_micros);
        println!(
            "\nFastMCP from_openapi, 6 KB: {:.0} calls/s; torii-mcp makes {calls:.1} times as many, in 1/{cpu:.0} of the processor time",
            measured[1].per_second
        );
    }
    if has("--scale") {
        scale(&product, rounds).await;
    }
}

/// Measures resident memory, each in a new process.
async fn memory(torii: &Running) {
    println!("\nresident memory");
    for (what, items, connections, calls) in [("6 KB", SIZES[0], 64, 30_000), ("600 KB", SIZES[2], CONNECTIONS, 2_000)] {
        let product = Running::start(Role::Product, Some(torii)).await;
        let before = product.resident_mib();
        apps(items).run(&product, connections, Until::Calls(calls)).await;
        println!(
            "  {what}: {:.1} MiB after {calls} calls at {connections} connections ({before:.1} before)",
            product.resident_mib()
        );
    }
}

/// Measures the cost against the size of responses and the number of connections.
async fn scale(product: &Running, rounds: Rounds) {
    println!("\nprocessor time against the size of the response");
    for items in [9, 90, 900, 9_000, 90_000, 118_000] {
        let measured = rounds.medians(&[(product, apps(items))]).await[0];
        println!(
            "  {:>6} items: {:>7.0} µs, {:.0} ns an item",
            items,
            measured.cpu_micros,
            1000.0 * measured.cpu_micros / items as f64
        );
    }
    println!("\nprocessor time against the number of connections, 6 KB");
    for connections in [1, 4, 16, 64, 256, 1_024] {
        let measured = apps(SIZES[0]).run(product, connections, Until::Elapsed(rounds.time)).await;
        println!("  {connections:>5}: {:>5.0} µs, {:>6.0} calls/s", measured.cpu_micros, measured.per_second);
    }
}

#[derive(Clone, Copy)]
struct Rounds {
    n: usize,
    time: Duration,
}

impl Rounds {
    /// The medians of rounds that alternate between these servers.
    async fn medians(self, asks: &[(&Running, Ask)]) -> Vec<Measured> {
        let mut results = vec![Vec::new(); asks.len()];
        for _ in 0..self.n {
            for ((server, ask), results) in asks.iter().zip(&mut results) {
                results.push(ask.run(server, CONNECTIONS, Until::Elapsed(self.time)).await);
            }
        }
        let middle = |results: Vec<Measured>, value: fn(&Measured) -> f64| {
            let mut values: Vec<f64> = results.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let median = |results: Vec<Measured>| Measured {
            bytes: results[0].bytes,
            per_second: middle(results.clone(), |it| it.per_second),
            cpu_micros: middle(results, |it| it.cpu_micros),
        };
        results.into_iter().map(median).collect()
    }
}
