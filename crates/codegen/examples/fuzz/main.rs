//! Runs the generator on mutated inputs, and reports those on which it panics, takes too long or uses too much memory:
//!
//! ```text
//! nice -n 19 cargo run --release -p openapi-mcp-codegen --example fuzz -- --seed 1 --seconds 600
//! ```
//!
//! Input number `n` of a seed is always the same: `--first n --inputs 1` repeats it, and `target/fuzz` contains its files.

mod mutate;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use mutate::Input;
use openapi_mcp_codegen::adopt::{Adopted, adopt};
use openapi_mcp_codegen::diagnostics::Diagnostics;
use openapi_mcp_codegen::{Inputs, Source, diff, emit};
use serde_json::Value as Json;

/// The most processor time that one input may take; a debug build is ten times slower.
const MAX_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 3 });

/// The most memory that one input may take: a fixed amount, which the limits on growth permit even for short inputs, and
/// [`MEMORY_FACTOR`] bytes for each byte of the input.
const MEMORY: usize = 256 << 20;
const MEMORY_FACTOR: usize = 2_000;

/// Faults of the generator itself, which no input may cause.
const FAULTS: [&str; 3] = ["E0403", "E0901", "E0902"];

#[derive(Parser)]
struct Arguments {
    /// Seed of the random numbers that all inputs are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first input
    #[arg(long, default_value_t)]
    first: u64,
    /// Stop after this number of inputs
    #[arg(long, default_value_t = u64::MAX)]
    inputs: u64,
    /// Stop after this number of seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Adopt every nth input with code generation, which is much slower
    #[arg(long, default_value_t = 5)]
    adopt: u64,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cases = mutate::corpus(&root.join("tests/corpus"))?;
    let folder = root.join("target/fuzz");
    std::fs::create_dir_all(&folder)?;
    // panics are counted below, so none is printed, nor are those that the generator itself catches
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let (mut done, mut found, mut slowest) = (0, 0, Duration::ZERO);
    while done < arguments.inputs && began.elapsed() < Duration::from_secs(arguments.seconds) {
        let number = arguments.first + done;
        let input = mutate::input(&cases, arguments.seed, number).context("the corpus is empty")?;
        let files = [("document", &input.document), ("overlay", &input.overlay), ("lock", &input.lock)];
        // after a stack overflow, which ends the process, only these files show the input
        for (name, text) in files {
            std::fs::write(folder.join(name), text)?;
        }
        forget_peak();
        let (before, start) = (peak(), processor_time(began));
        let whole = number.checked_rem(arguments.adopt) == Some(0);
        let problem = catch_unwind(AssertUnwindSafe(|| run(&input, whole))).unwrap_or_else(|_| Some("panics".to_owned()));
        let (took, grown) = (processor_time(began).saturating_sub(start), peak().saturating_sub(before));
        slowest = slowest.max(took);
        let too_long = (took > MAX_TIME).then(|| format!("takes {took:?}"));
        let too_much = grown > MEMORY + MEMORY_FACTOR * files.map(|(_, text)| text.len()).iter().sum::<usize>();
        let too_much = too_much.then(|| format!("takes {} MiB", grown >> 20));
        for problem in [problem, too_long, too_much].into_iter().flatten() {
            found += 1;
            say(&format!("seed {} input {number}: {problem}", arguments.seed))?;
            for (name, _) in files {
                std::fs::copy(folder.join(name), folder.join(format!("{}-{number}.{name}", arguments.seed)))?;
            }
        }
        done += 1;
    }
    say(&format!("{done} inputs in {:?}, the slowest {slowest:?}; {found} problems", began.elapsed()))?;
    Ok(if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}

/// Runs the generator on an input, and returns what is wrong with the result.
fn run(input: &Input, whole: bool) -> Option<String> {
    let inputs = input.as_inputs();
    let diagnostics = match openapi_mcp_codegen::understand(&inputs) {
        Err(refused) => refused,
        Ok(understood) => {
            let surface = emit::surface(&understood.api);
            if let Some(problem) = compared(&input.lock, &surface) {
                return Some(problem);
            }
            if whole {
                match adopted(&inputs) {
                    Ok(diagnostics) => diagnostics,
                    Err(problem) => return Some(problem),
                }
            } else {
                understood.warnings
            }
        }
    };
    let fault = diagnostics.iter().find(|diagnostic| FAULTS.contains(&diagnostic.code));
    fault.map(|fault| diagnostics.render(fault))
}

/// Compares a mutated lock with the tools, in both directions.
fn compared(lock: &str, surface: &Json) -> Option<String> {
    let lock = serde_json::from_str(lock.trim_start_matches("---")).unwrap_or_default();
    for (old, new) in [(&lock, surface), (surface, &lock), (&lock, &lock)] {
        let diff = diff::diff(old, new);
        // changes with the same cause are one line
        if diff.text().lines().count() > diff.changes.len() + 1 {
            return Some(format!("a change is not one line: {:?}", diff.text()));
        }
        let _ = (diff.markdown(), diff.json());
    }
    let same = diff::diff(surface, surface);
    (!same.is_empty()).then(|| format!("differs from itself: {}", same.text()))
}

/// Adopts the document, and adopts it again with the resulting files, which must not change.
fn adopted(inputs: &Inputs<'_>) -> Result<Diagnostics, String> {
    let Adopted { overlay, lock, changelog, outputs, .. } = match adopt(inputs, "", "2026-01-01") {
        Ok(adopted) => adopted,
        Err(refused) => return Ok(refused),
    };
    let (overlay, lock) = (Source { name: "overlay", text: &overlay }, Source { name: "lock", text: &lock });
    let again = adopt(&Inputs { overlay, lock: Some(lock), ..*inputs }, &changelog, "2026-02-02");
    let again = again.map_err(|refused| format!("what was adopted is refused: {refused}"))?;
    if (again.overlay.as_str(), again.lock.as_str(), again.changelog) != (overlay.text, lock.text, changelog) {
        return Err(format!("adopting it twice is not adopting it once: {}", again.diff.text()));
    }
    Ok(outputs.warnings)
}

/// The processor time of this process so far, which other processes do not influence; without Linux (proc(5)), the elapsed time.
fn processor_time(began: Instant) -> Duration {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = status.rsplit_once(") ").map(|(_, fields)| fields.split(' ').skip(11).take(2)).into_iter().flatten();
    let ticks: Vec<u64> = fields.filter_map(|field| field.parse().ok()).collect();
    if ticks.is_empty() { began.elapsed() } else { Duration::from_millis(10 * ticks.iter().sum::<u64>()) }
}

/// The peak memory of the process since [`forget_peak`], in bytes; 0 without Linux.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok());
    number.unwrap_or_default() << 10
}

fn forget_peak() {
    // where this is not possible, the peak is that of all inputs so far
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
