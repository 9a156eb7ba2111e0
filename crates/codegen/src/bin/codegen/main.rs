//! `cargo codegen …`: shows, checks and adopts what the generator makes of the inputs.

mod check;
mod fetch;
mod files;
mod init;
mod program;
mod sync;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand, ValueEnum};
use openapi_mcp_codegen::diagnostics::{Diagnostics, Severity};
use openapi_mcp_codegen::project::Project;
use openapi_mcp_codegen::{Inputs, Source, Understood};
use serde_json::{Value as Json, json};

/// Show, check and adopt what the generator makes of an OpenAPI document and an overlay.
#[derive(Parser)]
#[command(name = "cargo codegen", bin_name = "cargo codegen", arg_required_else_help = true)]
struct Arguments {
    /// Project file, which names the files below
    #[arg(long, default_value = "openapi/codegen.yaml", global = true)]
    project: PathBuf,
    /// Another OpenAPI document, JSON or YAML
    #[arg(long, global = true)]
    document: Option<PathBuf>,
    /// Another OpenAPI overlay with the annotations
    #[arg(long, global = true)]
    overlay: Option<PathBuf>,
    /// Another lock, with the tools as they were last reviewed
    #[arg(long, global = true)]
    lock: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a new project: a server for the API that `--document` describes
    Init(init::Init),
    /// Fail on anything undecided, removed, or different from what was reviewed
    Check(program::Program),
    /// Show the state of every operation: exposed, excluded with its reason, undecided, or removed
    Coverage {
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Show instead how much of each document in this folder becomes tools before anything is edited
        #[arg(long, value_name = "FOLDER", conflicts_with = "format")]
        documents: Option<PathBuf>,
    },
    /// Show how the tools change from one document or lock to another
    Diff {
        /// OpenAPI document or lock
        old: PathBuf,
        /// OpenAPI document or lock
        new: PathBuf,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Download the publisher's document, to be adopted with `sync`
    Fetch(fetch::Fetch),
    /// Adopt the document: update the project's own, the overlay's new operations, the lock, the changelog and the code
    Sync(sync::Sync),
    /// Print the document with the overlay applied, as JSON
    Apply,
    /// Print the generated code of one tool, or of all tools and the client
    Expand { tool: Option<String> },
    /// List every repair of the document
    Repairs,
    /// Print the plain data between the stages, as JSON
    Ir,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    Markdown,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Command::Coverage { documents: Some(folder), .. } = &arguments.command {
        return survey(folder);
    }
    if let Command::Init(init) = &arguments.command {
        return init.run(arguments.document.as_deref());
    }
    let text = read(&arguments.project).context("run this in the folder of the project, or name its file with `--project`")?;
    let project = Project::parse(&arguments.project.to_string_lossy(), &text).map_err(anyhow::Error::msg)?;
    let document_path = arguments.document.clone().unwrap_or_else(|| project.document_in_use());
    let overlay_path = arguments.overlay.clone().unwrap_or_else(|| project.overlay_in_use());
    let lock_path = arguments.lock.clone().or_else(|| project.lock.clone());
    let lock_path = lock_path.context("the project names no `lock`; give one with `--lock`")?;
    match &arguments.command {
        Command::Fetch(fetch) => return fetch.run(&project),
        Command::Sync(sync) => return sync.run(&project, &document_path, &overlay_path, &lock_path),
        Command::Diff { old, new, format } => return diff(old, new, &overlay_path, *format),
        _ => {}
    }
    let (document, overlay) = (read(&document_path)?, read(&overlay_path)?);
    let lock = files::read_if_there(&lock_path)?;
    let [document_name, overlay_name, lock_name] = [&document_path, &overlay_path, &lock_path].map(|path| path.to_string_lossy());
    let inputs = Inputs {
        document: Source { name: &document_name, text: &document },
        overlay: Source { name: &overlay_name, text: &overlay },
        lock: lock.as_ref().map(|text| Source { name: &lock_name, text }),
    };
    match &arguments.command {
        Command::Check(program) => check::check(&inputs, &project, program),
        Command::Coverage { format, .. } => {
            let coverage = openapi_mcp_codegen::coverage::reports(&understand(&inputs)?.api);
            print(match format {
                Format::Text => &coverage.text,
                Format::Json => &coverage.json,
                Format::Markdown => &coverage.markdown,
            })
        }
        Command::Apply => {
            let (text, warnings) =
                openapi_mcp_codegen::overlaid(inputs.document, inputs.overlay).map_err(|diagnostics| failed(&diagnostics))?;
            say_warnings(&warnings);
            print(&text)
        }
        Command::Expand { tool } => expand(&inputs, tool.as_deref()),
        Command::Repairs => {
            let understood = understand(&inputs)?;
            let line = openapi_mcp_codegen::text::line;
            let lines = understood.repairs.iter().map(|repair| {
                let (pointer, what) = (line(&repair.pointer), line(&repair.what));
                format!("{}\t{pointer}\t{what}\n", repair.name)
            });
            print(&lines.collect::<String>())
        }
        Command::Ir => print(&format!("{:#}\n", json!(understand(&inputs)?.api))),
        Command::Init(_) | Command::Fetch(_) | Command::Sync(_) | Command::Diff { .. } => Ok(()),
    }
}

/// Prints how much of each document of a folder becomes tools.
fn survey(folder: &Path) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json" || ending == "yaml" || ending == "yml"));
    paths.sort();
    let mut surveys = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = read(&path)?;
        surveys.push((name.clone(), openapi_mcp_codegen::survey::survey(Source { name: &name, text: &text })));
    }
    print(&openapi_mcp_codegen::survey::table(&surveys))
}

fn diff(old: &Path, new: &Path, overlay: &Path, format: Format) -> anyhow::Result<()> {
    let diff = openapi_mcp_codegen::diff::diff(&surface(old, overlay)?, &surface(new, overlay)?);
    print(&match format {
        Format::Text => diff.text(),
        Format::Markdown => diff.markdown(),
        Format::Json => format!("{:#}\n", diff.json()),
    })
}

/// The tool surface of a lock, or of a document with the overlay.
fn surface(path: &Path, overlay: &Path) -> anyhow::Result<Json> {
    let text = read(path)?;
    if let Some(lock) = serde_json::from_str::<Json>(&text).ok().filter(|json| json.get("tools").is_some_and(Json::is_array)) {
        return Ok(lock);
    }
    let (name, overlay_name) = (path.to_string_lossy(), overlay.to_string_lossy());
    let overlay = read(overlay)?;
    let inputs = Inputs {
        document: Source { name: &name, text: &text },
        overlay: Source { name: &overlay_name, text: &overlay },
        lock: None,
    };
    let inputs_named = || format!("of `{name}` with the overlay `{overlay_name}`");
    let outputs =
        openapi_mcp_codegen::generate(&inputs).map_err(|diagnostics| failed(&diagnostics)).with_context(inputs_named)?;
    if !outputs.warnings.is_empty() {
        say_error(&format!("{}:", inputs_named()));
        say_warnings(&outputs.warnings);
    }
    Ok(openapi_mcp_codegen::emit::surface(&outputs.api))
}

fn expand(inputs: &Inputs<'_>, tool: Option<&str>) -> anyhow::Result<()> {
    let outputs = generate(inputs)?;
    let Some(wanted) = tool else { return print(&format!("{}\n{}", outputs.client, outputs.tools)) };
    let start = format!("async fn {wanted}(\n");
    let alternative = format!("async fn {wanted}(");
    let found = outputs.tools.find(&start).or_else(|| outputs.tools.find(&alternative)).and_then(|at| outputs.tools.get(at..));
    let Some(found) = found else {
        let names = outputs.api.tools().into_iter().map(|plan| plan.tool.name.clone()).collect::<Vec<_>>();
        let nearest = openapi_mcp_codegen::names::nearest(wanted, names.iter().map(String::as_str));
        bail!("no tool `{wanted}`{}", nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default());
    };
    print(&format!("{}\n}}\n", found.split("\n}\n").next().unwrap_or(found)))
}

fn understand(inputs: &Inputs<'_>) -> anyhow::Result<Understood> {
    let understood = openapi_mcp_codegen::understand(inputs).map_err(|diagnostics| failed(&diagnostics))?;
    say_warnings(&understood.warnings);
    Ok(understood)
}

fn generate(inputs: &Inputs<'_>) -> anyhow::Result<openapi_mcp_codegen::Outputs> {
    let outputs = openapi_mcp_codegen::generate(inputs).map_err(|diagnostics| failed(&diagnostics))?;
    say_warnings(&outputs.warnings);
    Ok(outputs)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn failed(diagnostics: &Diagnostics) -> anyhow::Error {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    anyhow::anyhow!("{diagnostics}{errors} error{} in the inputs", if errors == 1 { "" } else { "s" })
}

fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // the process that reads the output closed the pipe, as `head` does
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to stdout"),
    }
}

fn say_warnings(warnings: &Diagnostics) {
    if !warnings.is_empty() {
        say_error(warnings.brief().to_string().trim_end());
    }
}

/// Prints an error. A failed write is ignored, since it could be reported nowhere else.
fn say_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
