//! `sync` writes all files that depend on the document, or none.

use crate::scratch::{APPS, OVERLAY, ROLES, Scratch, USERS, document};

#[test]
fn a_document_is_adopted_with_all_that_belongs_to_it() {
    let scratch = Scratch::adopted();
    assert!(!scratch.path("openapi/CHANGELOG.md").exists(), "the first time there is nothing to compare with");
    scratch.write("new.json", &document(&[APPS, ROLES]));
    let said = scratch.run(&["sync", "--document", "new.json", "--date", "2026-02-02", "--body", "made/body.md"]).done();
    for part in [
        "breaking  `list_users` ",
        "new: GET `/roles` (`getRoles`)\n",
        "1 to decide: look for `TODO` in `openapi/overlay.yaml`, then run `cargo codegen sync` again\n",
        "next: review the changes, then `cargo codegen check`\n",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(scratch.read("openapi/api.json"), scratch.read("new.json"));
    let overlay = scratch.read("openapi/overlay.yaml");
    assert!(overlay.contains("  - target: $.paths['/roles'].get\n    x-operation-id: getRoles\n"), "{overlay}");
    assert!(OVERLAY.lines().all(|line| overlay.contains(line)));
    let lock = scratch.json("openapi/tools.lock.json");
    let states: Vec<_> = ["state", "since"]
        .iter()
        .map(|key| lock["operations"].as_array().expect("a list").iter().map(|line| line[key].as_str()).collect::<Vec<_>>())
        .collect();
    assert_eq!(states[0], [Some("exposed"), Some("undecided"), Some("removed")]);
    assert_eq!(states[1], [Some("2026-01-01"), Some("2026-02-02"), Some("2026-02-02")]);
    let changelog = scratch.read("openapi/CHANGELOG.md");
    assert!(changelog.contains("\n## 2026-02-02: document `1` ("), "{changelog}");
    let body = scratch.read("made/body.md");
    assert!(body.starts_with("**1 breaking") && body.contains("\n### Coverage\n\n2 operations: "), "{body}");
    assert!(body.contains("| `GET /users` | removed | 2026-02-02 | `list_users` |"), "{body}");
}

#[test]
fn adopting_the_same_again_changes_no_file() {
    let scratch = Scratch::adopted();
    scratch.write("new.json", &document(&[APPS, ROLES]));
    scratch.run(&["sync", "--document", "new.json", "--date", "2026-02-02"]).done();
    let before = scratch.files();
    for arguments in [["sync", "--date", "2026-03-03"].as_slice(), &["sync", "--document", "new.json"]] {
        let said = scratch.run(arguments).done();
        assert!(said.starts_with("nothing changed\n") && said.contains("1 to decide"), "{said}");
        assert_eq!(scratch.files(), before);
    }
}

#[test]
fn what_cannot_be_adopted_leaves_every_file_as_it_is() {
    let scratch = Scratch::adopted();
    scratch.write("no-openapi.json", "{}");
    scratch.write("no-json.json", "{");
    scratch.write("wrong-overlay.yaml", &OVERLAY.replace("list_users", "list_apps"));
    scratch.write("no-lock.json", "{");
    let before = scratch.files();
    for (arguments, reason) in [
        (["--document", "no-openapi.json"], "error[E01"),
        (["--document", "no-json.json"], "error[E01"),
        (["--document", "missing.json"], "cannot read `missing.json`"),
        (["--overlay", "wrong-overlay.yaml"], "error[E0"),
        (["--lock", "no-lock.json"], "error[E0"),
        (["--changelog", "openapi"], "cannot read `openapi`"),
    ] {
        let said = scratch.run(&["sync", "--body", "body.md", arguments[0], arguments[1]]).failed();
        assert!(said.contains(reason), "{arguments:?}: {said}");
        assert_eq!(scratch.files(), before, "{arguments:?}");
    }
}

#[test]
fn a_document_in_yaml_is_kept_as_json() {
    let scratch = Scratch::adopted();
    scratch.write(
        "new.yaml",
        "openapi: 3.0.3\ninfo: {title: t, version: '2'}\nservers: [{url: 'https://api.example'}]\npaths: {}\n",
    );
    scratch.run(&["sync", "--document", "new.yaml"]).done();
    assert_eq!(scratch.json("openapi/api.json")["info"]["version"], "2");
    assert!(scratch.run(&["check"]).failed().contains("is not in the document"));
}

#[test]
fn only_a_day_is_a_date() {
    let scratch = Scratch::adopted();
    let before = scratch.files();
    for date in ["x\n\n## 2099-01-01: mine", "2026-02-30", "today"] {
        let ran = scratch.run(&["sync", "--date", date]);
        assert!(ran.code == 2 && ran.stderr.contains("--date"), "{ran:?}");
    }
    assert_eq!(scratch.files(), before);
}

#[test]
fn what_a_document_hides_reaches_no_terminal_and_no_pull_request() {
    let scratch = Scratch::adopted();
    scratch.write("new.json", &document(&[APPS, ("/x`\n# H\u{1b}[31m\u{202e}", "odd\u{1b}`\n# H")]));
    let ran = scratch.run(&["sync", "--document", "new.json", "--body", "body.md"]);
    let [check, coverage] = [scratch.run(&["check"]).failed(), scratch.run(&["coverage"]).done()];
    scratch.edit("new.json", "\"operationId\": \"odd", "\"x-id\": \"odd");
    let repairs = scratch.run(&["repairs", "--document", "new.json"]).done();
    assert!(repairs.contains("/~1x"), "{repairs}");
    for text in [&ran.stdout, &ran.stderr, &check, &scratch.read("body.md"), &coverage, &repairs] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']) && text.lines().all(|line| !line.starts_with("# H")), "{text:?}");
    }
    ran.done();
}

#[test]
fn operations_that_wait_for_a_decision_are_told_by_one_line() {
    let scratch = Scratch::new(&[APPS, USERS, ROLES, ("/teams", "getTeams"), ("/files", "getFiles")]);
    scratch.run(&["sync"]).done();
    let again = scratch.run(&["sync"]);
    assert_eq!(again.stderr.matches("[E0208]").count(), 1, "{}", again.stderr);
    assert!(again.stderr.contains("; so do 2 other operations, see `cargo codegen check`"), "{}", again.stderr);
    let listed = scratch.run(&["check"]);
    assert_eq!((listed.code, listed.stderr.matches("waits for a decision").count()), (1, 3), "{}", listed.stderr);
}
