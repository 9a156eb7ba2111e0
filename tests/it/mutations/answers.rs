//! What comes back.

use serde_json::{Value as Json, json};

use super::{
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
        name: "field of an answer added",
        what: "a role has `color`",
        edit: Tree(|document| {
            properties(document, "Role")?.insert("color".to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: changes(&["response-field-added list_roles"]),
    },
    Mutation {
        name: "field of an answer removed",
        what: "a role has no `usersCount`",
        edit: Tree(|document| properties(document, "Role")?.shift_remove("usersCount").map(|_| ())),
        expected: changes(&["response-field-removed list_roles"]),
    },
    Mutation {
        name: "field of an answer renamed",
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
        name: "list of an answer renamed",
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
        name: "cursor of an answer removed",
        what: "a page of the audit log has no `nextCursor`",
        edit: Tree(|document| properties(document, "AuditPage")?.shift_remove("nextCursor").map(|_| ())),
        expected: problems(
            &[("E0215", "overlay: x-operation-id: getAudit … response:")],
            &["response-field-removed list_audit_logs"],
        ),
    },
    Mutation {
        name: "field of an answer retyped",
        what: "`isAdmin` of a role is a string",
        edit: Tree(|document| {
            property(document, "Role", "isAdmin")?["type"] = "string".into();
            Some(())
        }),
        expected: changes(&["response-changed list_roles"]),
    },
    Mutation {
        name: "described field of an answer retyped",
        what: "`idApp` of a match, which has words, is a string",
        edit: Tree(|document| {
            property(document, "AppMatch", "idApp")?["type"] = "string".into();
            Some(())
        }),
        expected: changes(&["response-changed match_apps"]),
    },
    Mutation {
        name: "field of an answer never null",
        what: "`imageUrl` of a catalog app is always there",
        edit: Tree(|document| {
            property(document, "CatalogApp", "imageUrl")?.as_object_mut()?.shift_remove("nullable").map(|_| ())
        }),
        expected: changes(&["response-narrowed search_apps"]),
    },
    Mutation {
        name: "field of an answer gets an enum",
        what: "`type` of an entry of the audit log is one of two words",
        edit: Tree(|document| {
            property(document, "AuditEntry", "type")?["enum"] = json!(["login", "logout"]);
            Some(())
        }),
        expected: changes(&["response-narrowed list_audit_logs"]),
    },
    Mutation {
        name: "map in an answer",
        what: "`properties` of an entry of the audit log hold numbers",
        edit: Tree(|document| {
            property(document, "AuditEntry", "properties")?["additionalProperties"] = json!({ "type": "number" });
            Some(())
        }),
        expected: changes(&["response-field-added list_audit_logs"]),
    },
    Mutation {
        name: "deep field of an answer retyped",
        what: "`pricePerLicense` of a type of license is a string, below what assistants are told",
        edit: Tree(|document| {
            *property(document, "LicenseType", "pricePerLicense")? = json!({ "type": "string", "nullable": true });
            Some(())
        }),
        expected: changes(&["response-changed list_apps", "response-changed get_app"]),
    },
    Mutation {
        name: "field of an answer described otherwise",
        what: "`systemKey` of a role has words",
        edit: Tree(|document| {
            property(document, "Role", "systemKey")?["description"] = "What code calls it.".into();
            Some(())
        }),
        expected: changes(&["text-changed list_roles"]),
    },
    Mutation {
        name: "field of an answer required",
        what: "a role always has an `id`",
        edit: Tree(|document| {
            component(document, "Role")?["required"] = json!(["id"]);
            Some(())
        }),
        expected: nothing("an answer is described, not constrained"),
    },
    Mutation {
        name: "answer closed",
        what: "a role has the listed fields only",
        edit: Tree(|document| {
            component(document, "Role")?["additionalProperties"] = false.into();
            Some(())
        }),
        expected: nothing("an answer is described, not constrained"),
    },
    Mutation {
        name: "answer becomes a list",
        what: "`GET /roles` answers with the bare list",
        edit: Tree(|document| {
            responses(document, "/roles")?["200"]["content"]["application/json"]["schema"] =
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/Role" } });
            Some(())
        }),
        expected: problems(
            &[("E0215", "overlay: x-operation-id: getRoles … response:")],
            &["response-field-removed list_roles", "response-field-added list_roles"],
        ),
    },
    Mutation {
        name: "answer in CSV",
        what: "`GET /contracts/fields` answers `text/csv`",
        edit: Tree(|document| {
            responses(document, "/contracts/fields")?["200"]["content"] =
                json!({ "text/csv": { "schema": { "type": "string" } } });
            Some(())
        }),
        expected: changes(&["response-field-removed list_contract_fields"]),
    },
    Mutation {
        name: "answer of any type",
        what: "`GET /orgs/my` answers `*/*`",
        edit: Tree(|document| {
            let content = responses(document, "/orgs/my")?["200"]["content"].as_object_mut()?;
            let media = content.shift_remove("application/json")?;
            content.insert("*/*".to_owned(), media);
            Some(())
        }),
        expected: nothing("a JSON API answers JSON; the repair is listed"),
    },
    Mutation {
        name: "status of success changed",
        what: "`GET /extension/settings` answers 202",
        edit: Tree(|document| {
            let responses = responses(document, "/extension/settings")?;
            let answer = responses.shift_remove("200")?;
            responses.insert("202".to_owned(), answer);
            Some(())
        }),
        expected: nothing("every 2xx is success, and the answer is the same"),
    },
    Mutation {
        name: "empty answer",
        what: "`GET /scim/v2/Schemas` answers 204",
        edit: Tree(|document| {
            let responses = responses(document, "/scim/v2/Schemas")?;
            responses.shift_remove("200")?;
            responses.insert("204".to_owned(), json!({ "description": "Nothing." }));
            Some(())
        }),
        expected: changes(&["response-field-removed list_scim_schemas"]),
    },
    Mutation {
        name: "answer becomes a redirect",
        what: "`GET /scim/v2/ResourceTypes` redirects",
        edit: Tree(|document| {
            let responses = responses(document, "/scim/v2/ResourceTypes")?;
            responses.shift_remove("200")?;
            responses.insert("302".to_owned(), json!({ "description": "Elsewhere." }));
            Some(())
        }),
        expected: changes(&["response-field-removed list_scim_resource_types", "response-changed list_scim_resource_types"]),
    },
    Mutation {
        name: "only a default answer",
        what: "`GET /scim/v2/ServiceProviderConfig` declares `default` only",
        edit: Tree(|document| {
            let responses = responses(document, "/scim/v2/ServiceProviderConfig")?;
            let answer = responses.shift_remove("200")?;
            responses.clear();
            responses.insert("default".to_owned(), answer);
            Some(())
        }),
        expected: nothing("success is meant; the repair is listed"),
    },
    Mutation {
        name: "no answers",
        what: "`GET /workflows` declares no answers",
        edit: Tree(|document| operation(document, "/workflows", "get")?.as_object_mut()?.shift_remove("responses").map(|_| ())),
        expected: changes(&["response-field-removed list_workflows"]),
    },
    Mutation {
        name: "answer of an error changed",
        what: "`message` of an error is an object",
        edit: Tree(|document| {
            property(document, "Error", "message")?["type"] = "object".into();
            Some(())
        }),
        expected: nothing("what went wrong is passed on as it comes"),
    },
    Mutation {
        name: "status of an error removed",
        what: "`GET /roles` does not declare 429",
        edit: Tree(|document| responses(document, "/roles")?.shift_remove("429").map(|_| ())),
        expected: nothing("errors are handled by status, declared or not"),
    },
    Mutation {
        name: "recursive answer",
        what: "a role has a `parent` of its own kind",
        edit: Tree(|document| {
            properties(document, "Role")?.insert("parent".to_owned(), json!({ "$ref": "#/components/schemas/Role" }));
            Some(())
        }),
        expected: changes(&["response-field-added list_roles"]),
    },
    Mutation {
        name: "answer by a reference to nowhere",
        what: "the schema of a workflow is not there",
        edit: Tree(|document| document["components"]["schemas"].as_object_mut()?.shift_remove("WorkflowAnswer").map(|_| ())),
        expected: problems(
            &[("E0107", "/paths/~1workflows~1{idWorkflow}/get/responses/200/content/application~1json/schema")],
            &[],
        ),
    },
    Mutation {
        name: "headers of an answer",
        what: "a download tells no `Location`",
        edit: Tree(|document| {
            responses(document, "/files/{id}/download")?["302"].as_object_mut()?.shift_remove("headers").map(|_| ())
        }),
        expected: nothing("a redirect is read from the answer itself"),
    },
    Mutation {
        name: "example values",
        what: "the page of apps has an example",
        edit: Tree(|document| {
            component(document, "AppPage")?["example"] = json!({ "apps": [{ "id": 1, "name": "Slack" }] });
            Some(())
        }),
        expected: nothing("examples in the document reach no tool"),
    },
    Mutation {
        name: "schema that nobody uses",
        what: "`Spare` comes to the schemas",
        edit: Tree(|document| {
            document["components"]["schemas"]["Spare"] = json!({ "type": "strange", "minimum": "low" });
            Some(())
        }),
        expected: nothing("no operation reaches it"),
    },
];
