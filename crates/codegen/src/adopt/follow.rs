//! Follows operations that moved: their blocks in the overlay get the new target and the new `operationId`, and stay as they are
//! otherwise. Only certain moves are followed; see [`crate::moves`].
//!
//! Invariants: the text is edited in place, so comments and layout stay; the result is read again, and has to say what was meant.

mod edit;

use std::collections::{BTreeMap, HashSet};

use edit::{Edits, Renaming};

use super::{refused, skeleton};
use crate::diagnostics::Diagnostics;
use crate::ir::{Api, Decision, Operation};
use crate::moves::{Place, moves, parameters, renamed_parameters};
use crate::overlay::{annotated_operation, quoted_path};
use crate::tree::{File, Node, Value};
use crate::{Inputs, Source, load};

/// The overlay after operations were followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub overlay: String,
    pub moved: Vec<Moved>,
}

/// An operation that was followed, as method, path and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub from: String,
    pub to: String,
}

/// A move that is applied.
struct Step<'a> {
    was: Place<'a>,
    is: Place<'a>,
    has_tool: bool,
    /// the index of the action in which the new operation waits for a decision
    placeholder: Option<usize>,
}

impl<'a> Step<'a> {
    /// The old and the new names of its path parameters.
    fn parameters(&self) -> Vec<(&'a str, &'a str)> {
        renamed_parameters(self.was.path, self.is.path)
    }
}

/// Edits the overlay so that its blocks are for the operations of the new document.
pub fn follow(inputs: &Inputs<'_>) -> Result<Followed, Diagnostics> {
    let api = crate::understand(inputs)?.api;
    let mut diagnostics = Diagnostics::new("", inputs.overlay.name, "");
    let Some(overlay) = load::load(inputs.overlay.text, File::Overlay, &mut diagnostics) else { return Err(diagnostics) };
    let steps = steps(&api, &overlay);
    let mut text = inputs.overlay.text.to_owned();
    let mut left: Vec<&Step<'_>> = steps.iter().collect();
    if !left.is_empty() {
        let expected;
        (text, expected, left) = edited(&text, &overlay, left);
        let read = load::load(&text, File::Overlay, &mut Diagnostics::default());
        if read.as_ref() != Some(&expected) {
            let hint = "write the targets plainly, as `cargo codegen sync` does, or change them by hand";
            return Err(refused(inputs.overlay, "operations that moved cannot be followed in this text", hint));
        }
        text = with_shared_targets(inputs, text, &left);
    }
    let shown = |place: &Place<'_>| format!("{} {} ({})", place.method, place.path, place.id);
    let moved = left.iter().map(|step| Moved { from: shown(&step.was), to: shown(&step.is) }).collect();
    Ok(Followed { overlay: text, moved })
}

/// The certain moves between operations that only the overlay has and operations that only the document has.
fn steps<'a>(api: &'a Api, overlay: &Node) -> Vec<Step<'a>> {
    let annotated = skeleton::annotated(overlay);
    let is_annotated =
        |operation: &Operation| annotated.contains(&(operation.path.clone(), operation.method, operation.id.clone()));
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for operation in &api.operations {
        let place = Place { id: &operation.id, method: operation.method.as_str(), path: &operation.path };
        match operation.decision {
            Decision::Removed(_) if is_annotated(operation) => gone.push(place),
            Decision::Undecided if is_plain(&operation.path) && is_plain(&operation.id) => new.push(place),
            _ => {}
        }
    }
    let tools: HashSet<&str> = api
        .operations
        .iter()
        .filter(|operation| matches!(operation.decision, Decision::Removed(Some(_))))
        .map(|operation| operation.id.as_str())
        .collect();
    let step = |(was, is): (Place<'a>, Place<'a>)| Step {
        was,
        is,
        has_tool: tools.contains(was.id),
        placeholder: block_of(overlay, &is),
    };
    moves(&gone, &new).into_iter().map(step).collect()
}

/// The index of the action that annotates an operation.
fn block_of(overlay: &Node, place: &Place<'_>) -> Option<usize> {
    let is_it = |action: &Node| {
        let is_same =
            annotated_operation(action).is_some_and(|(path, method)| path == place.path && method.as_str() == place.method);
        is_same && action.get("x-operation-id").and_then(Node::text) == Some(place.id)
    };
    overlay.get("actions").and_then(Node::items)?.iter().position(is_it)
}

/// Whether a text needs no quotes and no escapes wherever the overlay contains it.
fn is_plain(text: &str) -> bool {
    text.chars().all(|sign| sign.is_ascii_alphanumeric() || "/{}_-.~@+ ".contains(sign)) && text.trim() == text
}

/// Applies the moves to the text and, for comparison, to what it says. Moves that the text has no place for are left out.
fn edited<'a, 's>(text: &str, overlay: &Node, steps: Vec<&'s Step<'a>>) -> (String, Node, Vec<&'s Step<'a>>) {
    let mut edits = Edits::new(text);
    let mut expected = overlay.clone();
    let mut left = Vec::new();
    let actions = overlay.get("actions").and_then(Node::items).unwrap_or_default();
    let mut no_actions = Vec::new();
    let changed = match expected.get_mut("actions").map(|actions| &mut actions.value) {
        Some(Value::Array(changed)) => changed,
        _ => &mut no_actions,
    };
    for step in steps {
        let Some(index) = block_of(overlay, &step.was) else { continue };
        let placeholder = step.placeholder.and_then(|index| skeleton::placeholder(text, actions.get(index)?));
        if step.placeholder.is_some() && placeholder.is_none() {
            continue;
        }
        let behind = actions.get(index + 1);
        let (Some(action), Some(goal)) = (actions.get(index), changed.get_mut(index)) else { continue };
        let renaming =
            Renaming { was: step.was, is: step.is, parameters: if step.has_tool { step.parameters() } else { Vec::new() } };
        if let Some((found, new)) = edit::block(text, action, behind, &renaming) {
            edits.extend(found);
            edits.extend(placeholder.into_iter().map(|range| (range, String::new())).collect());
            *goal = new;
            left.push(step);
        }
    }
    for (index, action) in actions.iter().enumerate().filter(|(_, action)| annotated_operation(action).is_none()) {
        let Some(target) = action.get("target").and_then(Node::text) else { continue };
        let words = correction(target, &left);
        if let Some((found, new)) = edit::target(text, action, actions.get(index + 1), &words)
            && let Some(goal) = changed.get_mut(index).and_then(|goal| goal.get_mut("target"))
        {
            edits.extend(found);
            goal.value = Value::String(new);
        }
    }
    let decided: HashSet<usize> = left.iter().filter_map(|step| step.placeholder).collect();
    let mut index = 0..;
    changed.retain(|_| index.next().is_none_or(|index| !decided.contains(&index)));
    (edits.apply(), expected, left)
}

/// What to replace in the target of a correction of operations that moved.
fn correction(target: &str, steps: &[&Step<'_>]) -> Vec<(String, String)> {
    let mut words: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for step in steps.iter().filter(|step| target.contains(&quoted_path(step.was.path))) {
        let own = format!("[{}].{}", quoted_path(step.was.path), step.was.method.to_lowercase());
        let is_one = target.starts_with(&format!("$.paths[{}].", quoted_path(step.was.path)));
        // a target of one operation is not for others of its path
        if is_one && !target.contains(&own) {
            continue;
        }
        words.entry(quoted_path(step.was.path)).or_default().insert(quoted_path(step.is.path));
        for (was, is) in step.parameters().into_iter().filter(|_| is_one) {
            words.entry(format!("@.name=='{was}'")).or_default().insert(format!("@.name=='{is}'"));
        }
    }
    // a path whose operations went to several places has no single new one
    let one = |is: HashSet<String>| if is.len() == 1 { is.into_iter().next() } else { None };
    words.into_iter().filter_map(|(was, is)| Some((was, one(is)?))).collect()
}

/// Renames path parameters in targets that select parameters of all operations by their name, where nothing is selected any more.
fn with_shared_targets(inputs: &Inputs<'_>, text: String, steps: &[&Step<'_>]) -> String {
    let mut names: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    for step in steps {
        for (was, is) in parameters(step.was.path).into_iter().zip(parameters(step.is.path)) {
            names.entry(was).or_default().insert(is);
        }
    }
    let one = |names: &HashSet<&str>| names.iter().next().filter(|_| names.len() == 1).map(|name| (*name).to_owned());
    let words: Vec<(String, String)> = names
        .iter()
        .filter_map(|(was, is)| Some((format!("@.name=='{was}'"), format!("@.name=='{}'", one(is)?))))
        .filter(|(was, is)| was != is)
        .collect();
    let overlay = Source { text: &text, ..inputs.overlay };
    let warnings = match crate::understand(&Inputs { overlay, ..*inputs }) {
        Ok(understood) => understood.warnings,
        Err(diagnostics) => diagnostics,
    };
    let idle: HashSet<u32> = warnings
        .iter()
        .filter(|warning| warning.code == "E0206")
        .filter_map(|warning| Some(warning.location.span?.line))
        .collect();
    let Some(tree) = load::load(&text, File::Overlay, &mut Diagnostics::default()) else { return text };
    let actions = tree.get("actions").and_then(Node::items).unwrap_or_default();
    let mut edits = Edits::new(&text);
    for (index, action) in actions.iter().enumerate() {
        let is_idle = action.get("target").is_some_and(|target| idle.contains(&target.span.line));
        if let Some((found, _)) = edit::target(&text, action, actions.get(index + 1), &words).filter(|_| is_idle) {
            edits.extend(found);
        }
    }
    edits.apply()
}
