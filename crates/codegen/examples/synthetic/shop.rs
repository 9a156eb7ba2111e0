//! Makes a document of any length like those of large APIs: with shared schemas, parameters and responses, lists, bodies, and
//! paths with parameters.

use serde_json::{Map, Value, json};

/// The number of properties that each body declares itself.
const PROPERTIES: usize = 20;

/// A document with this number of operations, and an overlay that makes tools of the first `annotated` ones.
pub(crate) fn shop(operations: usize, annotated: usize) -> (String, String) {
    let mut paths = Map::new();
    let mut schemas = Map::from_iter([
        (
            "Error".to_owned(),
            json!({"type": "object", "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}),
        ),
        (
            "Money".to_owned(),
            json!({"type": "object", "properties": {"amount": {"type": "number"}, "currency": {"$ref": "#/components/schemas/Currency"}}}),
        ),
        ("Currency".to_owned(), json!({"type": "string", "enum": ["EUR", "USD", "GBP", "CHF"]})),
    ]);
    let mut actions = Vec::new();
    for number in 0..operations {
        let (thing, way) = (number / 4, number % 4);
        let (path, method, verb) = match way {
            0 => (format!("/things{thing}"), "get", "list"),
            1 => (format!("/things{thing}"), "post", "create"),
            2 => (format!("/things{thing}/{{idThing}}"), "get", "get"),
            _ => (format!("/things{thing}/{{idThing}}"), "put", "replace"),
        };
        if way == 0 {
            schemas.insert(format!("Thing{thing}"), self::thing(thing));
        }
        let id = format!("{verb}Things{thing}");
        let item = paths.entry(path.clone()).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(method.to_owned(), operation(thing, way, &id));
            if way > 1 {
                item.insert("parameters".to_owned(), json!([{"$ref": "#/components/parameters/idThing"}]));
            }
        }
        if number < annotated {
            let update = json!({"x-mcp": {"tool": format!("{verb}_things{thing}")}});
            actions.push(json!({"target": format!("$.paths['{path}'].{method}"), "x-operation-id": id, "update": update}));
        }
    }
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {
                "idThing": {"name": "idThing", "in": "path", "required": true, "schema": {"type": "integer"}},
                "page": {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
                "size": {"name": "size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                "fields": {"name": "fields", "in": "query", "explode": false, "schema": {"type": "array", "items": {"type": "string"}}},
            },
            "responses": {"Error": {"description": "What went wrong.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}},
        },
    });
    (document.to_string(), json!({"overlay": "1.0.0", "actions": actions}).to_string())
}

fn thing(number: usize) -> Value {
    let kinds = [
        json!({"type": "string", "maxLength": 100, "description": "Some text about the thing."}),
        json!({"type": "integer", "minimum": 0}),
        json!({"type": "boolean"}),
        json!({"$ref": "#/components/schemas/Money"}),
        json!({"type": "array", "items": {"type": "string"}}),
    ];
    let properties = kinds.iter().cycle().take(PROPERTIES).enumerate();
    let properties: Map<String, Value> =
        properties.map(|(index, kind)| (format!("part{number}of{index}"), kind.clone())).collect();
    json!({"type": "object", "required": [format!("part{number}of0")], "properties": properties})
}

fn operation(thing: usize, way: usize, id: &str) -> Value {
    let schema = json!({"$ref": format!("#/components/schemas/Thing{thing}")});
    let shared = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    let own = (0..PROPERTIES).map(|index| json!({"name": format!("filter{index}"), "in": "query", "schema": {"type": "string"}}));
    let answer = if way == 0 { json!({"type": "array", "items": schema}) } else { schema.clone() };
    let error = json!({"$ref": "#/components/responses/Error"});
    let mut operation = json!({
        "operationId": id,
        "summary": "Does something with things.",
        "description": "Does something with things, as the manual says at length.",
        "tags": ["things"],
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": answer}}},
            "400": error, "401": error, "403": error, "404": error,
        },
    });
    if let Value::Object(operation) = &mut operation {
        if way == 0 {
            let parameters: Vec<Value> = own.chain(["page", "size", "fields"].map(shared)).collect();
            operation.insert("parameters".to_owned(), parameters.into());
        }
        if way % 2 == 1 {
            operation
                .insert("requestBody".to_owned(), json!({"required": true, "content": {"application/json": {"schema": schema}}}));
        }
    }
    operation
}
