//! The manifest, which the server reads, and the surface, which is stored in the lock and also contains what only a review needs.

use openapi_mcp_model::Manifest;
use serde_json::{Map, Value as Json, json};

use crate::ir::{Api, Argument, ArgumentLocation, Body, Encoding, Operation, ToolPlan};
use crate::tree::sorted;

/// The manifest that is compiled into the server; tools are sorted by name, operations by path and method.
pub fn manifest(api: &Api) -> Manifest {
    Manifest {
        document: api.document.clone(),
        server: api.server.clone(),
        product: api.product.clone(),
        scopes: api.scopes.clone(),
        credentials: api.credentials.clone(),
        tools: api.tools().into_iter().map(|plan| plan.tool.clone()).collect(),
        operations: api.operations.iter().map(Operation::coverage_entry).collect(),
    }
}

/// The surface, which the lock stores and a diff compares: the manifest, and the form of each tool's requests and responses.
pub fn surface(api: &Api) -> Json {
    let tools = api.tools().into_iter().map(reviewed).collect::<Vec<_>>();
    let operations = api.operations.iter().map(|operation| {
        let mut entry = json!(operation.coverage_entry());
        if let Some(text) = &operation.described {
            put(&mut entry, "described", text.as_str().into());
        }
        entry
    });
    json!({
        "document": api.document,
        "server": api.server,
        "product": api.product,
        "scopes": api.scopes,
        "credentials": api.credentials,
        "tools": tools,
        "operations": operations.collect::<Vec<_>>(),
        "overlay": api.overlay,
        "security": api.security,
        "corrections": api.corrections,
        "about": api.about,
    })
}

fn reviewed(plan: &ToolPlan) -> Json {
    let mut entry = json!(plan.tool);
    if !plan.tool.tables.is_empty() {
        // their columns are those of the response
        if let Some(entry) = entry.as_object_mut() {
            entry.shift_remove("tables");
        }
        put(&mut entry, "tableNames", plan.tool.tables.iter().map(|table| table.name.as_str()).collect());
    }
    put(&mut entry, "request", request(plan));
    put(&mut entry, "responseFields", json!(plan.response_fields));
    put(&mut entry, "security", json!(plan.security));
    if !plan.server.is_empty() {
        put(&mut entry, "server", plan.server.as_str().into());
    }
    put(&mut entry, "facets", json!(plan.facets));
    put(&mut entry, "structure", json!(plan.structure));
    let replaced: Map<String, Json> = plan
        .arguments
        .iter()
        .filter(|argument| !argument.replaced.is_empty())
        .map(|argument| (argument.name.clone(), json!(argument.replaced)))
        .collect();
    if !replaced.is_empty() {
        put(&mut entry, "replaced", replaced.into());
    }
    let digest = digest(&entry);
    put(&mut entry, "digest", digest.into());
    entry
}

/// The location of each argument in the request.
fn request(plan: &ToolPlan) -> Json {
    let arguments: Map<String, Json> =
        plan.arguments.iter().map(|argument| (argument.name.clone(), location(argument, plan.body.as_ref()).into())).collect();
    let body = plan.body.as_ref().map(|body| match body {
        Body::Object { .. } | Body::Whole { .. } => plan.tool.content_type.as_deref().unwrap_or("JSON"),
        Body::Form { .. } => "multipart/form-data",
        Body::Urlencoded => "application/x-www-form-urlencoded",
        Body::Text { media, .. } | Body::Bytes { media, .. } => media,
    });
    json!({ "body": body, "arguments": arguments })
}

/// A location as text, such as `query`, or `query filters, as JSON` if the API has another name for the argument.
fn location(argument: &Argument, body: Option<&Body>) -> String {
    let Argument { name, wire, .. } = argument;
    let whole = matches!(body, Some(Body::Whole { argument } | Body::Text { argument, .. } | Body::Bytes { argument, .. }) if argument == wire);
    let location = match argument.location {
        ArgumentLocation::Path => "path",
        ArgumentLocation::Query => "query",
        ArgumentLocation::Header => "header",
        ArgumentLocation::Body if whole => return "the whole body".to_owned(),
        ArgumentLocation::Body => "body",
    };
    let written = match argument.encoding {
        Encoding::Plain(_) => String::new(),
        Encoding::Repeated(_) => ", once for each item".to_owned(),
        Encoding::Joined(sign) => format!(", items joined by '{sign}'"),
        Encoding::Pairs(sign) => format!(", members joined by '{sign}'"),
        Encoding::Members => ", each member by its own name".to_owned(),
        Encoding::Deep => ", each member in brackets".to_owned(),
        // the whole body is JSON
        Encoding::Json if argument.location == ArgumentLocation::Body => String::new(),
        Encoding::Json => ", as JSON".to_owned(),
    };
    let called = if name == wire { String::new() } else { format!(" {wire}") };
    format!("{location}{called}{written}")
}

fn put(entry: &mut Json, key: &str, value: Json) {
    if let Some(members) = entry.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

/// Digest of a tool's entry, independent of the order of members; SHA-256 in hex.
pub fn digest(entry: &Json) -> String {
    let mut entry = entry.clone();
    if let Some(members) = entry.as_object_mut() {
        members.shift_remove("digest");
    }
    crate::sha256(&sorted(&entry).to_string())
}
