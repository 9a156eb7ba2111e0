//! What is sent as a body.

use serde_json::{Value as Json, json};

use crate::generator::mutations::{Edit::Tree, Mutation, changes, nothing, operations::operation, problems};

/// A schema of the document's components.
pub(super) fn component<'a>(document: &'a mut Json, name: &str) -> Option<&'a mut Json> {
    document.get_mut("components")?.get_mut("schemas")?.get_mut(name)
}

pub(super) fn property<'a>(document: &'a mut Json, schema: &str, name: &str) -> Option<&'a mut Json> {
    component(document, schema)?.get_mut("properties")?.get_mut(name)
}

pub(super) fn properties<'a>(document: &'a mut Json, schema: &str) -> Option<&'a mut serde_json::Map<String, Json>> {
    component(document, schema)?.get_mut("properties")?.as_object_mut()
}

fn content<'a>(document: &'a mut Json, path: &str, method: &str) -> Option<&'a mut serde_json::Map<String, Json>> {
    operation(document, path, method)?.get_mut("requestBody")?.get_mut("content")?.as_object_mut()
}

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "property added",
        what: "`icon` is added to the body of `POST /plugins`",
        edit: Tree(|document| {
            properties(document, "CreatePluginBody")?.insert("icon".to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: changes(&["argument-added create_plugin"]),
    },
    Mutation {
        name: "required property added",
        what: "the required `region` is added to a custom integration",
        edit: Tree(|document| {
            properties(document, "CreateCustomIntegrationBody")?.insert("region".to_owned(), json!({ "type": "string" }));
            component(document, "CreateCustomIntegrationBody")?["required"].as_array_mut()?.push("region".into());
            Some(())
        }),
        expected: changes(&["required-argument-added create_custom_integration"]),
    },
    Mutation {
        name: "property removed",
        what: "`fields` is removed from the body of `POST /anonymizeRequest`",
        edit: Tree(|document| properties(document, "AnonymizeUserBody")?.shift_remove("fields").map(|_| ())),
        expected: problems(
            &[("E0211", "overlay: x-operation-id: postAnonymizerequest … fields:")],
            &["argument-removed anonymize_user"],
        ),
    },
    Mutation {
        name: "property renamed",
        what: "`description` of a custom app becomes `summary`",
        edit: Tree(|document| {
            let properties = properties(document, "CreateAppBody")?;
            let property = properties.shift_remove("description")?;
            properties.insert("summary".to_owned(), property);
            Some(())
        }),
        expected: problems(
            &[("E0211", "overlay: x-operation-id: postAppsCustom … arguments: … description:")],
            &["argument-removed create_custom_app", "argument-added create_custom_app"],
        ),
    },
    Mutation {
        name: "type of a property changed",
        what: "`isHidden` of an app is a string",
        edit: Tree(|document| {
            property(document, "UpdateAppBody", "isHidden")?["type"] = "string".into();
            Some(())
        }),
        expected: changes(&["retyped update_app"]),
    },
    Mutation {
        name: "property becomes required",
        what: "`userType` of a new member is required",
        edit: Tree(|document| {
            component(document, "CreateScimUserBody")?["required"].as_array_mut()?.push("userType".into());
            Some(())
        }),
        expected: changes(&["became-required create_scim_user"]),
    },
    Mutation {
        name: "property becomes optional",
        what: "`lifecycleStatus` of a user is optional",
        edit: Tree(|document| component(document, "UpdateUserBody")?.as_object_mut()?.shift_remove("required").map(|_| ())),
        expected: changes(&["became-optional update_user"]),
    },
    Mutation {
        name: "unknown property required",
        what: "a run of a workflow requires `nothing`, which is not declared",
        edit: Tree(|document| {
            component(document, "RunWorkflowBody")?["required"] = json!(["nothing"]);
            Some(())
        }),
        expected: changes(&["narrowed run_workflow"]),
    },
    Mutation {
        name: "property becomes nullable",
        what: "`formQuestion` of a new app field is nullable",
        edit: Tree(|document| {
            property(document, "CreateAppFieldBody", "formQuestion")?["nullable"] = true.into();
            Some(())
        }),
        expected: changes(&["widened create_app_field"]),
    },
    Mutation {
        name: "property becomes read-only",
        what: "`formQuestion` of a new app field is read-only",
        edit: Tree(|document| {
            property(document, "CreateAppFieldBody", "formQuestion")?["readOnly"] = true.into();
            Some(())
        }),
        expected: problems(
            &[("E0211", "overlay: x-operation-id: postAppsFields … formQuestion:")],
            &["argument-removed create_app_field"],
        ),
    },
    Mutation {
        name: "value of an enum removed in a body",
        what: "`currency` is removed from the types of a new app field",
        edit: Tree(|document| {
            property(document, "CreateAppFieldBody", "type")?["enum"].as_array_mut()?.retain(|value| value != "currency");
            Some(())
        }),
        expected: changes(&["narrowed create_app_field"]),
    },
    Mutation {
        name: "enum of numbers",
        what: "`idApp` of a catalog app is 1 or 2",
        edit: Tree(|document| {
            property(document, "AddAppBody", "idApp")?["enum"] = json!([1, 2]);
            Some(())
        }),
        expected: changes(&["correction-outdated add_app", "other-changed add_app"]),
    },
    Mutation {
        name: "maximum length of a string narrowed",
        what: "the name of a plugin has a `maxLength` of 50",
        edit: Tree(|document| {
            property(document, "CreatePluginBody", "name")?["maxLength"] = 50.into();
            Some(())
        }),
        expected: changes(&["narrowed create_plugin"]),
    },
    Mutation {
        name: "maximum length of a list narrowed",
        what: "`POST /apps/match` takes at most 100 names",
        edit: Tree(|document| {
            property(document, "MatchAppsBody", "apps")?["maxItems"] = 100.into();
            Some(())
        }),
        expected: changes(&["narrowed match_apps"]),
    },
    Mutation {
        name: "list becomes a single value",
        what: "`options` of a new app field is a string",
        edit: Tree(|document| {
            *property(document, "CreateAppFieldBody", "options")? = json!({ "type": "string" });
            Some(())
        }),
        expected: changes(&["correction-outdated create_app_field", "retyped create_app_field"]),
    },
    Mutation {
        name: "single value becomes a list",
        what: "`userName` of a new member is a list",
        edit: Tree(|document| {
            *property(document, "CreateScimUserBody", "userName")? = json!({ "type": "array", "items": { "type": "string" } });
            Some(())
        }),
        expected: changes(&["correction-outdated create_scim_user", "retyped create_scim_user"]),
    },
    Mutation {
        name: "open body closed",
        what: "a transaction has only the listed properties",
        edit: Tree(|document| {
            component(document, "UpdateTransactionBody")?["additionalProperties"] = false.into();
            Some(())
        }),
        expected: changes(&["other-changed update_transaction"]),
    },
    Mutation {
        name: "closed body opened",
        what: "a catalog app may have any property",
        edit: Tree(|document| {
            component(document, "AddAppBody")?["additionalProperties"] = true.into();
            Some(())
        }),
        expected: changes(&["widened add_app"]),
    },
    Mutation {
        name: "body becomes optional",
        what: "the body of `POST /plugins` is optional",
        edit: Tree(|document| {
            operation(document, "/plugins", "post")?["requestBody"]["required"] = false.into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "body removed",
        what: "the body of `PUT /parsings/automatic` is removed",
        edit: Tree(|document| {
            operation(document, "/parsings/automatic", "put")?.as_object_mut()?.shift_remove("requestBody").map(|_| ())
        }),
        expected: problems(
            &[("E0211", "overlay: x-operation-id: putParsingsAutomatic … idFile:")],
            &[
                "correction-outdated document",
                "request-changed parse_expense_file",
                "required-argument-removed parse_expense_file",
            ],
        ),
    },
    Mutation {
        name: "body added",
        what: "a body is added to `DELETE /plugins/{uuidPlugin}`",
        edit: Tree(|document| {
            let schema = json!({ "type": "object", "properties": { "reason": { "type": "string" } } });
            operation(document, "/plugins/{uuidPlugin}", "delete")?["requestBody"] =
                json!({ "content": { "application/json": { "schema": schema } } });
            Some(())
        }),
        expected: changes(&["argument-added delete_plugin", "request-changed delete_plugin"]),
    },
    Mutation {
        name: "body of a JSON dialect",
        what: "`PATCH /scim/v2/Users/{idUser}` takes `application/scim+json`",
        edit: Tree(|document| {
            let content = content(document, "/scim/v2/Users/{idUser}", "patch")?;
            let media = content.shift_remove("application/json")?;
            content.insert("application/scim+json".to_owned(), media);
            Some(())
        }),
        expected: problems(
            &[(
                "E0206",
                "overlay: patch.requestBody.content['application/json'].schema … patch.requestBody.content['application/json']",
            )],
            &[
                "became-optional patch_scim_user",
                "became-optional patch_scim_user",
                "correction-outdated document",
                "media-type-changed patch_scim_user",
                "text-changed patch_scim_user",
                "text-changed patch_scim_user",
                "text-changed patch_scim_user",
                "text-changed patch_scim_user",
                "text-changed patch_scim_user",
            ],
        ),
    },
    Mutation {
        name: "body in XML",
        what: "`POST /anonymizeRequest` takes `application/xml` only",
        edit: Tree(|document| {
            let content = content(document, "/anonymizeRequest", "post")?;
            let media = content.shift_remove("application/json")?;
            content.insert("application/xml".to_owned(), media);
            Some(())
        }),
        expected: problems(
            &[
                ("E0211", "overlay: x-operation-id: postAnonymizerequest … email:"),
                ("E0211", "overlay: x-operation-id: postAnonymizerequest … fields:"),
                ("E0211", "overlay: x-operation-id: postAnonymizerequest … record:"),
            ],
            &[
                "argument-removed anonymize_user",
                "media-type-changed anonymize_user",
                "required-argument-added anonymize_user",
                "required-argument-removed anonymize_user",
                "text-changed anonymize_user",
                "text-changed anonymize_user",
                "text-changed anonymize_user",
            ],
        ),
    },
    Mutation {
        name: "form becomes JSON",
        what: "`POST /files/upload` takes JSON instead of a form",
        edit: Tree(|document| {
            let content = content(document, "/files/upload", "post")?;
            let media = content.shift_remove("multipart/form-data")?;
            content.insert("application/json".to_owned(), media);
            Some(())
        }),
        expected: changes(&[
            "media-type-changed upload_file",
            "retyped upload_file",
            "retyped upload_file",
            "text-changed upload_file",
        ]),
    },
    Mutation {
        name: "second media type of a body",
        what: "`POST /apps` also takes a form",
        edit: Tree(|document| {
            let content = content(document, "/apps", "post")?;
            let media = content.get("application/json")?.clone();
            content.insert("application/x-www-form-urlencoded".to_owned(), media);
            Some(())
        }),
        expected: changes(&["other-changed add_app"]),
    },
    Mutation {
        name: "body becomes a list",
        what: "`PUT /services/sync/gluu` takes a list of files",
        edit: Tree(|document| {
            content(document, "/services/sync/gluu", "put")?["application/json"]["schema"] =
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/SyncBody" } });
            Some(())
        }),
        expected: problems(
            &[
                ("E0211", "overlay: x-operation-id: putServicesSyncGluu … idFile:"),
                ("E0211", "overlay: x-operation-id: putServicesSyncGluu … idAppAccount:"),
            ],
            &[
                "required-argument-added sync_gluu_integration",
                "required-argument-removed sync_gluu_integration",
                "required-argument-removed sync_gluu_integration",
                "text-changed sync_gluu_integration",
            ],
        ),
    },
    Mutation {
        name: "body with allOf",
        what: "a new contract is an `allOf` of its previous schema and `{ note }`",
        edit: Tree(|document| {
            let whole = component(document, "CreateContractBody")?.take();
            *component(document, "CreateContractBody")? =
                json!({ "allOf": [whole, { "type": "object", "properties": { "note": { "type": "string" } } }] });
            Some(())
        }),
        expected: changes(&["argument-added create_contract"]),
    },
    Mutation {
        name: "recursive body",
        what: "a new app field has `children` of its own type",
        edit: Tree(|document| {
            let children = json!({ "type": "array", "items": { "$ref": "#/components/schemas/CreateAppFieldBody" } });
            properties(document, "CreateAppFieldBody")?.insert("children".to_owned(), children);
            Some(())
        }),
        expected: changes(&["argument-added create_app_field"]),
    },
    Mutation {
        name: "schema that refers to itself only",
        what: "the body of `POST /plugins` is a reference to itself",
        edit: Tree(|document| {
            *component(document, "CreatePluginBody")? = json!({ "$ref": "#/components/schemas/CreatePluginBody" });
            Some(())
        }),
        expected: problems(
            &[
                ("E0107", "/paths/~1plugins/post/requestBody/content/application~1json/schema"),
                ("E0211", "overlay: x-operation-id: postPlugins … name:"),
            ],
            &[],
        ),
    },
    Mutation {
        name: "reference to a removed schema",
        what: "the schema of a user's new status is removed",
        edit: Tree(|document| document["components"]["schemas"].as_object_mut()?.shift_remove("UpdateUserBody").map(|_| ())),
        expected: problems(
            &[
                ("E0107", "/paths/~1users~1{idUser}/put/requestBody/content/application~1json/schema"),
                ("E0211", "overlay: x-operation-id: putUsersIduser … lifecycleStatus:"),
            ],
            &[],
        ),
    },
    Mutation {
        name: "reference to another file",
        what: "the body of `POST /apps` refers to another file",
        edit: Tree(|document| {
            content(document, "/apps", "post")?["application/json"]["schema"] = json!({ "$ref": "bodies.json#/AddApp" });
            Some(())
        }),
        expected: problems(
            &[
                ("E0107", "/paths/~1apps/post/requestBody/content/application~1json/schema"),
                ("E0211", "overlay: x-operation-id: postApps … idApp:"),
            ],
            &[],
        ),
    },
    Mutation {
        name: "schema renamed with its references",
        what: "`RunWorkflowBody` becomes `Ŕün \"it\"!`",
        edit: Tree(|document| {
            let schemas = document["components"]["schemas"].as_object_mut()?;
            let schema = schemas.shift_remove("RunWorkflowBody")?;
            schemas.insert("Ŕün \"it\"!".to_owned(), schema);
            content(document, "/workflows/{idWorkflow}/trigger", "post")?["application/json"]["schema"] =
                json!({ "$ref": "#/components/schemas/Ŕün \"it\"!" });
            Some(())
        }),
        expected: nothing("names of schemas are not part of a tool"),
    },
    Mutation {
        name: "body with a property named body",
        what: "`body` is added to a catalog app",
        edit: Tree(|document| {
            properties(document, "AddAppBody")?.insert("body".to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: changes(&["argument-added add_app"]),
    },
    Mutation {
        name: "body with the name of a path parameter",
        what: "`idTransaction` is added to the body of a transaction",
        edit: Tree(|document| {
            properties(document, "UpdateTransactionBody")?.insert("idTransaction".to_owned(), json!({ "type": "integer" }));
            Some(())
        }),
        expected: changes(&["argument-added update_transaction"]),
    },
    Mutation {
        name: "body too large for assistants",
        what: "1,000 properties are added to a new plugin",
        edit: Tree(|document| {
            let properties = properties(document, "CreatePluginBody")?;
            (0..1_000).for_each(|number| drop(properties.insert(format!("property{number}"), json!({ "type": "string" }))));
            Some(())
        }),
        expected: problems(&[("E0505", "overlay: x-operation-id: postPlugins … x-mcp:")], &[]),
    },
];
