//! Fields in Torii's metadata of apps, users and contracts.

use mcp_http::sanitize::one_line;
use openapi_mcp::custom_fields::{Field, MAX_CHARACTERS};
use serde_json::Value;

/// Reads one entry of the metadata; `None` if it is deleted or has no valid key.
pub(super) fn read(entry: &Value) -> Option<Field> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let is_deleted = entry.get("isDeleted").and_then(Value::as_bool).unwrap_or_default();
    let key = text("systemKey").filter(|key| is_key(key) && !is_deleted)?;
    Some(Field {
        key: key.to_owned(),
        filter_key: text("filterSystemKey").filter(|filter| *filter != key && is_key(filter)).map(str::to_owned),
        name: one_line(text("name").unwrap_or_default(), MAX_CHARACTERS),
        type_: one_line(text("type").unwrap_or_default(), MAX_CHARACTERS),
        is_custom: entry.get("idField").is_some(),
    })
}

/// Whether a key can be shown unchanged.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_CHARACTERS && one_line(text, MAX_CHARACTERS) == text
}
