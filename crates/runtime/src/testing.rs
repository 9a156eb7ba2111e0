//! Helpers for unit tests.

use std::{
    pin::Pin,
    sync::{Arc, LazyLock},
};

use mcp_http::{
    caller::{Key, Keys},
    sanitize::one_line,
    scope::{ScopeAccess, ScopeDefinition, ScopeDefinitions, Scopes},
};
use progenitor_client::{Error, ResponseValue};
use serde_json::Value;

use crate::{
    arguments::Arguments,
    catalog::Catalog,
    custom_fields::{Field, MAX_CHARACTERS},
    mcp::ServerDescription,
    tool_error::ToolError,
    upstream::{Call, Received, ToolFn, ToolFns},
};

/// Four scopes of an API: `api:read`, `api:write`, `api:destroy`, and `api:staff`, which needs the key `staff`.
pub(crate) fn definitions() -> ScopeDefinitions {
    let define = |name: &str, title: &str, implies: &[&str], access| ScopeDefinition {
        name: name.to_owned(),
        title: title.to_owned(),
        description: format!("{title}."),
        implies: implies.iter().map(|name| (*name).to_owned()).collect(),
        access,
        credential: None,
    };
    let staff = define("api:staff", "Work with Staff", &[], ScopeAccess::Read);
    ScopeDefinitions::new(vec![
        define("api:read", "See your data", &[], ScopeAccess::Read),
        define("api:write", "Add and change data", &["api:read"], ScopeAccess::Write),
        define("api:destroy", "Delete data", &["api:write"], ScopeAccess::Destroy),
        ScopeDefinition { credential: Some("staff".to_owned()), ..staff },
    ])
    .unwrap()
}

/// The set of some scopes, their names between blanks.
pub(crate) fn scopes(names: &str) -> Scopes {
    definitions().parse(names)
}

/// The keys of a caller who has one, for the credential of the API.
pub(crate) fn api_keys(key: &str) -> Keys {
    Key::new(key).map(|key| ("torii".to_owned(), key)).into_iter().collect()
}

/// Reads a field from the metadata of the example API.
pub(crate) fn read_field(entry: &Value) -> Option<Field> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let is_deleted = entry.get("isDeleted").and_then(Value::as_bool).unwrap_or_default();
    let key = text("systemKey").filter(|key| !key.contains('\n') && !is_deleted)?;
    Some(Field {
        key: key.to_owned(),
        filter_key: text("filterSystemKey").filter(|filter| *filter != key).map(str::to_owned),
        name: one_line(text("name").unwrap_or_default(), MAX_CHARACTERS),
        type_: one_line(text("type").unwrap_or_default(), MAX_CHARACTERS),
        is_custom: entry.get("idField").is_some(),
    })
}

/// The manifest of the product, whose tools are the example in these tests.
pub(crate) const MANIFEST: &str = include_str!("../../../openapi/tools.lock.json");

/// The catalog of the example.
pub(crate) fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::parse(MANIFEST).unwrap());
    &CATALOG
}

/// A function for each tool of the example. It sends a request without arguments.
pub(crate) fn tool_fns() -> ToolFns {
    static TOOL_FNS: LazyLock<Vec<(&str, ToolFn)>> =
        LazyLock::new(|| catalog().tools().iter().map(|tool| (tool.name.as_str(), send as ToolFn)).collect());
    &TOOL_FNS
}

fn send(call: Call, arguments: Arguments) -> Pin<Box<dyn Future<Output = Result<Received, ToolError>> + Send>> {
    Box::pin(async move {
        let url = format!("{}{}", call.base_url(), call.tool().path);
        let mut request = call.http_client().get(url);
        for (name, value) in arguments.values() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            request = request.query(&[(name.as_str(), text)]);
        }
        let sent = call.send(request.build().unwrap()).await.map(ResponseValue::stream);
        call.received(sent.map_err(Error::CommunicationError))
    })
}

/// A server description for tests.
pub(crate) fn description() -> ServerDescription {
    ServerDescription {
        version: "1",
        icon: None,
        coverage: r#"{"totals":{},"operations":[]}"#,
        prompts: Arc::new([]),
        read_field,
        other_filters: None,
    }
}
