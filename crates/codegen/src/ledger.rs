//! The ledger: every operation of the document and what became of it, so that nothing is left out silently.
//!
//! Rendered here, at build time, for the server and for `cargo codegen` alike.

use serde_json::{Map, Value as Json, json};

use crate::ir::{Api, Decision};
use crate::texts;

/// The ledger in the forms people and machines read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub text: String,
    pub markdown: String,
    pub json: String,
}

/// Renders the ledger in every form.
pub fn coverage(api: &Api) -> Coverage {
    let (totals, lines) = (totals(api), lines(api));
    Coverage {
        text: text(&totals, &lines),
        markdown: markdown(&totals, &lines),
        json: format!("{:#}\n", json!({"document": api.document, "totals": totals, "operations": lines})),
    }
}

fn summary(totals: &Json) -> String {
    let of = |key: &str| totals.get(key).and_then(Json::as_u64).unwrap_or_default();
    format!(
        "{} operations: {} exposed, {} excluded, {} undecided, {} gone",
        of("operations"),
        of("exposed"),
        of("excluded"),
        of("undecided"),
        of("gone")
    )
}

/// On one line, with nothing hidden in it: much of it is the document's.
fn field(line: &Json, key: &str) -> String {
    texts::line(line.get(key).and_then(Json::as_str).unwrap_or_default())
}

/// As code, in which nothing of Markdown means anything; empty where there is none.
fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", text.replace('`', "'").replace('|', "\\|")) }
}

/// As plain words: no cell ends in them, and no tag begins.
fn words(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn text(totals: &Json, lines: &[Json]) -> String {
    let longest = |key| lines.iter().map(|line| field(line, key).chars().count()).max().unwrap_or_default();
    let (width, known) = (longest("path"), longest("provenance"));
    let mut text = String::new();
    for line in lines {
        let detail = [field(line, "tool"), field(line, "reason")].concat();
        let [method, path, state, since, provenance] =
            ["method", "path", "state", "since", "provenance"].map(|key| field(line, key));
        text += format!("{method:<7} {path:<width$}  {state:<9}  {since:<10}  {provenance:<known$}  {detail}").trim_end();
        text.push('\n');
    }
    text + &summary(totals) + "\n"
}

fn markdown(totals: &Json, lines: &[Json]) -> String {
    let mut rows = vec![
        summary(totals),
        String::new(),
        "| Operation | State | Since | Tool or reason | Provenance |".to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
    ];
    for line in lines {
        let [state, since, tool, reason, provenance] =
            ["state", "since", "tool", "reason", "provenance"].map(|key| field(line, key));
        let operation = code(&format!("{} {}", field(line, "method"), field(line, "path")));
        let detail = code(&tool) + &words(&reason);
        rows.push(format!("| {operation} | {state} | {} | {detail} | {} |", words(&since), code(&provenance)));
    }
    rows.join("\n") + "\n"
}

/// What a decision is called.
pub fn state(decision: &Decision) -> &'static str {
    match decision {
        Decision::Exposed(_) => "exposed",
        Decision::Excluded(_) => "excluded",
        Decision::Undecided => "undecided",
        Decision::Gone(_) => "gone",
    }
}

/// Every operation and what became of it.
pub fn lines(api: &Api) -> Vec<Json> {
    api.operations
        .iter()
        .map(|operation| {
            let mut line = Map::from_iter([
                ("operationId".to_owned(), Json::from(operation.id.clone())),
                ("method".to_owned(), operation.method.clone().into()),
                ("path".to_owned(), operation.path.clone().into()),
            ]);
            let mut say = |key: &str, value: &str| {
                line.insert(key.to_owned(), value.into());
            };
            say("state", state(&operation.decision));
            match &operation.decision {
                Decision::Exposed(tool) => say("tool", &tool.name),
                Decision::Excluded(reason) => say("reason", reason),
                Decision::Gone(Some(tool)) => say("tool", tool),
                Decision::Undecided | Decision::Gone(None) => {}
            }
            if operation.deprecated {
                line.insert("deprecated".to_owned(), true.into());
            }
            if !operation.aliases.is_empty() {
                line.insert("aliases".to_owned(), json!(operation.aliases));
            }
            let mut say = |key: &str, value: &str| {
                line.insert(key.to_owned(), value.into());
            };
            for (key, value) in [("provenance", &operation.provenance), ("since", &operation.since)] {
                if let Some(value) = value {
                    say(key, value);
                }
            }
            line.into()
        })
        .collect()
}

/// How many operations there are, in all and in each state.
pub fn totals(api: &Api) -> Json {
    let count = |wanted: fn(&Decision) -> bool| api.operations.iter().filter(|operation| wanted(&operation.decision)).count();
    json!({
        "operations": count(|decision| !matches!(decision, Decision::Gone(_))),
        "exposed": count(|decision| matches!(decision, Decision::Exposed(_))),
        "excluded": count(|decision| matches!(decision, Decision::Excluded(_))),
        "undecided": count(|decision| matches!(decision, Decision::Undecided)),
        "gone": count(|decision| matches!(decision, Decision::Gone(_))),
    })
}
