//! Input nobody meant to write. Whatever it is, it gives outputs or diagnostics: no panic, no hang, no exhausted memory.

use std::path::Path;

use openapi_mcp_codegen::{Inputs, Outputs, Source, diagnostics::Diagnostics};

#[path = "../../../crates/codegen/examples/fuzz/mutate.rs"]
mod mutate;

/// Small documents that have a little of everything, in both formats.
const YAML: &str = include_str!("../../corpus/reference-with-siblings/document.yaml");
const JSON: &str = include_str!("../../corpus/json-document/document.json");
const OVERLAY: &str = include_str!("../../corpus/hidden-default/overlay.yaml");

/// A longer one, for what costs less.
const LONG: &str = include_str!("../../corpus/every-encoding/document.yaml");
const LONG_OVERLAY: &str = include_str!("../../corpus/every-encoding/overlay.yaml");

fn inputs<'a>(document: &'a str, overlay: &'a str) -> Inputs<'a> {
    Inputs {
        document: Source { name: "document", text: document },
        overlay: Source { name: "overlay", text: overlay },
        lock: None,
    }
}

fn generate(document: &str, overlay: &str) -> Result<Outputs, Diagnostics> {
    openapi_mcp_codegen::generate(&inputs(document, overlay))
}

fn refusal(document: &str, overlay: &str) -> String {
    generate(document, overlay).expect_err("the inputs are refused").to_string()
}

/// The text cut off after each of its characters.
fn prefixes(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().map(|(end, _)| text.split_at(end).0)
}

fn without_each_line(text: &str) -> impl Iterator<Item = String> {
    let lines: Vec<&str> = text.lines().collect();
    (0..lines.len()).map(move |gone| {
        let kept = lines.iter().enumerate().filter(|(index, _)| *index != gone);
        kept.fold(String::new(), |text, (_, line)| text + line + "\n")
    })
}

/// As far as text of the inputs is seen.
fn understand(document: &str, overlay: &str) {
    let _ = openapi_mcp_codegen::understand(&inputs(document, overlay));
}

#[test]
fn a_file_cut_off_anywhere_is_no_reason_to_panic() {
    prefixes(YAML).for_each(|document| understand(document, OVERLAY));
    prefixes(JSON).for_each(|document| understand(document, OVERLAY));
    prefixes(OVERLAY).for_each(|overlay| understand(YAML, overlay));
}

#[test]
fn a_missing_line_is_no_reason_to_panic() {
    without_each_line(JSON).for_each(|document| understand(&document, OVERLAY));
    without_each_line(LONG).for_each(|document| understand(&document, LONG_OVERLAY));
    without_each_line(LONG_OVERLAY).for_each(|overlay| understand(LONG, &overlay));
}

#[test]
fn a_value_of_another_type_is_no_reason_to_panic() {
    for other in ["null", "1e9", "''", "[]", "{}", "[[{}]]", "{$ref: '#'}"] {
        for line in 0..LONG.lines().count() {
            understand(&with_value(LONG, line, other), LONG_OVERLAY);
        }
        for line in 0..LONG_OVERLAY.lines().count() {
            understand(LONG, &with_value(LONG_OVERLAY, line, other));
        }
    }
}

/// The value on one line replaced; what is nested below goes with it.
fn with_value(text: &str, changed: usize, other: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let mut mutated = String::new();
    let mut below = None;
    for (number, line) in text.lines().enumerate() {
        if below.is_some_and(|outer| indent(line) > outer) {
            continue;
        }
        below = None;
        let key = line.split_once(": ").map(|(key, _)| key).or_else(|| line.strip_suffix(':'));
        let changed = key.filter(|_| number == changed).map(|key| {
            below = Some(indent(line));
            format!("{key}: {other}")
        });
        mutated.extend([changed.as_deref().unwrap_or(line), "\n"]);
    }
    mutated
}

#[test]
fn inputs_that_nearly_are_documents_are_no_reason_to_panic() {
    let corpus = mutate::corpus(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")).expect("the corpus can be read");
    for number in 0..1_500 {
        let input = mutate::input(&corpus, 1, number).expect("the corpus has cases");
        let _ = openapi_mcp_codegen::understand(&input.as_inputs());
    }
}

/// A document with one operation that takes a body.
fn document(body: &str, components: &str) -> String {
    format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "Shop", "version": "1"}}, "servers": [{{"url": "https://shop.example"}}],
            "paths": {{"/items": {{"post": {{
                "operationId": "createItem", "summary": "Creates an item.",
                "requestBody": {{"content": {{"application/json": {{"schema": {body}}}}}}},
                "responses": {{"200": {{"description": "Done."}}}}
            }}}}}},
            "components": {{"schemas": {{{components}}}}}}}"#
    )
}

const CREATE_ITEM: &str = "overlay: 1.0.0
actions:
  - {target: \"$.paths['/items'].post\", x-operation-id: createItem, update: {x-mcp: {tool: create_item}}}
";

#[test]
fn references_a_thousand_levels_deep_are_refused() {
    let deeper = |keyword: &str| {
        let level = |level: usize| {
            format!(r#""S{level}": {{{}, "type": "object"}}"#, keyword.replace("NEXT", &format!("S{}", level + 1)))
        };
        let levels: Vec<String> = (0..1000).map(level).chain([r#""S1000": {"type": "object"}"#.to_owned()]).collect();
        refusal(&document(r##"{"$ref": "#/components/schemas/S0"}"##, &levels.join(",")), CREATE_ITEM)
    };
    for keyword in [
        r##""properties": {"a": {"$ref": "#/components/schemas/NEXT"}}"##,
        r##""allOf": [{"$ref": "#/components/schemas/NEXT"}]"##,
        r##""oneOf": [{"$ref": "#/components/schemas/NEXT"}]"##,
        r##""additionalProperties": {"$ref": "#/components/schemas/NEXT"}"##,
    ] {
        assert!(deeper(keyword).contains("E0308"), "{keyword}");
    }
}

#[test]
fn nesting_is_bounded_in_both_formats() {
    let deep = |open: &str, close: &str| format!(r#"{{"x": {}1{}}}"#, open.repeat(100_000), close.repeat(100_000));
    for text in [deep("[", "]"), deep(r#"{"a":"#, "}")] {
        assert!(refusal(&text, CREATE_ITEM).contains("E0101"));
        assert!(refusal(&format!("---\n{text}"), CREATE_ITEM).contains("E0101"));
    }
}

#[test]
fn an_overlay_may_add_less_where_pointers_are_long() {
    let members: Vec<String> = (0..10_000).map(|number| format!(r#""{number}": 1"#)).collect();
    let wide = |key: &str, levels: usize| {
        let open = format!(r#"{{"{key}": "#).repeat(levels);
        format!(r#"{{"openapi": "3.0.3", "paths": {{}}, "x-deep": {open}{{{}}}{}}}"#, members.join(","), "}".repeat(levels))
    };
    let overlay = "overlay: 1.0.0\nactions: [{target: $..*, update: {x-a: {}}}]";
    assert!(refusal(&wide(&"k".repeat(100), 30), overlay).contains("E0216"));
    assert!(generate(&wide("k", 30), overlay).is_ok());
}

#[test]
fn a_long_single_line_is_read_in_one_pass() {
    let schema: Vec<String> = (0..20_000).map(|number| format!(r#""ü{number}": {{"type": "string"}}"#)).collect();
    let text = document("{}", &schema.join(",")).replace('\n', "");
    assert!(generate(&text, CREATE_ITEM).is_ok());
}

#[test]
fn many_operations_share_one_long_answer() {
    let operation = |number: usize| {
        format!(
            r##""/items{number}": {{"get": {{"operationId": "listItems{number}", "responses": {{"200": {{"$ref": "#/components/responses/Long"}}}}}}}}"##
        )
    };
    let paths: Vec<String> = (0..300).map(operation).collect();
    let properties: Vec<String> = (0..1_000).map(|number| format!(r#""p{number}": {{}}"#)).collect();
    let text = format!(
        r#"{{"openapi": "3.0.3", "paths": {{{}}}, "components": {{"responses": {{"Long": {{"x-properties": {{{}}}}}}}}}}}"#,
        paths.join(","),
        properties.join(",")
    );
    let action = |number: usize| {
        let tool = format!("x-operation-id: listItems{number}, update: {{x-mcp: {{tool: list_items{number}}}}}");
        format!("  - {{target: \"$.paths['/items{number}'].get\", {tool}}}\n")
    };
    let overlay = (0..300).map(action).fold("overlay: 1.0.0\nactions:\n".to_owned(), |overlay, action| overlay + &action);
    assert!(refusal(&text, &overlay).contains("E0110"));
    // what has no tool is not copied
    assert!(generate(&text, "overlay: 1.0.0\nactions: []").is_ok());
}
