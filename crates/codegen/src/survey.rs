//! How much of a document becomes tools before anybody has edited anything.

use std::collections::BTreeMap;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::first_overlay::{Annotated, overlay};
use crate::ir::Api;
use crate::{Inputs, Outputs, Source, generate, text};

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

/// What the first try made of a document.
#[derive(Clone, Debug)]
pub struct FirstTry {
    /// an overlay in which each operation is a tool or excluded for the reason of its refusal
    pub overlay: String,
    pub api: Api,
    /// the refusals, at most one for each operation
    pub refusals: Vec<Refusal>,
}

/// Why an operation is no tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub operation: String,
    pub code: Code,
    /// the diagnostic as users read it, with its place and its hint
    pub text: String,
}

/// Makes each operation of a document a tool, and leaves out those that are refused.
///
/// # Errors
/// What is wrong with the document as a whole.
pub fn first_try(document: Source<'_>) -> Result<FirstTry, Diagnostics> {
    let mut refusals: Vec<Refusal> = Vec::new();
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let overlay = overlay(document, Annotated::All(&refused))?;
        let inputs = Inputs { document, overlay: Source { name: "overlay.yaml", text: &overlay }, lock: None };
        let diagnostics = match generate(&inputs) {
            Ok(Outputs { api, .. }) => return Ok(FirstTry { overlay, api, refusals }),
            Err(diagnostics) => diagnostics,
        };
        let before = refusals.len();
        for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
            if let Some(id) = &diagnostic.location.operation
                && refused.insert(id.clone(), reason(diagnostic)).is_none()
            {
                refusals.push(Refusal { operation: id.clone(), code: diagnostic.code, text: diagnostics.render(diagnostic) });
            }
        }
        // each stage reports its own problems, so some are found only when others are out of the way
        if refusals.len() == before {
            return Err(diagnostics);
        }
    }
}

/// Why an operation is excluded, on one line.
fn reason(diagnostic: &Diagnostic) -> String {
    format!("refused at the first try ({}): {}", diagnostic.code, text::line(&diagnostic.message))
}

/// Counts what the first try makes of a document.
pub fn survey(document: Source<'_>) -> Survey {
    match first_try(document) {
        Ok(FirstTry { api, refusals, .. }) => {
            let mut refused = BTreeMap::new();
            for refusal in refusals {
                *refused.entry(refusal.code).or_default() += 1;
            }
            Survey { operations: api.operations.len(), tools: api.tools().len(), refused, whole: None }
        }
        Err(diagnostics) => {
            let error = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
            Survey { whole: error.map(|error| error.code), ..Survey::default() }
        }
    }
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
        let text = overlay(document, Annotated::All(&BTreeMap::new())).unwrap();
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
