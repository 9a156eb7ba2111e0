//! `cargo codegen …`: looks at, checks and adopts what the generator makes of the inputs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand, ValueEnum};
use codegen::diagnostics::{Diagnostics, Severity};
use codegen::{Inputs, Source, Understood};
use serde_json::{Value as Json, json};

/// The generator of torii-mcp: what it makes of an OpenAPI document and an overlay.
#[derive(Parser)]
#[command(name = "cargo codegen", bin_name = "cargo codegen", arg_required_else_help = true)]
struct Arguments {
    /// OpenAPI document, JSON or YAML
    #[arg(long, env = "TORII_OPENAPI", default_value = "openapi/torii.json", global = true)]
    document: PathBuf,
    /// OpenAPI overlay with the annotations
    #[arg(long, env = "TORII_OVERLAY", default_value = "openapi/overlay.yaml", global = true)]
    overlay: PathBuf,
    /// Tool surface as reviewed
    #[arg(long, default_value = "openapi/tools.lock.json", global = true)]
    lock: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fail on anything undecided, gone, or different from the lock
    Check,
    /// Every operation: exposed, excluded with its reason, undecided, or gone
    Coverage {
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Rewrite the lock from the document and the overlay
    Sync,
    /// Generated code of one tool, or of all with the client
    Expand { tool: Option<String> },
    /// Every change made to the document before it was understood
    Repairs,
    /// The plain data the emitters see, as JSON
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
    let document = read(&arguments.document)?;
    let overlay = read(&arguments.overlay)?;
    let inputs = Inputs {
        document: Source { name: &arguments.document.to_string_lossy(), text: &document },
        overlay: Source { name: &arguments.overlay.to_string_lossy(), text: &overlay },
    };
    match &arguments.command {
        Command::Check => check(&inputs, &arguments.lock),
        Command::Coverage { format } => {
            let coverage = codegen::ledger::coverage(&understand(&inputs)?.api);
            print(match format {
                Format::Text => &coverage.text,
                Format::Json => &coverage.json,
                Format::Markdown => &coverage.markdown,
            })
        }
        Command::Sync => sync(&inputs, &arguments.lock),
        Command::Expand { tool } => expand(&inputs, tool.as_deref()),
        Command::Repairs => {
            let understood = understand(&inputs)?;
            let lines = understood.repairs.iter().map(|repair| format!("{}\t{}\t{}\n", repair.name, repair.pointer, repair.what));
            print(&lines.collect::<String>())
        }
        Command::Ir => print(&format!("{:#}\n", json!(understand(&inputs)?.api))),
    }
}

fn check(inputs: &Inputs<'_>, lock: &Path) -> anyhow::Result<()> {
    let outputs = codegen::generate(inputs).map_err(|diagnostics| failed(&diagnostics))?;
    say_warnings(&outputs.warnings);
    let built: Json = serde_json::from_str(&outputs.manifest)?;
    let locked: Json = serde_json::from_str(&read(lock)?).with_context(|| format!("`{}` is not JSON", lock.display()))?;
    let mut problems = codegen::lock::compare(&locked, &built);
    problems.extend(
        outputs.warnings.iter().filter(|warning| warning.severity == Severity::Warning).map(|warning| warning.message.clone()),
    );
    if problems.is_empty() {
        return print(&format!("{} tools as reviewed\n", outputs.api.tools().len()));
    }
    let list = problems.join("\n  ");
    bail!(
        "the tool surface is not as reviewed:\n  {list}\nhelp: decide what is undecided in the overlay, then run `cargo codegen sync` and review the lock's diff"
    );
}

fn sync(inputs: &Inputs<'_>, lock: &Path) -> anyhow::Result<()> {
    let outputs = codegen::generate(inputs).map_err(|diagnostics| failed(&diagnostics))?;
    say_warnings(&outputs.warnings);
    let built: Json = serde_json::from_str(&outputs.manifest)?;
    let locked: Json = std::fs::read_to_string(lock).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let changes = codegen::lock::compare(&locked, &built);
    std::fs::write(lock, codegen::lock::text(&built)).with_context(|| format!("cannot write `{}`", lock.display()))?;
    print(&if changes.is_empty() { "nothing changed\n".to_owned() } else { changes.join("\n") + "\n" })
}

fn expand(inputs: &Inputs<'_>, tool: Option<&str>) -> anyhow::Result<()> {
    let outputs = codegen::generate(inputs).map_err(|diagnostics| failed(&diagnostics))?;
    let Some(wanted) = tool else { return print(&format!("{}\n{}", outputs.client, outputs.tools)) };
    let start = format!("async fn {wanted}(\n");
    let alternative = format!("async fn {wanted}(");
    let found = outputs.tools.find(&start).or_else(|| outputs.tools.find(&alternative)).and_then(|at| outputs.tools.get(at..));
    let Some(found) = found else {
        let names = outputs.api.tools().into_iter().map(|(_, tool)| tool.name.clone()).collect::<Vec<_>>();
        let nearest = codegen::names::nearest(wanted, names.iter().map(String::as_str));
        bail!("no tool `{wanted}`{}", nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default());
    };
    print(&format!("{}\n}}\n", found.split("\n}\n").next().unwrap_or(found)))
}

fn understand(inputs: &Inputs<'_>) -> anyhow::Result<Understood> {
    let understood = codegen::understand(inputs).map_err(|diagnostics| failed(&diagnostics))?;
    say_warnings(&understood.warnings);
    Ok(understood)
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
        // the reader had enough, as `head` does
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to stdout"),
    }
}

fn say_warnings(warnings: &Diagnostics) {
    if !warnings.is_empty() {
        say_error(warnings.to_string().trim_end());
    }
}

/// A closed stderr is nobody to tell it to.
fn say_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
