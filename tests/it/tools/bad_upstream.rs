//! What comes back when Torii, or something in its place, does not behave: the assistant is told what happened and what to do
//! next, and what is good comes through as it is. How slowness ends is tested beside the code, with shorter limits.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::support::{
    assistant::{Called, Era, KEY, Server},
    mock_api::{RecordedRequest, Torii, Wire},
    process::run,
};

/// A read, a change that may be repeated, and one that must not be.
const READ: (&str, &str) = ("get_organization", "{}");
const REPEATABLE: (&str, &str) = ("delete_contract", r#"{"idContract":5001}"#);
const ONCE: (&str, &str) = ("create_plugin", r#"{"name":"Mine"}"#);

async fn call(server: &Server, (tool, arguments): (&str, &str)) -> Called {
    let arguments = serde_json::from_str(arguments).expect("the arguments are JSON");
    server.call(Era::Modern, tool, arguments).await
}

/// The text of a call of [`READ`] to a Torii that answers like this, and how often Torii was asked.
async fn refused<R: IntoResponse>(answer: impl Fn() -> R + Send + Sync + 'static) -> (String, usize) {
    let torii = Torii::answering(move |_, _| answer());
    let server = Server::before(&torii);
    let text = call(&server, READ).await.failure();
    (text, torii.asked().len())
}

fn at(url: &str) -> Server {
    Server::with(&[("TORII_API_URL", url), ("TORII_API_KEY", KEY), ("TORII_RATE_LIMIT", "off")])
}

pub(super) fn json_of(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("it is a status");
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn redirect(to: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, HeaderValue::from_str(to).expect("it is an address"))]).into_response()
}

/// The status that the path of a request names.
fn status_of(asked: &RecordedRequest) -> u16 {
    let path = asked.line.split('?').next().unwrap_or_default();
    path.rsplit('/').next().and_then(|status| status.parse().ok()).unwrap_or(200)
}

#[tokio::test]
async fn each_refusal_has_its_own_words_and_a_next_step() {
    let torii = Torii::answering(|_, asked| {
        let status = status_of(asked);
        json_of(status, &json!({ "statusCode": status, "message": "it is\nso" }))
    });
    let server = Server::before(&torii);
    for (status, words) in [
        (400, "the API did not accept the arguments: it is so; correct them and call again"),
        (401, "the API refused the key; ask the operator of this server to check that `TORII_API_KEY` holds a current key"),
        (403, "the key's role does not allow this: it is so; ask somebody whose role allows it"),
        (
            404,
            "the API has nothing there: it is so; the organization does not have this app, but the catalog may, as search_apps says by \
             name; take `idApp` from `list_apps` and call again",
        ),
        (409, "the API refused because of a conflict with what is there: it is so; read the current state and decide again"),
        (418, "the API refused the request with status 418: it is so; read the tool's description before calling again"),
        (422, "the API did not accept the arguments: it is so; correct them and call again"),
        (500, "the API failed with status 500: it is so; try again in a minute"),
    ] {
        let text = server.call(Era::Modern, "get_app", json!({ "idApp": status })).await.failure();
        assert_eq!(text, words);
    }
    assert_eq!(torii.asked().len(), 8, "none of them is worth a second try");
}

#[tokio::test]
async fn a_failing_gateway_is_asked_again_unless_that_could_change_something_twice() {
    for status in [502, 503, 504] {
        for (tool, n_asked) in [(READ, 3), (REPEATABLE, 3), (ONCE, 1)] {
            let torii = Torii::answering(move |_, _| json_of(status, &json!({})));
            let text = call(&Server::before(&torii), tool).await.failure();
            let next = match tool {
                READ if status == 503 => "; try again in a minute",
                READ => "; try again in a minute, for less at once, such as a smaller `size`",
                _ => ", and the change may have been made all the same; read the current state before repeating it",
            };
            assert_eq!(text, format!("the API failed with status {status}{next}"));
            // the record that a call changes is looked up once
            let is_call = |asked: &&RecordedRequest| tool == READ || !asked.line.starts_with("GET ");
            assert_eq!(torii.asked().iter().filter(is_call).count(), n_asked, "{tool:?} {status}");
        }
    }
    let torii = Torii::answering(|number, _| json_of(if number == 0 { 503 } else { 200 }, &json!({ "org": {} })));
    assert_eq!(call(&Server::before(&torii), READ).await.ok(), json!({ "org": {} }));
}

#[tokio::test]
async fn a_short_rate_limit_is_waited_out_and_a_long_one_is_told() {
    let limited = |seconds: &'static str| (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds)]).into_response();
    for tool in [READ, ONCE] {
        let torii = Torii::answering(move |number, _| if number == 0 { limited("1") } else { json_of(200, &json!({ "a": 1 })) });
        let server = Server::before(&torii);
        let began_at = Instant::now();
        assert_eq!(call(&server, tool).await.ok(), json!({ "a": 1 }), "nothing was done, so nothing is done twice");
        assert!(began_at.elapsed() >= Duration::from_secs(1));
    }
    let (text, n_asked) = refused(move || limited("3600")).await;
    assert_eq!(
        text, "the API's rate limit is reached; wait 300 s before calling this tool again",
        "a longer wait is probably a wrong clock"
    );
    assert_eq!(n_asked, 1);
}

#[tokio::test]
async fn an_answer_that_is_not_one_is_told() {
    const PAGE: &str = "<!doctype html><title>Sign in</title>";
    const NOT_JSON: &str =
        "the API's response is not JSON; ask the operator of this server to check the API's URL in its configuration";
    const A_PAGE: &str = "not the API answered, but something in between, such as a proxy or a firewall: a web page with status 200, titled \
                          `Sign in`; ask the operator of this server to let its requests through to the API, and to check the API's URL in \
                          its configuration";
    const CUT_OFF: &str = "the connection broke before the API's response was complete; try again";
    for (answer, told, n_asked) in [
        (format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n{PAGE}"), A_PAGE, 1),
        (format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{PAGE}"), NOT_JSON, 1),
        ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{\"a\":".to_owned(), NOT_JSON, 1),
        ("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"org\":".to_owned(), CUT_OFF, 3),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"org".to_owned(), CUT_OFF, 3),
        ("SSH-2.0-OpenSSH_9.9\r\n".to_owned(), CUT_OFF, 3),
        (String::new(), CUT_OFF, 3),
    ] {
        let wire = Wire::saying(answer.clone());
        let text = call(&at(&wire.url), READ).await.failure();
        assert_eq!(text, told, "{answer:?}");
        assert_eq!(wire.n_asked(), n_asked, "{answer:?}");
    }
    let wire = Wire::saying("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
    let text = call(&at(&wire.url), ONCE).await.failure();
    assert!(text.ends_with("read the current state before repeating it"), "{text}");
    assert_eq!(wire.n_asked(), 1);
}

#[tokio::test]
async fn a_page_of_something_in_between_is_not_told_as_a_refusal_of_the_api() {
    for (status, n_asked) in [(401, 1), (403, 1), (404, 1), (500, 1), (502, 3), (503, 3)] {
        let status = StatusCode::from_u16(status).expect("it is a status");
        let page = "<!DOCTYPE html><html><head><title>Request &quot;blocked&quot;</title></head></html>";
        let (text, times) = refused(move || (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page)).await;
        let told = format!(
            "not the API answered, but something in between, such as a proxy or a firewall: a web page with status {}, titled `Request \"blocked\"`",
            status.as_u16()
        );
        assert!(text.starts_with(&told), "{text}");
        assert_eq!(times, n_asked, "{status}");
    }
}

#[tokio::test]
async fn nobody_there_is_told() {
    let text = call(&at("http://127.0.0.1:1"), READ).await.failure();
    assert!(
        text.starts_with("the API cannot be reached (") && text.contains("check the API's URL in its configuration"),
        "{text}"
    );
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let told = "the response is larger than 16 MiB; ask for less, for example fewer fields or a smaller page";
    let chunk = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
    let endless = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n\"\r\n{}", chunk.repeat(18));
    let wire = Wire::saying(endless);
    assert_eq!(call(&at(&wire.url), READ).await.failure(), told);
    assert_eq!(wire.n_asked(), 1);

    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    bomb.write_all(&vec![b' '; 18 << 20]).expect("memory takes it");
    let bomb = bomb.finish().expect("memory takes it");
    let (text, n_asked) = refused(move || ([(CONTENT_ENCODING, "gzip")], bomb.clone())).await;
    assert_eq!((text.as_str(), n_asked), (told, 1));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_key_goes_nowhere_else() {
    let other = Torii::idle();
    let to = format!("{}/secret-path?token=secret", other.url.replace("127.0.0.1", "localhost"));
    for (status, tool) in [(301, READ), (302, READ), (307, ONCE), (308, ONCE)] {
        let to = to.clone();
        let torii = Torii::answering(move |_, _| {
            (StatusCode::from_u16(status).expect("it is a status"), redirect(&to).headers().clone()).into_response()
        });
        let text = call(&Server::before(&torii), tool).await.failure();
        assert_eq!(
            text,
            "the API redirected to `localhost`, which is not followed; ask the operator of this server to check the API's URL in its configuration"
        );
        assert_eq!(torii.asked().len(), 1);
    }
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn a_download_follows_its_redirect_without_the_key() {
    let store = Torii::answering(|_, asked| {
        if asked.line.starts_with("GET /gone") {
            return StatusCode::FORBIDDEN.into_response();
        }
        ([(CONTENT_TYPE, "text/csv")], "a,b\n").into_response()
    });
    let base = store.url.replace("127.0.0.1", "localhost");
    let torii = Torii::answering(move |_, asked| match asked.line.as_str() {
        "GET /v1.0/files/1/download" => redirect(&format!("{base}/files/report.csv?signature=x")),
        "GET /v1.0/files/2/download" => redirect(&format!("{base}/gone?signature=x")),
        "GET /v1.0/files/3/download" => redirect("file:///etc/passwd"),
        _ => json_of(404, &json!({ "message": "no such file" })),
    });
    let server = Server::before(&torii);
    let download = async |id: u32| server.call(Era::Modern, "download_file", json!({ "id": id })).await;
    let file = json!({ "name": "report.csv", "contentType": "text/csv", "size": 4, "text": "a,b\n" });
    assert_eq!(download(1).await.ok(), file);
    assert!(
        download(2).await.failure().starts_with("the file's storage answered with status 403, and the link may have expired")
    );
    assert!(download(3).await.failure().contains("which is not followed"));
    assert!(download(4).await.failure().starts_with("the API has nothing there: no such file; take `id` from `get_contract`"));
    assert!(torii.asked().iter().all(|asked| asked.key() == Some(&format!("Bearer {KEY}"))));
    let lines: Vec<_> = store.asked().into_iter().map(|asked| (asked.key().map(str::to_owned), asked.line)).collect();
    assert_eq!(lines, [(None, "GET /files/report.csv?signature=x".to_owned()), (None, "GET /gone?signature=x".to_owned())]);
}

#[tokio::test]
async fn a_good_answer_comes_through_as_it_is_whatever_the_document_says() {
    let answers = [
        // other types, nulls, unknown fields and values, an order of its own
        r#"{"unheard":{"of":[null,{}]},"org":{"id":"4711","companyName":null,"domain":7,"creationTime":"yesterday"},"a":[]}"#,
        r#"{"org":{"id":18446744073709551615,"n":-9223372036854775808,"x":9007199254740993,"price":12.50,"tiny":1e-7}}"#,
        r#"{"org":{"displayCurrency":"ISK","big":123456789012345678901234567890,"e":"\u00e9\n\"\\\/","dup":"é"}}"#,
        r"{}",
    ];
    let torii = Torii::answering(move |number, _| (StatusCode::OK, [(CONTENT_TYPE, "text/plain")], answers[number]));
    let server = Server::before(&torii);
    for answer in answers {
        let called = call(&server, READ).await;
        assert_eq!(called.text, answer);
        called.ok();
    }
    let lists = Torii::answering(|number, _| if number == 0 { "[{\"b\":1,\"a\":2}]" } else { "\n [ 1.0,\n  null ]\n" });
    let server = Server::before(&lists);
    assert_eq!(call(&server, READ).await.text, r#"{"items":[{"b":1,"a":2}]}"#);
    assert_eq!(call(&server, READ).await.text, r#"{"items":[1.0,null]}"#);
}

#[tokio::test]
async fn plain_words_and_silence_are_answers_where_the_document_describes_none() {
    let torii = Torii::answering(|number, _| match number {
        // each call is preceded by one that reads the field
        0 | 2 | 4 | 6 => json_of(500, &json!({})),
        1 => (StatusCode::OK, "Field was updated").into_response(),
        3 => StatusCode::OK.into_response(),
        5 => StatusCode::NO_CONTENT.into_response(),
        _ => (StatusCode::ACCEPTED, "true").into_response(),
    });
    let server = Server::before(&torii);
    let field = ("update_app_field", r#"{"idField":122,"name":"Region"}"#);
    for wanted in [json!({ "value": "Field was updated" }), json!({ "status": 200 }), json!({ "status": 204 })] {
        assert_eq!(call(&server, field).await.ok(), wanted);
    }
    assert_eq!(call(&server, field).await.ok(), json!({ "value": true }));
}

#[tokio::test]
async fn the_key_is_in_the_request_and_nowhere_else() {
    let torii = Torii::answering(|number, _| match number {
        0 => json_of(200, &json!({ "org": {} })),
        1 => json_of(401, &json!({ "message": "who are you" })),
        2 => json_of(403, &json!({ "message": format!("not `{KEY}`") })),
        3 => json_of(500, &json!({})),
        4 => redirect("https://elsewhere.example/x"),
        5 => "<html>".into_response(),
        _ => json_of(503, &json!({})),
    });
    let server = Server::before(&torii);
    let mut told = String::new();
    for _ in 0..7 {
        told += &call(&server, READ).await.text;
    }
    told += &server.call(Era::Legacy, "get_app", json!({ "idApp": KEY.len(), "key": 1 })).await.failure();
    let (stdout, stderr) = server.program.end();
    assert!(stderr.contains("status=\"key_refused\"") && stderr.contains("tool=\"get_organization\""), "{stderr}");
    let variables = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", KEY), ("TORII_MCP_LOG", "trace")];
    let failed = run(&["call", "get_organization"], &variables);
    let refused = run(&["call", "get_organization"], &[("TORII_API_KEY", "key nobody may see")]);
    assert_eq!((failed.code, refused.code), (1, 2));
    assert!(torii.asked().iter().all(|asked| asked.key() == Some(&format!("Bearer {KEY}"))));
    for (place, text) in [
        ("results", &told),
        ("standard output", &stdout),
        ("log", &stderr),
        ("output of `call`", &failed.stdout),
        ("log of `call`", &failed.stderr),
        ("error of `call`", &refused.stderr),
    ] {
        assert!(!text.contains("nobody"), "the key is in the {place}: {text}");
    }
}

#[tokio::test]
async fn what_torii_hears_is_the_request_and_no_more() {
    let torii = Torii::idle();
    let server = Server::before(&torii);
    let arguments =
        json!({ "size": 1, "fields": ["id", "name"], "filters": [{ "key": "name", "op": "equals", "value": "Ä & B" }] });
    server.call(Era::Modern, "list_apps", arguments).await.ok();
    server.call(Era::Modern, "update_transaction", json!({ "idTransaction": 1, "clear": ["idApp"] })).await.ok();
    let [list, update] = torii.asked().try_into().expect("two requests");
    let filters = "%5B%7B%22key%22%3A%22name%22%2C%22op%22%3A%22equals%22%2C%22value%22%3A%22%C3%84+%26+B%22%7D%5D";
    assert_eq!(list.line, format!("GET /v1.0/apps?fields=id%2Cname&filters={filters}&size=1"));
    assert_eq!(list.header("user-agent"), Some(concat!("torii-mcp/", env!("CARGO_PKG_VERSION"))));
    assert_eq!((list.header("api-version"), list.header("mcp-protocol-version")), (None, None));
    assert_eq!((update.line.as_str(), &*update.body), ("PUT /v1.0/transactions/1", br#"{"idApp":null}"#.as_slice()));
}

/// The most memory a program had, in MiB (proc(5), `VmHWM` of `status`).
#[cfg(target_os = "linux")]
pub(super) fn peak_mib(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.program.id())).expect("the program runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it has memory");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("it is a number") >> 10
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn many_large_answers_at_once_take_bounded_memory() {
    let user = json!({ "id": 1, "name": "Ada Lovelace", "email": "ada@example.com", "status": "active" });
    let answer: axum::body::Bytes = json!({ "org": { "users": vec![user; 40_000] } }).to_string().into();
    let length = answer.len();
    let torii = Torii::answering(move |_, _| ([(CONTENT_TYPE, "application/json")], answer.clone()));
    let server = Server::with(&[
        ("TORII_API_URL", &torii.url),
        ("TORII_API_KEY", KEY),
        ("TORII_RATE_LIMIT", "off"),
        ("TORII_MCP_LIMITS_RESPONSE_MEMORY_MIB", "8"),
    ]);
    call(&server, READ).await.ok();
    let one = peak_mib(&server);
    let all = crate::support::futures(20, async || call(&server, READ).await).await;
    // a machine that is slow enough makes some of them wait for too long
    let is_told = |called: &Called| !called.is_error || called.text.starts_with("this server is busy with other large responses");
    assert!(all.iter().all(is_told) && all.iter().any(|called| !called.is_error));
    let (peak, each) = (peak_mib(&server), (length >> 20) as u64);
    // what is parsed takes ten times its text, and only one is parsed at a time
    // without a budget, each of the twenty has its text and its values in memory
    assert!(peak < one + 20 * each, "{one} MiB after one response of {each} MiB, and {peak} MiB after twenty at once");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn short_responses_of_many_members_take_bounded_memory() {
    let members: serde_json::Map<String, Value> = (0..90_000).map(|number| (format!("{number}"), 1.into())).collect();
    let answer: axum::body::Bytes = json!({ "org": members }).to_string().into();
    assert!(answer.len() < 1 << 20, "it is not large by its text: {}", answer.len());
    let torii = Torii::answering(move |_, _| ([(CONTENT_TYPE, "application/json")], answer.clone()));
    let server = Server::before(&torii);
    call(&server, READ).await.ok();
    let one = peak_mib(&server);
    let all = crate::support::futures(32, async || call(&server, READ).await).await;
    let is_told = |called: &Called| !called.is_error || called.text.starts_with("this server is busy with other large responses");
    assert!(all.iter().all(is_told) && all.iter().any(|called| !called.is_error));
    // each takes about 15 MiB while it is processed
    let peak = peak_mib(&server);
    assert!(peak < one + 150, "{one} MiB after one response, and {peak} MiB after 32 at once");
}

#[tokio::test]
async fn a_response_in_single_bytes_ends() {
    let pieces = "1\r\n1\r\n".repeat(70_000);
    let wire = Wire::saying(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{pieces}0\r\n\r\n"
    ));
    let server = at(&wire.url);
    let told = call(&server, READ).await.failure();
    assert!(told.starts_with("the response arrived in more than 65536 pieces"), "{told}");
}
