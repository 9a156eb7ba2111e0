use serde_json::json;

use super::Kind::*;
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
        "request": { "body": null, "arguments": { "state": "query state", "size": "query size" } },
        "annotations": { "title": "List apps", "readOnlyHint": true }, "aliases": [], "credential": "shopKey", "defaults": { "size": 50 },
        "response": { "kind": "json", "items": "apps", "cursor": null },
    });
    change(&mut tool);
    let line = json!({ "operationId": tool["operationId"], "method": tool["method"], "path": tool["path"], "state": "exposed", "tool": tool["name"] });
    json!({ "document": { "title": "A", "version": "1", "sha256": "x" }, "server": "https://a.example", "tools": [tool], "operations": [line] })
}

fn kinds(diff: &Diff) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = diff.changes.iter().map(|change| change.kind).collect();
    kinds.sort_unstable();
    kinds
}

/// The changes one way, which have to be the mirror of those the other way.
fn both_ways(old: &Json, new: &Json) -> Diff {
    let (there, back) = (diff(old, new), diff(new, old));
    let mut mirrored: Vec<Kind> = back.changes.iter().map(|change| change.kind.mirror()).collect();
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

type Change = fn(&mut Json);

/// What is done to the tool, and what has to be said about it.
static CHANGES: &[(Change, Kind, Level, &str)] = &[
    (|tool| tool["title"] = "Apps".into(), TextChanged, Cosmetic, "has another `title`"),
    (|tool| tool["description"] = "Other.".into(), TextChanged, Cosmetic, "has another `description`"),
    (|tool| tool["searchTerms"] = json!(["inventory"]), TextChanged, Cosmetic, "is found by other words"),
    (|tool| tool["takesKeys"] = "apps".into(), TextChanged, Cosmetic, "takes or lists field keys of another kind"),
    (|tool| tool["toolset"] = "all".into(), ToolsetChanged, Breaking, "is in the toolset `all` instead of `apps`"),
    (|tool| tool["defaultListed"] = false.into(), ListingChanged, Cosmetic, "is no longer in the default list"),
    (|tool| tool["effect"] = "write".into(), EffectRaised, Breaking, "is said to `write` instead of `read`"),
    (|tool| tool["repeatable"] = false.into(), RepeatableChanged, Breaking, "may no longer be repeated after a fault"),
    (|tool| tool["confirm"] = true.into(), ConfirmationAdded, Breaking, "asks a person before it acts now"),
    (|tool| tool["annotations"]["readOnlyHint"] = false.into(), OtherChanged, Breaking, "has other hints"),
    (|tool| tool["scopes"] = json!(["shop:read", "shop:admin"]), ScopeAdded, Breaking, "needs the scope `shop:admin`"),
    (|tool| tool["scopes"] = json!([]), ScopeRemoved, Additive, "no longer needs the scope `shop:read`"),
    (|tool| tool["rate"] = 10.into(), RateLowered, Breaking, "may have 10 calls a minute instead of 200 calls a minute"),
    (|tool| tool["rate"] = Json::Null, RateRaised, Additive, "may have no limit instead of 200 calls a minute"),
    (
        |tool| tool["maxRequestBytes"] = 5_242_880.into(),
        Widened,
        Additive,
        "takes requests of up to 5242880 bytes instead of the usual size",
    ),
    (
        |tool| tool["credential"] = "adminKey".into(),
        KeyChanged,
        Breaking,
        "is sent with the credential `adminKey` instead of the credential `shopKey`",
    ),
    (
        |tool| tool["path"] = "/v2/apps".into(),
        Rerouted,
        Additive,
        "calls `GET /v2/apps (getApps)` instead of `GET /apps (getApps)`",
    ),
    (
        |tool| tool["operationId"] = "getUsers".into(),
        Repurposed,
        Breaking,
        "calls `GET /apps (getUsers)` instead of `GET /apps (getApps)`",
    ),
    (
        |tool| tool["method"] = "DELETE".into(),
        Repurposed,
        Breaking,
        "calls `DELETE /apps (getApps)` instead of `GET /apps (getApps)`",
    ),
    (|tool| tool["aliases"] = json!(["get_apps"]), NameKept, Additive, "is reached by `get_apps` too"),
    (
        |tool| tool["response"]["items"] = "list".into(),
        AnswerChanged,
        Breaking,
        "finds its answer, items or cursor at another place",
    ),
    (
        |tool| tool["defaults"]["size"] = 10.into(),
        DefaultChanged,
        Breaking,
        "sends `10` for `size` where it is left out, instead of `50`",
    ),
    (
        |tool| tool["request"]["body"] = "multipart/form-data".into(),
        RequestChanged,
        Cosmetic,
        "sends a body of `multipart/form-data` instead of nothing",
    ),
    (
        |tool| tool["request"]["arguments"]["size"] = "header size".into(),
        RequestChanged,
        Cosmetic,
        "sends `size` in `header size` instead of `query size`",
    ),
    (|tool| tool["request"]["arguments"]["view"] = "query view".into(), RequestChanged, Cosmetic, "sends `view`"),
    (|tool| tool["novelty"] = 1.into(), OtherChanged, Breaking, "changed in `novelty`"),
    (|tool| tool["inputSchema"]["properties"]["q"] = json!({ "type": "string" }), ArgumentAdded, Additive, "argument `q` is new"),
    (
        |tool| {
            tool["inputSchema"]["properties"]["q"] = json!({ "type": "string" });
            tool["inputSchema"]["required"] = json!(["state", "q"]);
        },
        RequiredArgumentAdded,
        Breaking,
        "argument `q` is new and required",
    ),
    (
        |tool| drop(tool["inputSchema"]["properties"].as_object_mut().unwrap().shift_remove("value")),
        ArgumentRemoved,
        Breaking,
        "argument `value` was removed",
    ),
    (
        |tool| {
            let properties = tool["inputSchema"]["properties"].as_object_mut().unwrap();
            let size = properties.shift_remove("size").unwrap();
            properties.insert("limit".to_owned(), size);
        },
        ArgumentRenamed,
        Breaking,
        "argument `limit` was called `size` before",
    ),
    (
        |tool| tool["inputSchema"]["required"] = json!(["state", "size"]),
        BecameRequired,
        Breaking,
        "argument `size` is required now",
    ),
    (|tool| tool["inputSchema"]["required"] = json!([]), BecameOptional, Additive, "argument `state` may be left out now"),
    (|tool| tool["inputSchema"]["additionalProperties"] = true.into(), Widened, Additive, "argument `.*` takes more"),
    (
        |tool| tool["inputSchema"]["properties"]["state"]["enum"] = json!(["open"]),
        Narrowed,
        Breaking,
        "argument `state` no longer takes the value `closed`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["state"]["enum"] = json!(["open", "closed", "new"]),
        Widened,
        Additive,
        "argument `state` takes the value `new` too",
    ),
    (
        |tool| drop(tool["inputSchema"]["properties"]["state"].as_object_mut().unwrap().shift_remove("enum")),
        Widened,
        Additive,
        "argument `state` takes no longer only the value `open`, `closed`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["size"]["type"] = "string".into(),
        Retyped,
        Breaking,
        "argument `size` takes the type `string` and no longer `integer`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["size"]["type"] = "number".into(),
        Widened,
        Additive,
        "argument `size` takes the type `number` too",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["size"]["maximum"] = 10.into(),
        Narrowed,
        Breaking,
        "argument `size` has the `maximum` `10` instead of `100`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["size"]["minimum"] = 0.into(),
        Widened,
        Additive,
        "argument `size` has the `minimum` `0` instead of `1`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["size"]["default"] = 9.into(),
        DefaultChanged,
        Breaking,
        "argument `size` defaults to `9` instead of `50`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["state"]["pattern"] = "^o".into(),
        Narrowed,
        Breaking,
        "argument `state` has another `pattern`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["state"]["novelty"] = "x".into(),
        Retyped,
        Breaking,
        "argument `state` has another `novelty`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["filters"]["items"]["properties"]["key"]["type"] = "integer".into(),
        Retyped,
        Breaking,
        "argument `filters[].key` takes the type `integer` and no longer `string`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["value"]["anyOf"] = json!([{ "type": "string" }]),
        Narrowed,
        Breaking,
        "argument `value` takes 1 fewer shapes",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["value"]["anyOf"] = json!({ "type": "string" }),
        Retyped,
        Breaking,
        "argument `value` has another `anyOf`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["value"]["required"] = json!([1]),
        Retyped,
        Breaking,
        "argument `value` has another `required`",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["state"]["description"] = "Other.".into(),
        TextChanged,
        Cosmetic,
        "argument `state` has another `description`",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/url"] = "string".into(),
        AnswerFieldAdded,
        Additive,
        "field `apps[].url` of the answer is new",
    ),
    (
        |tool| drop(tool["responseFields"].as_object_mut().unwrap().shift_remove("/apps/[]/owner/id")),
        AnswerFieldRemoved,
        Breaking,
        "field `apps[].owner` of the answer was removed",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/id"] = "string".into(),
        AnswerChanged,
        Breaking,
        "field `apps[].id` of the answer is `string` instead of `integer`",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/id"] = "number".into(),
        AnswerWidened,
        Breaking,
        "field `apps[].id` of the answer may be `number` too",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]"] = "object | null".into(),
        AnswerWidened,
        Breaking,
        "field `apps[]` of the answer may be `null` too",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/state"] = "'closed' | 'new' | 'open'".into(),
        AnswerWidened,
        Additive,
        "field `apps[].state` of the answer may be `'new'` too",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/state"] = "'open'".into(),
        AnswerNarrowed,
        Additive,
        "field `apps[].state` of the answer is `'closed'` no more",
    ),
    (
        |tool| tool["outputSchema"]["properties"]["apps"]["items"]["properties"] = json!({ "id": {} }),
        TextChanged,
        Cosmetic,
        "field `apps[].name` of the answer is described otherwise",
    ),
];

#[test]
fn every_change_of_a_tool_has_its_kind_its_level_and_its_words() {
    for (change, kind, level, words) in CHANGES {
        let diff = both_ways(&surface(|_| {}), &surface(change));
        let [found] = diff.changes.as_slice() else { panic!("{words}: {}", diff.text()) };
        assert_eq!((found.kind, found.level, found.what.as_str()), (*kind, *level, *words));
        assert_eq!(found.subject, Subject::Tool("list_apps".to_owned()));
    }
}

#[test]
fn a_tool_that_is_called_otherwise_is_the_same_tool() {
    let old = surface(|_| {});
    let silently = both_ways(&old, &surface(|tool| tool["name"] = "find_apps".into()));
    assert_eq!((kinds(&silently), silently.version()), (vec![Kind::ToolRenamed], Version::Major));
    let kept = diff(
        &old,
        &surface(|tool| {
            tool["name"] = "find_apps".into();
            tool["aliases"] = json!(["list_apps"]);
        }),
    );
    assert_eq!((kinds(&kept), kept.version()), (vec![Kind::ToolRenamed], Version::Minor));
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
    assert_eq!(kinds(&both_ways(&more, &excluded)), [Kind::OperationDecided]);
}

#[test]
fn a_document_tells_its_server_and_version() {
    let mut moved = surface(|_| {});
    moved["server"] = "https://b.example".into();
    moved["document"]["version"] = "2".into();
    let diff = both_ways(&surface(|_| {}), &moved);
    assert_eq!((kinds(&diff), diff.version()), (vec![Kind::ServerChanged, Kind::VersionChanged], Version::Major));
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
    assert_eq!(kinds(&both_ways(&list, &with(json!({ "type": "string" })))), [Kind::Retyped]);
    assert_eq!(kinds(&both_ways(&list, &with(json!({ "type": "array" })))), [Kind::Widened]);
}

#[test]
fn an_operation_that_left_is_told_once() {
    let mut with = surface(|_| {});
    with["operations"][0]["provenance"] = "page".into();
    let mut without = surface(|_| {});
    without["tools"] = json!([]);
    without["operations"][0]["state"] = "removed".into();
    assert_eq!(kinds(&both_ways(&with, &without)), [Kind::ToolRemoved]);
}

#[test]
fn a_name_that_is_no_longer_remembered_is_told() {
    let mut remembers = surface(|_| {});
    remembers["operations"][0]["aliases"] = json!(["get_apps"]);
    let diff = both_ways(&remembers, &surface(|_| {}));
    assert_eq!((kinds(&diff), diff.version()), (vec![Kind::OperationDecided], Version::Patch));
    assert!(diff.text().contains("operation `getApps` no longer remembers that its tool was called `get_apps`"));
}

#[test]
fn what_the_document_says_of_an_operation_is_told_even_where_our_words_stand() {
    let with = |key: &str, value: Json| {
        let mut surface = surface(|_| {});
        surface["operations"][0]["upstream"] = "aa".into();
        surface["operations"][0][key] = value;
        surface
    };
    let (before, described, deprecated) =
        (with("upstream", "aa".into()), with("upstream", "bb".into()), with("deprecated", true.into()));
    assert_eq!(kinds(&both_ways(&before, &described)), [Kind::TextChanged]);
    assert_eq!(kinds(&both_ways(&before, &deprecated)), [Kind::Deprecated]);
    assert!(both_ways(&surface(|_| {}), &before).is_empty(), "a lock of before has no digest");
}

#[test]
fn a_bound_is_compared_to_the_last_digit() {
    let with = |most: u64| surface(|tool| tool["inputSchema"]["properties"]["size"]["maximum"] = most.into());
    let diff = both_ways(&with(9_007_199_254_740_993), &with(9_007_199_254_740_992));
    assert_eq!(kinds(&diff), [Kind::Narrowed]);
}
