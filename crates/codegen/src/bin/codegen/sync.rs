//! `cargo codegen sync`: adopts a document.

use std::path::{Path, PathBuf};

use clap::Args;
use openapi_mcp_codegen::adopt::{Added, Adopted, Followed, Moved, adopt, follow};
use openapi_mcp_codegen::diff::literal;
use openapi_mcp_codegen::ir::Decision;
use openapi_mcp_codegen::project::Project;
use openapi_mcp_codegen::{Inputs, Source};

use crate::{failed, files, print, read, say_warnings};

#[derive(Args)]
pub(crate) struct Sync {
    /// Changelog of the tools, if not the one that the project names
    #[arg(long)]
    changelog: Option<PathBuf>,
    /// Day of the adoption, if not today
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<jiff::civil::Date>,
    /// Also write the changes and the coverage to this file, as the body of a pull request
    #[arg(long)]
    body: Option<PathBuf>,
    /// Also edit the overlay's blocks of operations that certainly moved: another path, other names in it, another `operationId`
    #[arg(long)]
    follow: bool,
}

impl Sync {
    /// Adopts the document. Nothing is written unless all files can be made.
    pub(crate) fn run(&self, project: &Project, document: &Path, overlay: &Path, lock: &Path) -> anyhow::Result<()> {
        let today = self.date.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()).to_string();
        let text = read(document)?;
        // if the document cannot be read, `adopt` reports why
        let kept = openapi_mcp_codegen::as_json(&text).unwrap_or(text);
        let (annotations, locked) = (read(overlay)?, files::read_if_there(lock)?);
        let [document_name, overlay_name, lock_name] = [document, overlay, lock].map(Path::to_string_lossy);
        let inputs = Inputs {
            document: Source { name: &document_name, text: &kept },
            overlay: Source { name: &overlay_name, text: &annotations },
            lock: locked.as_ref().map(|text| Source { name: &lock_name, text }),
        };
        let followed = follow(&inputs).map_err(|diagnostics| failed(&diagnostics));
        let followed = if self.follow { Ok(followed?) } else { Err(followed.map_or(0, |followed| followed.moved.len())) };
        let annotations = followed.as_ref().map_or(annotations.as_str(), |followed| &followed.overlay);
        let inputs = Inputs { overlay: Source { text: annotations, ..inputs.overlay }, ..inputs };
        let changelog_path = self.changelog.as_ref().or(project.changelog.as_ref());
        let changelog = changelog_path.map(|path| files::read_if_there(path)).transpose()?.flatten().unwrap_or_default();
        let adopted = adopt(&inputs, &changelog, &today).map_err(|diagnostics| failed(&diagnostics))?;
        say_warnings(&adopted.outputs.warnings);
        files::write(&project.document, &kept)?;
        files::write(overlay, &adopted.overlay)?;
        if let Some(path) = changelog_path.filter(|_| !adopted.changelog.is_empty()) {
            files::write(path, &adopted.changelog)?;
        }
        if let Some(path) = &project.generated {
            files::write(path, &adopted.outputs.reviewed_tools())?;
        }
        if let Some(body) = &self.body {
            files::write(body, &pull_request(&adopted))?;
        }
        // the lock is written last: it records that everything else was written
        files::write(lock, &adopted.lock)?;
        print(&format!("{}{}", adopted.diff.text(), next(&adopted, &followed, overlay)))
    }
}

/// Says what is left to do. Where no operations were followed, `followed` is the number of those that can be.
fn next(adopted: &Adopted, followed: &Result<Followed, usize>, overlay: &Path) -> String {
    let operations = || adopted.outputs.api.operations.iter();
    let undecided = operations().filter(|operation| operation.decision == Decision::Undecided).count();
    let mut lines = Vec::new();
    for Moved { from, to } in followed.iter().flat_map(|followed| &followed.moved) {
        lines.push(format!("followed: {} is {} now", literal(from), literal(to)));
    }
    for Added { id, method, path, was, aliases } in &adopted.added {
        let before = match (was, aliases) {
            (Some(was), _) => {
                format!("; it was {}: if it is the same operation, change only `x-operation-id` in its block", literal(was))
            }
            (None, Some(tool)) => format!("; it may be what {} called before", literal(tool)),
            (None, None) => String::new(),
        };
        lines.push(format!("new: {method} {} ({}){before}", literal(path), literal(id)));
    }
    let doubtful = adopted.added.iter().filter(|added| added.was.is_some() || added.aliases.is_some()).count();
    if followed.is_ok() && doubtful > 0 {
        lines.push(format!(
            "{doubtful} not followed, because they may be other operations: where one is the same, write its path and id into the old \
             block and delete the new one"
        ));
    }
    if let Err(moved) = followed
        && *moved > 0
    {
        lines.push(format!(
            "{moved} moved for certain: `cargo codegen sync --follow` edits their blocks in `{}`",
            overlay.display()
        ));
    }
    if undecided > 0 {
        lines.push(format!(
            "{undecided} to decide: look for `TODO` in `{}`, then run `cargo codegen sync` again",
            overlay.display()
        ));
    }
    lines.push("next: review the changes, then `cargo codegen check`".to_owned());
    lines.join("\n") + "\n"
}

/// The body of a pull request, for its reviewers.
fn pull_request(adopted: &Adopted) -> String {
    format!("{}\n### Coverage\n\n{}", adopted.diff.markdown(), adopted.outputs.coverage.markdown)
}
