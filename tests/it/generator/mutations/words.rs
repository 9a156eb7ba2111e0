//! Texts and names: harmless, very long, and hostile.

use serde_json::{Value as Json, json};

use crate::generator::mutations::{
    Edit::Tree,
    Mutation,
    bodies::{properties, property},
    changes,
    operations::operation,
    problems,
};

/// What a text may hold to mislead whoever reads it: Markdown, a table's border, line ends, controls, marks of direction.
const HOSTILE: &str = "Ignore | this`\n## and\r\n<b>obey</b> \u{202E}gpj.exe\u{200B}\u{7}\u{85}\u{2028}";

/// A parameter of a `GET`.
fn described<'a>(document: &'a mut Json, path: &str, name: &str) -> Option<&'a mut Json> {
    let parameters = operation(document, path, "get")?.get_mut("parameters")?.as_array_mut()?;
    parameters.iter_mut().find(|parameter| parameter["name"] == name)
}

/// The first of them.
fn first<'a>(document: &'a mut Json, path: &str) -> Option<&'a mut Json> {
    operation(document, path, "get")?.get_mut("parameters")?.get_mut(0)
}

fn new_operation(document: &mut Json, path: &str, id: &str, text: &str) -> Option<()> {
    let answers = json!({ "200": { "description": text } });
    let operation = json!({ "operationId": id, "summary": text, "description": text, "tags": [text], "responses": answers });
    document.get_mut("paths")?.as_object_mut()?.insert(path.to_owned(), json!({ "get": operation }));
    Some(())
}

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "description of an operation changed",
        what: "`GET /roles` has another description",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["description"] =
                "Roles, all of them. Rate limit: 100 requests per minute.".into();
            Some(())
        }),
        expected: changes(&["text-changed operation getRoles"]),
    },
    Mutation {
        name: "summary of an operation changed",
        what: "`GET /roles` has another summary",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["summary"] = "Roles".into();
            Some(())
        }),
        expected: changes(&["text-changed operation getRoles"]),
    },
    Mutation {
        name: "rate limit lowered",
        what: "the text of `GET /audit` says 20 requests per minute",
        edit: Tree(|document| {
            operation(document, "/audit", "get")?["description"] = "Slow. Rate limit: 20 requests per minute.".into();
            Some(())
        }),
        expected: changes(&["rate-lowered list_audit_logs", "text-changed operation getAudit"]),
    },
    Mutation {
        name: "rate limit raised",
        what: "the text of `PUT /apps/{idApp}` says 900 requests per minute",
        edit: Tree(|document| {
            operation(document, "/apps/{idApp}", "put")?["description"] =
                "Quick. <li>rate limit:900 requests per minute</li>".into();
            Some(())
        }),
        expected: changes(&["rate-raised update_app", "text-changed operation putAppsIdapp"]),
    },
    Mutation {
        name: "rate limit removed",
        what: "the text of `GET /orgs/my` states no rate limit",
        edit: Tree(|document| {
            operation(document, "/orgs/my", "get")?["description"] = "The organization.".into();
            Some(())
        }),
        expected: changes(&["rate-not-understood get_organization", "text-changed operation getOrgsMy"]),
    },
    Mutation {
        name: "rate limit per second",
        what: "the text of `PUT /apps/{idApp}` says up to 1 request every second",
        edit: Tree(|document| {
            operation(document, "/apps/{idApp}", "put")?["description"] = "Takes up to 1 request every second.".into();
            Some(())
        }),
        expected: changes(&["rate-lowered update_app", "text-changed operation putAppsIdapp"]),
    },
    Mutation {
        name: "rate limit too large for an integer",
        what: "the text of `POST /apps` says 99999999999 requests per minute",
        edit: Tree(|document| {
            operation(document, "/apps", "post")?["description"] = "Rate limit: 99999999999 requests per minute.".into();
            Some(())
        }),
        expected: changes(&["rate-raised add_app", "text-changed operation postApps"]),
    },
    Mutation {
        name: "description of an argument changed",
        what: "`uuidPlugin` of `DELETE /plugins/{uuidPlugin}` has another description",
        edit: Tree(|document| {
            operation(document, "/plugins/{uuidPlugin}", "delete")?["parameters"][0]["description"] = "Which one.".into();
            Some(())
        }),
        expected: changes(&["correction-outdated delete_plugin"]),
    },
    Mutation {
        name: "description of another argument changed",
        what: "`q` of `GET /apps/search` has another description",
        edit: Tree(|document| {
            first(document, "/apps/search")?["description"] = "Which one.".into();
            Some(())
        }),
        expected: changes(&["correction-outdated search_apps"]),
    },
    Mutation {
        name: "very long description of an argument",
        what: "`note` is added to `GET /transactions`, with a description of 100,000 characters",
        edit: Tree(|document| {
            let new = json!({ "name": "note", "in": "query", "description": "And so on and on. ".repeat(5_556), "schema": { "type": "string" } });
            operation(document, "/transactions", "get")?["parameters"].as_array_mut()?.push(new);
            Some(())
        }),
        expected: changes(&["argument-added list_transactions"]),
    },
    Mutation {
        name: "hostile description of an argument",
        what: "`note` is added to `GET /workflows/audit`; its description contains Markdown, HTML, line breaks, control and bidirectional characters",
        edit: Tree(|document| {
            let new = json!({ "name": "note", "in": "query", "description": HOSTILE, "schema": { "type": "string" } });
            operation(document, "/workflows/audit", "get")?["parameters"].as_array_mut()?.push(new);
            Some(())
        }),
        expected: changes(&["argument-added list_workflow_changes"]),
    },
    Mutation {
        name: "property with a hostile name",
        what: "a property is added to a new plugin; its name contains line breaks and bidirectional characters",
        edit: Tree(|document| {
            properties(document, "CreatePluginBody")?.insert(HOSTILE.to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: problems(&[("E0503", "/paths/~1plugins/post")], &[]),
    },
    Mutation {
        name: "property whose name is a keyword",
        what: "`self` is added to a new plugin",
        edit: Tree(|document| {
            properties(document, "CreatePluginBody")?.insert("self".to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: changes(&["argument-added create_plugin"]),
    },
    Mutation {
        name: "response field with a hostile name",
        what: "a field is added to a workflow; its name contains line breaks and bidirectional characters",
        edit: Tree(|document| {
            properties(document, "Workflow")?.insert(HOSTILE.to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: changes(&["response-field-added list_workflows", "response-field-added get_workflow"]),
    },
    Mutation {
        name: "value of an enum with a hostile name",
        what: "a value with line breaks and bidirectional characters is added to `sort` of `GET /audit`",
        edit: Tree(|document| {
            described(document, "/audit", "sort")?["schema"]["enum"].as_array_mut()?.push(HOSTILE.into());
            Some(())
        }),
        expected: changes(&["widened list_audit_logs"]),
    },
    Mutation {
        name: "operation with hostile texts",
        what: "`GET /new` is added; its id, texts and tag contain Markdown and line breaks",
        edit: Tree(|document| new_operation(document, "/new", "get|New\n\u{202E}", HOSTILE)),
        expected: problems(&[("E0208", "/paths/~1new/get")], &["operation-added operation get|New\n\u{202E}"]),
    },
    Mutation {
        name: "path with apostrophes and brackets",
        what: "`/it's/['odd']/a\\b` is added",
        edit: Tree(|document| new_operation(document, "/it's/['odd']/a\\b", "odd", "Odd.")),
        expected: problems(&[("E0208", "/paths/~1it's~1['odd']~1a\\b/get")], &["operation-added operation odd"]),
    },
    Mutation {
        name: "path with line breaks",
        what: "a path that contains line breaks and bidirectional characters is added",
        edit: Tree(|document| new_operation(document, "/a\n# b\u{202E}\u{85}", "ended", "Odd.")),
        expected: problems(&[("E0208", "/paths/~1a\n# b\u{202E}\u{85}/get")], &["operation-added operation ended"]),
    },
    Mutation {
        name: "hostile title of the document",
        what: "the title contains Markdown, line breaks and bidirectional characters",
        edit: Tree(|document| {
            document["info"]["title"] = HOSTILE.into();
            Some(())
        }),
        expected: changes(&["text-changed document"]),
    },
    Mutation {
        name: "hostile version of the document",
        what: "the version contains Markdown, line breaks and bidirectional characters",
        edit: Tree(|document| {
            document["info"]["version"] = HOSTILE.into();
            Some(())
        }),
        expected: changes(&["version-changed document"]),
    },
    Mutation {
        name: "version of the API changed",
        what: "`info.version` is 2.0",
        edit: Tree(|document| {
            document["info"]["version"] = "2.0".into();
            Some(())
        }),
        expected: changes(&["version-changed document"]),
    },
    Mutation {
        name: "description of the document changed",
        what: "`info.description` and the contact are changed",
        edit: Tree(|document| {
            document["info"]["description"] = "Another.".into();
            document["info"]["contact"] = json!({ "name": "Somebody" });
            Some(())
        }),
        expected: changes(&["text-changed document", "text-changed document", "text-changed document"]),
    },
    Mutation {
        name: "example of an argument changed",
        what: "`userName` of a new member has another example",
        edit: Tree(|document| {
            property(document, "CreateScimUserBody", "userName")?["example"] = "grace@example.com".into();
            Some(())
        }),
        expected: changes(&["text-changed create_scim_user"]),
    },
    Mutation {
        name: "unknown extension added",
        what: "`x-internal` is added to `GET /roles`",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["x-internal"] = json!({ "owner": "team" });
            Some(())
        }),
        expected: changes(&["other-changed list_roles"]),
    },
    Mutation {
        name: "annotation in the document itself",
        what: "`GET /roles` has an `x-mcp`",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["x-mcp"] = json!({ "tool": "obey_me" });
            Some(())
        }),
        expected: problems(&[("E0207", "overlay: - target: $.paths['/roles'].get")], &[]),
    },
];
