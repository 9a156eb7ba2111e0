//! `diff` and `coverage`: for a terminal, for a pull request, for programs.

use serde_json::{Value as Json, json};

use crate::scratch::{APPS, OVERLAY, ROLES, Scratch, USERS, document};

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn documents_and_locks_are_compared_alike() {
    let scratch = Scratch::adopted();
    scratch.write("old.json", &document(&[APPS, USERS]));
    scratch.write("new.json", &document(&[APPS, ROLES]));
    // a separate overlay, so that the project's own one stays without the new block
    scratch.write("new.yaml", OVERLAY);
    scratch.run(&["sync", "--document", "new.json", "--overlay", "new.yaml", "--lock", "new.lock.json"]).done();
    let compared = |old: &str, new: &str, format: &str| scratch.run(&["diff", old, new, "--format", format]).done();
    for (old, new) in [("old.json", "new.json"), ("openapi/tools.lock.json", "new.json"), ("old.json", "new.lock.json")] {
        let text = compared(old, new, "text");
        assert!(text.starts_with("breaking  `list_users` "), "{old} {new}: {text}");
        assert!(text.contains("cosmetic  operation `getRoles` GET `/roles` is new and undecided\n"), "{old} {new}: {text}");
        assert!(text.ends_with(" cosmetic: a major version\n"), "{old} {new}: {text}");

        let markdown = compared(old, new, "markdown");
        assert!(markdown.starts_with("**1 breaking") && markdown.contains("\n### Breaking\n\n| What |"), "{markdown}");

        let json = parsed(&compared(old, new, "json"));
        assert_eq!((&json["version"], &json["totals"]["breaking"]), (&json!("major"), &json!(1)));
        assert_eq!(json["changes"][0]["subject"], json!({ "tool": "list_users" }));
    }
    assert_eq!(compared("old.json", "openapi/tools.lock.json", "text"), "nothing changed\n");
    assert_eq!(compared("old.json", "old.json", "markdown"), "**nothing changed**\n");
    assert_eq!(parsed(&compared("old.json", "old.json", "json"))["version"], "unchanged");
}

#[test]
fn an_overlay_is_applied_to_a_document_for_its_own_sake() {
    let scratch = Scratch::adopted();
    let overlay = |target: &str| {
        format!(
            "overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n\
            - {{target: $.info, update: {{title: An earlier edition}}}}\n- {{target: \"{target}\", remove: true}}\n"
        )
    };
    scratch.write("earlier.yaml", &overlay("$.paths['/users']"));
    let before = scratch.files();
    let applied = parsed(&scratch.run(&["apply", "--overlay", "earlier.yaml"]).done());
    assert_eq!(scratch.files(), before, "it prints, and writes nothing");
    let mut expected = parsed(&document(&[APPS]));
    expected["info"]["title"] = json!("An earlier edition");
    assert_eq!(applied, expected);

    scratch.write("wrong.yaml", &overlay("$.paths["));
    let said = scratch.run(&["apply", "--overlay", "wrong.yaml"]).failed();
    assert!(said.contains("error[E0203]") && said.contains("wrong.yaml:5"), "{said}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let scratch = Scratch::adopted();
    let said = scratch.run(&["diff", "missing.json", "openapi/api.json"]).failed();
    assert!(said.contains("cannot read `missing.json`"), "{said}");
    scratch.write("empty.json", "{}");
    let said = scratch.run(&["diff", "openapi/api.json", "empty.json"]).failed();
    assert!(said.contains("error[E01") && said.contains("empty.json"), "{said}");
}

#[test]
fn a_project_file_that_is_missing_or_wrong_is_told() {
    let scratch = Scratch::adopted();
    for (text, problem) in [
        ("document: a", "`openapi/codegen.yaml` must name a `document` and an `overlay`"),
        ("document: a\noverlay: b\nlocks: c", "`openapi/codegen.yaml`: unknown field `locks`"),
        ("document: [", "openapi/codegen.yaml:2:"),
        ("document: openapi/api.json\noverlay: openapi/overlay.yaml", "the project names no `lock`"),
    ] {
        scratch.write("openapi/codegen.yaml", text);
        let said = scratch.run(&["coverage"]).failed();
        assert!(said.contains(problem), "{said}");
    }
    let said = scratch.run(&["coverage", "--project", "other.yaml"]).failed();
    assert!(said.contains("name its file with `--project`"), "{said}");
}

#[test]
fn the_coverage_has_every_operation_in_each_format() {
    let scratch = Scratch::adopted();
    scratch.write("openapi/api.json", &document(&[APPS, ROLES]));
    scratch.write("openapi/overlay.yaml", &OVERLAY.replacen("update:\n", "update:\n      x-provenance: page\n", 1));
    let text = scratch.run(&["coverage"]).done();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["GET", "/apps", "exposed", "2026-01-01", "page", "list_apps"]);
    assert_eq!(lines[1], ["GET", "/roles", "undecided"]);
    assert_eq!(lines[2], ["GET", "/users", "removed", "list_users"]);
    assert_eq!(text.lines().last(), Some("2 operations: 1 exposed, 0 excluded, 1 undecided, 1 removed"));

    let markdown = scratch.run(&["coverage", "--format", "markdown"]).done();
    assert!(markdown.starts_with("2 operations: 1 exposed"), "{markdown}");
    assert!(markdown.contains("\n| `GET /apps` | exposed | 2026-01-01 | `list_apps` | `page` |"), "{markdown}");

    let json = parsed(&scratch.run(&["coverage", "--format", "json"]).done());
    let totals = json!({ "operations": 2, "exposed": 1, "excluded": 0, "undecided": 1, "removed": 1 });
    assert_eq!((&json["totals"], &json["operations"][2]["state"]), (&totals, &json!("removed")));
}

#[test]
fn the_coverage_tells_which_parts_are_less_certain_than_their_operation() {
    let scratch = Scratch::adopted();
    let marked = "update:\n      x-provenance: page\n      \
        parameters: [{in: query, name: q, x-provenance: inferred, schema: {type: string}}]\n";
    scratch.write("openapi/overlay.yaml", &OVERLAY.replacen("update:\n", marked, 1));
    let text = scratch.run(&["coverage"]).done();
    assert!(text.lines().next().is_some_and(|line| line.ends_with("page (in part inferred)  list_apps")), "{text}");
    let markdown = scratch.run(&["coverage", "--format", "markdown"]).done();
    assert!(markdown.contains("| `list_apps` | `page (in part inferred)` |"), "{markdown}");
    let json = parsed(&scratch.run(&["coverage", "--format", "json"]).done());
    assert_eq!(json["operations"][0]["provenanceOfParts"], json!(["inferred"]));
}
