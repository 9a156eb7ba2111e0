//! `docs/guide/regenerate.md`, followed to the letter in a scratch clone.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    generator::build::root,
    support::process::{Program, finish},
};

/// The page's blocks of code in one language, in their order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let begin = format!("```{language}\n");
    page.split(begin.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

/// A clone with the API's files as they are here, and a `cargo` that does what theirs would, without building it all again.
struct Clone {
    folder: TempDir,
}

impl Clone {
    fn new() -> Self {
        let clone = Self { folder: tempfile::tempdir().expect("a folder is made") };
        copy(&root().join("openapi"), &clone.path("openapi"));
        fs::write(clone.path(".gitignore"), "/target\n/bin\n").expect("the file is written");
        let cargo = env!("CARGO");
        let (manifest, server) = (root().join("Cargo.toml"), env!("CARGO_BIN_EXE_torii-mcp"));
        let script = format!(
            "#!/bin/sh\ncase \"$1\" in\n\
            codegen) shift; exec '{cargo}' run --quiet --locked --manifest-path '{}' --package openapi-mcp-codegen -- \"$@\" ;;\n\
            run) shift 2; exec '{server}' \"$@\" --listen 127.0.0.1:0 ;;\n\
            esac\nexit 1\n",
            manifest.display()
        );
        fs::create_dir(clone.path("bin")).expect("the folder is made");
        fs::write(clone.path("bin/cargo"), script).expect("the file is written");
        fs::set_permissions(clone.path("bin/cargo"), fs::Permissions::from_mode(0o755)).expect("it becomes a program");
        clone.run("git init --quiet --initial-branch=main && git add . && git commit --quiet --message 'As it is'");
        clone
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn lock(&self) -> Value {
        serde_json::from_str(&self.read("openapi/tools.lock.json")).expect("it is JSON")
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-euc", script]).current_dir(self.folder.path());
        let path = env::var("PATH").expect("there is a path");
        command.env("PATH", format!("{}:{path}", self.path("bin").display()));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["TORII_OPENAPI", "TORII_OVERLAY", "TORII_API_URL"] {
            command.env_remove(name);
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        command
    }

    /// What a script prints that does what it should.
    #[track_caller]
    fn run(&self, script: &str) -> String {
        let ran = finish(self.command(script));
        assert_eq!(ran.code, 0, "{script}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }
}

#[tokio::test]
async fn three_commands_lead_from_march_to_a_running_server() {
    let page = read(&root().join("docs/guide/regenerate.md"));
    let [march, adopt, decide, again, serve, fetch] = <[String; 6]>::try_from(blocks(&page, "sh")).expect("six blocks");
    let [undecided, decided] = <[String; 2]>::try_from(blocks(&page, "yaml")).expect("two blocks");
    for one_command in [&adopt, &again, &serve, &fetch] {
        assert_eq!(one_command.lines().count(), 1, "{one_command}");
    }

    let clone = Clone::new();
    let said = clone.run(&march);
    assert!(said.ends_with("57 tools as reviewed\n"), "{said}");
    assert!(!clone.read("openapi/overlay.yaml").contains("getAppsSimilar"));
    assert!(clone.read("openapi/torii.json") == clone.read("target/march.json"));
    assert_eq!(clone.lock()["operations"].as_array().map(Vec::len), Some(60));

    let said = clone.run(&adopt);
    assert_eq!(said.lines().filter(|line| line.starts_with("new: ")).count(), 13, "{said}");
    assert!(clone.read("openapi/overlay.yaml").contains(&undecided), "{undecided}");
    let refused = finish(clone.command("cargo codegen check"));
    assert_eq!((refused.code, refused.stderr.matches("waits for a decision").count()), (1, 13), "{}", refused.stderr);

    clone.run(&decide);
    assert!(clone.read("openapi/overlay.yaml").contains(&decided), "{decided}");
    clone.run(&again);
    let (body, lock) = (clone.read("target/body.md"), clone.lock());
    assert!(body.contains("| `list_transactions` | is new: GET `/transactions` |"), "{body}");
    assert!(body.contains("73 operations: 69 exposed, 4 excluded, 0 undecided, 0 removed"), "{body}");
    let reviewed: Value = serde_json::from_str(&read(&root().join("openapi/tools.lock.json"))).expect("it is JSON");
    assert_eq!((&lock["tools"], &lock["document"]), (&reviewed["tools"], &reviewed["document"]));
    let since = |id: &str| {
        let mut lines = lock["operations"].as_array().expect("a list").iter();
        lines.find(|line| line["operationId"] == id).expect("it is there")["since"].as_str().expect("a day").to_owned()
    };
    assert!(since("getApps") == "2026-03-13" && *since("getTransactions") > *"2026-03-13");
    assert_eq!(clone.run("git diff --name-only").lines().count(), 5, "overlay, lock, changelog, document and generated code");
    for file in ["overlay.yaml", "torii.json"] {
        assert!(clone.read(&format!("openapi/{file}")) == read(&root().join("openapi").join(file)), "{file}");
    }

    // the program stands for the one that the clone would build, and this says that it is the same
    clone.run(&format!("cargo codegen check --program '{}'", env!("CARGO_BIN_EXE_torii-mcp")));
    let server = Program::spawn(clone.command(&serve));
    let asked = reqwest::Client::new().post(format!("{}/mcp", server.stdout.address())).body("{}").send().await;
    assert_eq!(asked.expect("it answers").status(), StatusCode::UNAUTHORIZED, "it wants somebody to sign in");

    assert!(fetch.trim() == "cargo codegen fetch" && clone.run("cat openapi/codegen.yaml").contains("url: TORII_OPENAPI_URL"));
}

/// Copies a folder and all that is in it.
fn copy(from: &Path, into: &Path) {
    fs::create_dir_all(into).expect("the folder is made");
    for entry in fs::read_dir(from).expect("the folder is read") {
        let path = entry.expect("the entry is read").path();
        let copied = into.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, copied).expect("the file is copied");
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
