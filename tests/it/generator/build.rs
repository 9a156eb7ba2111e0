//! What a build from Torii's own document gives, and what the server is linked from.

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::Command,
};

use openapi_mcp_codegen::{Inputs, Outputs, Source, diff::Level};
use serde_json::Value;

#[path = "../../../crates/codegen/examples/synthetic/shop.rs"]
mod shop;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Torii's own document of March 2026, where `TORII_PUBLISHED_DOCUMENT` names it, from the project's folder. It may not be in the
/// repository, so not even CI needs it.
fn publishers_text() -> Option<String> {
    let path = env::var_os("TORII_PUBLISHED_DOCUMENT").filter(|path| !path.is_empty());
    if path.is_none() {
        // Written past the test harness, which keeps the output of tests that pass to itself.
        let _ = writeln!(io::stderr(), "SKIPPED: TORII_PUBLISHED_DOCUMENT does not name Torii's own document");
    }
    Some(read(&root().join(path?)))
}

#[test]
fn toriis_own_document_gives_a_tool_for_nearly_everything() {
    let Some(document) = publishers_text() else { return };
    let overlay = read(&root().join("openapi/overlay.yaml"));
    let inputs = Inputs {
        document: Source { name: "torii-api-documentation.json", text: &document },
        overlay: Source { name: "openapi/overlay.yaml", text: &overlay },
        lock: None,
    };
    let outputs = openapi_mcp_codegen::generate(&inputs).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let totals = openapi_mcp_codegen::coverage::coverage(&outputs.api).totals;
    assert_eq!((totals.operations, totals.undecided, totals.removed), (60, 0, 13), "{totals:?}");
    assert!(totals.exposed >= 57, "{totals:?}");
}

/// The tools that a document and our overlay make.
fn surface(name: &str, document: &str, overlay: &str) -> Value {
    let overlay = Source { name: "openapi/overlay.yaml", text: overlay };
    let inputs = Inputs { document: Source { name, text: document }, overlay, lock: None };
    let outputs = openapi_mcp_codegen::generate(&inputs).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    serde_json::from_str(&outputs.manifest).expect("it is JSON")
}

#[test]
fn the_tools_of_toriis_own_document_and_of_ours_differ_by_what_is_newer() {
    let Some(theirs) = publishers_text() else { return };
    let [ours, overlay] = ["openapi/torii.json", "openapi/overlay.yaml"].map(|name| read(&root().join(name)));
    let diff = openapi_mcp_codegen::diff::diff(&surface("theirs", &theirs, &overlay), &surface("ours", &ours, &overlay));
    let (new, other): (Vec<_>, Vec<_>) = diff
        .changes
        .iter()
        .filter(|change| change.level != Level::Cosmetic)
        .map(|change| format!("{:?} {}", change.subject, change.what))
        .partition(|change| change.contains(" is new: "));
    assert_eq!(new.len(), 12, "{new:#?}");
    // version 1.1 of contracts, and the alternatives that theirs has in an extension
    let newer = |change: &str| {
        ["idApp", "creationTime", "source"]
            .iter()
            .any(|field| change.contains(&format!("get_contract\") field `contract.{field}`")))
            || (change.contains(" field `aggregations` of the response has `items` ") && change.ends_with(" instead of nothing"))
    };
    let unexplained: Vec<_> = other.iter().filter(|change| !newer(change)).collect();
    assert!(unexplained.is_empty(), "explain these in openapi/README.md, or mend openapi/torii.json: {unexplained:#?}");
}

#[test]
fn the_server_is_not_linked_with_the_generator() {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--package", "torii-mcp", "--edges", "normal,no-proc-macro", "--prefix", "none"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    assert!(tree.starts_with("torii-mcp "), "unexpected response of `cargo tree`: {tree}");
    for generator in [
        "openapi-mcp-codegen ",
        "progenitor ",
        "progenitor-impl ",
        "typify ",
        "typify-impl ",
        "openapiv3 ",
        "prettyplease ",
        "syn ",
    ] {
        assert!(!tree.lines().any(|line| line.starts_with(generator)), "the server depends on {generator}");
    }
}

fn of_a_shop(operations: usize, annotated: usize) -> Outputs {
    let (document, overlay) = shop::shop(operations, annotated);
    let inputs = Inputs {
        document: Source { name: "document", text: &document },
        overlay: Source { name: "overlay", text: &overlay },
        lock: None,
    };
    openapi_mcp_codegen::generate(&inputs).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn only_operations_with_a_tool_become_code() {
    let (large, small) = (of_a_shop(1_000, 8), of_a_shop(8, 8));
    assert!(large.client == small.client && large.tools == small.tools);
    assert_eq!((large.api.operations.len(), large.api.tools().len()), (1_000, 8));
    // each four of them are alike, so twice the tools are twice the code, but for what every client has
    let nothing = of_a_shop(8, 0);
    let twice = of_a_shop(1_000, 16);
    let lines = |outputs: &Outputs| outputs.client.lines().count() + outputs.tools.lines().count();
    let (base, once, twice) = (lines(&nothing), lines(&small), lines(&twice));
    assert!((once - base).abs_diff(twice - once) < once / 100, "{base}, {once}, {twice} lines for 0, 8 and 16 tools");
}
