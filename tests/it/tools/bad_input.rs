//! What assistants and users send that they should not: each gets a clear error, and nothing reaches Torii.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    assistant::{Called, Era, Server},
    mock_api::Torii,
};

/// A server in front of a Torii that must not be asked anything.
struct Guarded {
    torii: Torii,
    server: Server,
}

impl Guarded {
    fn new() -> Self {
        let torii = Torii::idle();
        let server = Server::before(&torii);
        Self { torii, server }
    }

    /// A request in the manner of 2025-11-25 with this body.
    fn raw(&self, body: impl Into<Vec<u8>>) -> RequestBuilder {
        self.server.post().header("mcp-protocol-version", "2025-11-25").body(body.into())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let asked: Vec<String> = self.torii.asked().into_iter().map(|asked| asked.line).collect();
        assert!(asked.is_empty() || std::thread::panicking(), "Torii was asked: {asked:?}");
    }
}

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.expect("the server answers");
    let (status, text) = (response.status(), response.text().await.expect("the response is text"));
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("the response is not JSON: {status} {text}")))
}

fn request(method: &str, params: &Value) -> Vec<u8> {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string().into_bytes()
}

fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_told_with_what_would() {
    let guarded = Guarded::new();
    for (tool, arguments, told) in [
        ("get_app", json!({}), "`idApp` is missing"),
        ("get_app", json!({ "idApp": "01001" }), "`idApp` must be a whole number, not `\"01001\"`"),
        ("get_app", json!({ "idApp": 1.5 }), "`idApp` must be a whole number, not `1.5`"),
        ("get_app", json!({ "idApp": 1e30 }), "`idApp` must be at most 2147483647"),
        ("get_app", json!({ "idApp": null }), "`idApp` is missing"),
        ("get_app", json!({ "idApp": true }), "`idApp` must be a whole number, not `true`"),
        ("get_app", json!({ "appId": 1001 }), "`appId` is unknown, did you mean `idApp`?; `idApp` is missing"),
        ("list_apps", json!({ "filter": [] }), "`filter` is unknown, did you mean `filters`?"),
        ("list_apps", json!({ "zzz": 1 }), "`zzz` is unknown, known are `fields`, "),
        ("list_apps", json!({ "size": "ten" }), "`size` must be a whole number, not `\"ten\"`"),
        ("list_apps", json!({ "size": 0 }), "`size` must be at least 1, not `0`"),
        ("list_apps", json!({ "size": 5000 }), "`size` must be at most 1000, not `5000`"),
        ("list_apps", json!({ "fields": "id,,name" }), "`fields` must be a list, not `\"id,,name\"`"),
        ("list_apps", json!({ "fields": [true] }), "`fields[0]` must be a string, not `true`"),
        ("list_apps", json!({ "filters": "[{\"key\":" }), "`filters` must be a list, not "),
        ("list_apps", json!({ "filters": { "key": "name" } }), "`filters` must be a list, not "),
        ("list_apps", json!({ "filters": [{ "key": "a", "op": "equal" }] }), "`filters[0].op` must not be `\"equal\"`, did you"),
        ("list_apps", json!({ "aggs": { "field": "state" } }), "`aggs.aggregationType` is missing"),
        ("update_user", json!({ "idUser": 1, "lifecycleStatus": "gone" }), "must be one of `active`, `offboarding`, "),
        ("create_contract", json!({ "name": "x" }), "`idApp` is missing; `status` is missing"),
        ("match_apps", json!({ "apps": [{ "nmae": "x" }] }), "`apps[0].nmae` is unknown, did you mean `apps[0].name`?"),
        ("upload_file", json!({ "file": "x", "type": "attachment" }), "`file` must be an object, not `\"x\"`"),
        ("upload_file", json!({ "file": { "name": "a.csv" }, "type": "attachment" }), "exactly one of `text` and `base64`"),
        ("upload_file", json!({ "file": { "name": "a", "base64": "*" }, "type": "attachment" }), "is not base64"),
        ("upload_file", json!({ "file": { "name": "", "text": "x" }, "type": "attachment" }), "`file.name` is missing"),
        (
            "upload_file",
            json!({ "file": { "name": "a.csv", "text": "x" }, "type": "poem" }),
            "`type` must be one of `attachment`",
        ),
    ] {
        let text = guarded.server.call(Era::Modern, tool, arguments.clone()).await.failure();
        assert!(text.contains(told), "{tool} {arguments}: {text}");
        assert!(text.ends_with("nothing was sent, correct the arguments and call again"), "{text}");
    }
}

#[tokio::test]
async fn a_path_argument_cannot_leave_its_place() {
    let guarded = Guarded::new();
    for id in [
        ".",
        "..",
        "%2e",
        "%2e%2e",
        "%2E%2e",
        "%252e%252e",
        "a/..",
        "../a",
        "a/./b",
        "..%2fusers",
        "..\\users",
        "\\",
        "%5c",
        "a\u{0}",
        "a\nb",
        "%00",
    ] {
        let text = guarded.server.call(Era::Modern, "delete_plugin", json!({ "uuidPlugin": id })).await.failure();
        assert!(text.starts_with("`uuidPlugin` must not be empty, contain "), "{id:?}: {text}");
    }
    let text = guarded.server.call(Era::Modern, "list_app_users", json!({ "idApp": ".." })).await.failure();
    assert!(text.starts_with("`idApp` must be a whole number, not `\"..\"`"), "{text}");
}

#[tokio::test]
async fn arguments_may_be_large_but_not_too_large() {
    let guarded = Guarded::new();
    let upload = |bytes| json!({ "file": { "name": "a.csv", "text": "x".repeat(bytes) }, "type": "attachment" });
    let text = guarded.server.call(Era::Modern, "upload_file", upload(4 << 20)).await.failure();
    assert!(text.starts_with("`file` is larger than 3 MiB; "), "{text}");
    let body = request("tools/call", &json!({ "name": "upload_file", "arguments": upload(6 << 20) }));
    let (status, body) = answer(guarded.raw(body)).await;
    assert_eq!((status.as_u16(), &body["error"]["data"]["status"]), (413, &json!(413)));
    let text = guarded.server.call(Era::Modern, "list_apps", json!({ "cursor": "x".repeat((1 << 20) - 1024) })).await.failure();
    assert!(text.contains("nothing was sent") && text.contains("pass fewer or shorter arguments"), "{text}");
}

#[tokio::test]
async fn deep_nesting_is_refused_whole_or_told() {
    let guarded = Guarded::new();
    let call = |levels| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"get_app","arguments":{{"idApp":{}}}}}}}"#,
            nested(levels)
        )
    };
    let (status, told) = answer(guarded.raw(call(20_000))).await;
    let words = "the body is nested deeper than 64 levels; send it less deeply nested";
    assert_eq!((status.as_u16(), &told["error"]["message"]), (413, &json!(words)), "{told}");
    let (_, told) = answer(guarded.raw(call(60))).await;
    let text = Called::from_answer("get_app", &told).failure();
    assert!(text.starts_with("`idApp` must be a whole number, not `[[[["), "{text}");
}

#[tokio::test]
async fn what_is_no_message_is_told_apart_from_a_wrong_one() {
    let guarded = Guarded::new();
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("{\"jsonrpc\":\"2.0\",", -32700),
        ("nonsense", -32700),
        ("\"text\"", -32600),
        ("[]", -32600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
        (r#"{"id":1,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
    ] {
        let (status, told) = answer(guarded.raw(body)).await;
        assert_eq!((status.as_u16(), &told["error"]["code"]), (400, &json!(code)), "{body}: {told}");
        assert!(told["error"]["message"].as_str().is_some_and(|message| message.starts_with("the body is not")), "{told}");
    }
    let (status, told) = answer(guarded.raw(b"\xff\xfe{}".to_vec())).await;
    assert_eq!((status.as_u16(), &told["error"]["code"]), (400, &json!(-32700)));
}

#[tokio::test]
async fn what_cannot_be_routed_is_an_error_of_the_protocol() {
    let guarded = Guarded::new();
    for (method, params, code, told) in [
        ("tools/call", json!({ "name": "list_app" }), -32602, "unknown tool `list_app`; did you mean `list_apps`?"),
        // a name of Torii's own server, misspelled, leads to ours
        ("tools/call", json!({ "name": "getAuditLog" }), -32602, "unknown tool `getAuditLog`; did you mean `list_audit_logs`?"),
        ("tools/call", json!({ "name": "zzz" }), -32602, "unknown tool `zzz`; list the tools"),
        ("tools/call", json!({ "name": "" }), -32602, "unknown tool ``"),
        ("tools/call", json!({}), -32602, "`tools/call` takes the `name` of a tool"),
        ("tools/call", json!({ "name": 5 }), -32602, "`tools/call` takes the `name` of a tool"),
        ("tools/call", json!({ "name": "list_apps", "arguments": [1] }), -32602, "its `arguments`, an object"),
        ("tools/call", json!({ "name": "list_apps", "arguments": "{}" }), -32602, "its `arguments`, an object"),
        ("tools/calls", json!({}), -32601, "`tools/calls` is not a method of this server"),
        ("resources/subscribe", json!({ "uri": "x" }), -32601, "resources/subscribe"),
    ] {
        let (status, answer) = guarded.server.ask(Era::Legacy, method, params.clone()).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!((status.as_u16(), &answer["error"]["code"]), (200, &json!(code)), "{method} {params}: {answer}");
        assert!(message.contains(told), "{method} {params}: {answer}");
    }
    for (method, status, code) in [("tools/calls", 404, -32601), ("ping", 404, -32601), ("logging/setLevel", 404, -32601)] {
        let (given, answer) = guarded.server.ask(Era::Modern, method, json!({ "level": "debug" })).await;
        assert_eq!((given.as_u16(), &answer["error"]["code"]), (status, &json!(code)), "{method}: {answer}");
    }
    let (_, answer) = guarded.server.ask(Era::Modern, "tools/call", json!({ "name": "zzz" })).await;
    assert_eq!(answer["error"]["code"], -32602);
}

#[tokio::test]
async fn versions_headers_and_body_have_to_agree() {
    const VERSION: &str = "2026-07-28";
    let guarded = Guarded::new();
    let meta = |version: &str| json!({ "io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {} });
    let call = json!({ "_meta": meta(VERSION), "name": "get_organization" });
    let list = json!({ "_meta": meta(VERSION) });
    for (version, headers, method, params, code) in [
        (VERSION, vec![], "tools/list", list.clone(), -32020),
        (VERSION, vec![("mcp-method", "tools/call")], "tools/list", list.clone(), -32020),
        (VERSION, vec![("mcp-method", "TOOLS/LIST")], "tools/list", list, -32020),
        (VERSION, vec![("mcp-method", "tools/call")], "tools/call", call.clone(), -32020),
        (VERSION, vec![("mcp-method", "tools/call"), ("mcp-name", "list_apps")], "tools/call", call, -32020),
        (VERSION, vec![("mcp-method", "tools/list")], "tools/list", json!({ "_meta": meta("2030-01-01") }), -32020),
        (VERSION, vec![("mcp-method", "tools/list")], "tools/list", json!({}), -32602),
        ("2030-01-01", vec![("mcp-method", "tools/list")], "tools/list", json!({ "_meta": meta("2030-01-01") }), -32022),
    ] {
        let mut sent = guarded.server.post().header("mcp-protocol-version", version).body(request(method, &params));
        for (name, value) in &headers {
            sent = sent.header(*name, *value);
        }
        let (status, told) = answer(sent).await;
        assert_eq!((status.as_u16(), &told["error"]["code"]), (400, &json!(code)), "{headers:?} {params}: {told}");
        if code == -32022 {
            let supported = json!(["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]);
            assert_eq!(told["error"]["data"], json!({ "requested": version, "supported": supported }));
        }
    }
    for version in ["1999-01-01", "newest", ""] {
        let sent = guarded.server.post().header("mcp-protocol-version", version).body(request("tools/list", &json!({})));
        assert_eq!(answer(sent).await.0, 400, "{version:?}");
    }
    let old = json!({ "protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
    let (_, offered) = answer(guarded.server.post().body(request("initialize", &old))).await;
    assert_eq!(offered["result"]["protocolVersion"], "2025-11-25", "what `initialize` cannot have is negotiated");
}

#[tokio::test]
async fn what_is_not_mcp_over_http_is_refused_in_json() {
    let guarded = Guarded::new();
    let server = &guarded.server;
    let call = request("tools/call", &json!({ "name": "get_organization" }));
    let bare = |method| server.http().request(method, &server.url);
    let post = || bare(Method::POST).body(call.clone());
    let (both, json) = ("application/json, text/event-stream", "application/json");
    for (what, request, status) in [
        ("GET", bare(Method::GET).header("accept", "text/event-stream"), 405),
        ("DELETE", bare(Method::DELETE).header("mcp-session-id", "x"), 405),
        ("PUT", bare(Method::PUT).body("{}"), 405),
        ("no content type", post().header("accept", both), 415),
        ("a form", post().header("accept", both).header("content-type", "application/x-www-form-urlencoded"), 415),
        ("plain text", post().header("accept", both).header("content-type", "text/plain"), 415),
        ("accepts pages", post().header("accept", "text/html").header("content-type", json), 406),
        ("accepts event streams only", post().header("accept", "text/event-stream").header("content-type", json), 406),
        ("excludes JSON", post().header("accept", "*/*, application/json;q=0").header("content-type", json), 406),
        ("another host", guarded.raw(call.clone()).header("host", "evil.example"), 403),
        ("a host that looks local", guarded.raw(call.clone()).header("host", "127.0.0.1.evil.example"), 403),
        ("another origin", guarded.raw(call.clone()).header("origin", "https://evil.example"), 403),
        ("no one's origin", guarded.raw(call.clone()).header("origin", "null"), 403),
        ("an origin that looks local", guarded.raw(call.clone()).header("origin", "http://localhost.evil.example"), 403),
    ] {
        let (given, told) = answer(request).await;
        assert_eq!((given.as_u16(), &told["error"]["data"]["status"]), (status, &json!(status)), "{what}: {told}");
        assert_eq!((&told["jsonrpc"], &told["error"]["code"]), (&json!("2.0"), &json!(-32600)), "{what}: {told}");
        assert!(!told["error"]["message"].as_str().unwrap_or_default().is_empty(), "{what}: {told}");
    }
    let (given, told) = answer(server.http().post(format!("{}/", server.url)).body(call.clone())).await;
    assert_eq!((given.as_u16(), &told["error"]["status"]), (404, &json!(404)), "another path is not the MCP endpoint: {told}");
}
