//! `check` succeeds only if everything was reviewed, and otherwise says what to run.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value as Json, json};

use crate::scratch::{APPS, ROLES, Scratch, USERS, document};

const NEXT: &str =
    "help: decide in the overlay what is undecided, delete the blocks of what was removed, then run `cargo codegen sync`";

/// Asserts that `check` fails and reports the problem once, with the next step.
#[track_caller]
fn refused(scratch: &Scratch, problem: &str) {
    let said = scratch.run(&["check"]).failed();
    assert_eq!(said.matches(problem).count(), 1, "{said}");
    assert!(said.starts_with("the tool surface is not as reviewed:\n  ") && said.contains(NEXT), "{said}");
}

#[test]
fn what_was_reviewed_passes() {
    assert_eq!(Scratch::adopted().run(&["check"]).done(), "2 tools as reviewed\n");
}

#[test]
fn without_a_lock_nothing_was_reviewed() {
    let said = Scratch::new(&[APPS, USERS]).run(&["check"]).failed();
    assert!(said.contains("there is no lock") && said.contains("help: run `cargo codegen sync`"), "{said}");
}

#[test]
fn an_undecided_operation_fails_until_it_has_a_tool_or_a_reason() {
    let scratch = Scratch::adopted();
    scratch.write("openapi/api.json", &document(&[APPS, ROLES, USERS]));
    refused(&scratch, "GET /roles has neither a tool nor a reason for none");
    scratch.run(&["sync"]).done();
    let reason = "TODO: name the tool that GET /roles becomes, or say why it has none";
    refused(&scratch, &format!("GET /roles waits for a decision: {reason} (openapi/overlay.yaml:18:7)"));
    let todo = &format!("\"{reason}\"");
    scratch.edit("openapi/overlay.yaml", todo, "Roles are nobody's business.");
    refused(&scratch, "operation `getRoles` is excluded instead of undecided");
    scratch.run(&["sync"]).done();
    assert_eq!(scratch.run(&["check"]).done(), "2 tools as reviewed\n");
}

#[test]
fn a_block_without_an_operation_fails_and_says_where_it_stands() {
    let scratch = Scratch::adopted();
    scratch.write("openapi/api.json", &document(&[APPS]));
    scratch.run(&["sync"]).done();
    refused(&scratch, "GET /users is not in the document (openapi/overlay.yaml:10:5)");
    let overlay = scratch.read("openapi/overlay.yaml");
    scratch.write("openapi/overlay.yaml", overlay.split("\n  # people").next().expect("it has a beginning"));
    assert_eq!(scratch.run(&["check"]).done(), "1 tools as reviewed\n", "the lock alone remembers it");
    let mut lock = scratch.json("openapi/tools.lock.json");
    let lines = lock["operations"].as_array_mut().expect("there is the coverage");
    assert_eq!(lines.pop().expect("there is a line")["state"], "removed");
    scratch.write("openapi/tools.lock.json", &format!("{lock:#}\n"));
    assert_eq!(scratch.run(&["check"]).done(), "1 tools as reviewed\n", "without its line it is forgotten");
    assert!(!scratch.run(&["coverage"]).done().contains("/users"));
}

#[test]
fn a_change_that_nobody_reviewed_fails() {
    let scratch = Scratch::adopted();
    scratch.edit("openapi/overlay.yaml", "All apps.", "Every app.");
    refused(&scratch, "`list_apps` has the `description` `Every app.` instead of `All apps.`");
}

#[test]
fn a_lock_edited_by_hand_fails() {
    let scratch = Scratch::adopted();
    scratch.edit("openapi/tools.lock.json", "All apps.", "Every app.");
    refused(&scratch, "`list_apps` was changed in the lock by hand");
}

type Forgery<'a> = &'a dyn Fn(&mut Json);

#[test]
fn a_lock_that_sync_would_not_write_fails_whatever_its_digests_say() {
    let scratch = Scratch::adopted();
    let lock = scratch.json("openapi/tools.lock.json");
    let with = |change: &dyn Fn(&mut Json)| {
        let mut lock = lock.clone();
        change(&mut lock);
        scratch.write("openapi/tools.lock.json", &format!("{lock:#}\n"));
        scratch.run(&["check"]).failed()
    };
    let list = |lock: &mut Json, key: &str, act: &dyn Fn(&mut Vec<Json>)| act(lock[key].as_array_mut().expect("there is a list"));
    let forged: [(&str, Forgery); 9] = [
        ("a tool twice", &|lock| {
            let mut twin = lock["tools"][0].clone();
            twin["description"] = "Harmless.".into();
            twin["digest"] = openapi_mcp_codegen::emit::digest(&twin).into();
            list(lock, "tools", &|tools| tools.insert(0, twin.clone()));
        }),
        ("a tool without a name", &|lock| {
            let digest = openapi_mcp_codegen::emit::digest(&json!({ "x": 1 }));
            list(lock, "tools", &|tools| tools.push(json!({ "x": 1, "digest": digest })));
        }),
        ("a line twice", &|lock| {
            let mut twin = lock["operations"][0].clone();
            (twin["state"], twin["reason"]) = ("excluded".into(), "No.".into());
            list(lock, "operations", &|lines| lines.insert(0, twin.clone()));
        }),
        ("a line that is not there", &|lock| list(lock, "operations", &|lines| drop(lines.remove(0)))),
        ("a tombstone of nothing", &|lock| {
            let line = json!({ "operationId": "x", "method": "LOOK", "path": "x", "state": "removed", "tool": "look_at", "since": "2026-01-01" });
            list(lock, "operations", &|lines| lines.push(line.clone()));
        }),
        ("no day", &|lock| drop(lock["operations"][0].as_object_mut().expect("a line").shift_remove("since"))),
        ("an odd day", &|lock| lock["operations"][0]["since"] = "2026-02-30".into()),
        ("an unknown key", &|lock| lock["reviewed"] = true.into()),
        ("an odd digest", &|lock| lock["document"]["sha256"] = "00".into()),
    ];
    for (name, change) in forged {
        let said = with(change);
        let told = ["is not as `cargo codegen sync` writes it", "is no longer listed as removed"];
        assert!(told.iter().any(|words| said.contains(words)), "{name}: {said}");
    }
    scratch.write("openapi/tools.lock.json", &format!("{lock:#}\n").replace('\n', "\r\n"));
    assert_eq!(scratch.run(&["check"]).done(), "2 tools as reviewed\n", "lines may end otherwise");
}

#[test]
fn generated_code_that_is_not_what_the_build_makes_fails() {
    let scratch = Scratch::adopted();
    let generated = "openapi/generated/tools.rs";
    assert!(scratch.read(generated).starts_with("// Made by `cargo codegen sync`"));
    let problem = "`openapi/generated/tools.rs` is not what the build makes; `cargo codegen sync` rewrites it";
    scratch.edit(generated, "async fn list_apps", "async fn list_all_apps");
    let said = scratch.run(&["check"]).failed();
    assert!(said.contains(problem), "{said}");
    scratch.run(&["sync", "--date", "2026-02-02"]).done();
    assert_eq!(scratch.run(&["check"]).done(), "2 tools as reviewed\n");
    fs::remove_file(scratch.path(generated)).expect("it was there");
    let said = scratch.run(&["check"]).failed();
    assert!(said.contains(problem), "{said}");
}

#[test]
fn another_file_of_the_same_document_passes_with_a_word() {
    let scratch = Scratch::adopted();
    scratch.edit("openapi/api.json", "{\n", "{\n\n");
    let said = scratch.run(&["check"]).done();
    assert!(said.starts_with("2 tools as reviewed; the document's file is another one, `cargo codegen sync`"), "{said}");
}

#[test]
fn inputs_that_are_wrong_are_told_with_their_place() {
    let scratch = Scratch::adopted();
    scratch.edit("openapi/overlay.yaml", "list_users", "list_apps");
    let said = scratch.run(&["check"]).failed();
    assert!(said.contains("error[E0") && said.contains("  --> openapi/") && said.contains("in the inputs"), "{said}");
}

#[test]
fn a_program_built_from_something_else_fails() {
    let scratch = Scratch::adopted();
    let lock = scratch.json("openapi/tools.lock.json");
    let program = |said: &str| {
        scratch.write("said.json", said);
        scratch.write("program", "#!/bin/sh\n[ \"$*\" = 'tools --json' ] && exec cat said.json\n");
        fs::set_permissions(scratch.path("program"), fs::Permissions::from_mode(0o755)).expect("it becomes a program");
        scratch.run(&["check", "--program", "./program"])
    };
    assert_eq!(program(&lock.to_string()).done(), "2 tools as reviewed\n");

    let mut other = lock.clone();
    other["tools"][0]["description"] = "Before.".into();
    let tools = other["tools"].as_array_mut().expect("there are tools");
    tools[1]["name"] = "list_roles".into();
    let said = program(&other.to_string()).failed();
    for problem in [
        "`list_apps` has another `description` in the program; build it again",
        "`list_users` is not in the program; build it again",
        "`list_roles` of the program is not in the lock; build it again",
    ] {
        assert!(said.contains(problem), "{said}");
    }
    let mut empty = lock.clone();
    for tool in empty["tools"].as_array_mut().expect("there are tools") {
        *tool = serde_json::json!({ "name": tool["name"] });
    }
    let said = program(&empty.to_string()).failed();
    assert_eq!(said.matches("has another `title` in the program").count(), 2, "names alone are not enough: {said}");
    let mut more = lock.clone();
    more["tools"][1]["secret"] = true.into();
    let said = program(&more.to_string()).failed();
    assert!(said.contains("`list_users` has another `secret` in the program"), "{said}");
    let mut twice = lock.clone();
    let tools = twice["tools"].as_array_mut().expect("there are tools");
    tools.extend(tools.clone());
    tools.push(serde_json::json!({ "title": "Nameless" }));
    let said = program(&twice.to_string()).failed();
    for problem in ["`list_apps` occurs 1 times in the lock and 2 times in the program", "`` of the program is not in the lock"] {
        assert!(said.contains(problem), "{said}");
    }
    let said = program("no JSON").failed();
    assert!(said.contains("`./program tools --json` is not JSON"), "{said}");
    let said = scratch.run(&["check", "--program", "./missing"]).failed();
    assert!(said.contains("cannot run `./missing`; build it first"), "{said}");
    let said = scratch.run(&["check", "--program", "false"]).failed();
    assert!(said.contains("`false tools --json` failed"), "{said}");
}

#[test]
fn a_program_that_does_not_end_is_not_waited_for() {
    let scratch = Scratch::adopted();
    // the second script ends, but the process that it started does not, and keeps the output open
    for (script, reason) in [("exec sleep 600", "did not end in 2 s"), ("sleep 5 &", "did not close its output in 2 s")] {
        scratch.write("program", &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(scratch.path("program"), fs::Permissions::from_mode(0o755)).expect("it becomes a program");
        let said = scratch.run(&["check", "--program", "./program", "--timeout", "2"]).failed();
        assert!(said.contains(reason), "{said}");
    }
    let ran = scratch.run(&["check", "--program", "./program", "--timeout", "0"]);
    assert!(ran.code == 2 && ran.stderr.contains("--timeout"), "{ran:?}");
}
