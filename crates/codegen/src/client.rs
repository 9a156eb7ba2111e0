//! The typed client, which progenitor generates from a document written for it.
//!
//! progenitor does not read the publisher's document. It reads one that is written from the plans of the tools: it contains only
//! exposed operations, named after their tools; parameters and bodies are reduced to what a request consists of; every response
//! is raw bytes. So nothing else in a large or unusual document can break the build or slow it down, and a response reaches the
//! assistant as it was sent. Constraints that are left out here are checked against the input schema before the client is called.
//!
//! progenitor and typify panic on unsupported input: the call is guarded, and a failure is reported at its operation.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapi_mcp_model::Method;
use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::{Map, Value as Json, json};

use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Api, Argument, ArgumentLocation, Body, Encoding, Scalar, ToolPlan};
use crate::names;

/// Generates the client's source. Problems are reported, and the result is `None`.
pub fn client(api: &Api, location_of: &dyn Fn(&str) -> Location, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
    let tools = api.tools();
    let mut methods: HashMap<&str, usize> = HashMap::new();
    for plan in &tools {
        check_idents(plan, location_of, diagnostics);
        let count = methods.entry(&plan.tool.path).or_default();
        *count += 1;
        if *count > USUAL_METHODS {
            diagnostics
                .error("E0404", location_of(&plan.tool.operation_id), format!("`{}` has too many methods", plan.tool.path))
                .hint("exclude the operation with `x-mcp: {exclude: …}`");
        }
    }
    if diagnostics.has_errors() {
        return None;
    }
    match generate(document(&tools)) {
        Ok(tokens) => Some(tokens),
        Err(whole) => {
            let mut blamed = false;
            for plan in &tools {
                if let Err(reason) = generate(document(&[plan])) {
                    blamed = true;
                    diagnostics
                        .error("E0401", location_of(&plan.tool.operation_id), format!("no client can be generated: {reason}"))
                        .hint("simplify the operation in the overlay, or exclude it");
                }
            }
            if !blamed {
                diagnostics
                    .error("E0901", Location::default(), format!("no client can be generated: {whole}"))
                    .hint("please report this; it is a fault of the generator");
            }
            None
        }
    }
}

/// Reports arguments whose Rust names collide: progenitor distinguishes parameters by their Rust names, and reserves some names.
fn check_idents(plan: &ToolPlan, location_of: &dyn Fn(&str) -> Location, diagnostics: &mut Diagnostics) {
    let mut taken: Vec<String> = ["client", "header_map", "new", "send"].map(str::to_owned).into();
    taken.extend(plan.body.as_ref().map(|_| "body".to_owned()));
    taken.extend(plan.body.as_ref().filter(|body| body.is_bytes()).map(|_| "content_type".to_owned()));
    let own = taken.len();
    for argument in plan.arguments.iter().filter(|argument| argument.location != ArgumentLocation::Body) {
        let ident = names::rust_snake(&plan.client_name(argument));
        let found = taken.iter().position(|other| *other == ident);
        taken.push(ident);
        let (message, hint) = match found {
            None => continue,
            Some(index) if index < own => {
                ("is called like a part of the client itself", "remove it in the overlay, or exclude the operation")
            }
            Some(_) => ("cannot be distinguished from another one", "remove one of them in the overlay"),
        };
        diagnostics
            .error("E0402", location_of(&plan.tool.operation_id), format!("the parameter `{}` {message}", argument.wire))
            .hint(hint);
    }
}

fn generate(document: Json) -> Result<TokenStream, String> {
    let document = serde_json::from_value(document).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(super::Call));
    catch_unwind(AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&document)))
        .map_err(|panic| panic_text(panic.as_ref()))?
        .map_err(|error| error.to_string())
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the client generator gave up").to_owned()
}

/// The OpenAPI document of these tools.
fn document(plans: &[&ToolPlan]) -> Json {
    let mut paths = Map::new();
    let (usual, rare): (Vec<&ToolPlan>, Vec<&ToolPlan>) = plans.iter().partition(|plan| is_usual(plan.tool.method));
    for plan in usual.into_iter().chain(rare) {
        let item = paths.entry(path(plan)).or_insert_with(|| json!({}));
        if let Json::Object(item) = item {
            // reqwest has no functions for rare methods; the runtime sets the method of each request, so any other does
            let place = if is_usual(plan.tool.method) { Some(plan.tool.method) } else { free(item) };
            item.insert(place.unwrap_or(plan.tool.method).key().to_owned(), operation(plan));
        }
    }
    json!({
        "openapi": "3.0.3",
        // the publisher's texts must not get into the code, not even into comments
        "info": {"title": "API", "version": "1"},
        "paths": paths,
    })
}

/// The path, with the names that the client has for its parameters.
fn path(plan: &ToolPlan) -> String {
    let segments = plan.arguments.iter().filter(|argument| argument.location == ArgumentLocation::Path);
    let renamed = |path: String, argument: &Argument| {
        path.replace(&format!("{{{}}}", argument.wire), &format!("{{{}}}", plan.client_name(argument)))
    };
    segments.fold(plan.tool.path.clone(), renamed)
}

/// How many methods are usual; see [`is_usual`].
const USUAL_METHODS: usize = 6;

fn is_usual(method: Method) -> bool {
    !matches!(method, Method::Options | Method::Trace)
}

/// A usual method that the path item does not have yet.
fn free(item: &Map<String, Json>) -> Option<Method> {
    Method::ALL.into_iter().find(|method| is_usual(*method) && !item.contains_key(method.key()))
}

fn operation(plan: &ToolPlan) -> Json {
    let parameters = plan.arguments.iter().filter(|argument| argument.location != ArgumentLocation::Body);
    let parameters = parameters.map(|argument| parameter(argument, &plan.client_name(argument)));
    let content_type = plan
        .body
        .as_ref()
        .filter(|body| body.is_bytes())
        .map(|_| json!({"name": "content-type", "in": "header", "required": true, "schema": {"type": "string"}}));
    let mut operation = json!({
        "operationId": plan.tool.name,
        "parameters": parameters.chain(content_type).collect::<Vec<_>>(),
        "responses": {"default": {"description": "", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}},
    });
    let content = match &plan.body {
        None => return operation,
        Some(Body::Whole { argument }) => {
            let schema = plan
                .arguments
                .iter()
                .find(|candidate| candidate.wire == *argument)
                .map_or_else(|| json!({}), |body| shape(&body.schema));
            json!({"application/json": {"schema": schema}})
        }
        Some(Body::Object { open }) => json!({"application/json": {"schema": body(&plan.arguments, *open)}}),
        Some(Body::Form { .. } | Body::Urlencoded | Body::Text { .. } | Body::Bytes { .. }) => {
            json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}})
        }
    };
    if let Json::Object(operation) = &mut operation {
        operation.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    operation
}

fn parameter(argument: &Argument, name: &str) -> Json {
    let location = match argument.location {
        ArgumentLocation::Path => "path",
        ArgumentLocation::Header => "header",
        ArgumentLocation::Query | ArgumentLocation::Body => "query",
    };
    let schema = match argument.encoding {
        Encoding::Plain(kind) => scalar(kind),
        Encoding::Repeated(kind) => json!({"type": "array", "items": scalar(kind)}),
        Encoding::Members | Encoding::Deep => json!({"type": "object", "additionalProperties": true}),
        Encoding::Joined(_) | Encoding::Pairs(_) | Encoding::Json => scalar(Scalar::String),
    };
    json!({"name": name, "in": location, "required": argument.required, "schema": schema})
}

fn scalar(kind: Scalar) -> Json {
    match kind {
        Scalar::Integer => json!({"type": "integer"}),
        Scalar::Boolean => json!({"type": "boolean"}),
        // a number keeps the digits that it was sent with, which no Rust number type guarantees
        Scalar::String | Scalar::Number => json!({"type": "string"}),
    }
}

/// The schema of a body made of several arguments: a struct, if a struct can hold the value without loss.
fn body(arguments: &[Argument], open: bool) -> Json {
    let parts = || arguments.iter().filter(|argument| argument.location == ArgumentLocation::Body);
    let properties: Map<String, Json> = parts().map(|argument| (argument.wire.clone(), argument.schema.clone())).collect();
    let required: Vec<&str> = parts().filter(|argument| argument.required).map(|argument| argument.wire.as_str()).collect();
    object(&properties, &json!(required), open)
}

/// The shape of an argument's schema: what Rust types can hold without loss, and `{}` for everything else.
fn shape(schema: &Json) -> Json {
    let Some(members) = schema.as_object() else { return json!({}) };
    match members.get("type").and_then(Json::as_str) {
        Some("string") => json!({"type": "string"}),
        Some("integer") => json!({"type": "integer"}),
        Some("boolean") => json!({"type": "boolean"}),
        Some("array") => json!({"type": "array", "items": members.get("items").map_or_else(|| json!({}), shape)}),
        Some("object") => {
            let open = members.get("additionalProperties").is_none_or(|additional| additional != false);
            let none = Map::new();
            let properties = members.get("properties").and_then(Json::as_object).unwrap_or(&none);
            object(properties, members.get("required").unwrap_or(&Json::Null), open)
        }
        _ => json!({}),
    }
}

/// The shape of an object. A struct drops unknown members and cannot distinguish null from absent, so an object that may have
/// either becomes a map. A struct also leaves out an optional list or map that is empty, although an empty value may be intended;
/// such a member becomes a plain JSON value.
fn object(properties: &Map<String, Json>, required: &Json, open: bool) -> Json {
    let nullable = |schema: &Json| {
        let kinds = schema.get("type").and_then(Json::as_array);
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null")) || schema.get("type").is_none()
    };
    let mut idents: Vec<String> = properties.keys().map(|name| names::rust_snake(name)).collect();
    idents.sort_unstable();
    idents.dedup();
    if open || idents.len() < properties.len() || properties.values().any(nullable) {
        return json!({"type": "object", "additionalProperties": true});
    }
    let required = if required.is_array() { required.clone() } else { json!([]) };
    let is_required = |name: &str| required.as_array().is_some_and(|names| names.iter().any(|one| one == name));
    let member = |name: &str, schema: &Json| match shape(schema) {
        Json::Object(shape) if !is_required(name) && may_be_empty(&shape) => json!({}),
        shape => shape,
    };
    let properties: Map<String, Json> = properties.iter().map(|(name, schema)| (name.clone(), member(name, schema))).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn may_be_empty(shape: &Map<String, Json>) -> bool {
    shape.get("type").is_some_and(|kind| kind == "array") || shape.contains_key("additionalProperties")
}
