//! Measures how fast a tool call is, as ratios from one run: `cargo bench --bench tool_calls`.
//!
//! Four servers run as separate processes: a stand-in for Torii that returns 6 KB immediately, the product, a hand-written rmcp
//! server that makes the same GET request, and a plain proxy that only passes the response on. Rounds alternate between them, so
//! that other work of the machine affects all of them equally; medians are compared. `--quick` runs a shorter version.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::unchecked_time_subtraction,
    clippy::zombie_processes,
    unreachable_pub,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench that cannot go on stops, and prints what it measured"
)]

mod load;
mod servers;

use std::time::{Duration, Instant};

use load::{Load, Measured};
use servers::{Role, Running};

const CONNECTIONS: usize = 16;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(role) = Role::from_arguments(&arguments) {
        return servers::run(role);
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(quick));
}

async fn measure(quick: bool) {
    let (rounds, seconds, n_calls) = if quick { (3, 1, 3_000) } else { (7, 3, 30_000) };
    let torii = Running::start(Role::Torii, None).await;
    let product = Running::start(Role::Product, Some(&torii)).await;
    println!("first response {} ms after the start of the process", product.first_answer.as_millis());
    let hand_written = Running::start(Role::HandWritten, Some(&torii)).await;
    let proxy = Running::start(Role::Proxy, Some(&torii)).await;

    let mut results: [Vec<Measured>; 3] = Default::default();
    for _ in 0..rounds {
        for (server, results) in [&product, &hand_written, &proxy].into_iter().zip(&mut results) {
            let until = load::Until::Elapsed(Duration::from_secs(seconds));
            results.push(Load { connections: CONNECTIONS, until, ask: &load::APP }.run(server).await);
        }
    }
    let [product_results, hand_written_results, proxy_results] = &results;
    let [ours, theirs, bare] = [product_results, hand_written_results, proxy_results].map(|results| median(results));
    println!("\ntool calls at {CONNECTIONS} connections, 6 KB response, median of {rounds} rounds of {seconds} s");
    for (name, measured) in [("torii-mcp", &ours), ("hand-written rmcp server", &theirs), ("plain proxy", &bare)] {
        println!("  {name:<26} {:>8.0} calls/s  {:>6.0} µs CPU a call", measured.per_second, measured.cpu_micros);
    }
    println!(
        "  torii-mcp : hand-written   {:.2} of the calls, {:.2} of the CPU",
        ours.per_second / theirs.per_second,
        ours.cpu_micros / theirs.cpu_micros
    );
    println!(
        "  torii-mcp : plain proxy    {:.2} of the calls, {:.2} of the CPU",
        ours.per_second / bare.per_second,
        ours.cpu_micros / bare.cpu_micros
    );

    let started_at = Instant::now();
    let latencies = load::one_by_one(&product, 500).await;
    let at = |share: usize| latencies[(latencies.len() - 1) * share / 100].as_micros();
    println!(
        "\none call at a time: median {} µs, 99th percentile {} µs, slowest {} µs ({} calls in {} ms)",
        at(50),
        at(99),
        at(100),
        latencies.len(),
        started_at.elapsed().as_millis()
    );

    println!("\nmemory of torii-mcp: {:.1} MiB after the rounds above", product.resident_mib());
    for round in 1..=2 {
        let load = Load { connections: 64, until: load::Until::Calls(n_calls), ask: &load::APP };
        load.run(&product).await;
        println!("  {:.1} MiB after {n_calls} calls at 64 connections, round {round}", product.resident_mib());
    }
    shaping(&product, &torii, rounds, seconds).await;
    let lists = load::lists(&product, if quick { 200 } else { 2_000 }).await;
    println!("\ntools/list: {lists:.0} responses/s on one connection");
}

/// Measures the cost of slightly truncating a page of 60 KB, and of selecting its items' fields, compared with passing it on.
async fn shaping(product: &Running, torii: &Running, rounds: usize, seconds: u64) {
    let cutting = Running::start(Role::Shaping, Some(torii)).await;
    let mut results: [Vec<Measured>; 3] = Default::default();
    for _ in 0..rounds {
        let asked = [(product, &load::PAGE), (&cutting, &load::PAGE), (product, &load::PICKED)];
        for ((server, ask), results) in asked.into_iter().zip(&mut results) {
            let until = load::Until::Elapsed(Duration::from_secs(seconds));
            results.push(Load { connections: CONNECTIONS, until, ask }.run(server).await);
        }
    }
    let [whole, cut, picked] = results.map(|results| median(&results));
    println!("\na page of 60 KB at {CONNECTIONS} connections, median of {rounds} rounds of {seconds} s");
    println!("  passed on          {:>8.0} calls/s  {:>6.0} µs CPU a call", whole.per_second, whole.cpu_micros);
    for (name, shaped) in [("cut to the budget ", cut), ("its fields picked ", picked)] {
        let ratio = shaped.per_second / whole.per_second;
        println!("  {name} {:>8.0} calls/s  {:>6.0} µs CPU a call: {ratio:.2}", shaped.per_second, shaped.cpu_micros);
    }
}

fn median(results: &[Measured]) -> Measured {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Measured {
        per_second: middle(results.iter().map(|result| result.per_second).collect()),
        cpu_micros: middle(results.iter().map(|result| result.cpu_micros).collect()),
    }
}
