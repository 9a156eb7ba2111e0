mod hiding;
mod tools;

use serde_json::json;

use super::ChangeKind::*;
use super::Level::*;
use super::*;

/// A surface of one tool, changed by `change`.
fn surface(change: impl Fn(&mut Json)) -> Json {
    let mut tool = json!({
        "name": "list_apps", "title": "List apps", "description": "Apps.", "toolset": "apps", "effect": "read", "repeatable": true,
        "defaultListed": true, "scopes": ["shop:read"], "operationId": "getApps", "method": "GET", "path": "/apps", "rate": 200,
        "inputSchema": { "type": "object", "required": ["state"], "additionalProperties": false, "properties": {
            "state": { "type": "string", "enum": ["open", "closed"], "description": "State." },
            "size": { "type": "integer", "minimum": 1, "maximum": 100, "default": 50 },
            "filters": { "type": "array", "items": { "type": "object", "properties": { "key": { "type": "string" } }, "required": ["key"] } },
            "value": { "anyOf": [{ "type": "string" }, { "type": "integer" }] },
        } },
        "outputSchema": { "type": "object", "properties": { "apps": { "items": { "properties": { "id": {}, "name": {} } } } } },
        "responseFields": { "/apps/[]/id": "integer", "/apps/[]/name": "string", "/apps/[]/state": "'closed' | 'open'", "/apps/[]/owner/id": "integer" },
        "facets": {
            "": { "sunset": "2027-01-01" },
            "/query size": { "limits": "At most 9 pages." },
            "/query state": { "pattern": "^o", "example": "open", "x-known-values": "[\"open\",\"closed\"]" },
            "/response": { "status": "200" },
            "/response/apps/[]/id": { "required": "true" },
        },
        "structure": { "/query size": "a", "/query value": "b", "/response/apps/[]/state": "c" },
        "security": ["bearer", "oauth (read)"],
        "request": { "body": null, "arguments": { "state": "query state", "size": "query size", "value": "query" } },
        "annotations": { "title": "List apps", "readOnlyHint": true }, "aliases": [], "credential": "shopKey", "defaults": { "size": 50 },
        "response": { "kind": "json", "items": "apps", "cursor": null },
        "tableNames": ["apps"],
    });
    change(&mut tool);
    let line = json!({ "operationId": tool["operationId"], "method": tool["method"], "path": tool["path"], "state": "exposed", "tool": tool["name"] });
    json!({ "document": { "title": "A", "version": "1", "sha256": "x" }, "server": "https://a.example", "tools": [tool], "operations": [line] })
}

fn kinds(diff: &Diff) -> Vec<ChangeKind> {
    let mut kinds: Vec<ChangeKind> = diff.changes.iter().map(|change| change.kind).collect();
    kinds.sort_unstable();
    kinds
}

/// The changes in one direction; those in the other direction have to be their mirror.
fn both_ways(old: &Json, new: &Json) -> Diff {
    let (there, back) = (diff(old, new), diff(new, old));
    let mut mirrored: Vec<ChangeKind> = back.changes.iter().map(|change| change.kind.mirror()).collect();
    mirrored.sort_unstable();
    assert_eq!(kinds(&there), mirrored, "{}\n{}", there.text(), back.text());
    there
}

#[test]
fn a_surface_does_not_differ_from_itself_however_it_is_ordered() {
    let one = surface(|_| {});
    let other = surface(|tool| {
        let properties = tool["inputSchema"]["properties"].as_object_mut().unwrap();
        let state = properties.shift_remove("state").unwrap();
        properties.insert("state".to_owned(), state);
        tool["inputSchema"]["properties"]["state"]["enum"] = json!(["closed", "open"]);
    });
    for (old, new) in [(&one, &one), (&one, &other)] {
        let diff = both_ways(old, new);
        assert!(diff.is_empty(), "{}", diff.text());
        assert_eq!(diff.version(), Version::Unchanged);
    }
}

#[test]
fn a_tool_that_is_called_otherwise_is_the_same_tool() {
    let old = surface(|_| {});
    let silently = both_ways(&old, &surface(|tool| tool["name"] = "find_apps".into()));
    assert_eq!((kinds(&silently), silently.version()), (vec![ChangeKind::ToolRenamed], Version::Major));
    let kept = diff(
        &old,
        &surface(|tool| {
            tool["name"] = "find_apps".into();
            tool["aliases"] = json!(["list_apps"]);
        }),
    );
    assert_eq!((kinds(&kept), kept.version()), (vec![ChangeKind::ToolRenamed], Version::Minor));
}

#[test]
fn tools_and_operations_come_and_go_and_each_is_said_once() {
    let (with, mut without) = (surface(|_| {}), surface(|_| {}));
    without["tools"] = json!([]);
    without["operations"][0] =
        json!({ "operationId": "getApps", "method": "GET", "path": "/apps", "state": "removed", "tool": "list_apps" });
    let gone = both_ways(&with, &without);
    assert_eq!(
        gone.text().lines().next().unwrap(),
        "breaking  `list_apps` was removed: GET `/apps`, its operation has left the document"
    );
    assert_eq!(gone.changes.len(), 1);

    let mut more = surface(|_| {});
    let line = json!({ "operationId": "getNew", "method": "GET", "path": "/new", "state": "undecided" });
    more["operations"].as_array_mut().unwrap().push(line);
    let added = both_ways(&with, &more);
    assert_eq!(
        added.text(),
        "cosmetic  operation `getNew` GET `/new` is new and undecided\n0 breaking, 0 additive, 1 cosmetic: a patch version\n"
    );

    let mut excluded = more.clone();
    excluded["operations"][1] =
        json!({ "operationId": "getNew", "method": "GET", "path": "/new", "state": "excluded", "reason": "no" });
    assert_eq!(kinds(&both_ways(&more, &excluded)), [ChangeKind::OperationDecided]);
}

#[test]
fn a_document_tells_its_server_and_version() {
    let mut moved = surface(|_| {});
    moved["server"] = "https://b.example".into();
    moved["document"]["version"] = "2".into();
    let diff = both_ways(&surface(|_| {}), &moved);
    assert_eq!((kinds(&diff), diff.version()), (vec![ChangeKind::ServerChanged, ChangeKind::VersionChanged], Version::Major));
}

#[test]
fn names_of_a_document_cannot_break_out_of_a_pull_request() {
    let hostile = "x` | @everyone\n\n# Merge me <img src=y>";
    let changed = surface(|tool| {
        tool["inputSchema"]["properties"][hostile] = json!({ "type": "string" });
        tool["inputSchema"]["properties"]["state"]["enum"] = json!(["open", "closed", hostile]);
    });
    let markdown = diff(&surface(|_| {}), &changed).markdown();
    let rows: Vec<&str> = markdown.lines().filter(|line| line.contains("everyone")).collect();
    assert_eq!(rows.len(), 2, "{markdown}");
    for row in rows {
        assert!(
            row.contains("`x' \\| @everyone  # Merge me <img src=y>`") && row.starts_with("| `list_apps` | argument "),
            "{row}"
        );
    }
}

#[test]
fn a_long_list_of_changes_is_cut_and_counted() {
    let many = surface(|tool| {
        for index in 0..500 {
            tool["inputSchema"]["properties"][format!("a{index}")] = json!({ "type": "string" });
        }
    });
    let markdown = diff(&surface(|_| {}), &many).markdown();
    assert!(markdown.contains("| … | 300 more | |") && markdown.contains("500 additive"), "{markdown}");
}

#[test]
fn a_name_hides_nothing_in_a_review() {
    let changed = surface(|tool| tool["inputSchema"]["properties"]["a\u{202E}b\u{200B}\u{2028}c"] = json!({ "type": "string" }));
    assert!(diff(&surface(|_| {}), &changed).text().contains("argument `ab c` is new"));
}

#[test]
fn what_is_written_otherwise_and_means_the_same_is_only_words() {
    let with = |schema: Json| surface(|tool| tool["inputSchema"]["properties"]["size"] = schema.clone());
    for (old, new) in [
        (json!({ "type": "number", "minimum": 1, "maximum": 9 }), json!({ "type": "number", "minimum": 1.0, "maximum": 9.0 })),
        (json!({ "type": ["integer", "number"] }), json!({ "type": ["number"] })),
    ] {
        let diff = both_ways(&with(old), &with(new));
        assert!(!diff.is_empty() && diff.version() == Version::Patch, "{}", diff.text());
    }
    let one = with(json!({ "enum": ["a", "b"], "type": "string" }));
    assert!(both_ways(&one, &with(json!({ "type": "string", "enum": ["b", "a"] }))).is_empty());
}

#[test]
fn a_list_that_becomes_one_value_is_one_change() {
    let with = |schema: Json| surface(|tool| tool["inputSchema"]["properties"]["filters"] = schema.clone());
    let list = with(json!({ "type": "array", "items": { "type": "string" } }));
    assert_eq!(kinds(&both_ways(&list, &with(json!({ "type": "string" })))), [ChangeKind::Retyped]);
    assert_eq!(kinds(&both_ways(&list, &with(json!({ "type": "array" })))), [ChangeKind::Widened]);
}

#[test]
fn an_operation_that_left_is_told_once() {
    let mut with = surface(|_| {});
    with["operations"][0]["provenance"] = "page".into();
    let mut without = surface(|_| {});
    without["tools"] = json!([]);
    without["operations"][0]["state"] = "removed".into();
    assert_eq!(kinds(&both_ways(&with, &without)), [ChangeKind::ToolRemoved]);
}

#[test]
fn a_name_that_is_no_longer_remembered_is_told() {
    let mut remembers = surface(|_| {});
    remembers["operations"][0]["aliases"] = json!(["get_apps"]);
    let diff = both_ways(&remembers, &surface(|_| {}));
    assert_eq!((kinds(&diff), diff.version()), (vec![ChangeKind::OperationDecided], Version::Patch));
    assert!(diff.text().contains("operation `getApps` no longer remembers that its tool was called `get_apps`"));
}

#[test]
fn what_the_document_says_of_an_operation_is_told_even_where_our_words_stand() {
    let with = |key: &str, value: Json| {
        let mut surface = surface(|_| {});
        surface["operations"][0]["described"] = "aa".into();
        surface["operations"][0][key] = value;
        surface
    };
    let (before, described, deprecated) =
        (with("described", "aa".into()), with("described", "bb".into()), with("deprecated", true.into()));
    assert_eq!(kinds(&both_ways(&before, &described)), [ChangeKind::TextChanged]);
    assert_eq!(kinds(&both_ways(&before, &deprecated)), [ChangeKind::Deprecated]);
    assert!(both_ways(&surface(|_| {}), &before).is_empty(), "a lock of before has no text");
}

#[test]
fn a_bound_is_compared_to_the_last_digit() {
    let with = |most: u64| surface(|tool| tool["inputSchema"]["properties"]["size"]["maximum"] = most.into());
    let diff = both_ways(&with(9_007_199_254_740_993), &with(9_007_199_254_740_992));
    assert_eq!(kinds(&diff), [ChangeKind::Narrowed]);
}

#[test]
fn product_scopes_and_credentials_are_compared() {
    let with = |product: &str, scope: Json, credentials: Json| {
        let mut surface = surface(|_| ());
        surface["product"] = json!({ "name": "Shop", "instructions": product });
        (surface["scopes"], surface["credentials"]) = (json!([scope]), credentials);
        surface
    };
    let scope = json!({ "name": "shop:read", "title": "See", "implies": [], "effect": "read" });
    let key = json!([{ "name": "shopKey", "variable": "SHOP_KEY" }]);
    let old = with("Be quick.", scope.clone(), key.clone());
    let mut other = scope.clone();
    (other["title"], other["implies"]) = ("Look".into(), json!(["shop:list"]));
    for (new, expected) in [
        (with("Be slow.", scope.clone(), key.clone()), "cosmetic  the document has another product `instructions`\n"),
        (with("Be quick.", scope.clone(), json!([])), "breaking  the document no longer defines the credential `shopKey`\n"),
        (
            with("Be quick.", other, key),
            "breaking  the document has the `implies` `[\"shop:list\"]` instead of `[]` for the scope `shop:read`\n\
             cosmetic  the document has the `title` `Look` instead of `See` for the scope `shop:read`\n",
        ),
    ] {
        let text = both_ways(&old, &new).text();
        assert!(text.starts_with(expected), "{text}");
    }
    assert!(both_ways(&old, &surface(|_| ())).is_empty(), "a lock of before there were any");
}

#[test]
fn what_an_argument_declares_is_told_with_the_argument() {
    let added = surface(|tool| {
        tool["inputSchema"]["properties"]["q"] = json!({ "type": "string" });
        tool["request"]["arguments"]["q"] = "query".into();
        tool["facets"]["/query q"] = json!({ "pattern": "^a" });
    });
    assert_eq!(kinds(&both_ways(&surface(|_| {}), &added)), [ChangeKind::ArgumentAdded]);
    let before = surface(|tool| drop(tool.as_object_mut().unwrap().shift_remove("facets")));
    assert!(both_ways(&before, &surface(|_| {})).is_empty(), "a lock of before has none");
}

#[test]
fn long_values_that_differ_look_different() {
    let with = |end: &str| {
        let mut surface = surface(|_| {});
        surface["corrections"] = json!({ "/info/x": format!("{}{end}", "x".repeat(150)) });
        surface
    };
    let diff = both_ways(&with("1"), &with("2"));
    assert_eq!(kinds(&diff), [ChangeKind::CorrectionOutdated]);
    let shown: Vec<&str> = diff.changes[0].what.split('`').filter(|part| part.contains("xxx")).collect();
    assert!(shown.len() == 2 && shown[0] != shown[1] && shown.iter().all(|part| part.chars().count() < 100), "{shown:?}");
}

#[test]
fn the_first_corrections_are_told_once() {
    let mut now = surface(|_| {});
    now["corrections"] = json!({ "/security": "nothing", "/servers": "[]" });
    let diff = both_ways(&surface(|_| {}), &now);
    assert_eq!((kinds(&diff), diff.version()), (vec![ChangeKind::CorrectionOutdated], Version::Patch));
    assert!(diff.text().contains("is corrected by the overlay at 2 places, the first `/security`, which are recorded now"));
    now["corrections"] = json!({});
    assert!(both_ways(&surface(|_| {}), &now).is_empty(), "nothing is corrected");
}

#[test]
fn another_rate_that_no_tool_tells_is_breaking() {
    let with = |key: &str, place: &str, rate: &str| {
        let mut surface = surface(|_| {});
        surface[key] = json!({ place: format!("Rate limit: {rate} requests per minute.") });
        surface
    };
    for (key, place) in [("about", "/info/description"), ("corrections", "/paths/~1apps/get/description")] {
        let diff = both_ways(&with(key, place, "100"), &with(key, place, "50"));
        assert_eq!((diff.changes.len(), diff.version()), (1, Version::Major), "{}", diff.text());
    }
}

#[test]
fn an_operation_that_moved_is_one_entry() {
    let with = |path: &str, id: &str, parameter: &str, state: &str| {
        let mut surface = surface(|tool| {
            (tool["path"], tool["operationId"]) = (path.into(), id.into());
            tool["request"]["arguments"]["idApp"] = format!("path {parameter}").into();
        });
        surface["operations"][0] =
            json!({ "operationId": id, "method": "GET", "path": path, "state": state, "tool": "list_apps" });
        surface["corrections"] =
            json!({ format!("/paths/{}/get/parameters/path {parameter}/schema", path.replace('/', "~1")): "1" });
        surface
    };
    let (old, new) =
        (with("/apps/{idApp}", "getApps", "idApp", "exposed"), with("/v2/apps/{id_app}", "get_apps", "id_app", "exposed"));
    let diff = both_ways(&old, &new);
    assert_eq!((kinds(&diff), diff.version()), (vec![ChangeKind::Rerouted], Version::Minor), "{}", diff.text());
    let cause = "is called at a path with `/v2` in front, with other names of path parameters, with another `operationId`";
    assert_eq!(diff.changes[0].cause, cause);

    let without_tools = |mut surface: Json| {
        surface["tools"] = json!([]);
        surface
    };
    let excluded = |path, id, parameter| without_tools(with(path, id, parameter, "excluded"));
    let diff = both_ways(&excluded("/apps/{idApp}", "getApps", "idApp"), &excluded("/v2/apps/{id_app}", "get_apps", "id_app"));
    assert_eq!(kinds(&diff), [ChangeKind::Rerouted], "{}", diff.text());
}
