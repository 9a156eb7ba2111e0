//! What the document declares and only the API checks, or what the tool leaves out: hidden arguments, demands beside the properties,
//! headers that the server sets, other responses, what is said of a path.

use serde_json::json;

use crate::generator::mutations::{
    Edit::Tree,
    Mutation,
    bodies::{component, property},
    changes,
    facets::parameter,
    operations::operation,
    problems,
};

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "enum of a hidden argument changed",
        what: "the overlay's default of the hidden `schemas` of a new member is not allowed any more",
        edit: Tree(|document| {
            property(document, "CreateScimUserBody", "schemas")?["items"]["enum"] =
                json!(["urn:ietf:params:scim:schemas:torii:3.0:User"]);
            Some(())
        }),
        expected: problems(&[("E0213", "overlay: x-operation-id: postScimV2Users … schemas:")], &[]),
    },
    Mutation {
        name: "default of a hidden argument changed",
        what: "`type` of `GET /workflows`, which no tool has, is `all` by default",
        edit: Tree(|document| {
            parameter(document, "/workflows", "type")?["schema"]["default"] = "all".into();
            Some(())
        }),
        expected: changes(&["other-changed list_workflows"]),
    },
    Mutation {
        name: "default that the overlay sets is out of bounds",
        what: "`size` of `GET /audit` is at most 20",
        edit: Tree(|document| {
            parameter(document, "/audit", "size")?["schema"]["maximum"] = 20.into();
            Some(())
        }),
        expected: problems(&[("E0213", "overlay: x-operation-id: getAudit … response:")], &[]),
    },
    Mutation {
        name: "one of some properties required",
        what: "a changed transaction has `idApp` or `mappingStatus`",
        edit: Tree(|document| {
            component(document, "UpdateTransactionBody")?["anyOf"] =
                json!([{ "required": ["idApp"] }, { "required": ["mappingStatus"] }]);
            Some(())
        }),
        expected: changes(&["narrowed update_transaction"]),
    },
    Mutation {
        name: "fewest properties of a body",
        what: "a change of an app has at least one property",
        edit: Tree(|document| {
            component(document, "UpdateAppBody")?["minProperties"] = 1.into();
            Some(())
        }),
        expected: changes(&["other-changed update_app"]),
    },
    Mutation {
        name: "enum narrowed beside the enum",
        what: "`view` of `GET /users` is also one of two values by `allOf`",
        edit: Tree(|document| {
            parameter(document, "/users", "view")?["schema"]["allOf"] = json!([{ "enum": ["allUsers", "currentEmployees"] }]);
            Some(())
        }),
        expected: changes(&["narrowed list_users"]),
    },
    Mutation {
        name: "version by a header that is no argument",
        what: "`GET /audit` requires `Accept` with a version",
        edit: Tree(|document| {
            let header = json!({ "name": "Accept", "in": "header", "required": true,
                "schema": { "type": "string", "enum": ["application/vnd.torii.v2+json"] } });
            operation(document, "/audit", "get")?.get_mut("parameters")?.as_array_mut()?.push(header);
            Some(())
        }),
        expected: changes(&["other-changed list_audit_logs"]),
    },
    Mutation {
        name: "header required that the overlay removes",
        what: "`GET /users` requires `X-API-Version`",
        edit: Tree(|document| {
            let header = json!({ "name": "X-API-Version", "in": "header", "required": true, "schema": { "type": "string", "enum": ["2.0"] } });
            operation(document, "/users", "get")?.get_mut("parameters")?.as_array_mut()?.push(header);
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "default added that the overlay removes",
        what: "`startTime` of `GET /workflows/audit` has a default",
        edit: Tree(|document| {
            parameter(document, "/workflows/audit", "startTime")?["schema"]["default"] = "2026-11-01".into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "second response of success changed",
        what: "`POST /files/upload` answers 201 with a `uuid`",
        edit: Tree(|document| {
            let responses = operation(document, "/files/upload", "post")?.get_mut("responses")?;
            responses["201"]["content"]["application/json"]["schema"] = json!({ "properties": { "uuid": { "type": "string" } } });
            Some(())
        }),
        expected: changes(&["other-changed upload_file"]),
    },
    Mutation {
        name: "content of a file encoded",
        what: "the file of `POST /files/upload` is in base64",
        edit: Tree(|document| {
            property(document, "UploadFileBody", "file")?["contentEncoding"] = "base64".into();
            Some(())
        }),
        expected: changes(&["other-changed upload_file"]),
    },
    Mutation {
        name: "path retired",
        what: "`/users/{idUser}` is said to be retired",
        edit: Tree(|document| {
            let path = document.get_mut("paths")?.get_mut("/users/{idUser}")?;
            path["description"] = "This endpoint is being retired on 2027-03-01.".into();
            Some(())
        }),
        expected: changes(&[
            "sunset-changed get_user",
            "sunset-changed update_user",
            "text-changed get_user",
            "text-changed update_user",
        ]),
    },
    Mutation {
        name: "rate of a path by an extension",
        what: "`/audit` has an `x-rate-limit`",
        edit: Tree(|document| {
            document.get_mut("paths")?.get_mut("/audit")?["x-rate-limit"] = "10 per minute".into();
            Some(())
        }),
        expected: changes(&["other-changed list_audit_logs"]),
    },
    Mutation {
        name: "limit in a text that the overlay replaces",
        what: "`fields` of `GET /apps` are at most 20",
        edit: Tree(|document| {
            parameter(document, "/apps", "fields")?["description"] = "Fields to return. At most 20 fields.".into();
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
    Mutation {
        name: "unit of a limit in words changed",
        what: "a file of `POST /files/upload` has at most 3 KB",
        edit: Tree(|document| {
            let operation = operation(document, "/files/upload", "post")?;
            operation["description"] = operation["description"].as_str()?.replace("3 MB", "3 KB").into();
            Some(())
        }),
        expected: changes(&["limit-changed upload_file", "text-changed operation postFilesUpload"]),
    },
    Mutation {
        name: "property of an open body declared",
        what: "`status` of a changed contract is `active` or `closed`",
        edit: Tree(|document| {
            let status = json!({ "type": "string", "enum": ["active", "closed"] });
            component(document, "UpdateContractBody")?
                .get_mut("properties")?
                .as_object_mut()?
                .insert("status".to_owned(), status);
            Some(())
        }),
        expected: changes(&["argument-added update_contract"]),
    },
    Mutation {
        name: "condition between properties",
        what: "a changed transaction with `amount` needs a `reason`",
        edit: Tree(|document| {
            component(document, "UpdateTransactionBody")?["dependentRequired"] = json!({ "amount": ["reason"] });
            Some(())
        }),
        expected: problems(
            &[("E0311", "/components/schemas/UpdateTransactionBody/dependentRequired")],
            &["other-changed update_transaction"],
        ),
    },
    Mutation {
        name: "value gone from a long enum that the overlay replaces",
        what: "the type of an app field is no longer `currency`",
        edit: Tree(|document| {
            property(document, "UpdateAppFieldBody", "type")?
                .get_mut("enum")?
                .as_array_mut()?
                .retain(|value| value != "currency");
            Some(())
        }),
        expected: changes(&["correction-outdated document"]),
    },
];
