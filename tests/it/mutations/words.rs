//! Texts and names: harmless, very long, and hostile.

use serde_json::{Value as Json, json};

use super::{
    Edit::Tree,
    Mutation,
    bodies::{properties, property},
    changes, nothing,
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
        name: "description of an operation",
        what: "`GET /roles` is described otherwise",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["description"] =
                "Roles, all of them. Rate limit: 100 requests per minute.".into();
            Some(())
        }),
        expected: changes(&["text-changed operation getRoles"]),
    },
    Mutation {
        name: "summary of an operation",
        what: "`GET /roles` has another summary",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["summary"] = "Roles".into();
            Some(())
        }),
        expected: changes(&["text-changed operation getRoles"]),
    },
    Mutation {
        name: "rate lowered",
        what: "the text of `GET /audit` says 20 requests per minute",
        edit: Tree(|document| {
            operation(document, "/audit", "get")?["description"] = "Slow. Rate limit: 20 requests per minute.".into();
            Some(())
        }),
        expected: changes(&["rate-lowered list_audit_logs", "text-changed operation getAudit"]),
    },
    Mutation {
        name: "rate raised",
        what: "the text of `PUT /apps/{idApp}` says 900 requests per minute",
        edit: Tree(|document| {
            operation(document, "/apps/{idApp}", "put")?["description"] =
                "Quick. <li>rate limit:900 requests per minute</li>".into();
            Some(())
        }),
        expected: changes(&["rate-raised update_app", "text-changed operation putAppsIdapp"]),
    },
    Mutation {
        name: "rate no longer told",
        what: "the text of `GET /orgs/my` says nothing of requests",
        edit: Tree(|document| {
            operation(document, "/orgs/my", "get")?["description"] = "The organization.".into();
            Some(())
        }),
        expected: changes(&["rate-raised get_organization", "text-changed operation getOrgsMy"]),
    },
    Mutation {
        name: "rate beyond all numbers",
        what: "the text of `POST /apps` says 99999999999 requests per minute",
        edit: Tree(|document| {
            operation(document, "/apps", "post")?["description"] = "Rate limit: 99999999999 requests per minute.".into();
            Some(())
        }),
        expected: changes(&["rate-raised add_app", "text-changed operation postApps"]),
    },
    Mutation {
        name: "description of an argument",
        what: "`uuidPlugin` of `DELETE /plugins/{uuidPlugin}` has other words",
        edit: Tree(|document| {
            operation(document, "/plugins/{uuidPlugin}", "delete")?["parameters"][0]["description"] = "Which one.".into();
            Some(())
        }),
        expected: nothing("the overlay describes it, with the same words so far"),
    },
    Mutation {
        name: "description of an argument that the overlay describes",
        what: "`q` of `GET /apps/search` has other words",
        edit: Tree(|document| {
            first(document, "/apps/search")?["description"] = "Which one.".into();
            Some(())
        }),
        expected: nothing("the overlay has words of its own"),
    },
    Mutation {
        name: "very long description of an argument",
        what: "`GET /transactions` takes `note`, described in 100,000 characters",
        edit: Tree(|document| {
            let new = json!({ "name": "note", "in": "query", "description": "And so on and on. ".repeat(5_556), "schema": { "type": "string" } });
            operation(document, "/transactions", "get")?["parameters"].as_array_mut()?.push(new);
            Some(())
        }),
        expected: changes(&["argument-added list_transactions"]),
    },
    Mutation {
        name: "hostile description of an argument",
        what: "`GET /workflows/audit` takes `note`, described with Markdown, markup, line ends, controls and marks of direction",
        edit: Tree(|document| {
            let new = json!({ "name": "note", "in": "query", "description": HOSTILE, "schema": { "type": "string" } });
            operation(document, "/workflows/audit", "get")?["parameters"].as_array_mut()?.push(new);
            Some(())
        }),
        expected: changes(&["argument-added list_workflow_changes"]),
    },
    Mutation {
        name: "property with a hostile name",
        what: "a new plugin takes a property whose name has line ends and marks of direction",
        edit: Tree(|document| {
            properties(document, "CreatePluginBody")?.insert(HOSTILE.to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: problems(&[("E0503", "/paths/~1plugins/post")], &[]),
    },
    Mutation {
        name: "property whose name is a keyword",
        what: "a new plugin takes `self`",
        edit: Tree(|document| {
            properties(document, "CreatePluginBody")?.insert("self".to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: changes(&["argument-added create_plugin"]),
    },
    Mutation {
        name: "field of an answer with a hostile name",
        what: "a workflow has a field whose name has line ends and marks of direction",
        edit: Tree(|document| {
            properties(document, "Workflow")?.insert(HOSTILE.to_owned(), json!({ "type": "string" }));
            Some(())
        }),
        expected: changes(&["response-field-added list_workflows", "response-field-added get_workflow"]),
    },
    Mutation {
        name: "value of an enum with a hostile name",
        what: "`sort` of `GET /audit` may be a text with line ends and marks of direction",
        edit: Tree(|document| {
            described(document, "/audit", "sort")?["schema"]["enum"].as_array_mut()?.push(HOSTILE.into());
            Some(())
        }),
        expected: changes(&["widened list_audit_logs"]),
    },
    Mutation {
        name: "operation with hostile words",
        what: "`GET /new` comes, its id, texts and tag with Markdown and line ends",
        edit: Tree(|document| new_operation(document, "/new", "get|New\n\u{202E}", HOSTILE)),
        expected: problems(&[("E0208", "/paths/~1new/get")], &["operation-added operation get|New\n\u{202E}"]),
    },
    Mutation {
        name: "path with apostrophes and brackets",
        what: "`/it's/['odd']/a\\b` comes",
        edit: Tree(|document| new_operation(document, "/it's/['odd']/a\\b", "odd", "Odd.")),
        expected: problems(&[("E0208", "/paths/~1it's~1['odd']~1a\\b/get")], &["operation-added operation odd"]),
    },
    Mutation {
        name: "path with line ends",
        what: "a path comes with line ends and marks of direction in it",
        edit: Tree(|document| new_operation(document, "/a\n# b\u{202E}\u{85}", "ended", "Odd.")),
        expected: problems(&[("E0208", "/paths/~1a\n# b\u{202E}\u{85}/get")], &["operation-added operation ended"]),
    },
    Mutation {
        name: "hostile title of the document",
        what: "the title has Markdown, line ends and marks of direction",
        edit: Tree(|document| {
            document["info"]["title"] = HOSTILE.into();
            Some(())
        }),
        expected: changes(&["text-changed document"]),
    },
    Mutation {
        name: "hostile version of the document",
        what: "the version has Markdown, line ends and marks of direction",
        edit: Tree(|document| {
            document["info"]["version"] = HOSTILE.into();
            Some(())
        }),
        expected: changes(&["version-changed document"]),
    },
    Mutation {
        name: "version of the API",
        what: "`info.version` is 2.0",
        edit: Tree(|document| {
            document["info"]["version"] = "2.0".into();
            Some(())
        }),
        expected: changes(&["version-changed document"]),
    },
    Mutation {
        name: "description of the document",
        what: "`info.description` and the contact are others",
        edit: Tree(|document| {
            document["info"]["description"] = "Another.".into();
            document["info"]["contact"] = json!({ "name": "Somebody" });
            Some(())
        }),
        expected: nothing("they reach no tool"),
    },
    Mutation {
        name: "example of an argument",
        what: "`userName` of a new member has another example",
        edit: Tree(|document| {
            property(document, "CreateScimUserBody", "userName")?["example"] = "grace@example.com".into();
            Some(())
        }),
        expected: nothing("examples in the document reach no tool"),
    },
    Mutation {
        name: "extension",
        what: "`GET /roles` has `x-internal`",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["x-internal"] = json!({ "owner": "team" });
            Some(())
        }),
        expected: nothing("extensions that we do not know mean nothing"),
    },
    Mutation {
        name: "annotation in the document",
        what: "`GET /roles` brings `x-mcp` along",
        edit: Tree(|document| {
            operation(document, "/roles", "get")?["x-mcp"] = json!({ "tool": "obey_me" });
            Some(())
        }),
        expected: problems(&[("E0207", "overlay: - target: $.paths['/roles'].get")], &[]),
    },
];
