//! Operations, paths, methods, and what says who may call them.

use serde_json::{Value as Json, json};

use crate::generator::mutations::{
    Edit::{Text, Tree},
    Mutation, changes, nothing, problems,
};

/// An operation of the document.
pub(super) fn operation<'a>(document: &'a mut Json, path: &str, method: &str) -> Option<&'a mut Json> {
    document.get_mut("paths")?.get_mut(path)?.get_mut(method)
}

fn take(document: &mut Json, path: &str) -> Option<Json> {
    document.get_mut("paths")?.as_object_mut()?.shift_remove(path)
}

fn put(document: &mut Json, path: &str, item: Json) -> Option<()> {
    document.get_mut("paths")?.as_object_mut()?.insert(path.to_owned(), item);
    Some(())
}

/// A plain operation that nobody annotated.
fn plain(id: &str) -> Json {
    json!({
        "operationId": id, "tags": ["New"], "summary": "Something new", "description": "Rate limit: 10 requests per minute.",
        "responses": { "200": { "description": "Done.", "content": { "application/json": { "schema": { "type": "object" } } } } },
    })
}

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "operation removed",
        what: "`DELETE /contracts/{idContract}` is removed",
        edit: Tree(|document| document["paths"]["/contracts/{idContract}"].as_object_mut()?.shift_remove("delete").map(|_| ())),
        expected: problems(
            &[("E0204", "overlay: - target: $.paths['/contracts/{idContract}'].delete")],
            &["tool-removed delete_contract"],
        ),
    },
    Mutation {
        name: "excluded operation removed",
        what: "`GET /files/url`, which has no tool, is removed",
        edit: Tree(|document| take(document, "/files/url").map(|_| ())),
        expected: problems(
            &[("E0204", "overlay: - target: $.paths['/files/url'].get")],
            &["operation-decided operation getFilesUrl"],
        ),
    },
    Mutation {
        name: "path removed",
        what: "`/files/{id}` is removed",
        edit: Tree(|document| take(document, "/files/{id}").map(|_| ())),
        expected: problems(&[("E0204", "overlay: - target: $.paths['/files/{id}'].get")], &["tool-removed get_file"]),
    },
    Mutation {
        name: "operation added",
        what: "`GET /licenses` is added",
        edit: Tree(|document| put(document, "/licenses", json!({ "get": plain("getLicenses") }))),
        expected: problems(&[("E0208", "/paths/~1licenses/get")], &["operation-added operation getLicenses"]),
    },
    Mutation {
        name: "method added to a path",
        what: "`PATCH /apps/{idApp}` is added",
        edit: Tree(|document| {
            let mut new = plain("patchApp");
            new["parameters"] = json!([{ "name": "idApp", "in": "path", "required": true, "schema": { "type": "integer" } }]);
            document["paths"]["/apps/{idApp}"].as_object_mut()?.insert("patch".to_owned(), new);
            Some(())
        }),
        expected: problems(&[("E0208", "/paths/~1apps~1{idApp}/patch")], &["operation-added operation patchApp"]),
    },
    Mutation {
        name: "path renamed",
        what: "`/apps/metadata` becomes `/apps/metadata/all`, with the same `operationId`",
        edit: Tree(|document| {
            let item = take(document, "/apps/metadata")?;
            put(document, "/apps/metadata/all", item)
        }),
        expected: problems(
            &[("E0204", "overlay: - target: $.paths['/apps/metadata'].get"), ("E0208", "/paths/~1apps~1metadata~1all/get")],
            &["tool-removed list_app_field_metadata", "operation-added operation getAppsMetadata"],
        ),
    },
    Mutation {
        name: "path with different capitalization",
        what: "`/appCatalog/accessRequestPolicies/eligible` becomes `…/Eligible`",
        edit: Tree(|document| {
            let item = take(document, "/appCatalog/accessRequestPolicies/eligible")?;
            put(document, "/appCatalog/accessRequestPolicies/Eligible", item)
        }),
        expected: problems(
            &[
                ("E0204", "overlay: - target: $.paths['/appCatalog/accessRequestPolicies/eligible'].get"),
                ("E0208", "/paths/~1appCatalog~1accessRequestPolicies~1Eligible/get"),
            ],
            &[
                "tool-removed list_eligible_access_policies",
                "operation-added operation getAppcatalogAccessrequestpoliciesEligible",
            ],
        ),
    },
    Mutation {
        name: "path with a trailing slash",
        what: "`/plugins/{idPlugin}/fields` becomes `/plugins/{idPlugin}/fields/`",
        edit: Tree(|document| {
            let item = take(document, "/plugins/{idPlugin}/fields")?;
            put(document, "/plugins/{idPlugin}/fields/", item)
        }),
        expected: problems(
            &[
                ("E0204", "overlay: - target: $.paths['/plugins/{idPlugin}/fields'].get"),
                ("E0208", "/paths/~1plugins~1{idPlugin}~1fields~1/get"),
            ],
            &["tool-removed list_plugin_fields", "operation-added operation getPluginsIdpluginFields"],
        ),
    },
    Mutation {
        name: "path parameter renamed",
        what: "`/workflows/{idWorkflow}` becomes `/workflows/{id}`, and its parameter `id`",
        edit: Tree(|document| {
            let mut item = take(document, "/workflows/{idWorkflow}")?;
            item["get"]["parameters"][0]["name"] = "id".into();
            put(document, "/workflows/{id}", item)
        }),
        expected: problems(
            &[("E0204", "overlay: - target: $.paths['/workflows/{idWorkflow}'].get"), ("E0208", "/paths/~1workflows~1{id}/get")],
            &["tool-removed get_workflow", "operation-added operation getWorkflowsIdworkflow"],
        ),
    },
    Mutation {
        name: "path parameter renamed in the path only",
        what: "`GET /users/{idUser}` still declares `id`",
        edit: Tree(|document| {
            operation(document, "/users/{idUser}", "get")?["parameters"][0]["name"] = "id".into();
            Some(())
        }),
        expected: problems(&[("E0307", "/paths/~1users~1{idUser}/get"), ("E0307", "/paths/~1users~1{idUser}/get")], &[]),
    },
    Mutation {
        name: "undeclared path parameter",
        what: "`GET /parsings/{id}` declares no parameter",
        edit: Tree(|document| {
            operation(document, "/parsings/{id}", "get")?.as_object_mut()?.shift_remove("parameters").map(|_| ())
        }),
        expected: problems(
            &[("E0307", "/paths/~1parsings~1{id}/get"), ("E0211", "overlay: x-operation-id: getParsingsId … id:")],
            &[],
        ),
    },
    Mutation {
        name: "path with a query",
        what: "`/transactions/metadata` becomes `/transactions/metadata?all=1`",
        edit: Tree(|document| {
            let item = take(document, "/transactions/metadata")?;
            put(document, "/transactions/metadata?all=1", item)
        }),
        expected: problems(
            &[
                ("E0204", "overlay: - target: $.paths['/transactions/metadata'].get"),
                ("E0208", "/paths/~1transactions~1metadata?all=1/get"),
            ],
            &["tool-removed list_transaction_field_metadata", "operation-added operation getTransactionsMetadata"],
        ),
    },
    Mutation {
        name: "method changed",
        what: "`PUT /parsings/manual` becomes `POST`",
        edit: Tree(|document| {
            let item = document["paths"]["/parsings/manual"].as_object_mut()?;
            let operation = item.shift_remove("put")?;
            item.insert("post".to_owned(), operation);
            Some(())
        }),
        expected: problems(
            &[
                ("E0206", "overlay: $.paths['/parsings/manual'].put.requestBody"),
                ("E0204", "overlay: $.paths['/parsings/manual'].put.requestBody … $.paths['/parsings/manual'].put"),
                ("E0208", "/paths/~1parsings~1manual/post"),
            ],
            &["tool-removed parse_expense_file_by_columns", "operation-added operation putParsingsManual"],
        ),
    },
    Mutation {
        name: "operationId renamed",
        what: "`getUsers` becomes `listUsers`",
        edit: Tree(|document| {
            operation(document, "/users", "get")?["operationId"] = "listUsers".into();
            Some(())
        }),
        expected: problems(
            &[("E0205", "overlay: - target: $.paths['/users'].get"), ("E0208", "/paths/~1users/get")],
            &["tool-removed list_users", "operation-added operation listUsers"],
        ),
    },
    Mutation {
        name: "missing operationId",
        what: "`GET /users/fields` has no `operationId`",
        edit: Tree(|document| {
            operation(document, "/users/fields", "get")?.as_object_mut()?.shift_remove("operationId").map(|_| ())
        }),
        expected: changes(&["rerouted list_user_fields"]),
    },
    Mutation {
        name: "duplicate operationId",
        what: "`GET /users/metadata` has the `operationId` of `GET /users/fields`",
        edit: Tree(|document| {
            operation(document, "/users/metadata", "get")?["operationId"] = "getUsersFields".into();
            Some(())
        }),
        expected: problems(
            &[("E0108", "/paths/~1users~1metadata/get"), ("E0205", "overlay: - target: $.paths['/users/metadata'].get")],
            &[],
        ),
    },
    Mutation {
        name: "operationId is a number",
        what: "the `operationId` of `GET /orgs/my` is 7",
        edit: Tree(|document| {
            operation(document, "/orgs/my", "get")?["operationId"] = 7.into();
            Some(())
        }),
        expected: changes(&["rerouted get_organization"]),
    },
    Mutation {
        name: "operation is null",
        what: "`GET /roles` is `null`",
        edit: Tree(|document| {
            *operation(document, "/roles", "get")? = Json::Null;
            Some(())
        }),
        expected: problems(&[("E0109", "/paths/~1roles/get")], &[]),
    },
    Mutation {
        name: "ambiguous paths",
        what: "`/apps/{idOther}` is added beside `/apps/{idApp}`",
        edit: Tree(|document| {
            let mut new = plain("getOtherApp");
            new["parameters"] = json!([{ "name": "idOther", "in": "path", "required": true, "schema": { "type": "integer" } }]);
            put(document, "/apps/{idOther}", json!({ "get": new }))
        }),
        expected: problems(&[("E0208", "/paths/~1apps~1{idOther}/get")], &["operation-added operation getOtherApp"]),
    },
    Mutation {
        name: "operation deprecated",
        what: "`GET /apps/similar` is deprecated",
        edit: Tree(|document| {
            operation(document, "/apps/similar", "get")?["deprecated"] = true.into();
            Some(())
        }),
        expected: changes(&["deprecated operation getAppsSimilar"]),
    },
    Mutation {
        name: "tags changed",
        what: "`GET /roles` has another tag",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["tags"] = json!(["People"]);
            Some(())
        }),
        expected: changes(&["other-changed list_roles"]),
    },
    Mutation {
        name: "security of the document changed",
        what: "the document requires another security scheme",
        edit: Tree(|document| {
            document["security"] = json!([{ "oauth": ["read"] }]);
            document["components"]["securitySchemes"] = json!({ "oauth": { "type": "oauth2", "flows": {} } });
            Some(())
        }),
        expected: changes(&[
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "security-changed document",
        ]),
    },
    Mutation {
        name: "security of one operation changed",
        what: "`GET /roles` requires the SCIM key",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["security"] = json!([{ "scim": [] }]);
            Some(())
        }),
        expected: changes(&["key-changed list_roles", "scope-added list_roles", "security-changed list_roles"]),
    },
    Mutation {
        name: "operation without security",
        what: "`GET /orgs/my` requires no key",
        edit: Tree(|document| {
            operation(document, "/orgs/my", "get")?["security"] = json!([]);
            Some(())
        }),
        expected: changes(&["key-changed get_organization", "security-changed get_organization"]),
    },
    Mutation {
        name: "server of the document changed",
        what: "the first server is `https://api.toriihq.com/v2.0`",
        edit: Tree(|document| {
            document["servers"][0]["url"] = "https://api.toriihq.com/v2.0".into();
            Some(())
        }),
        expected: changes(&["server-changed document"]),
    },
    Mutation {
        name: "second server added",
        what: "a second server is added",
        edit: Tree(|document| {
            document["servers"].as_array_mut()?.push(json!({ "url": "https://eu.example" }));
            Some(())
        }),
        expected: changes(&["text-changed document"]),
    },
    Mutation {
        name: "no server",
        what: "the document names no server",
        edit: Tree(|document| document.as_object_mut()?.shift_remove("servers").map(|_| ())),
        expected: problems(&[("E0105", "text: {")], &["server-changed document", "text-changed document"]),
    },
    Mutation {
        name: "server of one operation",
        what: "`GET /audit` has its own server",
        edit: Tree(|document| {
            operation(document, "/audit", "get")?["servers"] = json!([{ "url": "https://audit.example" }]);
            Some(())
        }),
        expected: problems(&[("E0312", "/paths/~1audit/get/servers/0")], &[]),
    },
    Mutation {
        name: "callback added",
        what: "`POST /plugins` has a callback",
        edit: Tree(|document| {
            operation(document, "/plugins", "post")?["callbacks"] = json!({ "done": { "{$request.body#/url}": {} } });
            Some(())
        }),
        expected: changes(&["other-changed create_plugin"]),
    },
    Mutation {
        name: "provenance changed",
        what: "`GET /roles` is marked as inferred",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["x-provenance"] = "inferred".into();
            Some(())
        }),
        expected: changes(&["text-changed operation getRoles"]),
    },
    Mutation {
        name: "path item by reference",
        what: "`/contracts/metadata` is a reference to the path item in `components`",
        edit: Tree(|document| {
            let item = document["paths"]["/contracts/metadata"].take();
            document["components"]["pathItems"] = json!({ "Metadata": item });
            put(document, "/contracts/metadata", json!({ "$ref": "#/components/pathItems/Metadata" }))
        }),
        expected: nothing("references are resolved"),
    },
    Mutation {
        name: "duplicate operation in the text",
        what: "`GET /roles` occurs twice in its path",
        edit: Text(|text| text.replacen("\"/roles\": {\n", "\"/roles\": {\n      \"get\": {},\n", 1)),
        expected: problems(&[("E0101", "text: \"get\": {}, … \"get\": {")], &[]),
    },
];
