//! The first overlay of a project: an annotation for each operation of a document, with names made from the document.
//!
//! [`survey`] uses it to show how much of a document becomes tools before anybody has edited anything.

use std::collections::{BTreeMap, HashSet};

use crate::diagnostics::{Code, Diagnostics, Severity};
use crate::ir::Operation;
use crate::overlay::target_of;
use crate::text::quoted;
use crate::tree::{File, Node, join};
use crate::{Inputs, Outputs, Source, generate, load, names, text, understand};

/// How often operations that are refused are left out and the rest is tried again: each stage reports its own problems.
const ROUNDS: usize = 5;

const HEAD: &str = "overlay: 1.0.0\ninfo: {title: Tools, version: \"1\"}\n";

/// An overlay in which each operation is a tool, except those in `refused`, which are excluded for the reason there.
///
/// # Errors
/// What is wrong with the document itself.
pub fn overlay(document: Source<'_>, refused: &BTreeMap<String, String>) -> Result<String, Diagnostics> {
    let head = format!("{HEAD}actions: []\n");
    let empty = Source { name: "overlay.yaml", text: &head };
    let understood = understand(&Inputs { document, overlay: empty, lock: None })?;
    let loaded = load::load(document.text, File::Document, &mut Diagnostics::default()).unwrap_or_default();
    let mut taken = HashSet::new();
    let actions = understood.api.operations.iter().map(|operation| {
        let decision = if let Some(reason) = refused.get(&operation.id) {
            format!("exclude: {}", quoted(reason))
        } else {
            let description = if is_described(&loaded, operation) { String::new() } else { description(operation) };
            format!("tool: {}{description}", free_name(operation, &mut taken))
        };
        action(operation, &decision)
    });
    Ok(actions.fold(format!("{HEAD}actions:\n"), |text, action| text + &action))
}

/// The action that annotates an operation.
fn action(operation: &Operation, decision: &str) -> String {
    let (target, id) = (quoted(&target_of(&operation.path, operation.method)), quoted(&operation.id));
    format!("  - target: {target}\n    x-operation-id: {id}\n    update:\n      x-mcp:\n        {decision}\n")
}

/// Whether the document describes an operation.
fn is_described(document: &Node, operation: &Operation) -> bool {
    let pointer = join(&join("/paths", &operation.path), operation.method.key());
    let node = document.pointer(&pointer);
    let has_text = |key: &str| {
        let found = node.and_then(|node| node.get(key)).and_then(Node::text);
        found.is_some_and(|found| !text::plain(found, 100).is_empty())
    };
    has_text("summary") || has_text("description")
}

/// The line with a description for an operation that the document does not describe.
fn description(operation: &Operation) -> String {
    format!("\n        description: {}", quoted(&format!("Calls {} {}.", operation.method, operation.path)))
}

/// The name that is suggested for an operation, with a number if another one has it already.
fn free_name(operation: &Operation, taken: &mut HashSet<String>) -> String {
    let suggested = names::suggested_tool(&operation.id, operation.method);
    let mut name = suggested.clone();
    for number in 2.. {
        if taken.insert(name.clone()) {
            break;
        }
        let end = format!("_{number}");
        let room = names::MAX_TOOL_NAME.saturating_sub(end.len());
        let start: String = suggested.chars().take(room).collect();
        name = format!("{}{end}", start.trim_end_matches('_'));
    }
    name
}

/// How much of a document becomes tools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// the number of its operations
    pub operations: usize,
    /// how many of them are tools without any edit
    pub tools: usize,
    /// the operations that are refused, by the code of their first diagnostic
    pub refused: BTreeMap<Code, usize>,
    /// why the document as a whole is refused
    pub whole: Option<Code>,
}

/// Makes each operation of a document a tool, leaves out those that are refused, and counts.
pub fn survey(document: Source<'_>) -> Survey {
    let mut found = Survey::default();
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let overlay = match overlay(document, &refused) {
            Ok(overlay) => overlay,
            Err(diagnostics) => return Survey { whole: first_error(&diagnostics), ..found },
        };
        let inputs = Inputs { document, overlay: Source { name: "overlay.yaml", text: &overlay }, lock: None };
        let diagnostics = match generate(&inputs) {
            Ok(Outputs { api, .. }) => {
                return Survey { operations: api.operations.len(), tools: api.tools().len(), whole: None, ..found };
            }
            Err(diagnostics) => diagnostics,
        };
        let before = refused.len();
        for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
            if let Some(id) = &diagnostic.location.operation
                && refused.insert(id.clone(), diagnostic.message.clone()).is_none()
            {
                *found.refused.entry(diagnostic.code).or_default() += 1;
            }
        }
        found.whole = first_error(&diagnostics);
        if refused.len() == before {
            break;
        }
    }
    found
}

fn first_error(diagnostics: &Diagnostics) -> Option<Code> {
    diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error).map(|diagnostic| diagnostic.code)
}

/// A table of surveys in Markdown, with a line for all of them together.
pub fn table(surveys: &[(String, Survey)]) -> String {
    let mut text =
        "| document | operations | tools at the first try | refused, by code |\n| --- | --- | --- | --- |\n".to_owned();
    let (mut operations, mut tools) = (0, 0);
    for (name, survey) in surveys {
        operations += survey.operations;
        tools += survey.tools;
        let mut codes: Vec<String> = survey.refused.iter().map(|(code, count)| format!("{code}: {count}")).collect();
        codes.extend(survey.whole.map(|code| format!("all: {code}")));
        let row = [name.clone(), survey.operations.to_string(), survey.tools.to_string(), codes.join(", ")];
        text = text + "| " + &row.join(" | ") + " |\n";
    }
    let share = (tools * 1000).checked_div(operations).unwrap_or_default();
    text + &format!("| all | {operations} | {tools} ({}.{} %) | |\n", share / 10, share % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{
        "openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "servers": [{"url": "https://shop.example"}],
        "paths": {
            "/items": {"get": {"operationId": "listItems", "responses": {}}, "post": {"operationId": "list_items", "responses": {}}},
            "/files": {"put": {"operationId": "sync", "requestBody": {"content": {"image/*": {}}}, "responses": {}}}
        }
    }"#;

    #[test]
    fn every_operation_is_a_tool_with_a_name_of_its_own_or_refused_by_a_code() {
        let document = Source { name: "document.json", text: DOCUMENT };
        let found = survey(document);
        assert_eq!(found, Survey { operations: 3, tools: 2, refused: BTreeMap::from([("E0306", 1)]), whole: None });
        let text = overlay(document, &BTreeMap::new()).unwrap();
        for name in ["tool: list_items\n", "tool: list_items_2\n", "tool: replace_sync\n"] {
            assert!(text.contains(name), "{text}");
        }
        let table = table(&[("shop".to_owned(), found)]);
        assert!(table.ends_with("| shop | 3 | 2 | E0306: 1 |\n| all | 3 | 2 (66.6 %) | |\n"), "{table}");
    }

    #[test]
    fn a_document_that_cannot_be_read_is_refused_as_a_whole() {
        let found = survey(Source { name: "document.json", text: r#"{"swagger": "2.0"}"# });
        assert_eq!(found.whole, Some("E0103"));
    }
}
