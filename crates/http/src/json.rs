//! JSON responses.
//!
//! `axum::Json` is not used: its feature enables `serde_json/raw_value` for the whole program. With that feature, a parsed
//! [`serde_json::Value`] interprets the text in `{"$serde_json::private::RawValue": "…"}` as JSON of its own, which bypasses
//! every limit on depth and number of values.

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

/// The codes of an invalid request and of an internal error (JSON-RPC 2.0, section 5.1).
const INVALID_REQUEST: i32 = -32600;
const INTERNAL_ERROR: i32 = -32603;

/// The body of a response of the MCP endpoint that refuses a request before it is read: a JSON-RPC error without an ID, with the status.
#[must_use]
pub fn rpc_error(status: StatusCode, message: &str) -> Value {
    let code = if status.is_server_error() { INTERNAL_ERROR } else { INVALID_REQUEST };
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message, "data": { "status": status.as_u16() } } })
}

/// A response whose body is this value as JSON.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn no_member_of_an_object_is_parsed_as_json_of_its_own() {
        for name in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
            let text = json!({ name: "[1]" }).to_string();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!({ name: "[1]" }));
        }
    }
}
