//! Feeds the generator what nobody would write, and says what it panics on, takes too long for, or fills the memory with:
//!
//! ```text
//! nice -n 19 cargo run --release -p torii-codegen --example fuzz -- --seed 1 --seconds 600
//! ```
//!
//! Input number `n` of a seed is always the same: `--first n --inputs 1` repeats it, and `target/fuzz` keeps it.

mod mutate;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use codegen::{Inputs, Source};

/// How long one input may take, in time of the processor; a debug build is ten times as slow.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 3 });

/// What one input may add to the memory: what the limits on growth leave to the shortest, and so many bytes for each of its own.
const MEMORY: usize = 256 << 20;
const MEMORY_FACTOR: usize = 2_000;

/// Faults of the generator itself, which no input may lead to.
const FAULTS: [&str; 3] = ["E0403", "E0901", "E0902"];

#[derive(Parser)]
struct Arguments {
    /// What all inputs are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first input
    #[arg(long, default_value_t)]
    first: u64,
    /// Stop after so many inputs
    #[arg(long, default_value_t = u64::MAX)]
    inputs: u64,
    /// Stop after this time
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Go as far as generated code with one of so many inputs; that is much slower
    #[arg(long, default_value_t = 50)]
    generate: u64,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cases = mutate::corpus(&root.join("tests/corpus"))?;
    let folder = root.join("target/fuzz");
    std::fs::create_dir_all(&folder)?;
    // panics are counted, and those that are caught on purpose are none of anybody's business
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let (mut done, mut found, mut slowest) = (0, 0, Duration::ZERO);
    while done < arguments.inputs && began.elapsed() < Duration::from_secs(arguments.seconds) {
        let number = arguments.first + done;
        let (document, overlay) = mutate::input(&cases, arguments.seed, number).context("the corpus is empty")?;
        // a stack that overflows takes everything with it but this
        std::fs::write(folder.join("document"), &document)?;
        std::fs::write(folder.join("overlay"), &overlay)?;
        forget_peak();
        let (before, start) = (peak(), processor_time(began));
        let whole = number.checked_rem(arguments.generate) == Some(0);
        let problem =
            catch_unwind(AssertUnwindSafe(|| run(&document, &overlay, whole))).unwrap_or_else(|_| Some("panics".to_owned()));
        let (took, grown) = (processor_time(began).saturating_sub(start), peak().saturating_sub(before));
        slowest = slowest.max(took);
        let too_long = (took > LONGEST).then(|| format!("takes {took:?}"));
        let too_much = grown > MEMORY + MEMORY_FACTOR * (document.len() + overlay.len());
        let too_much = too_much.then(|| format!("takes {} MiB", grown >> 20));
        for problem in [problem, too_long, too_much].into_iter().flatten() {
            found += 1;
            say(&format!("seed {} input {number}: {problem}", arguments.seed))?;
            std::fs::copy(folder.join("document"), folder.join(format!("{}-{number}.document", arguments.seed)))?;
            std::fs::copy(folder.join("overlay"), folder.join(format!("{}-{number}.overlay", arguments.seed)))?;
        }
        done += 1;
    }
    say(&format!("{done} inputs in {:?}, the slowest {slowest:?}; {found} problems", began.elapsed()))?;
    Ok(if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}

/// What is wrong with what comes out, if it comes out at all.
fn run(document: &str, overlay: &str, whole: bool) -> Option<String> {
    let source = |name, text| Source { name, text };
    let inputs = Inputs { document: source("document", document), overlay: source("overlay", overlay), lock: None };
    let diagnostics = if whole {
        codegen::generate(&inputs).map_or_else(|refused| refused, |outputs| outputs.warnings)
    } else {
        codegen::understand(&inputs).map_or_else(|refused| refused, |understood| understood.warnings)
    };
    let fault = diagnostics.iter().find(|diagnostic| FAULTS.contains(&diagnostic.code));
    fault.map(|fault| diagnostics.render(fault))
}

/// What the process has worked so far, so that what else the machine does is not counted; only Linux says (proc(5)).
fn processor_time(began: Instant) -> Duration {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = status.rsplit_once(") ").map(|(_, fields)| fields.split(' ').skip(11).take(2)).into_iter().flatten();
    let ticks: Vec<u64> = fields.filter_map(|field| field.parse().ok()).collect();
    if ticks.is_empty() { began.elapsed() } else { Duration::from_millis(10 * ticks.iter().sum::<u64>()) }
}

/// The most memory the process had since it was told to forget, in bytes; only Linux says.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok());
    number.unwrap_or_default() << 10
}

fn forget_peak() {
    // where this is not possible the bound holds for all inputs together
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
