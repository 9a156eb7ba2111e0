//! Tests of all error texts that need no server: each ends with a next step. Those of the protocol are in
//! `tests/it/custom_fields.rs`.

use serde_json::{Value, json};

use crate::{
    arguments::Arguments,
    catalog::tests::tool,
    error_style::leads_on,
    tool_error::{Message, ToolError},
    truncation::Start,
};

/// One error of each kind.
fn failures() -> Vec<ToolError> {
    let message = || Message::from_body(br#"{"message":"unknown field: ownr"}"#);
    let text = || "a reason".to_owned();
    let all = vec![
        ToolError::NoTool("no tool fits `query`; say in other words what is to be done, about `apps`".to_owned()),
        ToolError::Confirmation("this confirmation is too old; call without `confirmation` to prepare it again"),
        ToolError::NoPart("the response has no part `/a`; it has `/b`".to_owned()),
        ToolError::Arguments("`a` is missing".to_owned()),
        ToolError::InvalidRequest(text()),
        ToolError::KeyMissing("TORII_API_KEY".to_owned()),
        ToolError::BadArgument(message()),
        ToolError::BadArgument(Message::default()),
        ToolError::UnknownKeys { message: message(), keys: "`ownr` is not a field of apps here".to_owned(), lister: text() },
        ToolError::KeyRefused("TORII_SCIM_KEY".to_owned()),
        ToolError::RoleTooWeak(message()),
        ToolError::NotFound(message()),
        ToolError::Vanished,
        ToolError::Conflict(message()),
        ToolError::RateLimited { seconds: 7 },
        ToolError::Refused { status: 418, message: message() },
        ToolError::Down { status: 503, message: message() },
        ToolError::Unreachable(text()),
        ToolError::CutOff,
        ToolError::Timeout { seconds: 25 },
        ToolError::TooLarge { limit: 16 << 20 },
        ToolError::TooManyValues,
        ToolError::TooManyCalls,
        ToolError::Busy,
        ToolError::NotJson,
        ToolError::UnexpectedRedirect("evil.example".to_owned()),
        ToolError::FileRefused(403),
    ];
    let doubtful: Vec<_> = all.iter().cloned().map(|failure| ToolError::Doubtful(Box::new(failure))).collect();
    [all, doubtful].concat()
}

#[test]
fn every_failure_of_a_call_leads_on() {
    let failures = failures();
    for failure in &failures {
        leads_on(&failure.to_string());
        // a new kind must be added to the list above
        let is_listed = match failure {
            ToolError::RateLimited { seconds } => failure.to_string().contains(&format!("wait {seconds} s")),
            ToolError::Doubtful(inner) => failures.contains(inner),
            ToolError::NoTool(_)
            | ToolError::Confirmation(_)
            | ToolError::NoPart(_)
            | ToolError::Arguments(_)
            | ToolError::InvalidRequest(_)
            | ToolError::KeyMissing(_)
            | ToolError::BadArgument(_)
            | ToolError::UnknownKeys { .. }
            | ToolError::KeyRefused(_)
            | ToolError::RoleTooWeak(_)
            | ToolError::NotFound(_)
            | ToolError::Vanished
            | ToolError::Conflict(_)
            | ToolError::Refused { .. }
            | ToolError::Down { .. }
            | ToolError::Unreachable(_)
            | ToolError::CutOff
            | ToolError::Timeout { .. }
            | ToolError::TooLarge { .. }
            | ToolError::TooManyValues
            | ToolError::TooManyCalls
            | ToolError::Busy
            | ToolError::NotJson
            | ToolError::UnexpectedRedirect(_)
            | ToolError::FileRefused(_) => true,
        };
        assert!(is_listed, "{failure}");
    }
}

#[test]
fn every_problem_with_arguments_leads_on() {
    let schema = json!({
        "type": "object",
        "properties": {
            "n": { "type": "integer", "minimum": 1, "maximum": 9 },
            "open": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 },
            "word": { "type": "string", "enum": ["active", "offboarded"] },
            "text": { "type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a" },
            "longer": { "type": "string", "minLength": 2 },
            "list": { "type": "array", "minItems": 2, "maxItems": 3, "uniqueItems": true, "items": { "type": "string" } },
            "some": { "type": "array", "minItems": 1 },
            "fixed": { "const": 1 },
            "either": { "anyOf": [{ "type": "string" }, { "type": "boolean" }] },
            "many": { "multipleOf": 2 },
            "shut": { "type": "object", "properties": {}, "additionalProperties": false },
        },
        "required": ["n"],
        "additionalProperties": false,
    });
    let tool = tool(json!({ "inputSchema": schema }));
    for given in [
        json!({}),
        json!({ "n": "x" }),
        json!({ "n": 0 }),
        json!({ "n": 10 }),
        json!({ "n": 1, "open": 0 }),
        json!({ "n": 1, "open": 1 }),
        json!({ "n": 1, "word": "activ" }),
        json!({ "n": 1, "word": "zzz" }),
        json!({ "n": 1, "text": "" }),
        json!({ "n": 1, "text": "abcd" }),
        json!({ "n": 1, "text": "b" }),
        json!({ "n": 1, "longer": "b" }),
        json!({ "n": 1, "list": ["a"] }),
        json!({ "n": 1, "list": ["a", "b", "c", "d"] }),
        json!({ "n": 1, "list": ["a", "a"] }),
        json!({ "n": 1, "some": [] }),
        json!({ "n": 1, "fixed": 2 }),
        json!({ "n": 1, "either": 5 }),
        json!({ "n": 1, "many": 3 }),
        json!({ "n": 1, "shut": { "a": 1 } }),
        json!({ "n": 1, "wrod": 1 }),
        json!({ "n": 1, "zzz": 1 }),
        json!({ "m": 1, "a1": 1, "a2": 1, "a3": 1, "a4": 1, "a5": 1, "a6": 1, "a7": 1 }),
    ] {
        let Value::Object(given) = given else { continue };
        let failure = Arguments::check(tool, given.clone()).expect_err(&format!("{given:?}"));
        leads_on(&failure.to_string());
    }
}

#[test]
fn cursors_and_tools_that_are_gone_lead_on() {
    let mut arguments = serde_json::Map::from_iter([("cursor".to_owned(), json!("mcp:x"))]);
    leads_on(&ToolError::Arguments(Start::read(&mut arguments).unwrap_err().to_string()).to_string());
    let catalog = crate::testing::catalog();
    assert!(catalog.gone("list_apps").is_none());
}
