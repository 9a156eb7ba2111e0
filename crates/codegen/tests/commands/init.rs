//! `init`: a new project.

use std::{fs, path::Path};

use openapi_mcp_codegen::{diagnostics::Diagnostics, tree::File};

use crate::scratch::{APPS, Scratch, USERS};

/// The example, a project as `init` wrote it, whose overlay and package file were edited afterwards.
fn example(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/petstore").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a package file that name its dependencies and build dependencies.
fn dependencies(package: &str) -> Vec<String> {
    let sections =
        package.split("\n[").filter(|section| section.starts_with("dependencies]") || section.starts_with("build-dep"));
    let lines = sections.flat_map(|section| section.lines().skip(1));
    lines
        .filter_map(|line| Some(line.split([' ', '.']).next()?.to_owned()))
        .filter(|name| !name.is_empty() && name != "#")
        .collect()
}

/// The operations that an overlay annotates, by their ids.
fn annotated(overlay: &str) -> Vec<String> {
    overlay
        .lines()
        .filter_map(|line| line.trim().strip_prefix("x-operation-id: "))
        .map(|id| id.trim_matches('"').to_owned())
        .collect()
}

#[test]
fn the_example_is_what_it_writes() {
    let scratch = Scratch::new(&[]);
    scratch.write("petstore.yaml", &example("openapi/petstore.yaml"));
    let said = scratch.run(&["init", "--document", "petstore.yaml", "--name", "petstore", "--all"]).done();
    assert!(said.contains("wrote 10 files to `petstore-mcp`: 4 of 4 operations are tools\n"), "{said}");
    assert!(said.contains("keys are checked with `GET /shop`"), "{said}");
    let written = |file: &str| scratch.read(&format!("petstore-mcp/{file}"));
    for file in
        [".gitignore", "README.md", "build.rs", "src/main.rs", "src/keys.rs", "openapi/codegen.yaml", "openapi/petstore.yaml"]
    {
        assert_eq!(written(file), example(file), "{file}");
    }
    let (package, overlay) = (written("Cargo.toml"), written("openapi/overlay.yaml"));
    assert_eq!(dependencies(&package), dependencies(&example("Cargo.toml")));
    assert!(package.ends_with("\n[workspace]\n"), "{package}");
    assert_eq!(annotated(&overlay), annotated(&example("openapi/overlay.yaml")));
}

#[test]
fn the_libraries_are_found_from_wherever_the_project_is() {
    let scratch = Scratch::new(&[APPS]);
    scratch.run(&["init", "--document", "openapi/api.json", "--name", "a", "--into", "deep/er/a"]).done();
    let package = scratch.read("deep/er/a/Cargo.toml");
    let line = package.lines().find(|line| line.starts_with("openapi-mcp = ")).expect("the library is named");
    let path = line.split('"').nth(1).expect("its path is quoted");
    assert!(scratch.path("deep/er/a").join(path).join("Cargo.toml").is_file(), "{line}");
    let error = scratch.run(&["init", "--document", "openapi/api.json", "--name", "b", "--libraries", "openapi"]).failed();
    assert!(error.contains("`--libraries`"), "{error}");
}

#[test]
fn nothing_is_decided_unless_asked_for() {
    let scratch = Scratch::new(&[APPS, USERS]);
    let said = scratch.run(&["init", "--document", "openapi/api.json", "--name", "shop"]).done();
    assert!(said.contains(": 0 of 2 operations are tools\n"), "{said}");
    assert!(said.contains("decide about operations in `openapi/overlay.yaml`, then `cargo run`"), "{said}");
    assert!(annotated(&scratch.read("shop-mcp/openapi/overlay.yaml")).is_empty());
    let coverage = scratch.run(&[
        "coverage",
        "--project",
        "shop-mcp/openapi/codegen.yaml",
        "--document",
        "shop-mcp/openapi/shop.json",
        "--overlay",
        "shop-mcp/openapi/overlay.yaml",
    ]);
    assert!(coverage.stderr.matches("[E0208]").count() == 1, "{}", coverage.stderr);
    assert!(coverage.done().contains("2 operations: 0 exposed, 0 excluded, 2 undecided, 0 removed"));
}

#[test]
fn an_operation_that_is_refused_is_excluded_with_its_reason() {
    let scratch = Scratch::new(&[APPS]);
    scratch.edit(
        "openapi/api.json",
        "\"operationId\": \"getApps\"",
        "\"operationId\": \"getApps\", \"servers\": [{\"url\": \"https://x.example\"}]",
    );
    let said = scratch.run(&["init", "--document", "openapi/api.json", "--name", "shop", "--all"]).done();
    assert!(said.contains("error[E0312]") && said.contains("1 operation could not become a tool"), "{said}");
    assert!(scratch.read("shop-mcp/openapi/overlay.yaml").contains("exclude: \"refused at the first try (E0312): "));
}

#[test]
fn a_document_that_does_not_say_how_calls_are_authorized_gets_a_key() {
    let scratch = Scratch::new(&[APPS]);
    let overlay = |name: &str| {
        scratch.run(&["init", "--document", "openapi/api.json", "--name", name, "--all"]).done();
        scratch.read(&format!("{name}-mcp/openapi/overlay.yaml"))
    };
    let parsed = |text: &str| {
        openapi_mcp_codegen::load::load(text, File::Overlay, &mut Diagnostics::default()).expect("it is read").to_json()
    };
    let unsaid = parsed(&overlay("one"));
    assert_eq!(unsaid["actions"][1]["update"]["security"], serde_json::json!([{ "apiKey": [] }]));
    assert_eq!(unsaid["actions"][1]["update"]["components"]["securitySchemes"]["apiKey"]["scheme"], "bearer");
    // a scheme that no operation names
    scratch.edit(
        "openapi/api.json",
        "\"paths\"",
        "\"components\": {\"securitySchemes\": {\"k\": {\"type\": \"http\", \"scheme\": \"basic\"}}}, \"paths\"",
    );
    let unnamed = parsed(&overlay("two"));
    assert_eq!(unnamed["actions"][1]["update"], serde_json::json!({ "security": [{ "k": [] }] }));
    scratch.edit("openapi/api.json", "\"paths\"", "\"security\": [{\"k\": []}], \"paths\"");
    assert!(!overlay("three").contains("security"));
}

#[test]
fn what_cannot_be_made_is_said_and_nothing_is_written() {
    let scratch = Scratch::new(&[APPS]);
    for (arguments, said) in [
        (&["init", "--name", "shop"][..], "`--document FILE`"),
        (&["init", "--document", "openapi/api.json", "--name", "My Shop"], "`My Shop` cannot be the name of a project"),
        (&["init", "--document", "nowhere.json", "--name", "shop"], "cannot read `nowhere.json`"),
        (&["init", "--document", "openapi/overlay.yaml", "--name", "shop"], "error[E0103]"),
        (&["init", "--document", "openapi/api.json", "--name", "shop", "--into", "openapi"], "`openapi` exists already"),
    ] {
        let error = scratch.run(arguments).failed();
        assert!(error.contains(said), "{error}");
    }
    assert!(!scratch.path("shop-mcp").exists());
}

#[test]
fn texts_of_the_document_cannot_add_code() {
    let scratch = Scratch::new(&[APPS]);
    scratch.edit("openapi/api.json", "\"title\": \"t\"", "\"title\": \"A \\\" + evil() + \\\"\\nline\"");
    scratch.edit("openapi/api.json", "https://api.example", "https://api.example/\\\"+evil()+\\\"");
    scratch.run(&["init", "--document", "openapi/api.json", "--name", "shop", "--all"]).done();
    let main = scratch.read("shop-mcp/src/main.rs");
    assert!(main.contains("product: \"A  + evil() +  line\", server: \"shop-mcp\""), "{main}");
    assert!(!main.contains("\"+evil()"), "{main}");
}
