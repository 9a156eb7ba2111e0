use crate::tool_error::*;

#[test]
fn every_failure_says_what_happened_and_what_to_do() {
    let message = || Message::new("`x` is wrong");
    let cases = [
        (
            ToolError::Arguments("`a` is missing".to_owned()),
            "`a` is missing; nothing was sent, correct the arguments and call again",
        ),
        (
            ToolError::InvalidRequest("bad header".to_owned()),
            "the request could not be built and nothing was sent: bad header; correct the arguments and call again",
        ),
        (
            ToolError::KeyMissing("TORII_SCIM_KEY".to_owned()),
            "this tool needs a key that is not configured; ask the operator of this server to set `TORII_SCIM_KEY`",
        ),
        (ToolError::BadArgument(message()), "the API did not accept the arguments: `x` is wrong; correct them and call again"),
        (ToolError::BadArgument(Message::default()), "the API did not accept the arguments; correct them and call again"),
        (
            ToolError::UnknownKeys {
                message: message(),
                keys: "`ownr` in `fields` is not a field of apps here".to_owned(),
                lister: "list_keys".to_owned(),
            },
            "the API did not accept the arguments: `x` is wrong; `ownr` in `fields` is not a field of apps here; \
             take the right key from `list_keys` and call again",
        ),
        (
            ToolError::KeyRefused("TORII_API_KEY".to_owned()),
            "the API refused the key; ask the operator of this server to check that `TORII_API_KEY` holds a current key",
        ),
        (
            ToolError::RoleTooWeak(message()),
            "the key's role does not allow this: `x` is wrong; ask somebody whose role allows it",
        ),
        (
            ToolError::NotFound(message()),
            "the API has nothing there: `x` is wrong; check the id, for example by listing or searching first",
        ),
        (
            ToolError::Conflict(message()),
            "the API refused because of a conflict with what is there: `x` is wrong; read the current state and decide again",
        ),
        (ToolError::RateLimited { seconds: 7 }, "the API's rate limit is reached; wait 7 s before calling this tool again"),
        (
            ToolError::Refused { status: 418, message: message() },
            "the API refused the request with status 418: `x` is wrong; read the tool's description before calling again",
        ),
        (ToolError::Down { status: 503, message: Message::default() }, "the API failed with status 503; try again in a minute"),
        (
            ToolError::Unreachable("connection refused".to_owned()),
            "the API cannot be reached (connection refused); ask the operator of this server to check the API's URL in its configuration, and the network",
        ),
        (ToolError::CutOff, "the connection broke before the API's response was complete; try again"),
        (ToolError::Timeout { seconds: 25 }, "the API did not answer within 25 s; try again, and ask for less where you can"),
        (
            ToolError::TooManyValues,
            "the response holds more values than fit into this server's memory; ask for less, for example fewer fields or a smaller page",
        ),
        (ToolError::TooManyCalls, "too many calls are in flight here, and this one was not sent; call again in a few seconds"),
        (
            ToolError::Busy,
            "this server is busy with other large responses, and this one has to wait for them; call again in a few seconds, or ask for less",
        ),
        (
            ToolError::TooLarge { limit: 16 << 20 },
            "the response is larger than 16 MiB; ask for less, for example fewer fields or a smaller page",
        ),
        (
            ToolError::NotJson,
            "the API's response is not JSON; ask the operator of this server to check the API's URL in its configuration",
        ),
        (
            ToolError::UnexpectedRedirect("evil.example".to_owned()),
            "the API redirected to `evil.example`, which is not followed; ask the operator of this server to check the API's URL in its configuration",
        ),
        (
            ToolError::FileRefused(403),
            "the file's storage answered with status 403, and the link may have expired; call the tool again",
        ),
        (
            ToolError::CutOff.of_a_change(),
            "the connection broke before the API's response was complete, and the change may have been made all the same; read the current state before repeating it",
        ),
    ];
    for (failure, text) in cases {
        assert_eq!(failure.to_string(), text);
        assert!(!failure.word().is_empty());
    }
}

#[test]
fn statuses_become_failures() {
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
        (500, "down"),
        (503, "down"),
    ];
    for (status, word) in cases {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(ToolError::from_status(status, b"", "TORII_API_KEY").word(), word, "{status}");
    }
}

#[test]
fn only_failures_that_leave_doubt_speak_of_the_change() {
    assert!(matches!(ToolError::Timeout { seconds: 1 }.of_a_change(), ToolError::Doubtful(_)));
    assert_eq!(ToolError::RateLimited { seconds: 1 }.of_a_change(), ToolError::RateLimited { seconds: 1 });
    assert_eq!(ToolError::Unreachable(String::new()).of_a_change(), ToolError::Unreachable(String::new()));
}

#[test]
fn torii_s_message_is_taken_as_data() {
    let cases = [
        (r#"{"statusCode":400,"error":"Bad Request","message":"no such field"}"#, ": no such field"),
        (r#"{"detail":"scim says so","status":"400"}"#, ": scim says so"),
        (r#"{"error":"Bad Request"}"#, ": Bad Request"),
        ("{\"message\":\"a\\u001b[31m\\n\\n b\"}", ": a [31m b"),
        (r#"{"message":{"deep":1}}"#, ""),
        ("<html>", ""),
        ("", ""),
    ];
    for (body, text) in cases {
        assert_eq!(Message::from_body(body.as_bytes()).to_string(), text, "{body}");
    }
    let long = format!(r#"{{"message":"{}"}}"#, "ä".repeat(2000));
    assert_eq!(Message::from_body(long.as_bytes()).to_string().chars().count(), 2 + MESSAGE_CHARACTERS + 1);
}
