//! A folder with a small API document, its overlay, and the files that the commands make.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// An overlay that annotates [`APPS`] and [`USERS`].
pub(crate) const OVERLAY: &str = "\
overlay: 1.0.0
info: {title: t, version: '1'}
actions:
  - target: $.paths['/apps'].get
    x-operation-id: getApps
    update:
      x-mcp: {tool: list_apps, description: All apps.}

  # people
  - target: $.paths['/users'].get
    x-operation-id: getUsers
    update:
      x-mcp: {tool: list_users, description: All people.}
";

/// The project file of the folder.
const PROJECT: &str = "\
document: openapi/api.json
overlay: openapi/overlay.yaml
lock: openapi/tools.lock.json
changelog: openapi/CHANGELOG.md
generated: openapi/generated/tools.rs
url: https://api.example/openapi.json
variables: {url: API_DOCUMENT_URL}
";

/// Path and id of an operation that only reads.
pub(crate) type Operation = (&'static str, &'static str);
pub(crate) const APPS: Operation = ("/apps", "getApps");
pub(crate) const USERS: Operation = ("/users", "getUsers");
pub(crate) const ROLES: Operation = ("/roles", "getRoles");

/// A document with these operations.
pub(crate) fn document(operations: &[Operation]) -> String {
    let mut document = json!({
        "openapi": "3.0.3", "info": { "title": "t", "version": "1" }, "servers": [{ "url": "https://api.example" }], "paths": {},
    });
    for (path, id) in operations {
        let content = json!({ "application/json": { "schema": { "type": "object" } } });
        document["paths"][path]["get"] =
            json!({ "operationId": id, "summary": "S", "responses": { "200": { "description": "ok", "content": content } } });
    }
    format!("{document:#}\n")
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The output of a command that must have succeeded.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }

    /// The error output of a command that must have failed.
    #[track_caller]
    pub(crate) fn failed(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (1, ""), "{self:?}");
        self.stderr
    }
}

/// Runs a command to its end, without the settings of whoever runs the tests.
pub(crate) fn finish(command: &mut Command) -> Ran {
    for (name, _) in env::vars_os() {
        let plain = name.to_string_lossy().to_uppercase();
        if ["API_", "ADOPT_", "GIT_", "GH_"].iter().any(|begin| plain.starts_with(begin)) || plain.ends_with("_PROXY") {
            // variables that the test itself sets stay
            if !command.get_envs().any(|(set, _)| set == name) {
                command.env_remove(name);
            }
        }
    }
    let output = command.stdin(Stdio::null()).output().expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// A folder with this document and [`OVERLAY`]; nothing is adopted yet.
    pub(crate) fn new(operations: &[Operation]) -> Self {
        let scratch = Self { folder: tempfile::tempdir().expect("a folder is made") };
        scratch.write("openapi/codegen.yaml", PROJECT);
        scratch.write("openapi/api.json", &document(operations));
        scratch.write("openapi/overlay.yaml", OVERLAY);
        scratch
    }

    /// A folder in which apps and users were adopted in January.
    pub(crate) fn adopted() -> Self {
        let scratch = Self::new(&[APPS, USERS]);
        scratch.run(&["sync", "--date", "2026-01-01"]).done();
        scratch
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[track_caller]
    pub(crate) fn json(&self, name: &str) -> Json {
        serde_json::from_str(&self.read(name)).expect("it is JSON")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder is made");
        fs::write(path, text).expect("the file is written");
    }

    /// Replaces the first occurrence of a text in a file.
    #[track_caller]
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no {from}");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// The name and the text of every file.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let mut folders = vec![self.folder().to_owned()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder is read") {
                let path = entry.expect("the entry is read").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder()).expect("it is inside").to_string_lossy().into_owned();
                    files.push((name.clone(), self.read(&name)));
                }
            }
        }
        files.sort();
        files
    }

    /// Runs `cargo codegen` in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        finish(Command::new(env!("CARGO_BIN_EXE_codegen")).args(arguments).current_dir(self.folder()))
    }
}
