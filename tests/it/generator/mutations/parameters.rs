//! Parameters: names, places, types, bounds, defaults.

use serde_json::{Value as Json, json};

use crate::generator::mutations::{Edit::Tree, Mutation, changes, operations::operation, problems};

fn parameters<'a>(document: &'a mut Json, path: &str) -> Option<&'a mut Vec<Json>> {
    operation(document, path, "get")?.get_mut("parameters")?.as_array_mut()
}

/// A parameter of a `GET`.
fn parameter<'a>(document: &'a mut Json, path: &str, name: &str) -> Option<&'a mut Json> {
    parameters(document, path)?.iter_mut().find(|parameter| parameter["name"] == name)
}

fn schema<'a>(document: &'a mut Json, path: &str, name: &str) -> Option<&'a mut Json> {
    parameter(document, path, name)?.get_mut("schema")
}

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "parameter added",
        what: "`q` is added to `GET /roles`",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["parameters"] =
                json!([{ "name": "q", "in": "query", "schema": { "type": "string" } }]);
            Some(())
        }),
        expected: changes(&["argument-added list_roles"]),
    },
    Mutation {
        name: "parameter with the name of a server argument",
        what: "`max_items` is added to `GET /users`",
        edit: Tree(|document| {
            let new = json!({ "name": "max_items", "in": "query", "schema": { "type": "integer" } });
            parameters(document, "/users")?.push(new);
            Some(())
        }),
        expected: problems(&[("E0313", "/paths/~1users/get")], &[]),
    },
    Mutation {
        name: "required parameter added",
        what: "the required `region` is added to `GET /audit`",
        edit: Tree(|document| {
            let new = json!({ "name": "region", "in": "query", "required": true, "schema": { "type": "string" } });
            parameters(document, "/audit")?.push(new);
            Some(())
        }),
        expected: changes(&["required-argument-added list_audit_logs"]),
    },
    Mutation {
        name: "parameter removed",
        what: "`status` is removed from `GET /apps/{idApp}/users`",
        edit: Tree(|document| {
            parameters(document, "/apps/{idApp}/users")?.retain(|parameter| parameter["name"] != "status");
            Some(())
        }),
        expected: problems(
            &[("E0211", "overlay: x-operation-id: getAppsIdappUsers … status:")],
            &["argument-removed list_app_users"],
        ),
    },
    Mutation {
        name: "required parameter removed",
        what: "`q` is removed from `GET /apps/search`",
        edit: Tree(|document| {
            parameters(document, "/apps/search")?.retain(|parameter| parameter["name"] != "q");
            Some(())
        }),
        expected: problems(
            &[("E0211", "overlay: x-operation-id: getAppsSearch … q:")],
            &["required-argument-removed search_apps"],
        ),
    },
    Mutation {
        name: "parameter renamed",
        what: "`size` of `GET /workflows/actionExecutions` becomes `pageSize`",
        edit: Tree(|document| {
            parameter(document, "/workflows/actionExecutions", "size")?["name"] = "pageSize".into();
            Some(())
        }),
        expected: problems(
            &[
                ("E0214", "overlay: x-operation-id: getWorkflowsActionexecutions … response:"),
                ("E0230", "overlay: x-operation-id: getWorkflowsActionexecutions … workflow_runs:"),
            ],
            &[
                "argument-renamed list_workflow_action_runs",
                "correction-outdated document",
                "default-changed list_workflow_action_runs",
                "default-changed list_workflow_action_runs",
                "text-changed list_workflow_action_runs",
            ],
        ),
    },
    Mutation {
        name: "parameter with different capitalization",
        what: "`startIndex` of `GET /scim/v2/Users` becomes `StartIndex`",
        edit: Tree(|document| {
            parameter(document, "/scim/v2/Users", "startIndex")?["name"] = "StartIndex".into();
            Some(())
        }),
        expected: problems(
            &[
                ("E0206", "overlay: @.name=='startIndex'"),
                ("E0211", "overlay: x-operation-id: getScimV2Users … startIndex:"),
                ("E0230", "overlay: x-operation-id: getScimV2Users … members:"),
            ],
            &["argument-added list_scim_users", "argument-removed list_scim_users", "correction-outdated document"],
        ),
    },
    Mutation {
        name: "duplicate parameter",
        what: "`limit` of `GET /apps/search` occurs twice",
        edit: Tree(|document| {
            let twin = parameter(document, "/apps/search", "limit")?.clone();
            parameters(document, "/apps/search")?.push(twin);
            Some(())
        }),
        expected: problems(&[("E0303", "/paths/~1apps~1search/get")], &[]),
    },
    Mutation {
        name: "parameter without a name",
        what: "a parameter of `GET /apps/similar` has no name",
        edit: Tree(|document| parameter(document, "/apps/similar", "idApp")?.as_object_mut()?.shift_remove("name").map(|_| ())),
        expected: problems(
            &[
                ("E0301", "/paths/~1apps~1similar/get/parameters/0"),
                ("E0211", "overlay: x-operation-id: getAppsSimilar … idApp:"),
            ],
            &[],
        ),
    },
    Mutation {
        name: "parameter without a schema",
        what: "`idApp` of `GET /apps/similar` has no schema",
        edit: Tree(|document| parameter(document, "/apps/similar", "idApp")?.as_object_mut()?.shift_remove("schema").map(|_| ())),
        expected: problems(
            &[
                ("E0301", "/paths/~1apps~1similar/get/parameters/0"),
                ("E0211", "overlay: x-operation-id: getAppsSimilar … idApp:"),
            ],
            &[],
        ),
    },
    Mutation {
        name: "parameter moved to a header",
        what: "`view` of `GET /users` is a header",
        edit: Tree(|document| {
            parameter(document, "/users", "view")?["in"] = "header".into();
            Some(())
        }),
        expected: changes(&["argument-moved list_users"]),
    },
    Mutation {
        name: "parameter moved to a cookie",
        what: "`q` of `GET /users/metadata` is a cookie",
        edit: Tree(|document| {
            parameter(document, "/users/metadata", "q")?["in"] = "cookie".into();
            Some(())
        }),
        expected: problems(
            &[
                ("E0302", "/paths/~1users~1metadata/get/parameters/0"),
                ("E0211", "overlay: x-operation-id: getUsersMetadata … q:"),
            ],
            &["argument-removed list_user_field_metadata"],
        ),
    },
    Mutation {
        name: "required parameter moved to a cookie",
        what: "`q` of `GET /users/fields` is a cookie, and required",
        edit: Tree(|document| {
            let parameter = parameter(document, "/users/fields", "q")?;
            (parameter["in"], parameter["required"]) = ("cookie".into(), true.into());
            Some(())
        }),
        expected: problems(
            &[("E0302", "/paths/~1users~1fields/get/parameters/0"), ("E0211", "overlay: x-operation-id: getUsersFields … q:")],
            &[],
        ),
    },
    Mutation {
        name: "reserved header",
        what: "`Authorization` is added to `GET /workflows/audit`",
        edit: Tree(|document| {
            let new = json!({ "name": "Authorization", "in": "header", "schema": { "type": "string" } });
            parameters(document, "/workflows/audit")?.push(new);
            Some(())
        }),
        expected: changes(&["other-changed list_workflow_changes"]),
    },
    Mutation {
        name: "type of a parameter changed",
        what: "`isExternal` of `GET /users` is a string",
        edit: Tree(|document| {
            *schema(document, "/users", "isExternal")? = json!({ "type": "string" });
            Some(())
        }),
        expected: changes(&["retyped list_users"]),
    },
    Mutation {
        name: "type of a parameter changed, against a default of the overlay",
        what: "`count` of `GET /scim/v2/Users` is a string",
        edit: Tree(|document| {
            *schema(document, "/scim/v2/Users", "count")? = json!({ "type": "string" });
            Some(())
        }),
        expected: problems(&[("E0213", "overlay: x-operation-id: getScimV2Users … arguments: … count:")], &[]),
    },
    Mutation {
        name: "integer widened to a number",
        what: "`limit` of `GET /workflows/audit` is a number",
        edit: Tree(|document| {
            schema(document, "/workflows/audit", "limit")?["type"] = "number".into();
            Some(())
        }),
        expected: changes(&["widened list_workflow_changes"]),
    },
    Mutation {
        name: "parameter becomes a list",
        what: "`source` of `GET /transactions` is a list",
        edit: Tree(|document| {
            *schema(document, "/transactions", "source")? = json!({ "type": "array", "items": { "type": "string" } });
            Some(())
        }),
        expected: changes(&["retyped list_transactions", "argument-moved list_transactions"]),
    },
    Mutation {
        name: "parameter becomes an object",
        what: "`email` of `GET /users` is an object",
        edit: Tree(|document| {
            *schema(document, "/users", "email")? = json!({ "type": "object", "properties": { "is": { "type": "string" } } });
            Some(())
        }),
        expected: changes(&["argument-moved list_users", "retyped list_users"]),
    },
    Mutation {
        name: "unknown type",
        what: "`offset` of `GET /workflows/audit` is of type `int`",
        edit: Tree(|document| {
            schema(document, "/workflows/audit", "offset")?["type"] = "int".into();
            Some(())
        }),
        expected: problems(&[("E0309", "/paths/~1workflows~1audit/get/parameters/2/schema/type")], &[]),
    },
    Mutation {
        name: "parameter becomes required",
        what: "`startTime` of `GET /audit` is required",
        edit: Tree(|document| {
            parameter(document, "/audit", "startTime")?["required"] = true.into();
            Some(())
        }),
        expected: changes(&["became-required list_audit_logs"]),
    },
    Mutation {
        name: "parameter becomes optional",
        what: "`idApp` of `GET /apps/similar` is optional",
        edit: Tree(|document| {
            parameter(document, "/apps/similar", "idApp")?.as_object_mut()?.shift_remove("required").map(|_| ())
        }),
        expected: changes(&["became-optional list_similar_apps"]),
    },
    Mutation {
        name: "bounds narrowed",
        what: "the `maximum` of `size` in `GET /apps` is 500",
        edit: Tree(|document| {
            schema(document, "/apps", "size")?["maximum"] = 500.into();
            Some(())
        }),
        expected: changes(&["narrowed list_apps"]),
    },
    Mutation {
        name: "bounds widened",
        what: "the `maximum` of `size` in `GET /users` is 5000",
        edit: Tree(|document| {
            schema(document, "/users", "size")?["maximum"] = 5000.into();
            Some(())
        }),
        expected: changes(&["widened list_users"]),
    },
    Mutation {
        name: "bound is a string",
        what: "the `maximum` of `size` in `GET /transactions` is `\"many\"`",
        edit: Tree(|document| {
            schema(document, "/transactions", "size")?["maximum"] = "many".into();
            Some(())
        }),
        expected: problems(&[("E0309", "/paths/~1transactions/get/parameters/5/schema/maximum")], &[]),
    },
    Mutation {
        name: "value of an enum added",
        what: "`vaults` is added to `entity` of `GET /audit`",
        edit: Tree(|document| {
            schema(document, "/audit", "entity")?["enum"].as_array_mut()?.push("vaults".into());
            Some(())
        }),
        expected: changes(&["widened list_audit_logs"]),
    },
    Mutation {
        name: "value of an enum removed",
        what: "`dashboards` is removed from `entity` of `GET /audit`",
        edit: Tree(|document| {
            schema(document, "/audit", "entity")?["enum"].as_array_mut()?.retain(|value| value != "dashboards");
            Some(())
        }),
        expected: changes(&["narrowed list_audit_logs"]),
    },
    Mutation {
        name: "value of an enum renamed",
        what: "`offboarded` in `lifecycleStatus` of `GET /users` becomes `left`",
        edit: Tree(|document| {
            let values = schema(document, "/users", "lifecycleStatus")?["enum"].as_array_mut()?;
            *values.iter_mut().find(|value| **value == "offboarded")? = "left".into();
            Some(())
        }),
        expected: changes(&["retyped list_users"]),
    },
    Mutation {
        name: "default changed",
        what: "the default of `sortOrder` in `GET /scim/v2/Users` is `descending`",
        edit: Tree(|document| {
            schema(document, "/scim/v2/Users", "sortOrder")?["default"] = "descending".into();
            Some(())
        }),
        expected: changes(&["default-changed list_scim_users"]),
    },
    Mutation {
        name: "default of the wrong type",
        what: "the default of `size` in `GET /apps/{idApp}/users` is `\"all\"`",
        edit: Tree(|document| {
            schema(document, "/apps/{idApp}/users", "size")?["default"] = "all".into();
            Some(())
        }),
        expected: changes(&["correction-outdated list_app_users"]),
    },
    Mutation {
        name: "default of an argument that the overlay replaces",
        what: "the default of `fields` in `GET /apps` is `id`",
        edit: Tree(|document| {
            schema(document, "/apps", "fields")?["default"] = "id".into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "format added",
        what: "`email` of `GET /users` has the format `email`",
        edit: Tree(|document| {
            schema(document, "/users", "email")?["format"] = "email".into();
            Some(())
        }),
        expected: changes(&["narrowed list_users"]),
    },
    Mutation {
        name: "format removed",
        what: "`endTime` of `GET /audit` has no format",
        edit: Tree(|document| schema(document, "/audit", "endTime")?.as_object_mut()?.shift_remove("format").map(|_| ())),
        expected: changes(&["widened list_audit_logs"]),
    },
    Mutation {
        name: "pattern added",
        what: "`filter` of `GET /scim/v2/Users` has a pattern",
        edit: Tree(|document| {
            schema(document, "/scim/v2/Users", "filter")?["pattern"] = "^[a-z]+ eq ".into();
            Some(())
        }),
        expected: changes(&["narrowed list_scim_users"]),
    },
    Mutation {
        name: "parameter becomes nullable",
        what: "`firstName` of `GET /users` is nullable",
        edit: Tree(|document| {
            schema(document, "/users", "firstName")?["nullable"] = true.into();
            Some(())
        }),
        expected: changes(&["other-changed list_users"]),
    },
    Mutation {
        name: "style of a parameter changed",
        what: "`idApp` of `GET /transactions` has the style `deepObject`",
        edit: Tree(|document| {
            parameter(document, "/transactions", "idApp")?["style"] = "deepObject".into();
            Some(())
        }),
        expected: problems(
            &[
                ("E0304", "/paths/~1transactions/get/parameters/0"),
                ("E0211", "overlay: x-operation-id: getTransactions … idApp:"),
                ("E0230", "overlay: x-operation-id: getTransactions … idApp: {references"),
            ],
            &[],
        ),
    },
    Mutation {
        name: "parameter by reference",
        what: "`idApp` of `GET /apps/{idApp}/users` is a reference",
        edit: Tree(|document| {
            let parameter = parameter(document, "/apps/{idApp}/users", "idApp")?.take();
            document["components"]["parameters"] = json!({ "App": parameter });
            parameters(document, "/apps/{idApp}/users")?[0] = json!({ "$ref": "#/components/parameters/App" });
            Some(())
        }),
        expected: changes(&["correction-outdated document", "text-changed list_app_users"]),
    },
    Mutation {
        name: "parameter with a dangling reference",
        what: "a parameter of `GET /plugins/{idPlugin}/fields` is a reference to a missing component",
        edit: Tree(|document| {
            parameters(document, "/plugins/{idPlugin}/fields")?[0] = json!({ "$ref": "#/components/parameters/Gone" });
            Some(())
        }),
        expected: problems(
            &[
                ("E0107", "/paths/~1plugins~1{idPlugin}~1fields/get/parameters/0"),
                ("E0307", "/paths/~1plugins~1{idPlugin}~1fields/get"),
                ("E0211", "overlay: x-operation-id: getPluginsIdpluginFields … idPlugin:"),
            ],
            &[],
        ),
    },
    Mutation {
        name: "parameter moved to its path",
        what: "`idUser` is declared for the path `/users/{idUser}/apps/{idApp}`",
        edit: Tree(|document| {
            let shared = parameters(document, "/users/{idUser}/apps/{idApp}")?.remove(0);
            document["paths"]["/users/{idUser}/apps/{idApp}"]["parameters"] = json!([shared]);
            Some(())
        }),
        expected: changes(&["correction-outdated document", "text-changed get_user_app"]),
    },
];
