//! A new project: a server for an API, made of its document and the libraries.

use std::path::PathBuf;

use openapi_mcp_model::Method;

use crate::diagnostics::Diagnostics;
use crate::first_overlay::{Annotated, overlay};
use crate::ir::{Api, Operation};
use crate::survey::{FirstTry, Refusal, first_try};
use crate::{Source, text};

/// The files that every project has: their paths, and their texts with names in `@`.
const TEMPLATES: [(&str, &str); 8] = [
    (".cargo/config.toml", include_str!("../templates/project/cargo-config.toml")),
    (".gitignore", include_str!("../templates/project/gitignore")),
    ("Cargo.toml", include_str!("../templates/project/Cargo.toml.txt")),
    ("README.md", include_str!("../templates/project/README.md")),
    ("build.rs", include_str!("../templates/project/build.rs")),
    ("openapi/codegen.yaml", include_str!("../templates/project/openapi/codegen.yaml")),
    ("src/keys.rs", include_str!("../templates/project/src/keys.rs")),
    ("src/main.rs", include_str!("../templates/project/src/main.rs")),
];

/// The last segments of paths at which an API tells users about themselves, the most certain first.
const ABOUT_ONESELF: [&str; 10] =
    ["me", "whoami", "self", "current_user", "current-user", "account", "profile", "user", "organization", "workspace"];

/// What a project is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewProject<'a> {
    /// the name of the API in lower case with hyphens; the package is called `NAME-mcp`
    pub name: &'a str,
    /// the API's document, which the project gets a copy of
    pub document: Source<'a>,
    /// whether every operation becomes a tool where that is possible; otherwise none is decided about
    pub all: bool,
    /// the path from the project's folder to that of the libraries, with `/`
    pub libraries: &'a str,
}

/// The files of a project, and what is known about its tools.
#[derive(Clone, Debug)]
pub struct NewFiles {
    /// each file's path in the project's folder, and its text
    pub files: Vec<(PathBuf, String)>,
    pub operations: usize,
    pub tools: usize,
    /// the operations that could not become tools
    pub refusals: Vec<Refusal>,
    /// the path that is called to check a key, if one was found
    pub check: Option<String>,
}

/// Whether a name can be that of a project.
pub fn is_name(name: &str) -> bool {
    let words = || name.split('-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.len() <= 40 && name.starts_with(|first: char| first.is_ascii_lowercase()) && words().all(is_word)
}

/// Makes the files of a project.
///
/// # Errors
/// What is wrong with the document as a whole.
pub fn project(new: &NewProject<'_>) -> Result<NewFiles, Diagnostics> {
    let FirstTry { overlay: annotated, api, refusals } = first_try(new.document)?;
    let check = check(&api);
    let overlay = if new.all { annotated } else { overlay(new.document, Annotated::None)? };
    let is_json = new.document.text.trim_start().starts_with('{');
    let document = format!("{}.{}", new.name, if is_json { "json" } else { "yaml" });
    let fill = |template: &str| {
        let (product, url) = (literal(&api.product.name), literal(&api.server));
        let check = check.as_ref().map_or_else(|| "None".to_owned(), |path| format!("Some({path:?})"));
        let variables = new.name.replace('-', "_").to_uppercase();
        let values = [
            ("@name@", new.name),
            ("@NAME@", &variables),
            ("@product@", &product),
            ("@token@", &new.name.replace('-', "")),
            ("@document@", &document),
            ("@crates@", new.libraries),
            ("@url@", &url),
            ("@check@", &check),
            ("@rust@", env!("CARGO_PKG_RUST_VERSION")),
        ];
        values.into_iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
    };
    let mut files: Vec<(PathBuf, String)> = TEMPLATES.into_iter().map(|(path, text)| (path.into(), fill(text))).collect();
    files.push((PathBuf::from("openapi").join(&document), new.document.text.to_owned()));
    files.push(("openapi/overlay.yaml".into(), overlay));
    let tools = if new.all { api.tools().len() } else { 0 };
    let refusals = if new.all { refusals } else { Vec::new() };
    Ok(NewFiles { files, operations: api.operations.len(), tools, refusals, check })
}

/// A text of the document without what would end a string or a line of the files.
fn literal(text: &str) -> String {
    text::line(text).chars().filter(|sign| !['"', '\\', '`', '|'].contains(sign)).collect()
}

/// The path of an operation that only needs a key: what an API says about its user, or else about one thing with an ID, or else
/// anything.
fn check(api: &Api) -> Option<String> {
    let is_simple = |operation: &&Operation| {
        let Some(plan) = operation.decision.tool() else { return false };
        let has_key = plan.tool.credential.is_some();
        operation.method == Method::Get
            && has_key
            && !operation.path.contains('{')
            && !plan.arguments.iter().any(|one| one.required)
    };
    let last = |operation: &Operation| operation.path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let certainty = |operation: &&Operation| {
        let known = ABOUT_ONESELF.iter().position(|known| *known == last(operation)).unwrap_or(ABOUT_ONESELF.len());
        let has_id = operation.decision.tool().is_some_and(|plan| plan.response_fields.contains_key("/id"));
        (known, !has_id, operation.path.len(), operation.path.clone())
    };
    api.operations.iter().filter(is_simple).min_by_key(certainty).map(|operation| operation.path.clone())
}
