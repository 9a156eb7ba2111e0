//! Changes to the API document, one at a time, and what each of them does to the tools. None may be silent: a change gives
//! diagnostics at the place that was changed, or entries of the diff, or there is a reason why nobody notices.
//!
//! The table is `docs/reference/schema-change-matrix.md`; `BLESS=1 cargo test --test it mutations` rewrites it, and the document that has all
//! accepted changes in it, `target/tmp/mutations/torii.json`, from which `.ci/run` builds a server.

use std::{fs, path::Path, sync::LazyLock, thread};

use openapi_mcp_codegen::{
    Inputs, Source, Understood,
    diagnostics::{Diagnostics, Severity},
    diff::{self, Diff, Subject},
    repair::Repair,
    tree::{File, Node},
};
use serde_json::Value as Json;

mod bodies;
mod checked;
mod facets;
mod files;
mod hidden;
mod operations;
mod parameters;
mod properties;
mod responses;
mod unshown;
mod words;

const DOCUMENT: &str = include_str!("../../../openapi/torii.json");
const OVERLAY: &str = include_str!("../../../openapi/overlay.yaml");
const LOCK: &str = include_str!("../../../openapi/tools.lock.json");

/// One change and what is expected of it.
struct Mutation {
    name: &'static str,
    /// for the table
    what: &'static str,
    edit: Edit,
    expected: Expected,
}

enum Edit {
    /// of the parsed document; `None` where it has no place for it
    Tree(fn(&mut Json) -> Option<()>),
    /// of its text
    Text(fn(&str) -> String),
}

struct Expected {
    /// code and place of each diagnostic. A place is a pointer into the changed document, or `overlay: ` or `text: ` and
    /// what stands on the line, with what stands on lines before it
    problems: &'static [(&'static str, &'static str)],
    /// kind and subject of each change against the unchanged document
    changes: &'static [&'static str],
    /// why there is neither
    because: &'static str,
}

/// The tools change.
const fn changes(changes: &'static [&'static str]) -> Expected {
    Expected { problems: &[], changes, because: "" }
}

/// There are diagnostics, and no tools any more if one of them is an error.
const fn problems(problems: &'static [(&'static str, &'static str)], changes: &'static [&'static str]) -> Expected {
    Expected { problems, changes, because: "" }
}

/// Nothing changes, for a reason.
const fn nothing(because: &'static str) -> Expected {
    Expected { problems: &[], changes: &[], because }
}

fn mutations() -> impl Iterator<Item = &'static Mutation> {
    [
        checked::ALL,
        unshown::ALL,
        operations::ALL,
        parameters::ALL,
        bodies::ALL,
        responses::ALL,
        words::ALL,
        facets::ALL,
        hidden::ALL,
        files::ALL,
    ]
    .into_iter()
    .flatten()
}

impl Mutation {
    /// Whether it is refused: what only warns has changes, too.
    fn is_refused(&self) -> bool {
        !self.expected.problems.is_empty() && self.expected.changes.is_empty()
    }

    /// The changed document.
    fn text(&self) -> Option<String> {
        match self.edit {
            Edit::Tree(edit) => {
                let mut document = parsed();
                edit(&mut document)?;
                Some(written(&document))
            }
            Edit::Text(edit) => Some(edit(DOCUMENT)),
        }
    }
}

fn parsed() -> Json {
    serde_json::from_str(DOCUMENT).expect("the document is JSON")
}

/// As the document is written.
fn written(document: &Json) -> String {
    format!("{document:#}\n")
}

fn inputs(document: &str) -> Inputs<'_> {
    Inputs {
        document: Source { name: "openapi/torii.json", text: document },
        overlay: Source { name: "openapi/overlay.yaml", text: OVERLAY },
        lock: Some(Source { name: "openapi/tools.lock.json", text: LOCK }),
    }
}

fn understand(document: &str) -> Result<Understood, Diagnostics> {
    openapi_mcp_codegen::understand(&inputs(document))
}

fn surface(understood: &Understood) -> Json {
    openapi_mcp_codegen::emit::surface(&understood.api)
}

static BASE: LazyLock<Json> = LazyLock::new(|| {
    let understood = understand(DOCUMENT).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    assert!(understood.warnings.is_empty(), "{}", understood.warnings);
    surface(&understood)
});

/// What became of a mutation.
struct Outcome {
    mutation: &'static Mutation,
    text: String,
    diagnostics: Diagnostics,
    repairs: Vec<Repair>,
    surface: Option<Json>,
    diff: Diff,
}

static OUTCOMES: LazyLock<Vec<Outcome>> = LazyLock::new(|| {
    let all: Vec<&'static Mutation> = mutations().collect();
    let (first, second) = all.split_at(all.len() / 2);
    thread::scope(|scope| {
        let halves = [first, second].map(|half| scope.spawn(|| half.iter().map(|one| Outcome::of(one)).collect::<Vec<_>>()));
        halves.into_iter().flat_map(|half| half.join().expect("no mutation panics")).collect()
    })
});

impl Outcome {
    fn of(mutation: &'static Mutation) -> Self {
        let text = mutation.text().unwrap_or_else(|| panic!("`{}` has no place in the document", mutation.name));
        let (surface, repairs, diagnostics) = match understand(&text) {
            Ok(understood) => (Some(surface(&understood)), understood.repairs, understood.warnings),
            Err(diagnostics) => (None, Vec::new(), diagnostics),
        };
        let diff = surface.as_ref().map(|surface| diff::diff(&BASE, surface)).unwrap_or_default();
        Self { mutation, text, diagnostics, repairs, surface, diff }
    }

    fn changes(&self) -> Vec<String> {
        told(&self.diff)
    }

    /// Code, file and line of each diagnostic.
    fn problems(&self) -> Vec<String> {
        let place = |diagnostic: &openapi_mcp_codegen::diagnostics::Diagnostic| {
            let at = diagnostic.location.span.expect("a diagnostic says where");
            format!("{} {:?}:{}", diagnostic.code, at.file, at.line)
        };
        self.diagnostics.iter().map(place).collect()
    }

    /// The same as it was expected.
    fn expected_problems(&self) -> Vec<String> {
        let tree = openapi_mcp_codegen::load::load(&self.text, File::Document, &mut Diagnostics::default());
        let place = |place: &str| {
            if let Some(wanted) = place.strip_prefix("overlay: ") {
                return line(OVERLAY, wanted).map(|line| format!("Overlay:{line}"));
            }
            if let Some(wanted) = place.strip_prefix("text: ") {
                return line(&self.text, wanted).map(|line| format!("Document:{line}"));
            }
            tree.as_ref().and_then(|tree| tree.pointer(place)).map(|node: &Node| format!("Document:{}", node.span.line))
        };
        let expected = self.mutation.expected.problems.iter();
        expected.map(|(code, at)| format!("{code} {}", place(at).unwrap_or_else(|| format!("no `{at}`")))).collect()
    }

    fn is_refused(&self) -> bool {
        self.diagnostics.has_errors()
    }

    /// Which part of the next version increases.
    fn level(&self) -> &'static str {
        if self.is_refused() { "refused" } else { self.diff.version().name() }
    }
}

/// The number of the line on which the last of the wanted texts stands, each of them behind the one before.
fn line(text: &str, wanted: &str) -> Option<usize> {
    let mut lines = text.lines().zip(1..);
    if wanted == "end" {
        return Some(text.lines().count().max(1));
    }
    wanted.split(" … ").map(|wanted| lines.find(|(line, _)| line.contains(wanted)).map(|(_, number)| number)).last()?
}

/// Signs that nobody sees, or that end a line.
fn is_hidden(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
}

/// Kind and subject of each change, in the order of the diff.
fn told(diff: &Diff) -> Vec<String> {
    let subject = |subject: &Subject| match subject {
        Subject::Document => "document".to_owned(),
        Subject::Tool(name) => name.clone(),
        Subject::Operation(id) => format!("operation {id}"),
    };
    let kind = |change: &diff::Change| serde_json::to_value(change.kind).expect("a kind is JSON");
    diff.changes
        .iter()
        .map(|change| format!("{} {}", kind(change).as_str().unwrap_or_default(), subject(&change.subject)))
        .collect()
}

/// The surface without what says only from which file it is, and with everything in one order that has none.
fn shown(surface: &Json) -> Json {
    fn sorted(key: &str, json: &Json) -> Json {
        match json {
            Json::Object(members) => members
                .iter()
                .filter(|(key, _)| *key != "digest" && *key != "sha256")
                .map(|(key, member)| (key.clone(), sorted(key, member)))
                .collect(),
            Json::Array(items) => {
                let mut items: Vec<Json> = items.iter().map(|item| sorted("", item)).collect();
                if ["required", "enum", "type", "anyOf"].contains(&key) {
                    items.sort_by_key(Json::to_string);
                }
                items.into()
            }
            plain => plain.clone(),
        }
    }
    sorted("", surface)
}

#[test]
fn there_are_enough_and_each_has_a_name_of_its_own() {
    let mut names: Vec<&str> = mutations().map(|mutation| mutation.name).collect();
    assert!(names.len() >= 60, "{}", names.len());
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn each_mutation_does_what_is_expected_of_it() {
    let mut wrong = Vec::new();
    for outcome in OUTCOMES.iter() {
        let Mutation { name, expected, .. } = outcome.mutation;
        let (mut problems, mut expected_problems) = (outcome.problems(), outcome.expected_problems());
        problems.sort();
        expected_problems.sort();
        let (mut changes, mut expected_changes) = (outcome.changes(), expected.changes.to_vec());
        changes.sort();
        expected_changes.sort_unstable();
        if outcome.is_refused() != outcome.mutation.is_refused() {
            wrong.push(format!("{name}: is refused or not against what is expected\n{}", outcome.diagnostics));
        }
        if problems != expected_problems {
            wrong.push(format!("{name}: {problems:?}, not {expected_problems:?}\n{}", outcome.diagnostics));
        }
        if changes != expected_changes {
            wrong.push(format!("{name}: {changes:?}\n  not {expected_changes:?}\n{}", outcome.diff.text()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), OUTCOMES.len(), wrong.join("\n"));
}

#[test]
fn none_is_silent_without_a_reason() {
    for outcome in OUTCOMES.iter() {
        let Mutation { name, expected, .. } = outcome.mutation;
        let is_same = outcome.surface.as_ref().is_some_and(|surface| shown(surface) == shown(&BASE));
        assert_eq!(outcome.diff.is_empty() && !outcome.is_refused(), is_same, "{name}: the diff and the surface disagree");
        let is_silent = is_same && outcome.diagnostics.is_empty();
        assert_eq!(is_silent, !expected.because.is_empty(), "{name}");
        assert!(outcome.text != DOCUMENT, "{name} changes nothing in the document");
    }
}

/// Mutations that nobody hears of, since nothing that they change reaches a tool; `because` says why, each time. One more needs a
/// reason as good.
const UNHEARD: &[&str] = &["path item by reference", "schema renamed with its references", "unused schema added"];

#[test]
fn what_is_silent_has_the_same_data_or_a_repair_or_is_known_to_reach_no_tool() {
    let repairs = understand(DOCUMENT).unwrap_or_else(|diagnostics| panic!("{diagnostics}")).repairs;
    let same = openapi_mcp_codegen::load::load(DOCUMENT, File::Document, &mut Diagnostics::default());
    let mut unheard = Vec::new();
    for Outcome { mutation, text, repairs: own, .. } in OUTCOMES.iter().filter(|one| !one.mutation.expected.because.is_empty()) {
        let is_repaired = mutation.expected.because.ends_with("; the repair is listed");
        assert!(!is_repaired || *own != repairs, "{}: no repair is listed", mutation.name);
        let is_same = openapi_mcp_codegen::load::load(text, File::Document, &mut Diagnostics::default()) == same;
        if !is_repaired && !is_same {
            unheard.push(mutation.name);
        }
    }
    assert_eq!(unheard, UNHEARD);
}

#[test]
fn what_is_said_of_a_mutation_is_one_clean_line() {
    let is_hidden = |sign: char| sign != '\n' && is_hidden(sign);
    for outcome in OUTCOMES.iter() {
        let name = outcome.mutation.name;
        let text = outcome.diff.text() + &outcome.diff.markdown();
        assert!(!text.contains(is_hidden), "{name}: {text:?}");
        // changes with the same cause are one line
        assert!(outcome.diff.text().lines().count() <= outcome.diff.changes.len() + 1, "{name}");
        let rows = outcome.diff.markdown();
        let rows = rows.lines().filter(|line| line.starts_with('|'));
        rows.for_each(|row| assert_eq!(row.replace("\\|", "").matches('|').count(), 4, "{name}: {row}"));
        for diagnostic in outcome.diagnostics.iter() {
            let rendered = outcome.diagnostics.render(diagnostic);
            assert!(!rendered.contains(is_hidden) && rendered.lines().count() <= 4, "{name}: {rendered:?}");
        }
    }
}

/// The document with all mutations of its tree that are not refused, one after the other.
fn merged() -> Json {
    let mut document = parsed();
    for mutation in mutations().filter(|mutation| !mutation.is_refused()) {
        if let Edit::Tree(edit) = mutation.edit {
            edit(&mut document).unwrap_or_else(|| panic!("`{}` has no place behind the mutations before it", mutation.name));
        }
    }
    document
}

#[test]
fn the_table_and_the_document_with_all_of_them_are_up_to_date() {
    let document = merged();
    let outputs =
        openapi_mcp_codegen::generate(&inputs(&written(&document))).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutations");
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join("torii.json"), written(&document)).expect("the document can be written");
    fs::write(folder.join("tools.lock.json"), openapi_mcp_codegen::lock::text(&openapi_mcp_codegen::emit::surface(&outputs.api)))
        .expect("the lock can be written");

    // for `tests/redocly-diff.mjs`
    let each = folder.join("each");
    fs::create_dir_all(&each).expect("the folder can be made");
    for (number, outcome) in OUTCOMES.iter().enumerate() {
        let summary = serde_json::json!({"name": outcome.mutation.name, "level": outcome.level(), "document": outcome.text});
        fs::write(each.join(format!("{number}.json")), summary.to_string()).expect("the change can be written");
    }

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/schema-change-matrix.md");
    let table = table();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &table).expect("the table can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == table,
        "docs/reference/schema-change-matrix.md is stale: run `BLESS=1 cargo test --test it mutations` and review what changed"
    );
}

/// Something literal in a table.
fn cell(text: &str) -> String {
    let shown = |sign: char| if is_hidden(sign) { sign.escape_unicode().to_string() } else { sign.to_string() };
    format!("`{}`", text.chars().map(shown).collect::<String>().replace('|', "\\|"))
}

const HEAD: &str = include_str!("mutations/head.md");

fn table() -> String {
    let mut lines = vec![HEAD.trim_end().to_owned(), String::new()];
    lines.push("| Change | Change of the document | Outcome | Level |".to_owned());
    lines.push("| --- | --- | --- | --- |".to_owned());
    for outcome in OUTCOMES.iter() {
        let Mutation { name, what, expected, .. } = outcome.mutation;
        let problem = |(code, place): &(&str, &str)| format!("{code} at {}", cell(place));
        let mut outcomes: Vec<String> = expected.problems.iter().map(problem).collect();
        let mut changes: Vec<&str> = expected.changes.to_vec();
        changes.dedup();
        outcomes.extend(changes.iter().map(|change| cell(change)));
        if !expected.because.is_empty() {
            outcomes.push(format!("nothing changes: {}", expected.because));
        }
        let level = outcome.level();
        lines.push(format!("| {name} | {what} | {} | {level} |", outcomes.join("<br>")));
    }
    lines.join("\n") + "\n"
}

#[test]
fn each_diagnostic_of_a_mutation_has_a_hint_and_names_its_operation_or_pointer() {
    for outcome in OUTCOMES.iter() {
        for diagnostic in outcome.diagnostics.iter() {
            let rendered = outcome.diagnostics.render(diagnostic);
            assert!(diagnostic.hint.is_some() || diagnostic.code == "E0101", "{}: {rendered}", outcome.mutation.name);
            let is_error = diagnostic.severity == Severity::Error;
            let is_placed = diagnostic.location.operation.is_some() || !diagnostic.location.pointer.is_empty();
            assert!(is_placed || !is_error || diagnostic.code < "E0103", "{}: {rendered}", outcome.mutation.name);
        }
    }
}
