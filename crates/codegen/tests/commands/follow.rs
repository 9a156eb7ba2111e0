//! Operations that moved: `cargo codegen sync --follow`.

use std::{fs, path::PathBuf};

use serde_json::{Map, Value as Json};

use crate::scratch::{APPS, OVERLAY, Scratch, USERS, document};

/// A file of this repository.
fn own(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The document that the project of this repository names.
fn own_document() -> String {
    let project = own("codegen.yaml");
    let name = project.lines().find_map(|line| line.strip_prefix("document: openapi/")).expect("the project names its document");
    own(name.trim())
}

/// The id in another style: `getApps` as `get_apps`.
fn snake(id: &str) -> String {
    let words = id.chars().map(|sign| if sign.is_uppercase() { format!("_{}", sign.to_lowercase()) } else { sign.to_string() });
    words.collect()
}

/// The document with `/v2` before every path, every path parameter renamed, and every `operationId` in another style.
fn moved(document: &str) -> String {
    let mut document: Json = serde_json::from_str(document).expect("it is JSON");
    let paths = document["paths"].as_object().expect("there are paths").clone();
    let item = |item: &Json| {
        let mut item = item.clone();
        for operation in item.as_object_mut().into_iter().flatten().map(|(_, operation)| operation) {
            let id = operation["operationId"].as_str().map(snake);
            operation["operationId"] = id.expect("each has an id").into();
            let parameters = operation.get_mut("parameters").and_then(Json::as_array_mut).into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "path") {
                parameter["name"] = format!("{}Of", parameter["name"].as_str().expect("each has a name")).into();
            }
        }
        item
    };
    let moved: Map<String, Json> =
        paths.iter().map(|(path, own)| (format!("/v2{}", path.replace('}', "Of}")), item(own))).collect();
    document["paths"] = moved.into();
    format!("{document:#}\n")
}

#[test]
fn a_document_in_which_everything_moved_is_followed_without_an_edit_by_hand() {
    let scratch = Scratch::new(&[]);
    scratch.write("openapi/api.json", &own_document());
    for name in ["overlay.yaml", "tools.lock.json"] {
        scratch.write(&format!("openapi/{name}"), &own(name));
    }
    scratch.run(&["sync", "--date", "2026-11-27"]).done();
    scratch.run(&["check"]).done();
    let before = scratch.json("openapi/tools.lock.json");

    scratch.write("moved.json", &moved(&own_document()));
    let said = scratch.run(&["sync", "--follow", "--document", "moved.json", "--date", "2026-12-01"]).done();
    assert_eq!(said.lines().filter(|line| line.starts_with("followed: ")).count(), 73, "{said}");
    assert!(!said.contains("breaking  ") && !said.contains("to decide"), "{said}");
    scratch.run(&["check"]).done();

    // one entry for each way of moving, with and without parameters, of tools and of other operations
    let entries: Vec<&str> = said.lines().take_while(|line| !line.contains(" breaking, ")).collect();
    assert!(entries.len() == 4 && entries.iter().all(|entry| entry.starts_with("additive ")), "{said}");
    assert!(entries.iter().any(|entry| entry.contains("42 × is called at a path with `/v2` in front")), "{said}");
    let after = scratch.json("openapi/tools.lock.json");
    let seen = |lock: &Json| -> Vec<Json> {
        let tools = lock["tools"].as_array().expect("there are tools").iter();
        tools
            .map(|tool| ["name", "description", "inputSchema", "outputSchema"].map(|key| tool[key].clone()).into_iter().collect())
            .collect()
    };
    assert!(seen(&before) == seen(&after), "assistants notice nothing");
    // comments and layout stay
    let (old, new) = (own("overlay.yaml"), scratch.read("openapi/overlay.yaml"));
    let comments =
        |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(comments(&old), comments(&new));

    let again = scratch.run(&["sync", "--follow", "--date", "2026-12-24"]).done();
    assert!(again.starts_with("nothing changed\n") && scratch.read("openapi/overlay.yaml") == new, "{again}");
}

#[test]
fn what_may_be_another_operation_is_listed_and_not_followed() {
    let scratch = Scratch::adopted();
    scratch.write("new.json", &document(&[("/apps", "listEverything"), ("/people", "getUsers")]));
    let said = scratch.run(&["sync", "--follow", "--document", "new.json", "--date", "2026-02-02"]).done();
    assert!(said.contains("followed: `GET /users (getUsers)` is `GET /people (getUsers)` now\n"), "{said}");
    assert!(said.contains("new: GET `/apps` (`listEverything`); it was `getApps`"), "{said}");
    assert!(said.contains("1 not followed, because they may be other operations"), "{said}");
    let overlay = scratch.read("openapi/overlay.yaml");
    let moved = OVERLAY.replace("/users", "/people");
    let mut lines = overlay.lines();
    assert!(moved.lines().all(|line| lines.any(|other| other == line)), "{overlay}");
    assert!(overlay.contains("TODO: name the tool that GET /apps becomes"), "{overlay}");
}

#[test]
fn without_the_option_nothing_is_followed() {
    let scratch = Scratch::adopted();
    scratch.write("new.json", &document(&[("/v2/apps", APPS.1), ("/v2/users", USERS.1)]));
    let said = scratch.run(&["sync", "--document", "new.json", "--date", "2026-02-02"]).done();
    assert!(
        !said.contains("followed")
            && scratch
                .read("openapi/overlay.yaml")
                .starts_with(OVERLAY.split("  # people").next().unwrap_or_default().trim_end()),
        "{said}"
    );

    // the blocks that wait for a decision give way
    assert_eq!(scratch.read("openapi/overlay.yaml").matches("TODO").count(), 2);
    let said = scratch.run(&["sync", "--follow", "--date", "2026-03-03"]).done();
    assert!(said.contains("followed: `GET /apps (getApps)` is `GET /v2/apps (getApps)` now\n"), "{said}");
    assert_eq!(scratch.read("openapi/overlay.yaml"), OVERLAY.replace("['/", "['/v2/"));
    scratch.run(&["check"]).done();
}
