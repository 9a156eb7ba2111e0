//! What one change may hide of another, and what is as severe as it should be wherever it stands.

use serde_json::json;

use super::super::ChangeKind::*;
use super::super::Level::*;
use super::super::*;
use super::{both_ways, kinds, surface};

/// A change of a tool.
type Change = fn(&mut Json);

#[test]
fn a_change_at_one_place_hides_none_at_another() {
    let unknown = |tool: &mut Json| tool["structure"]["/query value"] = "other".into();
    let known: [(Change, ChangeKind); 6] = [
        (|tool| tool["inputSchema"]["properties"]["q"] = json!({ "type": "string" }), ArgumentAdded),
        (|tool| tool["inputSchema"]["properties"]["state"]["enum"] = json!(["open", "closed", "new"]), Widened),
        (|tool| tool["inputSchema"]["properties"]["size"]["maximum"] = 10.into(), Narrowed),
        (|tool| tool["responseFields"]["/apps/[]/url"] = "string".into(), ResponseFieldAdded),
        (|tool| tool["facets"][""]["tags"] = "[\"a\"]".into(), OtherChanged),
        (|tool| tool["facets"]["/query value"] = json!({ "x-internal": "true" }), OtherChanged),
    ];
    for (change, kind) in known {
        let diff = both_ways(
            &surface(|_| {}),
            &surface(|tool| {
                unknown(tool);
                change(tool);
            }),
        );
        let mut expected = vec![kind, OtherChanged];
        expected.sort_unstable();
        assert_eq!((kinds(&diff), diff.version()), (expected, Version::Major), "{}", diff.text());
    }
}

#[test]
fn what_is_told_of_the_place_is_not_told_again() {
    let known: [(Change, &str); 3] = [
        (|tool| tool["inputSchema"]["properties"]["value"]["type"] = "string".into(), "/query value"),
        (|tool| tool["facets"]["/query value"] = json!({ "pattern": "^a" }), "/query value"),
        (|tool| tool["responseFields"]["/apps/[]/state"] = "'open'".into(), "/response/apps/[]/state"),
    ];
    for (change, place) in known {
        let changed = surface(|tool| {
            tool["structure"][place] = "other".into();
            change(tool);
        });
        assert_eq!(both_ways(&surface(|_| {}), &changed).changes.len(), 1, "{place}");
    }
}

#[test]
fn what_is_below_the_cut_of_a_shortened_schema_is_compared() {
    let shortened = |facets: Json| {
        surface(|tool| {
            tool["fullInputSchema"] = tool["inputSchema"].clone();
            tool["inputSchema"]["properties"]["filters"] = json!({ "type": "array", "items": { "type": "object" } });
            tool["request"]["arguments"]["filters"] = "body".into();
            tool["facets"]["/body/filters/[]/key"] = facets.clone();
        })
    };
    let diff = both_ways(&shortened(json!({})), &shortened(json!({ "deprecated": "true" })));
    assert_eq!(kinds(&diff), [Deprecated], "{}", diff.text());
}

#[test]
fn whatever_tells_of_a_next_page_is_breaking_unless_the_tool_knows_pages() {
    let signs: [fn(&mut Json); 6] = [
        |tool| tool["responseFields"]["/nextCursor"] = "string".into(),
        |tool| tool["responseFields"]["/meta/nextCursor"] = "string".into(),
        |tool| tool["responseFields"]["/links/next"] = "string".into(),
        |tool| tool["responseFields"]["/pageInfo/hasNextPage"] = "boolean".into(),
        |tool| tool["facets"]["/headers/Link"] = json!({ "header": "{}" }),
        |tool| tool["inputSchema"]["properties"]["page"] = json!({ "type": "integer" }),
    ];
    for (number, sign) in signs.into_iter().enumerate() {
        assert_eq!(diff(&surface(|_| {}), &surface(sign)).version(), Version::Major, "{number}");
        let paged = |tool: &mut Json| tool["inputSchema"]["properties"]["offset"] = json!({ "type": "integer" });
        let changed = surface(|tool| {
            paged(tool);
            sign(tool);
        });
        assert!(diff(&surface(paged), &changed).version() != Version::Major, "{number}");
    }
    let item = surface(|tool| tool["responseFields"]["/apps/[]/nextRenewal"] = "string".into());
    assert_eq!(diff(&surface(|_| {}), &item).version(), Version::Minor);
}

#[test]
fn another_server_is_breaking_and_a_path_that_follows_it_is_not_told_again() {
    let on = |server: &str| {
        surface(|tool| {
            tool["server"] = server.into();
            tool["path"] = format!("{server}/apps").into();
        })
    };
    let diff = both_ways(&on("/v1"), &on("/v2"));
    assert_eq!(kinds(&diff), [ServerChanged], "{}", diff.text());
    assert_eq!(diff.changes[0].what, "has the server `/v2` instead of `/v1`");
}

#[test]
fn what_bounds_a_request_by_an_extension_is_breaking() {
    let levels = |name: &str, was: &str, is: &str| {
        let with = |value: &str| surface(|tool| tool["facets"]["/query size"][name] = value.into());
        both_ways(&with(was), &with(is)).changes[0].level
    };
    for (name, was, is, level) in [
        ("x-max-page-size", "100", "200", Breaking),
        ("x-requiredPermissions", "[\"a\"]", "[\"b\"]", Breaking),
        ("x-page-size", "100", "10", Breaking),
        ("x-page-size", "10", "100", Cosmetic),
        ("x-admin-note", "a", "b", Cosmetic),
    ] {
        assert_eq!(levels(name, was, is), level, "{name}");
    }
}

#[test]
fn a_switch_that_one_of_the_alternatives_loses_is_told() {
    let with = |place: &str, name: &str, value: &str| surface(|tool| tool["facets"][place][name] = value.into());
    let diff = both_ways(&with("/query size", "deprecated", "true (2 times)"), &with("/query size", "deprecated", "true"));
    assert_eq!(kinds(&diff), [Undeprecated], "{}", diff.text());
    let place = "/response/apps/[]/name";
    let diff = both_ways(&with(place, "required", "true (2 times)"), &with(place, "required", "true"));
    assert_eq!(kinds(&diff), [ResponseWidened], "{}", diff.text());
}

#[test]
fn a_rate_of_the_overlay_does_not_hide_that_of_the_text() {
    let with = |rate: u64, calls: u64| {
        let mut surface = surface(|tool| tool["rate"] = rate.into());
        surface["operations"][0]["described"] = format!("Rate limit: {calls} requests per minute.").into();
        surface
    };
    let own = both_ways(&with(100, 100), &with(100, 10));
    assert_eq!((kinds(&own), own.version()), (vec![TextChanged], Version::Major), "{}", own.text());
    let told = both_ways(&with(100, 100), &with(200, 200));
    assert_eq!((kinds(&told), told.version()), (vec![RateRaised, TextChanged], Version::Minor), "{}", told.text());
}

#[test]
fn more_in_a_corrected_response_is_additive_only_for_a_field() {
    let place = "/paths/~1apps/get/responses/200/content/application~1json/schema";
    let with = |parts: Json| {
        let mut surface = surface(|_| {});
        surface["overlay"] = "same".into();
        surface["corrections"] = json!({ place: parts });
        surface
    };
    let base = json!({ "/properties/apps/type": "\"array\"" });
    for (key, value, level) in [
        ("/properties/apps/nullable", "true", Breaking),
        ("/properties/apps/oneOf", "[]", Breaking),
        ("/properties/total/type", "\"integer\"", Additive),
        ("/required", "[\"apps\"]", Additive),
    ] {
        let mut more = base.clone();
        more[key] = value.into();
        assert_eq!(diff(&with(base.clone()), &with(more)).changes[0].level, level, "{key}");
    }
}

#[test]
fn a_security_scheme_and_an_extension_of_the_document_are_compared() {
    let about = |place: &str, value: Option<&str>| {
        let mut surface = surface(|_| {});
        surface["about"] = value.map_or_else(|| json!({}), |value| json!({ place: value }));
        surface
    };
    for (place, was, is, level) in [
        ("/x-rate-limit", Some("100"), Some("10"), Breaking),
        ("/x-pages", Some("100"), Some("10"), Breaking),
        ("/x-pages", Some("10"), Some("100"), Cosmetic),
        ("/components/securitySchemes/oauth/flows/clientCredentials/scopes/read", Some("\"R\""), None, Breaking),
        ("/components/securitySchemes/oauth/scheme", None, Some("\"basic\""), Additive),
        ("/components/securitySchemes/bearer/bearerFormat", None, Some("\"JWT\""), Cosmetic),
        ("/components/securitySchemes/bearer/description", Some("\"A.\""), Some("\"B.\""), Cosmetic),
    ] {
        assert_eq!(diff(&about(place, was), &about(place, is)).changes[0].level, level, "{place}");
    }
}

#[test]
fn a_file_that_becomes_a_text_is_one_change() {
    let with = |schema: Json, text: Option<&str>| {
        surface(|tool| {
            tool["inputSchema"]["properties"]["file"] = schema.clone();
            tool["request"]["arguments"]["file"] = "body".into();
            tool["facets"]["/body/file"] = text.map_or_else(|| json!({}), |text| json!({ "description": text }));
        })
    };
    let file = json!({ "type": "object", "additionalProperties": false, "properties": { "name": { "type": "string" } } });
    let diff = both_ways(&with(file, Some("A file.")), &with(json!({ "type": "string" }), None));
    assert_eq!(kinds(&diff), [Retyped], "{}", diff.text());
}
