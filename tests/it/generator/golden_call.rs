//! The golden tools of `every-encoding`, compiled and called: what an argument becomes on the wire, byte for byte.

use mcp_http::caller::{Caller, Key};
use openapi_mcp::catalog::Tool;
use serde_json::{Value, json};

use super::compiled::{FixedApi, Seen, compiled};

compiled!("every-encoding");

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("the header is text")).unwrap_or_default()
    }

    fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}

fn tool(name: &str) -> &'static Tool {
    catalog().find(name).expect("the tool is in the manifest")
}

/// Somebody who has a key for each security scheme.
fn caller() -> Caller {
    let key = |name: &str, plain: &str| (name.to_owned(), Key::new(plain).expect("it is a key"));
    Caller::new([key("shopKey", "k-1"), key("shopLogin", "ada:secret")].into_iter().collect())
}

/// Calls a golden tool of an API that responds with this content; what the API saw, and the tool's output.
async fn call_for(
    name: &str,
    arguments: Value,
    (media, content): (&'static str, &'static [u8]),
) -> (Option<Seen>, Result<Value, String>) {
    let mut api = FixedApi::start(media, content).await;
    let given = arguments.as_object().cloned().unwrap_or_default();
    let tool = tool(name);
    // null is sent where the pipeline puts it, for `clear`
    let emptied: Vec<_> = given.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| name.clone()).collect();
    let empty = |arguments: Arguments| emptied.iter().fold(arguments, |all, name| all.with_unchecked(name, Value::Null));
    let outcome = match Arguments::check(tool, given).map(empty) {
        Ok(arguments) => upstream(&api.base).call(tool, &caller(), arguments).await,
        Err(failure) => Err(failure),
    };
    let outcome = outcome.map(|output| output.structured().into()).map_err(|failure| failure.to_string());
    (api.seen(), outcome)
}

/// Calls a golden tool; what the API saw, or why nothing was sent.
async fn call(name: &str, arguments: Value) -> Result<Seen, String> {
    match call_for(name, arguments, ("application/json", b"{}")).await {
        (Some(seen), Ok(_)) => Ok(seen),
        (None, Err(failure)) => Err(failure),
        (_, outcome) => panic!("half sent: {outcome:?}"),
    }
}

async fn sent(name: &str, arguments: Value) -> Seen {
    call(name, arguments).await.unwrap_or_else(|failure| panic!("{failure}"))
}

#[tokio::test]
async fn a_parameter_is_written_as_its_encoding_says() {
    let seen = sent(
        "get_part",
        json!({
            "idItem": "a b/c", "idPart": 7, "name": "A & B=C?", "size": 10, "isOpen": false, "price": 0.10,
            "status": ["open", "closed"], "ids": [1, 2], "fields": ["id", "na,me"], "words": ["two words", "x"],
            "tags": ["a", "b"], "filters": [{"key": "name", "op": "equals", "value": "x"}],
            "X-Api.Version": "1.1", "X-Trace": 5, "X-Shops": ["main", "other"],
            "sizes": [1, 2], "color": {"R": 100, "G": 200}, "shade": {"R": 100, "G": 0.5}, "X-Range": {"from": 1, "to": 9},
            "conditions": {"since": "2024-01-01", "isOpen": true, "size": 3},
        }),
    )
    .await;
    let filters = "%5B%7B%22key%22%3A%22name%22%2C%22op%22%3A%22equals%22%2C%22value%22%3A%22x%22%7D%5D";
    assert_eq!(
        seen.line,
        format!(
            "GET /items/a%20b%2Fc/parts/7?R=100&G=200&fields=id%2Cna%2Cme&filters={filters}&ids=1&ids=2&isOpen=false&name=A+%26+B%3DC%3F\
             &price=0.1&shade=R%2C100%2CG%2C0.5&size=10&sizes=1&sizes=2&status=open&status=closed&tags=a%7Cb\
             &where%5Bsince%5D=2024-01-01&where%5BisOpen%5D=true&where%5Bsize%5D=3&words=two+words+x"
        )
    );
    assert_eq!(seen.header("x-api.version"), "1.1");
    assert_eq!(seen.header("x-trace"), "5");
    assert_eq!(seen.header("x-shops"), "main,other");
    assert_eq!(seen.header("x-range"), "from=1,to=9");
    assert!(seen.body.is_empty());
}

#[tokio::test]
async fn lists_and_objects_can_be_segments_of_the_path() {
    let range = |shade: &str| json!({"ids": [1, 2], "range": {"from": 1, "to": 9}, "path_shade": {"R": 100, "G": shade}});
    assert_eq!(sent("get_range", range("a/b")).await.line, "GET /ranges/1,2/from=1,to=9/R,100,G,a%2Fb");
    // the name of another argument, whose own name is sent
    let mut with_query = range("x");
    with_query["shade"] = 7.into();
    assert_eq!(sent("get_range", with_query).await.line, "GET /ranges/1,2/from=1,to=9/R,100,G,x?shade=7");
    for (arguments, name) in [
        (range("x/../y"), "path_shade"),
        (json!({"ids": [], "range": {"from": 1}, "path_shade": {"R": 1}}), "ids"),
        (json!({"ids": [1], "range": {}, "path_shade": {"R": 1}}), "range"),
    ] {
        let refused = call("get_range", arguments).await;
        assert!(refused.is_err_and(|text| text.contains(name)), "{name}");
    }
}

#[tokio::test]
async fn what_the_assistant_leaves_out_is_not_sent() {
    let seen = sent("get_part", json!({"idItem": "1", "idPart": 2, "name": "x"})).await;
    assert_eq!(seen.line, "GET /items/1/parts/2?name=x");
    assert!(seen.headers.get("x-trace").is_none());
}

#[tokio::test]
async fn a_path_argument_stays_one_segment_or_nothing_is_sent() {
    for item in [".", "..", "", "%2e%2e"] {
        let refused = call("get_part", json!({"idItem": item, "idPart": 1, "name": "x"})).await;
        assert!(refused.is_err_and(|text| text.contains("idItem")), "{item:?}");
    }
}

#[tokio::test]
async fn a_closed_body_takes_what_it_lists_and_loses_none_of_it() {
    let body = json!({
        "name": "x", "count": 9_007_199_254_740_993_i64, "isOpen": true, "price": 12.50, "tags": [],
        "size": {"width": 3, "unit": "cm"},
    });
    let seen = sent("create_item", body.clone()).await;
    assert_eq!((seen.line.as_str(), seen.json()), ("POST /items", body));
    assert_eq!(sent("create_item", json!({"name": "x"})).await.json(), json!({"name": "x"}));
    let refused = call("create_item", json!({"name": "x", "nmae": "y"})).await;
    assert!(refused.is_err_and(|text| text.contains("nmae")));
}

#[tokio::test]
async fn null_is_sent_where_the_api_takes_it() {
    let seen = sent("update_item", json!({"idItem": 5, "owner": null})).await;
    assert_eq!((seen.line.as_str(), seen.json()), ("PATCH /items/5", json!({"owner": null})));
}

#[tokio::test]
async fn an_open_body_takes_every_argument_that_is_left() {
    let seen = sent("replace_item", json!({"idItem": 5, "new_name": "x", "c_color": "red", "c_none": null})).await;
    assert_eq!((seen.line.as_str(), seen.json()), ("PUT /items/5", json!({"name": "x", "c_color": "red", "c_none": null})));
}

#[tokio::test]
async fn a_list_as_a_body_is_sent_as_it_is() {
    let seen = sent("replace_items", json!({"body": [{"name": "x"}, {}]})).await;
    assert_eq!((seen.line.as_str(), seen.json()), ("PUT /items", json!([{"name": "x"}, {}])));
}

#[tokio::test]
async fn a_file_goes_as_a_part_of_a_form() {
    let seen = sent("upload_file", json!({"type": "contract", "file": {"name": "a.txt", "text": "Grüße"}})).await;
    let content_type = seen.header("content-type");
    let (kind, boundary) = content_type.split_once("; boundary=").expect("the boundary is told");
    let body = String::from_utf8_lossy(&seen.body);
    assert_eq!((seen.line.as_str(), kind), ("POST /files", "multipart/form-data"));
    assert_eq!(body.matches(&format!("--{boundary}")).count(), 3, "{body}");
    assert!(body.contains("name=\"type\"\r\n\r\ncontract\r\n"), "{body}");
    assert!(body.contains("filename=\"a.txt\"") && body.contains("\r\n\r\nGrüße\r\n"), "{body}");
}

#[tokio::test]
async fn fields_of_a_web_form_are_escaped_and_lists_repeat_theirs() {
    let seen = sent("create_search", json!({"q": "a&b=ü", "tags": ["x", "y z"], "near": {"x": 1}})).await;
    assert_eq!((seen.line.as_str(), seen.header("content-type")), ("POST /searches", "application/x-www-form-urlencoded"));
    assert_eq!(seen.body, "q=a%26b%3D%C3%BC&tags=x&tags=y+z&near=%7B%22x%22%3A1%7D");
}

#[tokio::test]
async fn text_as_a_body_is_sent_byte_for_byte() {
    let seen = sent("create_note", json!({"body": "# Grüße\n\"x\""})).await;
    assert_eq!((seen.line.as_str(), seen.header("content-type")), ("POST /notes", "text/markdown; charset=utf-8"));
    assert_eq!(seen.body, "# Grüße\n\"x\"");
}

#[tokio::test]
async fn bodies_are_sent_as_the_media_type_that_the_document_declares() {
    let seen = sent("update_relations", json!({"idItem": 5, "body": [{"op": "remove", "path": "/a"}]})).await;
    assert_eq!((seen.line.as_str(), seen.header("content-type")), ("PATCH /items/5/relations", "application/json-patch+json"));
    assert_eq!(seen.header("accept"), "application/vnd.api+json");
    assert_eq!(seen.body, r#"[{"op":"remove","path":"/a"}]"#);
    let seen = sent("create_relation", json!({"idItem": 5, "name": "x"})).await;
    assert_eq!((seen.header("content-type"), seen.header("accept")), ("application/vnd.api+json", "application/json"));
    let seen = sent("import_relations", json!({"idItem": 5, "body": {"base64": "UEsD"}})).await;
    assert_eq!((seen.header("content-type"), &*seen.body), ("application/zip", b"PK\x03".as_slice()));
    let refused = call("import_relations", json!({"idItem": 5, "body": {}})).await;
    assert!(refused.is_err_and(|text| text.contains("`body` is missing")));
}

#[tokio::test]
async fn a_range_of_media_types_includes_json() {
    let seen = sent("create_picture", json!({"name": "x"})).await;
    assert_eq!((seen.json(), seen.header("accept")), (json!({"name": "x"}), "application/json"));
}

#[tokio::test]
async fn content_that_is_not_json_is_returned_as_text_or_base64_with_its_type() {
    let (seen, text) = call_for("export_relations", json!({"idItem": 5}), ("text/csv; charset=utf-8", b"a,b\n1,2\n")).await;
    assert_eq!(seen.unwrap().header("accept"), "text/csv, application/pdf");
    assert_eq!(text, Ok(json!({"name": "relations", "contentType": "text/csv", "size": 8, "text": "a,b\n1,2\n"})));
    let (_, bytes) = call_for("export_relations", json!({"idItem": 5}), ("application/pdf", b"%PDF\xff")).await;
    assert_eq!(bytes, Ok(json!({"name": "relations", "contentType": "application/pdf", "size": 5, "base64": "JVBERv8="})));
    let (_, problem) = call_for("export_relations", json!({"idItem": 5}), ("application/json", b"{\"rows\":0}")).await;
    assert_eq!(problem, Ok(json!({"rows": 0})));
}

#[tokio::test]
async fn every_method_of_http_is_sent() {
    assert_eq!(sent("list_relation_methods", json!({"idItem": 5})).await.line, "OPTIONS /items/5/relations");
    assert_eq!(sent("trace_relations", json!({"idItem": 5})).await.line, "TRACE /items/5/relations");
}

#[tokio::test]
async fn a_dry_run_shows_the_media_types_that_are_not_json() {
    let tool = tool("update_relations");
    let arguments = json!({"idItem": 5, "body": []}).as_object().cloned().unwrap();
    let shown = upstream("http://127.0.0.1:9").preview(tool, &caller(), Arguments::check(tool, arguments).unwrap()).await;
    assert_eq!(
        shown.unwrap().structured()["request"],
        json!({
            "method": "PATCH", "url": "http://127.0.0.1:9/items/5/relations", "accept": "application/vnd.api+json",
            "contentType": "application/json-patch+json", "body": []
        })
    );
}

#[tokio::test]
async fn a_key_is_sent_as_its_security_scheme_says() {
    let seen = sent("export_relations", json!({"idItem": 5})).await;
    assert_eq!((seen.header("x-shop-key"), seen.header("authorization")), ("k-1", ""));
    let seen = sent("create_picture", json!({"name": "x"})).await;
    assert_eq!((seen.header("x-shop-key"), seen.header("authorization")), ("", "Basic YWRhOnNlY3JldA=="));
    let seen = sent("trace_relations", json!({"idItem": 5})).await;
    assert_eq!((seen.header("x-shop-key"), seen.header("authorization")), ("", ""));
}

#[tokio::test]
async fn the_api_gets_its_own_names_and_no_fragment() {
    let seen = sent("export_relations", json!({"idItem": 5, "team_ids": [1, 2]})).await;
    assert_eq!(seen.line, "GET /items/5/relations?team_ids%5B%5D=1&team_ids%5B%5D=2");
    assert_eq!(sent("create_draft", json!({})).await.line, "POST /pictures");
}
