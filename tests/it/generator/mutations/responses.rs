//! What comes back.

use serde_json::{Value as Json, json};

use crate::generator::mutations::{
    Edit::Tree,
    Mutation,
    bodies::{component, properties, property},
    changes, nothing,
    operations::operation,
    problems,
};

fn responses<'a>(document: &'a mut Json, path: &str) -> Option<&'a mut serde_json::Map<String, Json>> {
    operation(document, path, "get")?.get_mut("responses")?.as_object_mut()
}

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "field of a response added",
        what: "`color` is added to a role",
        edit: Tree(|document| {
            properties(document, "Role")?.insert("color".to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: changes(&["response-field-added list_roles"]),
    },
    Mutation {
        name: "field of a response removed",
        what: "`usersCount` is removed from a role",
        edit: Tree(|document| properties(document, "Role")?.shift_remove("usersCount").map(|_| ())),
        expected: changes(&["response-field-removed list_roles"]),
    },
    Mutation {
        name: "field of a response renamed",
        what: "`actionType` of a run becomes `kind`",
        edit: Tree(|document| {
            let properties = properties(document, "ActionExecution")?;
            let property = properties.shift_remove("actionType")?;
            properties.insert("kind".to_owned(), property);
            Some(())
        }),
        expected: changes(&[
            "response-field-removed list_workflow_action_runs",
            "response-field-added list_workflow_action_runs",
        ]),
    },
    Mutation {
        name: "response of a JSON dialect",
        what: "`GET /roles` responds with `application/vnd.api+json`",
        edit: Tree(|document| {
            let content = responses(document, "/roles")?["200"]["content"].as_object_mut()?;
            let media = content.shift_remove("application/json")?;
            content.insert("application/vnd.api+json".to_owned(), media);
            Some(())
        }),
        expected: changes(&["media-type-changed list_roles"]),
    },
    Mutation {
        name: "list of a response renamed",
        what: "`roles` of the list of roles becomes `items`",
        edit: Tree(|document| {
            let properties = properties(document, "RoleList")?;
            let property = properties.shift_remove("roles")?;
            properties.insert("items".to_owned(), property);
            Some(())
        }),
        expected: problems(
            &[("E0215", "overlay: x-operation-id: getRoles … response:")],
            &["response-field-removed list_roles", "response-field-added list_roles"],
        ),
    },
    Mutation {
        name: "cursor of a response removed",
        what: "`nextCursor` is removed from a page of the audit log",
        edit: Tree(|document| properties(document, "AuditPage")?.shift_remove("nextCursor").map(|_| ())),
        expected: problems(
            &[("E0215", "overlay: x-operation-id: getAudit … response:")],
            &["response-field-removed list_audit_logs"],
        ),
    },
    Mutation {
        name: "type of a response field changed",
        what: "`isAdmin` of a role is a string",
        edit: Tree(|document| {
            property(document, "Role", "isAdmin")?["type"] = "string".into();
            Some(())
        }),
        expected: changes(&["response-changed list_roles"]),
    },
    Mutation {
        name: "type of a described response field changed",
        what: "`idApp` of a match, which has a description, is a string",
        edit: Tree(|document| {
            property(document, "AppMatch", "idApp")?["type"] = "string".into();
            Some(())
        }),
        expected: changes(&["response-changed match_apps"]),
    },
    Mutation {
        name: "response field becomes non-nullable",
        what: "`imageUrl` of a catalog app is never null",
        edit: Tree(|document| {
            property(document, "CatalogApp", "imageUrl")?.as_object_mut()?.shift_remove("nullable").map(|_| ())
        }),
        expected: changes(&["response-narrowed search_apps"]),
    },
    Mutation {
        name: "enum of a response field added",
        what: "`type` of an entry of the audit log is one of two values",
        edit: Tree(|document| {
            property(document, "AuditEntry", "type")?["enum"] = json!(["login", "logout"]);
            Some(())
        }),
        expected: changes(&["response-narrowed list_audit_logs"]),
    },
    Mutation {
        name: "map in a response",
        what: "`properties` of an entry of the audit log is a map of numbers",
        edit: Tree(|document| {
            property(document, "AuditEntry", "properties")?["additionalProperties"] = json!({ "type": "number" });
            Some(())
        }),
        expected: changes(&["response-field-added list_audit_logs"]),
    },
    Mutation {
        name: "type of a deep response field changed",
        what: "`pricePerLicense` of a license type, deeper than the output schema, is a string",
        edit: Tree(|document| {
            *property(document, "LicenseType", "pricePerLicense")? = json!({ "type": "string", "nullable": true });
            Some(())
        }),
        expected: changes(&["response-changed list_apps", "response-changed get_app"]),
    },
    Mutation {
        name: "description of a response field changed",
        what: "`systemKey` of a role has a description",
        edit: Tree(|document| {
            property(document, "Role", "systemKey")?["description"] = "What code calls it.".into();
            Some(())
        }),
        expected: changes(&["text-changed list_roles"]),
    },
    Mutation {
        name: "response field becomes required",
        what: "`id` of a role is required",
        edit: Tree(|document| {
            component(document, "Role")?["required"] = json!(["id"]);
            Some(())
        }),
        expected: changes(&["response-narrowed list_roles"]),
    },
    Mutation {
        name: "response closed",
        what: "a role has only the listed fields",
        edit: Tree(|document| {
            component(document, "Role")?["additionalProperties"] = false.into();
            Some(())
        }),
        expected: changes(&["response-field-removed list_roles"]),
    },
    Mutation {
        name: "response becomes a list",
        what: "`GET /roles` responds with a plain list",
        edit: Tree(|document| {
            responses(document, "/roles")?["200"]["content"]["application/json"]["schema"] =
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/Role" } });
            Some(())
        }),
        expected: problems(
            &[("E0215", "overlay: x-operation-id: getRoles … response:")],
            &["response-field-added list_roles", "response-field-removed list_roles", "text-changed list_roles"],
        ),
    },
    Mutation {
        name: "response in CSV",
        what: "`GET /contracts/fields` responds with `text/csv`",
        edit: Tree(|document| {
            responses(document, "/contracts/fields")?["200"]["content"] =
                json!({ "text/csv": { "schema": { "type": "string" } } });
            Some(())
        }),
        expected: changes(&[
            "argument-added list_contract_fields",
            "media-type-changed list_contract_fields",
            "response-changed list_contract_fields",
            "response-field-removed list_contract_fields",
            "text-changed list_contract_fields",
        ]),
    },
    Mutation {
        name: "response of any media type",
        what: "`GET /orgs/my` responds with `*/*`",
        edit: Tree(|document| {
            let content = responses(document, "/orgs/my")?["200"]["content"].as_object_mut()?;
            let media = content.shift_remove("application/json")?;
            content.insert("*/*".to_owned(), media);
            Some(())
        }),
        expected: nothing("a JSON API responds with JSON; the repair is listed"),
    },
    Mutation {
        name: "status code of success changed",
        what: "`GET /extension/settings` responds with 202",
        edit: Tree(|document| {
            let responses = responses(document, "/extension/settings")?;
            let response = responses.shift_remove("200")?;
            responses.insert("202".to_owned(), response);
            Some(())
        }),
        expected: changes(&["response-changed get_extension_settings"]),
    },
    Mutation {
        name: "empty response",
        what: "`GET /scim/v2/Schemas` responds with 204",
        edit: Tree(|document| {
            let responses = responses(document, "/scim/v2/Schemas")?;
            responses.shift_remove("200")?;
            responses.insert("204".to_owned(), json!({ "description": "Nothing." }));
            Some(())
        }),
        expected: changes(&[
            "response-changed list_scim_schemas",
            "response-field-removed list_scim_schemas",
            "text-changed list_scim_schemas",
        ]),
    },
    Mutation {
        name: "response becomes a redirect",
        what: "`GET /scim/v2/ResourceTypes` responds with 302",
        edit: Tree(|document| {
            let responses = responses(document, "/scim/v2/ResourceTypes")?;
            responses.shift_remove("200")?;
            responses.insert("302".to_owned(), json!({ "description": "Elsewhere." }));
            Some(())
        }),
        expected: changes(&[
            "response-changed list_scim_resource_types",
            "response-changed list_scim_resource_types",
            "response-field-removed list_scim_resource_types",
            "text-changed list_scim_resource_types",
        ]),
    },
    Mutation {
        name: "default response only",
        what: "`GET /scim/v2/ServiceProviderConfig` declares `default` only",
        edit: Tree(|document| {
            let responses = responses(document, "/scim/v2/ServiceProviderConfig")?;
            let response = responses.shift_remove("200")?;
            responses.clear();
            responses.insert("default".to_owned(), response);
            Some(())
        }),
        expected: changes(&[
            "other-changed get_scim_config",
            "other-changed get_scim_config",
            "other-changed get_scim_config",
            "other-changed get_scim_config",
            "response-changed get_scim_config",
        ]),
    },
    Mutation {
        name: "no responses",
        what: "`GET /workflows` declares no responses",
        edit: Tree(|document| operation(document, "/workflows", "get")?.as_object_mut()?.shift_remove("responses").map(|_| ())),
        expected: problems(
            &[("E0226", "/paths/~1workflows~1actionExecutions/get")],
            &[
                "other-changed list_workflows",
                "other-changed list_workflows",
                "other-changed list_workflows",
                "other-changed list_workflows",
                "other-changed list_workflows",
                "other-changed list_workflows",
                "other-changed list_workflows",
                "response-changed list_workflows",
                "response-field-removed list_workflows",
                "text-changed list_workflows",
            ],
        ),
    },
    Mutation {
        name: "error response changed",
        what: "`message` of an error is an object",
        edit: Tree(|document| {
            property(document, "Error", "message")?["type"] = "object".into();
            Some(())
        }),
        expected: changes(&[
            "text-changed document",
            "text-changed document",
            "text-changed document",
            "text-changed document",
            "text-changed document",
            "text-changed document",
            "text-changed document",
            "text-changed document",
        ]),
    },
    Mutation {
        name: "status code of an error removed",
        what: "`GET /roles` does not declare 429",
        edit: Tree(|document| responses(document, "/roles")?.shift_remove("429").map(|_| ())),
        expected: changes(&["other-changed list_roles"]),
    },
    Mutation {
        name: "recursive response",
        what: "a role has a `parent` of its own type",
        edit: Tree(|document| {
            properties(document, "Role")?.insert("parent".to_owned(), json!({ "$ref": "#/components/schemas/Role" }));
            Some(())
        }),
        expected: changes(&["response-field-added list_roles"]),
    },
    Mutation {
        name: "response with a dangling reference",
        what: "the schema of a workflow is removed",
        edit: Tree(|document| document["components"]["schemas"].as_object_mut()?.shift_remove("WorkflowAnswer").map(|_| ())),
        expected: problems(
            &[("E0107", "/paths/~1workflows~1{idWorkflow}/get/responses/200/content/application~1json/schema")],
            &[],
        ),
    },
    Mutation {
        name: "headers of a response removed",
        what: "the redirect of a download declares no `Location`",
        edit: Tree(|document| {
            responses(document, "/files/{id}/download")?["302"].as_object_mut()?.shift_remove("headers").map(|_| ())
        }),
        expected: changes(&["other-changed download_file"]),
    },
    Mutation {
        name: "example of a response added",
        what: "the page of apps has an example",
        edit: Tree(|document| {
            component(document, "AppPage")?["example"] = json!({ "apps": [{ "id": 1, "name": "Slack" }] });
            Some(())
        }),
        expected: changes(&["text-changed list_apps"]),
    },
    Mutation {
        name: "unused schema added",
        what: "`Spare` is added to the schemas",
        edit: Tree(|document| {
            document["components"]["schemas"]["Spare"] = json!({ "type": "strange", "minimum": "low" });
            Some(())
        }),
        expected: nothing("no operation refers to it"),
    },
];
