//! Adopts a document: makes the new texts of the overlay, the lock and the changelog.
//!
//! Before that, [`follow`] can edit the blocks of operations that moved.
//!
//! Invariants: adopting is pure, so either all files change or none; every line of the overlay stays as it is; adopting the same
//! document again changes nothing.

mod changelog;
mod follow;
mod skeleton;

pub use follow::{Followed, Moved, follow};
use openapi_mcp_model::Method;
use serde_json::Value as Json;

use crate::diagnostics::{Diagnostics, Location};
use crate::diff::{self, Diff};
use crate::ir::{Decision, Operation};
use crate::tree::File;
use crate::{Inputs, Outputs, Source, coverage, emit, load, lock};

#[cfg(test)]
mod tests;

/// The files as they are after a document was adopted.
#[derive(Clone, Debug)]
pub struct Adopted {
    pub overlay: String,
    pub lock: String,
    pub changelog: String,
    /// the changes from the old lock to the new one
    pub diff: Diff,
    /// new operations without an annotation, each with the removed operation that it may replace
    pub added: Vec<Added>,
    pub outputs: Outputs,
}

/// A new operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    pub id: String,
    pub method: Method,
    pub path: String,
    /// the id it had before, if only its id changed
    pub was: Option<String>,
    /// the tool of a removed operation, if this operation evidently replaces it
    pub aliases: Option<String>,
}

/// Adopts `inputs.document`. `changelog` is the current text of the changelog, `today` the day in the form `2026-11-22`.
pub fn adopt(inputs: &Inputs<'_>, changelog: &str, today: &str) -> Result<Adopted, Diagnostics> {
    let before = crate::understand(inputs)?.api;
    let overlay = load::load(inputs.overlay.text, File::Overlay, &mut Diagnostics::default());
    let annotated = overlay.as_ref().map(skeleton::annotated).unwrap_or_default();
    let removed: Vec<&Operation> =
        before.operations.iter().filter(|operation| matches!(operation.decision, Decision::Removed(_))).collect();
    let added: Vec<Added> = before
        .operations
        .iter()
        .filter(|operation| operation.decision == Decision::Undecided)
        .filter(|operation| !annotated.contains(&(operation.path.clone(), operation.method, operation.id.clone())))
        .map(|operation| added(operation, &removed))
        .collect();
    let overlay = skeleton::insert(inputs.overlay, &added)?;
    let mut outputs = crate::generate(&Inputs { overlay: Source { text: &overlay, ..inputs.overlay }, ..*inputs })?;
    date(&mut outputs, today);
    let surface = emit::surface(&outputs.api);
    let locked: Json = inputs.lock.and_then(|lock| serde_json::from_str(lock.text).ok()).unwrap_or_default();
    let diff = diff::diff(&locked, &surface);
    let changelog = match inputs.lock {
        Some(_) => changelog::with(changelog, &diff, &outputs.api.document, today),
        None => changelog.to_owned(),
    };
    Ok(Adopted { overlay, lock: lock::text(&surface), changelog, diff, added, outputs })
}

/// Describes a new operation; the removed operations are searched for the one that it replaces.
fn added(operation: &Operation, removed: &[&Operation]) -> Added {
    let before = skeleton::before(operation, removed);
    let is_here = |before: &&Operation| before.path == operation.path && before.method == operation.method;
    Added {
        id: operation.id.clone(),
        method: operation.method,
        path: operation.path.clone(),
        was: before.filter(is_here).map(|before| before.id.clone()).filter(|was| *was != operation.id),
        aliases: before.and_then(|before| match &before.decision {
            Decision::Removed(tool) => tool.clone(),
            _ => None,
        }),
    }
}

/// Sets the day of each state that is new today.
fn date(outputs: &mut Outputs, today: &str) {
    for operation in &mut outputs.api.operations {
        operation.since.get_or_insert_with(|| today.to_owned());
    }
    outputs.manifest = serde_json::json!(emit::manifest(&outputs.api)).to_string();
    outputs.coverage = coverage::reports(&outputs.api);
}

/// An error of the adoption itself.
fn refused(overlay: Source<'_>, message: &str, hint: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new("", overlay.name, "");
    diagnostics.error("E0217", Location::default(), format!("`{}`: {message}", overlay.name)).hint(hint);
    diagnostics
}
