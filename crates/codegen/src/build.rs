//! The generator in a build script: reads the inputs, writes the generated files into `OUT_DIR`, and reports problems to Cargo.
//!
//! ```no_run
//! openapi_mcp_codegen::build::Build::of_project("openapi/codegen.yaml").run();
//! ```

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::diagnostics::{Diagnostics, Severity};
use crate::project::Project;
use crate::{Inputs, Outputs, Source};

/// A run of the generator in a build script. Paths are relative to the folder of the package.
#[derive(Clone, Debug)]
pub struct Build {
    project: Result<Project, String>,
    file: Option<PathBuf>,
}

impl Build {
    /// A build from these inputs.
    pub fn new(document: impl Into<PathBuf>, overlay: impl Into<PathBuf>) -> Self {
        let project = Project { document: document.into(), overlay: overlay.into(), ..Project::default() };
        Self { project: Ok(project), file: None }
    }

    /// A build from the inputs that a project file names; `cargo codegen` uses the same file.
    pub fn of_project(file: impl AsRef<Path>) -> Self {
        let file = file.as_ref();
        let name = file.display().to_string();
        let text = fs::read_to_string(root().join(file)).map_err(|error| format!("cannot read `{name}`: {error}"));
        Self { project: text.and_then(|text| Project::parse(&name, &text)), file: Some(file.to_owned()) }
    }

    /// Sets the lock, which records the tools as reviewed and the names of removed ones.
    #[must_use]
    pub fn lock(mut self, lock: impl Into<PathBuf>) -> Self {
        if let Ok(project) = &mut self.project {
            project.lock = Some(lock.into());
        }
        self
    }

    /// Sets the names of the environment variables that select another document and another overlay.
    #[must_use]
    pub fn variables(mut self, document: &str, overlay: &str) -> Self {
        if let Ok(project) = &mut self.project {
            project.variables.document = Some(document.to_owned());
            project.variables.overlay = Some(overlay.to_owned());
        }
        self
    }

    /// Runs the generator, and prints directives for Cargo. An error fails the build.
    pub fn run(&self) {
        let _ = generate(self, &mut io::stdout().lock());
    }
}

fn root() -> PathBuf {
    PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default())
}

fn generate(build: &Build, cargo: &mut impl Write) -> io::Result<()> {
    let root = root();
    if let Some(file) = &build.file {
        writeln!(cargo, "cargo::rerun-if-changed={}", root.join(file).display())?;
    }
    let project = match &build.project {
        Ok(project) => project,
        Err(reason) => return lines(cargo, "error", reason),
    };
    for variable in [&project.variables.document, &project.variables.overlay].into_iter().flatten() {
        writeln!(cargo, "cargo::rerun-if-env-changed={variable}")?;
    }
    let [document, overlay] = [project.document_in_use(), project.overlay_in_use()].map(|path| root.join(path));
    let lock = project.lock.as_ref().map(|lock| root.join(lock));
    for input in [Some(&document), Some(&overlay), lock.as_ref()].into_iter().flatten() {
        writeln!(cargo, "cargo::rerun-if-changed={}", input.display())?;
    }
    let read = |path: &Path| fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()));
    let (document_text, overlay_text) = match (read(&document), read(&overlay)) {
        (Ok(document), Ok(overlay)) => (document, overlay),
        (Err(reason), _) | (_, Err(reason)) => return lines(cargo, "error", &reason),
    };
    let lock_text = lock.as_deref().and_then(|lock| read(lock).ok());
    // a diagnostic names an input by its path within the project if it is inside the project
    let name = |path: &Path| path.strip_prefix(&root).unwrap_or(path).display().to_string();
    let lock_name = lock.as_deref().map(name).unwrap_or_default();
    let inputs = Inputs {
        document: Source { name: &name(&document), text: &document_text },
        overlay: Source { name: &name(&overlay), text: &overlay_text },
        lock: lock_text.as_ref().map(|text| Source { name: &lock_name, text }),
    };
    let outputs = match crate::generate(&inputs) {
        Ok(outputs) => outputs,
        Err(diagnostics) => return print(cargo, &diagnostics),
    };
    print(cargo, &outputs.warnings)?;
    let files = [
        ("client.rs", &outputs.client),
        ("tools.rs", &outputs.tools),
        ("manifest.json", &outputs.manifest),
        ("coverage.txt", &outputs.coverage.text),
        ("coverage.md", &outputs.coverage.markdown),
        ("coverage.json", &outputs.coverage.json),
    ];
    let typed = match typed(&outputs) {
        Ok(typed) => typed,
        Err(diagnostics) => return print(cargo, &diagnostics),
    };
    for (name, text) in files.into_iter().chain(typed.as_ref().map(|text| ("typed.rs", text))) {
        if let Err(error) = write(name, text) {
            lines(cargo, "error", &format!("cannot write `{name}`: {error}"))?;
        }
    }
    Ok(())
}

/// The typed client, if the package has a feature `client` and is built with it.
fn typed(outputs: &Outputs) -> Result<Option<String>, Diagnostics> {
    env::var_os("CARGO_FEATURE_CLIENT").map(|_| outputs.typed()).transpose()
}

/// Writes a file. An unchanged file keeps its modification time, so that nothing is built from it again.
fn write(name: &str, text: &str) -> io::Result<()> {
    let path = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    if fs::read_to_string(&path).is_ok_and(|before| before == text) { Ok(()) } else { fs::write(path, text) }
}

fn print(cargo: &mut impl Write, diagnostics: &Diagnostics) -> io::Result<()> {
    let diagnostics = diagnostics.brief();
    for diagnostic in diagnostics.iter() {
        let directive = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
        lines(cargo, directive, &diagnostics.render(diagnostic))?;
    }
    Ok(())
}

/// Prints a text as one directive for each line, since a directive of Cargo is a single line.
fn lines(cargo: &mut impl Write, directive: &str, text: &str) -> io::Result<()> {
    text.lines().try_for_each(|line| writeln!(cargo, "cargo::{directive}={line}"))
}
