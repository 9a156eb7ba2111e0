//! What no tool shows: what stands behind a correction of the overlay, in what a correction refers to, outside of the operations, in
//! responses that fail, in texts that are cut.

use serde_json::{Value as Json, json};

use crate::generator::mutations::{
    Edit::Tree,
    Mutation,
    bodies::{component, properties, property},
    changes,
    facets::parameter,
    operations::operation,
};

/// Replaces a part of a text, which has to be there.
fn reword(node: &mut Json, key: &str, from: &str, to: &str) -> Option<()> {
    let text = node.get(key)?.as_str().filter(|text| text.contains(from))?.replace(from, to);
    node[key] = text.into();
    Some(())
}

fn responses<'a>(document: &'a mut Json, path: &str, method: &str) -> Option<&'a mut serde_json::Map<String, Json>> {
    operation(document, path, method)?.get_mut("responses")?.as_object_mut()
}

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "property behind a reference retyped where the overlay corrects it",
        what: "`triggerAppId` of a workflow run is a UUID",
        edit: Tree(|document| {
            *property(document, "RunWorkflowBody", "triggerAppId")? =
                json!({ "type": "string", "format": "uuid", "description": "Id of an app." });
            Some(())
        }),
        expected: changes(&[
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "text-changed run_workflow",
        ]),
    },
    Mutation {
        name: "property behind a reference renamed where the overlay corrects it",
        what: "`triggerLicenseAppId` of a workflow run becomes `licenseAppId`",
        edit: Tree(|document| {
            let properties = properties(document, "RunWorkflowBody")?;
            let property = properties.shift_remove("triggerLicenseAppId")?;
            properties.insert("licenseAppId".to_owned(), property);
            Some(())
        }),
        expected: changes(&["argument-added run_workflow", "correction-outdated document", "text-changed run_workflow"]),
    },
    Mutation {
        name: "enum of a replaced schema narrowed",
        what: "`op` of a change of a member loses `remove`, and `path` is required",
        edit: Tree(|document| {
            let items = property(document, "PatchScimUserBody", "Operations")?.get_mut("items")?;
            items["properties"]["op"]["enum"] = json!(["add", "replace"]);
            items["required"] = json!(["op", "path"]);
            Some(())
        }),
        expected: changes(&["correction-outdated document", "correction-outdated document"]),
    },
    Mutation {
        name: "replaced response becomes a map",
        what: "`contracts` of `GET /contracts` is an object by id",
        edit: Tree(|document| {
            let contract = json!({ "$ref": "#/components/schemas/Contract" });
            *property(document, "ContractPage", "contracts")? =
                json!({ "type": "object", "description": "By id.", "additionalProperties": contract });
            Some(())
        }),
        expected: changes(&[
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
        ]),
    },
    Mutation {
        name: "inherited property retyped where the overlay replaces it",
        what: "`amount` of a new contract is a decimal as text",
        edit: Tree(|document| {
            let amount = json!({ "type": "string", "description": "Amount in whole units, for example 12.50." });
            properties(document, "CreateContractBody")?.insert("amount".to_owned(), amount);
            Some(())
        }),
        expected: changes(&["correction-outdated document", "text-changed create_contract"]),
    },
    Mutation {
        name: "body closed where the overlay opens it",
        what: "`PUT /apps/{idApp}` takes no other properties",
        edit: Tree(|document| {
            component(document, "UpdateAppBody")?["additionalProperties"] = false.into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "another body closed where the overlay opens it",
        what: "`PUT /contracts/{idContract}` takes no other properties",
        edit: Tree(|document| {
            component(document, "UpdateContractBody")?["additionalProperties"] = false.into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "maximum lowered where the overlay says the same",
        what: "`size` of `GET /contracts` is at most 100",
        edit: Tree(|document| {
            parameter(document, "/contracts", "size")?["schema"]["maximum"] = 100.into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "parameter required that the overlay declares again",
        what: "`idApp` of `GET /contracts` is required",
        edit: Tree(|document| {
            parameter(document, "/contracts", "idApp")?["required"] = true.into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "version of a call that the overlay sends is gone",
        what: "`X-API-Version` of `GET /apps` is 1.0 or 2.0",
        edit: Tree(|document| {
            parameter(document, "/apps", "X-API-Version")?["schema"]["enum"] = json!(["1.0", "2.0"]);
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "body that the overlay guesses is documented",
        what: "`PUT /apps/fields/{idField}` takes a `version`, and `groupId` for `idGroup`",
        edit: Tree(|document| {
            let properties =
                json!({ "name": { "type": "string" }, "version": { "type": "integer" }, "groupId": { "type": "string" } });
            let schema = json!({ "type": "object", "required": ["name", "version"], "properties": properties });
            operation(document, "/apps/fields/{idField}", "put")?["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": schema } } });
            Some(())
        }),
        expected: changes(&[
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
            "correction-outdated document",
        ]),
    },
    Mutation {
        name: "parameter gets an enum that the overlay declares without one",
        what: "`status` of `GET /contracts` is `ACTIVE` or `CLOSED`",
        edit: Tree(|document| {
            parameter(document, "/contracts", "status")?["schema"]["enum"] = json!(["ACTIVE", "CLOSED"]);
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "unit in the description of the document",
        what: "amounts are in whole units of their currency",
        edit: Tree(|document| reword(document.get_mut("info")?, "description", "smallest unit", "whole units")),
        expected: changes(&["text-changed document"]),
    },
    Mutation {
        name: "tag described otherwise",
        what: "the tag `SCIM` is retired on 2027-03-31",
        edit: Tree(|document| {
            let tag = document.get_mut("tags")?.as_array_mut()?.iter_mut().find(|tag| tag["name"] == "SCIM")?;
            tag["description"] = "Torii members by SCIM 2.0. Retired on 2027-03-31.".into();
            Some(())
        }),
        expected: changes(&["text-changed document"]),
    },
    Mutation {
        name: "server described otherwise",
        what: "the server is there until 2027-03-31",
        edit: Tree(|document| {
            document["servers"][0]["description"] = "Torii, until 2027-03-31.".into();
            Some(())
        }),
        expected: changes(&["text-changed document"]),
    },
    Mutation {
        name: "body described otherwise",
        what: "what is left out of a changed transaction is set to `null`",
        edit: Tree(|document| {
            component(document, "UpdateTransactionBody")?["description"] =
                "What to change. A member left out is set to null.".into();
            Some(())
        }),
        expected: changes(&["text-changed update_transaction"]),
    },
    Mutation {
        name: "response described otherwise",
        what: "the response of `GET /users` never has more than 10000 people",
        edit: Tree(|document| {
            responses(document, "/users", "get")?["200"]["description"] = "Done. Never more than 10000 people.".into();
            Some(())
        }),
        expected: changes(&["limit-changed list_users", "text-changed list_users"]),
    },
    Mutation {
        name: "schema of a response described otherwise",
        what: "a page of apps is without the hidden ones",
        edit: Tree(|document| {
            component(document, "AppPage")?["description"] = "A page of apps, without the hidden ones.".into();
            Some(())
        }),
        expected: changes(&["text-changed list_apps"]),
    },
    Mutation {
        name: "sentence changed that is cut from a long description",
        what: "fields of the organization appear inside `customFields` of an app",
        edit: Tree(|document| reword(component(document, "App")?, "description", "under their own keys", "inside customFields")),
        expected: changes(&["text-changed get_app", "text-changed list_apps"]),
    },
    Mutation {
        name: "unit of a field in words",
        what: "`value` of an amount of money is in whole units",
        edit: Tree(|document| {
            property(document, "Money", "value")?["description"] =
                "Amount in whole units of the currency, for example dollars.".into();
            Some(())
        }),
        expected: changes(&[
            "text-changed get_app",
            "text-changed get_app",
            "text-changed get_app",
            "text-changed get_app",
            "text-changed get_app",
            "text-changed get_app",
            "text-changed get_app",
            "text-changed get_app",
            "text-changed get_app",
            "text-changed list_apps",
            "text-changed list_apps",
            "text-changed list_apps",
            "text-changed list_apps",
            "text-changed list_apps",
            "text-changed list_apps",
            "text-changed list_apps",
            "text-changed list_apps",
            "text-changed list_apps",
        ]),
    },
    Mutation {
        name: "order in words where the overlay has another text",
        what: "`GET /audit` lists the oldest entries first",
        edit: Tree(|document| reword(operation(document, "/audit", "get")?, "description", "newest first", "oldest first")),
        expected: changes(&["text-changed operation getAudit"]),
    },
    Mutation {
        name: "deletion becomes asynchronous",
        what: "`DELETE /contracts/{idContract}` answers 202, and deletes within 24 hours",
        edit: Tree(|document| {
            let responses = responses(document, "/contracts/{idContract}", "delete")?;
            responses.shift_remove("204")?;
            responses.insert("202".to_owned(), json!({ "description": "Accepted; deleted within 24 hours." }));
            Some(())
        }),
        expected: changes(&["limit-changed delete_contract", "response-changed delete_contract", "text-changed delete_contract"]),
    },
    Mutation {
        name: "error response described otherwise",
        what: "a key that calls too often is blocked for 15 minutes, and there is no `Retry-After`",
        edit: Tree(|document| {
            let response = document.pointer_mut("/components/responses/TooManyRequests")?;
            response["description"] = "Too many requests. The key is blocked for 15 minutes.".into();
            response.as_object_mut()?.shift_remove("headers");
            Some(())
        }),
        expected: changes(&["limit-changed document", "text-changed document"]),
    },
    Mutation {
        name: "response field is no longer promised",
        what: "`totalResults` of a page of members may be absent",
        edit: Tree(|document| {
            component(document, "ScimUserPage")?.get_mut("required")?.as_array_mut()?.retain(|name| name != "totalResults");
            Some(())
        }),
        expected: changes(&["response-widened list_scim_users"]),
    },
    Mutation {
        name: "known value of an argument is gone",
        what: "`mappingStatus` of a changed transaction is no longer known to be `archived`",
        edit: Tree(|document| {
            property(document, "UpdateTransactionBody", "mappingStatus")?["x-known-values"] = json!(["mapped", "unknown"]);
            Some(())
        }),
        expected: changes(&["other-changed update_transaction"]),
    },
    Mutation {
        name: "known value of a response is gone",
        what: "`status` of the use of an app is no longer known to be `managed`",
        edit: Tree(|document| {
            property(document, "AppUser", "status")?["x-known-values"] = json!(["deleted", "active", "suspended"]);
            Some(())
        }),
        expected: changes(&["other-changed list_app_users"]),
    },
    Mutation {
        name: "response of apps closed",
        what: "an app has no other fields than those that are named",
        edit: Tree(|document| {
            component(document, "App")?["additionalProperties"] = false.into();
            Some(())
        }),
        expected: changes(&["response-field-removed get_app", "response-field-removed list_apps"]),
    },
    Mutation {
        name: "encoding of a form declared",
        what: "the file of `POST /files/upload` is CSV",
        edit: Tree(|document| {
            let body = operation(document, "/files/upload", "post")?.pointer_mut("/requestBody/content/multipart~1form-data")?;
            body["encoding"] = json!({ "file": { "contentType": "text/csv" } });
            Some(())
        }),
        expected: changes(&["request-changed upload_file"]),
    },
    Mutation {
        name: "text of a response becomes an enum",
        what: "`lifecycleStatus` of a user is one of three values",
        edit: Tree(|document| {
            property(document, "User", "lifecycleStatus")?["enum"] = json!(["employed", "leaving", "left", null]);
            Some(())
        }),
        expected: changes(&["response-narrowed get_user", "response-narrowed list_users", "response-narrowed update_user"]),
    },
    Mutation {
        name: "description of an error by the operation itself",
        what: "`POST /apps` explains its 409",
        edit: Tree(|document| {
            responses(document, "/apps", "post")?.insert("409".to_owned(), json!({ "description": "The app is there already." }));
            Some(())
        }),
        expected: changes(&["text-changed add_app"]),
    },
];
