//! A request as it would be sent, for those who want to see it first. It holds no key: that is put on later.

use reqwest::{Request, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};

use super::answer::Answer;

/// The largest form that is shown.
const SHOWN: usize = 2_000;

/// What a request would send.
pub(super) fn preview(request: &Request) -> Answer {
    let mut shown = Map::from_iter([
        ("method".to_owned(), request.method().as_str().into()),
        ("url".to_owned(), request.url().as_str().into()),
    ]);
    if let Some(body) = request.body().and_then(|body| body.as_bytes()).filter(|body| !body.is_empty()) {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        shown.insert("contentType".to_owned(), media.into());
        shown.insert("body".to_owned(), shown_body(body));
    }
    Answer::from_object(json!({ "sent": false, "request": shown }))
}

/// JSON as it is, a short text as a text, and of anything else how long it is.
fn shown_body(body: &[u8]) -> Value {
    if let Ok(value) = serde_json::from_slice(body) {
        return value;
    }
    match std::str::from_utf8(body) {
        Ok(text) if text.len() <= SHOWN => text.into(),
        _ => format!("{} bytes", body.len()).into(),
    }
}
