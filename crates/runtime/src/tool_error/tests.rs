use mcp_http::net::outbound::ConnectFailure;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::{error_texts::leads_on, tool_error::*};

/// One error of every kind; a kind that is new has to be added here, as [`ErrorKind`] has no other list.
pub(crate) fn one_of_each() -> Vec<ToolError> {
    let status = |status: u16| {
        ToolError::from_status(StatusCode::from_u16(status).unwrap(), br#"{"message":"`x` is wrong"}"#, "TORII_API_KEY")
    };
    vec![
        ToolError::no_tool("no tool fits `query`", "say in other words what is to be done, about `apps`"),
        ToolError::confirmation("this confirmation is too old", "call without `confirmation` to prepare it again"),
        ToolError::arguments("`a` is missing"),
        ToolError::no_change("", None),
        ToolError::no_change("", Some(&[])),
        ToolError::no_change("`a`, `b`", Some(&["a", "b"])),
        ToolError::invalid_request("bad header"),
        ToolError::key_missing("TORII_SCIM_KEY"),
        status(400),
        ToolError::from_status(StatusCode::BAD_REQUEST, b"", "TORII_API_KEY"),
        status(400).with_unknown_keys("`ownr` in `fields` is no field of apps here", "`list_keys`"),
        status(400).with_missing_argument("entity", &["apps", "users"]),
        status(400).with_missing_argument("entity", &[]),
        status(401),
        status(403),
        ToolError::from_status(StatusCode::FORBIDDEN, br#"{"message":"missing_required_scope"}"#, "TORII_API_KEY"),
        status(404),
        ToolError::vanished(),
        status(409),
        ToolError::rate_limited(7),
        status(418),
        status(503),
        ToolError::unreachable(&ConnectFailure::Other("connection refused".to_owned())),
        ToolError::unreachable(&ConnectFailure::Proxy { variable: "HTTPS_PROXY", cause: "connection refused".to_owned() }),
        ToolError::unreachable(&ConnectFailure::UnknownAuthority),
        ToolError::connection_lost(),
        ToolError::timeout(25),
        ToolError::too_large(16 << 20),
        ToolError::too_many_values(),
        ToolError::too_many_calls(),
        ToolError::busy(),
        ToolError::not_json(),
        page(403, "text/html; charset=utf-8", "<html><head><TITLE lang=en>\n Access &amp; Denied </TITLE>").unwrap(),
        page(502, "text/html", "<h1>Bad gateway</h1>").unwrap(),
        ToolError::unexpected_redirect("evil.example"),
        ToolError::file_refused(403),
        ToolError::no_part("the response has no part `/a`; it has `/b`"),
        ToolError::filter_ignored("state"),
        ToolError::filter_without_effect("state"),
        ToolError::connection_lost().of_a_change(),
    ]
}

fn page(status: u16, media_type: &'static str, body: &str) -> Option<ToolError> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
    ToolError::from_page(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes(), || body.contains("secret"))
}

#[test]
fn a_page_for_people_is_not_taken_for_a_response_of_the_api() {
    for media_type in ["application/json", "text/plain", "text/htm", ""] {
        assert_eq!(page(403, media_type, "<title>no page</title>"), None, "{media_type}");
    }
    for body in ["Forbidden", r#"{"message":"<b>no</b>"}"#, ""] {
        assert_eq!(page(403, "text/html", body), None, "what some APIs send so: {body}");
    }
    let long = format!("<title>{}</title>", "x".repeat(1_000));
    for (body, title) in [
        ("<title>Blocked</title>", ", titled `Blocked`;"),
        ("<title>`a` &lt;b&gt;\u{202e}\n c</title>", ", titled `'a' <b> c`;"),
        ("<title>never ends", "status 403;"),
        ("<title></title>", "status 403;"),
        ("<title", "status 403;"),
        ("<title>secret</title>", "status 403;"),
        (&long, "xxx`;"),
    ] {
        let text = page(403, "TEXT/HTML;charset=latin1", body).unwrap().to_string();
        assert!(text.contains(title) && text.len() < 500, "{body}: {text}");
    }
    let is_open = |status| page(status, "text/html", "<p>").unwrap().of_a_change().message.contains("may have been made");
    assert_eq!([200, 302, 401, 403, 404, 500, 502].map(is_open), [true, false, false, false, false, true, true]);
    assert!(
        page(503, "text/html", "<p>").unwrap().kind.is_transient() && !page(403, "text/html", "<p>").unwrap().kind.is_transient()
    );
}

#[test]
fn every_error_says_what_happened_and_what_to_do() {
    let texts = [
        "no tool fits `query`; say in other words what is to be done, about `apps`",
        "this confirmation is too old; call without `confirmation` to prepare it again",
        "`a` is missing; nothing was sent, correct the arguments and call again",
        "nothing would change, since no field is given; nothing was sent, call again with what is to change",
        "nothing would change, since no field is given; nothing was sent, call again with what is to change, or name in `clear` what is \
         to be empty",
        "nothing would change, since what is null or empty counts as not given, here `a`, `b`; nothing was sent, call again with a \
         value, or with `clear: [\"a\", \"b\"]` to empty it",
        "the request could not be built and nothing was sent: bad header; correct the arguments and call again",
        "this tool needs a key that is not configured; ask the operator of this server to set `TORII_SCIM_KEY`",
        "the API did not accept the arguments: `x` is wrong; correct them and call again",
        "the API did not accept the arguments; correct them and call again",
        "the API did not accept the arguments: `x` is wrong; `ownr` in `fields` is no field of apps here; use a key from `list_keys`, or \
         leave it out, and call again",
        "the API did not accept the arguments: `x` is wrong; set `entity` to one of `apps`, `users` and call again",
        "the API did not accept the arguments: `x` is wrong; set `entity` and call again",
        "the API refused the key; ask the operator of this server to check that `TORII_API_KEY` holds a current key",
        "the key's role does not allow this: `x` is wrong; ask somebody whose role allows it",
        "the key lacks a permission for this: missing_required_scope; ask for a key that has it",
        "the API has nothing there: `x` is wrong; check the id, for example by listing or searching first",
        "the API has nothing there, but the connection broke before and the first attempt may have deleted it; read the current \
         state to be sure",
        "the API refused because of a conflict with what is there: `x` is wrong; read the current state and decide again",
        "the API's rate limit is reached; wait 7 s before calling this tool again",
        "the API refused the request with status 418: `x` is wrong; read the tool's description before calling again",
        "the API failed with status 503: `x` is wrong; try again in a minute",
        "the API cannot be reached (connection refused); ask the operator of this server to check the API's URL in its \
         configuration, and the network",
        "the API cannot be reached (through the proxy of `HTTPS_PROXY`: connection refused); ask the operator of this server to check \
         the proxy in `HTTPS_PROXY`, or add the host to `NO_PROXY`",
        "the API cannot be reached (its certificate is of an authority that is not trusted here); ask the operator of this server to \
         add the authority that signed it to those of this machine, or name a PEM file with all authorities in `SSL_CERT_FILE`",
        "the connection broke before the API's response was complete; try again",
        "the API did not answer within 25 s; try again, and ask for less where you can",
        "the response is larger than 16 MiB; ask for less, for example fewer fields or a smaller page",
        "the response holds more values than fit into this server's memory; ask for less, for example fewer fields or a smaller page",
        "too many calls are in flight here, and this one was not sent; call again in a few seconds",
        "this server is busy with other large responses, and this one has to wait for them; call again in a few seconds, or ask \
         for less",
        "the API's response is not JSON; ask the operator of this server to check the API's URL in its configuration",
        "not the API answered, but something in between, such as a proxy or a firewall: a web page with status 403, titled `Access & \
         Denied`; ask the operator of this server to let its requests through to the API, and to check the API's URL in its \
         configuration",
        "not the API answered, but something in between, such as a proxy or a firewall: a web page with status 502; try again in a \
         minute, and if it stays, ask the operator of this server to check what is between it and the API",
        "the API redirected to `evil.example`, which is not followed; ask the operator of this server to check the API's URL in \
         its configuration",
        "the file's storage answered with status 403, and the link may have expired; call the tool again",
        "the response has no part `/a`; it has `/b`; set `part` to an existing one",
        "the API ignored the filter by `state`: it returned items that do not meet it; call again without that filter, and compare \
         the items yourself",
        "the API ignored the filter by `state`: a control call with filters by it that nothing can meet found as many items; call \
         again without that filter, and compare the items yourself",
        "the connection broke before the API's response was complete, and the change may have been made all the same; read the \
         current state before repeating it",
    ];
    let errors = one_of_each();
    assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), texts);
    for error in errors.iter().cloned().flat_map(|error| [error.clone(), error.of_a_change()]) {
        leads_on(&error.to_string());
    }
}

#[test]
fn statuses_become_kinds() {
    let cases = [
        (400, "bad_argument"),
        (401, "key_refused"),
        (402, "refused"),
        (403, "role_too_weak"),
        (404, "not_found"),
        (405, "refused"),
        (409, "conflict"),
        (410, "not_found"),
        (412, "conflict"),
        (422, "bad_argument"),
        (500, "server_error"),
        (503, "server_error"),
    ];
    for (status, word) in cases {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(ToolError::from_status(status, b"", "TORII_API_KEY").kind.name(), word, "{status}");
    }
}

#[test]
fn only_errors_that_leave_doubt_speak_of_the_change() {
    for error in one_of_each() {
        let changed = error.clone().of_a_change();
        let leaves_doubt = matches!(
            error.kind,
            ErrorKind::Timeout
                | ErrorKind::ConnectionLost
                | ErrorKind::ServerError { .. }
                | ErrorKind::TooLarge
                | ErrorKind::TooManyValues
                | ErrorKind::Busy
                | ErrorKind::Intermediary { status: 502 }
                | ErrorKind::NotJson
        );
        assert_eq!(changed.message.ends_with(", and the change may have been made all the same"), leaves_doubt, "{changed}");
        assert_eq!(changed == error, !leaves_doubt, "{changed}");
    }
}

#[test]
fn the_apis_message_is_found_in_every_form_and_taken_as_data() {
    let cases = [
        (r#"{"statusCode":400,"error":"Bad Request","message":"no such field"}"#, ": no such field"),
        (r#"{"detail":"scim says so","status":"400"}"#, ": scim says so"),
        (r#"{"error":"Bad Request"}"#, ": Bad Request"),
        ("{\"message\":\"a\\u001b[31m\\n\\n b\"}", ": a [31m b"),
        (r#"{"message":{"deep":1}}"#, ""),
        (
            r#"{"statusCode":400,"error":"Bad Request","message":"Invalid request query input","validation":{"source":"query","keys":["entity"]}}"#,
            ": Invalid request query input (`entity`)",
        ),
        (r#"{"error":"missing_required_scope","message":"Forbidden"}"#, ": Forbidden (missing_required_scope)"),
        (r#"{"code":"missing_required_scope"}"#, ": (missing_required_scope)"),
        (r#"{"errors":[{"message":"no"}]}"#, ": no"),
        (r#"{"Message":"User is not authorized"}"#, ": User is not authorized"),
        ("<html>", ""),
        ("", ""),
    ];
    for (body, text) in cases {
        assert_eq!(ApiMessage::from_body(body.as_bytes()).to_string(), text, "{body}");
    }
    let long = format!(r#"{{"message":"{}"}}"#, "ä".repeat(2000));
    assert_eq!(ApiMessage::from_body(long.as_bytes()).to_string().chars().count(), 2 + MESSAGE_CHARACTERS + 1);
}

#[test]
fn there_is_always_something_to_wait_for() {
    let error = ToolError::rate_limited(0);
    assert_eq!(error, ToolError::rate_limited(1));
    assert!(format!("{error:?}").contains("wait 1 s before"), "{error:?}");
}
