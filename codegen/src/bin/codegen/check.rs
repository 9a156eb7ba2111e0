//! `cargo codegen check`: what would be built is what was reviewed.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use codegen::diagnostics::Severity;
use codegen::{Inputs, diff, lock, texts};
use serde_json::Value as Json;

use crate::{failed, print};

/// Fails on everything that somebody still has to decide or review; `program` must have the tools of the lock, too.
pub(crate) fn check(inputs: &Inputs<'_>, program: Option<&Path>) -> anyhow::Result<()> {
    let outputs = codegen::generate(inputs).map_err(|diagnostics| failed(&diagnostics))?;
    let Some(reviewed) = inputs.lock else {
        bail!(
            "there is no lock, so nothing was reviewed\nhelp: run `cargo codegen sync`, and review and commit the lock it writes"
        );
    };
    let built: Json = serde_json::from_str(&outputs.manifest)?;
    let locked: Json = serde_json::from_str(reviewed.text).with_context(|| format!("`{}` is not JSON", reviewed.name))?;
    let mut problems: Vec<String> =
        lock::edited(&locked).into_iter().map(|tool| format!("`{tool}` was changed in the lock by hand")).collect();
    let diff = diff::diff(&locked, &built);
    if !diff.is_empty() {
        problems.extend(diff.text().lines().map(str::to_owned));
    }
    let undecided = outputs.warnings.iter().filter(|warning| warning.severity == Severity::Warning);
    problems.extend(undecided.map(|warning| {
        let place = outputs.warnings.place(warning).map(|place| format!(" ({place})"));
        texts::line(&warning.message) + &place.unwrap_or_default()
    }));
    if let Some(program) = program {
        problems.extend(drift(&locked, program)?);
    }
    if problems.is_empty() {
        let count = outputs.api.tools().len();
        let digest = |of: &Json| of.get("document").and_then(|document| document.get("sha256")).cloned();
        let same = if digest(&locked) == digest(&built) {
            ""
        } else {
            "; the document's file is another one, `cargo codegen sync` notes its digest"
        };
        return print(&format!("{count} tools as reviewed{same}\n"));
    }
    let list = problems.join("\n  ");
    bail!(
        "the tool surface is not as reviewed:\n  {list}\nhelp: decide in the overlay what is undecided, delete the blocks of what is gone, then run `cargo codegen sync` and review the lock's diff"
    );
}

/// What a built program says of its tools, against the lock.
fn drift(locked: &Json, program: &Path) -> anyhow::Result<Vec<String>> {
    let output = Command::new(program)
        .args(["tools", "--json"])
        .output()
        .with_context(|| format!("cannot run `{}`; build it first", program.display()))?;
    if !output.status.success() {
        bail!("`{} tools --json` failed: {}", program.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    let said: Json =
        serde_json::from_slice(&output.stdout).with_context(|| format!("`{} tools --json` is not JSON", program.display()))?;
    let tools = |of: &Json| of.get("tools").and_then(Json::as_array).cloned().unwrap_or_default();
    let name = |tool: &Json| tool.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
    let (locked, said) = (tools(locked), tools(&said));
    let mut problems = Vec::new();
    for tool in &locked {
        let Some(own) = said.iter().find(|own| name(own) == name(tool)) else {
            problems.push(format!("`{}` is not in the program; build it again", name(tool)));
            continue;
        };
        let differs = |(key, value): &(&String, &Json)| tool.get(key.as_str()) != Some(*value);
        if let Some((key, _)) = own.as_object().into_iter().flatten().find(differs) {
            problems.push(format!("`{}` has another `{key}` in the program; build it again", name(tool)));
        }
    }
    let unknown = said.iter().filter(|own| !locked.iter().any(|tool| name(tool) == name(own)));
    problems.extend(unknown.map(|own| format!("`{}` of the program is not in the lock; build it again", name(own))));
    Ok(problems)
}
