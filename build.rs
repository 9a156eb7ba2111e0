//! Names the inputs, calls the generator, writes what it made, prints what is wrong. All else is in `crates/codegen/`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use openapi_mcp_codegen::diagnostics::{Diagnostics, Severity};
use openapi_mcp_codegen::{Inputs, Source};

/// The tools as reviewed, and what there was before.
const LOCK: &str = "openapi/tools.lock.json";

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let document = input(&root, "TORII_OPENAPI", "openapi/torii.json");
    let overlay = input(&root, "TORII_OVERLAY", "openapi/overlay.yaml");
    let lock = root.join(LOCK);
    println!("cargo::rerun-if-changed={}", lock.display());
    let reviewed = fs::read_to_string(&lock).ok();
    let inputs = Inputs {
        document: Source { name: &shown(&root, &document), text: &read(&document)? },
        overlay: Source { name: &shown(&root, &overlay), text: &read(&overlay)? },
        lock: reviewed.as_ref().map(|text| Source { name: LOCK, text }),
    };
    match openapi_mcp_codegen::generate(&inputs) {
        Ok(outputs) => {
            print(&outputs.warnings);
            write("client.rs", &outputs.client)?;
            write("tools.rs", &outputs.tools)?;
            write("manifest.json", &outputs.manifest)?;
            write("coverage.txt", &outputs.coverage.text)?;
            write("coverage.md", &outputs.coverage.markdown)?;
            write("coverage.json", &outputs.coverage.json)
        }
        Err(diagnostics) => {
            print(&diagnostics);
            Ok(())
        }
    }
}

/// The input named by the environment, relative to the project's folder, or else the project's own.
fn input(root: &Path, variable: &str, default: &str) -> PathBuf {
    println!("cargo::rerun-if-env-changed={variable}");
    let path = env::var_os(variable).map_or_else(|| root.join(default), |named| root.join(named));
    println!("cargo::rerun-if-changed={}", path.display());
    path
}

/// What diagnostics call an input: its path within the project where it is there.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path).map_err(|error| io::Error::new(error.kind(), format!("cannot read `{}`: {error}", path.display())))
}

/// An unchanged file keeps its time, so that what is built from it is not built again.
fn write(name: &str, text: &str) -> io::Result<()> {
    let path = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    if fs::read_to_string(&path).is_ok_and(|before| before == text) { Ok(()) } else { fs::write(path, text) }
}

/// Cargo shows each line of a directive on its own, so a diagnostic becomes one directive a line.
fn print(diagnostics: &Diagnostics) {
    for diagnostic in diagnostics.iter() {
        let directive = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
        for line in diagnostics.render(diagnostic).lines() {
            println!("cargo::{directive}={line}");
        }
    }
}
