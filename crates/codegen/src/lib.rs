//! Generates a typed client and MCP tools from an OpenAPI document.
//!
//! ```text
//! document ─┐
//! overlay ──┼ load ─ overlay ─ repair ─ lower ─▶ ir::Api ─┬ emit::manifest ─▶ manifest.json
//! lock ─────┘                     │                       └ bind ─ emit::tools ─▶ tools.rs
//!                                 ├ client (progenitor) ─▶ client.rs ──▲ read back
//!                                 └ typed::Types ─ emit::typed ─▶ typed.rs, only for other programs
//! ```
//!
//! Invariants: [`generate`] is pure (no environment, no printing, no files) and deterministic byte for byte; no input makes it
//! panic; every problem is a [`diagnostics::Diagnostic`] that names the file to edit.

mod about;
pub mod adopt;
pub mod annotation;
pub mod bind;
pub mod build;
pub mod client;
mod content;
mod corrections;
pub mod coverage;
pub mod diagnostics;
pub mod diff;
pub mod emit;
pub mod first_overlay;
pub mod init;
pub mod ir;
pub mod load;
pub mod lock;
pub mod lower;
mod moves;
pub mod names;
pub mod overlay;
pub mod project;
pub mod reference;
pub mod repair;
pub mod rules;
mod shorten;
pub mod statements;
pub mod survey;
pub mod text;
pub mod tree;
pub mod typed;

use std::collections::HashMap;

use coverage::CoverageReports;
use diagnostics::{Diagnostics, Location};
use ir::Api;
use overlay::Applied;
use repair::Repair;
use sha2::{Digest, Sha256};
use tree::{File, Node};
use typed::Types;

/// The text of a file, and its name in diagnostics.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

/// Everything a build depends on.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// OpenAPI 3.0 or 3.1 in JSON or YAML
    pub document: Source<'a>,
    /// OpenAPI Overlay 1.0 in JSON or YAML
    pub overlay: Source<'a>,
    /// the lock, which records the tools as reviewed, if there is one
    pub lock: Option<Source<'a>>,
}

/// What the inputs describe, before any code is generated.
#[derive(Clone, Debug)]
pub struct Understood {
    pub api: Api,
    pub repairs: Vec<Repair>,
    pub warnings: Diagnostics,
    locations: HashMap<String, Location>,
    /// the types of the responses, for the typed client
    types: Types,
}

/// The generated files and what they were made from.
#[derive(Clone, Debug)]
pub struct Outputs {
    /// Rust source of the typed client
    pub client: String,
    /// Rust source of the tools' functions and their table
    pub tools: String,
    /// JSON of the tools and the coverage
    pub manifest: String,
    pub coverage: CoverageReports,
    pub api: Api,
    pub repairs: Vec<Repair>,
    pub warnings: Diagnostics,
    types: Types,
}

impl Outputs {
    /// Rust source of the typed client for other programs. A server does not contain it, so it is made on demand.
    pub fn typed(&self) -> Result<String, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let file = parsed(emit::typed(&self.api, &self.types), &mut diagnostics);
        file.map(|file| printed(&file)).ok_or(diagnostics)
    }

    /// The tools' functions, as the file in the repository contains them for review.
    pub fn reviewed_tools(&self) -> String {
        const HEAD: &str = "\
// Made by `cargo codegen sync` from the OpenAPI document and the overlay: the functions of the tools, as the build makes them.
// Do not edit it: `cargo codegen check` fails where it differs from what the build makes.

";
        HEAD.to_owned() + &self.tools
    }
}

/// Runs the stages up to the plain description of the API. All problems are reported at once.
pub fn understand(inputs: &Inputs<'_>) -> Result<Understood, Diagnostics> {
    let lock_name = inputs.lock.map(|lock| lock.name).unwrap_or_default();
    let mut diagnostics = Diagnostics::new(inputs.document.name, inputs.overlay.name, lock_name);
    let document = load::load(inputs.document.text, File::Document, &mut diagnostics);
    let overlay = load::load(inputs.overlay.text, File::Overlay, &mut diagnostics);
    let lock = inputs.lock.and_then(|lock| load::load(lock.text, File::Lock, &mut diagnostics));
    let (Some(mut document), Some(overlay)) = (document, overlay) else { return Err(sorted(diagnostics)) };
    lower::check_version(&document, &mut diagnostics);
    let repairs = repair::expose_path_items(&mut document);
    let texts = lower::Published::read(&document);
    let published = document.clone();
    let Applied { removed, corrected } = overlay::apply(&mut document, &overlay, &mut diagnostics);
    let corrections = corrected.read(&published);
    let about = about::about(&published);
    drop(published);
    let mut repairs = repair::repair(&mut document, repairs, &mut diagnostics);
    let mut api = lower::lower(&document, &removed, &texts, &sha256(inputs.document.text), &mut diagnostics);
    api.corrections = corrections;
    api.about = about;
    api.overlay = corrections::digest(&overlay);
    if let Some(lock) = lock {
        lock::remember(&mut api, &lock.to_json());
    }
    let types = lower::types(&document, &api);
    let locations = locations(&document);
    repairs.extend(shorten::shorten(&mut api, &|id| locations.get(id).cloned().unwrap_or_default().pointer));
    rules::check(&api, &|id| locations.get(id).cloned().unwrap_or_default(), &mut diagnostics);
    let diagnostics = sorted(diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    Ok(Understood { api, repairs, warnings: diagnostics, locations, types })
}

/// Generates client, tools and manifest. All problems are reported at once.
pub fn generate(inputs: &Inputs<'_>) -> Result<Outputs, Diagnostics> {
    let Understood { api, repairs, warnings, locations, types } = understand(inputs)?;
    let location_of = |id: &str| locations.get(id).cloned().unwrap_or_default();
    let mut diagnostics = warnings;
    let Some(client) = client::client(&api, &location_of, &mut diagnostics).and_then(|tokens| parsed(tokens, &mut diagnostics))
    else {
        return Err(sorted(diagnostics));
    };
    let bindings = bind::bind(&api, &client, &location_of, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(sorted(diagnostics));
    }
    let Some(tools) = parsed(emit::tools(&api, &bindings), &mut diagnostics) else { return Err(sorted(diagnostics)) };
    Ok(Outputs {
        client: prettyplease::unparse(&client),
        tools: printed(&tools),
        manifest: serde_json::json!(emit::manifest(&api)).to_string(),
        coverage: coverage::reports(&api),
        api,
        repairs,
        warnings: diagnostics,
        types,
    })
}

fn parsed(tokens: proc_macro2::TokenStream, diagnostics: &mut Diagnostics) -> Option<syn::File> {
    match syn::parse2(tokens) {
        Ok(file) => Some(file),
        Err(error) => {
            diagnostics
                .error("E0902", Location::default(), format!("the generated code is not Rust: {error}"))
                .hint("please report this; it is a fault of the generator");
            None
        }
    }
}

/// The text of generated code that people read, with blank lines between its items.
fn printed(file: &syn::File) -> String {
    let mut text = String::new();
    for item in &file.items {
        if !text.is_empty() && !matches!(item, syn::Item::Use(_)) {
            text.push('\n');
        }
        let alone = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item.clone()] };
        text += &prettyplease::unparse(&alone);
    }
    text
}

fn sorted(mut diagnostics: Diagnostics) -> Diagnostics {
    diagnostics.sort();
    diagnostics
}

/// The location of each operation: that of its annotation if it has one, since the annotation is to be edited.
fn locations(document: &Node) -> HashMap<String, Location> {
    let paths = document.get("paths").and_then(Node::members);
    let mut locations = HashMap::new();
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.members().into_iter().flatten() {
            let Some(id) = operation.get("operationId").and_then(Node::text) else { continue };
            let span = operation.get("x-mcp").map_or(operation.span, |annotation| annotation.span);
            let pointer = tree::join(&tree::join("/paths", path), method);
            locations.entry(id.to_owned()).or_insert_with(|| Location {
                span: Some(span),
                pointer,
                operation: Some(id.to_owned()),
            });
        }
    }
    locations
}

/// A document as JSON: JSON stays the same byte for byte, YAML is converted; `None` if it cannot be read.
pub fn as_json(document: &str) -> Option<String> {
    if document.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Some(document.to_owned());
    }
    let node = load::load(document, File::Document, &mut Diagnostics::default())?;
    Some(format!("{:#}\n", node.to_json()))
}

/// The document with the overlay applied, as JSON, and the warnings. Unlike in a build, the overlay may remove operations.
pub fn overlaid(document: Source<'_>, overlay: Source<'_>) -> Result<(String, Diagnostics), Diagnostics> {
    let mut diagnostics = Diagnostics::new(document.name, overlay.name, "");
    let loaded = load::load(document.text, File::Document, &mut diagnostics);
    let actions = load::load(overlay.text, File::Overlay, &mut diagnostics);
    let (Some(mut document), Some(actions)) = (loaded, actions) else { return Err(sorted(diagnostics)) };
    overlay::rewrite(&mut document, &actions, &mut diagnostics);
    let diagnostics = sorted(diagnostics);
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok((format!("{:#}\n", document.to_json()), diagnostics)) }
}

/// Checks whether a text is an OpenAPI document; the error says why not.
pub fn recognise(text: &str) -> Result<(), String> {
    let mut diagnostics = Diagnostics::default();
    let document = load::load(text, File::Document, &mut diagnostics);
    if let Some(document) = &document {
        lower::check_version(document, &mut diagnostics);
    }
    diagnostics.iter().next().map_or(Ok(()), |first| Err(first.message.clone()))
}

/// The start of a text's SHA-256, long enough to notice a change.
fn short_digest(text: &str) -> String {
    sha256(text).chars().take(12).collect()
}

/// SHA-256 of a text, in hex.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
