use std::{fs, path::Path};

use tempfile::TempDir;

use super::*;

// the values that `call` and `stdio` read
mod environment;
// keys, variables, schema, and the documents derived from them
mod documents;
// the precedence of the sources
mod sources;
// rejected values, and the messages
mod refusals;
// malformed input
mod hostile;

const SERVER: &str = "https://api.example/v1.0";

/// The compiled-in facts.
fn known() -> CompiledIn<'static> {
    CompiledIn {
        server: SERVER,
        toolsets: BTreeSet::from(["apps", "contracts", "users"]),
        scopes: crate::generated::catalog().unwrap().scopes(),
    }
}

/// A directory with a configuration file, and the files that it names.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The directory's file, if there is one, and these variables.
    fn sources(&self, variables: &[(&str, &str)]) -> Sources {
        variables_alone(&[&[("HOME", self.path().to_str().unwrap())], variables].concat()).or_file_in(self.path())
    }

    fn load(&self, variables: &[(&str, &str)]) -> Result<(Config, Settings), String> {
        Config::load_server(&self.sources(variables), &known()).map_err(|problems| self.shorten(&problems.to_string()))
    }

    /// A text without the directory's path, which differs each time.
    fn shorten(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.path().display()), "")
    }
}

fn variables_alone(variables: &[(&str, &str)]) -> Sources {
    Sources::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

/// Loads this file with these variables.
fn load(file: &str, variables: &[(&str, &str)]) -> Result<(Config, Settings), String> {
    Folder::new(&[(FILE, file)]).load(variables)
}
