//! Every change that a tool can have.

use super::*;

type Change = fn(&mut Json);

/// A change of the tool, and how the diff has to report it.
static CHANGES: &[(Change, ChangeKind, Level, &str)] = &[
    (|tool| tool["title"] = "Apps".into(), TextChanged, Cosmetic, "has the `title` `Apps` instead of `List apps`"),
    (|tool| tool["description"] = "Other.".into(), TextChanged, Cosmetic, "has the `description` `Other.` instead of `Apps.`"),
    (
        |tool| {
            tool["fullInputSchema"] = tool["inputSchema"].clone();
            tool["inputSchema"] = json!({"type": "object", "properties": {}});
        },
        TextChanged,
        Cosmetic,
        "shows assistants a shortened input schema, since the whole is too long",
    ),
    (|tool| tool["searchTerms"] = json!(["inventory"]), TextChanged, Cosmetic, "is found by other words"),
    (
        |tool| tool["narrowingDefaults"]["size"]["note"] = "Only ten.".into(),
        TextChanged,
        Cosmetic,
        "tells something else about what its defaults leave out",
    ),
    (|tool| tool["takesKeys"] = "apps".into(), TextChanged, Cosmetic, "takes or lists field keys of another kind"),
    (|tool| tool["tableNames"] = json!(["apps", "licenses"]), TableAdded, Additive, "has the table `licenses`"),
    (|tool| tool["tableNames"] = json!([]), TableRemoved, Breaking, "no longer has the table `apps`"),
    (|tool| tool["toolset"] = "all".into(), ToolsetChanged, Breaking, "is in the toolset `all` instead of `apps`"),
    (|tool| tool["defaultListed"] = false.into(), ListingChanged, Cosmetic, "is no longer in the default list"),
    (|tool| tool["effect"] = "write".into(), EffectRaised, Breaking, "has the effect `write` instead of `read`"),
    (|tool| tool["repeatable"] = false.into(), RepeatableChanged, Breaking, "may no longer be repeated after a fault"),
    (|tool| tool["confirm"] = true.into(), ConfirmationAdded, Breaking, "asks the user before it acts now"),
    (|tool| tool["annotations"]["readOnlyHint"] = false.into(), OtherChanged, Breaking, "has other hints"),
    (|tool| tool["scopes"] = json!(["shop:read", "shop:admin"]), ScopeAdded, Breaking, "needs the scope `shop:admin`"),
    (|tool| tool["scopes"] = json!([]), ScopeRemoved, Additive, "no longer needs the scope `shop:read`"),
    (|tool| tool["rate"] = 10.into(), RateLowered, Breaking, "may have 10 calls a minute instead of 200"),
    (
        |tool| tool["rate"] = Json::Null,
        RateNotUnderstood,
        Breaking,
        "had 200 calls a minute, and a rate is no longer understood in its text; set `rate` in the overlay",
    ),
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
    (
        |tool| tool["security"] = json!(["bearer", "oauth (write)"]),
        SecurityChanged,
        Breaking,
        "is called with `oauth (write)` instead of `oauth (read)` in the document",
    ),
    (
        |tool| tool["security"] = json!(["bearer"]),
        SecurityChanged,
        Breaking,
        "may no longer be called with `oauth (read)` in the document",
    ),
    (
        |tool| tool["security"] = json!(["bearer", "no credential", "oauth (read)"]),
        SecurityChanged,
        Additive,
        "may also be called with `no credential` in the document",
    ),
    (
        |tool| tool["structure"]["/query value"] = "other".into(),
        OtherChanged,
        Breaking,
        "`query value` is declared otherwise in the document, in a way that no comparison knows: compare the two documents there",
    ),
    (
        |tool| tool["structure"]["/headers/X-Id"] = "other".into(),
        OtherChanged,
        Cosmetic,
        "the header `X-Id` is declared otherwise in the document, in a way that no comparison knows: compare the two documents there",
    ),
    (
        |tool| {
            tool["structure"]["/query size"] = "other".into();
            tool["inputSchema"]["properties"]["size"]["maximum"] = 10.into();
        },
        Narrowed,
        Breaking,
        "argument `size` has the `maximum` `10` instead of `100`",
    ),
    (|tool| tool["aliases"] = json!(["get_apps"]), NameKept, Additive, "is reached by `get_apps` too"),
    (
        |tool| tool["response"]["items"] = "list".into(),
        ResponseChanged,
        Breaking,
        "finds its response, items or cursor at another place",
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
        ArgumentMoved,
        Breaking,
        "sends `size` in `header size` instead of `query size`",
    ),
    (
        |tool| tool["response"]["mediaTypes"] = json!(["text/csv"]),
        MediaTypeChanged,
        Breaking,
        "gets a response of `text/csv` instead of `application/json`",
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
        "argument `state` has `pattern` `^o` instead of nothing",
    ),
    (
        |tool| tool["inputSchema"]["properties"]["state"]["novelty"] = "x".into(),
        Retyped,
        Breaking,
        "argument `state` has `novelty` `x` instead of nothing",
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
        "argument `value` takes 1 fewer alternatives",
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
        "argument `state` has the `description` `Other.` instead of `State.`",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/url"] = "string".into(),
        ResponseFieldAdded,
        Additive,
        "field `apps[].url` of the response is new",
    ),
    (
        |tool| drop(tool["responseFields"].as_object_mut().unwrap().shift_remove("/apps/[]/owner/id")),
        ResponseFieldRemoved,
        Breaking,
        "field `apps[].owner` of the response was removed",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/id"] = "string".into(),
        ResponseChanged,
        Breaking,
        "field `apps[].id` of the response is `string` instead of `integer`",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/id"] = "number".into(),
        ResponseWidened,
        Breaking,
        "field `apps[].id` of the response may be `number` too",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]"] = "object | null".into(),
        ResponseWidened,
        Breaking,
        "field `apps[]` of the response may be `null` too",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/state"] = "'closed' | 'new' | 'open'".into(),
        ResponseWidened,
        Additive,
        "field `apps[].state` of the response may be `'new'` too",
    ),
    (
        |tool| tool["responseFields"]["/apps/[]/state"] = "'open'".into(),
        ResponseNarrowed,
        Additive,
        "field `apps[].state` of the response is no longer `'closed'`",
    ),
    (
        |tool| tool["facets"]["/query state"]["pattern"] = "^[oc]".into(),
        Retyped,
        Breaking,
        "`query state` has the pattern `^[oc]` instead of `^o`, which only the API checks",
    ),
    (
        |tool| tool["facets"]["/query size"]["pattern"] = "^[0-9]".into(),
        Narrowed,
        Breaking,
        "`query size` has the pattern `^[0-9]` instead of nothing, which only the API checks",
    ),
    (
        |tool| tool["facets"]["/response/apps/[]/id"]["pattern"] = "^[0-9]".into(),
        Narrowed,
        Cosmetic,
        "`response.apps[].id` has the pattern `^[0-9]` instead of nothing",
    ),
    (|tool| tool["facets"]["/query size"]["deprecated"] = "true".into(), Deprecated, Cosmetic, "`query size` is deprecated now"),
    (
        |tool| tool["facets"][""]["sunset"] = "2026-12-01".into(),
        SunsetChanged,
        Cosmetic,
        "announces its end as `2026-12-01` instead of `2027-01-01`",
    ),
    (
        |tool| tool["facets"]["/query size"]["limits"] = "At most 5 pages.".into(),
        LimitChanged,
        Breaking,
        "`query size` has a limit in its description, `At most 5 pages.` instead of `At most 9 pages.`; does the tool's text still fit?",
    ),
    (
        |tool| tool["facets"]["/query size"]["limits"] = "At most 90 pages.".into(),
        LimitChanged,
        Additive,
        "`query size` has a limit in its description, `At most 90 pages.` instead of `At most 9 pages.`; does the tool's text still fit?",
    ),
    (
        |tool| tool["facets"]["/query size"]["limits"] = "Up to 9 pages.".into(),
        LimitChanged,
        Cosmetic,
        "`query size` has a limit in its description, `Up to 9 pages.` instead of `At most 9 pages.`; does the tool's text still fit?",
    ),
    (
        |tool| tool["facets"]["/query state"]["allowReserved"] = "true".into(),
        RequestChanged,
        Cosmetic,
        "`query state` may be sent with reserved characters as they are, which are encoded",
    ),
    (
        |tool| tool["facets"]["/query state"]["writeOnly"] = "true".into(),
        OtherChanged,
        Cosmetic,
        "`query state` is `writeOnly` in the document",
    ),
    (
        |tool| tool["facets"]["/query state"]["example"] = "closed".into(),
        TextChanged,
        Cosmetic,
        "`query state` has the example `closed` instead of `open`",
    ),
    (
        |tool| tool["facets"]["/query state"]["description"] = "Open or closed.".into(),
        TextChanged,
        Cosmetic,
        "`query state` is described in the document as `Open or closed.` instead of nothing",
    ),
    (
        |tool| tool["facets"]["/query state"]["x-known-values"] = "[\"open\"]".into(),
        OtherChanged,
        Breaking,
        "`query state` has `x-known-values` `[\"open\"]` instead of `[\"open\",\"closed\"]` in the document",
    ),
    (
        |tool| tool["facets"]["/response/apps/[]/name"]["required"] = "true".into(),
        ResponseNarrowed,
        Additive,
        "`response.apps[].name` is always there now",
    ),
    (
        |tool| drop(tool["facets"]["/response/apps/[]/id"].as_object_mut().unwrap().shift_remove("required")),
        ResponseWidened,
        Breaking,
        "`response.apps[].id` may be absent now",
    ),
    (
        |tool| tool["facets"]["/response"]["closed"] = "true".into(),
        ResponseFieldRemoved,
        Breaking,
        "`response` has no fields any more that the document does not name",
    ),
    (
        |tool| tool["facets"]["/response"]["status"] = "202".into(),
        ResponseChanged,
        Breaking,
        "`response` has the status `202` instead of `200`",
    ),
    (
        |tool| tool["facets"]["/response"]["status"] = "201".into(),
        ResponseChanged,
        Cosmetic,
        "`response` has the status `201` instead of `200`",
    ),
    (
        |tool| tool["facets"]["/errors/429"] = json!({ "response": "#/components/responses/Slow" }),
        OtherChanged,
        Cosmetic,
        "the response `429` is `#/components/responses/Slow` instead of nothing in the document",
    ),
    (
        |tool| tool["facets"]["/query state"]["encoding"] = "{}".into(),
        RequestChanged,
        Breaking,
        "`query state` has the encoding `{}` instead of nothing",
    ),
    (
        |tool| tool["outputSchema"]["properties"]["apps"]["items"]["properties"] = json!({ "id": {} }),
        TextChanged,
        Cosmetic,
        "field `apps[].name` of the response is described differently",
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
