//! `torii-mcp probe`: its report says how the sample behaves, and has no data of the organization.

use std::{future::pending, process::Command};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::IntoResponse,
};
use openapi_mcp::catalog::Effect;
use torii_sample::{
    self as sample, AuditEntity, Behavior, Choices, Errors, Executions, FULL_ACCESS_KEY, Filters, InvalidBodies, Options,
    Organization, PREFIX, People, SCIM_KEY, Size, Times,
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
fn names_of_undocumented_members_are_told_only_if_asked_for() {
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

#[test]
fn the_probe_finds_how_the_sample_behaves() {
    let behaving = |change: fn(&mut Behavior)| {
        let mut options = options();
        change(&mut options.behavior);
        options
    };
    let flat = "| are filters of the documented form obeyed? |";
    let wrapped = "| are filters of the form of Torii's own client obeyed? |";
    let cases: [(Options, &[String]); 14] = [
        (
            options(),
            &[
                format!("{flat} obeyed |"),
                format!("{wrapped} refused with status 400 |"),
                "| does the audit log need an `entity`? | no |".to_owned(),
                "`lastVisitTime`: null, time; `creationTime`: time".to_owned(),
                "is an unknown key in `fields` refused? | yes, with status 400 |".to_owned(),
                " a value, 0 a label, 0 neither |".to_owned(),
                "| what does a refusal of an argument have? | status 400, `statusCode`, `error`, `message` |".to_owned(),
                "| with which status is a wrong body refused? | status 400 |".to_owned(),
            ],
        ),
        (
            behaving(|behavior| behavior.errors = Errors::Hapi),
            &["of an argument have? | status 400, `statusCode`, `error`, `message`, `validation` |".to_owned()],
        ),
        (behaving(|behavior| behavior.errors = Errors::Gateway), &["of an argument have? | status 400, `message` |".to_owned()]),
        (
            behaving(|behavior| behavior.invalid_bodies = InvalidBodies::Unprocessable),
            &["| with which status is a wrong body refused? | status 422 |".to_owned()],
        ),
        // other organizations differ in their data, and the document fits them
        (Options { organization: Organization::Second, ..options() }, &[format!("{flat} obeyed |")]),
        (Options { size: Size::Large, ..options() }, &[format!("{flat} obeyed |")]),
        (
            behaving(|behavior| behavior.filters = Filters::Wrapped),
            &[format!("{flat} refused with status 400 |"), format!("{wrapped} obeyed |")],
        ),
        (behaving(|behavior| behavior.filters = Filters::Both), &[format!("{flat} obeyed |"), format!("{wrapped} obeyed |")]),
        (
            behaving(|behavior| behavior.filters = Filters::Ignored),
            &[format!("{flat} ignored |"), format!("{wrapped} ignored |")],
        ),
        (
            behaving(|behavior| behavior.audit_entity = AuditEntity::Required),
            &["need an `entity`? | yes: without it, the status is 400 |".to_owned()],
        ),
        (
            behaving(|behavior| behavior.times = Times::Milliseconds),
            &["`creationTime`: milliseconds".to_owned(), "is milliseconds, and documented as string of date-time".to_owned()],
        ),
        (behaving(|behavior| behavior.people = People::Numbers), &["`primaryOwner`: null, integer".to_owned()]),
        (
            behaving(|behavior| behavior.executions = Executions::ActionExecutions),
            &["`list_workflow_action_runs` has its list under another name instead of `response`".to_owned()],
        ),
        (
            behaving(|behavior| behavior.choices = Choices::Labels),
            &[" records, 0 hold a value, ".to_owned(), " a label, 0 neither |".to_owned()],
        ),
    ];
    for (options, expected) in cases {
        let behavior = options.behavior;
        let report = probed(options);
        for line in expected {
            assert!(report.contains(line), "{behavior:?}: `{line}` is missing in\n{report}");
        }
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
