//! What the tools do not show of an argument or a field: patterns, deprecation, limits in words, examples.

use serde_json::{Value as Json, json};

use crate::generator::mutations::{
    Edit::Tree,
    Mutation,
    bodies::{component, property},
    changes,
    operations::operation,
};

/// A parameter of a `GET`.
pub(super) fn parameter<'a>(document: &'a mut Json, path: &str, name: &str) -> Option<&'a mut Json> {
    let parameters = operation(document, path, "get")?.get_mut("parameters")?.as_array_mut()?;
    parameters.iter_mut().find(|parameter| parameter["name"] == name)
}

fn describe(node: &mut Json, text: &str) {
    node["description"] = text.into();
}

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "pattern of a property added",
        what: "`name` of a new field of apps has a pattern",
        edit: Tree(|document| {
            property(document, "CreateAppFieldBody", "name")?["pattern"] = "^[A-Z]".into();
            Some(())
        }),
        expected: changes(&["narrowed create_app_field"]),
    },
    Mutation {
        name: "pattern of a response field added",
        what: "`systemKey` of a role has a pattern",
        edit: Tree(|document| {
            property(document, "Role", "systemKey")?["pattern"] = "^[a-z]+$".into();
            Some(())
        }),
        expected: changes(&["narrowed list_roles"]),
    },
    Mutation {
        name: "parameter deprecated",
        what: "`sortBy` of `GET /scim/v2/Users` is deprecated",
        edit: Tree(|document| {
            parameter(document, "/scim/v2/Users", "sortBy")?["deprecated"] = true.into();
            Some(())
        }),
        expected: changes(&["deprecated list_scim_users"]),
    },
    Mutation {
        name: "property deprecated",
        what: "`triggerUserEmail` of a request for access is deprecated",
        edit: Tree(|document| {
            property(document, "RunAccessPolicyBody", "triggerUserEmail")?["deprecated"] = true.into();
            Some(())
        }),
        expected: changes(&["deprecated request_app_access"]),
    },
    Mutation {
        name: "response field deprecated",
        what: "`id` of a role is deprecated",
        edit: Tree(|document| {
            property(document, "Role", "id")?["deprecated"] = true.into();
            Some(())
        }),
        expected: changes(&["deprecated list_roles"]),
    },
    Mutation {
        name: "sunset of an operation",
        what: "`GET /workflows` has an `x-sunset`",
        edit: Tree(|document| {
            operation(document, "/workflows", "get")?["x-sunset"] = "2027-03-01".into();
            Some(())
        }),
        expected: changes(&["sunset-changed list_workflows"]),
    },
    Mutation {
        name: "sunset of a parameter in words",
        what: "the description of `sortOrder` of `GET /scim/v2/Users` says that it will be removed",
        edit: Tree(|document| {
            let text = "Direction of the sorting. It will be removed on 2026-12-01.";
            describe(parameter(document, "/scim/v2/Users", "sortOrder")?, text);
            Some(())
        }),
        expected: changes(&["correction-outdated list_scim_users", "sunset-changed list_scim_users"]),
    },
    Mutation {
        name: "discriminator of a body added",
        what: "the mapping of a discriminator names two values for `name` of a custom integration",
        edit: Tree(|document| {
            let mapping = json!({ "files": "#/components/schemas/UploadFileBody", "users": "#/components/schemas/User" });
            component(document, "CreateCustomIntegrationBody")?["discriminator"] =
                json!({ "propertyName": "name", "mapping": mapping });
            Some(())
        }),
        expected: changes(&[
            "narrowed create_custom_integration",
            "widened create_custom_integration",
            "other-changed create_custom_integration",
        ]),
    },
    Mutation {
        name: "discriminator of a response added",
        what: "the mapping of a discriminator names two values for `name` of a role",
        edit: Tree(|document| {
            let mapping = json!({ "Admin": "#/components/schemas/User", "Member": "#/components/schemas/User" });
            component(document, "Role")?["discriminator"] = json!({ "propertyName": "name", "mapping": mapping });
            Some(())
        }),
        expected: changes(&["response-narrowed list_roles", "other-changed list_roles"]),
    },
    Mutation {
        name: "property becomes write-only",
        what: "`description` of a request for access is `writeOnly`",
        edit: Tree(|document| {
            property(document, "RunAccessPolicyBody", "description")?["writeOnly"] = true.into();
            Some(())
        }),
        expected: changes(&["other-changed request_app_access"]),
    },
    Mutation {
        name: "response field becomes write-only",
        what: "`description` of a role is `writeOnly`",
        edit: Tree(|document| {
            property(document, "Role", "description")?["writeOnly"] = true.into();
            Some(())
        }),
        expected: changes(&["response-field-removed list_roles"]),
    },
    Mutation {
        name: "response field becomes read-only",
        what: "`isAdmin` of a role is `readOnly`",
        edit: Tree(|document| {
            property(document, "Role", "isAdmin")?["readOnly"] = true.into();
            Some(())
        }),
        expected: changes(&["other-changed list_roles"]),
    },
    Mutation {
        name: "reserved characters allowed",
        what: "`filter` of `GET /scim/v2/Users` has `allowReserved`",
        edit: Tree(|document| {
            parameter(document, "/scim/v2/Users", "filter")?["allowReserved"] = true.into();
            Some(())
        }),
        expected: changes(&["request-changed list_scim_users"]),
    },
    Mutation {
        name: "limit in words lowered",
        what: "the description of `count` of `GET /scim/v2/Users` says at most 50 instead of 200",
        edit: Tree(|document| {
            let text = "Number of items on a page, at most 50.";
            describe(parameter(document, "/scim/v2/Users", "count")?, text);
            Some(())
        }),
        expected: changes(&["limit-changed list_scim_users", "correction-outdated list_scim_users"]),
    },
    Mutation {
        name: "limit in words of an operation",
        what: "the description of `GET /workflows` says that it returns at most 500",
        edit: Tree(|document| {
            let workflows = operation(document, "/workflows", "get")?;
            let text = format!("{} Returns at most 500 workflows.", workflows["description"].as_str()?);
            describe(workflows, &text);
            Some(())
        }),
        expected: changes(&["limit-changed list_workflows", "text-changed operation getWorkflows"]),
    },
    Mutation {
        name: "format that assistants do not see added",
        what: "`triggerAppId` of a request for access is a `double`",
        edit: Tree(|document| {
            property(document, "RunAccessPolicyBody", "triggerAppId")?["format"] = "double".into();
            Some(())
        }),
        expected: changes(&["correction-outdated document", "other-changed request_app_access"]),
    },
    Mutation {
        name: "example of a parameter added",
        what: "`q` of `GET /users` has two examples",
        edit: Tree(|document| {
            parameter(document, "/users", "q")?["examples"] = json!({ "one": { "value": "Ada" }, "two": { "value": "Grace" } });
            Some(())
        }),
        expected: changes(&["text-changed list_users"]),
    },
];
