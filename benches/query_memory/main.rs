//! How much memory ten statements of `query` take at once: `cargo bench --bench query_memory`.
//!
//! The product runs over stdio in front of the sample, in processes of their own. Each statement joins the sample's 2,000 users with its
//! 3,000 transactions, which are loaded before. Memory is the resident set of the product: idle, and at its peak
//! while ten statements run. `BENCH_PROGRAM=PATH` measures another build. Linux only.
//!
//! A join by the remainder of ids pairs each user with one or two transactions.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a bench that cannot go on stops, and prints what it measured"
)]

#[path = "../support/process_usage.rs"]
#[expect(dead_code, reason = "other benches measure the processor time, too")]
mod process_usage;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

const AT_ONCE: usize = 10;
const ROUNDS: usize = 3;
const GOAL_MIB: f64 = 150.0;
/// The statements: what a question needs, and whole items of both tables, which is as much as there is.
const JOINS: [(&str, &str); 2] = [
    (
        "a sum for each department",
        "SELECT u.department, t.amount_currency AS currency, count(*) AS payments, sum(t.amount_value) AS paid \
         FROM (SELECT department, id % 2000 AS place FROM users) u JOIN (SELECT *, id % 2000 AS place FROM transactions) t \
         ON t.place = u.place GROUP BY 1, 2 ORDER BY 4 DESC",
    ),
    (
        "whole items",
        "SELECT u.department, max(length(u.json)) AS longest, sum(length(t.json)) AS letters, group_concat(DISTINCT t.source) AS sources \
         FROM (SELECT *, id % 2000 AS place FROM users) u JOIN (SELECT *, id % 2000 AS place FROM transactions) t \
         ON t.place = u.place GROUP BY 1 ORDER BY 3 DESC",
    ),
];

/// A program that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The product over stdio.
struct Product {
    process: Running,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

fn main() {
    let program = std::env::var("BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_torii-mcp").to_owned());
    let mut sample = Command::new(&program);
    sample.args(["sample", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
    let mut sample = Running(sample.spawn().expect("the sample starts"));
    let mut said = BufReader::new(sample.0.stdout.take().expect("it is piped")).lines();
    let said = said
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_whitespace().find(|word| word.starts_with("http")).map(str::to_owned));
    let mut product = Product::start(&program, &said.expect("the sample says its address"));
    let idle = product.memory("VmRSS:");
    println!("resident when idle: {idle:.0} MiB; goal: {GOAL_MIB:.0} MiB above it");
    for (what, join) in JOINS {
        product.ask_at_once(1, join);
        println!("{what}: {:.0} MiB with both tables loaded", product.memory("VmRSS:"));
        for _ in 0..ROUNDS {
            product.forget_peak();
            let began = Instant::now();
            product.ask_at_once(AT_ONCE, join);
            let (time, peak) = (began.elapsed(), product.memory("VmHWM:"));
            let above = peak - idle;
            println!("  {AT_ONCE} at once in {} ms, peak {peak:.0} MiB, {above:.0} MiB above idle", time.as_millis());
        }
    }
    // what stays
    std::thread::sleep(Duration::from_secs(2));
    println!("resident: {:.0} MiB two seconds later", product.memory("VmRSS:"));
}

impl Product {
    fn start(program: &str, torii: &str) -> Self {
        let mut command = Command::new(program);
        command.arg("stdio").env("TORII_API_URL", torii).env("TORII_API_KEY", FULL_ACCESS_KEY).env("TORII_RATE_LIMIT", "off");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Running(command.spawn().expect("the product starts"));
        let input = process.0.stdin.take().expect("it is piped");
        let output = BufReader::new(process.0.stdout.take().expect("it is piped"));
        let mut product = Self { process, input, output, asked: 0 };
        let client =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "bench", "version": "1" } });
        product.send(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": client }));
        product.answers(1);
        product.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        product
    }

    /// Sends so many statements before it reads an answer.
    fn ask_at_once(&mut self, n: usize, join: &str) {
        for _ in 0..n {
            self.asked += 1;
            // each is another text, so that none is answered from the answer to another
            let sql = format!("{join} LIMIT {}", 1000 + self.asked);
            let call = json!({ "name": "query", "arguments": { "sql": sql } });
            self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": "tools/call", "params": call }));
        }
        self.answers(n);
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").expect("it reads");
    }

    /// Reads until so many requests are answered.
    fn answers(&mut self, n: usize) {
        let mut left = n;
        while left > 0 {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).expect("it writes") > 0, "the product ended");
            let message: Value = serde_json::from_str(&line).expect("it is JSON");
            if message.get("id").is_some() {
                assert!(message.get("error").is_none() && message.pointer("/result/isError") != Some(&json!(true)), "{message}");
                left -= 1;
            }
        }
    }

    fn memory(&self, line: &str) -> f64 {
        process_usage::memory_mib(&self.process.0, line)
    }

    /// Lets the peak begin anew (`proc_pid_clear_refs(5)`).
    fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.process.0.id()), "5").expect("Linux forgets the peak");
    }
}
