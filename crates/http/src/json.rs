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
