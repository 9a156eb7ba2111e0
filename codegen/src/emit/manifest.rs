//! The tools and the ledger of operations as JSON: what the server serves, what `tools --json` prints, what the lock keeps.

use serde_json::{Value as Json, json};

use crate::ir::{AnswerKind, Api, EffectKind, Operation, Tool};
use crate::{ledger, lock};

/// The whole manifest; tools sorted by name, operations by path and method.
pub fn manifest(api: &Api) -> Json {
    json!({
        "document": api.document,
        "server": api.server,
        "tools": api.tools().into_iter().map(|(operation, tool)| entry(operation, tool)).collect::<Vec<_>>(),
        "operations": ledger::lines(api),
    })
}

fn entry(operation: &Operation, tool: &Tool) -> Json {
    let mut entry = described(operation, tool);
    if let Some(fields) = &tool.answer.fields
        && let Some(answer) = entry.get_mut("answer")
    {
        put(answer, "fields", fields.clone());
    }
    if !tool.finds.is_empty() {
        put(&mut entry, "finds", json!(tool.finds));
    }
    for (key, kind) in [("takesKeys", &tool.takes_keys), ("listsKeys", &tool.lists_keys)] {
        if let Some(kind) = kind {
            put(&mut entry, key, json!(kind));
        }
    }
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
        "confirm": tool.confirm,
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
        "controls": tool.controls,
        "defaults": tool.defaults,
        "answer": {
            "kind": match tool.answer.kind { AnswerKind::Json => "json", AnswerKind::Redirect => "redirect" },
            "items": tool.answer.items,
            "cursor": tool.answer.cursor,
        },
    })
}
