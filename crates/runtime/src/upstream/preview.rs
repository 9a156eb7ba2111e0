//! A description of a request for a dry run. It contains no API key, since that is added only when the request is sent.

use reqwest::{
    Request,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::{Map, Value, json};

use crate::tool_output::ToolOutput;

/// The largest text body that is shown, in bytes.
const SHOWN: usize = 2_000;
/// The largest JSON body that is shown, in bytes.
const JSON_SHOWN: usize = 20_000;

/// Describes a request.
pub(super) fn preview(request: &Request, accept: &HeaderValue) -> ToolOutput {
    let mut shown = Map::from_iter([
        ("method".to_owned(), request.method().as_str().into()),
        ("url".to_owned(), request.url().as_str().into()),
    ]);
    if accept != "application/json" {
        shown.insert("accept".to_owned(), accept.to_str().unwrap_or_default().into());
    }
    if let Some(body) = request.body().and_then(|body| body.as_bytes()).filter(|body| !body.is_empty()) {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        shown.insert("contentType".to_owned(), media.into());
        shown.insert("body".to_owned(), shown_body(body));
    }
    ToolOutput::of(&json!({ "sent": false, "request": shown }))
}

/// The body to show: JSON as a value, a short text as a string, and for anything else its length.
fn shown_body(body: &[u8]) -> Value {
    let length = body.len();
    match (serde_json::from_slice(body), std::str::from_utf8(body)) {
        (Ok(value), _) if length <= JSON_SHOWN => value,
        (Ok(_), _) => format!("{length} bytes of JSON").into(),
        (_, Ok(text)) if length <= SHOWN => text.into(),
        _ => format!("{length} bytes").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_shown_as_far_as_it_can_be_read() {
        assert_eq!(shown_body(br#"{"a":1}"#), json!({ "a": 1 }));
        assert_eq!(shown_body(b"a=1&b=2"), "a=1&b=2");
        assert_eq!(shown_body(&[b'a'; 2_001]), "2001 bytes");
        assert_eq!(shown_body(b"\xff\0"), "2 bytes");
        let list = |n: usize| serde_json::to_vec(&vec![1; n]).unwrap();
        assert!(shown_body(&list(9_000)).is_array());
        assert_eq!(shown_body(&list(10_000)), "20001 bytes of JSON");
    }
}
