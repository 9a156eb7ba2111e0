//! Measures how long the generator takes for a large document, and how much code it generates:
//!
//! ```text
//! cargo run --release -p openapi-mcp-codegen --example synthetic -- --operations 1000 --annotated 70
//! ```
//!
//! `--write FOLDER` writes the document and its overlay there, so that a server can be built from them, for example with the
//! environment variables that its project file names.

mod shop;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use openapi_mcp_codegen::{Inputs, Source};

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 1_000)]
    operations: usize,
    #[arg(long, default_value_t = 1_000)]
    annotated: usize,
    /// Where to write the document and the overlay
    #[arg(long, value_name = "FOLDER")]
    write: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let Arguments { operations, annotated, write } = Arguments::parse();
    let (document, overlay) = shop::shop(operations, annotated);
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
    writeln!(
        std::io::stdout().lock(),
        "{operations} operations in {} KiB, {annotated} of them tools: understood in {understood:.2?}, generated in {:.2?}, \
         {} lines of client in {} KiB, {} lines of tools",
        document.len() >> 10,
        began.elapsed(),
        outputs.client.lines().count(),
        outputs.client.len() >> 10,
        outputs.tools.lines().count(),
    )?;
    Ok(())
}
