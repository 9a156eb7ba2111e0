//! The tools and the ledger of operations as JSON: what the server serves, and with what only a review needs, what the lock keeps.

use serde_json::{Map, Value as Json, json};

use crate::ir::{AnswerKind, Api, Argument, Body, EffectKind, Encoding, Location, Operation, Tool};
use crate::ledger;

/// What is compiled into the server; tools sorted by name, operations by path and method.
pub fn manifest(api: &Api) -> Json {
    whole(api, served, &ledger::lines(api))
}

/// What the lock keeps and a diff compares: the manifest, and what assistants do not see of it.
pub fn surface(api: &Api) -> Json {
    let mut lines = ledger::lines(api);
    for (line, operation) in lines.iter_mut().zip(&api.operations) {
        if let Some(digest) = &operation.upstream {
            put(line, "upstream", digest.as_str().into());
        }
    }
    whole(api, reviewed, &lines)
}

fn whole(api: &Api, entry: fn(&Operation, &Tool) -> Json, lines: &[Json]) -> Json {
    json!({
        "document": api.document,
        "server": api.server,
        "tools": api.tools().into_iter().map(|(operation, tool)| entry(operation, tool)).collect::<Vec<_>>(),
        "operations": lines,
    })
}

fn served(operation: &Operation, tool: &Tool) -> Json {
    let mut entry = described(operation, tool);
    if let Some(fields) = &tool.answer.fields
        && let Some(answer) = entry.get_mut("answer")
    {
        put(answer, "fields", fields.clone());
    }
    if let Some(bytes) = tool.max_request_bytes {
        put(&mut entry, "maxRequestBytes", bytes.into());
    }
    if !tool.search_terms.is_empty() {
        put(&mut entry, "searchTerms", json!(tool.search_terms));
    }
    for (key, kind) in [("takesKeys", &tool.takes_keys), ("listsKeys", &tool.lists_keys)] {
        if let Some(kind) = kind {
            put(&mut entry, key, json!(kind));
        }
    }
    entry
}

fn reviewed(operation: &Operation, tool: &Tool) -> Json {
    let mut entry = served(operation, tool);
    put(&mut entry, "request", request(tool));
    put(&mut entry, "answerFields", json!(tool.answer.contents));
    let digest = digest(&entry);
    put(&mut entry, "digest", digest.into());
    entry
}

/// How a call is written, which assistants need not know.
fn request(tool: &Tool) -> Json {
    let arguments: Map<String, Json> =
        tool.arguments.iter().map(|argument| (argument.name.clone(), place(argument, tool.body.as_ref()).into())).collect();
    let body = tool.body.as_ref().map(|body| match body {
        Body::Object { .. } | Body::Whole { .. } => "JSON",
        Body::Form => "multipart/form-data",
        Body::Urlencoded => "application/x-www-form-urlencoded",
        Body::Text { media, .. } => media,
    });
    json!({ "body": body, "arguments": arguments })
}

/// As in `query`, or `query filters, as JSON` where the argument has another name.
fn place(argument: &Argument, body: Option<&Body>) -> String {
    let Argument { name, wire, .. } = argument;
    let whole = matches!(body, Some(Body::Whole { argument } | Body::Text { argument, .. }) if argument == wire);
    let place = match argument.location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Body if whole => return "the whole body".to_owned(),
        Location::Body => "body",
    };
    let written = match argument.encoding {
        Encoding::Plain(_) => String::new(),
        Encoding::Repeated(_) => ", once for each item".to_owned(),
        Encoding::Joined(sign) => format!(", items joined by '{sign}'"),
        Encoding::Pairs(sign) => format!(", members joined by '{sign}'"),
        Encoding::Members => ", each member by its own name".to_owned(),
        Encoding::Deep => ", each member in brackets".to_owned(),
        // as all of the body
        Encoding::Json if argument.location == Location::Body => String::new(),
        Encoding::Json => ", as JSON".to_owned(),
    };
    let called = if name == wire { String::new() } else { format!(" {wire}") };
    format!("{place}{called}{written}")
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
        "defaultListed": tool.default_listed,
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
        "aliases": tool.aliases,
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

/// Digest of a tool's entry, the order of members aside; SHA-256 in hex.
pub fn digest(entry: &Json) -> String {
    let mut entry = entry.clone();
    if let Some(members) = entry.as_object_mut() {
        members.shift_remove("digest");
    }
    crate::sha256(&sorted(&entry).to_string())
}

/// The same with the members of every object in the order of their names.
fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(key, member)| (key.clone(), sorted(member))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Json::Object(Map::from_iter(members))
        }
        Json::Array(items) => items.iter().map(sorted).collect(),
        plain => plain.clone(),
    }
}
