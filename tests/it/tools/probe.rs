//! `torii-mcp probe`: its report says how the sample behaves, and has no data of the organization.

use std::{future::pending, process::Command};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode},
    middleware::{Next, from_fn},
    response::IntoResponse,
};
use clap::Args;
use openapi_mcp::catalog::Effect;
use torii_sample::{
    self as sample, AuditEntity, Choices, Errors, Executions, FULL_ACCESS_KEY, Filters, InvalidBodies, Options, Organization,
    PREFIX, People, SCIM_KEY, Size, Times,
};

use super::sample_modes::options;
use crate::support::{
    mock_api::{Here, RecordedRequest, Torii},
    process::Program,
};

/// What `torii-mcp probe` prints about an API.
fn run(url: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_torii-mcp"))
        .arg("probe")
        .args(arguments)
        .envs([("TORII_API_URL", format!("{url}{PREFIX}")), ("TORII_RATE_LIMIT", "off".to_owned())])
        .envs([("TORII_API_KEY", FULL_ACCESS_KEY), ("TORII_SCIM_KEY", SCIM_KEY)])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text")
}

/// The report of a probe of the sample.
fn probed(options: Options) -> String {
    run(&Here::serving(sample::router(options)).url, &["--send"])
}

/// The questions of a report with their answers.
fn answers(report: &str) -> Vec<(&str, &str)> {
    let (_, table) = report.split_once("## Questions").expect("there are questions");
    let rows =
        table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Question") && !line.starts_with("| ---"));
    rows.map(|row| row.trim_matches(['|', ' ']).split_once(" | ").expect("a question has an answer")).collect()
}

/// The sample behind something that answers some requests itself, by their path and query.
fn refusing(is_refused: fn(&str) -> bool, status: u16, body: &'static str) -> Here {
    let refuse = move |request: Request, next: Next| async move {
        let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        if is_refused(&target) {
            let status = StatusCode::from_u16(status).expect("it is a status");
            return (status, [("content-type", "application/json")], body).into_response();
        }
        next.run(request).await
    };
    Here::serving(sample::router(options()).layer(from_fn(refuse)))
}

#[test]
fn a_refusal_for_rights_or_rates_and_a_gateway_error_answer_no_question() {
    let refusals = [
        (
            403,
            r#"{"statusCode":403,"error":"Forbidden","message":"missing_required_scope"}"#,
            "the key lacks a right (status 403)",
        ),
        (400, r#"{"statusCode":400,"message":"missing_required_scope"}"#, "the key lacks a right (status 400)"),
        (429, r#"{"statusCode":429,"message":"Too many requests"}"#, "the rate limit is reached (status 429)"),
        (502, r#"{"message":"Bad gateway"}"#, "the API or a gateway failed (status 502)"),
        (504, "<html>", "the API or a gateway failed (status 504)"),
        (400, "<html>", "the response is not JSON (status 400)"),
        (200, "<html>", "the response is not JSON (status 200)"),
        (404, r#"{"message":"not here"}"#, "the call failed (status 404)"),
    ];
    for (status, body, why) in refusals {
        let report = run(&refusing(|_| true, status, body).url, &["--send"]);
        for (question, answer) in answers(&report) {
            // a version may be one that is not found
            let is_answer = status == 404 && question.contains("version 1.0") && answer == "no: status 404";
            assert!(answer == format!("not answered: {why}") || is_answer, "{status}: {question} {answer}");
        }
        assert!(!report.contains("/[]/"), "nothing is compared: {report}");
        // only the calls of the questions are refused, so that what they depend on is known
        let of_questions =
            |target: &str| ["filters=", "c_probe", "size=100", "/apps/match", "/audit"].iter().any(|part| target.contains(part));
        let report = run(&refusing(of_questions, status, body).url, &["--send"]);
        let answers = answers(&report);
        for about in [
            "documented form",
            "own client",
            "`entity`",
            "values or labels",
            "times of apps",
            "unknown key in `fields`",
            "wrong body",
        ] {
            let (question, answer) = answers.iter().find(|(question, _)| question.contains(about)).expect(about);
            assert_eq!(*answer, format!("not answered: {why}"), "{status}: {question}");
        }
        assert!(answers.iter().any(|(_, answer)| answer.starts_with("yes, with")), "others are answered: {report}");
    }
}

#[test]
fn a_dry_run_sends_nothing_and_lists_every_call_that_reads() {
    let torii = Torii::idle();
    let listed = run(&torii.url, &[]);
    assert!(torii.asked().is_empty(), "{:?}", torii.asked());
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    for tool in catalog.tools() {
        let line = format!("{} {} ", tool.method, tool.path);
        assert_eq!(listed.contains(&line), tool.effect == Effect::Read, "{line} in\n{listed}");
    }
    assert!(listed.contains("GET /apps  size=1\n") && listed.contains("idApp=from an earlier response"), "{listed}");
    assert!(listed.contains("Nothing was sent"), "{listed}");
}

#[test]
fn names_that_no_public_source_has_are_told_only_if_asked_for() {
    let invented = |_: usize, asked: &RecordedRequest| {
        let is_list = asked.line.starts_with("GET /v1.0/apps?");
        let apps = r#"{"apps":[{"id":1,"c_owner_of_acme":"Ada Lovelace"}],"count":1,"total":1}"#;
        (if is_list { apps } else { r#"{"acme_renamed":[{"c_secret":"Acme"}]}"# }).to_owned()
    };
    let torii = Torii::answering(invented);
    let (without, with) = (run(&torii.url, &["--send"]), run(&torii.url, &["--send", "--names"]));
    for name in ["c_owner_of_acme", "acme_renamed"] {
        assert!(!without.contains(name), "{without}");
        assert!(with.contains(&format!("`{name}`")), "`{name}` is missing in\n{with}");
    }
    assert!(without.contains("`/apps/[]` has 1 undocumented member (text)"), "{without}");
    for value in ["Ada", "Acme"] {
        assert!(!without.contains(value) && !with.contains(value), "{value} in\n{with}");
    }
}

/// A mode of the sample, and lines of its report.
type Mode = (&'static str, fn(&mut Options), &'static [&'static str]);

const FLAT: &str = "| are filters of the documented form obeyed? |";
const WRAPPED: &str = "| are filters of the form of Torii's own client obeyed? |";

/// What each mode plants, except for the default ones. Modes of the same option exclude each other.
const PLANTED: [Mode; 14] = [
    (
        "--filters wrapped",
        |options| options.behavior.filters = Filters::Wrapped,
        &["FLAT refused with status 400 |", "WRAPPED obeyed |"],
    ),
    ("--filters both", |options| options.behavior.filters = Filters::Both, &["FLAT obeyed |", "WRAPPED obeyed |"]),
    ("--filters ignored", |options| options.behavior.filters = Filters::Ignored, &["FLAT ignored |", "WRAPPED ignored |"]),
    (
        "--audit-entity required",
        |options| options.behavior.audit_entity = AuditEntity::Required,
        &[
            "need an `entity`? | yes: without it, the status is 400 |",
            "| `list_audit_logs` | 200; without `entity` 400 | 1 |",
            "- `list_audit_logs` is refused without `entity`, which is documented as optional: status 400",
            "- `list_audit_logs`: `/audit/[]` has 1 undocumented member",
        ],
    ),
    (
        "--times milliseconds",
        |options| options.behavior.times = Times::Milliseconds,
        &[
            "`lastVisitTime`: null, milliseconds; `creationTime`: milliseconds",
            "`/org/creationTime` is milliseconds, and documented as string of date-time",
            "`list_audit_logs`: `/audit/[]/creationTime` is milliseconds",
            "`list_workflow_action_runs`: `/response/[]/creationTime` is milliseconds",
        ],
    ),
    (
        "--people numbers",
        |options| options.behavior.people = People::Numbers,
        &["`primaryOwner`: null, integer; `addedBy`: integer", "`/app/primaryOwner` is integer, and documented as object"],
    ),
    (
        "--executions action-executions",
        |options| options.behavior.executions = Executions::ActionExecutions,
        &[
            "`list_workflow_action_runs` has its list under `actionExecutions` instead of `response`",
            "`list_workflow_action_runs`: `/response/[]/executionErrorType` is missing",
            "`list_workflow_action_runs`: `/response/[]/isCompleted` is missing",
            "): `errorMessage`, `idActionApp`, `idActionUser`, `status`\n",
        ],
    ),
    (
        "--choices labels",
        |options| options.behavior.choices = Choices::Labels,
        &[
            " records, 0 hold a value, ",
            " a label, 0 neither; a filter by a value is accepted, and nothing is found, by a label obeyed |",
        ],
    ),
    (
        "--errors hapi",
        |options| options.behavior.errors = Errors::Hapi,
        &["of an argument have? | status 400, `statusCode`, `error`, `message`, `validation` |"],
    ),
    (
        "--errors gateway",
        |options| options.behavior.errors = Errors::Gateway,
        &[
            "of an argument have? | status 400, `message` |",
            "largest page of the audit log come? | no: status 502, `message` |",
            "largest page of transactions come? | no: status 504, `message` |",
        ],
    ),
    (
        "--invalid-bodies 422",
        |options| options.behavior.invalid_bodies = InvalidBodies::Unprocessable,
        &["| with which status is a wrong body refused? | status 422 |"],
    ),
    // other organizations differ in their data, and the document fits them
    (
        "--organization second",
        |options| options.organization = Organization::Second,
        &["FLAT obeyed |", " 0 a label, 0 neither; "],
    ),
    ("--size large", |options| options.size = Size::Large, &["FLAT obeyed |"]),
    ("the default", |_| {}, &DEFAULT),
];

/// What the default modes plant, each of which another mode changes.
const DEFAULT: [&str; 10] = [
    "FLAT obeyed |",
    "WRAPPED refused with status 400 |",
    "| does the audit log need an `entity`? | no |",
    "`lastVisitTime`: null, time; `creationTime`: time",
    "| of which type is the owner of an app? | `primaryOwner`: null, object; `addedBy`: object |",
    "is an unknown key in `fields` refused? | yes, with status 400 |",
    " a value, 0 a label, 0 neither; a filter by a value is obeyed, by a label accepted, and nothing is found |",
    "| what does a refusal of an argument have? | status 400, `statusCode`, `error`, `message` |",
    "| with which status is a wrong body refused? | status 400 |",
    "largest page of transactions come? | yes |",
];

fn assert_planted(modes: &[&Mode]) {
    let mut options = options();
    for (_, change, _) in modes {
        change(&mut options);
    }
    let report = probed(options);
    for (mode, _, lines) in modes {
        for line in *lines {
            let line = line.replace("FLAT", FLAT).replace("WRAPPED", WRAPPED);
            assert!(report.contains(&line), "{mode}: `{line}` is missing in\n{report}");
        }
    }
}

#[test]
fn every_difference_that_a_mode_of_the_sample_plants_is_found() {
    for mode in &PLANTED {
        assert_planted(&[mode]);
    }
}

#[test]
fn every_difference_is_found_if_all_modes_are_on_at_once() {
    let is_of = |names: &[&str], name: &str| names.contains(&name);
    for others in
        [["--filters ignored", "--filters both", "--errors hapi"], ["--filters ignored", "--filters wrapped", "--errors gateway"]]
    {
        let excluded =
            |name: &str| is_of(&others, name) || is_of(&["the default", "--organization second", "--size large"], name);
        assert_planted(&PLANTED.iter().filter(|(name, _, _)| !excluded(name)).collect::<Vec<_>>());
    }
}

#[test]
fn every_mode_of_the_sample_plants_something() {
    let options = sample::Behavior::augment_args(clap::Command::new("sample"));
    for option in options.get_arguments() {
        let name = option.get_long().expect("it has a name");
        // the first one is the default
        for value in option.get_possible_values().iter().skip(1) {
            let mode = format!("--{name} {}", value.get_name());
            assert!(PLANTED.iter().any(|(planted, _, _)| *planted == mode), "{mode}");
        }
    }
}

#[test]
fn a_tenant_that_refuses_a_key_of_filters_does_not_refuse_their_form() {
    let is_by_id = |target: &str| target.contains("filters=") && target.contains("%22key%22%3A%22id%22");
    let report = run(&refusing(is_by_id, 400, r#"{"statusCode":400,"message":"unknown key"}"#).url, &["--send"]);
    let line = format!("{FLAT} by `id` refused with status 400, by `name` obeyed |");
    assert!(report.contains(&line), "`{line}` is missing in\n{report}");
}

#[test]
fn headers_are_told_by_their_names_and_only_numbers_and_dates_of_their_values() {
    let add = |request: Request, next: Next| async move {
        let mut response = next.run(request).await;
        for (name, value) in [
            ("x-corporate-name", "AcmeInc"),
            ("x-generated-by", "AcmeInc"),
            ("x-rate-limit-remaining", "41"),
            ("x-ratelimit-scope", "AcmeInc"),
            ("ratelimit-limit", "100"),
            ("retry-after", "Sat, 28 Nov 2026 00:16:30 GMT"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    };
    let report = run(&Here::serving(sample::router(options()).layer(from_fn(add))).url, &["--send"]);
    for told in [
        "`x-rate-limit-remaining: 41`",
        "`x-ratelimit-scope: …`",
        "`ratelimit-limit: 100`",
        "`retry-after: Sat, 28 Nov 2026 00:16:30 GMT`",
    ] {
        assert!(report.contains(told), "{told} is missing in\n{report}");
    }
    for hidden in ["Acme", "corporate", "generated"] {
        assert!(!report.contains(hidden), "{hidden} in\n{report}");
    }
}

#[test]
fn the_guide_names_the_calls_that_are_never_made() {
    let report = probed(options());
    let guide = include_str!("../../../docs/guide/probe.md");
    let (_, never) = guide.split_once("These are never made").expect("the guide says so");
    let (never, _) = never.split_once("\n\n").expect("it is a paragraph");
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    for tool in catalog.tools() {
        let is_called = !report.contains(&format!("| `{}` | not called", tool.name));
        assert_eq!(never.contains(&format!("`{}`", tool.name)), !is_called, "{}", tool.name);
    }
}

#[test]
fn a_probe_that_is_stopped_reports_what_it_found() {
    let silent = Here::serving(Router::new().fallback(pending::<()>));
    let variables = [("TORII_API_URL", silent.url.as_str()), ("TORII_API_KEY", FULL_ACCESS_KEY)];
    let mut probe = Program::start(&["probe", "--send"], &variables);
    probe.stderr.wait_for(|text, _| text.contains("get_extension_settings").then_some(()));
    let interrupted = Command::new("kill").args(["-INT", &probe.id().to_string()]).status().expect("`kill` is there");
    assert!(interrupted.success());
    assert_eq!(probe.wait(), 0);
    let report = probe.end().0;
    assert!(report.contains("It was stopped before the end") && report.contains("## Questions"), "{report}");
}

#[test]
fn a_report_has_no_value_of_the_organization() {
    let report = probed(options());
    let found =
        ["@", "Slack", "Acme", "example.com", "sample-"].iter().filter(|word| report.contains(**word)).collect::<Vec<_>>();
    assert!(found.is_empty(), "{found:?} in\n{report}");
    assert!(!report.contains("c_"), "no key of the organization:\n{report}");
}
