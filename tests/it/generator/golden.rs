//! The generator's corpus: one folder per case, named after the single thing it shows.
//!
//! `document.yaml` (or `.json`) and `overlay.yaml` go in. What comes out stands beside them: `diagnostics.txt` where the inputs
//! are refused, otherwise `tools.rs` and `manifest.json`, with `warnings.txt` and `repairs.txt` where there are any. The case
//! that is also compiled and called (see `golden_call`) keeps its `client.rs` as well, and the one whose typed client is (see
//! `golden_typed`) its `typed.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use openapi_mcp_codegen::{Inputs, Outputs, Source, diagnostics::Diagnostics};
use proc_macro2::{TokenStream, TokenTree};

const REFRESH: &str = "run `BLESS=1 cargo test golden`, then review what changed with `git diff tests/corpus`";

/// The case that is compiled and called.
const CALLED: &str = "every-encoding";

/// The case whose typed client is compiled and called.
const TYPED: &str = "typed-responses";

/// Words that generated code does not have.
const PANICS: [&str; 7] = ["unwrap", "expect", "panic", "todo", "unreachable", "assert", "unsafe"];

/// One folder of the corpus and what comes out of it.
struct Case {
    folder: PathBuf,
    document: &'static str,
    document_text: String,
    overlay_text: String,
    outcome: Result<Outputs, Diagnostics>,
}

static CORPUS: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let folders = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"));
    folders.into_iter().map(Case::read).collect()
});

impl Case {
    fn read(folder: PathBuf) -> Self {
        let document = if folder.join("document.json").exists() { "document.json" } else { "document.yaml" };
        let text = |name: &str| {
            fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display()))
        };
        let (document_text, overlay_text) = (text(document), text("overlay.yaml"));
        let outcome = generate(document, &document_text, &overlay_text);
        Self { folder, document, document_text, overlay_text, outcome }
    }

    fn name(&self) -> String {
        file_name(&self.folder)
    }

    /// The files that belong beside the inputs.
    fn made(&self) -> BTreeMap<String, String> {
        let outputs = match &self.outcome {
            Ok(outputs) => outputs,
            Err(diagnostics) => return BTreeMap::from([("diagnostics.txt".to_owned(), diagnostics.to_string())]),
        };
        let manifest: serde_json::Value = serde_json::from_str(&outputs.manifest).expect("the manifest is JSON");
        let repairs = outputs.repairs.iter().map(|repair| format!("{} {}\n  {}\n", repair.name, repair.pointer, repair.what));
        [
            ("manifest.json", format!("{manifest:#}\n")),
            ("tools.rs", outputs.tools.clone()),
            ("warnings.txt", outputs.warnings.to_string()),
            ("repairs.txt", repairs.collect()),
            ("client.rs", if [CALLED, TYPED].contains(&&*self.name()) { outputs.client.clone() } else { String::new() }),
            ("typed.rs", if self.name() == TYPED { typed(outputs) } else { String::new() }),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name.to_owned(), text))
        .collect()
    }

    /// The outputs that are there now.
    fn kept(&self) -> BTreeMap<String, String> {
        entries(&self.folder)
            .into_iter()
            .map(|path| (file_name(&path), fs::read_to_string(&path).expect("the case can be read")))
            .filter(|(name, _)| name != self.document && name != "overlay.yaml")
            .collect()
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("the entry can be read").path()).collect();
    entries.sort();
    entries
}

fn generate(name: &str, document: &str, overlay: &str) -> Result<Outputs, Diagnostics> {
    let overlay = Source { name: "overlay.yaml", text: overlay };
    openapi_mcp_codegen::generate(&Inputs { document: Source { name, text: document }, overlay, lock: None })
}

fn typed(outputs: &Outputs) -> String {
    outputs.typed().unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn accepted() -> impl Iterator<Item = (String, &'static Outputs)> {
    CORPUS.iter().filter_map(|case| Some((case.name(), case.outcome.as_ref().ok()?)))
}

#[test]
fn the_corpus_comes_out_as_it_was_reviewed() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut problems = Vec::new();
    for case in CORPUS.iter() {
        let (made, kept) = (case.made(), case.kept());
        for name in made.keys().chain(kept.keys()).collect::<BTreeSet<_>>() {
            let path = case.folder.join(name);
            match (made.get(name), kept.get(name)) {
                (now, before) if now == before => {}
                (Some(now), _) if bless => fs::write(&path, now).expect("the case can be written"),
                (None, _) if bless => fs::remove_file(&path).expect("the case can be written"),
                (now, before) => problems.push(format!("tests/corpus/{}/{name} {}", case.name(), difference(before, now))),
            }
        }
    }
    assert!(problems.is_empty(), "{}\n{REFRESH}", problems.join("\n"));
}

fn difference(before: Option<&String>, now: Option<&String>) -> String {
    let (Some(before), Some(now)) = (before, now) else {
        return if now.is_some() { "is missing" } else { "is no longer made" }.to_owned();
    };
    let same = before.lines().zip(now.lines()).take_while(|(old, new)| old == new).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(nothing)").to_owned();
    format!("is stale from line {}\n  kept: {}\n  made: {}", same + 1, line(before), line(now))
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    for case in CORPUS.iter() {
        let text = |outcome: &Result<Outputs, Diagnostics>| match outcome {
            Ok(made) => [&*made.client, &made.tools, &made.manifest, &made.coverage.text, &made.warnings.to_string()].concat(),
            Err(diagnostics) => diagnostics.to_string(),
        };
        let again = generate(case.document, &case.document_text, &case.overlay_text);
        assert!(text(&again) == text(&case.outcome), "{} comes out differently the second time", case.name());
    }
}

#[test]
fn every_diagnostic_says_where_and_what_to_do() {
    for case in CORPUS.iter() {
        let diagnostics = case.outcome.as_ref().map_or_else(|refused| refused, |outputs| &outputs.warnings);
        for diagnostic in diagnostics.iter() {
            let rendered = diagnostics.render(diagnostic);
            assert!(diagnostic.location.span.is_some_and(|at| at.line > 0 && at.column > 0), "{}: {rendered}", case.name());
            // a syntax error says what was expected; there is nothing to add
            assert!(diagnostic.hint.is_some() || diagnostic.code == "E0101", "{}: {rendered}", case.name());
            assert!(!diagnostic.message.ends_with('.'), "{}: {rendered}", case.name());
        }
    }
}

#[test]
fn every_document_gives_a_typed_client_without_a_panic_in_it() {
    for (name, outputs) in accepted() {
        let typed = typed(outputs);
        assert!(typed == self::typed(outputs), "{name} comes out differently the second time");
        let tokens: TokenStream = typed.parse().expect("the client is Rust");
        let found = idents(tokens).into_iter().find(|ident| PANICS.contains(&ident.as_str()));
        assert_eq!(found, None, "{name}");
        for tool in outputs.api.tools() {
            assert!(typed.contains(&format!("pub async fn {}(", tool.tool.name)), "{name} has no function `{}`", tool.tool.name);
        }
    }
}

#[test]
fn emitted_tools_only_pass_things_on() {
    const CONTROL_FLOW: [&str; 5] = ["for", "while", "loop", "match", "if"];
    for (name, outputs) in accepted() {
        let file = syn::parse_file(&outputs.tools).unwrap_or_else(|error| panic!("{name}: {error}"));
        for item in &file.items {
            let is_known = match item {
                syn::Item::Use(_) => true,
                syn::Item::Static(table) => table.ident == "TOOL_FNS",
                syn::Item::Fn(function) => function.sig.asyncness.is_some() && function.block.stmts.iter().all(is_plain),
                _ => false,
            };
            assert!(is_known, "{name} has something other than the table and its functions");
        }
        let tokens: TokenStream = outputs.tools.parse().expect("the tools are Rust");
        let found = idents(tokens).into_iter().find(|ident| [&PANICS[..], &CONTROL_FLOW].concat().contains(&ident.as_str()));
        assert_eq!(found, None, "{name}");
    }
}

/// `let`, or the call that ends the function.
fn is_plain(statement: &syn::Stmt) -> bool {
    matches!(statement, syn::Stmt::Local(_) | syn::Stmt::Expr(syn::Expr::Call(_), _))
}

fn idents(tokens: TokenStream) -> Vec<String> {
    let inside = |tree| match tree {
        TokenTree::Ident(ident) => vec![ident.to_string()],
        TokenTree::Group(group) => idents(group.stream()),
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(inside).collect()
}

#[test]
fn the_table_of_tools_is_sorted_and_complete() {
    for (name, outputs) in accepted() {
        let file = syn::parse_file(&outputs.tools).unwrap_or_else(|error| panic!("{name}: {error}"));
        let function = |item: &syn::Item| match item {
            syn::Item::Fn(function) => Some(function.sig.ident.to_string()),
            _ => None,
        };
        let functions: Vec<String> = file.items.iter().filter_map(function).collect();
        let tools: Vec<String> = outputs.api.tools().into_iter().map(|plan| plan.tool.name.clone()).collect();
        assert!(tools.is_sorted(), "{name}");
        assert_eq!(functions, tools, "{name}");
    }
}
