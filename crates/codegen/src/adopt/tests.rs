use serde_json::{Value as Json, json};

use super::*;

const OVERLAY: &str = "\
# Mine.
overlay: 1.0.0
info: {title: t, version: '1'}
actions:
  # apps

  - target: $.paths['/apps'].get   # all of them
    x-operation-id: getApps
    update:
      x-mcp:
        tool: list_apps
        description: Apps.
        # a last word

  # ---- users ----

  - target: $.paths['/users'].get
    x-operation-id: getUsers
    update:
      x-mcp: {tool: list_users, description: People.}
";

fn document(paths: &[(&str, &str, &str)]) -> String {
    let mut document = json!({ "openapi": "3.0.3", "info": { "title": "t", "version": "1" }, "servers": [{ "url": "https://a.example" }], "paths": {} });
    for (path, method, id) in paths {
        let parameters: Vec<Json> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "integer" } }))
            .collect();
        document["paths"][path][method] = json!({
            "operationId": id, "summary": "S", "parameters": parameters,
            "responses": { "200": { "description": "ok", "content": { "application/json": { "schema": { "type": "object" } } } } },
        });
    }
    document.to_string()
}

fn adopted(document: &str, overlay: &str, lock: Option<&str>, changelog: &str, today: &str) -> Adopted {
    let inputs = Inputs {
        document: Source { name: "document", text: document },
        overlay: Source { name: "overlay", text: overlay },
        lock: lock.map(|text| Source { name: "lock", text }),
    };
    adopt(&inputs, changelog, today).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

const OLD: [(&str, &str, &str); 2] = [("/apps", "get", "getApps"), ("/users", "get", "getUsers")];

fn line<'a>(lock: &'a Json, id: &str) -> &'a Json {
    lock["operations"].as_array().unwrap().iter().find(|line| line["operationId"] == id).unwrap()
}

#[test]
fn new_operations_get_a_block_beside_their_neighbours_and_nothing_else_is_touched() {
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    assert_eq!((first.overlay.as_str(), first.changelog.as_str()), (OVERLAY, ""));
    assert!(first.diff.text().ends_with("0 breaking, 2 additive, 0 cosmetic: a minor version\n"), "{}", first.diff.text());
    let new = [OLD[0], OLD[1], ("/apps/{idApp}", "put", "putApp"), ("/other: #1", "post", "post other")];
    let then = adopted(&document(&new), OVERLAY, Some(&first.lock), "", "2026-02-02");
    let expected = OVERLAY.replace(
        "        description: Apps.\n",
        "        description: Apps.\n
  - target: $.paths['/apps/{idApp}'].put
    x-operation-id: putApp
    update:
      x-mcp:
        exclude: \"TODO: name the tool that PUT /apps/{idApp} becomes, or say why it has none\"\n",
    ) + "
  - target: \"$.paths['/other: #1'].post\"
    x-operation-id: \"post other\"
    update:
      x-mcp:
        exclude: \"TODO: name the tool that POST /other: #1 becomes, or say why it has none\"\n";
    assert_eq!(then.overlay, expected);
    let mut rest = then.overlay.lines();
    assert!(OVERLAY.lines().all(|line| rest.any(|other| other == line)), "every line is there, in its order");
    let lock: Json = serde_json::from_str(&then.lock).unwrap();
    assert_eq!(
        line(&lock, "putApp"),
        &json!({ "operationId": "putApp", "method": "PUT", "path": "/apps/{idApp}", "state": "undecided", "since": "2026-02-02", "described": "S" })
    );
    assert_eq!(line(&lock, "getApps")["since"], "2026-01-01");
    let coverage = &then.outputs.coverage.markdown;
    assert!(coverage.contains("| undecided | 2026-02-02 |") && coverage.contains("| exposed | 2026-01-01 |"), "{coverage}");
    assert!(
        then.changelog.contains("## 2026-02-02: document `1` (") && then.changelog.contains("operation `putApp`"),
        "{}",
        then.changelog
    );

    let again = adopted(&document(&new), &then.overlay, Some(&then.lock), &then.changelog, "2026-03-03");
    assert_eq!((again.overlay, again.lock, again.changelog), (then.overlay, then.lock, then.changelog));
    assert!(again.diff.is_empty() && again.added.is_empty());
}

#[test]
fn a_path_of_any_signs_gets_a_block_that_finds_it() {
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    for path in ["/apps/it's", "/apps/['x'].get", "/apps/a\\b\\", "/apps/a\n# b\u{202E}\u{85}\u{2028}\u{7f}", "/apps/a: \"b\" 😀"]
    {
        let new = document(&[OLD[0], OLD[1], (path, "get", "odd")]);
        let then = adopted(&new, OVERLAY, Some(&first.lock), "", "2026-02-02");
        let lock: Json = serde_json::from_str(&then.lock).unwrap();
        assert_eq!((&line(&lock, "odd")["path"], &line(&lock, "odd")["state"]), (&json!(path), &json!("undecided")));
        assert!(!then.outputs.warnings.iter().any(|warning| warning.code == "E0204"), "{}", then.outputs.warnings);
        let again = adopted(&new, &then.overlay, Some(&then.lock), &then.changelog, "2026-03-03");
        assert_eq!((again.overlay, again.lock, again.changelog), (then.overlay, then.lock, then.changelog));
    }
}

#[test]
fn a_changelog_stays_one_whatever_the_version_says() {
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    let hostile = document(&OLD[..1]).replace(r#""version":"1""#, r#""version":"2\n## 2027\u2028\u202e""#);
    let then = adopted(&hostile, OVERLAY, Some(&first.lock), "", "2026-02-02");
    assert_eq!(then.changelog.matches("\n## ").count(), 1, "{}", then.changelog);
    assert!(!then.changelog.contains(['\u{2028}', '\u{202e}']), "{}", then.changelog);
}

#[test]
fn whatever_the_document_holds_the_coverage_and_the_changelog_are_clean_lines() {
    let odd = "/x`\n\n# Injected @team ![x](http://a.example)\n\u{1b}[31m\u{202e}|";
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    let mut hostile: Json = serde_json::from_str(&document(&[OLD[0], OLD[1], (odd, "get", "odd")])).unwrap();
    hostile["paths"]["/users"]["get"]["x-provenance"] = "| @team <b>x</b>\n\n# H\u{1b}".into();
    hostile["info"]["version"] = "9 @team <img> [a](b) | `\u{1b}".into();
    let overlay = OVERLAY.replace("{tool: list_users, description: People.}", "{exclude: \"It is | <b>\\e\\n# H\"}");
    let then = adopted(&hostile.to_string(), &overlay, Some(&first.lock), "", "2026-02-02");
    let coverage = &then.outputs.coverage;
    for text in [&coverage.text, &coverage.markdown, &then.changelog] {
        assert!(!text.chars().any(|sign| sign != '\n' && crate::text::line(&sign.to_string()) != sign.to_string()), "{text:?}");
        assert!(text.lines().all(|line| !line.starts_with("# H") && !line.starts_with("# I")), "{text}");
    }
    assert_eq!((coverage.text.lines().count(), coverage.markdown.lines().count()), (3 + 1, 3 + 4));
    for row in coverage.markdown.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        let prose: String = row.split('`').step_by(2).collect();
        assert!(!prose.contains(['@', '<', '!']), "what the document says is code: {row}");
    }
    assert!(then.changelog.contains(": document `9 @team <img> [a](b) | '` ("), "{}", then.changelog);
}

#[test]
fn an_operation_that_left_becomes_a_tombstone_that_outlives_its_block() {
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    let removed = adopted(&document(&OLD[..1]), OVERLAY, Some(&first.lock), "", "2026-02-02");
    assert_eq!(removed.overlay, OVERLAY);
    let tombstone = json!({ "operationId": "getUsers", "method": "GET", "path": "/users", "state": "removed", "tool": "list_users", "since": "2026-02-02" });
    assert_eq!(line(&serde_json::from_str(&removed.lock).unwrap(), "getUsers"), &tombstone);

    let without = OVERLAY.split("\n  # ---- users").next().unwrap().to_owned() + "\n";
    let later = adopted(&document(&OLD[..1]), &without, Some(&removed.lock), &removed.changelog, "2026-03-03");
    assert_eq!(line(&serde_json::from_str(&later.lock).unwrap(), "getUsers"), &tombstone);
    assert!(later.diff.is_empty(), "{}", later.diff.text());

    let back = adopted(&document(&OLD), OVERLAY, Some(&later.lock), "", "2026-04-04");
    let line = line(&serde_json::from_str(&back.lock).unwrap(), "getUsers").clone();
    assert_eq!((&line["state"], &line["since"]), (&json!("exposed"), &json!("2026-04-04")));
}

#[test]
fn a_block_deleted_at_once_leaves_a_tombstone_too() {
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    let without = OVERLAY.split("\n  # ---- users").next().unwrap().to_owned() + "\n";
    let then = adopted(&document(&OLD[..1]), &without, Some(&first.lock), "", "2026-02-02");
    let lock: Json = serde_json::from_str(&then.lock).unwrap();
    assert_eq!((&line(&lock, "getUsers")["state"], &line(&lock, "getUsers")["since"]), (&json!("removed"), &json!("2026-02-02")));
}

#[test]
fn an_operation_that_evidently_moved_is_recognised() {
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    for moved in [("/people", "get", "getUsers"), ("/users2", "get", "getUsersTwo")] {
        let then = adopted(&document(&[OLD[0], moved]), OVERLAY, Some(&first.lock), "", "2026-02-02");
        let [added] = then.added.as_slice() else { panic!("{:?}", then.added) };
        assert_eq!((added.path.as_str(), added.aliases.as_deref()), (moved.0, Some("list_users")));
        assert!(then.overlay.contains("# aliases: [list_users]"), "{}", then.overlay);
        let named = then.overlay.replacen(
            "exclude: \"TODO",
            "tool: list_people\n        aliases: [list_users]\n        description: \"",
            1,
        );
        let decided = adopted(&document(&[OLD[0], moved]), &named, Some(&then.lock), &then.changelog, "2026-02-02");
        let lock: Json = serde_json::from_str(&decided.lock).unwrap();
        let tool = lock["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == "list_people").unwrap();
        assert_eq!(tool["aliases"], json!(["list_users"]));
        assert_eq!(decided.changelog.matches("\n## ").count(), 1, "one adoption, one section: {}", decided.changelog);
    }
}

#[test]
fn an_operation_with_another_id_is_undecided_until_its_block_has_it() {
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    for id in ["listUsers", "true"] {
        let new = document(&[OLD[0], ("/users", "get", id)]);
        let then = adopted(&new, OVERLAY, Some(&first.lock), "", "2026-02-02");
        let added = |added: &Added| (added.id.clone(), added.was.clone(), added.aliases.clone());
        let expected = (id.to_owned(), Some("getUsers".to_owned()), Some("list_users".to_owned()));
        assert_eq!(then.added.iter().map(added).collect::<Vec<_>>(), [expected]);
        assert!(then.overlay.contains("      # this was \"getUsers\"; if it only has another id now, "), "{}", then.overlay);
        let removed = format!("was removed: GET `/users`, which is `{id}` now");
        assert!(then.diff.text().contains(&removed), "{}", then.diff.text());
        let lock: Json = serde_json::from_str(&then.lock).unwrap();
        assert_eq!((&line(&lock, id)["state"], &line(&lock, "getUsers")["state"]), (&json!("undecided"), &json!("removed")));
        let again = adopted(&new, &then.overlay, Some(&then.lock), &then.changelog, "2026-03-03");
        assert_eq!((again.overlay, again.lock), (then.overlay, then.lock));

        let mended = OVERLAY.replace("x-operation-id: getUsers", &format!("x-operation-id: '{id}'"));
        let decided = adopted(&new, &mended, Some(&first.lock), "", "2026-02-02");
        assert!(decided.added.is_empty() && decided.outputs.api.tools().len() == 2 && decided.outputs.warnings.is_empty());
    }
}

#[test]
fn ids_that_changed_places_are_both_looked_at() {
    let first = adopted(&document(&OLD), OVERLAY, None, "", "2026-01-01");
    let then = adopted(
        &document(&[("/apps", "get", "getUsers"), ("/users", "get", "getApps")]),
        OVERLAY,
        Some(&first.lock),
        "",
        "2026-02-02",
    );
    assert_eq!((then.added.len(), then.outputs.api.tools().len()), (2, 0));
    assert_eq!(then.diff.version(), crate::diff::Version::Major, "{}", then.diff.text());
}

#[test]
fn an_overlay_that_cannot_take_blocks_is_left_alone() {
    for overlay in
        [r#"{"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": []}"#, "overlay: 1.0.0\nactions: []\n"]
    {
        let document = document(&OLD);
        let inputs =
            Inputs { document: Source { name: "d", text: &document }, overlay: Source { name: "o", text: overlay }, lock: None };
        let refused = adopt(&inputs, "", "2026-01-01").unwrap_err().to_string();
        assert!(refused.contains("E0217") && refused.contains("help: "), "{refused}");
    }
}

/// The head of an overlay, and two blocks to append to it.
const BEGIN: &str = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n";
const USERS: &str = "  - target: $.paths['/users'].get\n    x-operation-id: getUsers\n    update: {x-mcp: {tool: list_users, description: People.}}\n";
const APPS: &str = "  - target: $.paths['/apps'].get\n    x-operation-id: getApps\n    update:\n      x-mcp:\n        tool: list_apps\n        description: Apps.\n";

#[test]
fn however_the_overlay_is_written_what_it_says_stays_and_once_is_enough() {
    let text = |written: &str| APPS.replace("description: Apps.", &format!("description: {written}"));
    let unindented = format!("\n{USERS}{APPS}").replace("\n  ", "\n");
    let overlays = [
        (
            "a text that ends like a comment",
            format!("{BEGIN}{}{USERS}", text("|\n          Apps.\n          # of the owner\n\n          #all")),
        ),
        ("such a text at the end", format!("{BEGIN}{USERS}{}", text(">-\n          Apps.\n          # all").trim_end())),
        ("blank lines behind it", format!("{BEGIN}{USERS}{}\n\n", text("|\n          Apps.\n          # all"))),
        ("a comment behind it", format!("{BEGIN}{USERS}{}      # last word", text("|\n          Apps.\n          # all"))),
        (
            "a text in quotes over lines",
            format!("{BEGIN}{}{USERS}", text("\"Apps\n          # of all\n          # kinds\" # last")),
        ),
        (
            "a list in brackets over lines",
            format!("{BEGIN}{}        search_terms: [\n          one,\n        ] # all\n{USERS}", text("Apps.")),
        ),
        ("a comment behind the dash", format!("{BEGIN}{USERS}{}", APPS.replace("- target", "- # - of all\n    target"))),
        ("an anchor and an alias", format!("{BEGIN}{}{}", text("&words Apps."), USERS.replace("People.", "*words"))),
        ("a list behind the actions", format!("{BEGIN}{USERS}{APPS}x-list:\n  - a\n  - b\n")),
        (
            "the header behind the actions",
            format!("overlay: 1.0.0\nactions:\n{USERS}{APPS}# mine\ninfo: {{title: t, version: '1'}}\n"),
        ),
        ("no indentation, and the end marked", format!("{}{unindented}...\n", BEGIN.trim_end())),
        ("no line end", format!("{BEGIN}{USERS}{APPS}").trim_end().to_owned()),
        ("a byte order mark", format!("\u{feff}{BEGIN}{USERS}{}", text("|\n          Apps.\n          # all").trim_end())),
    ];
    let new = document(&[OLD[0], OLD[1], ("/apps/new", "get", "getNew")]);
    for (name, overlay) in overlays {
        let tools = |adopted: &Adopted| serde_json::from_str::<Json>(&adopted.lock).unwrap()["tools"].clone();
        let first = adopted(&document(&OLD), &overlay, None, "", "2026-01-01");
        let then = adopted(&new, &overlay, Some(&first.lock), "", "2026-02-02");
        assert!(then.added.len() == 1 && then.overlay.contains("/apps/new"), "{name}: {}", then.overlay);
        assert_eq!(tools(&then), tools(&first), "{name}: {}", then.overlay);
        let mut rest = then.overlay.lines();
        assert!(overlay.lines().all(|line| rest.any(|other| other == line)), "{name}: {}", then.overlay);
        let again = adopted(&new, &then.overlay, Some(&then.lock), &then.changelog, "2026-03-03");
        assert_eq!((again.overlay, again.lock), (then.overlay, then.lock), "{name}");
        assert!(again.added.is_empty(), "{name}");
    }
}

#[test]
fn a_block_that_would_change_another_is_refused() {
    let overlay = format!("{BEGIN}{USERS}{}\n\n", APPS.replace("Apps.", "|+\n          Apps."));
    let document = document(&[OLD[0], OLD[1], ("/apps/new", "get", "getNew")]);
    let (document, overlay) = (Source { name: "d", text: &document }, Source { name: "o", text: &overlay });
    let refused = adopt(&Inputs { document, overlay, lock: None }, "", "2026-01-01").unwrap_err().to_string();
    assert!(refused.contains("E0217") && refused.contains("would change what the others say"), "{refused}");
}

#[test]
fn windows_line_ends_are_kept() {
    let overlay = OVERLAY.replace('\n', "\r\n");
    let new = adopted(&document(&[OLD[0], OLD[1], ("/new", "get", "getNew")]), &overlay, None, "", "2026-01-01");
    assert!(new.overlay.starts_with(&overlay) && new.overlay.matches('\n').count() == new.overlay.matches("\r\n").count());
}

/// Adopts with another overlay, and returns the coverage entry of `getUsers` and the new lock.
fn then(operations: &[(&str, &str, &str)], overlay: &str, lock: &str) -> (Json, String) {
    let adopted = adopted(&document(operations), overlay, Some(lock), "", "2026-02-02");
    (line(&serde_json::from_str(&adopted.lock).unwrap(), "getUsers").clone(), adopted.lock)
}

#[test]
fn a_name_of_a_tool_is_remembered_whatever_becomes_of_the_tool() {
    let with = |annotation: &str| OVERLAY.replace("{tool: list_users, description: People.}", annotation);
    let aliased = with("{tool: list_users, aliases: [get_users], description: People.}");
    let first = adopted(&document(&OLD), &aliased, None, "", "2026-01-01");
    assert_eq!(line(&serde_json::from_str(&first.lock).unwrap(), "getUsers").get("aliases"), None, "both names reach it");

    let (removed, _) = then(&OLD[..1], &aliased, &first.lock);
    assert_eq!(
        (&removed["state"], &removed["tool"], &removed["aliases"]),
        (&json!("removed"), &json!("list_users"), &json!(["get_users"]))
    );
    let (removed, _) = then(&OLD[..1], OVERLAY.split("\n  # ---- users").next().unwrap(), &first.lock);
    assert_eq!(
        (&removed["state"], &removed["tool"], &removed["aliases"]),
        (&json!("removed"), &json!("list_users"), &json!(["get_users"]))
    );

    let (renamed, lock) = then(&OLD, &with("{tool: list_people, description: People.}"), &first.lock);
    assert_eq!((&renamed["tool"], &renamed["aliases"]), (&json!("list_people"), &json!(["list_users", "get_users"])));
    let (excluded, lock) = then(&OLD, &with("{exclude: Nobody asks.}"), &lock);
    assert_eq!(excluded["aliases"], json!(["list_people", "list_users", "get_users"]));
    let (back, _) = then(&OLD, &with("{tool: list_users, aliases: [list_people], description: People.}"), &lock);
    assert_eq!(back["aliases"], json!(["get_users"]), "what reaches the tool need not be remembered");
    let (removed, _) = then(&OLD[..1], OVERLAY.split("\n  # ---- users").next().unwrap(), &lock);
    assert_eq!((&removed["tool"], &removed["aliases"]), (&json!("list_people"), &json!(["list_users", "get_users"])));
}
