//! Files that are read if they are there, and written whole or not at all.

use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;

/// The text of a file; `None` where there is no such file.
pub(crate) fn read_if_there(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// Writes a text beside the file and puts it in its place. A file that has the text already keeps its time.
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
