//! `cargo codegen init`: writes a new project.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use openapi_mcp_codegen::Source;
use openapi_mcp_codegen::init::{NewFiles, NewProject, is_name, project};

use crate::{failed, files, print, read};

#[derive(Args)]
pub(crate) struct Init {
    /// Name of the API in lower case with hyphens, such as `pet-store`
    #[arg(long)]
    name: String,
    /// Make every operation a tool, with a name, a title and an effect from the document
    #[arg(long)]
    all: bool,
    /// Folder of the project, which must not exist yet [default: NAME-mcp]
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Folder of the libraries, if not the one that this program was built in
    #[arg(long, value_name = "FOLDER", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/.."), hide_default_value = true)]
    libraries: PathBuf,
}

impl Init {
    /// Writes the project. Nothing is written unless all of it can be made.
    pub(crate) fn run(&self, document: Option<&Path>) -> anyhow::Result<()> {
        let Self { name, all, into, libraries } = self;
        let Some(document) = document else { bail!("name the API's document with `--document FILE`") };
        if !is_name(name) {
            bail!("`{name}` cannot be the name of a project; write lower-case letters, digits and hyphens, as in `pet-store`");
        }
        let folder = into.clone().unwrap_or_else(|| PathBuf::from(format!("{name}-mcp")));
        if folder.exists() {
            bail!("`{}` exists already; name another folder with `--into`", folder.display());
        }
        let libraries = std::path::absolute(libraries)?;
        let libraries = libraries.canonicalize().ok().filter(|found| found.join("runtime/Cargo.toml").is_file());
        let libraries =
            libraries.context("the libraries are not where this program was built; name their folder with `--libraries`")?;
        let text = read(document)?;
        let document_name = document.to_string_lossy();
        let new = NewProject {
            name,
            document: Source { name: &document_name, text: &text },
            all: *all,
            libraries: &relative(&canonical(&folder)?, &libraries),
        };
        let made = project(&new).map_err(|diagnostics| failed(&diagnostics))?;
        for (path, text) in &made.files {
            files::write(&folder.join(path), text)?;
        }
        print(&next(&made, &folder))
    }
}

/// The path of a folder that does not exist yet, without symbolic links before it.
fn canonical(folder: &Path) -> anyhow::Result<PathBuf> {
    let folder = std::path::absolute(folder)?;
    let existing = folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/"));
    let rest = folder.strip_prefix(existing).unwrap_or(Path::new(""));
    Ok(existing.canonicalize()?.join(rest))
}

/// The path from one folder to another, both absolute.
fn relative(from: &Path, to: &Path) -> String {
    let (mut from, mut to) = (from.components().peekable(), to.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to).collect();
    path.to_string_lossy().replace('\\', "/")
}

/// Says what was written and what to do next.
fn next(new: &NewFiles, folder: &Path) -> String {
    let NewFiles { files, operations, tools, refusals, check } = new;
    let mut lines: Vec<String> = refusals.iter().map(|refusal| refusal.text.trim_end().to_owned()).collect();
    if !refusals.is_empty() {
        let could_not = match refusals.len() {
            1 => "1 operation could not become a tool".to_owned(),
            many => format!("{many} operations could not become tools"),
        };
        lines.push(format!("{could_not} for the reasons above; follow the hints and replace `exclude` in the overlay"));
    }
    lines.push(format!("wrote {} files to `{}`: {tools} of {operations} operations are tools", files.len(), folder.display()));
    lines.push(match check {
        Some(path) => {
            format!("keys are checked with `GET {path}`; if another operation fits better, edit `CHECK` in `src/keys.rs`")
        }
        None => {
            "no operation was found that could check a key; if there is one, write it into `CHECK` in `src/keys.rs`".to_owned()
        }
    });
    let edit = if *tools == 0 { "decide about operations in `openapi/overlay.yaml`, then " } else { "" };
    lines.push(format!("next: `cd {}`, {edit}`cargo run`", folder.display()));
    lines.join("\n") + "\n"
}
