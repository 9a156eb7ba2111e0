//! Compares the tools that a built server lists with the lock.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use openapi_mcp_codegen::diff::literal;
use openapi_mcp_model::Tool;
use serde::Deserialize;
use serde_json::Value as Json;

/// The largest output that is read, in bytes.
const LARGEST: u64 = 64 << 20;
/// The time between two checks of whether the program has ended.
const PAUSE: Duration = Duration::from_millis(5);

#[derive(Args)]
pub(crate) struct Program {
    /// Built server that must have the same tools, such as `target/debug/shop-mcp`
    #[arg(long)]
    program: Option<PathBuf>,
    /// Seconds the server may take to list them
    #[arg(long, default_value = "60", value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

impl Program {
    /// The differences between the program, if one is given, and the lock.
    pub(crate) fn drift(&self, locked: &Json) -> anyhow::Result<Vec<String>> {
        match &self.program {
            Some(program) => {
                let told = ask(program, Duration::from_secs(self.timeout))?;
                Ok(drift(&tools(locked), &tools(&told)))
            }
            None => Ok(Vec::new()),
        }
    }
}

fn tools(of: &Json) -> Vec<&Json> {
    of.get("tools").and_then(Json::as_array).into_iter().flatten().collect()
}

/// The part of a tool's entry in the lock that a server lists; the rest is only for the server itself or for the review.
fn public(locked: &Json) -> Json {
    Tool::deserialize(locked).map_or_else(|_| locked.clone(), |tool| tool.to_public_json())
}

fn drift(locked: &[&Json], told: &[&Json]) -> Vec<String> {
    let name = |tool: &Json| tool.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
    let names: BTreeSet<String> = locked.iter().chain(told).map(|tool| name(tool)).collect();
    let problem = |wanted: &String| {
        let own = |tools: &[&Json]| tools.iter().copied().filter(|tool| name(tool) == *wanted).cloned().collect::<Vec<Json>>();
        let problem = match (own(locked).as_slice(), own(told).as_slice()) {
            ([tool], [said]) => {
                let told = public(tool);
                let mut keys = [&told, said].into_iter().filter_map(Json::as_object).flat_map(serde_json::Map::keys);
                let other = keys.find(|key| tool.get(key) != said.get(key))?;
                format!("has another {} in the program", literal(other))
            }
            ([], [_]) => "of the program is not in the lock".to_owned(),
            ([_], []) => "is not in the program".to_owned(),
            (locked, told) => format!("occurs {} times in the lock and {} times in the program", locked.len(), told.len()),
        };
        Some(format!("{} {problem}; build it again", literal(wanted)))
    };
    names.iter().filter_map(problem).collect()
}

/// Runs `tools --json` of a program, and returns what it prints.
fn ask(program: &Path, longest: Duration) -> anyhow::Result<Json> {
    let called = format!("`{} tools --json`", program.display());
    let deadline = Instant::now() + longest;
    let mut child = Command::new(program)
        .args(["tools", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run `{}`; build it first", program.display()))?;
    let stdout = child.stdout.take().context("the program has no stdout")?;
    let (sender, told) = mpsc::channel();
    // the output is read in a thread: a full pipe would block the program, and a pipe left open would block this process
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.take(LARGEST).read_to_end(&mut bytes);
        sender.send(read.map(|_| bytes))
    });
    let Some(status) = wait(&mut child, deadline)? else {
        child.kill()?;
        child.wait()?;
        bail!("{called} did not end in {} s", longest.as_secs());
    };
    if !status.success() {
        bail!("{called} failed: {status}");
    }
    let Ok(told) = told.recv_timeout(deadline.saturating_duration_since(Instant::now())) else {
        bail!("{called} did not close its output in {} s", longest.as_secs());
    };
    serde_json::from_slice(&told?).with_context(|| format!("{called} is not JSON"))
}

/// Waits for the exit status; `None` if the program did not end in time.
fn wait(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        thread::sleep(PAUSE);
    }
}
