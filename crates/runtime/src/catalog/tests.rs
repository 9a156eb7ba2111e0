use serde_json::json;

use super::*;
use crate::error_texts::leads_on;

/// A tool for tests, independent of what is compiled in: a repeatable read, apart from `changes`.
pub(crate) fn tool(changes: Value) -> &'static Tool {
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    let hints = json!({ "title": "Get thing", "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false });
    let mut fields = json!({
        "name": "get_thing", "title": "Get thing", "description": "A thing.", "toolset": "things", "effect": "read",
        "repeatable": true, "confirm": false, "serverArguments": [], "defaultListed": true, "scopes": ["torii:read"], "operationId": "getThing", "method": "GET",
        "path": "/thing", "rate": null, "inputSchema": { "type": "object", "properties": {} },
        "outputSchema": { "type": "object" }, "annotations": hints, "aliases": [], "credential": "torii",
        "defaults": {}, "response": { "kind": "json", "items": null, "cursor": null },
    });
    fields.as_object_mut().unwrap().extend(changes);
    let definition: openapi_mcp_model::Tool = serde_json::from_value(fields).unwrap();
    let catalog = crate::testing::catalog();
    Box::leak(Box::new(Tool::new(definition, &catalog.scopes, &catalog.credentials).unwrap()))
}

#[test]
fn every_tool_is_found_by_its_name_and_its_earlier_names() {
    let catalog = crate::testing::catalog();
    for tool in catalog.tools() {
        for name in tool.aliases.iter().chain([&tool.name]) {
            assert_eq!(catalog.find(name).map(|found| &found.name), Some(&tool.name));
        }
        assert!(tool.validator().is_ok(), "{}", tool.name);
    }
    assert!(catalog.find("no_such_tool").is_none());
}

#[test]
fn a_tool_that_was_renamed_is_reached_and_one_that_is_gone_is_explained() {
    let mut manifest: Value = serde_json::from_str(crate::testing::MANIFEST).unwrap();
    let tools = manifest["tools"].as_array_mut().unwrap();
    let renamed = tools.iter_mut().find(|tool| tool["name"] == "list_apps").unwrap();
    renamed["aliases"] = json!(["get_all_apps", "list_old_apps"]);
    let lines = manifest["operations"].as_array_mut().unwrap();
    lines.iter_mut().find(|line| line["tool"] == "list_apps").unwrap()["aliases"] = json!(["list_all_apps"]);
    let line = |tool: &str| json!({ "method": "GET", "path": "/old", "operationId": "old", "state": "removed", "tool": tool, "since": "2026-08-01" });
    lines.extend([line("list_userz"), line("list_old_apps"), line("zzz_zzz")]);
    lines.last_mut().unwrap()["aliases"] = json!(["zzz_yyy"]);
    lines.push(
        json!({ "method": "GET", "path": "/odd", "operationId": "odd", "state": "excluded", "since": "2026-08-01", "aliases": ["zzz_excluded"] }),
    );
    lines.push(json!({ "method": "GET", "path": "/odd", "operationId": "old", "state": "removed", "tool": "zzz_other_id", "since": "2026-09-01" }));
    let catalog = Catalog::parse(&manifest.to_string()).unwrap();
    assert_eq!(catalog.find("get_all_apps").unwrap().name, "list_apps");
    assert_eq!(
        catalog.removed("list_userz").unwrap().to_string(),
        "`list_userz` is gone since 2026-08-01: the API no longer has `GET /old`, `list_users` comes closest; list the tools again to \
         see which there are"
    );
    assert_eq!(
        catalog.removed("list_all_apps").unwrap().to_string(),
        "`list_all_apps` is called `list_apps` now and may take other arguments; list the tools again to see which there are"
    );
    assert_eq!(
        catalog.removed("zzz_excluded").unwrap().to_string(),
        "`zzz_excluded` is gone since 2026-08-01: there is no tool for `GET /odd` any more; list the tools again to see which there are"
    );
    assert_eq!(
        catalog.removed("zzz_other_id").unwrap().to_string(),
        "`zzz_other_id` is gone since 2026-09-01: there is no tool for `GET /odd` any more; list the tools again to see which there are"
    );
    assert_eq!(
        catalog.removed("zzz_yyy"),
        catalog.removed("zzz_zzz").map(|error| ToolError { message: error.message.replace("zzz_zzz", "zzz_yyy"), ..error })
    );
    assert!(!catalog.removed("zzz_zzz").unwrap().to_string().contains("closest"));
    leads_on(&catalog.removed("list_userz").unwrap().to_string());
    assert_eq!(
        [catalog.removed("list_old_apps"), catalog.removed("list_apps"), catalog.removed("no_such_tool")],
        [None, None, None]
    );
}

#[test]
fn tools_are_sorted_and_listed_completely() {
    let catalog = crate::testing::catalog();
    assert!(catalog.tools().is_sorted_by_key(|tool| &tool.name));
    assert_eq!(catalog.tools().len(), crate::testing::tool_fns().len());
    for tool in catalog.tools() {
        let listed = tool.listing(true);
        assert_eq!((listed.name.as_ref(), &listed.output_schema), (tool.name.as_str(), &tool.output_schema));
        assert_eq!(tool.listing(false).output_schema, None);
        let hints = listed.annotations.as_ref().unwrap();
        assert!(hints.read_only_hint.is_some() && hints.destructive_hint.is_some());
        assert!(hints.idempotent_hint.is_some() && hints.open_world_hint.is_some());
    }
}

#[test]
fn the_json_of_tools_has_the_keys_of_the_contract() {
    let json = serde_json::to_value(crate::testing::catalog()).unwrap();
    assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["document", "tools"]);
    let keys: Vec<&str> = json["tools"][0].as_object().unwrap().keys().map(String::as_str).collect();
    let contract = "name title description toolset effect repeatable defaultListed scopes operationId method path rate inputSchema \
                    outputSchema annotations aliases";
    assert_eq!(keys, contract.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn a_tool_whose_scope_or_credential_there_is_not_does_not_load() {
    let changed = |key: &str, value: Value| {
        let mut manifest: Value = serde_json::from_str(crate::testing::MANIFEST).unwrap();
        manifest["tools"][0][key] = value;
        Catalog::parse(&manifest.to_string()).unwrap_err()
    };
    assert!(matches!(changed("scopes", json!(["torii:fly"])), Error::NoScope { word, .. } if word == "torii:fly"));
    assert!(matches!(changed("credential", json!("other")), Error::NoCredential { .. }));
}

#[test]
fn a_manifest_of_another_form_does_not_load() {
    assert!(matches!(Catalog::parse("{}"), Err(Error::Manifest(_))));
}
