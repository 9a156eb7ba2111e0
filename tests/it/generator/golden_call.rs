//! The golden tools of `every-encoding`, compiled and called: what an argument becomes on the wire, byte for byte.
//!
//! The arguments are checked and decoded as in the server; only the way to Torii is a double that sends and forgets.

use std::{pin::Pin, sync::LazyLock};

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, Uri},
};
use openapi_mcp::{
    arguments::Arguments,
    catalog::{Catalog, Tool},
    tool_error::ToolError,
};
use progenitor_client::{ByteStream, ClientHooks, Error, ResponseValue};
use serde_json::{Value, json};
use tokio::sync::mpsc;

mod generated {
    #![allow(
        clippy::all,
        clippy::pedantic,
        clippy::restriction,
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "nobody wrote it"
    )]

    include!("../../corpus/every-encoding/client.rs");
    include!("../../corpus/every-encoding/tools.rs");
}

/// What the generated code calls: it sends, and forgets what is answered.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    base: String,
}

type Received = ();
type ToolFn = fn(Call, Arguments) -> Pin<Box<dyn Future<Output = Result<Received, ToolError>> + Send>>;

impl ClientHooks<Call> for generated::Client {}

fn client(call: Call) -> generated::Client {
    generated::Client::new_with_client(&call.base.clone(), reqwest::Client::new(), call)
}

fn received(_: &generated::Client, sent: Result<ResponseValue<ByteStream>, Error<ByteStream>>) -> Result<Received, ToolError> {
    sent.map(|_| ()).map_err(|error| ToolError::invalid_request(error.to_string()))
}

/// What arrived at the API.
struct Seen {
    line: String,
    headers: HeaderMap,
    body: Bytes,
}

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
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let manifest = include_str!("../../corpus/every-encoding/manifest.json");
        Catalog::parse(manifest).expect("the server reads what the generator writes")
    });
    CATALOG.find(name).expect("the tool is in the manifest")
}

/// Calls a golden tool; what the API saw, or why nothing was sent.
async fn call(name: &str, arguments: Value) -> Result<Seen, String> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let record = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let _ = tell.send(Seen { line: format!("{method} {uri}"), headers, body });
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("the port is known"));
    let server = tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(record)).await });

    let (_, function) = generated::TOOL_FNS.iter().find(|(candidate, _)| *candidate == name).expect("the tool has its function");
    let given = arguments.as_object().cloned().unwrap_or_default();
    let tool = tool(name);
    let outcome = match Arguments::check(tool, given) {
        Ok(arguments) => function(Call { base }, arguments.with_defaults(tool)).await,
        Err(failure) => Err(failure),
    };
    server.abort();
    match (outcome, told.try_recv()) {
        (Ok(()), Ok(seen)) => Ok(seen),
        (Err(failure), Err(_)) => Err(failure.to_string()),
        (outcome, _) => panic!("half sent: {outcome:?}"),
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
            "tags": ["a", "b"], "filters": [{"key": "name", "op": "equals", "value": null}],
            "X-Api.Version": "1.1", "X-Trace": 5, "X-Shops": ["main", "other"],
            "sizes": [1, 2], "color": {"R": 100, "G": 200}, "shade": {"R": 100, "G": 0.5}, "X-Range": {"from": 1, "to": 9},
            "conditions": {"since": "2024-01-01", "isOpen": true, "size": 3},
        }),
    )
    .await;
    let filters = "%5B%7B%22key%22%3A%22name%22%2C%22op%22%3A%22equals%22%2C%22value%22%3Anull%7D%5D";
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
async fn what_the_assistant_leaves_out_is_not_sent() {
    let seen = sent("get_part", json!({"idItem": "1", "idPart": 2, "name": ""})).await;
    assert_eq!(seen.line, "GET /items/1/parts/2?name=");
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
