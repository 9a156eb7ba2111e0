//! Reads files that may be missing, and writes files completely or not at all.

use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;

/// The text of a file; `None` if the file does not exist.
pub(crate) fn read_if_there(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// Writes a text to a temporary file, which then replaces the file. A file that has the text already keeps its modification time.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if read_if_there(path).ok().flatten().as_deref() == Some(text) {
        return Ok(());
    }
    let beside = path.with_added_extension("new");
    let put = || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    put().with_context(|| format!("cannot write `{}`", path.display()))
}
