use axum::{body::Body, extract::Request, http::header::ACCEPT};

use super::{BOTH, JsonOnly, negotiate};

/// Whether a client that accepts this is served, and whether it gets nothing but the response.
fn served(accept: &[&str]) -> Option<bool> {
    let mut request = Request::post("/mcp").header("content-type", "application/json");
    for value in accept {
        request = request.header(ACCEPT, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    negotiate(&mut request).ok()?;
    let accepts: Vec<_> = request.headers().get_all(ACCEPT).iter().collect();
    assert_eq!(accepts, [&BOTH], "which rmcp wants");
    Some(request.extensions().get::<JsonOnly>().is_some())
}

#[test]
fn whoever_accepts_json_by_the_rules_of_http_is_served() {
    let only_json = Some(true);
    for accept in
        ["*/*", "application/*", "application/json", "APPLICATION/JSON", "text/html, */*;q=0.1", "", "application/json;q=0.5"]
    {
        assert_eq!(served(&[accept]), only_json, "{accept}");
    }
    assert_eq!(served(&[]), only_json);
    assert_eq!(served(&["text/html", "application/json; charset=utf-8"]), only_json);
    assert_eq!(served(&["application/json, text/event-stream;q=0"]), only_json);
    assert_eq!(served(&["application/json;x=\"a,b;q=0\""]), only_json, "what stands in quotes is no weight");
    assert_eq!(served(&["application/json, text/event-stream"]), Some(false));
    assert_eq!(served(&["text/event-stream, */*"]), Some(false));
}

#[test]
fn whoever_excludes_json_is_not() {
    for accept in [
        "text/html",
        "text/event-stream",
        "application/json;q=0",
        "application/json; Q=0.000, */*",
        "application/*;q=0, */*",
        "application/xml, text/*",
    ] {
        assert_eq!(served(&[accept]), None, "{accept}");
    }
}
