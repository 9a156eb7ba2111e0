//! `cargo codegen check`: fails unless the build generates what was reviewed.

use anyhow::{Context, bail};
use openapi_mcp_codegen::diagnostics::Severity;
use openapi_mcp_codegen::project::Project;
use openapi_mcp_codegen::{Inputs, diff, emit, lock, text};
use serde_json::Value as Json;

use crate::program::Program;
use crate::{failed, files, print};

/// Fails on everything that somebody still has to decide or review, and if `program` does not have the tools of the lock.
pub(crate) fn check(inputs: &Inputs<'_>, project: &Project, program: &Program) -> anyhow::Result<()> {
    let outputs = openapi_mcp_codegen::generate(inputs).map_err(|diagnostics| failed(&diagnostics))?;
    let Some(reviewed) = inputs.lock else {
        bail!(
            "there is no lock, so nothing was reviewed\nhelp: run `cargo codegen sync`, and review and commit the lock it writes"
        );
    };
    let built = emit::surface(&outputs.api);
    let locked: Json = serde_json::from_str(reviewed.text).with_context(|| format!("`{}` is not JSON", reviewed.name))?;
    let mut problems: Vec<String> =
        lock::edited(&locked).into_iter().map(|tool| format!("`{tool}` was changed in the lock by hand")).collect();
    let diff = diff::diff(&locked, &built);
    if !diff.is_empty() {
        problems.extend(diff.text().lines().map(str::to_owned));
    }
    if problems.is_empty()
        && let Some(line) = lock::first_forged_line(reviewed.text, &outputs.api)
    {
        problems.push(format!(
            "line {line} of `{}` is not as `cargo codegen sync` writes it, although no comparison tells a change: the order of something in the \
             document is another one, the lock records something there that the diff does not compare, or it was edited",
            reviewed.name
        ));
    }
    let undecided = outputs.warnings.iter().filter(|warning| warning.severity == Severity::Warning);
    problems.extend(undecided.map(|warning| {
        let location = outputs.warnings.location(warning).map(|location| format!(" ({location})"));
        text::line(&warning.message) + &location.unwrap_or_default()
    }));
    if let Some(path) = &project.generated {
        let kept = files::read_if_there(path)?.unwrap_or_default();
        // a checkout may convert line endings
        if !kept.lines().eq(outputs.reviewed_tools().lines()) {
            problems.push(format!("`{}` is not what the build makes; `cargo codegen sync` rewrites it", path.display()));
        }
    }
    problems.extend(program.drift(&locked)?);
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
        "the tool surface is not as reviewed:\n  {list}\nhelp: decide in the overlay what is undecided, delete the blocks of what was removed, then run `cargo codegen sync` and review the lock's diff"
    );
}
