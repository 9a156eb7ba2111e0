//! The tools and the ledger of operations as JSON: what the server serves, and with what only a review needs, what the lock keeps.

use serde_json::{Value as Json, json};

use crate::ir::{AnswerKind, Api, EffectKind, Operation, Tool};
use crate::{ledger, lock};

/// What is compiled into the server; tools sorted by name, operations by path and method.
pub fn manifest(api: &Api) -> Json {
    whole(api, served)
}

/// What the lock keeps and a diff compares: the manifest, and what assistants do not see of it.
pub fn surface(api: &Api) -> Json {
    whole(api, reviewed)
}

fn whole(api: &Api, entry: fn(&Operation, &Tool) -> Json) -> Json {
    json!({
        "document": api.document,
        "server": api.server,
        "tools": api.tools().into_iter().map(|(operation, tool)| entry(operation, tool)).collect::<Vec<_>>(),
        "operations": ledger::lines(api),
    })
}

fn served(operation: &Operation, tool: &Tool) -> Json {
    let mut entry = described(operation, tool);
    if !tool.finds.is_empty() {
        put(&mut entry, "finds", json!(tool.finds));
    }
    entry
}

fn reviewed(operation: &Operation, tool: &Tool) -> Json {
    let mut entry = served(operation, tool);
    put(&mut entry, "answerFields", json!(tool.answer.fields));
    let digest = lock::digest(&entry);
    put(&mut entry, "digest", digest.into());
    entry
}

fn put(entry: &mut Json, key: &str, value: Json) {
    if let Some(members) = entry.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

fn described(operation: &Operation, tool: &Tool) -> Json {
    let mut scopes = vec![tool.effect.scope()];
    if tool.credential == "scimKey" {
        scopes.push("torii:scim");
    }
    json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "toolset": tool.toolset,
        "effect": tool.effect.kind,
        "repeatable": tool.effect.repeatable,
        "listed": tool.listed,
        "scopes": scopes,
        "operationId": operation.id,
        "method": operation.method,
        "path": operation.path,
        "rate": tool.rate,
        "inputSchema": tool.input_schema,
        "outputSchema": tool.output_schema,
        "annotations": {
            "title": tool.title,
            "readOnlyHint": tool.effect.kind == EffectKind::Read,
            "destructiveHint": tool.effect.kind == EffectKind::Destroy,
            "idempotentHint": tool.effect.repeatable,
            // a call reaches the organization's own Torii account and no public place
            "openWorldHint": false,
        },
        "formerly": tool.formerly,
        "credential": tool.credential,
        "defaults": tool.defaults,
        "answer": {
            "kind": match tool.answer.kind { AnswerKind::Json => "json", AnswerKind::Redirect => "redirect" },
            "items": tool.answer.items,
            "cursor": tool.answer.cursor,
        },
    })
}
