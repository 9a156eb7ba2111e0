//! Measures how long the generator takes for a large document, how much memory, and how much code it generates:
//!
//! ```text
//! cargo run --release -p openapi-mcp-codegen --example synthetic -- --operations 1000 --annotated 70
//! cargo run --release -p openapi-mcp-codegen --example synthetic -- --document FILE
//! ```
//!
//! Without `--document`, the document is made up. `--write FOLDER` writes it and its overlay there, so that a server can be built
//! from them, for example with the environment variables that its project file names. Of a document, every operation is a tool
//! where that is possible.

mod shop;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use openapi_mcp_codegen::{Inputs, Source, survey};

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 1_000)]
    operations: usize,
    #[arg(long, default_value_t = 1_000)]
    annotated: usize,
    /// Where to write the document and the overlay
    #[arg(long, value_name = "FOLDER")]
    write: Option<PathBuf>,
    /// A document to measure instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["operations", "annotated"])]
    document: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let Arguments { operations, annotated, write, document } = Arguments::parse();
    let (document, overlay) = match document {
        Some(file) => {
            let text = fs::read_to_string(file)?;
            let tried = survey::first_try(Source { name: "document", text: &text });
            let overlay = tried.map_err(|diagnostics| anyhow::anyhow!("{diagnostics}"))?.overlay;
            (text, overlay)
        }
        None => shop::shop(operations, annotated),
    };
    if let Some(folder) = write {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("document.json"), &document)?;
        fs::write(folder.join("overlay.yaml"), &overlay)?;
    }
    let inputs = Inputs {
        document: Source { name: "document", text: &document },
        overlay: Source { name: "overlay", text: &overlay },
        lock: None,
    };
    let began = Instant::now();
    openapi_mcp_codegen::understand(&inputs).map_err(|diagnostics| anyhow::anyhow!("{diagnostics}"))?;
    let understood = began.elapsed();
    let began = Instant::now();
    let outputs = openapi_mcp_codegen::generate(&inputs).map_err(|diagnostics| anyhow::anyhow!("{diagnostics}"))?;
    let generated = began.elapsed();
    writeln!(
        std::io::stdout().lock(),
        "{} operations in {} KiB, {} of them tools: understood in {understood:.2?}, generated in {generated:.2?}, at most {} of \
         memory, {} lines of client in {} KiB, {} lines of tools",
        outputs.api.operations.len(),
        document.len() >> 10,
        outputs.api.tools().len(),
        peak(),
        outputs.client.lines().count(),
        outputs.client.len() >> 10,
        outputs.tools.lines().count(),
    )?;
    Ok(())
}

/// The most memory that this process had (proc(5), `VmHWM` of `status`).
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.map_or_else(|| "an unknown amount".to_owned(), |kib| format!("{} MiB", kib >> 10))
}
