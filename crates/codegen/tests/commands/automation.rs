//! `.ci/adopt` with a test publisher, a local remote and a fake `gh`.

use std::{
    env, fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    publisher::{Answer, Publisher},
    scratch::{APPS, ROLES, Ran, Scratch, USERS, document, finish},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.ci/adopt");
const BRANCH: &str = "adopt-api-document";
/// All programs that the script may use, except cargo and gh.
const TOOLS: [&str; 14] =
    ["awk", "cat", "cp", "date", "dirname", "env", "git", "curl", "head", "mkdir", "rm", "sed", "sh", "tail"];
const SECRET: &str = "ghs_secret";

/// A fake `gh` that records its calls and the open pull request, which is number 7. A fork has one, too.
const GH: &str = r#"#!/bin/sh
cd "${0%/*}"
for last; do :; done
[ "$GH_TOKEN" = ghs_secret ] || exit 4
echo "$1 $2 $3" >>asked
case "$1 $2 $last" in
  'auth git-credential get') echo username=x-access-token; echo password=$GH_TOKEN; exit ;;
  'pr list .[] | "\(.isCrossRepository) \(.number)"') echo true 5; if [ -e open ]; then echo false 7; fi; exit ;;
esac
case "$1 $2" in
  'pr create') : >open; cat "$OLDPWD/$last" >body.md ;;
  'pr edit') cat "$OLDPWD/$last" >body.md ;;
  *) exit 1 ;;
esac
"#;

/// A clone in which apps and users are adopted, its remote, and a publisher.
struct Team {
    clone: Scratch,
    /// the programs, the remote, and the recorded calls of `gh`
    around: Scratch,
    publisher: Publisher,
}

impl Team {
    fn new() -> Self {
        let (clone, around) = (Scratch::adopted(), Scratch::new(&[]));
        clone.write(".gitignore", "/target\n");
        clone.write(".ci/adopt", &fs::read_to_string(SCRIPT).expect("the script is read"));
        executable(&clone.path(".ci/adopt"));
        for tool in TOOLS {
            let path = env::var_os("PATH").expect("there is a path");
            let found = env::split_paths(&path).map(|folder| folder.join(tool)).find(|program| program.exists());
            let span = around.path("bin").join(tool);
            fs::create_dir_all(around.path("bin")).expect("the folder is made");
            symlink(found.unwrap_or_else(|| panic!("{tool} is not installed")), span).expect("it is linked");
        }
        // does the same as the alias in .cargo/config.toml, without building anything
        let cargo = format!(
            "#!/bin/sh\nenv >>\"${{0%/*}}/environment\"; [ \"$1\" = codegen ] && shift && exec '{}' \"$@\"\n",
            env!("CARGO_BIN_EXE_codegen")
        );
        around.write("bin/cargo", &cargo);
        executable(&around.path("bin/cargo"));
        let team = Self { clone, around, publisher: Publisher::start() };
        team.git(&["init", "--quiet", "--initial-branch=main"]);
        team.git(&["add", "."]);
        team.git(&["commit", "--quiet", "--message", "As it was"]);
        let remote = team.around.path("remote");
        team.git(&["clone", "--quiet", "--bare", ".", &remote.to_string_lossy()]);
        team.git(&["remote", "add", "origin", &remote.to_string_lossy()]);
        team
    }

    fn with_gh() -> Self {
        let team = Self::new();
        team.around.write("bin/gh", GH);
        executable(&team.around.path("bin/gh"));
        team
    }

    /// A command that does not use the home folder of whoever runs the tests.
    fn command(&self, program: impl Into<PathBuf>) -> Command {
        let mut command = Command::new(program.into());
        command.current_dir(self.clone.folder()).env("PATH", self.around.path("bin"));
        command.env("HOME", self.around.folder()).env("GIT_CONFIG_NOSYSTEM", "1").env("GH_TOKEN", SECRET);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        command
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        finish(self.command(self.around.path("bin/git")).args(arguments)).done().trim().to_owned()
    }

    /// Runs git in the remote.
    #[track_caller]
    fn remote(&self, arguments: &[&str]) -> String {
        self.git(&[&["--git-dir", &self.around.path("remote").to_string_lossy()], arguments].concat())
    }

    fn adopt_from(&self, url: &str, build: &str, test: &str) -> Ran {
        let before = (self.git(&["rev-parse", "--abbrev-ref", "HEAD"]), self.git(&["rev-parse", "HEAD"]));
        let script = self.clone.path(".ci/adopt");
        let variables = [("API_DOCUMENT_URL", url), ("ADOPT_BUILD", build), ("ADOPT_TEST", test)];
        let ran = finish(self.command(script).envs(variables));
        assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET), "{ran:?}");
        let after = (self.git(&["rev-parse", "--abbrev-ref", "HEAD"]), self.git(&["rev-parse", "HEAD"]));
        assert_eq!((after, self.git(&["status", "--porcelain"])), (before, String::new()), "the clone is as it was");
        ran
    }

    fn adopt(&self, document: &str) -> Ran {
        self.adopt_from(&self.publisher.publish(document), "true", "true")
    }

    /// The calls of `gh` since the last call of this function.
    fn asked(&self) -> Vec<String> {
        let asked = self.around.read("bin/asked").lines().map(str::to_owned).collect();
        self.around.write("bin/asked", "");
        asked
    }
}

fn executable(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it becomes a program");
}

#[test]
fn one_pull_request_is_opened_left_alone_and_kept_up_to_date() {
    let team = Team::with_gh();
    team.adopt(&document(&[APPS])).done();
    assert_eq!(team.asked(), ["pr list --head", "pr create --head"]);
    let body = team.around.read("bin/body.md");
    assert!(body.starts_with("**Check fails:** `cargo codegen check`\n\n    the tool surface is not as reviewed:\n"), "{body}");
    assert!(body.contains("    help: decide in the overlay"), "{body}");
    assert!(body.contains("\n**1 breaking") && body.contains("\n### Coverage\n\n1 operations: 1 exposed"), "{body}");
    assert!(!body.contains("**Build") && !body.contains("**Test"), "{body}");
    let changed = team.remote(&["diff", "--name-only", "main", BRANCH]);
    assert_eq!(changed, "openapi/CHANGELOG.md\nopenapi/api.json\nopenapi/generated/tools.rs\nopenapi/tools.lock.json");
    assert_eq!(team.remote(&["show", &format!("{BRANCH}:openapi/api.json")]) + "\n", document(&[APPS]));
    assert_eq!(team.remote(&["rev-list", "--count", &format!("main..{BRANCH}")]), "1");

    let first = team.remote(&["rev-parse", BRANCH]);
    let said = team.adopt(&document(&[APPS])).done();
    assert!(said.ends_with("adopt: nothing changed since adopt-api-document was pushed\n"), "{said}");
    assert_eq!((team.asked(), team.remote(&["rev-parse", BRANCH])), (vec!["pr list --head".to_owned()], first.clone()));

    team.adopt(&document(&[APPS, ROLES, USERS])).done();
    assert_eq!(team.asked(), ["pr list --head", "pr edit 7"]);
    let body = team.around.read("bin/body.md");
    assert!(body.contains("\n      GET /roles waits for a decision: "), "{body}");
    assert_eq!(team.remote(&["rev-list", "--count", &format!("main..{BRANCH}")]), "1", "from main again");
    assert_ne!(team.remote(&["rev-parse", BRANCH]), first);
    assert_eq!(team.remote(&["log", "--format=%an <%ae>", "-1", BRANCH]), "Ada <ada@example.com>");
    assert_eq!(team.remote(&["for-each-ref", "--format=%(refname:short)"]), "adopt-api-document\nmain");
    assert_eq!(team.git(&["branch", "--format=%(refname:short)"]), "main", "no branch is left here");
}

#[test]
fn the_document_that_main_has_changes_nothing() {
    let team = Team::with_gh();
    let said = team.adopt(&document(&[APPS, USERS])).done();
    assert!(said.ends_with("adopt: nothing changed\n"), "{said}");
    assert!(!team.around.path("bin/asked").exists());
    assert_eq!(team.remote(&["for-each-ref", "--format=%(refname:short)"]), "main");
}

#[test]
fn a_build_and_tests_that_fail_stand_first_and_tell_no_secret() {
    let team = Team::with_gh();
    let url = team.publisher.publish(&document(&[APPS, USERS]).replace("\"S\"", "\"Other words\""));
    team.clone.edit("openapi/overlay.yaml", ", description: All apps.", "");
    team.clone.run(&["sync"]).done();
    team.git(&["add", "."]);
    team.git(&["commit", "--quiet", "--message", "The words are the document's"]);
    team.git(&["push", "--quiet", "origin", "main"]);
    let ran = team.adopt_from(&url, "env; echo '```'; exit 3", "echo tested; false");
    assert_eq!(ran.code, 0, "{ran:?}");
    let body = team.around.read("bin/body.md");
    assert!(body.starts_with("**Build fails:** `env; echo '```'; exit 3`\n\n    "), "{body}");
    assert!(body.contains("\n    ```\n\n**Test fails:** `echo tested; false`\n\n    tested\n\n**0 breaking"), "{body}");
    assert!(!body.contains(SECRET), "{body}");
}

#[test]
fn an_unreachable_publisher_is_said_and_leaves_nothing() {
    let team = Team::with_gh();
    let ran = team.adopt_from("http://127.0.0.1:1/document.json", "true", "true");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("cannot download `http://127.0.0.1:1/document.json`: curl: (7)"), "{ran:?}");
    assert!(ran.stderr.ends_with("adopt: the document cannot be had; nothing was changed\n"), "{ran:?}");
    assert_eq!(team.remote(&["for-each-ref", "--format=%(refname:short)"]), "main");
    assert!(!team.around.path("bin/asked").exists());
}

#[test]
fn a_document_that_cannot_be_adopted_is_put_before_people_with_what_is_wrong() {
    let team = Team::with_gh();
    let refused = document(&[APPS, USERS]).replace("\"getUsers\"", "\"getApps\"");
    team.adopt(&refused).done();
    let body = team.around.read("bin/body.md");
    assert!(body.starts_with("**Sync fails:** `cargo codegen sync --document target/adopt/api.json"), "{body}");
    assert!(
        body.contains("\n    error[E0108]: ") && body.contains("\n      help: give each operation an `operationId`"),
        "{body}"
    );
    assert!(body.ends_with("Mend the overlay here, and run `cargo codegen sync`.\n"), "{body}");
    assert_eq!(team.remote(&["diff", "--name-only", "main", BRANCH]), "openapi/api.json");
    assert_eq!(team.asked(), ["pr list --head", "pr create --head"]);
    let said = team.adopt(&refused).done();
    assert!(said.ends_with("adopt: nothing changed since adopt-api-document was pushed\n"), "{said}");

    team.adopt(&document(&[APPS])).done();
    assert!(team.around.read("bin/body.md").contains("### Coverage"));
}

#[test]
fn what_cannot_be_adopted_though_it_is_no_news_is_a_failure() {
    let team = Team::with_gh();
    team.clone.edit("openapi/overlay.yaml", "list_users", "list_apps");
    team.git(&["commit", "--quiet", "--all", "--message", "Wrong"]);
    team.git(&["push", "--quiet", "origin", "main"]);
    let ran = team.adopt(&document(&[APPS, USERS]));
    assert!(ran.code == 1 && ran.stderr.ends_with("adopt: the document cannot be adopted, though `main` has it\n"), "{ran:?}");
}

#[test]
fn an_operation_id_that_is_another_one_now_is_left_to_people() {
    let team = Team::with_gh();
    team.adopt(&document(&[APPS, USERS]).replace("\"getUsers\"", "\"listUsers\"")).done();
    let body = team.around.read("bin/body.md");
    let says = "      GET /users is `listUsers` in the document, not `getUsers` (openapi/overlay.yaml:10:5)";
    assert!(body.starts_with("**Check fails:**") && body.contains(says), "{body}");
    assert!(body.contains("| `GET /users` | undecided |") && body.contains("| `list_users` |"), "{body}");
}

#[test]
fn what_people_add_to_the_branch_is_not_overwritten() {
    let team = Team::with_gh();
    team.adopt(&document(&[APPS])).done();
    team.git(&["checkout", "--quiet", "-b", "mine", &format!("origin/{BRANCH}")]);
    let overlay = team.clone.read("openapi/overlay.yaml");
    team.clone.write("openapi/overlay.yaml", overlay.split("\n  # people").next().expect("it has a beginning"));
    team.git(&["commit", "--quiet", "--all", "--message", "Decided"]);
    team.git(&["push", "--quiet", "origin", &format!("mine:{BRANCH}")]);
    team.git(&["checkout", "--quiet", "main"]);
    team.git(&["branch", "--quiet", "-D", "mine"]);
    let decided = team.remote(&["rev-parse", BRANCH]);

    let said = team.adopt(&document(&[APPS])).done();
    assert!(said.ends_with("nothing changed since adopt-api-document was pushed\n"), "{said}");
    let ran = team.adopt(&document(&[APPS, ROLES]));
    assert!(
        ran.code == 1 && ran.stderr.ends_with("has changes of somebody else; merge or delete it, then run this again\n"),
        "{ran:?}"
    );
    assert_eq!(team.remote(&["rev-parse", BRANCH]), decided);
}

#[test]
fn a_commit_that_people_amended_is_theirs() {
    let team = Team::with_gh();
    team.adopt(&document(&[APPS])).done();
    team.git(&["checkout", "--quiet", "--detach", &format!("origin/{BRANCH}")]);
    let overlay = team.clone.read("openapi/overlay.yaml");
    team.clone.write("openapi/overlay.yaml", overlay.split("\n  # people").next().expect("it has a beginning"));
    team.git(&["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    team.git(&["push", "--quiet", "--force", "origin", &format!("HEAD:{BRANCH}")]);
    team.git(&["checkout", "--quiet", "main"]);
    let decided = team.remote(&["rev-parse", BRANCH]);

    let said = team.adopt(&document(&[APPS])).done();
    assert!(said.ends_with("nothing changed since adopt-api-document was pushed\n"), "{said}");
    let ran = team.adopt(&document(&[APPS, ROLES]));
    assert!(ran.code == 1 && ran.stderr.contains("has changes of somebody else"), "{ran:?}");
    assert_eq!(team.remote(&["rev-parse", BRANCH]), decided);

    team.git(&["push", "--quiet", "origin", &format!("{decided}:main")]);
    team.adopt(&document(&[APPS, ROLES])).done();
    assert_ne!(team.remote(&["rev-parse", BRANCH]), decided, "what is merged is not lost");
}

#[test]
fn the_token_goes_to_gh_and_to_git_where_the_remote_asks_and_nowhere_else() {
    let team = Team::with_gh();
    team.adopt(&document(&[APPS])).done();
    let environment = team.around.read("bin/environment");
    assert!(environment.contains("API_DOCUMENT_URL=") && !environment.contains(SECRET), "{environment}");
    team.asked();

    let url = team.publisher.at("/private/info/refs?service=git-upload-pack", Answer::Locked);
    team.git(&["remote", "add", "private", url.split("/info").next().expect("it has a beginning")]);
    let script = team.clone.path(".ci/adopt");
    let ran = finish(team.command(script).envs([("ADOPT_REMOTE", "private"), ("GIT_TERMINAL_PROMPT", "0")]));
    assert!(ran.code == 1 && ran.stderr.contains("adopt: cannot fetch from the remote"), "{ran:?}");
    assert_eq!(team.asked().first().map(String::as_str), Some("auth git-credential get"), "{ran:?}");

    let workflow = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.github/workflows/adopt.yml"));
    assert!(workflow.expect("the workflow is read").contains("persist-credentials: false"));
}

#[test]
fn a_signal_leaves_the_clone_as_it_was() {
    let team = Team::with_gh();
    let url = team.publisher.publish(&document(&[APPS, ROLES]));
    let mut command = team.command(team.around.path("bin/sh"));
    command.args(["-c", "SCRIPT=$$ exec .ci/adopt"]).env("API_DOCUMENT_URL", &url);
    let ran = finish(command.env("ADOPT_BUILD", "export SCRIPT; kill -TERM \"$SCRIPT\""));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(
        (team.git(&["rev-parse", "--abbrev-ref", "HEAD"]), team.git(&["status", "--porcelain"])),
        ("main".to_owned(), String::new())
    );
    assert_eq!(team.remote(&["for-each-ref", "--format=%(refname:short)"]), "main");
}

#[test]
fn a_text_too_long_is_cut_between_rows_and_says_how_many_are_missing() {
    let team = Team::with_gh();
    let paths: Vec<String> = (0..900).map(|number| format!("/{}/{number}", "ä".repeat(30))).collect();
    let mut many: serde_json::Value = serde_json::from_str(&document(&[APPS, USERS])).expect("it is JSON");
    for (number, path) in paths.iter().enumerate() {
        let mut operation = many["paths"]["/apps"].clone();
        operation["get"]["operationId"] = format!("get{number}").into();
        many["paths"][path] = operation;
    }
    team.adopt(&many.to_string()).done();
    let body = team.around.read("bin/body.md");
    let more = body.lines().last().and_then(|line| {
        line.strip_suffix(" more lines are left out; `cargo codegen diff` and `cargo codegen coverage` print them.")
    });
    let more: usize = more.and_then(|more| more.parse().ok()).unwrap_or_else(|| panic!("{body}"));
    let whole = team.clone.read("target/adopt/notes.md") + &team.clone.read("target/adopt/changes.md");
    let kept = body.lines().count() - 2;
    assert!(body.len() < 65_536 && kept + more == whole.lines().count(), "{kept} and {more} of {}", whole.lines().count());
    assert!(whole.starts_with(body.lines().take(kept).collect::<Vec<_>>().join("\n").as_str()));
}

#[test]
fn without_gh_it_says_where_the_text_is() {
    let team = Team::new();
    let said = team.adopt(&document(&[APPS])).done();
    assert!(said.ends_with("open or edit its pull request with the text in target/adopt/body.md\n"), "{said}");
    assert!(team.clone.read("target/adopt/body.md").contains("### Coverage"));
    assert_eq!(team.remote(&["rev-list", "--count", &format!("main..{BRANCH}")]), "1");
    let said = team.adopt(&document(&[APPS])).done();
    assert!(said.ends_with("nothing changed since adopt-api-document was pushed\n"), "{said}");
}

#[test]
fn a_clone_with_changes_is_not_touched() {
    let team = Team::with_gh();
    team.clone.write("openapi/overlay.yaml", "mine");
    let url = team.publisher.publish(&document(&[APPS]));
    let ran = finish(team.command(team.clone.path(".ci/adopt")).env("API_DOCUMENT_URL", &url));
    assert!(ran.code == 1 && ran.stderr == "adopt: the clone has changes; commit or stash them first\n", "{ran:?}");
    assert_eq!(team.clone.read("openapi/overlay.yaml"), "mine");
}
